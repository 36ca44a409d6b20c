/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/openai_chat_shape.h"

#include "gateway/chat/request.h"

#include <assert.h>

enum {
    NUL = SHAPE_NUL,
    BOO = SHAPE_BOO,
    NUM = SHAPE_NUM,
    STR = SHAPE_STR,
    ARR = SHAPE_ARR,
    OBJ = SHAPE_OBJ,
    INT = SHAPE_INT,
    REQ = SHAPE_REQ,
    ANY = SHAPE_ANY,
    CHAT_CHANNEL_SAME = SHAPE_SAME,
    CHAT_FEATURE_NONE = SHAPE_NO_FEATURE
};

static const struct shape_field fields[] = {
#define PLACE(id)
#define FIELD(id, key, types_, elements_, min_, max_, role_, channel_, child_, feature_)           \
    {.name = {.p = key, .n = sizeof(key) - 1},                                                     \
     .mark = SHAPE_MARK(key, sizeof(key) - 1),                                                     \
     .min = min_,                                                                                  \
     .max = max_,                                                                                  \
     .types = types_,                                                                              \
     .elements = elements_,                                                                        \
     .role = SHAPE_##role_,                                                                        \
     .channel = CHAT_CHANNEL_##channel_,                                                           \
     .child = OPENAI_CHAT_##child_,                                                                \
     .feature = CHAT_FEATURE_##feature_},
#include "gateway/dialect/openai_chat.def"
};

/* Running numbers: each place's first field over the whole table, then the total. */
enum {
#define PLACE(id)                                                                FIRST_##id, FIRST_BACK_##id = FIRST_##id - 1,
#define FIELD(id, key, types, elements, min, max, role, channel, child, feature) NUMBER_##id,
#include "gateway/dialect/openai_chat.def"
    FIELD_COUNT
};

static_assert(FIELD_COUNT == sizeof fields / sizeof *fields, "one number a field");

#define PLACE(id)
#define FIELD(id, key, types, elements, min, max, role, channel, child, feature)                   \
    static_assert((int)OPENAI_CHAT_F_##id < (int)SHAPE_FIELDS_MAX, "a place has at most 64 "       \
                                                                   "fields");
#include "gateway/dialect/openai_chat.def"

static const uint16_t firsts[] = {
#define PLACE(id) FIRST_##id,
#define FIELD(id, key, types, elements, min, max, role, channel, child, feature)
#include "gateway/dialect/openai_chat.def"
    FIELD_COUNT};

const struct shape openai_chat_shape = {.fields = fields,
                                        .firsts = firsts,
                                        .free_place = OPENAI_CHAT_FREE,
                                        .choice_place = OPENAI_CHAT_CHOICE,
                                        .call_place = OPENAI_CHAT_REPLY_CALL,
                                        .part_place = OPENAI_CHAT_DETAIL};

/* SPDX-License-Identifier: Apache-2.0 */
/* openai_chat.def as a struct shape, with names for its places and fields. */
#ifndef GATEWAY_DIALECT_OPENAI_CHAT_SHAPE_H
#define GATEWAY_DIALECT_OPENAI_CHAT_SHAPE_H

#include "gateway/dialect/shape.h"

enum openai_chat_place {
#define PLACE(id) OPENAI_CHAT_##id,
#define FIELD(id, key, types, elements, min, max, role, channel, child, feature)
#include "gateway/dialect/openai_chat.def"
    OPENAI_CHAT_PLACE_COUNT
};

/* A field's number counts from its place's first: an index for shape_read's result. */
enum openai_chat_field {
#define PLACE(id)                                                                OPENAI_CHAT_BEGIN_##id, OPENAI_CHAT_BACK_##id = -1,
#define FIELD(id, key, types, elements, min, max, role, channel, child, feature) OPENAI_CHAT_F_##id,
#include "gateway/dialect/openai_chat.def"
};

extern const struct shape openai_chat_shape;

#endif

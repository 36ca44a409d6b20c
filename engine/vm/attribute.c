/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/attribute.h"

#include <assert.h>

#define OFFSET_NONE(member)    (uint16_t) offsetof(struct dvara_facts, member)
#define OFFSET_HEADER(member)  0
#define OFFSET_KEY(member)     0
#define OFFSET_POINTER(member) 0
#define OFFSET_GROUP(member)   0
#define OFFSET_BUDGET(member)  0

static const struct attribute_place attributes[] = {
#define ATTR(id, path, type, shape, taint, phases, arg, member, doc)                               \
    [DVARA_ATTR_##id] = {path,                                                                     \
                         DVARA_TYPE_##type,                                                        \
                         DVARA_SHAPE_##shape,                                                      \
                         DVARA_TAINT_##taint,                                                      \
                         DVARA_PHASES_##phases,                                                    \
                         DVARA_ARG_##arg,                                                          \
                         OFFSET_##arg(member)},
#include "dvara/attributes.def"
};

static_assert(DVARA_ATTR_COUNT <= 256, "an attribute's number is a byte of an instruction");
static_assert(sizeof(struct dvara_facts) <= UINT16_MAX, "offsets of facts are 16 bits");

const struct attribute_place *attribute_place(uint32_t id)
{
    assert(id < DVARA_ATTR_COUNT);
    return &attributes[id];
}

#define RECORD_MESSAGE struct dvara_message
#define RECORD_TOOL    struct dvara_tool

static const struct field_place fields[] = {
#define FIELD(record, id, name, type, taint, member, doc)                                          \
    [DVARA_FIELD_##id] = {DVARA_TYPE_##record, DVARA_TYPE_##type,                                  \
                          (uint16_t)offsetof(RECORD_##record, member)},
#include "dvara/records.def"
};

const struct field_place *field_place(uint32_t id)
{
    assert(id < DVARA_FIELD_COUNT);
    return &fields[id];
}

#define REQUEST  DVARA_PHASES_REQUEST
#define TARGET   DVARA_PHASES_TARGET
#define TOOL     DVARA_PHASES_TOOL
#define RESPONSE DVARA_PHASES_RESPONSE

static const struct effect_place effects[] = {
#define EFFECT(id, spelling, class, phases, on_error, law, doc)                                    \
    [DVARA_EFFECT_##id] = {spelling, DVARA_EFFECT_##class, phases, DVARA_ON_ERROR_##on_error},
#include "dvara/effects.def"
};

const struct effect_place *effect_place(uint32_t id)
{
    assert(id < DVARA_EFFECT_COUNT);
    return &effects[id];
}

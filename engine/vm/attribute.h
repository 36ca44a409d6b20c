/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of attributes.def, records.def and effects.def as the engine reads them: types, and
 * where struct dvara_facts holds the value. */
#ifndef VM_ATTRIBUTE_H
#define VM_ATTRIBUTE_H

#include "dvara/request.h"

struct attribute_place {
    const char *path;
    uint8_t type;    /* enum dvara_type */
    uint8_t shape;   /* enum dvara_shape */
    uint8_t taint;   /* enum dvara_taint */
    uint8_t phases;  /* DVARA_PHASES_… */
    uint8_t arg;     /* enum dvara_arg */
    uint16_t offset; /* in struct dvara_facts; 0 when arg is not DVARA_ARG_NONE */
};

/* id < DVARA_ATTR_COUNT */
const struct attribute_place *attribute_place(uint32_t id);

struct field_place {
    uint8_t record; /* DVARA_TYPE_MESSAGE or DVARA_TYPE_TOOL */
    uint8_t type;   /* STRING or BOOL */
    uint16_t offset;
};

/* id < DVARA_FIELD_COUNT */
const struct field_place *field_place(uint32_t id);

struct effect_place {
    const char *spelling;
    uint8_t class;    /* enum dvara_effect_class */
    uint8_t phases;   /* DVARA_PHASES_… */
    uint8_t on_error; /* enum dvara_on_error */
};

/* id < DVARA_EFFECT_COUNT */
const struct effect_place *effect_place(uint32_t id);

#endif

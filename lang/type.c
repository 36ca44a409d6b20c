/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/type.h"

#include "lang/ast.h"

#include <assert.h>
#include <stdio.h>

static const char *const type_spellings[DVARA_TYPE_COUNT] = {
#define TYPE(id, spelling, stored, unit) [DVARA_TYPE_##id] = spelling,
#include "dvara/types.def"
};

enum {
    PHASES_IN_ALL = DVARA_PHASES_ALL,
    PHASES_IN_ROUTED = DVARA_PHASES_ROUTED,
    PHASES_IN_TOOL = DVARA_PHASES_TOOL,
    PHASES_IN_RESPONSE = DVARA_PHASES_RESPONSE
};

static const struct attribute attributes[DVARA_ATTR_COUNT] = {
#define ATTR(id, path_, type_, shape_, taint_, phases_, arg_, member, doc_)                        \
    [DVARA_ATTR_##id] = {                                                                          \
        .path = {.p = path_, .n = sizeof(path_) - 1},                                              \
        .type = {.base = DVARA_TYPE_##type_, .shape = DVARA_SHAPE_##shape_},                       \
        .taint = DVARA_TAINT_##taint_,                                                             \
        .phases = PHASES_IN_##phases_,                                                             \
        .arg = DVARA_ARG_##arg_,                                                                   \
        .doc = {.p = doc_, .n = sizeof(doc_) - 1},                                                 \
    },
#include "dvara/attributes.def"
};

static const struct field fields[DVARA_FIELD_COUNT] = {
#define FIELD(record_, id, name_, type_, taint_, member, doc_)                                     \
    [DVARA_FIELD_##id] = {                                                                         \
        .record = DVARA_TYPE_##record_,                                                            \
        .name = {.p = name_, .n = sizeof(name_) - 1},                                              \
        .type = {.base = DVARA_TYPE_##type_, .shape = DVARA_SHAPE_ONE},                            \
        .taint = DVARA_TAINT_##taint_,                                                             \
        .doc = {.p = doc_, .n = sizeof(doc_) - 1},                                                 \
    },
#include "dvara/records.def"
};

/* The letters of effects.def's phases column. */
enum {
    REQUEST = DVARA_PHASES_REQUEST,
    TARGET = DVARA_PHASES_TARGET,
    TOOL = DVARA_PHASES_TOOL,
    RESPONSE = DVARA_PHASES_RESPONSE
};

static const struct effect_row effects[DVARA_EFFECT_COUNT] = {
#define EFFECT(id, spelling_, class_, phases_, on_error_, law, doc)                                \
    [DVARA_EFFECT_##id] = {                                                                        \
        .spelling = {.p = spelling_, .n = sizeof(spelling_) - 1},                                  \
        .class = DVARA_EFFECT_##class_,                                                            \
        .phases = phases_,                                                                         \
        .on_error = DVARA_ON_ERROR_##on_error_,                                                    \
    },
#include "dvara/effects.def"
};

static const char *const phase_spellings[DVARA_PHASE_COUNT] = {
#define PHASE(id, spelling) [DVARA_PHASE_##id] = spelling,
#include "dvara/words.def"
};

static const char *const binary_spellings[BINARY_COUNT] = {
#define BINARY(id, spelling, level, what) [BINARY_##id] = spelling,
#include "lang/nodes.def"
};

static const char *const quantifier_spellings[QUANTIFIER_COUNT] = {
#define QUANTIFIER(id, spelling, what) [QUANTIFIER_##id] = spelling,
#include "lang/nodes.def"
};

static const char *const function_spellings[FUNCTION_COUNT] = {
#define FUNCTION(id, spelling, low, high, what) [FUNCTION_##id] = spelling,
#include "lang/nodes.def"
};

static const struct {
    const char *keyword;
    const char *what;
} decl_rows[DECL_COUNT] = {
#define DECL(id, keyword_, what_) [DECL_##id] = {.keyword = keyword_, .what = what_},
#include "lang/nodes.def"
};

const struct attribute *attribute_row(enum dvara_attribute id)
{
    assert(id < DVARA_ATTR_COUNT);
    return &attributes[id];
}

const struct field *field_row(enum dvara_field id)
{
    assert(id < DVARA_FIELD_COUNT);
    return &fields[id];
}

const struct effect_row *effect_row(enum dvara_effect id)
{
    assert(id < DVARA_EFFECT_COUNT);
    return &effects[id];
}

const char *binary_spelling(enum binary op)
{
    assert(op < BINARY_COUNT);
    return binary_spellings[op];
}

const char *quantifier_spelling(enum quantifier kind)
{
    assert(kind < QUANTIFIER_COUNT);
    return quantifier_spellings[kind];
}

const char *function_spelling(enum function id)
{
    assert(id < FUNCTION_COUNT);
    return function_spellings[id];
}

const char *decl_keyword(enum decl_kind kind)
{
    assert(kind < DECL_COUNT);
    return decl_rows[kind].keyword;
}

const char *decl_what(enum decl_kind kind)
{
    assert(kind < DECL_COUNT);
    return decl_rows[kind].what;
}

static const char *base_name(uint8_t base)
{
    if (base < DVARA_TYPE_COUNT)
        return type_spellings[base];
    switch (base) {
    case TYPE_EMPTY:
        return "nothing";
    case TYPE_REGEX:
        return "regex";
    default: /* the checker's own bases are not an enumeration of their own */
        return "unknown";
    }
}

const char *type_name(struct type type, char ret_name[TYPE_NAME_MAX])
{
    (void)snprintf(ret_name, TYPE_NAME_MAX, "%s%s%s", type.shape == DVARA_SHAPE_LIST ? "list<" : "",
                   base_name(type.base),
                   type.shape == DVARA_SHAPE_LIST  ? ">"
                   : type.shape == DVARA_SHAPE_OPT ? "?"
                                                   : "");
    return ret_name;
}

const char *phases_text(uint8_t phases, char ret_text[PHASES_TEXT_MAX])
{
    size_t n = 0;
    ret_text[0] = 0;
    for (int i = 0; i < DVARA_PHASE_COUNT; i++) {
        if (!(phases & 1u << i))
            continue;
        int wrote =
            snprintf(ret_text + n, PHASES_TEXT_MAX - n, "%s%s", n ? ", " : "", phase_spellings[i]);
        assert(wrote > 0 && n + (size_t)wrote < PHASES_TEXT_MAX);
        n += (size_t)wrote;
    }
    return ret_text;
}

int constant_compare(const struct constant *a, const struct constant *b)
{
    if (a->type.base == DVARA_TYPE_FLOAT)
        return (a->f > b->f) - (a->f < b->f);
    if (a->type.base == DVARA_TYPE_STRING)
        return dvara_str_cmp(a->s, b->s);
    return (a->i > b->i) - (a->i < b->i);
}

bool constants_contain(const struct constants *list, const struct constant *element)
{
    for (size_t i = 0; i < list->n; i++)
        if (constant_compare(&list->v[i], element) == 0)
            return true;
    return false;
}

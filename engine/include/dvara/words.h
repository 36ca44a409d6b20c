/* SPDX-License-Identifier: Apache-2.0 */
/* Enumerations made from types.def, attributes.def, records.def, effects.def and words.def. */
#ifndef DVARA_WORDS_H
#define DVARA_WORDS_H

enum dvara_type {
#define TYPE(id, spelling, stored, unit) DVARA_TYPE_##id,
#include "dvara/types.def"
    DVARA_TYPE_COUNT
};

enum dvara_shape { DVARA_SHAPE_ONE, DVARA_SHAPE_OPT, DVARA_SHAPE_LIST, DVARA_SHAPE_COUNT };

/* In rising order of how little it may be shown. */
enum dvara_taint {
    DVARA_TAINT_OPERATOR,
    DVARA_TAINT_CLIENT,
    DVARA_TAINT_CONTENT,
    DVARA_TAINT_SECRET,
    DVARA_TAINT_COUNT
};

enum dvara_phase {
#define PHASE(id, spelling) DVARA_PHASE_##id,
#include "dvara/words.def"
    DVARA_PHASE_COUNT
};

/* Sets of phases. */
enum {
    DVARA_PHASES_REQUEST = 1 << DVARA_PHASE_REQUEST,
    DVARA_PHASES_TARGET = 1 << DVARA_PHASE_TARGET,
    DVARA_PHASES_TOOL = 1 << DVARA_PHASE_TOOL,
    DVARA_PHASES_RESPONSE = 1 << DVARA_PHASE_RESPONSE,
    DVARA_PHASES_ROUTED = DVARA_PHASES_TARGET | DVARA_PHASES_TOOL | DVARA_PHASES_RESPONSE,
    DVARA_PHASES_ALL = DVARA_PHASES_REQUEST | DVARA_PHASES_ROUTED
};

enum dvara_arg {
    DVARA_ARG_NONE,
    DVARA_ARG_HEADER,
    DVARA_ARG_KEY,
    DVARA_ARG_POINTER,
    DVARA_ARG_GROUP,
    DVARA_ARG_BUDGET,
    DVARA_ARG_COUNT
};

enum dvara_attribute {
#define ATTR(id, path, type, shape, taint, phases, arg, member, doc) DVARA_ATTR_##id,
#include "dvara/attributes.def"
    DVARA_ATTR_COUNT
};

enum dvara_field {
#define FIELD(record, id, name, type, taint, member, doc) DVARA_FIELD_##id,
#include "dvara/records.def"
    DVARA_FIELD_COUNT
};

enum dvara_effect_class { DVARA_EFFECT_DECISION, DVARA_EFFECT_REWRITE, DVARA_EFFECT_ADD };

enum dvara_on_error { DVARA_ON_ERROR_APPLY, DVARA_ON_ERROR_SKIP, DVARA_ON_ERROR_DENY };

enum dvara_effect {
#define EFFECT(id, spelling, class, phases, on_error, law, doc) DVARA_EFFECT_##id,
#include "dvara/effects.def"
    DVARA_EFFECT_COUNT
};

enum dvara_mode {
#define MODE(id, spelling) DVARA_MODE_##id,
#include "dvara/words.def"
    DVARA_MODE_COUNT
};

/* Redaction styles; a greater value keeps less of the text. */
enum dvara_style {
#define STYLE(id, spelling) DVARA_STYLE_##id,
#include "dvara/words.def"
    DVARA_STYLE_COUNT
};

enum dvara_where {
#define WHERE(id, spelling) DVARA_WHERE_##id,
#include "dvara/words.def"
    DVARA_WHERE_COUNT
};

enum dvara_error_kind {
#define ERROR_KIND(id, spelling, what) DVARA_ERROR_##id,
#include "dvara/words.def"
    DVARA_ERROR_COUNT
};

enum dvara_strategy {
#define STRATEGY(id, spelling, what) DVARA_STRATEGY_##id,
#include "dvara/words.def"
    DVARA_STRATEGY_COUNT
};

/* Arms of a canary. */
enum dvara_arm {
#define ARM(id, spelling) DVARA_ARM_##id,
#include "dvara/words.def"
    DVARA_ARM_COUNT
};

/* What a request can need of a model. */
enum dvara_capability {
#define CAPABILITY(id, spelling, what) DVARA_CAPABILITY_##id,
#include "dvara/words.def"
    DVARA_CAPABILITY_COUNT
};

/* Windows of budgets. */
enum dvara_calendar {
#define CALENDAR(id, spelling) DVARA_CALENDAR_##id,
#include "dvara/words.def"
    DVARA_CALENDAR_COUNT
};

enum dvara_on_store_failure {
#define ON_STORE_FAILURE(id, spelling) DVARA_ON_STORE_FAILURE_##id,
#include "dvara/words.def"
    DVARA_ON_STORE_FAILURE_COUNT
};

/* What `abort` watches. */
enum dvara_measure {
#define MEASURE(id, spelling) DVARA_MEASURE_##id,
#include "dvara/words.def"
    DVARA_MEASURE_COUNT
};

/* What an invariant claims. */
enum dvara_invariant {
#define OUTCOME_WORD(id, spelling) DVARA_INVARIANT_##id,
#include "dvara/words.def"
    DVARA_INVARIANT_COUNT
};

enum dvara_retry_class {
#define RETRY_CLASS(id, spelling) DVARA_RETRY_##id,
#include "dvara/words.def"
    DVARA_RETRY_COUNT
};

#endif

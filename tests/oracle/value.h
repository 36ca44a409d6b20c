/* SPDX-License-Identifier: Apache-2.0 */
/* Values of the interpreter: three states, because conditions are three-valued. */
#ifndef TESTS_ORACLE_VALUE_H
#define TESTS_ORACLE_VALUE_H

#include "base/arena.h"
#include "dvara/request.h"
#include "lang/program.h"

enum value_state { VALUE_PRESENT, VALUE_ABSENT, VALUE_ERROR };

struct value {
    enum value_state state;
    enum dvara_error_kind error;
    int64_t i; /* also bool */
    double f;
    struct dvara_str s;
    const void *record;        /* struct dvara_message or dvara_tool */
    const struct value *items; /* lists */
    size_t n_items;
};

/* What finds personal data. The scanner is the product's own (tests/unit/engine/pii judges it);
 * which texts, groups and thresholds count is decided here. */
struct finder {
    const struct dvara_bundle *bundle;
    struct dvara_scanner *scanner;
};

/* Which phase's pii, and the element of each open quantifier. */
struct scope {
    const struct dvara_facts *facts;
    struct arena *arena;
    enum dvara_phase phase;
    const struct finder *finder;
    struct value bindings[4];
};

struct value walk(struct scope *scope, const struct expr *expr);
/* The condition of a rule or route: NULL is true. */
struct value walk_condition(struct scope *scope, const struct expr *expr);
/* A rendered template, with "?" for parts that erred; then the state is ERROR too. */
struct value walk_template(struct scope *scope, const struct template *template);

/* attribute.c */
struct value walk_attribute(struct scope *scope, const struct expr *expr);
struct value walk_field(struct scope *scope, const struct expr *expr);
struct value walk_strings(struct scope *scope, struct dvara_strs list);

/* personal.c: pii.* and prompt_pii.* */
struct value walk_personal(struct scope *scope, const struct expr *expr);
/* The lowest threshold at which the detector belongs to the group (or is it); -1: it does not. */
int64_t walk_threshold(const struct decl *group, struct dvara_str detector);

/* Shared by walk.c and plan.c: SHA-256, first 8 bytes, scaled to [0, n). */
int64_t walk_bucket(struct dvara_str s, int64_t n);

/* json.c: the value at a pointer, absent for none or null, an error for text that is not I-JSON. */
struct value oracle_json(struct arena *arena, struct dvara_str text, struct dvara_str pointer);

/* text.c */
bool oracle_glob(struct dvara_str pattern, struct dvara_str s);
bool oracle_within(struct dvara_str network, struct dvara_str address, bool *ret_is_address);
struct dvara_str oracle_print(struct arena *arena, struct type type, struct value value,
                              bool client);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/formula.h"

#include "base/arena.h"
#include "dvara/words.h"
#include "unit/suite.h"

enum truth { FALSE, TRUE, ERROR };

static struct formula formula(enum truth truth)
{
    struct formula f = formula_of(truth == TRUE);
    f.errs = truth == ERROR ? SCRIPT_TRUE : SCRIPT_FALSE;
    return f;
}

static enum truth truth_of(struct formula f)
{
    bool holds = script_is(f.holds, SCRIPT_TRUE), errs = script_is(f.errs, SCRIPT_TRUE);
    ck_assert(holds || script_is(f.holds, SCRIPT_FALSE));
    ck_assert(errs || script_is(f.errs, SCRIPT_FALSE));
    ck_assert(!(holds && errs));
    return errs ? ERROR : holds ? TRUE : FALSE;
}

static const struct row {
    enum truth left, right, and, or ;
} rows[] = {
#define KLEENE(left, right, and, or) {left, right, and, or },
#include "vm/kleene.def"
};

TEST(the_connectives_are_the_tables_of_the_machine)
{
    struct arena arena;
    struct script script;
    arena_init(&arena, 1 << 20);
    script_init(&script, &arena);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct formula a = formula(rows[i].left), b = formula(rows[i].right);
        ck_assert_int_eq(truth_of(formula_and(&script, a, b)), rows[i].and);
        ck_assert_int_eq(truth_of(formula_or(&script, a, b)), rows[i].or);
    }
    ck_assert_int_eq(truth_of(formula_not(&script, formula(TRUE))), FALSE);
    ck_assert_int_eq(truth_of(formula_not(&script, formula(FALSE))), TRUE);
    ck_assert_int_eq(truth_of(formula_not(&script, formula(ERROR))), ERROR);
    script_clear(&script);
    arena_clear(&arena);
}

TEST(what_errs_does_not_hold)
{
    struct arena arena;
    struct script script;
    arena_init(&arena, 1 << 20);
    script_init(&script, &arena);
    ck_assert_int_eq(truth_of(formula_make(&script, SCRIPT_TRUE, SCRIPT_TRUE)), ERROR);
    ck_assert(script_is(formula_applies(&script, formula(ERROR)), SCRIPT_TRUE));
    ck_assert(script_is(formula_fails(&script, formula(ERROR)), SCRIPT_FALSE));
    script_clear(&script);
    arena_clear(&arena);
}

SUITE(the_connectives_are_the_tables_of_the_machine, what_errs_does_not_hold)

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/script.h"

#include "base/arena.h"
#include "unit/suite.h"

struct fixture {
    struct arena arena;
    struct script script;
};

static void begin(struct fixture *f)
{
    arena_init(&f->arena, 16 << 20);
    script_init(&f->script, &f->arena);
}

static void end(struct fixture *f)
{
    script_clear(&f->script);
    arena_clear(&f->arena);
}

static bool is(struct dvara_str term, const char *text)
{
    return dvara_str_eq(term, dvara_str_from_cstr(text));
}

TEST(literals_are_written_as_the_standard_has_them)
{
    struct fixture f;
    begin(&f);
    struct script *s = &f.script;
    ck_assert(
        is(script_string(s, DVARA_STR("a\"b\\\n\xc3\xa9")), "\"a\"\"b\\u{5c}\\u{a}\\u{e9}\""));
    ck_assert(!script_string(s, DVARA_STR("\xf4\x8f\xbf\xbf")).p);
    ck_assert(!script_string(s, DVARA_STR("\xff")).p);
    ck_assert(is(script_int(s, INT64_MIN), "(- 9223372036854775808)"));
    ck_assert(is(script_int(s, 7), "7"));
    ck_assert(is(script_real(s, 0.75), "(/ 3.0 4.0)"));
    ck_assert(is(script_real(s, -2), "(- (/ 2.0 1.0))"));
    ck_assert(is(script_real(s, 0), "(/ 0.0 1.0)"));
    end(&f);
}

TEST(truths_are_simplified_away)
{
    struct fixture f;
    begin(&f);
    struct script *s = &f.script;
    struct dvara_str x = DVARA_STR("x");
    ck_assert(is(script_and(s, SCRIPT_TRUE, x), "x"));
    ck_assert(is(script_and(s, x, SCRIPT_FALSE), "false"));
    ck_assert(is(script_or(s, x, SCRIPT_TRUE), "true"));
    ck_assert(is(script_or(s, SCRIPT_FALSE, x), "x"));
    ck_assert(is(script_not(s, SCRIPT_TRUE), "false"));
    ck_assert(is(script_if(s, SORT_INT, SCRIPT_FALSE, x, DVARA_STR("y")), "y"));
    ck_assert(is(script_equal(s, x, x), "true"));
    end(&f);
}

TEST(a_constant_and_a_term_are_declared_once)
{
    struct fixture f;
    begin(&f);
    struct script *s = &f.script;
    struct asked asked = {.kind = ASKED_VALUE, .sort = SORT_STRING};
    bool new;
    struct dvara_str a = script_constant(s, DVARA_STR("k| x"), asked, &new);
    ck_assert(new);
    struct dvara_str b = script_constant(s, DVARA_STR("k| x"), asked, &new);
    ck_assert(!new &&dvara_str_eq(a, b));
    ck_assert(is(a, "|k__x#0|"));
    struct dvara_str long_term = DVARA_STR("(and aaaaaaaaaaaaaaaaaaaa bbbbbbbbbbbbbbbbbbbbbbbbbb)");
    ck_assert(
        dvara_str_eq(script_name(s, SORT_BOOL, long_term), script_name(s, SORT_BOOL, long_term)));
    end(&f);
}

TEST(questions_about_texts_go_into_what_is_one_of_two)
{
    struct fixture f;
    begin(&f);
    struct script *s = &f.script;
    struct dvara_str either =
        script_if(s, SORT_STRING, DVARA_STR("c"), DVARA_STR("\"eu\""), DVARA_STR("\"us\""));
    ck_assert(is(script_same(s, either, DVARA_STR("\"eu\"")), "c"));
    ck_assert(is(script_same(s, DVARA_STR("\"us\""), either), "(not c)"));
    ck_assert(is(script_starts(s, either, DVARA_STR("\"e\"")), "c"));
    ck_assert(is(script_ends(s, either, DVARA_STR("\"s\"")), "(not c)"));
    ck_assert(is(script_holds(s, either, DVARA_STR("\"\"")), "true"));
    ck_assert_uint_eq(s->n_atoms, 0);
    ck_assert(is(script_same(s, DVARA_STR("v"), DVARA_STR("\"eu\"")), "a0"));
    ck_assert(is(script_same(s, DVARA_STR("v"), DVARA_STR("\"eu\"")), "a0"));
    end(&f);
}

SUITE(literals_are_written_as_the_standard_has_them, truths_are_simplified_away,
      a_constant_and_a_term_are_declared_once, questions_about_texts_go_into_what_is_one_of_two)

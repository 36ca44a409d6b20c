/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/answer.h"

#include "base/arena.h"
#include "unit/suite.h"

struct fixture {
    struct arena arena;
    struct script script;
};

/* A text, an int, a real, an address and an atom are asked for. */
static void begin(struct fixture *f)
{
    static const enum sort sorts[] = {SORT_STRING, SORT_INT, SORT_REAL, SORT_ADDRESS};
    static const char *const keys[] = {"text", "int", "real", "address"};
    arena_init(&f->arena, 16 << 20);
    script_init(&f->script, &f->arena);
    for (size_t i = 0; i < 4; i++) {
        struct asked asked = {.kind = ASKED_VALUE, .sort = sorts[i]};
        struct dvara_str term =
            script_constant(&f->script, dvara_str_from_cstr(keys[i]), asked, NULL);
        if (i == 0)
            (void)script_same(&f->script, term, DVARA_STR("\"x\""));
    }
}

static void end(struct fixture *f)
{
    script_clear(&f->script);
    arena_clear(&f->arena);
}

static struct answer read(struct fixture *f, enum script_form form, const char *text)
{
    return answer_read(&f->arena, &f->script, form, dvara_str_from_cstr(text));
}

#define VALUES                                                                                     \
    "((true true) (|text#0| \"a\"\"\\u{e9}\\u{1f600}\") (i (- 5)) (r (- (/ 3.0 2.0)))\n"           \
    " (b #x00000000000000000000ffff0a000001)"

TEST(values_are_read_in_the_order_they_were_asked_for)
{
    struct fixture f;
    begin(&f);
    struct answer a = read(&f, SCRIPT_FULL, "sat\n" VALUES ")\n" SCRIPT_END "\n");
    ck_assert_int_eq(a.verdict, VERDICT_SAT);
    ck_assert(dvara_str_eq(a.values[0].s, DVARA_STR("a\"\xc3\xa9\xf0\x9f\x98\x80")));
    ck_assert_int_eq(a.values[1].i, -5);
    ck_assert(a.values[2].f == -1.5);
    ck_assert(a.values[3].address.low == UINT64_C(0xffff0a000001));
    end(&f);
}

TEST(truths_of_atoms_and_a_core_are_read)
{
    struct fixture f;
    begin(&f);
    struct answer a = read(&f, SCRIPT_ABSTRACT, "sat\n" VALUES " (a0 true))\n\"" SCRIPT_END "\"\n");
    ck_assert_int_eq(a.verdict, VERDICT_SAT);
    ck_assert(a.atoms[0]);
    a = read(&f, SCRIPT_CORE, "unsat\n(|held a0|)\n(error \"no model\")\n" SCRIPT_END);
    ck_assert_int_eq(a.verdict, VERDICT_UNSAT);
    ck_assert(a.has_core && a.core[0]);
    a = read(&f, SCRIPT_CORE, "unsat\n(|held a7|)\n" SCRIPT_END);
    ck_assert_int_eq(a.verdict, VERDICT_UNSAT);
    ck_assert(!a.has_core);
    end(&f);
}

TEST(what_does_not_come_to_its_end_is_no_answer)
{
    static const char *const texts[] = {
        "",
        "unsat\n",
        "unsatisfiable\n" SCRIPT_END,
        "(error \"x\")\nunsat\n" SCRIPT_END,
        "sat\n" SCRIPT_END,
        "sat\n((true true) (t \"a\n" SCRIPT_END,
        "sat\n" VALUES "\n" SCRIPT_END,
        "sat\n((((((((((((((((\n" SCRIPT_END,
        "sat\n)\n" SCRIPT_END,
        "sat\n((true true) (t) (u) (v) (w))\n" SCRIPT_END,
        "\xff\xfe",
        "| " SCRIPT_END,
    };
    struct fixture f;
    begin(&f);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        ck_assert_msg(read(&f, SCRIPT_FULL, texts[i]).verdict == VERDICT_UNKNOWN, "%s", texts[i]);
    end(&f);
}

TEST(values_that_do_not_fit_are_not_known)
{
    struct fixture f;
    begin(&f);
    struct answer a = read(&f, SCRIPT_FULL,
                           "sat ((true true) (t \"\\u{110000}\\ud800\") (i 9223372036854775808)"
                           " (r (/ 1.0 0.0)) (b #b01)) " SCRIPT_END);
    ck_assert_int_eq(a.verdict, VERDICT_SAT);
    ck_assert(!a.values[1].known && !a.values[2].known && !a.values[3].known);
    a = read(&f, SCRIPT_FULL,
             "sat ((true true) (t \"\\q\") (i (- 9223372036854775808)) (r 1.5) (b "
             "#x0000000000000000000000000000000g)) " SCRIPT_END);
    ck_assert(a.values[1].known && a.values[1].i == INT64_MIN);
    ck_assert(a.values[2].f == 1.5 && !a.values[3].known);
    ck_assert(dvara_str_eq(a.values[0].s, DVARA_STR("\\q")));
    end(&f);
}

TEST(a_real_beyond_every_double_is_not_known)
{
    struct fixture f;
    struct buf text;
    begin(&f);
    buf_init(&text, 4096);
    BUF_LIT(&text, "sat ((true true) (t \"\") (i 0) (r ");
    for (int i = 0; i < 380; i++)
        buf_byte(&text, '9');
    BUF_LIT(&text, ".0) (b #b01)) " SCRIPT_END);
    buf_byte(&text, 0);
    struct answer a = read(&f, SCRIPT_FULL, text.p);
    ck_assert_int_eq(a.verdict, VERDICT_SAT);
    ck_assert(a.values[1].known && !a.values[2].known);
    buf_clear(&text);
    end(&f);
}

SUITE(values_are_read_in_the_order_they_were_asked_for, truths_of_atoms_and_a_core_are_read,
      what_does_not_come_to_its_end_is_no_answer, values_that_do_not_fit_are_not_known,
      a_real_beyond_every_double_is_not_known)

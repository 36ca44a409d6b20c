/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/diag.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/report.h"
#include "unit/suite.h"

struct fixture {
    struct arena arena;
    struct diags diags;
    struct sources sources;
    struct source *source;
};

static void open(struct fixture *f, const char *text)
{
    *f = (struct fixture){.source = NULL};
    arena_init(&f->arena, 64 << 20);
    ck_assert(diags_init(&f->diags, &f->arena));
    f->source = source_from_text(&f->arena, &f->sources, DVARA_STR("t.dvp"),
                                 dvara_str_from_cstr(text), &f->diags);
    ck_assert_ptr_nonnull(f->source);
}

TEST(columns_count_code_points)
{
    struct fixture f;
    open(&f, "aä\xf0\x9f\x98\x80x\nb");
    struct position position = source_position(f.source, 7);
    ck_assert_uint_eq(position.line, 1);
    ck_assert_uint_eq(position.col, 4);
    position = source_position(f.source, 9);
    ck_assert_uint_eq(position.line, 2);
    ck_assert_uint_eq(position.col, 1);
    arena_clear(&f.arena);
}

TEST(the_first_by_place_are_kept_of_very_many)
{
    struct fixture f;
    open(&f, "x");
    for (uint32_t i = 100000; i > 0; i--)
        diag_plain(&f.diags, ((struct span){0, i, i + 1}), MESSAGE_NESTING);
    diags_sort(&f.diags);
    ck_assert_uint_eq(f.diags.n_errors, 100000);
    ck_assert_uint_ge(f.diags.n, DIAGS_SHOWN);
    for (uint32_t i = 0; i < DIAGS_SHOWN; i++)
        ck_assert_uint_eq(f.diags.v[i]->span.start, i + 1);
    arena_clear(&f.arena);
}

TEST(exact_repetitions_are_one)
{
    struct fixture f;
    open(&f, "x");
    diag_plain(&f.diags, ((struct span){0, 0, 1}), MESSAGE_NESTING);
    diag_plain(&f.diags, ((struct span){0, 0, 1}), MESSAGE_NESTING);
    diags_sort(&f.diags);
    ck_assert_uint_eq(f.diags.n, 1);
    ck_assert_uint_eq(f.diags.n_errors, 1);
    arena_clear(&f.arena);
}

static void expect_report(struct fixture *f, enum report_format format, const char *wanted)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    report_print(&out, &f->sources, &f->diags, &(struct report_options){.format = format});
    buf_byte(&out, 0);
    ck_assert_str_eq(out.p, wanted);
    buf_clear(&out);
}

TEST(a_report_shows_the_line_and_the_place)
{
    struct fixture f;
    open(&f, "let a =\t\"\x1b[31m\"\nlet b");
    struct diag *diag = diag_add(&f.diags, ((struct span){0, 4, 5}), MESSAGE_UNKNOWN_NAME,
                                 DVARA_STR("value"), DVARA_STR("a"));
    diag_label(&f.diags, diag, (struct span){0, 20, 21}, "the other");
    diag_fix(&f.diags, diag, (struct span){0, 4, 5}, DVARA_STR("b"), "did you mean `%s`?", "b");
    expect_report(&f, REPORT_HUMAN,
                  "t.dvp:1:5: error[E0201]: there is no value `a`\n"
                  "    1 | let a = \"\xef\xbf\xbd[31m\"\n"
                  "      |     ^\n"
                  "      = t.dvp:2:5: the other\n"
                  "    2 | let b\n"
                  "      |     -\n"
                  "      help: did you mean `b`?\n");
    expect_report(&f, REPORT_COMPACT, "t.dvp:1:5: error[E0201]: there is no value `a`\n");
    expect_report(
        &f, REPORT_JSON,
        "{\"diagnostics\":[{\"file\":\"t.dvp\",\"line\":1,\"col\":5,\"end_line\":1,"
        "\"end_col\":6,\"severity\":\"error\",\"code\":\"E0201\",\"name\":\"unknown-name\","
        "\"message\":\"there is no value `a`\",\"labels\":[{\"file\":\"t.dvp\",\"line\":2,"
        "\"col\":5,\"end_line\":2,\"end_col\":6,\"text\":\"the other\"}],\"help\":["
        "{\"message\":\"did you mean `b`?\",\"edits\":[{\"file\":\"t.dvp\",\"line\":1,"
        "\"col\":5,\"end_line\":1,\"end_col\":6,\"text\":\"b\"}]}]}],\"hidden\":0}\n");
    arena_clear(&f.arena);
}

TEST(twenty_are_shown_and_the_rest_is_counted)
{
    struct fixture f;
    open(&f, "x");
    for (uint32_t i = 0; i < 25; i++)
        diag_add(&f.diags, ((struct span){0, 0, 1}), MESSAGE_UNKNOWN_NAME, DVARA_STR("value"),
                 arena_printf(&f.arena, "n%u", i));
    struct buf out;
    buf_init(&out, 1 << 20);
    report_print(&out, &f.sources, &f.diags, &(struct report_options){.format = REPORT_COMPACT});
    ck_assert(dvara_str_ends_with(buf_str(&out), DVARA_STR("\n5 more not shown\n")));
    buf_clear(&out);
    arena_clear(&f.arena);
}

SUITE(columns_count_code_points, the_first_by_place_are_kept_of_very_many,
      exact_repetitions_are_one, a_report_shows_the_line_and_the_place,
      twenty_are_shown_and_the_rest_is_counted)

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/format.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/compile.h"

#include "unit/suite.h"

struct formatted {
    struct arena arena;
    struct buf out;
    bool clean;
};

static void format_text(struct formatted *f, const char *text_cstr)
{
    struct compile_options options = {.without_imports = true};
    struct diags diags;
    arena_init(&f->arena, COMPILE_ARENA_LIMIT);
    buf_init(&f->out, 1 << 20);
    ck_assert(diags_init(&diags, &f->arena));
    struct program *program = closure_from_text(&f->arena, DVARA_STR("t.dvp"),
                                                dvara_str_from_cstr(text_cstr), &options, &diags);
    ck_assert_ptr_nonnull(program);
    f->clean = !diags_has_errors(&diags);
    if (f->clean)
        format(program->units[0]->source, program->units[0]->tokens, &f->out);
    buf_byte(&f->out, 0);
}

static void release(struct formatted *f)
{
    buf_clear(&f->out);
    arena_clear(&f->arena);
}

/* The text becomes `expected`, and stays it. */
static void check_format(const char *text, const char *expected)
{
    struct formatted once;
    struct formatted twice;
    format_text(&once, text);
    ck_assert_msg(once.clean, "does not parse: %s", text);
    ck_assert_str_eq(once.out.p, expected);
    format_text(&twice, once.out.p);
    ck_assert(twice.clean);
    ck_assert_str_eq(twice.out.p, expected);
    release(&once);
    release(&twice);
}

TEST(white_space_becomes_the_one_style)
{
    check_format("dvp 1 let a=1+ 2 let  b = -a\n let c=[1,2 , -3]",
                 "dvp 1\n\nlet a = 1 + 2\nlet b = -a\nlet c = [1, 2, -3]\n");
}

TEST(a_block_on_one_line_stays_there)
{
    check_format(
        "dvp 1\nprovider a {  zone  \"eu\"   region \"west\" }\nrule r { on request deny }",
        "dvp 1\n\nprovider a { zone \"eu\" region \"west\" }\n"
        "rule r { on request  deny }\n");
}

TEST(a_block_over_the_width_gets_lines)
{
    check_format(
        "dvp 1\nrule r { on request deny reason \"a reason that goes on and on and on and on "
        "and on and on and on and on\" }",
        "dvp 1\n\nrule r {\n  on request\n  deny\n  reason \"a reason that goes on and on and "
        "on and on and on and on and on and on\"\n}\n");
}

TEST(tall_declarations_stand_apart)
{
    check_format(
        "dvp 1\ndefault allow\nrule a {\n on request\n deny }\nrule b {\n\n\n on request\n\n\n\n "
        "deny\n\n}\nlet c = 1\nlet d = 2",
        "dvp 1\n\ndefault allow\n\nrule a {\n  on request\n  deny\n}\n\nrule b {\n  on "
        "request\n\n  deny\n}\n\nlet c = 1\nlet d = 2\n");
}

TEST(comments_keep_their_place)
{
    check_format("# top\ndvp 1\n# about a\n## doc of a\nlet a = 1 # behind\n\n\n# last",
                 "# top\ndvp 1\n\n# about a\n## doc of a\nlet a = 1  # behind\n\n# last\n");
    check_format(
        "dvp 1\nrule r { # opens\n# own\n on request # c\n # before deny\n deny\n # end\n}",
        "dvp 1\n\nrule r {  # opens\n  # own\n  on request  # c\n  # before deny\n  deny\n"
        "  # end\n}\n");
}

TEST(the_author_breaks_lines_inside_expressions)
{
    check_format(
        "dvp 1\nlet a = true\nand false\nor (\n1 == 2\n)\nlet b = [\n\"x\",\n\"y\"]",
        "dvp 1\n\nlet a = true\n  and false\n  or (\n    1 == 2\n  )\n\nlet b = [\n  \"x\",\n  "
        "\"y\"\n]\n");
}

TEST(literals_keep_their_spelling)
{
    check_format(
        "dvp 1\nlet a = 10_000\nlet b = 1h30m\nlet c = r\"\\d\"\nlet d = request.text matches "
        "/a\\/b/i\nlet e = $5.00",
        "dvp 1\n\nlet a = 10_000\nlet b = 1h30m\nlet c = r\"\\d\"\nlet d = request.text matches "
        "/a\\/b/i\nlet e = $5.00\n");
}

TEST(records_and_quantifiers_have_room_in_their_braces)
{
    check_format(
        "dvp 1\ntest \"t\" { given {request:{model:\"a\",messages:[{role:\"user\",text:\"x\"}]}} "
        "expect allow }\nlet q = any t in request.tools {t.name==\"x\"}",
        "dvp 1\n\ntest \"t\" {\n  given { request: { model: \"a\", messages: [{ role: \"user\", "
        "text: \"x\" }] } }\n  expect allow\n}\n\nlet q = any t in request.tools { t.name == "
        "\"x\" }\n");
}

SUITE(white_space_becomes_the_one_style, a_block_on_one_line_stays_there,
      a_block_over_the_width_gets_lines, tall_declarations_stand_apart, comments_keep_their_place,
      the_author_breaks_lines_inside_expressions, literals_keep_their_spelling,
      records_and_quantifiers_have_room_in_their_braces)

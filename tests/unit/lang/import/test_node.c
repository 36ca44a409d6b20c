/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/import/node.h"

#include "unit/suite.h"

struct reading {
    struct arena arena;
    struct node_problem problem;
    struct node *root;
};

static void read_yaml(struct reading *r, const char *text_cstr)
{
    arena_init(&r->arena, 64 << 20);
    r->problem = (struct node_problem){.line = 0};
    r->root = node_read_yaml(dvara_str_from_cstr(text_cstr), &r->arena, &r->problem);
}

static void expect_decimal(const char *number_cstr, int shift, unsigned places,
                           const char *expected_cstr)
{
    struct reading r;
    struct dvara_str text = DVARA_STR("none");
    char yaml[128];
    (void)snprintf(yaml, sizeof yaml, "a: %s\n", number_cstr);
    read_yaml(&r, yaml);
    ck_assert_ptr_nonnull(r.root);
    (void)node_decimal(node_look(r.root, "a"), shift, places, &r.arena, &text);
    ck_assert_msg(dvara_str_eq(text, dvara_str_from_cstr(expected_cstr)), "%s became %.*s",
                  number_cstr, DVARA_STR_ARG(text));
    arena_clear(&r.arena);
}

TEST(decimals_are_shifted_and_rounded_exactly)
{
    expect_decimal("0.0000025", 6, 6, "2.5");
    expect_decimal("1e-5", 6, 6, "10");
    expect_decimal("1.25e-06", 6, 6, "1.25");
    expect_decimal("0.00000000000049", 6, 6, "0");
    expect_decimal("0.0000000000005", 6, 6, "0.000001");
    expect_decimal("0.9999999999999", 6, 6, "1000000");
    expect_decimal("30", 3, 0, "30000");
    expect_decimal("0.5", 3, 0, "500");
    expect_decimal("100", 0, 6, "100");
    expect_decimal("0", 6, 6, "0");
    expect_decimal("0.8", 2, 4, "80");
}

TEST(what_is_no_amount_is_refused)
{
    const char *const none[] = {"-1", "x", "1e99", "1.2.3", "e5", "1e", "[1]", "''", "1e-99999"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        expect_decimal(none[i], 0, 6, "none");
}

TEST(an_alias_is_its_anchors_node_and_a_merge_fills_what_is_missing)
{
    struct reading r;
    read_yaml(&r, "base: &b { x: 1, y: [2] }\nother: *b\nmore: { <<: *b, x: 3 }\n");
    ck_assert_ptr_nonnull(r.root);
    ck_assert_ptr_eq(node_look(r.root, "base"), node_look(r.root, "other"));
    struct node *more = node_look(r.root, "more");
    ck_assert_uint_eq(more->n, 2);
    ck_assert(node_is(node_look(more, "x"), "3"));
    ck_assert_ptr_eq(node_look(more, "y"), node_look(node_look(r.root, "base"), "y"));
    arena_clear(&r.arena);
}

TEST(words_are_what_yaml_says)
{
    struct reading r;
    read_yaml(&r, "a: yes\nb: 'yes'\nc: ~\nd: 20_000\ne: 1e-5\nf: sk-1\ng: No\n");
    ck_assert(node_is_true(r.root, "a"));
    ck_assert_int_eq(node_look(r.root, "b")->kind, NODE_TEXT);
    ck_assert_ptr_null(node_look(r.root, "c"));
    int64_t n = 0;
    ck_assert(node_whole(r.root, "d", &n));
    ck_assert_int_eq(n, 20000);
    ck_assert_int_eq(node_look(r.root, "e")->kind, NODE_NUMBER);
    ck_assert_int_eq(node_look(r.root, "f")->kind, NODE_TEXT);
    ck_assert(node_is_false(r.root, "g"));
    arena_clear(&r.arena);
}

TEST(what_is_refused_has_its_line)
{
    static const struct {
        const char *text;
        unsigned line;
    } rows[] = {{"a: 1\na: 2\n", 2}, {"a: 1\n---\nb: 1\n", 2}, {"x:\n  - *no\n", 2}, {"a: [\n", 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct reading r;
        read_yaml(&r, rows[i].text);
        ck_assert_ptr_null(r.root);
        ck_assert_uint_eq(r.problem.line, rows[i].line);
        ck_assert(r.problem.text[0]);
        arena_clear(&r.arena);
    }
}

TEST(lines_of_json_are_counted)
{
    struct arena arena;
    struct node_problem problem = {.line = 0};
    arena_init(&arena, 1 << 20);
    struct node *root =
        node_read_json(DVARA_STR("{\n \"a\": 1,\n \"b\": [\n  true]}"), &arena, &problem);
    ck_assert_ptr_nonnull(root);
    ck_assert_uint_eq(node_look(root, "a")->line, 2);
    ck_assert_uint_eq(node_look(root, "b")->children[0]->line, 4);
    ck_assert_ptr_null(node_read_json(DVARA_STR("{\n\"a\": 1,\n\"a\": 2}"), &arena, &problem));
    ck_assert_uint_eq(problem.line, 3);
    arena_clear(&arena);
}

SUITE(decimals_are_shifted_and_rounded_exactly, what_is_no_amount_is_refused,
      an_alias_is_its_anchors_node_and_a_merge_fills_what_is_missing, words_are_what_yaml_says,
      what_is_refused_has_its_line, lines_of_json_are_counted)

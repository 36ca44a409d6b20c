/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/layout.h"

#include "base/arena.h"
#include "unit/suite.h"

#include <string.h>

static struct arena arena;

static size_t parse(const char *source, uint32_t flags, struct layout **ret_v)
{
    struct pattern_source pattern = {.source = dvara_str_from_cstr(source), .flags = flags};
    arena_init(&arena, 64 << 20);
    return layout_parse(&pattern, &arena, ret_v);
}

static size_t count(const char *source)
{
    struct layout *v;
    size_t n = parse(source, 0, &v);
    arena_clear(&arena);
    return n;
}

TEST(a_published_format_is_one_layout)
{
    struct layout *v;
    ck_assert_uint_eq(parse("\\b[0-9]{3}-\\d{2}-[0-9]{4}\\b", 0, &v), 1);
    ck_assert_uint_eq(v->n_groups, 3);
    ck_assert_uint_eq(v->n, 9);
    ck_assert(v->lengths[0] == 3 && v->lengths[1] == 2 && v->lengths[2] == 4);
    ck_assert(v->separators[0] == 0 && v->separators[1] == '-' && v->separators[2] == '-');
    ck_assert(v->sets[0] == LAYOUT_DIGITS && v->sets[8] == LAYOUT_DIGITS);
    arena_clear(&arena);
}
END_TEST

TEST(what_is_optional_or_one_of_several_is_a_layout_each)
{
    ck_assert_uint_eq(count("\\b[0-9]{3}[ -]?[0-9]{3}\\b"), 3);
    ck_assert_uint_eq(count("\\b(?:[0-9]{4}|[0-9]{6})[A-Z]\\b"), 2);
    ck_assert_uint_eq(count("\\b[0-9]{8,17}\\b"), 10);
    ck_assert_uint_eq(count("\\b(?:[A-Z]{2} )?[0-9]{5}\\b"), 2);
    ck_assert_uint_eq(count("\\b[0-9]{2}(?:\\.[0-9]{2}){2}\\b"), 1);
    ck_assert_uint_eq(count("\\bEMP-[0-9]{6}\\b"), 1);
}
END_TEST

TEST(case_is_the_patterns)
{
    struct layout *v;
    ck_assert_uint_eq(parse("\\b[A-F]1\\b", PATTERN_CASELESS, &v), 1);
    ck_assert(v->sets[0] == ((UINT64_C(63) << 10) | (UINT64_C(63) << 36)));
    arena_clear(&arena);
    ck_assert_uint_eq(parse("\\b[A-F]1\\b", 0, &v), 1);
    ck_assert(v->sets[0] == UINT64_C(63) << 10);
    arena_clear(&arena);
}
END_TEST

TEST(what_is_not_a_finite_list_of_layouts_is_left_to_the_engines)
{
    static const char *const sources[] = {"[0-9]{9}",
                                          "\\b[0-9]+\\b",
                                          "\\b[0-9]{3}.[0-9]{3}\\b",
                                          "\\b(?=1)[0-9]{3}\\b",
                                          "\\b[^a]1\\b",
                                          "\\b[A-Z]{8}\\b",
                                          "\\b[A-Z0-9]{8}\\b",
                                          "\\b[0-9]{3}--[0-9]{3}\\b",
                                          "\\b-[0-9]{3}\\b",
                                          "\\b[0-9]{3} \\b",
                                          "\\b1\\b|\\b2\\b",
                                          "\\b[0-9](?:[ -]?[0-9]){9}\\b",
                                          "\\b[0-9]{41}\\b",
                                          "\\b[A-Z] [A-Z] [A-Z] [0-9]\\b",
                                          "\\b[0-9]{3}\xc3\xa9\\b",
                                          "\\b\\w[0-9]\\b",
                                          "\\b(?:1{30}){30}\\b",
                                          "\\b[0-9\\b",
                                          "\\b(1\\b",
                                          "\\b1{3,2}\\b",
                                          "\\b((((((((((((((((((1))))))))))))))))))\\b"};
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++)
        ck_assert_msg(count(sources[i]) == 0, "%s", sources[i]);
}
END_TEST

SUITE(a_published_format_is_one_layout, what_is_optional_or_one_of_several_is_a_layout_each,
      case_is_the_patterns, what_is_not_a_finite_list_of_layouts_is_left_to_the_engines)

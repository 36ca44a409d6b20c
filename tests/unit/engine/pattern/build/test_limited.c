/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/build/limited.h"

#include "base/buf.h"
#include "pii/detectors.h"
#include "unit/suite.h"

#include <string.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#endif

#define SOURCE(text)                                                                               \
    {                                                                                              \
        .source = {.p = text, .n = sizeof(text) - 1 }                                              \
    }

/* A few characters that ask the compiler for a minute. */
static const struct pattern_source hungry[] = {
    SOURCE("[0-9]{3}-[0-9]{2}"), SOURCE("(a.{1,3000}b|c.{1,3000}d|e.{1,3000}f|g.{1,3000}h)"),
    SOURCE("abc")};
static const struct pattern_source modest[] = {SOURCE("[0-9]{3}-[0-9]{2}"), SOURCE("abc")};

/* As the patterns of one detector. */
static enum dvara_status build(const struct pattern_source *v, size_t n,
                               struct pattern_limits limits, struct buf *out,
                               struct pattern_build_error *ret_error)
{
    const struct detector_spec spec = {.name = DVARA_STR_INIT("test"),
                                       .patterns = v,
                                       .n_patterns = n,
                                       .score_low_ppm = 500000,
                                       .score_high_ppm = 900000};
    struct buf section;
    buf_init(&section, 1 << 20);
    detectors_encode(&spec, 1, &section);
    *ret_error = (struct pattern_build_error){0};
    enum dvara_status status = pattern_databases_build_within(limits, limits, (struct dvara_str){0},
                                                              buf_str(&section), out, ret_error);
    buf_clear(&section);
    return status;
}

TEST(within_the_limits_the_databases_are_those_of_the_compiler)
{
    struct pattern_build_error error;
    struct buf section, direct, out;
    buf_init(&section, 1 << 20);
    buf_init(&direct, 16 << 20);
    buf_init(&out, 16 << 20);
    pattern_sources_encode(modest, 2, &section);
    ck_assert_int_eq(
        pattern_databases_build(buf_str(&section), (struct dvara_str){0}, &direct, &error),
        DVARA_OK);
    ck_assert_int_eq(pattern_databases_build_within(PATTERN_LIMITS, PATTERN_LIMITS_ONE,
                                                    buf_str(&section), (struct dvara_str){0}, &out,
                                                    &error),
                     DVARA_OK);
    ck_assert_uint_eq(out.n, direct.n);
    ck_assert_mem_eq(out.p, direct.p, out.n);
    buf_clear(&section);
    buf_clear(&direct);
    buf_clear(&out);
}
END_TEST

TEST(a_pattern_that_takes_too_long_is_named)
{
    struct pattern_build_error error;
    struct buf out;
    buf_init(&out, 16 << 20);
    struct pattern_limits limits = {.seconds = 1, .memory_bytes = (size_t)4 << 30};
    ck_assert_int_eq(build(hungry, 3, limits, &out, &error), DVARA_TOO_LARGE);
    ck_assert_uint_eq(error.pattern, 1);
    ck_assert_msg(strstr(error.text, "(a.{1,3000}b") != NULL, "%s", error.text);
    ck_assert_msg(strstr(error.text, "more than 1 s") != NULL, "%s", error.text);
    ck_assert_uint_eq(out.n, 0);
    buf_clear(&out);
}
END_TEST

TEST(a_pattern_that_does_not_compile_is_told_as_ever)
{
    static const struct pattern_source broken[] = {SOURCE("abc"), SOURCE("(")};
    struct pattern_build_error error;
    struct buf out;
    buf_init(&out, 16 << 20);
    ck_assert_int_eq(build(broken, 2, PATTERN_LIMITS, &out, &error), DVARA_INVALID);
    ck_assert_uint_eq(error.pattern, 1);
    ck_assert(error.text[0]);
    buf_clear(&out);
}
END_TEST

TEST(a_pattern_that_takes_too_much_memory_is_named)
{
    static const struct pattern_source wide[] = {SOURCE("abc"),
                                                 SOURCE("(?:a.{1,99}b.{1,99}c){1,99}")};
    struct pattern_build_error error;
    struct buf out;
    buf_init(&out, 16 << 20);
    struct pattern_limits limits = {.seconds = 60, .memory_bytes = (size_t)48 << 20};
#ifdef IS_SANITIZED /* memory is not limited there: address space is reserved by terabytes */
    ck_assert_int_eq(build(wide, 2, limits, &out, &error), DVARA_OK);
#else
    ck_assert_int_eq(build(wide, 2, limits, &out, &error), DVARA_TOO_LARGE);
    ck_assert_uint_eq(error.pattern, 1);
    ck_assert_msg(strstr(error.text, "48 MiB") != NULL, "%s", error.text);
#endif
    buf_clear(&out);
}
END_TEST

TEST(a_check_of_such_a_pattern_ends)
{
    struct pattern_build_error error;
    struct pattern_facts facts;
    struct pattern_limits limits = {.seconds = 1, .memory_bytes = (size_t)4 << 30};
    ck_assert_int_eq(pattern_check_within(limits, &hungry[1], &facts, &error), DVARA_TOO_LARGE);
    ck_assert_msg(strstr(error.text, "more than 1 s") != NULL, "%s", error.text);
}
END_TEST

TEST(a_check_within_the_limits_tells_what_a_check_tells)
{
    static const struct pattern_source repeats = SOURCE("\\bx[0-9]{1,200}\\b");
    struct pattern_build_error error;
    struct pattern_facts here, child;
    ck_assert_int_eq(pattern_check(&repeats, &here, &error), DVARA_OK);
    ck_assert_int_eq(pattern_check_within(PATTERN_LIMITS_ONE, &repeats, &child, &error), DVARA_OK);
    ck_assert_uint_eq(here.max_width, child.max_width);
    ck_assert_int_eq(here.slow_path, child.slow_path);
    ck_assert_int_eq(here.prefilter, child.prefilter);
}
END_TEST

SUITE(within_the_limits_the_databases_are_those_of_the_compiler,
      a_pattern_that_takes_too_long_is_named, a_pattern_that_does_not_compile_is_told_as_ever,
      a_pattern_that_takes_too_much_memory_is_named, a_check_of_such_a_pattern_ends,
      a_check_within_the_limits_tells_what_a_check_tells)

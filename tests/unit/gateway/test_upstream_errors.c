/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream_errors.h"

#include "unit/suite.h"

static struct attempt_failure of(int status, const char *body_cstr, struct arena *arena)
{
    return upstream_error_of_status(status, dvara_str_from_cstr(body_cstr), 0, arena);
}

TEST(statuses_map_as_the_table_says)
{
    static const struct {
        int from, to;
        const char *code_cstr;
    } rows[] = {
        {400, 400, "provider_rejected"},     {401, 502, "provider_auth"},
        {403, 502, "provider_auth"},         {404, 502, "provider_error"},
        {405, 502, "provider_error"},        {408, 504, "provider_timeout"},
        {413, 413, "input_too_large"},       {422, 400, "provider_rejected"},
        {429, 429, "provider_rate_limited"}, {500, 502, "provider_error"},
        {503, 503, "provider_unavailable"},  {529, 503, "provider_unavailable"},
        {504, 502, "provider_error"},        {302, 502, "provider_error"},
        {204, 502, "provider_error"},        {418, 502, "provider_error"},
    };
    struct arena arena;
    arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct attempt_failure failure = of(rows[i].from, "", &arena);
        ck_assert_int_eq(gateway_error_status(&failure.error), rows[i].to);
        ck_assert(dvara_str_eq(gateway_error_code(&failure.error),
                               dvara_str_from_cstr(rows[i].code_cstr)));
    }
    arena_clear(&arena);
}

TEST(a_parameter_s_name_is_kept_and_nothing_else)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct attempt_failure failure = of(
        400, "{\"error\":{\"message\":\"sk-secret\",\"param\":\"messages[0].content\"}}", &arena);
    ck_assert(dvara_str_eq(failure.error.param, DVARA_STR("messages[0].content")));
    ck_assert(dvara_str_is_absent(failure.error.message));
    failure = of(400, "{\"error\":{\"param\":\"Bearer sk-secret\"}}", &arena);
    ck_assert(dvara_str_is_absent(failure.error.param));
    arena_clear(&arena);
}

TEST(a_context_overflow_and_a_content_filter_have_codes_of_their_own)
{
    struct arena arena;
    arena_init(&arena, 1 << 20);
    ck_assert_int_eq(of(400, "{\"error\":{\"code\":\"context_length_exceeded\"}}", &arena).error.id,
                     GATEWAY_ERROR_CONTEXT_WINDOW_EXCEEDED);
    ck_assert_int_eq(of(400, "{\"error\":{\"code\":\"content_filter\"}}", &arena).error.id,
                     GATEWAY_ERROR_CONTENT_FILTER);
    ck_assert_int_eq(of(400, "<html>", &arena).error.id, GATEWAY_ERROR_PROVIDER_REJECTED);
    arena_clear(&arena);
}

static uint64_t wait_of(const char *name_cstr, const char *value_cstr)
{
    struct http_head head = {.field_count = 1};
    head.fields[0] =
        (struct http_field){dvara_str_from_cstr(name_cstr), dvara_str_from_cstr(value_cstr)};
    return upstream_error_wait_ms(&head);
}

TEST(the_wait_is_at_most_a_minute)
{
    ck_assert_uint_eq(wait_of("retry-after", "7"), 7000);
    ck_assert_uint_eq(wait_of("retry-after-ms", "250.5"), 250);
    ck_assert_uint_eq(wait_of("retry-after", "86400"), 60000);
    ck_assert_uint_eq(wait_of("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), 0);
    ck_assert_uint_eq(wait_of("retry-after", "-1"), 0);
}

TEST(every_failure_has_an_error_and_a_class)
{
    for (int i = 0; i < UPSTREAM_FAILURE_COUNT; i++) {
        struct attempt_failure failure = upstream_error_of_failure((enum upstream_failure)i);
        ck_assert_int_ge(gateway_error_status(&failure.error), 500);
        ck_assert(failure.classes != 0 || i == UPSTREAM_FAILURE_NO_MEMORY);
    }
}

SUITE(statuses_map_as_the_table_says, a_parameter_s_name_is_kept_and_nothing_else,
      a_context_overflow_and_a_content_filter_have_codes_of_their_own, the_wait_is_at_most_a_minute,
      every_failure_has_an_error_and_a_class)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/ids.h"

#include "unit/suite.h"

static struct http_head with(const char *name_cstr, const char *value_cstr)
{
    struct http_head head = {.field_count = 1};
    head.fields[0] =
        (struct http_field){dvara_str_from_cstr(name_cstr), dvara_str_from_cstr(value_cstr)};
    return head;
}

TEST(request_ids_differ)
{
    const uint64_t seed[2] = {1, 2};
    struct arena arena;
    arena_init(&arena, 1 << 20);
    struct dvara_str first = ids_request(&arena, seed, 0);
    struct dvara_str second = ids_request(&arena, seed, 1);
    ck_assert_uint_eq(first.n, 36);
    ck_assert(!dvara_str_eq(first, second));
    arena_clear(&arena);
}

TEST(a_good_trace_id_is_taken)
{
    struct http_head head = with("x-trace-id", "a.B_1:-z");
    ck_assert(dvara_str_eq(ids_trace(&head, DVARA_STR("new")), DVARA_STR("a.B_1:-z")));
}

TEST(a_bad_trace_id_is_replaced)
{
    static const char *const bad[] = {"", "has space", "quote\"", "\xc3\xa9"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct http_head head = with("X-Trace-Id", bad[i]);
        ck_assert(dvara_str_eq(ids_trace(&head, DVARA_STR("new")), DVARA_STR("new")));
    }
}

TEST(a_traceparent_is_read_and_a_broken_one_is_not)
{
    struct http_head head =
        with("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
    ck_assert(dvara_str_eq(ids_trace(&head, DVARA_STR("new")),
                           DVARA_STR("4bf92f3577b34da6a3ce929d0e0e4736")));
    head = with("traceparent", "00-00000000000000000000000000000000-00f067aa0ba902b7-01");
    ck_assert(dvara_str_eq(ids_trace(&head, DVARA_STR("new")), DVARA_STR("new")));
    head = with("traceparent", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01");
    ck_assert(dvara_str_eq(ids_trace(&head, DVARA_STR("new")), DVARA_STR("new")));
}

TEST(a_session_is_128_visible_characters_at_most)
{
    char long_one[129];
    memset(long_one, 'a', sizeof long_one);
    ck_assert(ids_session_is_valid(DVARA_STR("~!s")));
    ck_assert(ids_session_is_valid(dvara_str_from(long_one, 128)));
    ck_assert(!ids_session_is_valid(dvara_str_from(long_one, 129)));
    ck_assert(!ids_session_is_valid(DVARA_STR("")));
    ck_assert(!ids_session_is_valid(DVARA_STR("a b")));
    ck_assert(!ids_session_is_valid(DVARA_STR("\xc3\xa9")));
}

SUITE(request_ids_differ, a_good_trace_id_is_taken, a_bad_trace_id_is_replaced,
      a_traceparent_is_read_and_a_broken_one_is_not, a_session_is_128_visible_characters_at_most)

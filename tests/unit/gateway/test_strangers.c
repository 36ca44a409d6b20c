/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/strangers.h"

#include "gateway/limits.h"

#include "unit/suite.h"

#define IP DVARA_STR("192.0.2.1")

static void note_failures(struct strangers *strangers, int times, uint64_t now_ns)
{
    for (int i = 0; i < times; i++)
        strangers_note(strangers, IP, false, now_ns);
}

TEST(a_burst_of_failures_is_let_through_and_then_no_more)
{
    struct strangers *strangers = strangers_new(10, 100);
    uint64_t now = LIMIT_SECOND_NS;
    uint64_t wait;
    note_failures(strangers, 100, now);
    ck_assert(strangers_may_try(strangers, IP, now, &wait));
    note_failures(strangers, 1, now);
    ck_assert(!strangers_may_try(strangers, IP, now, &wait));
    ck_assert_uint_eq(wait, LIMIT_SECOND_NS / 10);
    ck_assert(strangers_may_try(strangers, DVARA_STR("192.0.2.2"), now, &wait));
    strangers_free(strangers);
}

TEST(time_heals)
{
    struct strangers *strangers = strangers_new(10, 100);
    uint64_t now = LIMIT_SECOND_NS;
    uint64_t wait;
    note_failures(strangers, 200, now);
    ck_assert(!strangers_may_try(strangers, IP, now + 9 * LIMIT_SECOND_NS, &wait));
    ck_assert(strangers_may_try(strangers, IP, now + 10 * LIMIT_SECOND_NS, &wait));
    strangers_free(strangers);
}

TEST(an_address_with_a_good_key_is_exempt_for_an_hour)
{
    struct strangers *strangers = strangers_new(10, 100);
    uint64_t now = LIMIT_SECOND_NS;
    uint64_t wait;
    strangers_note(strangers, IP, true, now);
    note_failures(strangers, 100000, now);
    ck_assert(strangers_may_try(strangers, IP, now + 3599 * LIMIT_SECOND_NS, &wait));
    ck_assert(!strangers_may_try(strangers, IP, now + 3600 * LIMIT_SECOND_NS, &wait));
    strangers_free(strangers);
}

TEST(many_addresses_do_not_make_it_grow)
{
    struct strangers *strangers = strangers_new(10, 100);
    for (int i = 0; i < 100000; i++)
        strangers_note(strangers, dvara_str_from((const char *)&i, sizeof i), false, (uint64_t)i);
    strangers_free(strangers);
}

SUITE(a_burst_of_failures_is_let_through_and_then_no_more, time_heals,
      an_address_with_a_good_key_is_exempt_for_an_hour, many_addresses_do_not_make_it_grow)

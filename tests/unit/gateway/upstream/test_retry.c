/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/retry.h"

#include "dvara/words.h"

#include "unit/suite.h"

static const struct retry_failure reset = {.classes = 1 << DVARA_RETRY_RESET};

static struct retry_failure of_status(int status)
{
    return (struct retry_failure){.classes = retry_classes_of_status(status), .status = status};
}

TEST(without_retry_each_target_is_tried_once)
{
    struct retry retry;
    uint64_t wait;
    retry_init(&retry, NULL, 3);
    ck_assert_int_eq(retry_next(&retry, &reset, 0, &wait), RETRY_AGAIN);
    ck_assert_uint_eq(retry.target, 1);
    ck_assert_int_eq(retry_next(&retry, &reset, 0, &wait), RETRY_AGAIN);
    ck_assert_uint_eq(retry.target, 2);
    ck_assert_int_eq(retry_next(&retry, &reset, 0, &wait), RETRY_SPENT);
}

TEST(a_request_that_is_wrong_is_not_asked_elsewhere)
{
    struct retry retry;
    uint64_t wait;
    static const int final[] = {400, 413, 422};
    static const int movable[] = {401, 403, 404, 408, 429, 500, 503, 529};
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        struct retry_failure failure = of_status(final[i]);
        retry_init(&retry, NULL, 2);
        ck_assert_int_eq(retry_next(&retry, &failure, 0, &wait), RETRY_FINAL);
    }
    for (size_t i = 0; i < sizeof movable / sizeof *movable; i++) {
        struct retry_failure failure = of_status(movable[i]);
        retry_init(&retry, NULL, 2);
        ck_assert_int_eq(retry_next(&retry, &failure, 0, &wait), RETRY_AGAIN);
    }
}

TEST(retry_n_is_n_more_attempts_in_a_circle)
{
    const struct dvara_route_info route = {
        .has_retry = true, .retries = 3, .retry_on = 1 << DVARA_RETRY_RESET};
    struct retry retry;
    uint64_t wait;
    retry_init(&retry, &route, 2);
    static const size_t targets[] = {1, 0, 1};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(retry_next(&retry, &reset, 0, &wait), RETRY_AGAIN);
        ck_assert_uint_eq(retry.target, targets[i]);
    }
    ck_assert_int_eq(retry_next(&retry, &reset, 0, &wait), RETRY_SPENT);
}

TEST(a_class_that_is_not_listed_is_final)
{
    const struct dvara_route_info route = {.has_retry = true,
                                           .retries = 2,
                                           .retry_on = 1 << DVARA_RETRY_TIMEOUT,
                                           .retry_status = {418},
                                           .n_retry_status = 1};
    struct retry retry;
    uint64_t wait;
    struct retry_failure teapot = of_status(418);
    retry_init(&retry, &route, 2);
    ck_assert_int_eq(retry_next(&retry, &reset, 0, &wait), RETRY_FINAL);
    ck_assert_int_eq(retry_next(&retry, &teapot, 0, &wait), RETRY_AGAIN);
}

TEST(waits_double_up_to_the_high_end)
{
    const struct dvara_route_info route = {.has_retry = true,
                                           .retries = 9,
                                           .retry_on = 1 << DVARA_RETRY_RESET,
                                           .backoff_low = 100,
                                           .backoff_high = 350};
    struct retry retry;
    uint64_t wait;
    static const uint64_t waits[] = {100, 200, 350, 350};
    retry_init(&retry, &route, 1);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(retry_next(&retry, &reset, 0, &wait), RETRY_AGAIN);
        ck_assert_uint_eq(wait, waits[i]);
        ck_assert_uint_eq(retry.target, 0);
    }
    ck_assert_int_eq(retry_next(&retry, &reset, 87, &wait), RETRY_AGAIN);
    ck_assert_uint_eq(wait, 263);
}

SUITE(without_retry_each_target_is_tried_once, a_request_that_is_wrong_is_not_asked_elsewhere,
      retry_n_is_n_more_attempts_in_a_circle, a_class_that_is_not_listed_is_final,
      waits_double_up_to_the_high_end)

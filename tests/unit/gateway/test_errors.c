/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/errors.h"

#include "unit/suite.h"

TEST(a_code_leads_to_its_row)
{
    ck_assert_int_eq(gateway_error_of_code(DVARA_STR("provider_timeout")),
                     GATEWAY_ERROR_PROVIDER_TIMEOUT);
    ck_assert_int_eq(gateway_error_of_code(DVARA_STR("nothing")), GATEWAY_ERROR_INTERNAL_ERROR);
}

TEST(a_refusal_that_a_retry_cannot_change_has_no_status_that_clients_retry)
{
    for (int i = 0; i < GATEWAY_ERROR_COUNT; i++) {
        const struct gateway_error_row *row = gateway_error_row((enum gateway_error_id)i);
        bool is_retried =
            row->status == 408 || row->status == 409 || row->status == 429 || row->status >= 500;
        ck_assert_msg(row->may_retry == is_retried, "%.*s", DVARA_STR_ARG(row->name));
    }
}

TEST(a_long_wait_is_not_retried)
{
    struct gateway_error error = {.id = GATEWAY_ERROR_RATE_LIMIT_EXCEEDED, .retry_after_ms = 60000};
    ck_assert(!gateway_error_is_final(&error));
    error.retry_after_ms = 60001;
    ck_assert(gateway_error_is_final(&error));
}

TEST(a_rule_s_own_code_and_status_stand_in_the_place_of_the_row_s)
{
    const struct gateway_error error = {.id = GATEWAY_ERROR_POLICY_DENIED,
                                        .status = 422,
                                        .code = DVARA_STR("model_not_allowed"),
                                        .rule = DVARA_STR("allow_list")};
    struct chat_error shape = gateway_error_chat(&error, DVARA_STR("t"));
    ck_assert_int_eq(shape.status, 422);
    ck_assert(dvara_str_eq(shape.code, DVARA_STR("model_not_allowed")));
    ck_assert(dvara_str_eq(shape.rule, DVARA_STR("allow_list")));
    ck_assert_uint_gt(shape.message.n, 0);
}

SUITE(a_code_leads_to_its_row,
      a_refusal_that_a_retry_cannot_change_has_no_status_that_clients_retry,
      a_long_wait_is_not_retried, a_rule_s_own_code_and_status_stand_in_the_place_of_the_row_s)

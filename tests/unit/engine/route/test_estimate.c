/* SPDX-License-Identifier: Apache-2.0 */
#include "route/estimate.h"

#include "unit/suite.h"

static struct dvara_facts facts_of(int64_t prompt_tokens)
{
    struct dvara_facts facts = {0};
    facts.request.endpoint = DVARA_STR("chat");
    facts.request.prompt_tokens = prompt_tokens;
    return facts;
}

/* $2 and $10 a million tokens, nothing else declared. */
static struct bundle_model model_of(void)
{
    return (struct bundle_model){
        .input = 2000000, .output = 10000000, .request = -1, .image = -1, .max_output = -1};
}

TEST(a_price_is_the_prompt_and_what_the_answer_may_be)
{
    struct dvara_facts facts = facts_of(1000);
    struct bundle_model model = model_of();
    ck_assert_int_eq(estimate_price(&facts, &model), 2000 + ESTIMATE_OUTPUT_TOKENS * 10);
    facts.request.max_tokens = (struct dvara_opt_int){true, 100};
    ck_assert_int_eq(estimate_price(&facts, &model), 2000 + 1000);
    model.max_output = 50;
    ck_assert_int_eq(estimate_price(&facts, &model), 2000 + 500);
    facts.request.n = (struct dvara_opt_int){true, 3};
    ck_assert_int_eq(estimate_price(&facts, &model), 2000 + 1500);
}

TEST(requests_and_images_have_prices_of_their_own)
{
    const struct dvara_message messages[] = {
        {.has_image = true}, {.has_image = false}, {.has_image = true}};
    struct dvara_facts facts = facts_of(0);
    struct bundle_model model = model_of();
    facts.request.messages = (struct dvara_messages){messages, 3};
    facts.request.max_tokens = (struct dvara_opt_int){true, 0};
    model.request = 70;
    model.image = 5;
    ck_assert_int_eq(estimate_price(&facts, &model), 80);
}

TEST(part_of_a_micro_dollar_is_one)
{
    struct dvara_facts facts = facts_of(1);
    struct bundle_model model = model_of();
    facts.request.max_tokens = (struct dvara_opt_int){true, 0};
    model.input = 1;
    ck_assert_int_eq(estimate_price(&facts, &model), 1);
}

TEST(what_is_not_declared_is_unpriced_but_embeddings_need_no_output_price)
{
    struct dvara_facts facts = facts_of(1000);
    struct bundle_model model = model_of();
    ck_assert_int_eq(estimate_price(&facts, NULL), -1);
    model.output = -1;
    ck_assert_int_eq(estimate_price(&facts, &model), -1);
    facts.request.endpoint = DVARA_STR("embeddings");
    ck_assert_int_eq(estimate_price(&facts, &model), 2000);
    model.input = -1;
    ck_assert_int_eq(estimate_price(&facts, &model), -1);
}

TEST(no_amount_overflows_and_negative_ones_count_as_nothing)
{
    struct dvara_facts facts = facts_of(INT64_MAX);
    struct bundle_model model = model_of();
    model.input = model.output = model.request = INT64_MAX;
    facts.request.max_tokens = (struct dvara_opt_int){true, INT64_MAX};
    facts.request.n = (struct dvara_opt_int){true, INT64_MAX};
    ck_assert_int_eq(estimate_price(&facts, &model), INT64_MAX);
    facts = facts_of(-5);
    model = model_of();
    facts.request.max_tokens = (struct dvara_opt_int){true, -5};
    ck_assert_int_eq(estimate_price(&facts, &model), 0);
}

TEST(a_request_needs_what_it_holds)
{
    static const struct dvara_tool tools[] = {{.name = DVARA_STR_INIT("f")}};
    static const struct dvara_str opaque[] = {DVARA_STR_INIT("image"), DVARA_STR_INIT("audio")};
    struct dvara_facts facts = facts_of(0);
    ck_assert_uint_eq(estimate_needs(&facts), 0);
    facts.request.tools = (struct dvara_tools){tools, 1};
    ck_assert_uint_eq(estimate_needs(&facts), 1u << DVARA_CAPABILITY_TOOLS);
    facts.request.opaque = (struct dvara_strs){opaque, 2};
    facts.request.response_format = DVARA_STR("json_schema");
    ck_assert_uint_eq(estimate_needs(&facts), (1u << DVARA_CAPABILITY_COUNT) - 1);
}

SUITE(a_price_is_the_prompt_and_what_the_answer_may_be,
      requests_and_images_have_prices_of_their_own, part_of_a_micro_dollar_is_one,
      what_is_not_declared_is_unpriced_but_embeddings_need_no_output_price,
      no_amount_overflows_and_negative_ones_count_as_nothing, a_request_needs_what_it_holds)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/paths.h"

#include "unit/suite.h"

static enum gateway_error_id refusal(const char *method_cstr, const char *path_cstr)
{
    const struct path_row *row;
    struct dvara_str rest;
    struct gateway_error error;
    if (path_find(dvara_str_from_cstr(method_cstr), dvara_str_from_cstr(path_cstr), &row, &rest,
                  &error))
        return GATEWAY_ERROR_COUNT;
    return error.id;
}

TEST(served_paths_are_found)
{
    ck_assert_int_eq(refusal("POST", "/v1/chat/completions"), GATEWAY_ERROR_COUNT);
    ck_assert_int_eq(refusal("POST", "/v1/v1/chat/completions"), GATEWAY_ERROR_COUNT);
    ck_assert_int_eq(refusal("GET", "/v1/models"), GATEWAY_ERROR_COUNT);
    ck_assert_int_eq(refusal("GET", "/healthz"), GATEWAY_ERROR_COUNT);
}

TEST(a_model_id_may_hold_slashes)
{
    const struct path_row *row;
    struct dvara_str rest;
    struct gateway_error error;
    ck_assert(
        path_find(DVARA_STR("GET"), DVARA_STR("/v1/models/openai/gpt-4o"), &row, &rest, &error));
    ck_assert(dvara_str_eq(rest, DVARA_STR("openai/gpt-4o")));
}

TEST(a_path_that_is_not_plain_is_refused_before_anything_else)
{
    static const char *const paths[] = {"/v1/chat%2fcompletions", "//v1/models",   "/v1//models",
                                        "/v1/./models",           "/v1/../models", "/v1/models/..",
                                        "/v1/models;x",           "/v1\\models",   "/."};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        ck_assert_int_eq(refusal("GET", paths[i]), GATEWAY_ERROR_INVALID_PATH);
}

TEST(other_paths_are_not_found_with_a_sentence)
{
    ck_assert_int_eq(refusal("POST", "/v1/chat/completions/"), GATEWAY_ERROR_NOT_FOUND);
    ck_assert_int_eq(refusal("GET", "/v1/models/"), GATEWAY_ERROR_NOT_FOUND);
    ck_assert_int_eq(refusal("POST", "/v1/responses"), GATEWAY_ERROR_NOT_FOUND);
    ck_assert_int_eq(refusal("GET", "/"), GATEWAY_ERROR_NOT_FOUND);
    ck_assert_int_eq(refusal("GET", "/v1/v1/v1/models"), GATEWAY_ERROR_NOT_FOUND);
    ck_assert_int_eq(refusal("GET", "/v1/modelsx"), GATEWAY_ERROR_NOT_FOUND);
}

TEST(another_method_is_not_allowed)
{
    ck_assert_int_eq(refusal("GET", "/v1/chat/completions"), GATEWAY_ERROR_METHOD_NOT_ALLOWED);
    ck_assert_int_eq(refusal("post", "/v1/chat/completions"), GATEWAY_ERROR_METHOD_NOT_ALLOWED);
    ck_assert_int_eq(refusal("DELETE", "/v1/models/x"), GATEWAY_ERROR_METHOD_NOT_ALLOWED);
}

SUITE(served_paths_are_found, a_model_id_may_hold_slashes,
      a_path_that_is_not_plain_is_refused_before_anything_else,
      other_paths_are_not_found_with_a_sentence, another_method_is_not_allowed)

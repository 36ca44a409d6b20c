/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/chat/error.h"

#include "unit/suite.h"

TEST(the_type_is_the_class_of_the_status)
{
    static const struct {
        int status;
        const char *type;
    } rows[] = {{400, "invalid_request_error"},
                {401, "authentication_error"},
                {402, "billing_error"},
                {403, "permission_error"},
                {404, "not_found_error"},
                {405, "invalid_request_error"},
                {413, "request_too_large"},
                {415, "invalid_request_error"},
                {429, "rate_limit_error"},
                {431, "invalid_request_error"},
                {500, "api_error"},
                {502, "api_error"},
                {503, "overloaded_error"},
                {504, "timeout_error"},
                {507, "api_error"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        ck_assert(dvara_str_eq(chat_error_type(rows[i].status), dvara_str_from_cstr(rows[i].type)));
}

SUITE(the_type_is_the_class_of_the_status)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/chat/error.h"

#include <stddef.h>

struct dvara_str chat_error_type(int status)
{
    static const struct {
        int status;
        struct dvara_str type;
    } rows[] = {
        {401, {"authentication_error", 20}},
        {402, {"billing_error", 13}},
        {403, {"permission_error", 16}},
        {404, {"not_found_error", 15}},
        {413, {"request_too_large", 17}},
        {429, {"rate_limit_error", 16}},
        {500, {"api_error", 9}},
        {502, {"api_error", 9}},
        {503, {"overloaded_error", 16}},
        {504, {"timeout_error", 13}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].status == status)
            return rows[i].type;
    return status >= 500 ? DVARA_STR("api_error") : DVARA_STR("invalid_request_error");
}

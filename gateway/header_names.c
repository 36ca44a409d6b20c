/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/header_names.h"

#include "gateway/http/head.h"

static const struct {
    struct dvara_str name;
    bool is_credential, is_hop;
} rows[] = {
#define HEADER_NAME(name, credential, hop) {DVARA_STR_INIT(name), credential, hop},
#include "gateway/header_names.def"
};

bool header_is_credential(struct dvara_str name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].is_credential && http_name_eq(name, rows[i].name))
            return true;
    return false;
}

bool header_is_hop(struct dvara_str name)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].is_hop && http_name_eq(name, rows[i].name))
            return true;
    return false;
}

bool header_is_passed(struct dvara_str name)
{
    return http_name_eq(name, DVARA_STR("openai-beta"));
}

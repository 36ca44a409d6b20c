/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/errors.h"

#include <assert.h>

enum { NO, MAY };
/* A wait that no client sits out by itself (G8). */
enum { LONG_WAIT_MS = 60 * 1000 };

static const struct gateway_error_row rows[GATEWAY_ERROR_COUNT] = {
#define ERROR(row, http, word, retry, sentence)                                                    \
    [GATEWAY_ERROR_##row] = {.name = {#row, sizeof(#row) - 1},                                     \
                             .status = http,                                                       \
                             .code = {word, sizeof(word) - 1},                                     \
                             .may_retry = retry == MAY,                                            \
                             .message = {sentence, sizeof(sentence) - 1}},
#include "gateway/errors.def"
};

const struct gateway_error_row *gateway_error_row(enum gateway_error_id id)
{
    assert(id < GATEWAY_ERROR_COUNT);
    return &rows[id];
}

enum gateway_error_id gateway_error_of_code(struct dvara_str code)
{
    for (size_t i = 0; i < GATEWAY_ERROR_COUNT; i++)
        if (dvara_str_eq(rows[i].code, code))
            return (enum gateway_error_id)i;
    return GATEWAY_ERROR_INTERNAL_ERROR;
}

int gateway_error_status(const struct gateway_error *error)
{
    return error->status ? error->status : rows[error->id].status;
}

struct dvara_str gateway_error_code(const struct gateway_error *error)
{
    return dvara_str_is_absent(error->code) ? rows[error->id].code : error->code;
}

bool gateway_error_is_final(const struct gateway_error *error)
{
    return !rows[error->id].may_retry || error->retry_after_ms > LONG_WAIT_MS;
}

struct chat_error gateway_error_chat(const struct gateway_error *error, struct dvara_str trace_id)
{
    return (struct chat_error){
        .status = gateway_error_status(error),
        .code = gateway_error_code(error),
        .message = dvara_str_is_absent(error->message) ? rows[error->id].message : error->message,
        .param = error->param,
        .trace_id = trace_id,
        .rule = error->rule,
    };
}

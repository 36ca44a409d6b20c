/* SPDX-License-Identifier: Apache-2.0 */
/* The errors the gateway answers with: rows of errors.def. The dialect words their bodies. */
#ifndef GATEWAY_ERRORS_H
#define GATEWAY_ERRORS_H

#include "gateway/chat/error.h"

#include <stdbool.h>
#include <stdint.h>

enum gateway_error_id {
#define ERROR(id, status, code, retry, message) GATEWAY_ERROR_##id,
#include "gateway/errors.def"
    GATEWAY_ERROR_COUNT
};

struct gateway_error_row {
    struct dvara_str name;
    int status;
    struct dvara_str code;
    bool may_retry;
    struct dvara_str message;
};
const struct gateway_error_row *gateway_error_row(enum gateway_error_id id);
/* The row with this code, or INTERNAL_ERROR. */
enum gateway_error_id gateway_error_of_code(struct dvara_str code);

/* One error to answer with. Zero or absent members take the row's value. Everything is borrowed. */
struct gateway_error {
    enum gateway_error_id id;
    int status;               /* a rule's own */
    struct dvara_str code;    /* a rule's own */
    struct dvara_str message; /* UTF-8 */
    struct dvara_str param;   /* absent: null */
    struct dvara_str rule;    /* absent: left out */
    uint64_t retry_after_ms;  /* 0: none */
};
int gateway_error_status(const struct gateway_error *error);
struct dvara_str gateway_error_code(const struct gateway_error *error);
/* Carries `x-should-retry: false`: no retry can help, or the wait is over a minute (G8). */
bool gateway_error_is_final(const struct gateway_error *error);

/* What the dialect writes. */
struct chat_error gateway_error_chat(const struct gateway_error *error, struct dvara_str trace_id);

#endif

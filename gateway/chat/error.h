/* SPDX-License-Identifier: Apache-2.0 */
/* Errors as the client's dialect words them. The code says what, the type is the class by status.
 */
#ifndef GATEWAY_CHAT_ERROR_H
#define GATEWAY_CHAT_ERROR_H

#include "dvara/str.h"

struct buf;

struct chat_error {
    int status; /* HTTP */
    struct dvara_str code, message;
    struct dvara_str param;    /* absent: null */
    struct dvara_str trace_id; /* absent: left out */
    struct dvara_str rule;     /* absent: left out */
    struct dvara_str approval; /* an object as raw JSON; absent: left out */
};

/* The class of a status: invalid_request_error, authentication_error … Static. */
struct dvara_str chat_error_type(int status);

#endif

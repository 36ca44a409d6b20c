/* SPDX-License-Identifier: Apache-2.0 */
/* Why a body was refused, in the words of the error table: filled with DVARA_INVALID or
 * DVARA_TOO_LARGE. Slices are static or live in the exchange's arena; nothing of the client's
 * content stands in them but parameter names. */
#ifndef GATEWAY_CHAT_REFUSAL_H
#define GATEWAY_CHAT_REFUSAL_H

#include "dvara/str.h"

struct chat_refusal {
    struct dvara_str
        code; /* "invalid_json", "missing_parameter", "invalid_parameter", "too_many_items" */
    struct dvara_str param;   /* "messages[3].role"; absent if none */
    struct dvara_str message; /* what to do */
};

#endif

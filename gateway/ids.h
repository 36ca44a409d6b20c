/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers of one exchange: ours, and those a client may bring. */
#ifndef GATEWAY_IDS_H
#define GATEWAY_IDS_H

#include "base/arena.h"
#include "gateway/http/head.h"

enum { IDS_TRACE_MAX = 128, IDS_SESSION_MAX = 128 };

/* "req_" and 32 hexadecimal digits: unique, and no secret. `seed` is random, `count` differs for
 * every call with one seed. */
struct dvara_str ids_request(struct arena *arena, const uint64_t seed[2], uint64_t count);

/* X-Trace-ID when it is [A-Za-z0-9._:-]{1,128}, else the trace id of a well-formed traceparent (W3C
 * Trace Context, version 00), else `fallback`. A slice of the head or the fallback. */
struct dvara_str ids_trace(const struct http_head *head, struct dvara_str fallback);

/* 1 to 128 visible ASCII characters. */
bool ids_session_is_valid(struct dvara_str session);

#endif

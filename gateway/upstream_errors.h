/* SPDX-License-Identifier: Apache-2.0 */
/* What a failure of an upstream is to our client: its own body is never passed on, only what the
 * table makes of it. Tables: upstream_statuses.def, upstream_failures.def. */
#ifndef GATEWAY_UPSTREAM_ERRORS_H
#define GATEWAY_UPSTREAM_ERRORS_H

#include "base/arena.h"
#include "gateway/errors.h"
#include "gateway/exchange.h"
#include "gateway/upstream/call.h"

/* Why an attempt did not give an answer. */
struct attempt_failure {
    uint32_t classes;           /* bits 1 << enum dvara_retry_class */
    int status;                 /* of the upstream's answer; 0: none */
    struct gateway_error error; /* what the client gets if nothing else is tried */
    enum exchange_outcome outcome;
};

/* An answer with a status other than 200. Of the body only a plain `param`, and the codes for a
 * context overflow and a content filter, are looked at. */
struct attempt_failure upstream_error_of_status(int status, struct dvara_str body,
                                                uint64_t retry_after_ms, struct arena *arena);
struct attempt_failure upstream_error_of_failure(enum upstream_failure failure);
/* An answer that cannot be used: a 200 that is no JSON, an in-stream error before content (G4). */
struct attempt_failure upstream_error_bad_answer(void);
/* A stream that ended cleanly without content: as if it was reset (G4). */
struct attempt_failure upstream_error_empty(void);

/* The wait an answer asks for: retry-after-ms, else retry-after in seconds; 0 when it says none
 * that we can read. At most a minute. */
uint64_t upstream_error_wait_ms(const struct http_head *head);

#endif

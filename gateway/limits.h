/* SPDX-License-Identifier: Apache-2.0 */
/* The ceilings of the edge: each a named constant with its reason. */
#ifndef GATEWAY_LIMITS_H
#define GATEWAY_LIMITS_H

#include <stddef.h>
#include <stdint.h>

#define LIMIT_SECOND_NS ((uint64_t)1000000000)

enum {
    LIMIT_BODY_BYTES = 32 * 1024 * 1024,   /* the most a request body may be: images in base64 */
    LIMIT_STREAM_QUEUE_BYTES = 256 * 1024, /* queued to one client before its upstream is paused */
    LIMIT_DISCARD_BYTES =
        64 * 1024, /* of a refused body, read and dropped to keep the connection */
    LIMIT_LINGER_BYTES =
        256 * 1024, /* read and dropped before closing, so that the answer arrives */
    LIMIT_LINGER_SECONDS = 2,
    LIMIT_READ_BYTES = 64 * 1024, /* one read */
    LIMIT_TURNS = 8,              /* reads of one connection before others have a turn */
    LIMIT_CONNECTIONS = 10000,
    LIMIT_UPSTREAM_HEAD_BYTES = 32 * 1024, /* providers send long security policies and cookies */
    LIMIT_UPSTREAM_IDLE = 128,             /* kept idle connections a target and worker */
    LIMIT_UPSTREAM_IDLE_SECONDS = 50, /* under the 60 s after which common load balancers close */
    LIMIT_INFORMATIONAL_HEADS = 8,    /* 1xx answers before the real one */
};
#define LIMIT_BUFFERED_BYTES ((size_t)512 * 1024 * 1024) /* bodies of the whole process */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* One strict parser for HTTP/1.1 request and response heads (RFC 9110, 9112), over borrowed bytes:
 * every slice of a parsed head points into the bytes given. Stricter than the RFC wherever two
 * readers could see two different messages; refusals.def names each reason. */
#ifndef GATEWAY_HTTP_HEAD_H
#define GATEWAY_HTTP_HEAD_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    HTTP_MAX_FIELDS = 100,           /* real clients send under 30 */
    HTTP_MAX_HEAD_BYTES = 16 * 1024, /* the empty line included */
};

enum http_refusal {
#define HTTP_REFUSAL(name, status, code, sentence) HTTP_REFUSAL_##name,
#include "gateway/http/refusals.def"
    HTTP_REFUSAL_COUNT
};

/* The row of refusals.def. */
struct http_refusal_row {
    const char *name_cstr;
    int status;
    struct dvara_str code;
    struct dvara_str sentence;
};
const struct http_refusal_row *http_refusal_row(enum http_refusal refusal);

enum http_framing {
    HTTP_FRAMING_NONE,
    HTTP_FRAMING_LENGTH,
    HTTP_FRAMING_CHUNKED,
    HTTP_FRAMING_UNTIL_CLOSE, /* responses only */
};

struct http_field {
    struct dvara_str name;
    struct dvara_str value; /* without the white space around it */
};

struct http_head {
    struct dvara_str method;    /* requests */
    struct dvara_str target;    /* as sent */
    struct dvara_str authority; /* of an absolute target; absent for a path */
    struct dvara_str path;      /* raw, from its first '/', without the query */
    struct dvara_str query;     /* raw, after the '?'; absent when there is none */
    struct dvara_str host;      /* the Host field; absent only on 1.0 */
    struct dvara_str reason;    /* responses */
    int status;                 /* responses: 100..599 */
    int minor;                  /* HTTP/1.minor: 0 or 1 */
    bool keep_alive;            /* another message may follow on the connection */
    bool expects_continue;      /* the client waits for 100 Continue */
    enum http_framing framing;
    uint64_t content_length; /* when framing is LENGTH */
    size_t field_count;
    struct http_field fields[HTTP_MAX_FIELDS]; /* only the first field_count are set */
};

/* Looks for the end of the head in `bytes`, which start at its first byte. *scanned is 0 at first
 * and is kept between calls as bytes arrive (no byte is looked at twice). *ret_end is the length of
 * the head with its empty line, or 0 while it is incomplete. Refuses bare LF, an empty first line
 * and a head over max_bytes as soon as they are seen. */
enum http_refusal http_head_find_end(struct dvara_str bytes, size_t max_bytes, size_t *scanned,
                                     size_t *ret_end);

/* Parses one whole head, empty line included. On a refusal *head holds nothing of use. */
enum http_refusal http_head_parse_request(struct dvara_str bytes, struct http_head *head);
/* `to_head`: the answer is to a HEAD request and has no body. */
enum http_refusal http_head_parse_response(struct dvara_str bytes, bool to_head,
                                           struct http_head *head);

/* The first field of that name (any case) at or after index `from`; NULL when there is none. */
const struct http_field *http_head_find(const struct http_head *head, struct dvara_str name,
                                        size_t from);
/* The value of the first field of that name; absent when there is none. */
struct dvara_str http_head_value(const struct http_head *head, struct dvara_str name);

/* ASCII only, any case. The first letter settles nearly all comparisons without a call. */
bool http_name_eq_whole(struct dvara_str a, struct dvara_str b);
static inline bool http_name_eq(struct dvara_str a, struct dvara_str b)
{
    return a.n == b.n &&
           (a.n == 0 || (((a.p[0] ^ b.p[0]) & ~0x20) == 0 && http_name_eq_whole(a, b)));
}

#endif

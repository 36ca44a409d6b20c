/* SPDX-License-Identifier: Apache-2.0 */
/* Writes heads. Whatever the caller passes, the result is one well-formed head: bytes that may not
 * stand in a field value are written as spaces, a field whose name is no token is left out. */
#ifndef GATEWAY_HTTP_HEAD_WRITE_H
#define GATEWAY_HTTP_HEAD_WRITE_H

#include "base/buf.h"
#include "gateway/http/head.h"

/* "POST /v1/x HTTP/1.1", Host, the fields, Content-Length (body_length >= 0; -1 leaves it out) and
 * the empty line. The caller's fields must not hold host, content-length, transfer-encoding or
 * connection: those are left out. */
void http_write_request_head(struct buf *out, struct dvara_str method, struct dvara_str target,
                             struct dvara_str host, const struct http_field *fields, size_t count,
                             int64_t body_length);

/* Its first two lines; any fields may follow (http_write_fields). */
void http_begin_request_head(struct buf *out, struct dvara_str method, struct dvara_str target,
                             struct dvara_str host);
/* Content-Length and the empty line. */
void http_end_request_head(struct buf *out, int64_t body_length);

/* "HTTP/1.1 200 OK", without the empty line. */
void http_write_status_line(struct buf *out, int status);
/* "name: value". */
void http_write_field(struct buf *out, struct dvara_str name, struct dvara_str value);
/* The fields but those that frame the message (see above). */
void http_write_fields(struct buf *out, const struct http_field *fields, size_t count);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The answer to the request under way on a connection. Bytes are queued and go out together once
 * the present event is done. None of these calls back into the handler. After the client left
 * (on_gone) none may be called. */
#ifndef GATEWAY_HTTP_REPLY_H
#define GATEWAY_HTTP_REPLY_H

#include "gateway/http/conn.h"

/* A whole answer with Content-Length; the bytes are copied. `fields` must not hold connection,
 * content-length, transfer-encoding or date: those are the edge's. Ends the request. */
void http_reply_send(struct http_conn *conn, int status, const struct http_field *fields,
                     size_t count, struct dvara_str body);

/* An answer in pieces: start, write any number of times, end. Chunked on HTTP/1.1, until close on
 * HTTP/1.0. */
void http_reply_start(struct http_conn *conn, int status, const struct http_field *fields,
                      size_t count);
/* Queues bytes (copied) and returns how many are queued now: over LIMIT_STREAM_QUEUE_BYTES, pause
 * the source until on_writable. Empty bytes are nothing. */
size_t http_reply_write(struct http_conn *conn, struct dvara_str bytes);
/* Ends the request. */
void http_reply_end(struct http_conn *conn);
/* The same with one field behind the body, where the answer is chunked. The head has to have named
 * it in `trailer`. */
void http_reply_end_with(struct http_conn *conn, const struct http_field *trailer);

/* A reply has been started (or was sent whole). */
bool http_reply_is_started(const struct http_conn *conn);

#endif

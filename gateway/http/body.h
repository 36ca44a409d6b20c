/* SPDX-License-Identifier: Apache-2.0 */
/* The body of a message, decoded as it arrives, for both directions; and the chunk encoder. */
#ifndef GATEWAY_HTTP_BODY_H
#define GATEWAY_HTTP_BODY_H

#include "base/buf.h"
#include "gateway/http/head.h"

enum {
    HTTP_MAX_CHUNK_EXTENSION_BYTES = 256, /* nobody we know sends any; counted per body */
    HTTP_MAX_TRAILER_BYTES = 4 * 1024,    /* read, checked and dropped */
};

/* Set up by http_body_init; the fields are the decoder's own but for `done`. */
struct http_body {
    enum http_framing framing;
    uint8_t state;
    bool done; /* the body is complete; bytes after it belong to the next message */
    uint8_t size_digits;
    uint64_t left; /* bytes to come of the body or of this chunk */
    size_t spent;  /* bytes of extensions, or of the trailer */
    size_t line;   /* length of the present trailer line */
};

void http_body_init(struct http_body *body, const struct http_head *head);

/* Takes a step through `bytes`: *ret_used bytes were consumed, and *ret_data is a slice of them to
 * deliver (often empty). Call again while bytes are left and the body is not done. */
enum http_refusal http_body_step(struct http_body *body, struct dvara_str bytes, size_t *ret_used,
                                 struct dvara_str *ret_data);

/* The connection ended: NONE when the body is complete by that, else TRUNCATED. */
enum http_refusal http_body_closed(struct http_body *body);

/* "size CRLF data CRLF"; nothing for empty data (which would end the body). */
void http_chunk_write(struct buf *out, struct dvara_str data);
/* "0 CRLF", the trailer's field or none (NULL), "CRLF". */
void http_chunk_end(struct buf *out, const struct http_field *trailer);

#endif

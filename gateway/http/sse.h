/* SPDX-License-Identifier: Apache-2.0 */
/* Server-sent events (the WHATWG HTML standard, "Interpreting an event stream"), both directions.
 * The decoder takes bytes in any cuts and yields each event that has data, once, in order. */
#ifndef GATEWAY_HTTP_SSE_H
#define GATEWAY_HTTP_SSE_H

#include "base/buf.h"
#include "dvara/status.h"
#include "dvara/str.h"

#include <stdbool.h>

/* One event; slices are valid until the decoder's next call. */
struct sse_event {
    struct dvara_str type; /* of `event:`; absent if none */
    struct dvara_str id;   /* of `id:`; absent if none */
    struct dvara_str data; /* the data lines joined with LF */
};

struct sse_decoder {
    struct buf bytes;   /* input not yet consumed */
    struct buf data;    /* of an event with several data lines */
    size_t event_start; /* the event being read */
    size_t line_start;
    size_t scan; /* bytes before it hold no line end past line_start */
    size_t max_event;
    bool started; /* the byte order mark was looked for */
    bool skip_lf; /* the last line ended with CR: an LF belongs to it */
};

/* An event (all its lines) over max_event bytes is refused. */
void sse_decoder_init(struct sse_decoder *decoder, size_t max_event);
void sse_decoder_clear(struct sse_decoder *decoder);

/* Takes bytes; then call sse_next until it says AGAIN. TOO_LARGE or NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status sse_feed(struct sse_decoder *decoder, struct dvara_str bytes);
/* OK with an event, AGAIN when more bytes are needed, TOO_LARGE. Comments and events without data
 * are passed over. */
DVARA_MUST_CHECK enum dvara_status sse_next(struct sse_decoder *decoder,
                                            struct sse_event *ret_event);
/* Bytes of an event that has begun and not ended: at the end of the stream it was cut. */
size_t sse_unfinished(const struct sse_decoder *decoder);

/* Appends one event. type may be absent, and holds no line ends. */
void sse_write(struct buf *out, struct dvara_str type, struct dvara_str data);
/* Appends ": text" and a blank line; text holds no line ends. */
void sse_write_comment(struct buf *out, struct dvara_str text);

#endif

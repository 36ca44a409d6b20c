/* SPDX-License-Identifier: Apache-2.0 */
/* RELAY: a provider's answer on its way to the client. */
#ifndef GATEWAY_RELAY_H
#define GATEWAY_RELAY_H

#include "gateway/exchange_state.h"

/* A whole answer (x->attempt.answer) has arrived: judges, edits, records and sends it, or fails the
 * attempt. Ends the exchange, or starts the next attempt. */
void relay_whole(struct exchange *x);
/* The turn's part (turn.h): the response is recorded, or not. Sends the answer and ends. */
void relay_whole_recorded(struct exchange *x, bool is_recorded);

/* Before the first attempt of a streamed request: what outlives a single attempt. False: out of
 * memory. */
bool relay_stream_open(struct exchange *x);
/* A stream begins (status 200, server-sent events). False: out of memory. */
bool relay_stream_begin(struct exchange *x);
/* Bytes of it. May end the exchange. */
void relay_stream_bytes(struct exchange *x, struct dvara_str bytes);
/* The upstream has ended it. Ends the exchange or starts the next attempt. */
void relay_stream_end(struct exchange *x);
/* The present attempt's stream is dropped: nothing of it was relayed. */
void relay_stream_drop(struct exchange *x);
/* Something of the content was relayed: no other attempt is possible. */
bool relay_stream_has_begun(const struct exchange *x);
/* The answer is complete for the client; the upstream's end is only awaited. */
bool relay_stream_is_over(const struct exchange *x);
/* Headers are out: ends the stream with an in-stream error (never a false finish or [DONE]). */
void relay_stream_fail(struct exchange *x, const struct gateway_error *error);
/* The client's queue has room again. */
void relay_stream_writable(struct exchange *x);
void relay_stream_free(struct exchange *x);

struct relay_scratch;
void relay_scratch_free(struct relay_scratch *scratch); /* a worker's; NULL is nothing */

#endif

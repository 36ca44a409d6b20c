/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulator shall answer: the echo of the last user message, or a row of a script
 * (docs/gateway/simulator.md). */
#ifndef GATEWAY_PROVIDER_SIMULATOR_SCRIPT_H
#define GATEWAY_PROVIDER_SIMULATOR_SCRIPT_H

#include "base/arena.h"
#include "gateway/chat/request.h"
#include "gateway/config.h"

enum { SIMULATOR_CALLS_MAX = 16, SIMULATOR_CHOICES_MAX = 8 };

struct simulator_tool_call {
    struct dvara_str id, name, arguments;
};

struct simulator_answer {
    struct dvara_str text, reasoning, refusal,
        finish_reason; /* absent: none; finish_reason: "stop" */
    struct simulator_tool_call calls[SIMULATOR_CALLS_MAX];
    size_t n_calls;
    int64_t status; /* of the answer; other than 200 an error */
    struct dvara_str code, param, body;
    int64_t retry_after_ms;                   /* 0: none */
    int64_t latency_ms, interval_ms;          /* to the head, between events */
    int64_t chunk_bytes;                      /* of text in an event; never splits a code point */
    int64_t prompt_tokens, completion_tokens; /* -1: counted, four bytes a token */
    int64_t cut_after;                        /* events; then the connection breaks. -1: never */
    int64_t error_after;                      /* events; then an in-stream error. -1: never */
    bool no_done;                             /* the stream ends without [DONE] */
    bool garbage;                             /* an event that is no JSON comes in between */
};

/* Chooses and reads the row for this request; everything lives in the arena. A script that cannot
 * be read answers with status 500 and says why. */
struct simulator_answer simulator_answer_for(const struct config_provider *provider,
                                             const struct chat_request *request,
                                             struct arena *arena);

#endif

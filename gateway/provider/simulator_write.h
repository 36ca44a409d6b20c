/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a simulated answer, in the dialect of OpenAI's chat completions. */
#ifndef GATEWAY_PROVIDER_SIMULATOR_WRITE_H
#define GATEWAY_PROVIDER_SIMULATOR_WRITE_H

#include "base/buf.h"
#include "gateway/provider/simulator_script.h"

struct simulator_writer {
    const struct simulator_answer *answer;
    struct dvara_str model;
    int64_t created;
    int64_t prompt_tokens, completion_tokens;
    int64_t n; /* choices, 1 … SIMULATOR_CHOICES_MAX */
    bool include_usage;
    /* Where the stream stands. */
    int stage;
    size_t offset, call;
    int64_t events;
};

void simulator_writer_init(struct simulator_writer *writer, const struct simulator_answer *answer,
                           const struct chat_request *request, int64_t now_s);
/* The whole answer, or the error's body. */
void simulator_write_whole(const struct simulator_writer *writer, struct buf *out);
/* The next step of the stream (one event for each choice). False: that was all. */
bool simulator_write_next(struct simulator_writer *writer, struct buf *out);

#endif

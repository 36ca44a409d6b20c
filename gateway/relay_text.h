/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of answers that are whole: redaction, restoring of tokens, and the judgement of a tool
 * call. */
#ifndef GATEWAY_RELAY_TEXT_H
#define GATEWAY_RELAY_TEXT_H

#include "gateway/chat/answer.h"
#include "gateway/exchange_state.h"

/* One text to edit. */
struct relay_source {
    const struct dvara_leaf *leaf;
    enum dvara_phase phase; /* TOOL or RESPONSE: whose rules hold */
    size_t index;           /* of the leaf in the phase's facts; RELAY_ALONE: it is none of them */
    bool restores;
};
#define RELAY_ALONE SIZE_MAX

/* Redacts by the styles that stand for the phase, then restores tokens. Appends the result to out;
 * *ret_changed says whether it differs. False: the text cannot be scanned (the caller fails closed)
 * or memory is short. `fixed` texts may not change: a span in one is a failure. */
bool relay_text(struct exchange *x, const struct relay_source *source, struct buf *out,
                bool *ret_changed);

/* Does anything change a text of `where`? */
bool relay_text_is_edited(const struct exchange *x, enum dvara_where where);

/* The tool rules on one complete call. True: it may pass. False: *ret_error. */
bool relay_judge_call(struct exchange *x, struct dvara_str name, struct dvara_str arguments,
                      struct dvara_leaves leaves, struct gateway_error *ret_error);

/* Usage and finish reason into the view: set, never added; what is absent stays. */
void relay_note_usage(struct exchange *x, const struct chat_usage *usage);
/* Without a word from the provider: counted over the bytes seen, and flagged. */
void relay_estimate_usage(struct exchange *x, size_t text_bytes);

/* Fills facts->response and runs the response phase. True: the answer may pass. */
bool relay_judge_answer(struct exchange *x, struct dvara_str text, struct dvara_str finish_reason,
                        struct dvara_leaves leaves);

/* The same at the end of a stream: what `on_stream notify` marks passes; the first such rule, or
 * UINT32_MAX, in *ret_late. */
bool relay_judge_stream(struct exchange *x, struct dvara_str text, struct dvara_leaves leaves,
                        uint32_t *ret_late);

#endif

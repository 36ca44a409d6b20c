/* SPDX-License-Identifier: Apache-2.0 */
/* The dialect of OpenAI's chat completions: bodies and stream events to the canonical form, and
 * what the gateway itself has to say in it. */
#ifndef GATEWAY_DIALECT_OPENAI_CHAT_H
#define GATEWAY_DIALECT_OPENAI_CHAT_H

#include "gateway/chat/answer.h"
#include "gateway/chat/edit.h"
#include "gateway/chat/error.h"
#include "gateway/chat/refusal.h"
#include "gateway/chat/request.h"

/* INVALID or TOO_LARGE with ret_refusal filled; NO_MEMORY. `doc` must live as long as the request.
 */
DVARA_MUST_CHECK enum dvara_status openai_chat_request(const struct json_doc *doc,
                                                       struct arena *arena,
                                                       struct chat_request *ret_request,
                                                       struct chat_refusal *ret_refusal);
/* A refusal for a body that json_parse did not take. */
struct chat_refusal chat_refusal_of_json(const struct json_error *error, enum dvara_status status,
                                         struct arena *arena);

/* A whole answer. INVALID: it is no chat completion (a 200 that cannot be relayed). Arguments that
 * are no I-JSON are not refused: the call's `nested` says so. */
DVARA_MUST_CHECK enum dvara_status
openai_chat_answer(const struct json_doc *doc, struct arena *arena, struct chat_answer *ret_answer);
/* The same without texts and tool calls: for an answer that nothing judges or edits. */
DVARA_MUST_CHECK enum dvara_status openai_chat_outline(const struct json_doc *doc,
                                                       struct arena *arena,
                                                       struct chat_answer *ret_answer);
/* One stream event's data (not [DONE]); fragments of arguments are leaves of channel ARGUMENTS. */
DVARA_MUST_CHECK enum dvara_status
openai_chat_chunk(const struct json_doc *doc, struct arena *arena, struct chat_answer *ret_chunk);

/* The splices that the gateway makes to a passing body. */
DVARA_MUST_CHECK enum dvara_status openai_chat_set_model(struct chat_editor *editor,
                                                         const struct chat_request *request,
                                                         struct dvara_str model);
/* stream_options.include_usage becomes true; nothing when it is, or when the request does not
 * stream. */
DVARA_MUST_CHECK enum dvara_status openai_chat_ask_usage(struct chat_editor *editor,
                                                         const struct chat_request *request);
/* Every bound the client sent becomes `value`; max_completion_tokens is inserted when there is
 * none. */
DVARA_MUST_CHECK enum dvara_status openai_chat_set_max_tokens(struct chat_editor *editor,
                                                              const struct chat_request *request,
                                                              int64_t value);
DVARA_MUST_CHECK enum dvara_status openai_chat_set_temperature(struct chat_editor *editor,
                                                               const struct chat_request *request,
                                                               double value);
DVARA_MUST_CHECK enum dvara_status openai_chat_set_user(struct chat_editor *editor,
                                                        const struct chat_request *request,
                                                        struct dvara_str user);

/* {"error":{…}} */
void openai_chat_write_error(struct buf *out, const struct chat_error *error);
/* The same as a stream event ("data: …", blank line). */
void openai_chat_write_error_event(struct buf *out, const struct chat_error *error);
/* The event that ends a choice by policy: finish_reason "content_filter", an empty delta. */
struct openai_chat_stream_id {
    struct dvara_str id, model;
    int64_t created;
};
void openai_chat_write_filter_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                    uint32_t choice);
/* An event with one text of our own in a choice: what was held back of an ended upstream event, in
 * the field of its channel (openai_chat_ways.def). `part`: the call or the part of reasoning. */
void openai_chat_write_text_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                  uint32_t choice, enum chat_channel channel, uint32_t part,
                                  struct dvara_str text);
/* The same in a member that the dialect does not know: the JSON of the delta before and behind the
 * string. */
void openai_chat_write_member_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                    uint32_t choice, struct dvara_str before, struct dvara_str text,
                                    struct dvara_str after);
/* An event with one whole call, spelled in its form. */
void openai_chat_write_call_event(struct buf *out, const struct openai_chat_stream_id *stream,
                                  const struct chat_call *call);
/* A whole answer with this one call and nothing else. */
void openai_chat_write_call_answer(struct buf *out, const struct chat_call *call);
/* "data: [DONE]" and a blank line. */
void openai_chat_write_done(struct buf *out);

#endif

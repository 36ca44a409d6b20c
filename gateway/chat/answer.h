/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical answer: a whole one, or one event of a stream. Slices point into the body or the
 * arena. */
#ifndef GATEWAY_CHAT_ANSWER_H
#define GATEWAY_CHAT_ANSWER_H

#include "gateway/chat/leaves.h"

/* Absent counts are not zero. Counts are as the provider said them. */
struct chat_usage {
    bool has;
    struct dvara_opt_int prompt_tokens, completion_tokens, total_tokens;
    struct dvara_opt_int cached_tokens, cache_write_tokens, reasoning_tokens;
    uint32_t node;
};

/* How an answer spells a call. A fragment that does not say is a FUNCTION. */
enum chat_call_form {
    CHAT_CALL_FUNCTION,
    CHAT_CALL_CUSTOM, /* its arguments are any text */
    CHAT_CALL_OLDER,  /* `function_call`: one in a message, without number and id */
    CHAT_CALL_FORM_COUNT
};

/* A tool call of an answer, or a fragment of one in a stream event. */
struct chat_call {
    uint32_t choice;
    uint32_t index; /* the call's number in its message */
    enum chat_call_form form;
    struct dvara_str id;        /* absent in later fragments */
    struct dvara_str name;      /* absent in later fragments */
    struct dvara_str arguments; /* decoded text, or the fragment of it; raw JSON where the provider
                                 * sent no string; absent if none */
    uint32_t node;              /* the call's object */
    uint32_t arguments_node;    /* the string; JSON_NONE if there is none */
    uint32_t nested; /* whole answers: the index in leaves.nested; CHAT_OUTER: the text is
                      * no I-JSON (an evaluation error), there is none, or it is a fragment */
};

struct chat_choice {
    uint32_t index;                 /* the number that the provider gave it */
    uint32_t node;                  /* the choice's object */
    uint32_t message_node;          /* `message` or `delta`; JSON_NONE if absent */
    struct dvara_str finish_reason; /* absent or null: absent */
    uint32_t finish_node;
    uint32_t logprobs_node; /* not null: it repeats the text in pieces; JSON_NONE if absent */
};

struct chat_answer {
    const struct json_doc *doc;
    struct dvara_str id, model;
    int64_t created;
    uint32_t model_node;
    struct chat_choice *choices;
    size_t n_choices;
    struct chat_call *calls; /* of all choices, in body order */
    size_t n_calls;
    struct chat_usage usage;
    struct chat_leaves leaves;
    /* Stream events: the provider reports a failure. */
    bool is_error;
    struct dvara_str error_message, error_type, error_code; /* for classification; not relayed */
    bool has_content; /* some non-empty text, reasoning, refusal or the start of a tool call */
};

/* Is the channel part of response.text? */
bool chat_channel_is_answer_text(enum chat_channel channel);

/* Is it text that a stream brings in pieces, and that tokens are put back in? */
bool chat_channel_runs(enum chat_channel channel);

/* The answer's text for response.text: the texts of such channels of all choices, joined by LF. The
 * absent slice when the arena is exhausted. */
struct dvara_str chat_answer_text(const struct chat_answer *answer, struct arena *arena);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a stream's relay: shared by relay_stream, relay_event, relay_live and relay_calls.
 */
#ifndef GATEWAY_RELAY_STATE_H
#define GATEWAY_RELAY_STATE_H

#include "gateway/dialect/openai_chat.h"
#include "gateway/exchange_state.h"
#include "gateway/http/sse.h"
#include "gateway/relay_held.h"
#include "gateway/relay_member.h"

enum {
    RELAY_EVENT_MAX = 256 * 1024,  /* one event: a whole image in base64 would not pass a stream */
    RELAY_PENDING_MAX = 64 * 1024, /* kept before the first content */
    RELAY_BUFFER_MAX = 256 * 1024, /* kept while a response rule needs the whole answer */
    RELAY_EVENT_ARENA = 32 * 1024 * 1024, /* nodes and leaves of one event */
    RELAY_TEXTS_MAX = 512,                /* live texts: choices times channels */
    RELAY_SEARCH_BACK = 16 * 1024, /* what is looked for again with every window; the whole text as
                                      often as it grew by so much, and at its end */
    RELAY_CALLS_MAX = 128,         /* tool calls withheld at once */
    RELAY_CHOICES_MAX = 128        /* `n` */
};

/* What a stream needs only while one of its events is served: all streams of a worker share it. */
struct relay_scratch {
    struct arena event;    /* one event's document */
    struct arena call;     /* one tool call's document, while an event's is in use */
    struct buf line, text; /* of one event, of one text */
};

/* Which text of the answer: what a client puts together from the pieces of one field. */
struct live_key {
    uint32_t choice;
    enum chat_channel channel;
    uint32_t part;  /* of reasoning that comes in several; else 0; */
    bool is_member; /* the number of a member (relay_member.h) */
};

/* One text of the answer while it runs. */
struct live_text {
    struct live_key key;
    struct dvara_stream *stream; /* NULL: finished, or nothing waits */
    struct buf said;             /* all of it as received, when some rule may read it */
    size_t searched, searched_whole;
    struct relay_held held;
};

/* One tool call of which some fragment was seen: it waits to be judged whole, or its name passed.
 */
struct held_call {
    uint32_t choice, index;
    enum chat_call_form form;
    bool passes;
    struct dvara_str id, name; /* in the relay's arena; absent until seen */
    struct buf arguments;
};

struct relay_choice {
    uint32_t index;
    bool has_finished;
};

struct relay {
    struct exchange *x;
    /* Of the present attempt. */
    struct sse_decoder decoder;
    bool has_decoder;
    struct relay_scratch *scratch; /* the worker's */
    struct buf pending;            /* events kept until content is released */
    size_t said;                   /* bytes of all texts that are kept for rules */
    bool text_overflowed;
    struct dvara_stream_needs needs;
    bool is_live;      /* texts run through streams */
    bool edits_calls;  /* every tool call waits, whatever its name */
    bool judges_calls; /* some tool call may be denied */
    bool reads_text;   /* a response rule exists */
    const uint8_t *styles;
    struct live_text *texts; /* grows in the exchange's arena, as choices do */
    struct live_text *text_fed;
    size_t n_texts, texts_size;
    struct relay_members members;
    struct held_call *calls; /* RELAY_CALLS_MAX, made when the first waits */
    size_t n_calls;
    struct relay_choice *choices;
    size_t n_choices, choices_size;
    struct openai_chat_stream_id id;
    bool has_id, saw_content, saw_done;
    size_t content_bytes; /* of text received from the upstream */

    /* Of the exchange. */
    bool has_headers, has_begun, is_over, is_paused;
    uint64_t last_write_ns;
};

enum relay_verdict { RELAY_GO_ON, RELAY_DENIED, RELAY_UNREADABLE, RELAY_TOO_LONG };

/* ---- relay_stream.c ---- */

/* Queues whole events. Content releases what is pending, and the headers. False: the stream was
 * ended (too much is held). */
bool relay_emit(struct relay *relay, struct dvara_str bytes, bool is_content);
/* The policy refuses the answer: a real status while no header is out, else content_filter and
 * [DONE]. Ends the exchange. */
void relay_deny(struct relay *relay, const struct gateway_error *error);
/* The answer cannot be judged. Ends the exchange. */
void relay_give_up(struct relay *relay);
/* Ends the exchange as a verdict other than RELAY_GO_ON says. */
void relay_stop(struct relay *relay, enum relay_verdict verdict);
/* NULL when there are too many. */
struct relay_choice *relay_choice(struct relay *relay, uint32_t index);

/* ---- relay_event.c: all return false when the exchange (or this attempt) is over ---- */

bool relay_event(struct relay *relay, struct dvara_str data);

/* ---- relay_live.c ---- */

/* Keeps a fragment for the rules that read the whole text. */
enum relay_verdict relay_live_note(struct relay *relay, struct live_key key,
                                   struct dvara_str fragment);
/* Judges a text that stands alone: its findings count, and it is no part of response.text. */
enum relay_verdict relay_live_alone(struct relay *relay, const struct dvara_leaf *leaf);
/* What was kept, in the exchange's arena: response.text, and a leaf for each text in the order of a
 * whole answer. */
void relay_live_said(struct relay *relay, struct dvara_str *ret_text,
                     struct dvara_leaves *ret_leaves);
/* Feeds one fragment; what may be released is appended to out. */
enum relay_verdict relay_live_feed(struct relay *relay, struct live_key key,
                                   struct dvara_str fragment, struct buf *out);
/* Ends the text, if it runs; appends its tail. */
enum relay_verdict relay_live_finish(struct relay *relay, struct live_key key, struct buf *out);
/* Ends the texts of a choice that run (of all choices: UINT32_MAX); each tail goes out in the field
 * of its text. False: over. */
bool relay_live_release(struct relay *relay, uint32_t choice);
void relay_live_clear(struct relay *relay);

/* ---- relay_calls.c ---- */

enum relay_call_way { RELAY_CALL_PASSES, RELAY_CALL_WAITS, RELAY_CALL_UNREADABLE };

/* What becomes of this fragment. A call whose name is not known yet waits; a name that comes in
 * pieces, which clients join and rules would not, is unreadable. */
enum relay_call_way relay_call_way(struct relay *relay, const struct chat_call *call);
/* Takes it. False: too many, or too long. */
bool relay_call_hold(struct relay *relay, const struct chat_call *call);
/* Judges and releases the calls of a choice that are held (of all choices: UINT32_MAX). False:
 * over. */
bool relay_calls_release(struct relay *relay, uint32_t choice);
void relay_calls_clear(struct relay *relay);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of an exchange: shared by the files that are its steps (exchange, authenticate,
 * decide, attempt, answer, relay_*), and by nobody else. */
#ifndef GATEWAY_EXCHANGE_STATE_H
#define GATEWAY_EXCHANGE_STATE_H

#include "base/arena.h"
#include "dvara/engine.h"
#include "dvara/pii.h"
#include "gateway/audit/chain.h"
#include "gateway/chat/edit.h"
#include "gateway/chat/request.h"
#include "gateway/config.h"
#include "gateway/deadline.h"
#include "gateway/errors.h"
#include "gateway/exchange.h"
#include "gateway/paths.h"
#include "gateway/provider/provider.h"
#include "gateway/upstream/retry.h"
#include "gateway/upstream_errors.h"
#include "gateway/worker.h"

struct relay;
struct whole;

/* Why an exchange waits for the end of the loop's turn (turn.h). */
enum turn_kind { TURN_NOT_PARKED, TURN_DECIDED, TURN_ANSWERED };

enum {
    /* A 32 MiB body: its nodes, its decoded texts and one edited copy, with room. */
    EXCHANGE_ARENA_BYTES = 192 * 1024 * 1024,
    EXCHANGE_PASSED_FIELDS = 32 /* headers that reach an upstream beside our own */
};

/* One replacement of a text of the prompt, kept because every attempt edits the body anew. */
struct prompt_edit {
    uint32_t leaf;
    uint32_t start, end;
    struct dvara_str text;
};

struct attempt {
    const struct config_provider *provider;
    struct provider_call *call; /* NULL: none under way */
    uint64_t start_ns, head_ns;
    uint64_t target_key; /* target_states.h */
    bool is_counted;     /* as in flight */
    bool has_ended;      /* the upstream's answer came whole */
    int status;
    struct buf body;   /* what was sent, when it is not the client's own bytes */
    struct buf answer; /* a whole answer, or the start of an error */
    struct buf edited; /* a whole answer as the client gets it, when it is not the upstream's */
    bool is_error;     /* the answer's status is not 200 */
    uint64_t retry_after_ms;
    size_t field_count; /* of exchange.passed */
};

struct exchange;
typedef void exchange_work(struct exchange *x);

enum judgement_kind { JUDGEMENT_GO_ON, JUDGEMENT_REFUSED, JUDGEMENT_DENIED };

/* What PARSE to PLAN came to. */
struct judgement {
    enum judgement_kind kind;
    struct gateway_error error; /* REFUSED */
    enum exchange_outcome outcome;
};

struct exchange {
    struct gateway_worker *gateway;
    struct gateway_snapshot *snapshot;
    struct exchange *next, **link; /* of gateway->exchanges */
    struct http_conn *conn;        /* NULL: the client left, or its answer has ended */
    struct arena arena;
    struct exchange_view view;
    uint64_t head_ns, body_ns; /* monotonic: head complete, body complete */

    const struct path_row *path;
    struct dvara_str path_rest;
    const struct config_key *key; /* NULL before AUTHENTICATE */
    bool is_authenticated;        /* the key was good */

    struct dvara_str body;
    struct buf long_body;   /* taken over from the connection; empty for short ones */
    struct http_load *load; /* that long_body is counted in */
    struct json_doc doc;
    struct chat_request request;

    /* The snapshot's, or the exchange's own when a helper judged it. */
    struct dvara_vm *vm;
    struct dvara_scanner *scanner;
    struct judgement judgement;
    bool is_away; /* a helper has it: touched there alone but for conn */
    exchange_work *away, *back;
    struct http_work *kept; /* of the connection that ended while a helper had it */

    struct dvara_facts facts;
    struct dvara_run *run;
    struct dvara_world world;
    struct dvara_vault *vault; /* NULL: nothing is redacted with it */
    struct prompt_edit *edits;
    size_t n_edits;

    struct dvara_route_info route; /* of the decision's route, when it took one */
    struct retry retry;
    struct attempt attempt;
    struct deadline backoff; /* until the next attempt */
    struct deadline commit;  /* stream: headers go out at last; then keep-alive comments */
    struct deadline drain;   /* the snapshot was retired: until when the exchange may run on */
    struct deadline linger;  /* the answer has ended, the upstream has not */
    struct dvara_str reply;  /* the whole answer that is sent: in attempt.answer or .edited */
    struct relay *relay;     /* a stream's; NULL for a whole answer */
    struct whole *whole;     /* a whole answer, while it is judged; in the arena */
    struct audit_wait wait;  /* durability: strict */
    bool is_waiting;
    struct exchange *next_parked;
    enum turn_kind parked_as;
    bool has_decision_record;
    bool books_closed; /* the response record is written and the metrics told */

    /* Not set at the beginning, being large; the first attempt.field_count are. */
    struct http_field passed[EXCHANGE_PASSED_FIELDS];
};

/* exchange_admit.c: HEAD, AUTHENTICATE, ADMIT. Refuses, answers what has no body, or asks for it.
 */
void exchange_admit(struct exchange *x, const struct http_head *head);
/* REFUSE: answers with an error (or ends a begun stream with it) and ends the exchange. */
void exchange_refuse(struct exchange *x, const struct gateway_error *error,
                     enum exchange_outcome outcome);
/* The decision is a denial: REFUSE with the rule's code, status and reason. */
void exchange_deny(struct exchange *x);
/* The same words as an error, for a stream that has begun. */
struct gateway_error exchange_denial(const struct exchange *x);

/* Writes the response record and tells the metrics, once. False: the record could not be written.
 */
bool exchange_close_books(struct exchange *x, enum exchange_outcome outcome);
/* DONE: cancels what runs, frees everything. The client's answer must have been ended, or is cut.
 */
void exchange_end(struct exchange *x);
/* A helper does `away` on its own thread, with a vm and scanner of the exchange's own; then `back`
 * runs here, unless the client left. False: there is none. */
bool exchange_send_away(struct exchange *x, exchange_work *away, exchange_work *back);
/* The answer has ended; the upstream's may not have. Ends the exchange when it has. */
void exchange_answered(struct exchange *x);

/* All attempts failed for good. */
void exchange_failed(struct exchange *x, const struct attempt_failure *failure);

#endif

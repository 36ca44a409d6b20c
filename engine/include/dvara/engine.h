/* SPDX-License-Identifier: Apache-2.0 */
/* Deciding. One struct dvara_vm a thread holds the scratch memory (memo slots, registers, pattern
 * scratch); one struct dvara_run is the evaluation of one exchange against one bundle. The phases
 * are called in order: request, plan, then tool and response as often as there are calls and
 * answers. The functions cannot fail: what goes wrong inside a rule is a value of the language (an
 * evaluation error) and fails closed by the rows of effects.def. Running out of the arena denies
 * with `policy_error`. */
#ifndef DVARA_ENGINE_H
#define DVARA_ENGINE_H

#include "dvara/bundle.h"
#include "dvara/decision.h"
#include "dvara/pii.h"
#include "dvara/request.h"
#include "dvara/status.h"

struct arena;
struct dvara_vm;
struct dvara_run;
struct dvara_redactor; /* pii.h */

/* Scratch for one thread, sized for `bundle`; re-made after a swap. */
DVARA_MUST_CHECK enum dvara_status dvara_vm_new(const struct dvara_bundle *bundle,
                                                struct dvara_vm **ret_vm);
void dvara_vm_free(struct dvara_vm *vm);

/* Starts the evaluation of one exchange. `facts` is the caller's, and stays in use: the first
 * stratum writes effective values into facts->request. `arena` is the exchange's. Never NULL unless
 * the arena is exhausted. One run at a time uses vm's registers, but runs may be interleaved
 * between calls: all that must survive a call lives in the arena. */
struct dvara_run *dvara_run_new(struct dvara_vm *vm, struct dvara_facts *facts,
                                struct arena *arena);

/* After a swap the worker's vm changes; a run stays with its bundle and its vm. */
const struct dvara_decision *dvara_run_decision(const struct dvara_run *run);

/* The rest of the run uses another thread's vm, made for the same bundle. */
void dvara_run_move(struct dvara_run *run, struct dvara_vm *vm);

/* Both strata of the request phase. */
void dvara_run_request(struct dvara_run *run);

/* What is known of a target's health and speed. */
struct dvara_target_state {
    bool healthy;
    bool aborted;        /* a canary that `abort` latched to nothing */
    int64_t latency_p50; /* ns, median time to the first byte; 0: no sample */
    int64_t first_byte;  /* ns, peak-EWMA of the time to the first byte; 0: no sample */
    int64_t uptime;      /* parts per million of the attempts that were answered */
    int64_t throughput;  /* output tokens a second; 0: no sample */
    int64_t in_flight;   /* attempts under way */
};

/* What the planner may use of the world outside the bundle. */
struct dvara_world {
    struct dvara_strs providers;       /* configured names */
    struct dvara_strs kinds;           /* their kinds, same order */
    struct dvara_str default_provider; /* absent if none */
    /* Health and measurements of a target, of samples not older than `window` ns (0: as the caller
     * keeps them). ret_state comes filled for one that is healthy and unmeasured. NULL: all are. */
    void (*look)(void *user, struct dvara_str provider, struct dvara_str model, int64_t window,
                 struct dvara_target_state *ret_state);
    void *user;
};

/* Chooses the route, judges every candidate (target phase and re-judged request rules), orders the
 * eligible ones, follows fallbacks. No target left: the decision becomes a denial
 * (403 no_eligible_target or 400 no_provider). */
void dvara_run_plan(struct dvara_run *run, const struct dvara_world *world);

/* After every target of the plan failed: the targets of the next route of the fallback chain with
 * any left, judged as in dvara_run_plan, become the decision's. False: there is none. */
bool dvara_run_plan_fallback(struct dvara_run *run, const struct dvara_world *world);

/* Fills facts->target for one of the decision's targets, before its attempt's later phases. */
void dvara_run_use_target(struct dvara_run *run, const struct dvara_target *target,
                          const struct dvara_world *world);

/* The verdict on one tool call: facts->tool is filled. */
struct dvara_tool_decision {
    enum dvara_verdict verdict;
    struct dvara_str code;
    int status;
    struct dvara_str reason;
    uint32_t rule;
};
struct dvara_tool_decision dvara_run_tool(struct dvara_run *run);

/* Could an enforced tool rule still match a call of this name? Then its deltas are withheld. */
bool dvara_run_tool_may_match(struct dvara_run *run, struct dvara_str name);

/* The response phase on a whole answer: facts->response is filled. Updates the decision. */
void dvara_run_response(struct dvara_run *run);

/* What the response rules need of a stream; ask once the target is known. */
struct dvara_stream_needs {
    bool redact;      /* some detector is redacted in the response */
    bool restore;     /* tokens were issued */
    bool incremental; /* some deny is decided on the hold-back window: dvara_run_response_window */
    bool search;      /* such a deny looks for something in response.text */
    bool buffer;      /* some deny needs the whole answer first */
    bool notify;      /* some deny is judged after the end and only told */
};
struct dvara_stream_needs dvara_run_stream_needs(struct dvara_run *run);

/* A finding in the live answer, each told once: pii.found and pii.count of windows read what was
 * told since dvara_run_stream_needs. */
void dvara_run_response_span(struct dvara_run *run, const struct dvara_span *span);

/* Judges the incremental response rules on the answer so far: the findings told, and
 * facts->response.text, which is some part of the text. What held for one part holds from then on,
 * so two operands of `and` may hold in two parts. True: the stream is denied; the decision says by
 * whom. */
bool dvara_run_response_window(struct dvara_run *run);

/* Bytes at the end of facts->response.text, as the last window was judged, that may be the
 * beginning of what a rule looks for with `contains` or `matches`: they wait for what follows. At
 * most DVARA_MAX_SPAN of a pattern. */
size_t dvara_run_response_hold(const struct dvara_run *run);

/* After the last byte of a stream went out: judges the response rules on the whole text. What a
 * `notify` rule denies is told (a warning), not enforced: the first of them is returned, or
 * UINT32_MAX. Denials of the others, which a window could have shown, stand. */
uint32_t dvara_run_stream_end(struct dvara_run *run);

/* Redaction styles that stand for `where` after the phase ran: an array over all detectors of the
 * bundle, DVARA_STYLE_NONE for those not redacted; NULL when none is. */
const uint8_t *dvara_run_styles(const struct dvara_run *run, enum dvara_where where);
/* Beside the styles: what scores less, in parts per million, is not replaced. NULL as they are. */
const uint32_t *dvara_run_thresholds(const struct dvara_run *run, enum dvara_where where);

/* What stands to be redacted in one text of a phase: leaf `leaf` of facts->request.leaves
 * (request), tool.leaves (tool) or response.leaves (response). Found once and kept; spans under
 * every threshold are left out; in the run's arena. On an error there are no spans and the caller
 * fails closed. */
struct dvara_spans dvara_run_spans(struct dvara_run *run, enum dvara_phase phase, size_t leaf,
                                   enum dvara_error_kind *ret_error);
/* Where a rule said `restore tools` or `restore urls`. */
bool dvara_run_restores_tools(const struct dvara_run *run);
bool dvara_run_restores_urls(const struct dvara_run *run);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The scratch of a thread, the evaluation of one exchange, and running one block of code. */
#ifndef VM_MACHINE_H
#define VM_MACHINE_H

#include "bundle/loaded.h"
#include "dvara/engine.h"
#include "dvara/pii.h"
#include "dvara/record.h"
#include "vm/asked.h"
#include "vm/memo.h"
#include "vm/texts.h"
#include "vm/value.h"

struct dvara_replay;
struct dvara_trace;
struct pattern_scratch;

enum { RUN_LETS = 16 };

struct dvara_vm {
    const struct dvara_bundle *bundle;
    struct value *stack; /* registers of the blocks being run */
    uint32_t top;
    uint32_t *stamps; /* by rule: the round in which it was last a candidate */
    uint32_t round;
    uint32_t *candidates;
    uint8_t *truths;                  /* of atoms that are asked together */
    struct dvara_scanner *scanner;    /* NULL: the bundle has no detectors */
    struct pattern_scratch *patterns; /* NULL: no `matches` */
};

/* Makes all stamps old. */
void vm_next_round(struct dvara_vm *vm);

/* A denial that stands; the one reported is the first by phase, priority and name. */
struct run_denial {
    uint32_t rule; /* BUNDLE_ABSENT: no rule, the default */
    uint8_t phase;
    int32_t priority;
    int status;
    struct dvara_str code;
    struct dvara_str reason;
};

/* An enforced rule whose effect stands. */
struct run_standing {
    uint32_t rule;
    uint8_t phase;
};

/* A value for one field of the request, from the first stratum. */
struct run_setting {
    uint32_t rule; /* BUNDLE_ABSENT: none */
    struct value value;
    struct dvara_str name; /* of a header */
    bool is_unknown;       /* replay.h: what it is made of is not known */
};

/* A text of `warn`, or of a rule in mode `report`. */
struct run_warning {
    struct run_standing by;
    struct dvara_str text;
};

/* Kept results, side by side, that depend on the same. */
struct run_touched {
    uint32_t first, count; /* memo slots */
    uint8_t depends;       /* BUNDLE_DEPENDS_… */
    uint8_t kind;          /* enum bundle_block_kind: of atoms, or of lets */
};

/* Arrays that grow in the run's arena; n and room stand beside them. */
#define RUN_LIST(type, name)                                                                       \
    type *name;                                                                                    \
    uint32_t n_##name, room_##name

struct dvara_run {
    const struct dvara_bundle *bundle;
    struct dvara_vm *vm;
    struct dvara_facts *facts;
    struct arena *arena;
    const struct dvara_trace *trace; /* NULL: nobody asks */
    struct dvara_replay *replay;     /* NULL: all is known */
    struct dvara_sent sent;          /* before rewriting */
    uint32_t rewritten;              /* REWRITABLE_…: what rules set */
    const uint8_t *sent_atoms; /* by recorded atom, as in `atoms`: before that; NULL: all are */
    struct dvara_decision decision;

    struct memo atoms;     /* by memo slot: 0 unknown, 1 false, 2 true, 3 + kind */
    struct memo let_known; /* by memo slot: its value stands in lets */
    struct value **lets;   /* by memo slot, in pages of RUN_LETS */
    const void **kept;     /* by number of a screen: what index_screen_row reads; NULL */
    RUN_LIST(struct run_touched, touched);

    uint64_t steps;
    uint8_t phase;  /* enum dvara_phase, what pii.* reads */
    bool partial;   /* what the current phase will know is not known yet: it reads as an error */
    bool streamed;  /* the answer went out: `notify` rules only tell */
    bool exhausted; /* the arena ran out */

    bool windowed;         /* a part of a live answer is judged */
    struct run_live *live; /* what is known of a live answer; NULL: none runs */

    struct run_scan scans[DVARA_WHERE_COUNT];
    struct run_matches *matches;
    struct run_json json;

    bool allowed_request, allowed_tool;
    struct memo held;     /* by rule: it held, or erred, on the request; of those judged again */
    struct dvara_str pin; /* provider that the client named, or absent */

    RUN_LIST(struct run_denial, denials);
    RUN_LIST(struct run_standing, standing);
    RUN_LIST(struct dvara_rule_match, matched);
    RUN_LIST(uint32_t, shadow);
    RUN_LIST(struct dvara_error_note, errors);
    RUN_LIST(struct run_warning, warnings);
    RUN_LIST(struct dvara_tag, tags);
    RUN_LIST(struct run_target_tag, target_tags);
    RUN_LIST(struct dvara_exclusion, excluded);
    RUN_LIST(struct dvara_str, unhealthy);
    RUN_LIST(struct run_approval, approvals);
    RUN_LIST(struct run_bind, binds);
    RUN_LIST(struct run_setting, headers);
    struct run_setting set_model, set_temperature, set_user, route;
    RUN_LIST(struct run_setting, caps);
    RUN_LIST(struct run_cache, caches);

    uint8_t *styles[DVARA_WHERE_COUNT];      /* by detector; NULL: none */
    uint32_t *thresholds[DVARA_WHERE_COUNT]; /* by detector, parts per million */
    uint32_t *counts[DVARA_WHERE_COUNT];     /* by detector: spans redacted */
    RUN_LIST(struct run_redactor, redactors);
    uint8_t unscanned; /* enum dvara_error_kind: why the prompt could not be redacted */
    bool restore_tools, restore_urls;
    struct dvara_str target; /* "provider/model" being judged or used */
};

/* Room for one element more; NULL when the arena is exhausted. */
void *run_room(struct dvara_run *run, void **array, uint32_t n, uint32_t *room, size_t size);

#define RUN_PUSH(run, name, value)                                                                 \
    do {                                                                                           \
        void *run_array = (run)->name;                                                             \
        if (run_room((run), &run_array, (run)->n_##name, &(run)->room_##name,                      \
                     sizeof *(run)->name)) {                                                       \
            (run)->name = run_array;                                                               \
            (run)->name[(run)->n_##name++] = (value);                                              \
        }                                                                                          \
    } while (0)

/* Keeps a byte; without memory the run is exhausted. */
static inline void run_keep(struct dvara_run *run, struct memo *memo, uint32_t number, uint8_t byte)
{
    if (!memo_put(memo, run->arena, number, byte))
        run->exhausted = true;
}

/* The value of a let, or of another block that is kept. */
struct value run_let(struct dvara_run *run, uint32_t block);
/* The value of a block. */
struct value run_block(struct dvara_run *run, uint32_t block);
/* The same for a condition; BUNDLE_ABSENT is true. */
struct value run_condition(struct dvara_run *run, uint32_t block);

/* An atom's truth, or its error; it is kept. */
struct value run_atom(struct dvara_run *run, uint32_t block);
/* Keeps what an atom's code would say. */
void run_keep_atom(struct dvara_run *run, uint32_t block, bool truth);

/* Before rules rewrite the request: keeps the recorded atoms that it may change. */
void run_keep_sent(struct dvara_run *run);

/* Forgets kept results that depend on any of these BUNDLE_DEPENDS_ bits. */
void run_forget(struct dvara_run *run, uint32_t depends);

/* A value of attribute `id`; `imm` is its argument's row. */
void run_attribute(struct dvara_run *run, uint32_t id, uint32_t imm, struct value *ret);

/* Costs of one text of n bytes. False: the budget is spent. */
bool run_charge(struct dvara_run *run, uint64_t steps);

static inline bool run_has_fault(const struct dvara_run *run, enum dvara_error_kind kind)
{
    return (run->facts->faults & 1u << kind) != 0;
}

#endif

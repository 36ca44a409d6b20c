/* SPDX-License-Identifier: Apache-2.0 */
/* One line of an audit chain: a `decision` as docs/operate/audit.md describes it. Whoever wrote the
 * line is not trusted: what has the wrong type is refused with a sentence, what is not known is
 * passed over, what is missing stays unknown. */
#ifndef LANG_REPLAY_RECORD_H
#define LANG_REPLAY_RECORD_H

#include "dvara/decision.h"
#include "dvara/replay.h"
#include "dvara/request.h"

struct arena;

struct record_exclusion {
    struct dvara_str target, rule;
};

struct record_redaction {
    struct dvara_str detector, where, style;
};

struct record_atom {
    uint64_t mark;
    uint8_t truth; /* enum dvara_truth: FALSE, TRUE, ERRED */
    uint8_t kind;  /* enum dvara_error_kind */
};

enum record_set {
    RECORD_SET_MODEL = 1,
    RECORD_SET_MAX_TOKENS = 2,
    RECORD_SET_TEMPERATURE = 4,
    RECORD_SET_USER = 8,
    RECORD_SET_ROUTE = 16
};

struct record {
    bool is_json; /* a line that was cut is none */
    struct dvara_str chain, id, time, type;
    int64_t seq;
    bool is_decision; /* else nothing below is filled */
    bool has_inputs;
    uint8_t verdict; /* enum dvara_verdict */
    struct dvara_str code, model, asked_model, route, bundle;
    bool model_is_cut, asked_model_is_cut;
    struct dvara_opt_int max_tokens; /* effective */
    struct dvara_strs rules, targets, unhealthy, set_names;
    struct dvara_pairs tags; /* values may be cut */
    struct record_exclusion *excluded;
    size_t n_excluded;
    struct record_redaction *redactions;
    size_t n_redactions;
    uint32_t set;       /* RECORD_SET_… */
    uint8_t named;      /* enum dvara_named */
    uint64_t redaction; /* 0: nothing was */
    uint8_t unscanned;  /* enum dvara_error_kind */
    struct record_atom *atoms;
    size_t n_atoms;

    /* The request as far as the record tells of it. */
    struct dvara_facts facts;
    bool known[DVARA_ATTR_COUNT];
};

/* Texts are slices of the line or lie in the arena. INVALID: *ret_error is a sentence, and
 * ret_record tells whether it is JSON; NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status record_read(struct dvara_str line, struct arena *arena,
                                               struct record *ret_record,
                                               struct dvara_str *ret_error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the phases of one exchange decided. Filled by engine.h's functions in the run's arena; it
 * and all it points to live as long as that arena. Names and texts of rules are slices of the
 * bundle. Lists are sorted (phase, priority high first, name), so order-freedom holds byte for
 * byte. */
#ifndef DVARA_DECISION_H
#define DVARA_DECISION_H

#include "dvara/request.h"
#include "dvara/str.h"
#include "dvara/words.h"

enum dvara_verdict { DVARA_VERDICT_ALLOW, DVARA_VERDICT_DENY, DVARA_VERDICT_APPROVAL };

struct dvara_rule_match {
    uint32_t rule; /* dvara_bundle_rule() */
    uint8_t phase; /* enum dvara_phase */
    uint8_t mode;  /* enum dvara_mode */
};

struct dvara_exclusion {
    uint32_t rule;
    struct dvara_str target; /* "provider/model" */
};

struct dvara_redaction {
    uint32_t detector;
    uint8_t where; /* enum dvara_where */
    uint8_t style; /* enum dvara_style: the one that keeps least of all rules' */
    uint32_t count;
};

struct dvara_tag {
    struct dvara_str key, value;
};

struct dvara_error_note {
    uint32_t rule;
    uint8_t kind; /* enum dvara_error_kind */
};

struct dvara_header_set {
    struct dvara_str name, value;
};

struct dvara_target {
    struct dvara_str provider, model;
    uint32_t weight;
};

/* Who must say yes; sorted by phase and name, each approver of a phase once. */
struct dvara_approval {
    struct dvara_str by;
    uint8_t phase;   /* enum dvara_phase: REQUEST or TOOL */
    uint32_t quorum; /* how many members: the most that a rule asks for */
    int64_t ttl;     /* ns, the shortest that a rule gives; 0: none does */
};

/* What the approvals of one phase are for, all of them together. */
struct dvara_grant {
    int64_t hold;             /* ns to keep the call open, the shortest given; 0: none */
    bool session;             /* serves the session: every rule that asks says so */
    bool whole;               /* some rule binds nothing by name: the whole request is bound */
    struct dvara_pair *binds; /* source text and printed value, sorted, each once */
    size_t n_binds;
};

#define DVARA_NO_ROUTE UINT32_MAX

/* How the target of a request that took no route was found. */
enum dvara_named {
#define NAMED(id, spelling, what) DVARA_NAMED_##id,
#include "dvara/words.def"
    DVARA_NAMED_COUNT
};

struct dvara_decision {
    enum dvara_verdict verdict;
    struct dvara_str code; /* absent on allow; `approval_required` on approval */
    int status;            /* HTTP; 0 on allow, 403 on approval */
    struct dvara_str reason;
    uint32_t *rules; /* enforced rules whose effect stands */
    size_t n_rules;
    struct dvara_rule_match *matched;
    size_t n_matched;
    uint32_t *shadow;
    size_t n_shadow;
    struct dvara_redaction *redactions;
    size_t n_redactions;
    struct dvara_exclusion *excluded;
    size_t n_excluded;
    struct dvara_str *warnings;
    size_t n_warnings;
    struct dvara_tag *tags;
    size_t n_tags;
    struct dvara_error_note *errors;
    size_t n_errors;
    struct dvara_approval *approvals; /* also on a denial, which beats them */
    size_t n_approvals;
    struct dvara_grant request_grant, tool_grant;

    /* `no cache` wins. */
    bool no_cache;
    struct dvara_opt_int cache_ttl; /* ns */
    bool cache_any;                 /* for any key of the tenant and any kind of request */

    /* Effects of the first stratum; the run's facts already show them. */
    struct dvara_str model;          /* effective */
    bool model_was_set;              /* by a rule */
    struct dvara_opt_int max_tokens; /* effective */
    bool max_tokens_was_set;
    struct dvara_opt_float set_temperature;
    struct dvara_str set_user; /* absent unless set */
    struct dvara_header_set *headers;
    size_t n_headers;

    /* The plan. */
    uint32_t route;               /* DVARA_NO_ROUTE when the name or a pin decided */
    struct dvara_target *targets; /* eligible, in order of preference */
    size_t n_targets;
    struct dvara_str *unhealthy; /* "provider/model", eligible but for that: none of them is among
                                    the targets unless all that are left are */
    size_t n_unhealthy;
    bool route_was_set; /* by a rule */
    uint8_t named;      /* enum dvara_named */

    uint64_t steps;
    uint64_t scanned_bytes;
};

#endif

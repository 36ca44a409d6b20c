/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations: what the parser builds and the later phases annotate. Optional clauses: a NULL
 * pointer, an absent name, or has_x. Everything lives in the compile's arena. `span` fields are
 * where a diagnostic about the clause points. */
#ifndef LANG_AST_H
#define LANG_AST_H

#include "lang/expr.h"
#include "trial/expects.h"

enum decl_kind {
#define DECL(id, keyword, what) DECL_##id,
#include "lang/nodes.def"
    DECL_COUNT
};

struct text {
    struct dvara_str s; /* decoded; absent: the clause does not stand */
    struct span span;
};

struct texts {
    struct text *v;
    size_t n;
};

struct number {
    int64_t i; /* in the unit of types.def */
    bool has;
    struct span span;
};

struct provider {
    struct text zone, region;
};

/* A price tier: `tier "priority" 200%`. */
struct model_tier {
    struct text name;
    struct number percent;
};

struct model {
    struct text provider, model; /* the halves of the name, cut at the first slash */
    struct number input, output, cached, cache_write; /* micro-dollars a million tokens */
    struct number request, image;                     /* micro-dollars each */
    struct number image_tokens, context, max_output;  /* tokens */
    struct texts supports, aliases;
    struct model_tier *tiers;
    size_t n_tiers;
};

/* `except` takes strings and regexes. */
struct detector_except {
    struct dvara_str text; /* absent when regex */
    struct regex regex;
    struct span span;
};

struct detector {
    struct regex *patterns;
    size_t n_patterns;
    struct texts context, against, keywords;
    struct number within; /* code points before; default 50 */
    struct text validate; /* name of the check */
    double entropy;       /* bits a character; 0: none */
    struct span entropy_span;
    struct detector_except *excepts;
    size_t n_excepts;
    struct number score_low, score_high; /* parts per million; check fills: default 90% for both */
    struct number max_span;              /* code points */
    bool mask_none;
    bool located; /* its check finds the span itself; check fills */
};

struct group_member {
    struct ref ref;          /* a detector or a group */
    struct number threshold; /* parts per million; i is 500000 when not given */
};

struct group {
    struct group_member *members;
    size_t n_members;
};

struct effect {
    enum dvara_effect kind;
    struct span span;
    union {
        struct {
            struct text code; /* default "policy_denied" is the code generator's */
            struct number status;
        } deny;
        struct {
            struct ref group;
            enum dvara_style style; /* DVARA_STYLE_LABEL by default */
            struct span style_span;
            uint8_t
                where; /* bits 1 << enum dvara_where; check fills from the phases when not given */
            bool has_where;
            struct span where_span;
            bool restore_tools, restore_urls;
        } redact;
        struct expr *value; /* CAP, SET_MODEL, SET_TEMPERATURE, SET_USER */
        struct {
            struct text name;   /* lower case */
            struct expr *value; /* NULL when template */
            struct template *template;
        } header;         /* SET_HEADER */
        struct ref route; /* USE_ROUTE */
        struct template *warn;
        struct {
            struct text key;
            struct template *value;
        } tag;
        struct {
            struct text by;
            struct number quorum, ttl, hold; /* ttl and hold in ns */
            struct exprs binds;              /* empty: the whole request */
            bool session;                    /* `grant session`; `grant once` is the default */
            struct span grant_span;          /* end 0: not given */
        } approval;
        struct {
            struct number ttl; /* ns */
            bool any;
        } cache;
    };
};

struct meta {
    struct dvara_str key;
    struct text value;
    struct span span;
};

enum opaque { OPAQUE_UNSET, OPAQUE_DENY, OPAQUE_ALLOW };

struct rule {
    uint8_t phases; /* DVARA_PHASES_…; 0 only after an error */
    struct span phases_span;
    struct expr *when; /* NULL: always */
    int32_t priority;
    struct span priority_span;
    enum dvara_mode mode;
    bool once, on_stream_notify;
    struct span once_span, on_stream_span;
    enum opaque opaque;
    struct span opaque_span;
    struct template *reason;
    struct meta *metas;
    size_t n_metas;
    struct effect *effects;
    size_t n_effects;
    bool is_rewrite; /* check: belongs to the first stratum */
    bool reads_pii;  /* check: condition reads pii.* or prompt_pii.*, through lets too */
};

struct route_target {
    struct span span;
    struct text name;            /* "openai/gpt-4o" */
    struct text provider, model; /* its halves */
    struct decl *provider_decl;  /* NULL: built in */
    enum dvara_arm arm;          /* `as stable`, `as canary` */
    struct span arm_span;        /* end 0: not given */
    struct number share;         /* of a canary, parts per million */
    struct number weight;        /* i is 1 when not given */
};

/* One condition of `abort`: "p95 > 200%" is relative to the stable arm. */
struct abort_when {
    enum dvara_measure measure;
    bool relative;       /* value in parts per million of the stable arm's; `errors` never is */
    struct number value; /* ppm, or ns */
};

struct route {
    struct expr *match;
    struct span strategy_span;
    enum dvara_strategy strategy; /* DVARA_STRATEGY_BALANCED when not given */
    bool has_strategy;
    struct number window;  /* of `strategy latency`, ns */
    struct number explore; /* parts per million */
    struct expr *sticky_by;
    struct route_target mirror; /* name absent: none; share says how many */
    struct abort_when *aborts;
    size_t n_aborts;
    struct span abort_span;
    struct number abort_over; /* ns */
    struct number abort_min;  /* requests */
    struct route_target *targets;
    size_t n_targets;
    struct number retry;
    uint32_t retry_on; /* bits 1 << enum dvara_retry_class */
    uint16_t *retry_status;
    size_t n_retry_status;
    struct number backoff_low, backoff_high;          /* ns; equal when one is given */
    struct number timeout, connect, first_byte, idle; /* ns */
    struct ref fallback;
    int32_t priority;
    struct span priority_span;
};

/* N in each D, with a burst. */
struct rate {
    struct number amount, per, burst; /* per in ns */
};

struct limit {
    struct expr *when; /* NULL: always */
    struct exprs per;  /* empty: the whole installation */
    struct rate requests, tokens;
    struct number concurrent;
    enum dvara_on_store_failure on_store_failure; /* LOCAL when not given */
};

struct budget {
    struct expr *when;
    struct exprs per;
    struct number amount; /* micro-dollars */
    enum dvara_calendar window;
    struct expr *zone;                            /* a string; NULL: UTC */
    struct number soft;                           /* parts per million */
    enum dvara_on_store_failure on_store_failure; /* DENY when not given */
};

struct invariant {
    struct expr *when;
    enum dvara_invariant claim;
    struct span claim_span; /* end 0: none yet */
    struct expr *never;     /* NEVER */
    struct ref group;       /* ALWAYS_REDACT */
};

struct expect {
    enum expect_kind kind;
    bool negated;
    struct span span;
    struct text text;     /* code, target, prompt, text, model, approver, or the tag's value */
    struct text key;      /* TAG */
    struct ref ref;       /* RULE of deny by, excluded by, matched; ROUTE; GROUP of redacted */
    struct number number; /* MAX_TOKENS */
};

struct test_case {
    struct text name;
    struct expr *given; /* RECORD or NULL */
    struct expect *expects;
    size_t n_expects;
};

struct test {
    struct expr *given; /* RECORD or NULL */
    struct expect *expects;
    size_t n_expects;
    struct test_case *cases;
    size_t n_cases;
};

struct decl {
    enum decl_kind kind;
    struct dvara_str name; /* declared name; "openai/gpt-4o" of a model, the string of a test */
    struct span name_span;
    struct span span;     /* from keyword to the end */
    struct dvara_str doc; /* `##` text without marks, lines joined by \n; absent if none */
    bool failed;          /* did not parse whole, or has an error */
    bool unbound;         /* names something unknown; the rest of it is checked */
    bool lost_guard;      /* bind: what a `has` asks for is unknown: it may guard anything */
    bool used;            /* bind: something refers to it */
    uint8_t mark;         /* check: for cycles; 0 new, 1 being visited, 2 done */
    uint32_t order;       /* number among the declarations of its kind, by name */
    union {
        struct {
            struct expr *expr;  /* type, phases and taint of the let are this expression's */
            struct decl **uses; /* bind: lets that it names */
            size_t n_uses;
            uint16_t depth;                  /* check: lets under this one, itself included */
            uint8_t quantifier_depth;        /* check: through its lets */
            bool reads_pii;                  /* check: through its lets */
            const struct attribute *outside; /* check: one no invariant may read, or NULL */
        } let;
        struct {
            struct texts values;
        } list; /* RUNTIME_LIST */
        struct {
            bool allow;
        } fallback; /* DEFAULT */
        struct provider provider;
        struct model model;
        struct detector detector;
        struct group group;
        struct rule rule;
        struct route route;
        struct test test;
        struct limit limit;
        struct budget budget;
        struct invariant invariant;
    };
};

const char *decl_keyword(enum decl_kind kind);
const char *decl_what(enum decl_kind kind); /* "a rule" */

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Rules and routes by the book (language.md, sections 4 to 6), as a text of sorted lines that is
 * compared with the VM's. */
#ifndef TESTS_ORACLE_JUDGE_H
#define TESTS_ORACLE_JUDGE_H

#include "base/buf.h"
#include "dvara/bundle.h"
#include "dvara/decision.h"
#include "dvara/engine.h"
#include "dvara/limits.h"
#include "oracle/value.h"
#include "oracle/world.h"

enum { NOTES_MAX = 512 };

/* One fact about the decision, such as "matched request enforce rule_7". */
struct notes {
    struct dvara_str v[NOTES_MAX];
    size_t n;
};

struct judge {
    const struct program *program;
    struct arena *arena;
    const struct finder *finder;
    struct dvara_facts facts; /* a copy: the first stratum writes into it */
    struct notes notes;

    /* The winning denial: of the earliest phase, then by rank; denier NULL: no rule's. */
    const struct decl *denier;
    enum dvara_phase denied_in;
    struct dvara_str code;
    int64_t status;
    struct dvara_str reason; /* absent: the wording is not specified */
    bool denied, allowed;
    struct notes standing, denying, excluding; /* names of rules */
    struct dvara_str target;                   /* the candidate being judged: "openai/gpt-4o" */
    struct {
        struct dvara_str target, tag;
        const struct decl *by;
    } target_tags[256]; /* kept for the target used only */
    size_t n_target_tags;
    /* What the first stratum's rules ask for; applied when all of them were judged. */
    struct {
        const struct decl *by; /* NULL: nobody */
        struct value value;
    } set[DVARA_EFFECT_COUNT];
    struct {
        const struct decl *by;
        struct dvara_str name, value;
    } headers[16];
    size_t n_headers;
    int64_t cap; /* the least, of the rules in `cappers` */
    struct notes cappers;
    const struct decl *forced_route, *forced_by;
    bool model_was_set;
    bool rejudging; /* only the decision of a rule counts */

    /* asked.c: what single rules ask for. */
    struct {
        const struct decl *by;
        const struct effect *effect;
        enum dvara_phase phase;
    } approvals[128];
    size_t n_approvals;
    struct dvara_str reasons[128]; /* of each approval; absent: the wording is not specified */
    struct notes binds;
    struct {
        const struct decl *by;
        int64_t ttl;
        bool any;
    } caches[64];
    size_t n_caches;
    bool no_cache;

    /* personal data: what stands to be redacted, by place and detector */
    struct {
        const struct decl *by, *group;
        enum dvara_style style;
    } redactions[DVARA_WHERE_COUNT][64];
    size_t n_redactions[DVARA_WHERE_COUNT];

    const struct world_target *world; /* health and measurements */
    size_t n_world;
};

void oracle_init(struct judge *judge, const struct program *program, struct arena *arena,
                 const struct dvara_facts *facts, const struct finder *finder);
void oracle_request(struct judge *judge);
void oracle_tool(struct judge *judge);
void oracle_response(struct judge *judge);
/* plan.c */
void oracle_plan(struct judge *judge);
/* order.c: the numbers of the usable targets of a route, first choice first. */
struct arranged {
    const struct decl *route;
    bool usable[DVARA_MAX_TARGETS];
    struct dvara_target_state states[DVARA_MAX_TARGETS];
    size_t order[DVARA_MAX_TARGETS], n;
};
void oracle_arrange(struct judge *judge, struct arranged *arranged);
bool oracle_is_capable(const struct judge *judge, const struct route_target *target);
struct dvara_target_state oracle_look(const struct judge *judge, struct dvara_str name);

/* asked.c */
void oracle_approval(struct judge *judge, const struct decl *decl, const struct effect *effect,
                     enum dvara_phase phase);
void oracle_note_asked(struct judge *judge);

/* hidden.c: redaction, and parts that no detector can read. */
void oracle_redact(struct judge *judge, const struct decl *decl, const struct effect *effect,
                   enum dvara_phase phase);
void oracle_redacted(struct judge *judge, enum dvara_phase phase);
void oracle_opaque(struct judge *judge, const struct decl *decl);
bool oracle_reads(const struct expr *expr, bool (*wanted)(enum dvara_attribute id));

void oracle_stand(struct judge *judge, const struct decl *decl);
void oracle_policy_error(struct judge *judge, const struct decl *decl, enum dvara_phase phase,
                         struct value error);
/* Does a stand before b: higher priority, then smaller name? */
bool oracle_outranks(const struct decl *a, const struct decl *b);

/* One rule in one phase: notes, and its effects when it applies. Returns whether it matched. */
bool oracle_rule(struct judge *judge, const struct decl *decl, enum dvara_phase phase);
struct value oracle_condition(struct judge *judge, const struct decl *decl, enum dvara_phase phase);
/* decl NULL: no rule's denial. */
void oracle_deny(struct judge *judge, const struct decl *decl, enum dvara_phase phase,
                 struct dvara_str code, int64_t status);
void oracle_note(struct judge *judge, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

void oracle_notes_add(struct notes *notes, struct arena *arena, struct dvara_str note);

/* The sorted lines of the whole decision. */
void oracle_print_judge(struct judge *judge, struct buf *out);
/* The same lines of the VM's decision. `with_reason`: the wording of the reason is specified. */
void oracle_print_decision(const struct dvara_bundle *bundle, const struct dvara_decision *decision,
                           bool with_reason, struct arena *arena, struct buf *out);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Approvals and the cache: what rules ask for together (language.md section 5, R16, R17). */
#include "oracle/make.h"

#include "oracle/judge.h"

#include <inttypes.h>

static const char *const phase_names[] = {
#define PHASE(id, spelling) spelling,
#include "dvara/words.def"
};

/* The values bound, as text; a percentage in parts per million. False: one erred. */
static bool bind(struct judge *judge, const struct decl *decl, const struct effect *effect,
                 enum dvara_phase phase)
{
    struct scope scope = {
        .facts = &judge->facts, .arena = judge->arena, .phase = phase, .finder = judge->finder};
    for (size_t i = 0; i < effect->approval.binds.n; i++) {
        const struct expr *expr = effect->approval.binds.v[i];
        struct value v = walk(&scope, expr);
        if (is_error(v)) {
            oracle_policy_error(judge, decl, phase, v);
            return false;
        }
        struct dvara_str text = expr->type.base == DVARA_TYPE_PERCENT
                                    ? arena_printf(judge->arena, "%" PRId64 "ppm", v.i)
                                    : oracle_print(judge->arena, expr->type, v, false);
        oracle_notes_add(
            &judge->binds, judge->arena,
            arena_printf(judge->arena, "bind %s %.*s", phase_names[phase], DVARA_STR_ARG(text)));
    }
    return true;
}

void oracle_approval(struct judge *judge, const struct decl *decl, const struct effect *effect,
                     enum dvara_phase phase)
{
    if (!bind(judge, decl, effect, phase))
        return;
    struct scope scope = {
        .facts = &judge->facts, .arena = judge->arena, .phase = phase, .finder = judge->finder};
    if (decl->rule.reason)
        judge->reasons[judge->n_approvals] = walk_template(&scope, decl->rule.reason).s;
    judge->approvals[judge->n_approvals].by = decl;
    judge->approvals[judge->n_approvals].effect = effect;
    judge->approvals[judge->n_approvals++].phase = phase;
    judge->allowed = true;
    oracle_stand(judge, decl);
}

/* The less of two times of which 0 is none. */
static int64_t lesser(int64_t a, int64_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

/* One line an approver, and one for what all of them grant. */
static void note_phase(struct judge *judge, enum dvara_phase phase)
{
    int64_t hold = 0;
    bool session = true, whole = false, any = false;
    for (size_t i = 0; i < judge->n_approvals; i++) {
        const struct effect *one = judge->approvals[i].effect;
        int64_t quorum = 1, ttl = 0;
        if (judge->approvals[i].phase != phase)
            continue;
        any = true;
        hold = lesser(hold, one->approval.hold.i);
        session = session && one->approval.session;
        whole = whole || one->approval.binds.n == 0;
        for (size_t k = 0; k < judge->n_approvals; k++) {
            const struct effect *other = judge->approvals[k].effect;
            if (judge->approvals[k].phase != phase ||
                !dvara_str_eq(one->approval.by.s, other->approval.by.s))
                continue;
            quorum = other->approval.quorum.i > quorum ? other->approval.quorum.i : quorum;
            ttl = lesser(ttl, other->approval.ttl.i);
        }
        oracle_note(judge, "approval %s %.*s %" PRId64 " %" PRId64, phase_names[phase],
                    DVARA_STR_ARG(one->approval.by.s), quorum, ttl);
    }
    if (any)
        oracle_note(judge, "grant %s %" PRId64 " %d %d", phase_names[phase], hold, session, whole);
}

static void note_cache(struct judge *judge)
{
    int64_t least = INT64_MAX;
    bool any = true;
    if (judge->no_cache)
        oracle_note(judge, "no cache");
    if (judge->no_cache || judge->n_caches == 0)
        return;
    for (size_t i = 0; i < judge->n_caches; i++) {
        least = judge->caches[i].ttl < least ? judge->caches[i].ttl : least;
        any = any && judge->caches[i].any;
    }
    for (size_t i = 0; i < judge->n_caches; i++)
        if (judge->caches[i].ttl == least)
            oracle_stand(judge, judge->caches[i].by);
    oracle_note(judge, "cache %" PRId64 " %d", least, any);
}

void oracle_note_asked(struct judge *judge)
{
    note_phase(judge, DVARA_PHASE_REQUEST);
    note_phase(judge, DVARA_PHASE_TOOL);
    for (size_t i = 0; i < judge->binds.n; i++)
        oracle_note(judge, "%.*s", DVARA_STR_ARG(judge->binds.v[i]));
    note_cache(judge);
}

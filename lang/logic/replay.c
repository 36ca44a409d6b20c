/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/replay.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/given.h"
#include "lang/list.h"
#include "lang/testtrace.h"
#include "lang/logic/invariant.h"
#include "trial/evaluate.h"
#include "trial/trial.h"
#include "vm/machine.h"
#include "vm/scan.h"

#include <stdio.h>
#include <stdlib.h>

enum { TARGET_MAX = 512 };

struct replay {
    const struct witness_policy *policy;
    const struct decl *decl;
    const struct bundle_invariant *row;
    struct dvara_vm *vm;
    struct arena arena;
    char target[TARGET_MAX];
    size_t n_target;
    struct dvara_str *before; /* targets that come before it */
    size_t n_before;
};

static const struct bundle_invariant *row_of(const struct dvara_bundle *bundle,
                                             struct dvara_str name)
{
    const struct bundle_tables *t = &bundle->program.tables;
    for (uint32_t i = 0; i < t->n_invariants; i++)
        if (dvara_str_eq(bundle_text(bundle, t->invariants[i].name), name))
            return &t->invariants[i];
    return NULL;
}

enum dvara_status replay_new(const struct witness_policy *policy, const struct decl *invariant,
                             struct replay **ret_replay)
{
    struct replay *replay = calloc(1, sizeof *replay);
    if (!replay)
        return DVARA_NO_MEMORY;
    replay->policy = policy;
    replay->decl = invariant;
    replay->row = row_of(policy->bundle, invariant->name);
    arena_init(&replay->arena, TRIAL_MEMORY);
    enum dvara_status status =
        replay->row ? dvara_vm_new(policy->bundle, &replay->vm) : DVARA_NOT_FOUND;
    if (status != DVARA_OK) {
        replay_free(replay);
        return status;
    }
    *ret_replay = replay;
    return DVARA_OK;
}

void replay_free(struct replay *replay)
{
    if (!replay)
        return;
    dvara_vm_free(replay->vm);
    arena_clear(&replay->arena);
    free(replay);
}

/* ---- one target ---- */

static bool holds(struct dvara_run *run, uint32_t block)
{
    struct value v = run_condition(run, block);
    return !value_is_error(v) && !value_is_false(v);
}

/* Some finding of the group that no redaction of the prompt covers. */
static bool is_bare(struct replay *replay, struct dvara_run *run)
{
    const uint8_t *styles = dvara_run_styles(run, DVARA_WHERE_PROMPT);
    const uint32_t *least = dvara_run_thresholds(run, DVARA_WHERE_PROMPT);
    const struct bundle_tables *t = &replay->policy->bundle->program.tables;
    const struct bundle_group *group = &t->groups[replay->row->group];
    const struct run_scan *scan = &run->scans[DVARA_WHERE_PROMPT];
    for (uint32_t m = group->first; m < group->first + group->count; m++) {
        uint32_t d = t->members[m].detector, threshold = t->members[m].threshold;
        bool covered = styles && styles[d] != DVARA_STYLE_NONE && least && least[d] <= threshold;
        for (size_t i = 0; !covered && !scan->error && i < scan->n; i++)
            for (size_t s = 0; s < scan->spans[i].n; s++)
                if (scan->spans[i].v[s].detector == d && scan->spans[i].v[s].score_ppm >= threshold)
                    return true;
    }
    return false;
}

static bool is_broken_at(struct replay *replay, struct dvara_run *run)
{
    if (!holds(run, replay->row->when))
        return false;
    if (replay->row->claim == DVARA_INVARIANT_ALWAYS_REDACT)
        return is_bare(replay, run);
    return replay->row->claim == DVARA_INVARIANT_NEVER_ALLOW || holds(run, replay->row->never);
}

static bool try_targets(struct replay *replay, struct dvara_run *run,
                        const struct dvara_world *world)
{
    const struct dvara_decision *d = dvara_run_decision(run);
    for (size_t i = 0; i < d->n_targets; i++) {
        struct dvara_target target = d->targets[i];
        dvara_run_use_target(run, &target, world);
        if (!is_broken_at(replay, run)) {
            struct dvara_str name = arena_join(run->arena, target.provider, '/', target.model);
            LIST_APPEND(run->arena, replay->before, replay->n_before, name);
            continue;
        }
        replay->n_target =
            (size_t)snprintf(replay->target, sizeof replay->target, "%.*s/%.*s",
                             DVARA_STR_ARG(target.provider), DVARA_STR_ARG(target.model));
        if (replay->n_target >= sizeof replay->target)
            replay->n_target = sizeof replay->target - 1;
        return true;
    }
    return false;
}

/* An approval is not an answer yet: where the claim is about what is allowed, nothing was; where it
 * is about where a request goes, a human's yes sends it there. */
static bool is_let_through(const struct replay *replay, enum dvara_verdict verdict)
{
    return verdict == DVARA_VERDICT_ALLOW ||
           (verdict == DVARA_VERDICT_APPROVAL && invariant_counts_approvals(replay->decl));
}

bool replay_breaks(struct replay *replay, struct dvara_facts *facts,
                   const struct dvara_world *world, struct arena *arena)
{
    struct dvara_run *run = dvara_run_new(replay->vm, facts, arena);
    replay->before = NULL;
    replay->n_before = 0;
    if (!run)
        return false;
    dvara_run_request(run);
    const struct dvara_decision *d = dvara_run_decision(run);
    if (d->verdict == DVARA_VERDICT_DENY)
        return false;
    (void)scan_texts(run, DVARA_WHERE_PROMPT);
    dvara_run_plan(run, world);
    if (!is_let_through(replay, d->verdict))
        return false;
    bool broken = try_targets(replay, run, world);
    while (!broken && dvara_run_plan_fallback(run, world))
        broken = try_targets(replay, run, world);
    return broken && !arena_is_exhausted(arena);
}

bool replay_shows(void *user, const struct expr *given)
{
    struct replay *replay = user;
    struct given facts;
    arena_reset(&replay->arena);
    if (!given_read(&replay->arena, replay->policy->bundle, given, &facts))
        return false;
    struct dvara_world world = given_world(&facts);
    return replay_breaks(replay, &facts.facts, &world, &replay->arena);
}

struct dvara_str replay_target(const struct replay *replay)
{
    return dvara_str_from(replay->target, replay->n_target);
}

struct dvara_strs replay_before(const struct replay *replay)
{
    return (struct dvara_strs){replay->before, replay->n_before};
}

void replay_explain(struct replay *replay, const struct expr *given, struct buf *out)
{
    struct evaluator *evaluator = NULL;
    struct evaluation evaluation;
    struct testtrace trace;
    struct given facts;
    struct testtrace_question question = {.targets = false};
    arena_reset(&replay->arena);
    bool ready = given_read(&replay->arena, replay->policy->bundle, given, &facts) &&
                 testtrace_init(&trace, replay->policy->program, replay->policy->bundle,
                                &replay->arena, false) &&
                 evaluator_new(replay->policy->bundle, &evaluator) == DVARA_OK;
    if (!ready)
        return;
    evaluator_trace(evaluator, &trace.trace);
    if (evaluate(evaluator, &facts, &evaluation) == DVARA_OK)
        testtrace_print(&trace, evaluation.decision, &question, out);
    evaluator_free(evaluator);
}

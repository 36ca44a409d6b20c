/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/invariant.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/codegen.h"
#include "lang/same.h"
#include "lang/logic/decision.h"
#include "lang/logic/record.h"
#include "lang/logic/replay.h"

enum { TRACE_MAX = 1 << 20 };

/* ---- what a claim is about ---- */

static bool reads_target(const struct expr *expr);

static bool any_reads_target(const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        if (reads_target(exprs->v[i]))
            return true;
    return false;
}

static bool reads_target(const struct expr *expr)
{
    expr = expr_seen(expr);
    switch (expr->kind) {
    case EXPR_ATTRIBUTE:
        return expr->attribute.id >= DVARA_ATTR_TARGET_PROVIDER &&
               expr->attribute.id <= DVARA_ATTR_TARGET_LATENCY_P50;
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
        return reads_target(expr->operand);
    case EXPR_FIELD:
        return reads_target(expr->field.base);
    case EXPR_LIST:
        return any_reads_target(&expr->items);
    case EXPR_CALL:
        return any_reads_target(&expr->call.args);
    case EXPR_BINARY:
        return reads_target(expr->binary.left) || reads_target(expr->binary.right);
    case EXPR_QUANTIFIER:
        return reads_target(expr->quantifier.over) || reads_target(expr->quantifier.body);
    default:
        return false;
    }
}

bool invariant_counts_approvals(const struct decl *decl)
{
    const struct invariant *invariant = &decl->invariant;
    return invariant->claim == DVARA_INVARIANT_ALWAYS_REDACT ||
           (invariant->claim == DVARA_INVARIANT_NEVER && reads_target(invariant->never));
}

/* ---- the question ---- */

/* Some finding of the group that nothing redacts. */
static struct dvara_str bare(struct decision *decision, const struct decl *group)
{
    struct script *script = decision->judged.script;
    const struct program *program = decision->judged.program;
    const struct decls *detectors = &program->by_kind[DECL_DETECTOR];
    size_t n = detectors->n + program->by_kind[DECL_GROUP].n;
    uint32_t *thresholds = ARENA_ARRAY(script->arena, n, uint32_t);
    struct dvara_str any = SCRIPT_FALSE;
    if (!thresholds)
        return SCRIPT_TRUE;
    codegen_thresholds(program, group, thresholds);
    for (size_t i = 0; i < detectors->n; i++) {
        if (!thresholds[i])
            continue;
        struct dvara_str score =
            scene_score(&decision->judged, DVARA_WHERE_PROMPT, detectors->v[i]);
        struct dvara_str found = script_name(
            script, SORT_BOOL, script_two(script, ">=", score, script_int(script, thresholds[i])));
        struct dvara_str redacted = decision_redacts(decision, detectors->v[i], thresholds[i]);
        any = script_or(script, any, script_and(script, found, script_not(script, redacted)));
    }
    return script_and(script, any,
                      script_not(script, scene_unread(&decision->judged, DVARA_WHERE_PROMPT)));
}

/* A request and a target of it that break the invariant. */
static bool put_question(struct script *script, const struct witness_policy *policy,
                         const struct decl *decl)
{
    const struct invariant *invariant = &decl->invariant;
    struct decision d;
    if (!decision_request(&d, script, policy->program, 0) || !decision_target(&d))
        return false;
    script_assert(script, LEVEL_ALL, script_not(script, d.denied));
    if (!invariant_counts_approvals(decl))
        script_assert(script, LEVEL_ALL, script_not(script, d.asks));
    script_assert(script, LEVEL_ALL, d.eligible);
    script_assert(script, LEVEL_ALL, scene_condition(&d.target, invariant->when).holds);
    if (invariant->claim == DVARA_INVARIANT_NEVER)
        script_assert(script, LEVEL_ALL, scene_condition(&d.target, invariant->never).holds);
    if (invariant->claim == DVARA_INVARIANT_ALWAYS_REDACT)
        script_assert(script, LEVEL_ALL, bare(&d, invariant->group.decl));
    return !arena_is_exhausted(script->arena);
}

/* ---- the answer ---- */

/* What is preferred to the target is down, so that a test sees the target chosen; where that
 * changes what is shown, it stays as it is. */
static void put_first(struct arena *arena, struct replay *replay, struct expr *given)
{
    struct dvara_strs before = replay_before(replay);
    size_t n = given->fields.n;
    struct expr *old = record_find(given, DVARA_STR("targets"));
    struct expr *targets = record_new(arena);
    if (before.n == 0 || old || !targets)
        return;
    for (size_t i = 0; i < before.n; i++) {
        struct dvara_str name = arena_copy(arena, before.v[i]);
        record_put(arena, record_under(arena, targets, name), DVARA_STR("healthy"),
                   record_number(arena, DVARA_TYPE_BOOL, 0));
    }
    record_put(arena, given, DVARA_STR("targets"), targets);
    if (!replay_shows(replay, given))
        given->fields.n = n;
}

static void refute(struct arena *arena, struct replay *replay, const struct expr *given,
                   struct invariant_result *result)
{
    struct buf trace;
    struct expr *small = (struct expr *)(uintptr_t)given; /* of our own arena */
    record_shrink(small, replay_shows, replay);
    if (replay_shows(replay, small))
        put_first(arena, replay, small);
    (void)replay_shows(replay, small);
    result->proof = PROOF_REFUTED;
    result->given = small;
    result->target = arena_copy(arena, replay_target(replay));
    buf_init(&trace, TRACE_MAX);
    replay_explain(replay, small, &trace);
    result->trace = arena_copy(arena, buf_str(&trace));
    buf_clear(&trace);
}

static enum dvara_status judge(struct arena *arena, struct witness_finder *finder,
                               struct replay *replay, struct invariant_result *result)
{
    const struct expr *given = NULL;
    witness_confirm_by(finder, replay_shows, replay);
    switch (witness_next(finder, &given)) {
    case WITNESS_FOUND:
        refute(arena, replay, given, result);
        break;
    case WITNESS_NONE:
        result->proof = PROOF_PROVED;
        break;
    case WITNESS_UNKNOWN:
        result->proof = PROOF_UNKNOWN;
        result->why = witness_why(finder);
        result->free = witness_free_atoms(finder);
        break;
    }
    return arena_is_exhausted(arena) ? DVARA_NO_MEMORY : DVARA_OK;
}

enum dvara_status invariant_prove(struct arena *arena, const struct witness_options *options,
                                  const struct witness_policy *policy, const struct decl *decl,
                                  struct invariant_result *ret_result)
{
    struct script script;
    struct replay *replay = NULL;
    struct witness_finder *finder = NULL;
    *ret_result = (struct invariant_result){.decl = decl, .proof = PROOF_UNKNOWN};
    enum dvara_status status = replay_new(policy, decl, &replay);
    script_init(&script, arena);
    if (status == DVARA_OK && !put_question(&script, policy, decl))
        status = DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        finder = witness_of_script(arena, options, policy, &script);
    if (status == DVARA_OK)
        status = finder ? judge(arena, finder, replay, ret_result) : DVARA_NO_MEMORY;
    witness_free(finder);
    script_clear(&script);
    replay_free(replay);
    return status;
}

void invariant_print_test(const struct invariant_result *result, struct buf *out)
{
    const struct invariant *invariant = &result->decl->invariant;
    buf_printf(out, "test \"%.*s holds\" {\n  given ", DVARA_STR_ARG(result->decl->name));
    record_print(result->given, out);
    BUF_LIT(out, "\n  expect ");
    if (invariant->claim == DVARA_INVARIANT_ALWAYS_REDACT)
        buf_printf(out, "redacted %.*s", DVARA_STR_ARG(invariant->group.name));
    else if (invariant_counts_approvals(result->decl))
        buf_printf(out, "not target \"%.*s\"", DVARA_STR_ARG(result->target));
    else
        BUF_LIT(out, "not allow");
    BUF_LIT(out, "\n}\n");
}

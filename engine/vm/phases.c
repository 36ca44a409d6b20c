/* SPDX-License-Identifier: Apache-2.0 */
/* The phases after dispatch: tool calls and answers, whole and streamed (dvara/engine.h). */
#include "dvara/engine.h"

#include "vm/combine.h"
#include "vm/judge.h"
#include "vm/redact.h"
#include "vm/scan.h"

static void enter(struct dvara_run *run, enum dvara_phase phase, enum dvara_where where,
                  uint32_t depends)
{
    run->phase = (uint8_t)phase;
    scan_forget(run, where);
    run->json = (struct run_json){.good = false};
    run->matches = NULL; /* texts may stand in memory that was used again */
    run_forget(run, depends | BUNDLE_DEPENDS_PHASE);
}

struct dvara_tool_decision dvara_run_tool(struct dvara_run *run)
{
    uint32_t before = run->n_denials, asked = run->n_approvals;
    enter(run, DVARA_PHASE_TOOL, DVARA_WHERE_TOOLS, BUNDLE_DEPENDS_TOOL);
    run->allowed_tool = false;
    judge_stratum(run, STRATUM_TOOL);
    if (run->n_denials == before && !run->allowed_tool &&
        run->bundle->program.tables.manifests->fallback == BUNDLE_DEFAULT_DENY)
        judge_deny(run, BUNDLE_ABSENT, DVARA_PHASE_TOOL, DVARA_STR("policy_denied"), 403,
                   DVARA_STR("no rule allows this tool call"));
    redact_summarise(run, DVARA_PHASE_TOOL);
    combine(run);
    const struct run_denial *denial = combine_first_denial(run, before);
    if (!denial && !run->exhausted && run->n_approvals > asked)
        return (struct dvara_tool_decision){DVARA_VERDICT_APPROVAL, DVARA_STR("approval_required"),
                                            403, combine_first_approval(run, asked)->reason,
                                            combine_first_approval(run, asked)->rule};
    if (run->exhausted)
        return (struct dvara_tool_decision){DVARA_VERDICT_DENY, run->decision.code,
                                            run->decision.status, run->decision.reason,
                                            BUNDLE_ABSENT};
    if (!denial)
        return (struct dvara_tool_decision){.verdict = DVARA_VERDICT_ALLOW, .rule = BUNDLE_ABSENT};
    return (struct dvara_tool_decision){DVARA_VERDICT_DENY, denial->code, denial->status,
                                        denial->reason, denial->rule};
}

static bool is_enforced(const struct dvara_run *run, uint32_t rule)
{
    return run->bundle->program.tables.rules[rule].mode == DVARA_MODE_ENFORCE;
}

/* Has the rule an effect of this kind? */
static bool has_effect(const struct dvara_run *run, uint32_t rule, enum dvara_effect kind)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_rule *row = &t->rules[rule];
    for (uint32_t i = row->first; i < row->first + row->count; i++) {
        if (t->effects[i].kind == kind)
            return true;
    }
    return false;
}

/* Kleene answers it: with all that is not known yet read as an error, a rule that could still hold
 * is not false. */
bool dvara_run_tool_may_match(struct dvara_run *run, struct dvara_str name)
{
    struct dvara_str old = run->facts->tool.name;
    bool may = run->bundle->program.tables.manifests->fallback == BUNDLE_DEFAULT_DENY &&
               run->bundle->index.strata[STRATUM_TOOL].n_all > 0;
    uint64_t steps = run->steps;
    run->facts->tool.name = name;
    run->partial = true;
    enter(run, DVARA_PHASE_TOOL, DVARA_WHERE_TOOLS, BUNDLE_DEPENDS_TOOL);
    uint32_t n = may ? 0 : judge_candidates(run, STRATUM_TOOL);
    for (uint32_t i = 0; i < n && !may; i++) {
        uint32_t rule = run->vm->candidates[i];
        may = is_enforced(run, rule) &&
              (has_effect(run, rule, DVARA_EFFECT_DENY) ||
               has_effect(run, rule, DVARA_EFFECT_APPROVAL) ||
               has_effect(run, rule, DVARA_EFFECT_REDACT)) &&
              !value_is_false(run_condition(run, run->bundle->program.tables.rules[rule].when));
    }
    run->partial = false;
    run->facts->tool.name = old;
    enter(run, DVARA_PHASE_TOOL, DVARA_WHERE_TOOLS, BUNDLE_DEPENDS_TOOL);
    run->steps = steps; /* a question, not a judgement */
    return may;
}

void dvara_run_response(struct dvara_run *run)
{
    enter(run, DVARA_PHASE_RESPONSE, DVARA_WHERE_RESPONSE, BUNDLE_DEPENDS_RESPONSE);
    judge_stratum(run, STRATUM_RESPONSE);
    redact_summarise(run, DVARA_PHASE_RESPONSE);
    combine(run);
}

/* ---- streams ---- */

uint32_t dvara_run_stream_end(struct dvara_run *run)
{
    const struct bundle_rule *rules = run->bundle->program.tables.rules;
    uint32_t before = run->n_matched;
    run->streamed = true;
    dvara_run_response(run);
    run->streamed = false;
    for (uint32_t i = before; i < run->n_matched; i++) {
        uint32_t rule = run->matched[i].rule;
        if (rules[rule].stream == BUNDLE_STREAM_NOTIFY && is_enforced(run, rule) &&
            has_effect(run, rule, DVARA_EFFECT_DENY))
            return rule;
    }
    return UINT32_MAX;
}

/* Nothing is known of an answer that is about to run. */
static void begin_live(struct dvara_run *run)
{
    const struct dvara_bundle *bundle = run->bundle;
    struct run_live *live = ARENA_NEW(run->arena, struct run_live);
    if (live) {
        live->held = ARENA_ARRAY(run->arena, bundle->n_atoms, uint8_t);
        live->counts = ARENA_ARRAY(run->arena, bundle->program.tables.n_groups, int64_t);
        live->matched = ARENA_ARRAY(run->arena, bundle->n_patterns, uint8_t);
    }
    bool ok = live && live->held && live->counts && live->matched;
    run->live = ok ? live : NULL;
    run->exhausted = run->exhausted || !ok;
}

static bool reads_text(const struct dvara_run *run, uint32_t rule)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    uint32_t when = t->rules[rule].when;
    return when != BUNDLE_ABSENT && (t->blocks[when].depends & BUNDLE_DEPENDS_RESPONSE);
}

static void note_need(struct dvara_run *run, uint32_t rule, struct dvara_stream_needs *needs)
{
    if (has_effect(run, rule, DVARA_EFFECT_REDACT))
        needs->redact = true;
    if (!has_effect(run, rule, DVARA_EFFECT_DENY))
        return;
    switch ((enum bundle_stream)run->bundle->program.tables.rules[rule].stream) {
    case BUNDLE_STREAM_INCREMENTAL:
        needs->incremental = true;
        needs->search |= reads_text(run, rule);
        return;
    case BUNDLE_STREAM_BUFFER:
        needs->buffer = true;
        return;
    case BUNDLE_STREAM_NOTIFY:
        needs->notify = true;
        return;
    case BUNDLE_STREAM_EARLY:
    case BUNDLE_STREAM_COUNT:
        return;
    }
}

/* Redactions of rules that could still hold stand from the first byte on. */
static void redact_early(struct dvara_run *run, uint32_t rule)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_rule *row = &t->rules[rule];
    for (uint32_t i = row->first; i < row->first + row->count; i++) {
        if (t->effects[i].kind == DVARA_EFFECT_REDACT)
            judge_redact_stream(run, rule, i);
    }
}

struct dvara_stream_needs dvara_run_stream_needs(struct dvara_run *run)
{
    struct dvara_stream_needs needs = {.redact = false};
    const struct bundle_tables *t = &run->bundle->program.tables;
    run->partial = true;
    enter(run, DVARA_PHASE_RESPONSE, DVARA_WHERE_RESPONSE, BUNDLE_DEPENDS_RESPONSE);
    uint32_t n = judge_candidates(run, STRATUM_RESPONSE);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t rule = run->vm->candidates[i];
        if (!is_enforced(run, rule))
            continue;
        struct value holds = run_condition(run, t->rules[rule].when);
        if (value_is_false(holds))
            continue;
        note_need(run, rule, &needs);
        redact_early(run, rule);
        if (t->rules[rule].stream == BUNDLE_STREAM_EARLY &&
            has_effect(run, rule, DVARA_EFFECT_DENY))
            judge_one(run, rule, STRATUM_RESPONSE);
    }
    run->partial = false;
    if (needs.incremental)
        begin_live(run);
    needs.restore = run->styles[DVARA_WHERE_PROMPT] || run->styles[DVARA_WHERE_TOOLS];
    combine(run);
    return needs;
}

bool dvara_run_response_window(struct dvara_run *run)
{
    uint32_t before = run->n_denials;
    uint64_t steps = run->steps;
    const struct bundle_tables *t = &run->bundle->program.tables;
    if (!run->live)
        begin_live(run);
    enter(run, DVARA_PHASE_RESPONSE, DVARA_WHERE_RESPONSE, BUNDLE_DEPENDS_RESPONSE);
    run->windowed = run->live != NULL;
    uint32_t n = run->live ? judge_candidates(run, STRATUM_RESPONSE) : 0;
    if (run->live) {
        run->live->text = (struct dvara_str){0};
        run->live->hold = 0;
    }
    for (uint32_t i = 0; i < n; i++) {
        uint32_t rule = run->vm->candidates[i];
        if (is_enforced(run, rule) && t->rules[rule].stream == BUNDLE_STREAM_INCREMENTAL &&
            has_effect(run, rule, DVARA_EFFECT_DENY))
            judge_one(run, rule, STRATUM_RESPONSE);
    }
    run->windowed = false;
    enter(run, DVARA_PHASE_RESPONSE, DVARA_WHERE_RESPONSE, BUNDLE_DEPENDS_RESPONSE);
    bool denied = run->n_denials > before || run->exhausted;
    if (denied)
        combine(run);
    run->steps = steps; /* a long answer has many windows: each is bounded, and so is the answer */
    return denied;
}

size_t dvara_run_response_hold(const struct dvara_run *run)
{
    return run->live ? run->live->hold : 0;
}

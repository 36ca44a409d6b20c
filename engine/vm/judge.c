/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/judge.h"

#include "vm/attribute.h"
#include "vm/replay.h"
#include "vm/scan.h"
#include "vm/screen.h"
#include "vm/template.h"
#include "vm/trace.h"

#include <string.h>

static const struct bundle_rule *rule_at(const struct dvara_run *run, uint32_t rule)
{
    return &run->bundle->program.tables.rules[rule];
}

/* ---- candidates ---- */

static void add_rules(struct index_sink *sink, const struct index_rules *rules)
{
    index_sink_add(sink, rules->v, rules->n);
}

/* The value of a subject; an error leads to every rule that asks about it. */
static void follow(struct dvara_run *run, const struct index_subject *subject,
                   struct index_sink *sink)
{
    struct value v;
    bool before = replay_begin(run);
    if (subject->block == BUNDLE_ABSENT)
        run_attribute(run, subject->attribute, 0, &v);
    else
        v = run_let(run, subject->block);
    bool is_unknown = replay_end(run, before);
    bool list = subject->is_each || subject->shape == DVARA_SHAPE_LIST;
    if (is_unknown || value_is_error(v) || (list && !run_charge(run, v.l.n)) ||
        (subject->nets.n_entries && run_has_fault(run, DVARA_ERROR_ADDRESS)))
        add_rules(sink, &subject->users);
    else
        index_find(subject, v, sink);
}

/* For a trace that asks about all: what the index rules out does not hold. */
static uint32_t every_rule(struct dvara_run *run, enum stratum stratum)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_rules; i++) {
        if (index_rule_is_in(&t->rules[i], stratum))
            run->vm->candidates[n++] = i;
    }
    return n;
}

uint32_t judge_candidates(struct dvara_run *run, enum stratum stratum)
{
    const struct index_stratum *index = &run->bundle->index.strata[stratum];
    struct dvara_vm *vm = run->vm;
    vm_next_round(vm);
    if (run->trace && run->trace->every_rule)
        return every_rule(run, stratum);
    struct index_sink sink = {vm->stamps, vm->round, vm->candidates, 0};
    add_rules(&sink, &index->always);
    for (uint32_t i = 0; i < index->n_subjects; i++)
        follow(run, &index->subjects[i], &sink);
    screen_atoms(run, &index->atoms, &sink);
    return sink.n;
}

/* ---- what stands ---- */

static void stand(struct dvara_run *run, uint32_t rule, enum dvara_phase phase)
{
    RUN_PUSH(run, standing, ((struct run_standing){rule, (uint8_t)phase}));
}

static void note_error(struct dvara_run *run, uint32_t rule, struct value error)
{
    RUN_PUSH(run, errors, ((struct dvara_error_note){rule, error.kind}));
}

void judge_deny(struct dvara_run *run, uint32_t rule, enum dvara_phase phase, struct dvara_str code,
                int status, struct dvara_str reason)
{
    int32_t priority = rule == BUNDLE_ABSENT ? INT32_MIN : (int32_t)rule_at(run, rule)->priority;
    RUN_PUSH(run, denials,
             ((struct run_denial){rule, (uint8_t)phase, priority, status, code, reason}));
}

bool judge_is_denied(const struct dvara_run *run, enum dvara_phase phase)
{
    for (uint32_t i = 0; i < run->n_denials; i++) {
        if (run->denials[i].phase == phase)
            return true;
    }
    return false;
}

void judge_default(struct dvara_run *run, enum dvara_phase phase, bool allowed)
{
    if (allowed || run->bundle->program.tables.manifests->fallback == BUNDLE_DEFAULT_ALLOW ||
        judge_is_denied(run, phase))
        return;
    judge_deny(run, BUNDLE_ABSENT, phase, DVARA_STR("policy_denied"), 403,
               phase == DVARA_PHASE_TOOL ? DVARA_STR("no rule allows this tool call")
                                         : DVARA_STR("no rule allows this request"));
}

/* The rule's own reason, else a sentence about it. */
static struct dvara_str reason_of(struct dvara_run *run, uint32_t rule)
{
    const struct bundle_rule *row = rule_at(run, rule);
    struct dvara_str name = bundle_text(run->bundle, row->name);
    if (row->reason != BUNDLE_ABSENT)
        return template_render(run, row->reason).s;
    static const struct dvara_str start = {"denied by rule ", sizeof "denied by rule " - 1};
    char *p =
        arena_alloc(run->arena, start.n + name.n); /* no printf: it costs more than the rest */
    if (!p)
        return DVARA_STR("denied by a rule");
    memcpy(p, start.p, start.n);
    if (name.n)
        memcpy(p + start.n, name.p, name.n);
    return dvara_str_from(p, start.n + name.n);
}

static void policy_error(struct dvara_run *run, uint32_t rule, enum dvara_phase phase,
                         struct value error)
{
    struct dvara_str name = bundle_text(run->bundle, rule_at(run, rule)->name);
    note_error(run, rule, error);
    judge_deny(run, rule, phase, DVARA_STR("policy_error"), 403,
               arena_printf(run->arena, "rule %.*s could not be evaluated", DVARA_STR_ARG(name)));
}

/* ---- effects ---- */

struct judgement {
    uint32_t rule;
    enum stratum stratum;
    enum dvara_phase phase;
    struct value holds;
};

static void deny(struct dvara_run *run, const struct judgement *j, const struct bundle_effect *e)
{
    if (run->streamed && rule_at(run, j->rule)->stream == BUNDLE_STREAM_NOTIFY) {
        struct dvara_str reason = reason_of(run, j->rule);
        RUN_PUSH(run, warnings, ((struct run_warning){{j->rule, (uint8_t)j->phase}, reason}));
        return;
    }
    judge_deny(run, j->rule, j->phase, bundle_text(run->bundle, e->name), (int)e->status,
               reason_of(run, j->rule));
}

static void exclude(struct dvara_run *run, const struct judgement *j)
{
    RUN_PUSH(run, excluded, ((struct dvara_exclusion){j->rule, run->target}));
    stand(run, j->rule, j->phase);
}

static void redact_where(struct dvara_run *run, const struct bundle_effect *e, int where)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_group *group = &t->groups[e->group];
    if (!run->styles[where]) {
        run->styles[where] = ARENA_ARRAY(run->arena, run->bundle->n_detectors, uint8_t);
        run->thresholds[where] = ARENA_ARRAY(run->arena, run->bundle->n_detectors, uint32_t);
        run->counts[where] = ARENA_ARRAY(run->arena, run->bundle->n_detectors, uint32_t);
    }
    if (!run->styles[where] || !run->thresholds[where] || !run->counts[where]) {
        run->styles[where] = NULL;
        run->exhausted = true;
        return;
    }
    for (uint32_t i = group->first; i < group->first + group->count; i++) {
        uint32_t d = t->members[i].detector, threshold = t->members[i].threshold;
        if (!run->styles[where][d] || threshold < run->thresholds[where][d])
            run->thresholds[where][d] = threshold;
        if (run->styles[where][d] < e->style)
            run->styles[where][d] = (uint8_t)e->style;
    }
}

/* Which places a redaction of this phase reaches. */
static uint32_t reach(enum dvara_phase phase)
{
    if (phase == DVARA_PHASE_RESPONSE)
        return 1u << DVARA_WHERE_RESPONSE;
    if (phase == DVARA_PHASE_TOOL)
        return 1u << DVARA_WHERE_TOOLS;
    return 1u << DVARA_WHERE_PROMPT; /* a request's own tool calls are part of its prompt */
}

static void redact(struct dvara_run *run, const struct judgement *j, const struct bundle_effect *e)
{
    uint32_t places = e->where & reach(j->phase);
    for (int where = 0; where < DVARA_WHERE_COUNT; where++) {
        if (places & 1u << where)
            redact_where(run, e, where);
    }
    RUN_PUSH(run, redactors, ((struct run_redactor){j->rule, places}));
    run->restore_tools = run->restore_tools || (e->restore & BUNDLE_RESTORE_TOOLS);
    run->restore_urls = run->restore_urls || (e->restore & BUNDLE_RESTORE_URLS);
    stand(run, j->rule, j->phase);
}

/* Highest priority, then smallest name, which is the smallest number. */
static bool outranks(const struct dvara_run *run, uint32_t a, uint32_t b)
{
    if (b == BUNDLE_ABSENT)
        return true;
    int64_t pa = rule_at(run, a)->priority, pb = rule_at(run, b)->priority;
    return pa != pb ? pa > pb : a < b;
}

static void ask_for(struct dvara_run *run, struct run_setting *setting,
                    const struct run_setting *asked)
{
    if (outranks(run, asked->rule, setting->rule))
        *setting = *asked;
}

static void ask_for_header(struct dvara_run *run, const struct run_setting *asked)
{
    for (uint32_t i = 0; i < run->n_headers; i++) {
        if (!dvara_str_eq(run->headers[i].name, asked->name))
            continue;
        ask_for(run, &run->headers[i], asked);
        return;
    }
    RUN_PUSH(run, headers, *asked);
}

typedef struct value value_function(struct dvara_run *run, const struct bundle_effect *e);

/* What the effect sets or says; in a replay, whether that is known. */
static struct value wanted(struct dvara_run *run, const struct bundle_effect *e,
                           value_function *make, bool *ret_is_unknown)
{
    bool before = replay_begin(run);
    struct value v = make(run, e);
    *ret_is_unknown = replay_end(run, before);
    if (*ret_is_unknown)
        replay_suppose(run, e);
    return *ret_is_unknown ? value_str(DVARA_STR("")) : v;
}

static struct value value_to_set(struct dvara_run *run, const struct bundle_effect *e)
{
    return e->value != BUNDLE_ABSENT  ? run_block(run, e->value)
           : e->text != BUNDLE_ABSENT ? template_render(run, e->text)
                                      : value_bool(false);
}

/* Of what an effect says only its text is verified to be one. */
static struct value text_to_tell(struct dvara_run *run, const struct bundle_effect *e)
{
    return template_render(run, e->text);
}

static void rewrite(struct dvara_run *run, const struct judgement *j, const struct bundle_effect *e)
{
    bool is_unknown;
    struct value v = wanted(run, e, value_to_set, &is_unknown);
    if (value_is_error(v)) {
        policy_error(run, j->rule, j->phase, v);
        return;
    }
    struct run_setting asked = {.rule = j->rule, .value = v, .is_unknown = is_unknown};
    switch (e->kind) {
    case DVARA_EFFECT_CAP:
        RUN_PUSH(run, caps, asked);
        return;
    case DVARA_EFFECT_SET_MODEL:
        ask_for(run, &run->set_model, &asked);
        return;
    case DVARA_EFFECT_SET_TEMPERATURE:
        ask_for(run, &run->set_temperature, &asked);
        return;
    case DVARA_EFFECT_SET_USER:
        ask_for(run, &run->set_user, &asked);
        return;
    case DVARA_EFFECT_SET_HEADER:
        asked.name = bundle_text(run->bundle, e->name);
        ask_for_header(run, &asked);
        return;
    default:
        asked.value.i = e->route;
        ask_for(run, &run->route, &asked);
    }
}

static void tell(struct dvara_run *run, const struct judgement *j, const struct bundle_effect *e)
{
    bool is_unknown;
    struct value v = wanted(run, e, text_to_tell, &is_unknown);
    if (value_is_error(v)) {
        policy_error(run, j->rule, j->phase, v);
        return;
    }
    if (is_unknown && e->kind == DVARA_EFFECT_TAG)
        replay_doubt(run, DVARA_DOUBT_TAG);
    if (e->kind == DVARA_EFFECT_WARN) {
        RUN_PUSH(run, warnings, ((struct run_warning){{j->rule, (uint8_t)j->phase}, v.s}));
        stand(run, j->rule, j->phase);
        return;
    }
    struct dvara_tag tag = {bundle_text(run->bundle, e->name), v.s};
    if (j->phase == DVARA_PHASE_TARGET) {
        RUN_PUSH(run, target_tags, ((struct run_target_tag){run->target, tag, j->rule}));
        return;
    }
    RUN_PUSH(run, tags, tag);
    stand(run, j->rule, j->phase);
}

/* The values bound, printed; false: one of them erred. */
static bool bind_values(struct dvara_run *run, const struct judgement *j,
                        const struct bundle_effect *e)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    for (uint32_t i = e->bind_first; i < e->bind_first + e->bind_count; i++) {
        bool before = replay_begin(run);
        struct value v = run_block(run, t->binds[i].block);
        if (replay_end(run, before))
            v = (struct value){.state = VALUE_PRESENT}; /* no record tells what was bound */
        if (value_is_error(v)) {
            policy_error(run, j->rule, j->phase, v);
            return false;
        }
        struct dvara_str text = template_value(run, (uint8_t)t->blocks[t->binds[i].block].type, v);
        struct run_bind bind = {(uint8_t)j->phase,
                                {bundle_text(run->bundle, t->binds[i].text), text}};
        RUN_PUSH(run, binds, bind);
    }
    return true;
}

static void require_approval(struct dvara_run *run, const struct judgement *j,
                             const struct bundle_effect *e)
{
    if (!bind_values(run, j, e))
        return;
    struct dvara_str reason = DVARA_STR("a human must approve this");
    uint32_t effect = (uint32_t)(e - run->bundle->program.tables.effects);
    if (rule_at(run, j->rule)->reason != BUNDLE_ABSENT)
        reason = template_render(run, rule_at(run, j->rule)->reason).s;
    RUN_PUSH(run, approvals, ((struct run_approval){j->rule, effect, (uint8_t)j->phase, reason}));
    if (j->phase == DVARA_PHASE_REQUEST)
        run->allowed_request = true;
    else
        run->allowed_tool = true; /* it stands in for a missing `allow` of its own phase (R16) */
    stand(run, j->rule, j->phase);
}

static void use_cache(struct dvara_run *run, const struct judgement *j,
                      const struct bundle_effect *e)
{
    RUN_PUSH(run, caches, ((struct run_cache){j->rule, e->option != 0, e->ttl}));
}

static void apply(struct dvara_run *run, const struct judgement *j, const struct bundle_effect *e)
{
    switch ((enum dvara_effect)e->kind) {
    case DVARA_EFFECT_DENY:
        if (j->stratum == STRATUM_REJUDGE)
            exclude(run, j);
        else
            deny(run, j, e);
        return;
    case DVARA_EFFECT_APPROVAL:
        if (j->stratum == STRATUM_REJUDGE)
            exclude(run, j);
        else
            require_approval(run, j, e);
        return;
    case DVARA_EFFECT_NO_CACHE:
        run->decision.no_cache = true;
        stand(run, j->rule, j->phase);
        return;
    case DVARA_EFFECT_CACHE:
        use_cache(run, j, e);
        return;
    case DVARA_EFFECT_EXCLUDE:
        exclude(run, j);
        return;
    case DVARA_EFFECT_ALLOW:
        if (j->phase == DVARA_PHASE_REQUEST)
            run->allowed_request = true;
        else
            run->allowed_tool = true;
        stand(run, j->rule, j->phase);
        return;
    case DVARA_EFFECT_REDACT:
        redact(run, j, e);
        return;
    case DVARA_EFFECT_WARN:
    case DVARA_EFFECT_TAG:
        tell(run, j, e);
        return;
    case DVARA_EFFECT_CAP:
    case DVARA_EFFECT_SET_MODEL:
    case DVARA_EFFECT_SET_TEMPERATURE:
    case DVARA_EFFECT_SET_USER:
    case DVARA_EFFECT_SET_HEADER:
    case DVARA_EFFECT_USE_ROUTE:
        rewrite(run, j, e);
        return;
    case DVARA_EFFECT_COUNT:
        return;
    }
}

/* Enforced: each effect as its row of effects.def says. Returns whether any applies. */
static bool apply_all(struct dvara_run *run, const struct judgement *j, bool enforce)
{
    const struct bundle_rule *rule = rule_at(run, j->rule);
    bool error = value_is_error(j->holds), any = false;
    for (uint32_t i = rule->first; i < rule->first + rule->count; i++) {
        const struct bundle_effect *e = &run->bundle->program.tables.effects[i];
        enum dvara_on_error on_error = (enum dvara_on_error)effect_place(e->kind)->on_error;
        if (error && on_error == DVARA_ON_ERROR_SKIP)
            continue;
        if (j->stratum == STRATUM_REJUDGE && e->kind != DVARA_EFFECT_DENY &&
            e->kind != DVARA_EFFECT_APPROVAL)
            continue;
        any = true;
        if (enforce && error && on_error == DVARA_ON_ERROR_DENY)
            policy_error(run, j->rule, j->phase, j->holds);
        else if (enforce)
            apply(run, j, e);
    }
    return any;
}

/* A rule in mode `report` tells the caller what it would have done. */
static void report(struct dvara_run *run, const struct judgement *j)
{
    const struct bundle_rule *rule = rule_at(run, j->rule);
    struct dvara_str name = bundle_text(run->bundle, rule->name);
    struct dvara_str text = arena_printf(run->arena, "rule %.*s would apply", DVARA_STR_ARG(name));
    if (rule->reason != BUNDLE_ABSENT)
        text = template_render(run, rule->reason).s;
    RUN_PUSH(run, warnings, ((struct run_warning){{j->rule, (uint8_t)j->phase}, text}));
}

/* ---- opaque input (R14) ---- */

static bool is_opaque(const struct dvara_run *run, uint32_t opaque)
{
    struct dvara_strs kinds = run->facts->request.opaque;
    for (size_t i = 0; i < kinds.n; i++) {
        if (opaque == BUNDLE_OPAQUE_ALL || dvara_str_eq(kinds.v[i], DVARA_STR("tokens")))
            return true;
    }
    return false;
}

static void judge_opaque(struct dvara_run *run, const struct judgement *j)
{
    const struct bundle_rule *rule = rule_at(run, j->rule);
    if (j->stratum != STRATUM_REQUEST || rule->mode != DVARA_MODE_ENFORCE ||
        rule->opaque == BUNDLE_OPAQUE_NONE || !is_opaque(run, rule->opaque) ||
        value_is_false(run_condition(run, rule->opaque_when)))
        return;
    struct dvara_str name = bundle_text(run->bundle, rule->name);
    judge_deny(run, j->rule, j->phase, DVARA_STR("unscannable_input"), 400,
               arena_printf(run->arena,
                            "rule %.*s must read the input, and part of it is opaque: send text "
                            "instead of token ids, images, audio, files or URLs",
                            DVARA_STR_ARG(name)));
}

/* ---- one rule ---- */

static enum dvara_phase phase_of(enum stratum stratum)
{
    static const uint8_t phases[STRATUM_COUNT] = {
        [STRATUM_REWRITE] = DVARA_PHASE_REQUEST, [STRATUM_REQUEST] = DVARA_PHASE_REQUEST,
        [STRATUM_TARGET] = DVARA_PHASE_TARGET,   [STRATUM_REJUDGE] = DVARA_PHASE_TARGET,
        [STRATUM_TOOL] = DVARA_PHASE_TOOL,       [STRATUM_RESPONSE] = DVARA_PHASE_RESPONSE};
    return (enum dvara_phase)phases[stratum];
}

static void judge_rule(struct dvara_run *run, uint32_t index, enum stratum stratum)
{
    const struct bundle_rule *rule = rule_at(run, index);
    struct judgement j = {index, stratum, phase_of(stratum), value_bool(false)};
    if (stratum == STRATUM_REJUDGE && memo_get(&run->held, index))
        return;
    bool before = replay_begin(run);
    j.holds = run_condition(run, rule->when);
    if (replay_end(run, before))
        replay_doubt(run, DVARA_DOUBT_CONDITION);
    trace_rule(run, index, j.phase, j.holds);
    judge_opaque(run, &j);
    if (value_is_false(j.holds))
        return;
    if (stratum == STRATUM_REQUEST && (rule->flags & BUNDLE_RULE_REJUDGED))
        run_keep(run, &run->held, index, 1);
    if (value_is_error(j.holds))
        note_error(run, index, j.holds);
    if (!apply_all(run, &j, rule->mode == DVARA_MODE_ENFORCE))
        return;
    RUN_PUSH(run, matched,
             ((struct dvara_rule_match){index, (uint8_t)j.phase, (uint8_t)rule->mode}));
    if (rule->mode == DVARA_MODE_SHADOW)
        RUN_PUSH(run, shadow, index);
    else if (rule->mode == DVARA_MODE_REPORT)
        report(run, &j);
}

void judge_one(struct dvara_run *run, uint32_t rule, enum stratum stratum)
{
    judge_rule(run, rule, stratum);
}

void judge_redact_stream(struct dvara_run *run, uint32_t rule, uint32_t effect)
{
    const struct bundle_effect *e = &run->bundle->program.tables.effects[effect];
    uint32_t places = e->where & 1u << DVARA_WHERE_RESPONSE;
    if (places)
        redact_where(run, e, DVARA_WHERE_RESPONSE);
    RUN_PUSH(run, redactors, ((struct run_redactor){rule, places}));
    run->restore_tools = run->restore_tools || (e->restore & BUNDLE_RESTORE_TOOLS);
    run->restore_urls = run->restore_urls || (e->restore & BUNDLE_RESTORE_URLS);
}

void judge_unredacted(struct dvara_run *run, enum dvara_phase phase, uint32_t where,
                      enum dvara_error_kind kind)
{
    for (uint32_t i = 0; i < run->n_redactors; i++) {
        uint32_t rule = run->redactors[i].rule;
        if (!(run->redactors[i].where & where))
            continue;
        note_error(run, rule, value_error(kind));
        judge_deny(run, rule, phase, DVARA_STR("policy_error"), 403,
                   DVARA_STR("a text that must be redacted could not be scanned"));
    }
}

void judge_stratum(struct dvara_run *run, enum stratum stratum)
{
    uint32_t n = judge_candidates(run, stratum);
    for (uint32_t i = 0; i < n; i++)
        judge_rule(run, run->vm->candidates[i], stratum);
}

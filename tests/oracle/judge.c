/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const phase_names[] = {
#define PHASE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const mode_names[] = {
#define MODE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const error_names[] = {
#define ERROR_KIND(id, spelling, what) spelling,
#include "dvara/words.def"
};

void oracle_notes_add(struct notes *notes, struct arena *arena, struct dvara_str note)
{
    for (size_t i = 0; i < notes->n; i++)
        if (dvara_str_eq(notes->v[i], note))
            return;
    if (notes->n < NOTES_MAX)
        notes->v[notes->n++] = arena_copy(arena, note);
}

void oracle_note(struct judge *judge, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    size_t length = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    oracle_notes_add(&judge->notes, judge->arena, dvara_str_from(line, length));
}

void oracle_stand(struct judge *judge, const struct decl *decl)
{
    oracle_notes_add(&judge->standing, judge->arena, decl->name);
}

void oracle_init(struct judge *judge, const struct program *program, struct arena *arena,
                 const struct dvara_facts *facts, const struct finder *finder)
{
    *judge = (struct judge){.program = program, .arena = arena, .finder = finder, .facts = *facts};
}

bool oracle_outranks(const struct decl *a, const struct decl *b)
{
    if (!b)
        return true;
    if (a->rule.priority != b->rule.priority)
        return a->rule.priority > b->rule.priority;
    return dvara_str_cmp(a->name, b->name) < 0;
}

static struct scope scope_of(struct judge *judge, enum dvara_phase phase)
{
    return (struct scope){
        .facts = &judge->facts, .arena = judge->arena, .phase = phase, .finder = judge->finder};
}

struct value oracle_condition(struct judge *judge, const struct decl *decl, enum dvara_phase phase)
{
    struct scope scope = scope_of(judge, phase);
    return walk_condition(&scope, decl->rule.when);
}

/* Of one rule's denials in one phase, the one whose code is smaller. */
static bool denies_before(const struct judge *judge, const struct decl *decl,
                          enum dvara_phase phase, struct dvara_str code)
{
    if (!judge->denied || phase != judge->denied_in)
        return !judge->denied;
    if (decl == judge->denier)
        return dvara_str_cmp(code, judge->code) < 0;
    return decl && oracle_outranks(decl, judge->denier);
}

void oracle_deny(struct judge *judge, const struct decl *decl, enum dvara_phase phase,
                 struct dvara_str code, int64_t status)
{
    if (decl)
        oracle_notes_add(&judge->denying, judge->arena, decl->name);
    if (!denies_before(judge, decl, phase, code))
        return;
    judge->denied = true;
    judge->denied_in = phase;
    judge->denier = decl;
    judge->code = code;
    judge->status = status;
    judge->reason = (struct dvara_str){0};
    if (decl && decl->rule.reason && !dvara_str_eq(code, DVARA_STR("policy_error")) &&
        !dvara_str_eq(code, DVARA_STR("unscannable_input"))) {
        struct scope scope = scope_of(judge, phase);
        struct value reason = walk_template(&scope, decl->rule.reason);
        judge->reason = reason.s;
    }
}

void oracle_policy_error(struct judge *judge, const struct decl *decl, enum dvara_phase phase,
                         struct value error)
{
    oracle_note(judge, "error %s %.*s", error_names[error.error], DVARA_STR_ARG(decl->name));
    oracle_deny(judge, decl, phase, DVARA_STR("policy_error"), 403);
}

/* ---- the first stratum ---- */

static void set_header(struct judge *judge, const struct decl *decl, struct dvara_str name,
                       struct dvara_str value)
{
    size_t i = 0;
    while (i < judge->n_headers && !dvara_str_eq(judge->headers[i].name, name))
        i++;
    if (i == judge->n_headers)
        judge->n_headers++;
    else if (!oracle_outranks(decl, judge->headers[i].by))
        return;
    judge->headers[i].by = decl;
    judge->headers[i].name = name;
    judge->headers[i].value = value;
}

static void ask_for(struct judge *judge, const struct decl *decl, enum dvara_effect kind,
                    struct value v)
{
    if (kind == DVARA_EFFECT_CAP) {
        int64_t cap = v.i < 1 ? 1 : v.i;
        if (judge->cappers.n && cap > judge->cap)
            return;
        if (cap < judge->cap)
            judge->cappers.n = 0;
        judge->cap = cap;
        oracle_notes_add(&judge->cappers, judge->arena, decl->name);
    } else if (oracle_outranks(decl, judge->set[kind].by)) {
        judge->set[kind].by = decl;
        judge->set[kind].value = v;
    }
}

static void rewrite(struct judge *judge, const struct decl *decl, const struct effect *effect)
{
    struct scope scope = scope_of(judge, DVARA_PHASE_REQUEST);
    if (effect->kind == DVARA_EFFECT_USE_ROUTE) {
        if (oracle_outranks(decl, judge->forced_by)) {
            judge->forced_by = decl;
            judge->forced_route = effect->route.decl;
        }
        return;
    }
    bool header = effect->kind == DVARA_EFFECT_SET_HEADER;
    const struct expr *expr = header ? effect->header.value : effect->value;
    struct value v = header && effect->header.template
                         ? walk_template(&scope, effect->header.template)
                         : walk(&scope, expr);
    if (v.state == VALUE_ERROR) {
        oracle_policy_error(judge, decl, DVARA_PHASE_REQUEST, v);
        return;
    }
    if (effect->kind == DVARA_EFFECT_SET_TEMPERATURE && expr->type.base == DVARA_TYPE_INT)
        v.f = (double)v.i;
    if (header)
        set_header(judge, decl, effect->header.name.s, v.s);
    else
        ask_for(judge, decl, effect->kind, v);
}

/* Values become visible to the second stratum together. */
static void apply_rewrites(struct judge *judge)
{
    struct dvara_facts *f = &judge->facts;
    for (int kind = 0; kind < DVARA_EFFECT_COUNT; kind++)
        if (judge->set[kind].by && kind != DVARA_EFFECT_CAP)
            oracle_stand(judge, judge->set[kind].by);
    for (size_t i = 0; i < judge->n_headers; i++)
        oracle_stand(judge, judge->headers[i].by);
    if (judge->forced_by)
        oracle_stand(judge, judge->forced_by);
    if (judge->set[DVARA_EFFECT_SET_MODEL].by) {
        f->request.model = judge->set[DVARA_EFFECT_SET_MODEL].value.s;
        judge->model_was_set = true;
    }
    if (judge->set[DVARA_EFFECT_SET_TEMPERATURE].by)
        f->request.temperature =
            (struct dvara_opt_float){true, judge->set[DVARA_EFFECT_SET_TEMPERATURE].value.f};
    if (judge->set[DVARA_EFFECT_SET_USER].by)
        f->request.user = judge->set[DVARA_EFFECT_SET_USER].value.s;
    int64_t cap = judge->cap < 1 ? 1 : judge->cap;
    if (judge->cappers.n == 0 || (f->request.max_tokens.has && f->request.max_tokens.value <= cap))
        return;
    f->request.max_tokens = (struct dvara_opt_int){true, cap};
    for (size_t i = 0; i < judge->cappers.n; i++)
        oracle_notes_add(&judge->standing, judge->arena, judge->cappers.v[i]);
}

/* ---- one rule ---- */

static void tag(struct judge *judge, const struct decl *decl, enum dvara_phase phase,
                struct dvara_str key, struct dvara_str value)
{
    if (phase != DVARA_PHASE_TARGET) {
        oracle_note(judge, "tag %.*s %.*s", DVARA_STR_ARG(key), DVARA_STR_ARG(value));
        oracle_stand(judge, decl);
        return;
    }
    size_t n = judge->n_target_tags++;
    judge->target_tags[n].target = judge->target;
    judge->target_tags[n].by = decl;
    judge->target_tags[n].tag =
        arena_printf(judge->arena, "tag %.*s %.*s", DVARA_STR_ARG(key), DVARA_STR_ARG(value));
}

static void tell(struct judge *judge, const struct decl *decl, const struct effect *effect,
                 enum dvara_phase phase)
{
    struct scope scope = scope_of(judge, phase);
    bool warns = effect->kind == DVARA_EFFECT_WARN;
    struct value v = walk_template(&scope, warns ? effect->warn : effect->tag.value);
    if (v.state == VALUE_ERROR) {
        oracle_policy_error(judge, decl, phase, v);
    } else if (warns) {
        oracle_note(judge, "warn %.*s", DVARA_STR_ARG(v.s));
        oracle_stand(judge, decl);
    } else {
        tag(judge, decl, phase, effect->tag.key.s, v.s);
    }
}

static void apply(struct judge *judge, const struct decl *decl, const struct effect *effect,
                  enum dvara_phase phase)
{
    switch (effect->kind) {
    case DVARA_EFFECT_DENY:
        oracle_deny(judge, decl, phase,
                    effect->deny.code.s.p ? effect->deny.code.s : DVARA_STR("policy_denied"),
                    effect->deny.status.has ? effect->deny.status.i : 403);
        return;
    case DVARA_EFFECT_ALLOW:
        judge->allowed = true;
        oracle_stand(judge, decl);
        return;
    case DVARA_EFFECT_WARN:
    case DVARA_EFFECT_TAG:
        tell(judge, decl, effect, phase);
        return;
    case DVARA_EFFECT_EXCLUDE:
        return; /* plan.c */
    case DVARA_EFFECT_APPROVAL:
        oracle_approval(judge, decl, effect, phase);
        return;
    case DVARA_EFFECT_REDACT:
        oracle_redact(judge, decl, effect, phase);
        oracle_stand(judge, decl);
        return;
    case DVARA_EFFECT_NO_CACHE:
        judge->no_cache = true;
        oracle_stand(judge, decl);
        return;
    case DVARA_EFFECT_CACHE:
        judge->caches[judge->n_caches].by = decl;
        judge->caches[judge->n_caches].ttl = effect->cache.ttl.i;
        judge->caches[judge->n_caches++].any = effect->cache.any;
        return;
    default:
        rewrite(judge, decl, effect);
    }
}

/* A rule in mode `report` tells its reason. */
static void report(struct judge *judge, const struct decl *decl, enum dvara_phase phase)
{
    struct scope scope = scope_of(judge, phase);
    struct value v = {
        .s = arena_printf(judge->arena, "rule %.*s would apply", DVARA_STR_ARG(decl->name))};
    if (decl->rule.reason)
        v = walk_template(&scope, decl->rule.reason);
    oracle_note(judge, "warn %.*s", DVARA_STR_ARG(v.s));
}

bool oracle_rule(struct judge *judge, const struct decl *decl, enum dvara_phase phase)
{
    const struct rule *rule = &decl->rule;
    struct value holds = oracle_condition(judge, decl, phase);
    if (phase == DVARA_PHASE_REQUEST && !rule->is_rewrite)
        oracle_opaque(judge, decl);
    bool error = holds.state == VALUE_ERROR;
    if (error)
        oracle_note(judge, "error %s %.*s", error_names[holds.error], DVARA_STR_ARG(decl->name));
    if (!error && !holds.i)
        return false;
    bool any = false;
    for (size_t i = 0; i < rule->n_effects; i++) {
        const struct effect *effect = &rule->effects[i];
        enum dvara_on_error on_error = (enum dvara_on_error)effect_row(effect->kind)->on_error;
        if ((error && on_error == DVARA_ON_ERROR_SKIP) ||
            (judge->rejudging && effect->kind != DVARA_EFFECT_DENY &&
             effect->kind != DVARA_EFFECT_APPROVAL))
            continue;
        any = true;
        if (rule->mode != DVARA_MODE_ENFORCE ||
            (judge->rejudging && effect->kind == DVARA_EFFECT_APPROVAL))
            continue;
        if (error && on_error == DVARA_ON_ERROR_DENY)
            oracle_policy_error(judge, decl, phase, holds);
        else
            apply(judge, decl, effect, phase);
    }
    if (any)
        oracle_note(judge, "matched %s %s %.*s", phase_names[phase], mode_names[rule->mode],
                    DVARA_STR_ARG(decl->name));
    if (any && rule->mode == DVARA_MODE_SHADOW)
        oracle_note(judge, "shadow %.*s", DVARA_STR_ARG(decl->name));
    if (any && rule->mode == DVARA_MODE_REPORT)
        report(judge, decl, phase);
    return any && rule->mode == DVARA_MODE_ENFORCE;
}

static void judge_all(struct judge *judge, enum dvara_phase phase, bool rewrites)
{
    const struct decls *rules = &judge->program->by_kind[DECL_RULE];
    for (size_t i = 0; i < rules->n; i++)
        if (rules->v[i]->rule.phases >> phase & 1 && rules->v[i]->rule.is_rewrite == rewrites)
            (void)oracle_rule(judge, rules->v[i], phase);
}

static void judge_default(struct judge *judge, enum dvara_phase phase)
{
    const struct decl *fallback = judge->program->fallback;
    bool denied_here = judge->denied && judge->denied_in == phase;
    if (!denied_here && !judge->allowed && !(fallback && fallback->fallback.allow))
        oracle_deny(judge, NULL, phase, DVARA_STR("policy_denied"), 403);
}

void oracle_request(struct judge *judge)
{
    judge_all(judge, DVARA_PHASE_REQUEST, true);
    apply_rewrites(judge);
    judge_all(judge, DVARA_PHASE_REQUEST, false);
    judge_default(judge, DVARA_PHASE_REQUEST);
    oracle_redacted(judge, DVARA_PHASE_REQUEST);
}

void oracle_tool(struct judge *judge)
{
    judge->allowed = false;
    judge_all(judge, DVARA_PHASE_TOOL, false);
    judge_default(judge, DVARA_PHASE_TOOL);
    oracle_redacted(judge, DVARA_PHASE_TOOL);
}

void oracle_response(struct judge *judge)
{
    judge_all(judge, DVARA_PHASE_RESPONSE, false);
    oracle_redacted(judge, DVARA_PHASE_RESPONSE);
}

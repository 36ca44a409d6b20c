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

void judge_note(struct judge *judge, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    struct dvara_str s =
        dvara_str_from(line, (size_t)n < sizeof line ? (size_t)n : sizeof line - 1);
    for (size_t i = 0; i < judge->notes.n; i++)
        if (dvara_str_eq(judge->notes.v[i], s))
            return;
    if (judge->notes.n < NOTES_MAX)
        judge->notes.v[judge->notes.n++] = arena_copy(judge->arena, s);
}

void judge_init(struct judge *judge, const struct program *program, struct arena *arena,
                const struct dvara_facts *facts)
{
    *judge = (struct judge){.program = program, .arena = arena, .facts = *facts};
}

/* Does a stand before b: higher priority, then smaller name? */
static bool outranks(const struct decl *a, const struct decl *b)
{
    if (!b)
        return true;
    if (a->rule.priority != b->rule.priority)
        return a->rule.priority > b->rule.priority;
    return dvara_str_cmp(a->name, b->name) < 0;
}

static struct scope scope_of(struct judge *judge, enum dvara_phase phase)
{
    return (struct scope){.facts = &judge->facts, .arena = judge->arena, .phase = phase};
}

struct value judge_condition(struct judge *judge, const struct decl *decl, enum dvara_phase phase)
{
    struct scope scope = scope_of(judge, phase);
    return walk_condition(&scope, decl->rule.when);
}

void judge_deny(struct judge *judge, const struct decl *decl, struct dvara_str code, int64_t status)
{
    judge->denied = true;
    judge_note(judge, "rule %.*s", DVARA_STR_ARG(decl->name));
    if (!outranks(decl, judge->denier))
        return;
    judge->denier = decl;
    judge->code = code;
    judge->status = status;
    judge->reason = (struct dvara_str){0};
    if (decl->rule.reason) {
        struct scope scope = scope_of(judge, DVARA_PHASE_REQUEST);
        struct value reason = walk_template(&scope, decl->rule.reason);
        judge->reason = reason.state == VALUE_PRESENT ? reason.s : (struct dvara_str){0};
    }
}

static void policy_error(struct judge *judge, const struct decl *decl, struct value error)
{
    judge_note(judge, "error %s %.*s", error_names[error.error], DVARA_STR_ARG(decl->name));
    judge_deny(judge, decl, DVARA_STR("policy_error"), 403);
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
    else if (!outranks(decl, judge->headers[i].by))
        return;
    judge->headers[i].by = decl;
    judge->headers[i].name = name;
    judge->headers[i].value = value;
}

static void ask_for(struct judge *judge, const struct decl *decl, enum dvara_effect kind,
                    struct value v)
{
    const struct decl *by = judge->set[kind].by;
    bool takes =
        kind == DVARA_EFFECT_CAP ? !by || v.i < judge->set[kind].value.i : outranks(decl, by);
    if (!takes)
        return;
    judge->set[kind].by = decl;
    judge->set[kind].value = v;
}

static void rewrite(struct judge *judge, const struct decl *decl, const struct effect *effect)
{
    struct scope scope = scope_of(judge, DVARA_PHASE_REQUEST);
    if (effect->kind == DVARA_EFFECT_USE_ROUTE) {
        if (outranks(decl, judge->forced_by)) {
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
        policy_error(judge, decl, v);
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
    if (judge->set[DVARA_EFFECT_SET_MODEL].by) {
        f->request.model = judge->set[DVARA_EFFECT_SET_MODEL].value.s;
        judge->model_was_set = true;
    }
    if (judge->set[DVARA_EFFECT_SET_TEMPERATURE].by)
        f->request.temperature =
            (struct dvara_opt_float){true, judge->set[DVARA_EFFECT_SET_TEMPERATURE].value.f};
    if (judge->set[DVARA_EFFECT_SET_USER].by)
        f->request.user = judge->set[DVARA_EFFECT_SET_USER].value.s;
    if (judge->set[DVARA_EFFECT_CAP].by) {
        int64_t cap = judge->set[DVARA_EFFECT_CAP].value.i;
        cap = cap < 1 ? 1 : cap;
        if (!f->request.max_tokens.has || f->request.max_tokens.value > cap)
            f->request.max_tokens = (struct dvara_opt_int){true, cap};
    }
}

/* ---- one rule ---- */

static void tell(struct judge *judge, const struct decl *decl, enum dvara_phase phase,
                 const char *what, const struct template *template, struct dvara_str key)
{
    struct scope scope = scope_of(judge, phase);
    struct value v = walk_template(&scope, template);
    if (v.state == VALUE_ERROR)
        policy_error(judge, decl, v);
    else
        judge_note(judge, "%s %.*s %.*s", what, DVARA_STR_ARG(key), DVARA_STR_ARG(v.s));
}

static void apply(struct judge *judge, const struct decl *decl, const struct effect *effect,
                  enum dvara_phase phase)
{
    switch (effect->kind) {
    case DVARA_EFFECT_DENY:
        judge_deny(judge, decl,
                   effect->deny.code.s.p ? effect->deny.code.s : DVARA_STR("policy_denied"),
                   effect->deny.status.has ? effect->deny.status.i : 403);
        return;
    case DVARA_EFFECT_ALLOW:
        judge->allowed = true;
        judge_note(judge, "rule %.*s", DVARA_STR_ARG(decl->name));
        return;
    case DVARA_EFFECT_WARN:
        judge_note(judge, "rule %.*s", DVARA_STR_ARG(decl->name));
        tell(judge, decl, phase, "warn", effect->warn, DVARA_STR(""));
        return;
    case DVARA_EFFECT_TAG:
        judge_note(judge, "rule %.*s", DVARA_STR_ARG(decl->name));
        tell(judge, decl, phase, "tag", effect->tag.value, effect->tag.key.s);
        return;
    default:
        judge_note(judge, "rule %.*s", DVARA_STR_ARG(decl->name));
        rewrite(judge, decl, effect);
    }
}

bool judge_rule(struct judge *judge, const struct decl *decl, enum dvara_phase phase)
{
    const struct rule *rule = &decl->rule;
    struct value holds = judge_condition(judge, decl, phase);
    bool error = holds.state == VALUE_ERROR;
    if (error)
        judge_note(judge, "error %s %.*s", error_names[holds.error], DVARA_STR_ARG(decl->name));
    if (!error && !holds.i)
        return false;
    bool any = false;
    for (size_t i = 0; i < rule->n_effects; i++) {
        const struct effect *effect = &rule->effects[i];
        enum dvara_on_error on_error = (enum dvara_on_error)effect_row(effect->kind)->on_error;
        if (error && on_error == DVARA_ON_ERROR_SKIP)
            continue;
        any = true;
        if (rule->mode != DVARA_MODE_ENFORCE)
            continue;
        if (error && on_error == DVARA_ON_ERROR_DENY)
            judge_deny(judge, decl, DVARA_STR("policy_error"), 403);
        else if (effect->kind != DVARA_EFFECT_EXCLUDE)
            apply(judge, decl, effect, phase);
    }
    if (any)
        judge_note(judge, "matched %s %s %.*s", phase_names[phase], mode_names[rule->mode],
                   DVARA_STR_ARG(decl->name));
    if (any && rule->mode == DVARA_MODE_SHADOW)
        judge_note(judge, "shadow %.*s", DVARA_STR_ARG(decl->name));
    return any && rule->mode == DVARA_MODE_ENFORCE;
}

static void judge_all(struct judge *judge, enum dvara_phase phase, bool rewrites)
{
    const struct decls *rules = &judge->program->by_kind[DECL_RULE];
    for (size_t i = 0; i < rules->n; i++)
        if (rules->v[i]->rule.phases >> phase & 1 && rules->v[i]->rule.is_rewrite == rewrites)
            (void)judge_rule(judge, rules->v[i], phase);
}

static void judge_default(struct judge *judge)
{
    const struct decl *fallback = judge->program->fallback;
    if (judge->denied || judge->allowed || (fallback && fallback->fallback.allow))
        return;
    judge->denied = true;
    judge->code = DVARA_STR("policy_denied");
    judge->status = 403;
}

void judge_request(struct judge *judge)
{
    judge_all(judge, DVARA_PHASE_REQUEST, true);
    apply_rewrites(judge);
    judge_all(judge, DVARA_PHASE_REQUEST, false);
    judge_default(judge);
}

void judge_tool(struct judge *judge)
{
    judge->allowed = false;
    judge_all(judge, DVARA_PHASE_TOOL, false);
    judge_default(judge);
}

void judge_response(struct judge *judge)
{
    judge_all(judge, DVARA_PHASE_RESPONSE, false);
}

/* ---- printing ---- */

static int by_bytes(const void *a, const void *b)
{
    return dvara_str_cmp(*(const struct dvara_str *)a, *(const struct dvara_str *)b);
}

void notes_print(struct notes *notes, struct buf *out)
{
    qsort(notes->v, notes->n, sizeof notes->v[0], by_bytes);
    for (size_t i = 0; i < notes->n; i++) {
        buf_append(out, notes->v[i]);
        buf_byte(out, '\n');
    }
}

void judge_print(struct judge *judge, struct buf *out)
{
    const struct dvara_facts *f = &judge->facts;
    judge_note(judge, "verdict %s", judge->denied ? "deny" : "allow");
    if (judge->denied)
        judge_note(judge, "code %.*s %d", DVARA_STR_ARG(judge->code), (int)judge->status);
    if (judge->denied && judge->reason.p)
        judge_note(judge, "reason %.*s", DVARA_STR_ARG(judge->reason));
    judge_note(judge, "model %.*s", DVARA_STR_ARG(f->request.model));
    if (f->request.max_tokens.has)
        judge_note(judge, "max_tokens %" PRId64, f->request.max_tokens.value);
    if (judge->set[DVARA_EFFECT_SET_TEMPERATURE].by)
        judge_note(judge, "temperature %.17g", f->request.temperature.value);
    if (judge->set[DVARA_EFFECT_SET_USER].by)
        judge_note(judge, "user %.*s", DVARA_STR_ARG(f->request.user));
    for (size_t i = 0; i < judge->n_headers; i++)
        judge_note(judge, "header %.*s %.*s", DVARA_STR_ARG(judge->headers[i].name),
                   DVARA_STR_ARG(judge->headers[i].value));
    notes_print(&judge->notes, out);
}

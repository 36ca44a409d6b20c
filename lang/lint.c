/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "lang/lexer.h"
#include "lang/linter.h"
#include "lang/list.h"
#include "lang/quote.h"
#include "lang/suggest.h"

enum { INDEX_MATTERS = 100 }; /* rules from which on one that is judged every time is told */

bool lint_is_library(const struct linter *l, const struct decl *decl)
{
    return l->program->sources.v[decl->span.file]->library;
}

struct dvara_str lint_text(const struct linter *l, const struct expr *expr)
{
    return quote(l->program, l->diags->arena, expr->span, LINT_TEXT_MAX);
}

struct dvara_str lint_source(const struct linter *l, const struct expr *expr)
{
    return source_slice(l->program->sources.v[expr->span.file], expr->span);
}

/* At the level that holds in the file. */
static struct diag *add(struct linter *l, struct span span, enum message message,
                        const struct dvara_str *args, size_t n_args)
{
    enum severity level = lint_level(l->levels, span.file, message);
    return level == SEVERITY_OFF ? l->diags->scratch
                                 : diag_append_as(l->diags, span, message, level, args, n_args);
}

static void suggest_code(struct linter *l, const struct allowance *allowance, struct diag *diag)
{
    struct suggestion suggestion = suggest_start(allowance->code);
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        struct dvara_str code = dvara_str_from_cstr(message_row((enum message)i)->code);
        if (code.p[0] == 'L')
            suggest_offer(&suggestion, code);
    }
    if (suggestion.best.p)
        diag_help(l->diags, diag, "did you mean `%.*s`?", DVARA_STR_ARG(suggestion.best));
}

/* The code behind `# dvp:allow`, and whether a reason follows. */
static bool read_allowance(struct linter *l, const struct source *source,
                           const struct comment *comment)
{
    struct dvara_str prefix = DVARA_STR("dvp:allow");
    struct dvara_str text = dvara_str_slice(source->text, comment->start, comment->end);
    size_t at = 0;
    while (at < text.n && (text.p[at] == '#' || text.p[at] == ' '))
        at++;
    if (!dvara_str_starts_with(dvara_str_slice(text, at, text.n), prefix))
        return false;
    at += prefix.n;
    while (at < text.n && text.p[at] == ' ')
        at++;
    size_t end = at;
    while (end < text.n && text.p[end] != ' ')
        end++;
    size_t why = end;
    while (why < text.n && text.p[why] == ' ')
        why++;
    struct allowance allowance = {
        .span = {source->number, comment->start, comment->end},
        .code = dvara_str_slice(text, at, end),
        .line = source_line_number(source, comment->start) + 1,
    };
    LIST_APPEND(l->arena, l->allowances, l->n_allowances, allowance);
    if (message_find(allowance.code) == MESSAGE_COUNT || allowance.code.p[0] != 'L') {
        suggest_code(l, &allowance, add(l, allowance.span, LINT_ALLOW_UNKNOWN, &allowance.code, 1));
        l->allowances[l->n_allowances - 1].used = true;
    } else if (why == text.n) {
        add(l, allowance.span, LINT_ALLOW_WITHOUT_REASON, &allowance.code, 1);
    }
    return true;
}

/* Allowances on neighbouring lines all silence the first line below them. */
static void collect_allowances(struct linter *l)
{
    for (size_t i = 0; i < l->program->n_units; i++) {
        const struct unit *unit = l->program->units[i];
        if (unit->source->library)
            continue;
        size_t first = l->n_allowances;
        for (uint32_t k = 0; k < unit->tokens->n_comments; k++)
            read_allowance(l, unit->source, &unit->tokens->comments[k]);
        for (size_t k = l->n_allowances; k-- > first + 1;)
            if (l->allowances[k - 1].line + 1 == l->allowances[k].line ||
                (k + 1 < l->n_allowances && l->allowances[k - 1].line + 1 == l->allowances[k].line))
                l->allowances[k - 1].line = l->allowances[k].line;
    }
}

static bool is_silenced(struct linter *l, struct span span, enum message message)
{
    struct dvara_str code = dvara_str_from_cstr(message_row(message)->code);
    uint32_t line = 0;
    for (size_t i = 0; i < l->n_allowances; i++) {
        struct allowance *allowance = &l->allowances[i];
        if (allowance->span.file != span.file || !dvara_str_eq(allowance->code, code))
            continue;
        if (line == 0)
            line = source_line_number(l->program->sources.v[span.file], span.start);
        if (allowance->line == line) {
            allowance->used = true;
            return true;
        }
    }
    return false;
}

struct diag *lint_append(struct linter *l, struct span span, enum message message,
                         const struct dvara_str *args, size_t n_args)
{
    if (is_silenced(l, span, message))
        return l->diags->scratch;
    return add(l, span, message, args, n_args);
}

/* Takes the comment's line out, if it stands alone there. */
static void fix_allowance(struct linter *l, const struct allowance *allowance, struct diag *diag)
{
    const struct source *source = l->program->sources.v[allowance->span.file];
    struct span span = allowance->span;
    while (span.start > 0 && source->text.p[span.start - 1] == ' ')
        span.start--;
    bool alone = span.start == 0 || source->text.p[span.start - 1] == '\n';
    if (alone && span.end < source->text.n)
        span.end++;
    if (alone)
        diag_fix(l->diags, diag, span, DVARA_STR(""), "take it out");
}

static void report_unused_allowances(struct linter *l)
{
    for (size_t i = 0; i < l->n_allowances; i++)
        if (!l->allowances[i].used)
            fix_allowance(
                l, &l->allowances[i],
                add(l, l->allowances[i].span, LINT_ALLOW_UNUSED, &l->allowances[i].code, 1));
}

static void lint_template(struct linter *l, struct template *template)
{
    for (size_t i = 0; template && i < template->n_parts; i++)
        if (template->parts[i].expr)
            lint_expr(l, template->parts[i].expr);
}

static void lint_condition(struct linter *l, const struct decl *decl, struct expr *condition,
                           const char *never, const char *always)
{
    if (!condition)
        return;
    l->has_contradiction = false;
    lint_expr(l, condition);
    if (!condition->value || !type_is(condition->value->type, DVARA_TYPE_BOOL)) {
        lint_never(l, decl, condition);
        return;
    }
    bool value = condition->value->i != 0;
    lint_add(l, condition->span, LINT_CONSTANT_CONDITION,
             value ? DVARA_STR("true") : DVARA_STR("false"),
             dvara_str_from_cstr(value ? always : never));
}

static void lint_effects(struct linter *l, const struct decl *decl)
{
    const struct rule *rule = &decl->rule;
    for (size_t i = 0; i < rule->n_effects; i++) {
        const struct effect *effect = &rule->effects[i];
        if (effect->kind == DVARA_EFFECT_DENY && !rule->reason)
            lint_add(l, effect->span, LINT_DENY_WITHOUT_REASON, decl->name);
        if (effect->kind == DVARA_EFFECT_ALLOW && !rule->when)
            lint_add(l, effect->span, LINT_UNGUARDED_ALLOW, decl->name);
        if (effect->kind == DVARA_EFFECT_APPROVAL && !effect->approval.ttl.has)
            lint_add(l, effect->span, LINT_APPROVAL_WITHOUT_TTL, decl->name);
        if (effect->kind == DVARA_EFFECT_REDACT)
            lint_redaction(l, decl, effect);
        if (effect->kind >= DVARA_EFFECT_CAP && effect->kind <= DVARA_EFFECT_SET_USER)
            lint_expr(l, effect->value);
        if (effect->kind == DVARA_EFFECT_SET_HEADER && effect->header.value)
            lint_expr(l, effect->header.value);
        if (effect->kind == DVARA_EFFECT_WARN)
            lint_template(l, effect->warn);
        if (effect->kind == DVARA_EFFECT_TAG)
            lint_template(l, effect->tag.value);
    }
}

static void lint_test(struct linter *l, const struct decl *decl)
{
    const struct test *test = &decl->test;
    bool any = test->n_expects > 0;
    for (size_t i = 0; i < test->n_cases; i++)
        any |= test->cases[i].n_expects > 0;
    if (!any)
        lint_add(l, decl->name_span, LINT_TEST_WITHOUT_EXPECTATION, decl->name);
    for (size_t i = 0; any && test->n_expects == 0 && i < test->n_cases; i++)
        if (test->cases[i].n_expects == 0)
            lint_add(l, test->cases[i].name.span, LINT_TEST_WITHOUT_EXPECTATION,
                     test->cases[i].name.s);
}

/* A default and a test say what they are for by themselves. */
static void lint_doc(struct linter *l, const struct decl *decl)
{
    if (!decl->doc.p && decl->kind != DECL_DEFAULT && decl->kind != DECL_TEST)
        lint_add(l, decl->name_span, LINT_MISSING_DOC,
                 dvara_str_from_cstr(decl_keyword(decl->kind)), decl->name);
}

static void lint_decl(struct linter *l, struct decl *decl)
{
    lint_doc(l, decl);
    switch (decl->kind) {
    case DECL_LET:
        lint_expr(l, decl->let.expr);
        return;
    case DECL_RULE:
        lint_condition(l, decl, decl->rule.when, "the rule never applies", "leave `when` away");
        lint_effects(l, decl);
        lint_template(l, decl->rule.reason);
        lint_stream(l, decl);
        lint_absent(l, decl);
        return;
    case DECL_ROUTE:
        lint_condition(l, decl, decl->route.match, "the route is never taken",
                       "the route takes every request of its priority");
        lint_route(l, decl);
        return;
    case DECL_TEST:
        lint_test(l, decl);
        return;
    case DECL_DETECTOR:
        lint_detector(l, decl);
        lint_live(l, decl);
        return;
    case DECL_LIMIT:
        lint_condition(l, decl, decl->limit.when, "the limit never counts", "leave `when` away");
        return;
    case DECL_BUDGET:
        lint_condition(l, decl, decl->budget.when, "the budget never counts", "leave `when` away");
        return;
    case DECL_INVARIANT:
        lint_condition(l, decl, decl->invariant.when, "it says nothing", "leave `when` away");
        return;
    case DECL_RUNTIME_LIST:
    case DECL_DEFAULT:
    case DECL_PROVIDER:
    case DECL_MODEL:
    case DECL_GROUP:
    case DECL_COUNT:
        return;
    }
}

static void lint_default(struct linter *l)
{
    struct program *program = l->program;
    if (program->fallback || program->n_roots == 0 || program->units[0]->source->shelved)
        return;
    const struct unit *unit = program->units[0];
    struct span start = {unit->source->number, 0, 0};
    struct diag *diag = lint_append(l, start, LINT_MISSING_DEFAULT, NULL, 0);
    start.start = start.end = unit->tokens->n > 2 ? unit->tokens->v[1].end : 0;
    if (start.end)
        diag_fix(l->diags, diag, start, DVARA_STR("\n\ndefault deny"),
                 "what holds now is written `default deny`");
}

/* A bundle of few rules is as fast without an index. */
static void lint_facts(struct linter *l, const struct lint_facts *facts)
{
    const struct decls *rules = &l->program->by_kind[DECL_RULE];
    for (size_t i = 0; i < rules->n; i++) {
        const struct decl *decl = rules->v[i];
        if (lint_is_library(l, decl))
            continue;
        if (facts->matched && !facts->matched[i])
            lint_add(l, decl->name_span, LINT_UNTESTED_RULE, decl->name);
        if (facts->indexed && !facts->indexed[i] && rules->n >= INDEX_MATTERS)
            lint_add(l, decl->name_span, LINT_UNINDEXED_RULE, decl->name);
    }
}

void lint(struct program *program, struct diags *diags)
{
    const struct lint_facts none = {.indexed = NULL};
    lint_measured(program, diags, &none);
}

void lint_measured(struct program *program, struct diags *diags, const struct lint_facts *facts)
{
    struct linter l = {.arena = program->arena, .program = program, .diags = diags};
    l.levels = lint_levels_new(l.arena, &program->sources, diags);
    l.reasoner = reasoner_new(l.arena);
    if (!l.levels || !l.reasoner)
        return;
    l.rules = lint_conditions(&l, &program->by_kind[DECL_RULE]);
    l.routes = lint_conditions(&l, &program->by_kind[DECL_ROUTE]);
    for (size_t i = 0; i < program->n_units; i++)
        (void)lint_level(l.levels, program->units[i]->source->number, LINT_SETTINGS);
    collect_allowances(&l);
    lint_default(&l);
    for (size_t i = 0; i < program->n_units && !arena_is_exhausted(l.arena); i++) {
        const struct unit *unit = program->units[i];
        for (size_t k = 0; k < unit->n_decls && !unit->source->library; k++)
            lint_decl(&l, unit->decls[k]);
        if (!unit->source->library)
            lint_confusables(&l, unit);
    }
    lint_zones(&l);
    lint_uses(&l);
    lint_set_pairs(&l);
    lint_route_pairs(&l);
    lint_shadows(&l);
    lint_facts(&l, facts);
    report_unused_allowances(&l);
}

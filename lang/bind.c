/* SPDX-License-Identifier: Apache-2.0 */
/* Names over all files: collects declarations, reports duplicates and cycles, resolves every use.
 * The expressions are bind_expr.c's. */
#include "lang/bind.h"

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/limits.h"
#include "lang/list.h"

#include <assert.h>
#include <stdlib.h>

static const char *const space_names[SPACE_COUNT] = {
    [SPACE_VALUE] = "let or runtime list",
    [SPACE_DETECTOR] = "detector or group",
    [SPACE_RULE] = "rule",
    [SPACE_ROUTE] = "route",
    [SPACE_PROVIDER] = "provider",
    [SPACE_MODEL] = "model",
    [SPACE_TEST] = "test",
    [SPACE_LIMIT] = "limit",
    [SPACE_BUDGET] = "budget",
    [SPACE_INVARIANT] = "invariant",
    [SPACE_DEFAULT] = "default",
};

static int by_name_and_place(const void *left, const void *right)
{
    const struct decl *a = *(struct decl *const *)left;
    const struct decl *b = *(struct decl *const *)right;
    int order = dvara_str_cmp(a->name, b->name);
    if (order == 0)
        order = (a->span.file > b->span.file) - (a->span.file < b->span.file);
    if (order == 0)
        order = (a->span.start > b->span.start) - (a->span.start < b->span.start);
    return order;
}

static size_t count_decls(const struct program *program)
{
    size_t n = 0;
    for (size_t i = 0; i < program->n_units; i++)
        n += program->units[i]->n_decls;
    return n;
}

static void add_default(struct binder *b, struct decl *decl)
{
    struct program *program = b->program;
    if (!program->fallback) {
        program->fallback = decl;
        return;
    }
    struct diag *diag = diag_plain(b->diags, decl->span, MESSAGE_DUPLICATE_DEFAULT);
    diag_label(b->diags, diag, program->fallback->span, "first here");
}

/* Units stand in a fixed order, declarations in the file's: the later place is the duplicate. */
static void collect(struct binder *b)
{
    struct program *program = b->program;
    for (size_t i = 0; i < program->n_units; i++) {
        struct unit *unit = program->units[i];
        for (size_t k = 0; k < unit->n_decls; k++) {
            struct decl *decl = unit->decls[k];
            LIST_APPEND(b->arena, program->by_kind[decl->kind].v, program->by_kind[decl->kind].n,
                        decl);
            if (decl->kind == DECL_DEFAULT) {
                add_default(b, decl);
                continue;
            }
            struct decl *other = decl->name.p ? names_add(program->names, decl) : NULL;
            if (!other)
                continue;
            struct diag *diag = diag_add(b->diags, decl->name_span, MESSAGE_DUPLICATE,
                                         dvara_str_from_cstr(decl_keyword(decl->kind)), decl->name);
            diag_label(b->diags, diag, other->name_span, "first here");
        }
    }
    for (int kind = 0; kind < DECL_COUNT; kind++) {
        struct decls *decls = &program->by_kind[kind];
        if (decls->n)
            qsort(decls->v, decls->n, sizeof *decls->v, by_name_and_place);
        for (size_t i = 0; i < decls->n; i++)
            decls->v[i]->order = (uint32_t)i;
    }
    struct decls *rules = &program->by_kind[DECL_RULE];
    if (rules->n > DVARA_MAX_RULES)
        diag_plain(b->diags, rules->v[DVARA_MAX_RULES]->name_span, MESSAGE_TOO_MANY_RULES);
}

void bind_use(struct binder *b, struct decl *decl, struct span place)
{
    struct mention mention = {.span = place, .decl = decl};
    decl->used = true;
    LIST_APPEND(b->arena, b->program->mentions, b->program->n_mentions, mention);
    if (decl->span.file == place.file)
        return;
    struct use use = {decl, place.file};
    struct program *program = b->program;
    bool known = program->n_uses && program->uses[program->n_uses - 1].decl == decl &&
                 program->uses[program->n_uses - 1].file == place.file;
    if (!known)
        LIST_APPEND(b->arena, program->uses, program->n_uses, use);
}

static const struct dvara_str built_in[] = {
#define PROVIDER(name) {.p = name, .n = sizeof(name) - 1},
#include "trial/providers.def"
};

static bool is_built_in(struct dvara_str name)
{
    for (size_t i = 0; i < sizeof built_in / sizeof *built_in; i++)
        if (dvara_str_eq(built_in[i], name))
            return true;
    return false;
}

void bind_ref(struct binder *b, struct ref *ref, enum space space)
{
    if (!ref->name.p)
        return;
    ref->decl = names_find(b->program->names, space, ref->name);
    if (ref->decl) {
        bind_use(b, ref->decl, ref->span);
        return;
    }
    if (b->decl)
        b->decl->unbound = true;
    if (b->program->incomplete && !suggest_is_probed(b->diags, ref->name))
        return;
    struct diag *diag = diag_add(b->diags, ref->span, MESSAGE_UNKNOWN_NAME,
                                 dvara_str_from_cstr(space_names[space]), ref->name);
    struct suggestion suggestion = suggest_for(b->diags, ref->name);
    names_suggest(b->program->names, space, &suggestion);
    for (size_t i = 0; space == SPACE_PROVIDER && i < sizeof built_in / sizeof *built_in; i++)
        suggest_offer(&suggestion, built_in[i]);
    if (!suggestion.best.p)
        return;
    const struct source *source = b->program->sources.v[ref->span.file];
    struct dvara_str written = source_slice(source, ref->span);
    bool quoted = written.n && written.p[0] == '"';
    diag_fix(b->diags, diag, ref->span,
             quoted ? arena_printf(b->arena, "\"%.*s\"", DVARA_STR_ARG(suggestion.best))
                    : suggestion.best,
             "did you mean `%.*s`?", DVARA_STR_ARG(suggestion.best));
}

static void bind_template(struct binder *b, struct template *template)
{
    for (size_t i = 0; template && i < template->n_parts; i++)
        if (template->parts[i].expr)
            bind_expr(b, template->parts[i].expr);
}

static void bind_optional(struct binder *b, struct expr *expr)
{
    if (expr)
        bind_expr(b, expr);
}

static void bind_exprs(struct binder *b, const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        bind_expr(b, exprs->v[i]);
}

static void bind_effect(struct binder *b, struct effect *effect)
{
    switch (effect->kind) {
    case DVARA_EFFECT_REDACT:
        bind_ref(b, &effect->redact.group, SPACE_DETECTOR);
        return;
    case DVARA_EFFECT_CAP:
    case DVARA_EFFECT_SET_MODEL:
    case DVARA_EFFECT_SET_TEMPERATURE:
    case DVARA_EFFECT_SET_USER:
        bind_expr(b, effect->value);
        return;
    case DVARA_EFFECT_SET_HEADER:
        bind_optional(b, effect->header.value);
        bind_template(b, effect->header.template);
        return;
    case DVARA_EFFECT_USE_ROUTE:
        bind_ref(b, &effect->route, SPACE_ROUTE);
        return;
    case DVARA_EFFECT_WARN:
        bind_template(b, effect->warn);
        return;
    case DVARA_EFFECT_TAG:
        bind_template(b, effect->tag.value);
        return;
    case DVARA_EFFECT_APPROVAL:
        bind_exprs(b, &effect->approval.binds);
        return;
    case DVARA_EFFECT_DENY:
    case DVARA_EFFECT_EXCLUDE:
    case DVARA_EFFECT_ALLOW:
    case DVARA_EFFECT_NO_CACHE:
    case DVARA_EFFECT_CACHE:
    case DVARA_EFFECT_COUNT:
        return;
    }
}

static void bind_rule(struct binder *b, struct rule *rule)
{
    bind_optional(b, rule->when);
    bind_template(b, rule->reason);
    for (size_t i = 0; i < rule->n_effects; i++)
        bind_effect(b, &rule->effects[i]);
}

/* Where the first bytes of a string stand, if they stand there as they are. */
static struct span part_of(const struct binder *b, struct text text, size_t n)
{
    struct span span = {text.span.file, text.span.start + 1, text.span.start + 1 + (uint32_t)n};
    const struct source *source = b->program->sources.v[span.file];
    bool plain = span.end <= source->text.n &&
                 dvara_str_eq(source_slice(source, span), dvara_str_slice(text.s, 0, n));
    return plain ? span : text.span;
}

static void bind_target(struct binder *b, struct route_target *target)
{
    struct text name = target->name;
    const char *slash = memchr(name.s.p, '/', name.s.n);
    size_t at = slash ? (size_t)(slash - name.s.p) : name.s.n;
    target->provider = (struct text){dvara_str_slice(name.s, 0, at), name.span};
    target->model =
        (struct text){dvara_str_slice(name.s, slash ? at + 1 : at, name.s.n), name.span};
    if (!slash || at == 0 || at + 1 == name.s.n) {
        diag_add(b->diags, name.span, MESSAGE_BAD_NAME, name.s,
                 DVARA_STR("a target such as `openai/gpt-4o`"));
        return;
    }
    struct ref ref = {.name = target->provider.s, .span = part_of(b, name, at)};
    ref.decl = names_find(b->program->names, SPACE_PROVIDER, ref.name);
    if (!ref.decl && is_built_in(ref.name))
        return;
    bind_ref(b, &ref, SPACE_PROVIDER);
    target->provider_decl = ref.decl;
}

static void bind_route(struct binder *b, struct route *route)
{
    bind_optional(b, route->match);
    bind_optional(b, route->sticky_by);
    bind_ref(b, &route->fallback, SPACE_ROUTE);
    for (size_t i = 0; i < route->n_targets; i++)
        bind_target(b, &route->targets[i]);
    if (route->mirror.name.s.p)
        bind_target(b, &route->mirror);
}

static void bind_expects(struct binder *b, struct expect *expects, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct expect *expect = &expects[i];
        enum space space = expect->kind == EXPECT_ROUTE      ? SPACE_ROUTE
                           : expect->kind == EXPECT_REDACTED ? SPACE_DETECTOR
                                                             : SPACE_RULE;
        struct decl *decl =
            expect->ref.name.p ? names_find(b->program->names, space, expect->ref.name) : NULL;
        bool was_used = decl && decl->used;
        bind_ref(b, &expect->ref, space);
        if (decl)
            decl->used = was_used; /* a test alone does not make a declaration useful */
    }
}

static void bind_decl(struct binder *b, struct decl *decl)
{
    b->decl = decl;
    switch (decl->kind) {
    case DECL_LET:
        bind_expr(b, decl->let.expr);
        return;
    case DECL_GROUP:
        for (size_t i = 0; i < decl->group.n_members; i++)
            bind_ref(b, &decl->group.members[i].ref, SPACE_DETECTOR);
        return;
    case DECL_RULE:
        bind_rule(b, &decl->rule);
        return;
    case DECL_ROUTE:
        bind_route(b, &decl->route);
        return;
    case DECL_TEST:
        bind_expects(b, decl->test.expects, decl->test.n_expects);
        for (size_t i = 0; i < decl->test.n_cases; i++)
            bind_expects(b, decl->test.cases[i].expects, decl->test.cases[i].n_expects);
        return;
    case DECL_LIMIT:
        bind_optional(b, decl->limit.when);
        bind_exprs(b, &decl->limit.per);
        return;
    case DECL_BUDGET:
        bind_optional(b, decl->budget.when);
        bind_exprs(b, &decl->budget.per);
        return;
    case DECL_INVARIANT:
        bind_optional(b, decl->invariant.when);
        bind_optional(b, decl->invariant.never);
        bind_ref(b, &decl->invariant.group, SPACE_DETECTOR);
        return;
    case DECL_RUNTIME_LIST:
    case DECL_DEFAULT:
    case DECL_PROVIDER:
    case DECL_MODEL:
    case DECL_DETECTOR:
    case DECL_COUNT:
        return;
    }
}

bool decl_is_looked_at(const struct decl *decl)
{
    return !decl->failed || decl->kind == DECL_TEST;
}

void bind_names(struct program *program, struct diags *diags)
{
    struct binder b = {.arena = program->arena, .program = program, .diags = diags};
    program->names = names_new(program->arena, count_decls(program));
    if (!program->names)
        return;
    collect(&b);
    for (size_t i = 0; i < program->n_units && !arena_is_exhausted(b.arena); i++)
        for (size_t k = 0; k < program->units[i]->n_decls; k++)
            if (decl_is_looked_at(program->units[i]->decls[k]))
                bind_decl(&b, program->units[i]->decls[k]);
    b.decl = NULL;
    bind_cycles(&b);
}

struct decl *program_find(const struct program *program, enum decl_kind kind, struct dvara_str name)
{
    struct decl *decl = names_find(program->names, decl_space(kind), name);
    return decl && decl->kind == kind ? decl : NULL;
}

struct dvara_str program_package(const struct program *program)
{
    for (size_t i = 0; i < program->n_roots; i++)
        if (program->units[i]->package.s.p)
            return program->units[i]->package.s;
    return (struct dvara_str){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/checker.h"

enum { LET_DEPTH_MAX = DVARA_MAX_NESTING }; /* what walks lets may then recurse */

void check_condition(struct checker *c, struct expr *expr, uint8_t phases, const char *what)
{
    c->facts = NULL;
    c->phases = phases;
    check_typed(c, expr, DVARA_TYPE_BOOL, what);
    c->facts = facts_when(c, expr, true, NULL);
}

static void check_let(struct checker *c, struct decl *decl)
{
    c->decl = decl;
    c->facts = NULL;
    c->phases = 0;
    c->quantifiers = c->quantifier_depth = 0;
    c->reads_pii = c->has_deepest = false;
    c->outside = NULL;
    uint32_t before = c->diags->n_errors;
    struct type type = check_expr(c, decl->let.expr);
    if (type.base == TYPE_REGEX || type_is(type, DVARA_TYPE_MESSAGE) ||
        type_is(type, DVARA_TYPE_TOOL)) {
        diag_add(c->diags, decl->let.expr->span, MESSAGE_NOT_A_VALUE, type_text(c, type),
                 DVARA_STR("a let holds a value that can be compared, or a list"));
        type_error(decl->let.expr);
    }
    decl->let.reads_pii = c->reads_pii;
    decl->let.outside = c->outside;
    decl->let.quantifier_depth = (uint8_t)(c->quantifier_depth < 255 ? c->quantifier_depth : 255);
    unsigned depth = 0;
    for (size_t i = 0; i < decl->let.n_uses; i++) {
        const struct decl *use = decl->let.uses[i];
        depth = use->let.depth > depth ? use->let.depth : depth;
    }
    decl->let.depth = (uint16_t)(depth + 1);
    if (depth + 1 == LET_DEPTH_MAX + 1) {
        diag_add(c->diags, decl->name_span, MESSAGE_LET_NESTING, decl->name);
        decl->failed = true;
    }
    if (c->diags->n_errors > before || decl->unbound)
        decl->failed = true;
}

static void check_kind(struct checker *c, struct decl *decl)
{
    c->decl = decl;
    c->facts = NULL;
    c->quantifiers = c->quantifier_depth = 0;
    c->has_deepest = false;
    switch (decl->kind) {
    case DECL_RULE:
        check_rule(c, decl);
        return;
    case DECL_ROUTE:
        check_route(c, decl);
        return;
    case DECL_DETECTOR:
        check_detector(c, decl);
        return;
    case DECL_GROUP:
        check_group(c, decl);
        return;
    case DECL_MODEL:
        check_model(c, decl);
        return;
    case DECL_TEST:
        check_test(c, decl);
        return;
    case DECL_LIMIT:
        check_limit(c, decl);
        return;
    case DECL_BUDGET:
        check_budget(c, decl);
        return;
    case DECL_INVARIANT:
        check_invariant(c, decl);
        return;
    case DECL_LET:
    case DECL_RUNTIME_LIST:
    case DECL_DEFAULT:
    case DECL_PROVIDER:
    case DECL_COUNT:
        return;
    }
}

static void check_decl(struct checker *c, struct decl *decl)
{
    uint32_t before = c->diags->n_errors;
    check_kind(c, decl);
    if (c->diags->n_errors > before)
        decl->failed = true;
}

void check(struct program *program, struct diags *diags)
{
    struct checker c = {.arena = program->arena, .program = program, .diags = diags};
    for (size_t i = 0; i < program->lets.n; i++)
        if (!program->lets.v[i]->failed)
            check_let(&c, program->lets.v[i]);
    for (size_t i = 0; i < program->n_units && !arena_is_exhausted(c.arena); i++)
        for (size_t k = 0; k < program->units[i]->n_decls; k++)
            if (decl_is_looked_at(program->units[i]->decls[k]))
                check_decl(&c, program->units[i]->decls[k]);
    check_aliases(&c);
}

struct program *compile_front(struct arena *arena, const struct compile_options *options,
                              struct diags *diags)
{
    struct program *program = closure_read(arena, options, diags);
    if (!program)
        return NULL;
    bind_names(program, diags);
    check(program, diags);
    fold(program, diags);
    return arena_is_exhausted(arena) ? NULL : program;
}

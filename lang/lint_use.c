/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations and imports that nothing uses. */
#include "base/arena.h"
#include "lang/lexer.h"
#include "lang/linter.h"
#include "lang/list.h"

enum { IMPORT_WORK_MAX = 20000000 }; /* imports times uses: past it the lint is silent */

/* A library is there for others to use: its groups, detectors and lets are. */
static bool is_offered(const struct linter *l, const struct decl *decl)
{
    return l->program->sources.v[decl->span.file]->shelved && decl->kind != DECL_ROUTE;
}

/* Does a text of the policy pin the provider ("eu/gpt-4o"), or name it? */
static bool is_pinned(const struct linter *l, struct dvara_str name)
{
    for (size_t i = 0; i < l->program->n_units; i++) {
        const struct unit *unit = l->program->units[i];
        for (uint32_t k = 0; k < unit->tokens->n; k++) {
            const struct token *token = &unit->tokens->v[k];
            struct dvara_str text = dvara_str_slice(unit->source->text, token->start, token->end);
            size_t quote = token->flags & TOKEN_RAW ? 2 : 1;
            if (token->kind != TOKEN_STRING || text.n < name.n + quote + 1)
                continue;
            char after = text.p[quote + name.n];
            text = dvara_str_slice(text, quote, text.n);
            if (dvara_str_starts_with(text, name) && (after == '/' || after == '"'))
                return true;
        }
    }
    return false;
}

static void lint_kind(struct linter *l, enum decl_kind kind)
{
    const struct decls *decls = &l->program->by_kind[kind];
    for (size_t i = 0; i < decls->n; i++) {
        const struct decl *decl = decls->v[i];
        if (decl->used || lint_is_library(l, decl) || is_offered(l, decl))
            continue;
        if (kind == DECL_ROUTE && decl->route.match)
            continue;
        if (kind == DECL_PROVIDER && is_pinned(l, decl->name))
            continue;
        if (kind == DECL_ROUTE)
            lint_add(l, decl->name_span, LINT_UNREACHED_ROUTE, decl->name);
        else
            lint_add(l, decl->name_span, LINT_UNUSED, dvara_str_from_cstr(decl_keyword(kind)),
                     decl->name);
    }
}

/* Does the file act by itself: rules, routes, tests, models, a default? */
static bool is_active(const struct unit *unit)
{
    for (size_t i = 0; i < unit->n_decls; i++) {
        enum decl_kind kind = unit->decls[i]->kind;
        if (kind == DECL_RULE || kind == DECL_ROUTE || kind == DECL_TEST || kind == DECL_MODEL ||
            kind == DECL_DEFAULT || kind == DECL_PROVIDER)
            return true;
    }
    return false;
}

/* Marks the files of the import's closure in `inside`, indexed by file number; true if one is
 * active. */
static bool mark_closure(struct linter *l, struct unit *first, bool *inside)
{
    struct unit **queue = NULL;
    size_t n = 0;
    bool active = false;
    inside[first->source->number] = true;
    LIST_APPEND(l->arena, queue, n, first);
    for (size_t i = 0; i < n; i++) {
        active |= is_active(queue[i]);
        for (size_t k = 0; k < queue[i]->n_imports; k++) {
            struct unit *next = queue[i]->imports[k].unit;
            if (!next || inside[next->source->number])
                continue;
            inside[next->source->number] = true;
            LIST_APPEND(l->arena, queue, n, next);
        }
    }
    return active;
}

static bool is_used_from_outside(const struct linter *l, const bool *inside)
{
    for (size_t i = 0; i < l->program->n_uses; i++) {
        const struct use *use = &l->program->uses[i];
        if (inside[use->decl->span.file] && !inside[use->file])
            return true;
    }
    return false;
}

static void lint_imports(struct linter *l)
{
    size_t n_files = l->program->sources.n;
    size_t n_imports = 0;
    for (size_t i = 0; i < l->program->n_units; i++)
        n_imports += l->program->units[i]->n_imports;
    if (n_imports * (n_files + l->program->n_uses) > IMPORT_WORK_MAX)
        return;
    for (size_t i = 0; i < l->program->n_units; i++) {
        const struct unit *unit = l->program->units[i];
        for (size_t k = 0; k < unit->n_imports && !unit->source->library; k++) {
            const struct import *import = &unit->imports[k];
            bool *inside = ARENA_ARRAY(l->arena, n_files, bool);
            if (!import->unit || !inside)
                continue;
            if (mark_closure(l, import->unit, inside) || is_used_from_outside(l, inside))
                continue;
            struct diag *diag = lint_add(l, import->span, LINT_UNUSED_IMPORT, import->path.s);
            diag_fix(l->diags, diag, import->span, DVARA_STR(""), "take it out");
        }
    }
}

void lint_uses(struct linter *l)
{
    static const enum decl_kind kinds[] = {DECL_LET,   DECL_RUNTIME_LIST, DECL_DETECTOR,
                                           DECL_GROUP, DECL_PROVIDER,     DECL_ROUTE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        lint_kind(l, kinds[i]);
    lint_imports(l);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/mutate.h"

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/mutate_values.h"

#include <stdlib.h>

enum { BEFORE_MAX = 160 };

struct mutator {
    struct arena *arena;
    const struct program *program;
    struct mutants made;
    struct dvara_str owner;
    const struct mutate_options *options;
};

static const struct source *source_of(const struct mutator *m, struct span span)
{
    return m->program->sources.v[span.file];
}

/* White space and line ends become one space. */
static struct dvara_str one_line(struct arena *arena, struct dvara_str text)
{
    char *p = arena_alloc(arena, text.n + 1);
    size_t n = 0;
    bool space = false;
    for (size_t i = 0; p && i < text.n && n < BEFORE_MAX; i++) {
        bool is_space =
            text.p[i] == ' ' || text.p[i] == '\n' || text.p[i] == '\t' || text.p[i] == '\r';
        if (is_space) {
            space = n > 0;
            continue;
        }
        if (space)
            p[n++] = ' ';
        space = false;
        p[n++] = text.p[i];
    }
    return dvara_str_from(p, p ? n : 0);
}

static void add(struct mutator *m, struct span span, struct dvara_str after, const char *what)
{
    const struct source *source = source_of(m, span);
    struct position at = source_position(source, span.start);
    struct mutant mutant = {.span = span,
                            .after = after,
                            .what = dvara_str_from_cstr(what),
                            .owner = m->owner,
                            .file = source->path,
                            .line = at.line,
                            .col = at.col,
                            .before = one_line(m->arena, source_slice(source, span))};
    LIST_APPEND(m->arena, m->made.v, m->made.n, mutant);
}

/* ---- conditions ---- */

/* The operator that says nearly the same, or the contrary where nothing is near. */
static const struct {
    uint8_t op;
    const char *after, *what;
} turns[] = {
    {BINARY_EQ, "!=", "comparison turned"},     {BINARY_NE, "==", "comparison turned"},
    {BINARY_IN, "not in", "membership turned"}, {BINARY_NOT_IN, "in", "membership turned"},
    {BINARY_LT, "<=", "boundary moved"},        {BINARY_LE, "<", "boundary moved"},
    {BINARY_GT, ">=", "boundary moved"},        {BINARY_GE, ">", "boundary moved"},
};

static void mutate_condition(struct mutator *m, const struct expr *expr);

static bool is_chain(const struct expr *expr)
{
    return expr->kind == EXPR_BINARY &&
           (expr->binary.op == BINARY_AND || expr->binary.op == BINARY_OR);
}

/* One operand of a chain goes, with the word between it and the other. */
static void drop_operand(struct mutator *m, const struct expr *chain, bool left)
{
    const struct expr *gone = left ? chain->binary.left : chain->binary.right;
    struct span span = {chain->span.file, chain->binary.left->span.start,
                        chain->binary.right->span.start};
    if (!left) {
        span.start = chain->binary.left->span.end;
        span.end = gone->span.end;
    }
    if (!is_chain(gone) || gone->binary.op != chain->binary.op) /* its own operands go one by one */
        add(m, span, DVARA_STR(""),
            chain->binary.op == BINARY_AND ? "conjunct dropped" : "alternative dropped");
}

static void mutate_binary(struct mutator *m, const struct expr *expr)
{
    if (is_chain(expr)) {
        drop_operand(m, expr, true);
        mutate_condition(m, expr->binary.left);
        drop_operand(m, expr, false);
        mutate_condition(m, expr->binary.right);
        return;
    }
    for (size_t i = 0; i < sizeof turns / sizeof *turns; i++) {
        if (turns[i].op == expr->binary.op)
            add(m, expr->binary.op_span, dvara_str_from_cstr(turns[i].after), turns[i].what);
    }
}

static void mutate_quantifier(struct mutator *m, const struct expr *expr)
{
    enum quantifier kind = expr->quantifier.kind;
    struct dvara_str word = dvara_str_from_cstr(quantifier_spelling(kind));
    struct span span = {expr->span.file, expr->span.start, expr->span.start + (uint32_t)word.n};
    if (kind != QUANTIFIER_NUMBER)
        add(m, span, kind == QUANTIFIER_ANY ? DVARA_STR("all") : DVARA_STR("any"),
            "quantifier turned");
    mutate_condition(m, expr->quantifier.body);
}

static void mutate_condition(struct mutator *m, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_PAREN:
        mutate_condition(m, expr->operand);
        return;
    case EXPR_NOT:
        add(m, (struct span){expr->span.file, expr->span.start, expr->operand->span.start},
            DVARA_STR(""), "negation dropped");
        mutate_condition(m, expr->operand);
        return;
    case EXPR_BINARY:
        mutate_binary(m, expr);
        return;
    case EXPR_QUANTIFIER:
        mutate_quantifier(m, expr);
        return;
    default:
        return;
    }
}

/* A condition of one part is dropped by making it always true. */
static void mutate_whole(struct mutator *m, const struct expr *expr)
{
    if (!expr)
        return;
    if (!is_chain(expr_bare(expr)) && expr_bare(expr)->kind != EXPR_BOOL)
        add(m, expr->span, DVARA_STR("true"), "condition dropped");
    mutate_condition(m, expr);
}

/* ---- declarations ---- */

/* A rule must have an effect: the place of its only one is held by one that does nothing. */
static void mutate_effects(struct mutator *m, const struct rule *rule)
{
    for (size_t i = 0; i < rule->n_effects; i++)
        add(m, rule->effects[i].span,
            rule->n_effects > 1 ? DVARA_STR("") : DVARA_STR("tag \"dvara.mutant\" \"1\""),
            "effect dropped");
}

static void mutate_phases(struct mutator *m, const struct rule *rule)
{
    static const char *const words[] = {
#define PHASE(id, spelling) spelling,
#include "dvara/words.def"
    };
    for (int gone = 0; gone < DVARA_PHASE_COUNT; gone++) {
        unsigned left = rule->phases & ~(1u << gone);
        struct buf text;
        if (!(rule->phases & 1u << gone) || left == 0)
            continue;
        buf_init(&text, BEFORE_MAX);
        for (int i = 0; i < DVARA_PHASE_COUNT; i++) {
            if (left & 1u << i)
                buf_printf(&text, "%s%s", text.n ? ", " : "", words[i]);
        }
        add(m, rule->phases_span, arena_copy(m->arena, buf_str(&text)), "phase dropped");
        buf_clear(&text);
    }
}

static bool is_wanted(const struct mutator *m, const struct decl *decl)
{
    return m->options->with_library || !source_of(m, decl->name_span)->library;
}

/* Which of two that meet is told, set or taken. */
static void mutate_priority(struct mutator *m, int32_t priority, struct span span)
{
    if (priority != 0)
        add(m, span, DVARA_STR("0"), "priority dropped");
}

static void on_value(void *user, struct span span, struct dvara_str after)
{
    add(user, span, after, "value changed");
}

static void mutate_literals(struct mutator *m, const struct decl *decl)
{
    if (m->options->with_values)
        mutate_values(m->program, decl, m->arena, on_value, m);
}

static void mutate_decl(struct mutator *m, const struct decl *decl)
{
    m->owner =
        arena_printf(m->arena, "%s %.*s", decl_keyword(decl->kind), DVARA_STR_ARG(decl->name));
    if (decl->kind == DECL_RULE) {
        mutate_phases(m, &decl->rule);
        mutate_whole(m, decl->rule.when);
        mutate_effects(m, &decl->rule);
        mutate_priority(m, decl->rule.priority, decl->rule.priority_span);
    } else if (decl->kind == DECL_ROUTE) {
        mutate_whole(m, decl->route.match);
        mutate_priority(m, decl->route.priority, decl->route.priority_span);
    } else if (decl->kind == DECL_LET && decl->let.expr->type.base == DVARA_TYPE_BOOL &&
               decl->let.expr->type.shape == DVARA_SHAPE_ONE) {
        mutate_whole(m, decl->let.expr);
    }
    mutate_literals(m, decl);
}

static int by_place(const void *left, const void *right)
{
    const struct mutant *a = left, *b = right;
    int c = dvara_str_cmp(a->file, b->file);
    if (c)
        return c;
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    if (a->span.end != b->span.end)
        return a->span.end < b->span.end ? -1 : 1;
    return dvara_str_cmp(a->after, b->after);
}

struct mutants mutate(const struct program *program, const struct mutate_options *options,
                      struct arena *arena)
{
    static const enum decl_kind kinds[] = {DECL_RULE, DECL_LET, DECL_ROUTE, DECL_BUDGET};
    struct mutator m = {.arena = arena, .program = program, .options = options};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct decls *decls = &program->by_kind[kinds[k]];
        for (size_t i = 0; i < decls->n; i++) {
            if (is_wanted(&m, decls->v[i]))
                mutate_decl(&m, decls->v[i]);
        }
    }
    if (m.made.n)
        qsort(m.made.v, m.made.n, sizeof *m.made.v, by_place);
    return m.made;
}

struct mutant_sums mutant_sums(const struct mutants *mutants)
{
    struct mutant_sums sums = {{0}};
    for (size_t i = 0; i < mutants->n; i++)
        sums.by_state[mutants->v[i].state]++;
    return sums;
}

unsigned mutant_percent(struct mutant_sums sums)
{
    size_t killed = sums.by_state[MUTANT_KILLED];
    size_t all = killed + sums.by_state[MUTANT_SURVIVED];
    return all ? (unsigned)(100 * killed / all) : 100;
}

struct dvara_str mutant_text(const struct mutant *mutant, const struct program *program,
                             struct arena *arena)
{
    struct dvara_str text = program->sources.v[mutant->span.file]->text, whole;
    struct buf out;
    buf_init(&out, DVARA_MAX_FILE + BEFORE_MAX);
    buf_append(&out, dvara_str_slice(text, 0, mutant->span.start));
    buf_append(&out, mutant->after);
    buf_append(&out, dvara_str_slice(text, mutant->span.end, text.n));
    whole = arena_copy(arena, buf_str(&out));
    buf_clear(&out);
    return whole;
}

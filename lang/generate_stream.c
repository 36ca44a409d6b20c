/* SPDX-License-Identifier: Apache-2.0 */
/* How a rule of the response phase is judged on a stream (language.md section 5, R18). */
#include "lang/generator.h"

#include "bundle/verify.h"

enum { VISITS_MAX = 4096, LATE = BUNDLE_DEPENDS_RESPONSE | BUNDLE_DEPENDS_PHASE };

struct monotone {
    struct generator *generator;
    uint32_t visits;
};

static bool is_text(const struct expr *expr)
{
    expr = expr_bare(expr);
    return expr->kind == EXPR_ATTRIBUTE && expr->attribute.id == DVARA_ATTR_RESPONSE_TEXT;
}

/* Does it read what is known only when the answer is whole? */
static bool is_late(struct monotone *m, const struct expr *expr)
{
    uint32_t block = generate_block(m->generator, expr, expr->type);
    if (block >= bundle_count(m->generator->writer, BUNDLE_TABLE_BLOCK))
        return true;
    const struct bundle_block *row = bundle_row(m->generator->writer, BUNDLE_TABLE_BLOCK, block);
    return (row->depends & LATE) != 0;
}

/* pii.count(G) > N or >= N: findings add up as the text grows. */
static bool is_tally(struct monotone *m, const struct expr *expr)
{
    const struct expr *left = expr_bare(expr->binary.left);
    struct constant c;
    if (left->kind != EXPR_ATTRIBUTE || left->attribute.id != DVARA_ATTR_PII_COUNT ||
        !constant_of(m->generator->arena, expr->binary.right, &c))
        return false;
    return expr->binary.op == BINARY_GT || expr->binary.op == BINARY_GE;
}

static bool is_search(struct monotone *m, const struct expr *expr)
{
    bool search = expr->binary.op == BINARY_CONTAINS || expr->binary.op == BINARY_MATCHES;
    return search && is_text(expr->binary.left) &&
           (expr->binary.op == BINARY_MATCHES || !is_late(m, expr->binary.right));
}

static bool is_monotone(struct monotone *m, const struct expr *expr)
{
    expr = expr_bare(expr);
    if (++m->visits > VISITS_MAX)
        return false;
    if (!is_late(m, expr))
        return true;
    if (expr->kind == EXPR_LET)
        return is_monotone(m, expr->decl->let.expr);
    if (expr->kind == EXPR_ATTRIBUTE)
        return expr->attribute.id == DVARA_ATTR_PII_FOUND;
    if (expr->kind != EXPR_BINARY)
        return false;
    if (expr->binary.op != BINARY_AND && expr->binary.op != BINARY_OR)
        return is_search(m, expr) || is_tally(m, expr);
    struct exprs operands = expr_chain(m->generator->arena, expr, expr->binary.op);
    for (size_t i = 0; i < operands.n; i++) {
        if (!is_monotone(m, operands.v[i]))
            return false;
    }
    return true;
}

enum bundle_stream generate_stream(struct generator *generator, const struct rule *rule,
                                   uint32_t depends)
{
    struct monotone m = {generator, 0};
    if (!(depends & LATE))
        return BUNDLE_STREAM_EARLY;
    if (rule->on_stream_notify)
        return BUNDLE_STREAM_NOTIFY;
    return is_monotone(&m, rule->when) ? BUNDLE_STREAM_INCREMENTAL : BUNDLE_STREAM_BUFFER;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Address ranges on the right of `within`: bits behind the prefix, unusual spellings, one that lies
 * in another of the same list. */
#include "lang/address_set.h"
#include "lang/forms.h"
#include "lang/linter.h"

#include <stdio.h>

enum { COMPARED_MAX = 2000 }; /* ranges of a list that are compared with each other */

static void lint_spelling(struct linter *l, const struct expr *expr)
{
    char canonical[ADDRESS_TEXT_MAX];
    char quoted[ADDRESS_TEXT_MAX + 2];
    bool host_bits = false;
    if (expr->kind != EXPR_STRING || cidr_problem(expr->string, &host_bits))
        return;
    size_t n = address_canonical(expr->string, canonical);
    if (n == 0 || dvara_str_eq(expr->string, dvara_str_from(canonical, n)))
        return;
    struct diag *diag = host_bits ? lint_add(l, expr->span, LINT_HOST_BITS, expr->string)
                                  : lint_add(l, expr->span, LINT_CIDR_SPELLING, expr->string,
                                             dvara_str_from(canonical, n));
    int length = snprintf(quoted, sizeof quoted, "\"%s\"", canonical);
    diag_fix(l->diags, diag, expr->span, dvara_str_from(quoted, (size_t)length), "write `%s`",
             canonical);
}

/* Takes the element out with the comma before or behind it. */
static void fix_removal(struct linter *l, struct diag *diag, const struct exprs *items, size_t at)
{
    struct span span = items->v[at]->span;
    if (at > 0)
        span.start = items->v[at - 1]->span.end;
    else
        span.end = items->v[1]->span.start;
    struct dvara_str text = source_slice(l->program->sources.v[span.file], span);
    if (!memchr(text.p, '#', text.n))
        diag_fix(l->diags, diag, span, DVARA_STR(""), "take it out");
}

static bool range_at(const struct exprs *items, size_t at, struct address_range *ret_range)
{
    const struct expr *item = expr_bare(items->v[at]);
    return item->kind == EXPR_STRING && address_range_of(item->string, ret_range);
}

/* CIDRs are disjoint or one holds the other. Of two equal ones the later is reported. */
static void lint_overlap(struct linter *l, const struct exprs *items)
{
    size_t n = items->n < COMPARED_MAX ? items->n : COMPARED_MAX;
    for (size_t i = 0; i < n; i++) {
        struct address_range inner;
        struct address_range outer;
        for (size_t k = 0; range_at(items, i, &inner) && k < n; k++) {
            if (k == i || !range_at(items, k, &outer) || !address_range_holds(outer, inner) ||
                (k > i && address_range_holds(inner, outer)))
                continue;
            struct diag *diag =
                lint_add(l, items->v[i]->span, LINT_CIDR_OVERLAP, expr_bare(items->v[i])->string,
                         expr_bare(items->v[k])->string);
            diag_label(l->diags, diag, items->v[k]->span, "the wider one");
            fix_removal(l, diag, items, i);
            break;
        }
    }
}

void lint_addresses(struct linter *l, const struct expr *expr)
{
    if (expr->kind != EXPR_LIST) {
        lint_spelling(l, expr);
        return;
    }
    for (size_t i = 0; i < expr->items.n; i++)
        lint_spelling(l, expr_bare(expr->items.v[i]));
    lint_overlap(l, &expr->items);
}

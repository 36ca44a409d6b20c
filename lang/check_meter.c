/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, budgets and invariants. */
#include "lang/checker.h"
#include "lang/forms.h"

static const int64_t day = INT64_C(86400) * 1000000000;

void check_printable(struct checker *c, struct expr *expr, const char *what)
{
    struct type type = check_value(c, expr);
    if (type_is_error(type))
        return;
    if (type.shape == DVARA_SHAPE_ONE && type.base < DVARA_TYPE_MESSAGE)
        return;
    diag_add(c->diags, expr->span, MESSAGE_TYPE_MISMATCH, dvara_str_from_cstr(what),
             DVARA_STR("a single value"), type_text(c, type));
    type_error(expr);
}

/* `when` and `per`: attributes of the request phase (R22). */
static void check_subject(struct checker *c, struct expr *when, const struct exprs *per)
{
    c->facts = NULL;
    c->phases = DVARA_PHASES_REQUEST;
    if (when)
        check_condition(c, when, DVARA_PHASES_REQUEST, "`when`");
    for (size_t i = 0; i < per->n; i++)
        check_typed(c, per->v[i], DVARA_TYPE_STRING, "`per`");
}

static void check_rate(struct checker *c, const struct rate *rate, const char *clause)
{
    check_range(c, &rate->amount, 1, INT64_MAX, clause, "at least 1");
    check_range(c, &rate->per, 1, 366 * day, "per", "over 0s and at most 366d");
    check_range(c, &rate->burst, 1, INT64_MAX, "burst", "at least 1");
}

void check_limit(struct checker *c, struct decl *decl)
{
    struct limit *limit = &decl->limit;
    check_subject(c, limit->when, &limit->per);
    check_rate(c, &limit->requests, "requests");
    check_rate(c, &limit->tokens, "tokens");
    check_range(c, &limit->concurrent, 1, INT64_MAX, "concurrent", "at least 1");
}

void check_budget(struct checker *c, struct decl *decl)
{
    struct budget *budget = &decl->budget;
    check_subject(c, budget->when, &budget->per);
    check_range(c, &budget->amount, 1, INT64_MAX, "amount", "over $0");
    check_range(c, &budget->soft, 1, 1000000, "soft", "over 0% and at most 100%");
    if (!budget->zone)
        return;
    check_typed(c, budget->zone, DVARA_TYPE_STRING, "`zone`");
    if (!zone_exists(budget->zone->string))
        report_zone(c, budget->zone);
}

/* Judged for each candidate target, so what the target phase has is there. */
void check_invariant(struct checker *c, struct decl *decl)
{
    struct invariant *invariant = &decl->invariant;
    c->in_invariant = true;
    c->phases = DVARA_PHASES_TARGET;
    if (invariant->when)
        check_condition(c, invariant->when, DVARA_PHASES_TARGET, "`when`");
    if (invariant->never)
        check_typed(c, invariant->never, DVARA_TYPE_BOOL, "`never`");
    c->in_invariant = false;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/stream.h"

#include "lang/same.h"

enum { VISITS_MAX = 4096 }; /* lets of lets are a graph: give up rather than walk it as a tree */

struct walk {
    unsigned visits;
};

static bool reads(struct walk *w, const struct expr *expr);

static bool any_reads(struct walk *w, const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        if (reads(w, exprs->v[i]))
            return true;
    return false;
}

static bool is_of_answer(enum dvara_attribute id)
{
    bool is_pii = id >= DVARA_ATTR_PII_FOUND && id <= DVARA_ATTR_PII_SCORE;
    return is_pii || attribute_row(id)->phases == DVARA_PHASES_RESPONSE;
}

static bool reads(struct walk *w, const struct expr *expr)
{
    expr = expr_seen(expr);
    if (++w->visits > VISITS_MAX)
        return true;
    if (expr->value)
        return false;
    if (expr->kind == EXPR_ATTRIBUTE)
        return is_of_answer(expr->attribute.id);
    if (expr->kind == EXPR_NOT || expr->kind == EXPR_MINUS || expr->kind == EXPR_HAS)
        return reads(w, expr->operand);
    if (expr->kind == EXPR_BINARY)
        return reads(w, expr->binary.left) || reads(w, expr->binary.right);
    if (expr->kind == EXPR_LIST)
        return any_reads(w, &expr->items);
    if (expr->kind == EXPR_CALL)
        return any_reads(w, &expr->call.args);
    return expr->kind == EXPR_QUANTIFIER &&
           (reads(w, expr->quantifier.over) || reads(w, expr->quantifier.body));
}

bool stream_reads_answer(const struct expr *expr)
{
    struct walk w = {0};
    return reads(&w, expr);
}

static bool is_attribute(const struct expr *expr, enum dvara_attribute id)
{
    expr = expr_seen(expr);
    return expr->kind == EXPR_ATTRIBUTE && expr->attribute.id == id;
}

/* Does it ask where the text begins or ends, or what stands before a match? A part cannot say. */
static bool is_anchored(struct dvara_str regex)
{
    bool in_class = false;
    for (size_t i = 0; i < regex.n; i++) {
        char c = regex.p[i];
        char next = i + 1 < regex.n ? regex.p[i + 1] : 0;
        if (c == '\\') {
            if (!in_class && next && strchr("AzZG", next))
                return true;
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            i += next == '^';
            i += i + 1 < regex.n && regex.p[i + 1] == ']'; /* a first ] is a member */
        } else if (c == '^' || c == '$' ||
                   dvara_str_starts_with(dvara_str_slice(regex, i, regex.n), DVARA_STR("(?<"))) {
            return true;
        }
    }
    return false;
}

/* Findings add up; a text that holds something goes on holding it. */
static bool is_incremental(struct walk *w, const struct expr *expr)
{
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    enum binary op = expr->binary.op;
    if (op == BINARY_GT || op == BINARY_GE)
        return is_attribute(left, DVARA_ATTR_PII_COUNT) && right->value;
    if (op == BINARY_MATCHES)
        return is_attribute(left, DVARA_ATTR_RESPONSE_TEXT) &&
               !is_anchored(expr_seen(right)->regex.text);
    return op == BINARY_CONTAINS && is_attribute(left, DVARA_ATTR_RESPONSE_TEXT) &&
           !reads(w, right);
}

/* `shown` is what stands in the rule: a let that is to blame is named, not opened. */
static const struct expr *blocker(struct walk *w, const struct expr *shown)
{
    const struct expr *expr = expr_seen(shown);
    if (w->visits > VISITS_MAX || !reads(w, expr))
        return w->visits > VISITS_MAX ? shown : NULL;
    bool joins = expr->kind == EXPR_BINARY &&
                 (expr->binary.op == BINARY_AND || expr->binary.op == BINARY_OR);
    if (joins) {
        const struct expr *found = blocker(w, expr->binary.left);
        if (!found)
            found = blocker(w, expr->binary.right);
        return found && expr_bare(shown)->kind == EXPR_LET ? shown : found;
    }
    bool ok = expr->kind == EXPR_BINARY ? is_incremental(w, expr)
                                        : is_attribute(expr, DVARA_ATTR_PII_FOUND);
    return ok ? NULL : shown;
}

const struct expr *stream_blocker(const struct expr *when)
{
    struct walk w = {0};
    return blocker(&w, when);
}

const char *stream_reason(const struct expr *blocker)
{
    const struct expr *expr = expr_seen(blocker);
    bool asks_where = expr->kind == EXPR_BINARY &&
                      (expr->binary.op == BINARY_STARTS_WITH || expr->binary.op == BINARY_MATCHES);
    if (asks_where && is_attribute(expr->binary.left, DVARA_ATTR_RESPONSE_TEXT))
        return "a stream is judged part by part, and a part does not know where the text starts";
    return "a later part of the text can change the condition";
}

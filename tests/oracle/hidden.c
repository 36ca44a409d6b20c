/* SPDX-License-Identifier: Apache-2.0 */
/* What is replaced, and input that no detector can read (language.md section 4, R14). */
#include "oracle/make.h"

#include "dvara/pii.h"
#include "oracle/judge.h"

static const char *const where_names[] = {
#define WHERE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const style_names[] = {
#define STYLE(id, spelling) spelling,
#include "dvara/words.def"
};

bool oracle_reads(const struct expr *expr, bool (*wanted)(enum dvara_attribute id))
{
    if (!expr)
        return false;
    switch (expr->kind) {
    case EXPR_ATTRIBUTE:
        return wanted(expr->attribute.id);
    case EXPR_LET:
        return oracle_reads(expr->decl->let.expr, wanted);
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
    case EXPR_PAREN:
        return oracle_reads(expr->operand, wanted);
    case EXPR_BINARY:
        return oracle_reads(expr->binary.left, wanted) ||
               (expr->binary.op != BINARY_MATCHES && oracle_reads(expr->binary.right, wanted));
    case EXPR_QUANTIFIER:
        return oracle_reads(expr->quantifier.over, wanted) ||
               oracle_reads(expr->quantifier.body, wanted);
    case EXPR_CALL:
        for (size_t i = 0; i < expr->call.args.n; i++)
            if (oracle_reads(expr->call.args.v[i], wanted))
                return true;
        return false;
    case EXPR_LIST:
        for (size_t i = 0; i < expr->items.n; i++)
            if (oracle_reads(expr->items.v[i], wanted))
                return true;
        return false;
    default:
        return false;
    }
}

static bool is_personal(enum dvara_attribute id)
{
    return id >= DVARA_ATTR_PII_FOUND && id <= DVARA_ATTR_PROMPT_PII_SCORE;
}

/* ---- redaction ---- */

static enum dvara_where place_of(enum dvara_phase phase)
{
    return phase == DVARA_PHASE_TOOL       ? DVARA_WHERE_TOOLS
           : phase == DVARA_PHASE_RESPONSE ? DVARA_WHERE_RESPONSE
                                           : DVARA_WHERE_PROMPT;
}

void oracle_redact(struct judge *judge, const struct decl *decl, const struct effect *effect,
                   enum dvara_phase phase)
{
    enum dvara_where where = place_of(phase);
    if (!(effect->redact.where >> where & 1))
        return;
    size_t n = judge->n_redactions[where]++;
    judge->redactions[where][n].by = decl;
    judge->redactions[where][n].group = effect->redact.group.decl;
    judge->redactions[where][n].style = effect->redact.style;
}

static struct dvara_leaves leaves_of(const struct judge *judge, enum dvara_phase phase)
{
    return phase == DVARA_PHASE_TOOL       ? judge->facts.tool.leaves
           : phase == DVARA_PHASE_RESPONSE ? judge->facts.response.leaves
                                           : judge->facts.request.leaves;
}

/* The style that keeps least and the lowest threshold of all that name the detector. */
static enum dvara_style style_of(const struct judge *judge, enum dvara_where where,
                                 struct dvara_str detector, int64_t *ret_threshold)
{
    enum dvara_style style = DVARA_STYLE_NONE;
    *ret_threshold = INT64_MAX;
    for (size_t i = 0; i < judge->n_redactions[where]; i++) {
        int64_t at = walk_threshold(judge->redactions[where][i].group, detector);
        if (at < 0)
            continue;
        *ret_threshold = at < *ret_threshold ? at : *ret_threshold;
        if (judge->redactions[where][i].style > style)
            style = judge->redactions[where][i].style;
    }
    return style;
}

void oracle_redacted(struct judge *judge, enum dvara_phase phase)
{
    enum dvara_where where = place_of(phase);
    struct dvara_leaves leaves = leaves_of(judge, phase);
    const struct decls *detectors = &judge->program->by_kind[DECL_DETECTOR];
    if (judge->n_redactions[where] == 0)
        return;
    if (judge->facts.faults >> DVARA_ERROR_CANDIDATES & 1) {
        struct value error = {.state = VALUE_ERROR, .error = DVARA_ERROR_CANDIDATES};
        for (size_t i = 0; i < judge->n_redactions[where]; i++)
            oracle_policy_error(judge, judge->redactions[where][i].by, phase, error);
        return;
    }
    for (size_t d = 0; d < detectors->n; d++) {
        struct dvara_str name = detectors->v[d]->name;
        int64_t threshold;
        enum dvara_style style = style_of(judge, where, name, &threshold);
        unsigned count = 0;
        for (size_t i = 0; style && i < leaves.n; i++) {
            enum dvara_error_kind error;
            struct dvara_spans spans = dvara_scan(judge->finder->scanner, NULL, leaves.v[i].text,
                                                  leaves.v[i].label, &error);
            for (size_t k = 0; k < spans.n; k++)
                count += dvara_str_eq(
                             dvara_bundle_detector(judge->finder->bundle, spans.v[k].detector).name,
                             name) &&
                         spans.v[k].score_ppm >= threshold;
        }
        if (count)
            oracle_note(judge, "redacted %s %s %.*s %u", where_names[where], style_names[style],
                        DVARA_STR_ARG(name), count);
    }
}

/* ---- opaque input ---- */

/* Kleene's conjunction of the operands that read no pii.*, through parentheses and lets. */
static struct value plain_part(struct scope *scope, const struct expr *expr)
{
    if (!oracle_reads(expr, is_personal))
        return walk(scope, expr);
    expr = expr_bare(expr);
    if (expr->kind == EXPR_LET)
        return plain_part(scope, expr->decl->let.expr);
    if (expr->kind != EXPR_BINARY || expr->binary.op != BINARY_AND)
        return truth(true);
    struct value a = plain_part(scope, expr->binary.left);
    struct value b = plain_part(scope, expr->binary.right);
    if ((!is_error(a) && !a.i) || (!is_error(b) && !b.i))
        return truth(false);
    return is_error(a) || is_error(b) ? worse(a, b) : truth(true);
}

static bool has_effect(const struct rule *rule, enum dvara_effect kind)
{
    for (size_t i = 0; i < rule->n_effects; i++)
        if (rule->effects[i].kind == kind)
            return true;
    return false;
}

/* Kinds that the rule does not let pass unread. */
static bool is_refused(const struct rule *rule, struct dvara_str kind)
{
    bool looks = has_effect(rule, DVARA_EFFECT_REDACT) ||
                 (oracle_reads(rule->when, is_personal) && has_effect(rule, DVARA_EFFECT_DENY));
    if (rule->opaque == OPAQUE_ALLOW || (rule->opaque == OPAQUE_UNSET && !looks))
        return false;
    return rule->opaque == OPAQUE_DENY || dvara_str_eq(kind, DVARA_STR("tokens"));
}

void oracle_opaque(struct judge *judge, const struct decl *decl)
{
    const struct rule *rule = &decl->rule;
    struct scope scope = {.facts = &judge->facts,
                          .arena = judge->arena,
                          .phase = DVARA_PHASE_REQUEST,
                          .finder = judge->finder};
    bool refused = false;
    for (size_t i = 0; i < judge->facts.request.opaque.n; i++)
        refused = refused || is_refused(rule, judge->facts.request.opaque.v[i]);
    if (!refused || rule->mode != DVARA_MODE_ENFORCE)
        return;
    struct value holds = rule->when ? plain_part(&scope, rule->when) : truth(true);
    if (is_error(holds) || holds.i)
        oracle_deny(judge, decl, DVARA_PHASE_REQUEST, DVARA_STR("unscannable_input"), 400);
}

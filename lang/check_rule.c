/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: phases of effects, strata, values of clauses. */
#include "base/arena.h"
#include "lang/checker.h"
#include "lang/forms.h"

#include <stdlib.h>

static struct dvara_str phases_str(struct checker *c, uint8_t phases)
{
    char text[PHASES_TEXT_MAX];
    return arena_copy(c->arena, dvara_str_from_cstr(phases_text(phases, text)));
}

static void report_phase(struct checker *c, struct span span, const char *what, uint8_t missing,
                         uint8_t allowed)
{
    diag_add(c->diags, span, MESSAGE_EFFECT_PHASE, dvara_str_from_cstr(what),
             phases_str(c, missing), phases_str(c, allowed));
}

/* At most one decision; a rewrite stands without decision and redact, on request alone. */
static void check_strata(struct checker *c, struct rule *rule)
{
    const struct effect *decision = NULL;
    const struct effect *rewrite = NULL;
    const struct effect *other = NULL; /* the first that cannot stand beside a rewrite */
    for (size_t i = 0; i < rule->n_effects; i++) {
        const struct effect *effect = &rule->effects[i];
        uint8_t class = effect_row(effect->kind)->class;
        if (class == DVARA_EFFECT_REWRITE && !rewrite)
            rewrite = effect;
        if ((class == DVARA_EFFECT_DECISION || effect->kind == DVARA_EFFECT_REDACT) && !other)
            other = effect;
        if (class != DVARA_EFFECT_DECISION)
            continue;
        if (decision) {
            struct diag *diag = diag_plain(c->diags, effect->span, MESSAGE_TWO_DECISIONS);
            diag_label(c->diags, diag, decision->span, "the first");
        }
        decision = decision ? decision : effect;
    }
    rule->is_rewrite = rewrite != NULL;
    if (!rewrite)
        return;
    struct dvara_str name = effect_row(rewrite->kind)->spelling;
    if (other) {
        struct diag *diag = diag_add(c->diags, other->span, MESSAGE_MIXED_STRATA, name,
                                     effect_row(other->kind)->spelling);
        diag_label(c->diags, diag, rewrite->span, "this rewrites");
    } else if (rule->phases & ~DVARA_PHASES_REQUEST) {
        diag_add(c->diags, rule->phases_span, MESSAGE_REWRITE_PHASE, name);
    }
}

static struct dvara_str header_of(const struct effect *effect)
{
    return effect->kind == DVARA_EFFECT_SET_HEADER ? effect->header.name.s : DVARA_STR("");
}

/* By what is set, then by place. */
static int by_setting(const void *left, const void *right)
{
    const struct effect *a = *(const struct effect *const *)left;
    const struct effect *b = *(const struct effect *const *)right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int c = dvara_str_cmp(header_of(a), header_of(b));
    return c ? c : a->span.start < b->span.start ? -1 : 1;
}

/* Clauses come in any order, so of two values that one rule sets none is the first. */
static void check_settings(struct checker *c, const struct rule *rule)
{
    const struct effect **v = ARENA_ARRAY(c->arena, rule->n_effects, const struct effect *);
    size_t n = 0;
    for (size_t i = 0; v && i < rule->n_effects; i++)
        if (effect_row(rule->effects[i].kind)->class == DVARA_EFFECT_REWRITE &&
            rule->effects[i].kind != DVARA_EFFECT_CAP)
            v[n++] = &rule->effects[i];
    if (n < 2)
        return;
    qsort(v, n, sizeof *v, by_setting);
    for (size_t i = 1; i < n; i++) {
        if (v[i]->kind != v[i - 1]->kind || !dvara_str_eq(header_of(v[i]), header_of(v[i - 1])))
            continue;
        struct diag *diag =
            diag_add(c->diags, v[i]->span, MESSAGE_ONCE, effect_row(v[i]->kind)->spelling);
        diag_label(c->diags, diag, v[i - 1]->span, "the first");
    }
}

static void check_deny(struct checker *c, const struct effect *effect)
{
    const struct number *status = &effect->deny.status;
    static const int retried[] = {408, 409, 425, 429};
    bool ok = status->i >= 400 && status->i <= 499;
    for (size_t i = 0; i < sizeof retried / sizeof *retried; i++)
        ok &= status->i != retried[i];
    if (status->has && !ok)
        diag_add(c->diags, status->span, MESSAGE_OUT_OF_RANGE, DVARA_STR("status"),
                 DVARA_STR("4xx but not 408, 409, 425 or 429, which clients retry"));
    if (effect->deny.code.s.p && effect->deny.code.s.n == 0)
        diag_add(c->diags, effect->deny.code.span, MESSAGE_OUT_OF_RANGE, DVARA_STR("code"),
                 DVARA_STR("a word such as \"model_not_allowed\""));
}

/* Where a rule of that phase redacts. */
static const struct {
    uint8_t where;
    uint8_t phase;
} places[] = {
    {DVARA_WHERE_PROMPT, DVARA_PHASE_REQUEST},
    {DVARA_WHERE_TOOLS, DVARA_PHASE_TOOL},
    {DVARA_WHERE_RESPONSE, DVARA_PHASE_RESPONSE},
};

static void check_redact(struct checker *c, const struct rule *rule, struct effect *effect)
{
    static const char *const wheres[] = {
#define WHERE(id, spelling) [DVARA_WHERE_##id] = spelling,
#include "dvara/words.def"
    };
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        uint8_t phase = (uint8_t)(1u << places[i].phase);
        uint8_t where = (uint8_t)(1u << places[i].where);
        if (!effect->redact.has_where && (rule->phases & phase))
            effect->redact.where |= where;
        if (effect->redact.has_where && (effect->redact.where & where) && !(rule->phases & phase))
            diag_add(c->diags, effect->redact.where_span, MESSAGE_WHERE_PHASE,
                     dvara_str_from_cstr(wheres[places[i].where]), phases_str(c, phase),
                     phases_str(c, rule->phases));
    }
    bool restores = effect->redact.restore_tools || effect->redact.restore_urls;
    if (restores && effect->redact.style != DVARA_STYLE_TOKEN)
        diag_add(c->diags, effect->span, MESSAGE_NO_SCANNED_EFFECT, DVARA_STR("restore"),
                 DVARA_STR("puts tokens back, so it needs `with token`"));
}

static void check_cap(struct checker *c, struct expr *value)
{
    if (!check_typed(c, value, DVARA_TYPE_INT, "`cap max_tokens`"))
        return;
    const struct expr *bare = expr_bare(value);
    bool negative = bare->kind == EXPR_MINUS && expr_bare(bare->operand)->kind == EXPR_INT;
    if (negative || (bare->kind == EXPR_INT && bare->i < 1))
        diag_add(c->diags, value->span, MESSAGE_OUT_OF_RANGE, DVARA_STR("cap max_tokens"),
                 DVARA_STR("at least 1"));
}

static void check_header(struct checker *c, struct effect *effect)
{
    struct text name = effect->header.name;
    if (!is_header_name(name.s))
        diag_add(c->diags, name.span, MESSAGE_BAD_NAME, name.s, DVARA_STR("the name of a header"));
    else if (is_credential_header(name.s))
        diag_add(c->diags, name.span, MESSAGE_SECRET, name.s);
    else if (is_connection_header(name.s))
        diag_add(c->diags, name.span, MESSAGE_BAD_NAME, name.s,
                 DVARA_STR("a header that policy may set: the connection owns it"));
    if (effect->header.value)
        check_typed(c, effect->header.value, DVARA_TYPE_STRING, "`set header`");
    check_template(c, effect->header.template);
}

static void check_approval(struct checker *c, struct effect *effect)
{
    const int64_t day = INT64_C(86400) * 1000000000;
    if (effect->approval.by.s.n == 0)
        diag_add(c->diags, effect->approval.by.span, MESSAGE_BAD_NAME, effect->approval.by.s,
                 DVARA_STR("the name of a group of approvers: it is empty"));
    check_range(c, &effect->approval.quorum, 1, 1000, "quorum", "from 1 to 1000");
    check_range(c, &effect->approval.ttl, 1, 366 * day, "ttl", "over 0s and at most 366d");
    check_range(c, &effect->approval.hold, 1, day, "hold", "over 0s and at most 1d");
    for (size_t i = 0; i < effect->approval.binds.n; i++)
        check_printable(c, effect->approval.binds.v[i], "`bind`");
}

static void check_effect(struct checker *c, struct rule *rule, struct effect *effect)
{
    const struct effect_row *row = effect_row(effect->kind);
    uint8_t missing = (uint8_t)(rule->phases & ~row->phases);
    if (missing && row->class != DVARA_EFFECT_REWRITE)
        report_phase(c, effect->span, row->spelling.p, missing, row->phases);
    switch (effect->kind) {
    case DVARA_EFFECT_DENY:
        check_deny(c, effect);
        return;
    case DVARA_EFFECT_REDACT:
        check_redact(c, rule, effect);
        return;
    case DVARA_EFFECT_CAP:
        check_cap(c, effect->value);
        return;
    case DVARA_EFFECT_SET_MODEL:
        check_typed(c, effect->value, DVARA_TYPE_STRING, "`set model`");
        return;
    case DVARA_EFFECT_SET_TEMPERATURE:
        check_typed(c, effect->value, DVARA_TYPE_FLOAT, "`set temperature`");
        return;
    case DVARA_EFFECT_SET_USER:
        check_typed(c, effect->value, DVARA_TYPE_STRING, "`set user`");
        return;
    case DVARA_EFFECT_SET_HEADER:
        check_header(c, effect);
        return;
    case DVARA_EFFECT_WARN:
        check_template(c, effect->warn);
        return;
    case DVARA_EFFECT_TAG:
        check_template(c, effect->tag.value);
        return;
    case DVARA_EFFECT_APPROVAL:
        check_approval(c, effect);
        return;
    case DVARA_EFFECT_CACHE:
        check_range(c, &effect->cache.ttl, 1, INT64_C(366) * 86400 * 1000000000, "cache",
                    "over 0s and at most 366d");
        return;
    case DVARA_EFFECT_EXCLUDE:
    case DVARA_EFFECT_ALLOW:
    case DVARA_EFFECT_USE_ROUTE:
    case DVARA_EFFECT_NO_CACHE:
    case DVARA_EFFECT_COUNT:
        return;
    }
}

static void check_flags(struct checker *c, const struct rule *rule)
{
    bool redacts = false;
    for (size_t i = 0; i < rule->n_effects; i++)
        redacts |= rule->effects[i].kind == DVARA_EFFECT_REDACT;
    if (rule->opaque != OPAQUE_UNSET && !rule->reads_pii && !redacts && !c->decl->unbound)
        diag_plain(c->diags, rule->opaque_span, MESSAGE_OPAQUE_WITHOUT_PII);
    if (rule->on_stream_notify && !(rule->phases & DVARA_PHASES_RESPONSE))
        report_phase(c, rule->on_stream_span, "on_stream", rule->phases, DVARA_PHASES_RESPONSE);
    if (rule->once && !(rule->phases & DVARA_PHASES_REQUEST))
        report_phase(c, rule->once_span, "once", rule->phases, DVARA_PHASES_REQUEST);
}

void check_rule(struct checker *c, struct decl *decl)
{
    struct rule *rule = &decl->rule;
    c->facts = NULL;
    c->reads_pii = false;
    c->phases = rule->phases;
    if (rule->when)
        check_condition(c, rule->when, rule->phases, "`when`");
    rule->reads_pii = c->reads_pii;
    check_strata(c, rule);
    check_settings(c, rule);
    for (size_t i = 0; i < rule->n_effects; i++)
        check_effect(c, rule, &rule->effects[i]);
    check_template(c, rule->reason);
    check_flags(c, rule);
}

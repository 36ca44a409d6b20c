/* SPDX-License-Identifier: Apache-2.0 */
/* The request phase. */
#include "lang/logic/decision.h"

#include "base/arena.h"
#include "base/hash.h"
#include "lang/codegen.h"
#include "lang/list.h"
#include "lang/logic/providers.h"

/* The rules by rank: highest priority, then smallest name; by_kind is sorted by name. */
static struct decl **by_rank(struct arena *arena, const struct decls *rules)
{
    struct decl **v = ARENA_ARRAY(arena, rules->n, struct decl *);
    for (size_t i = 0; v && i < rules->n; i++) {
        size_t at = i;
        for (; at > 0 && v[at - 1]->rule.priority < rules->v[i]->rule.priority; at--)
            v[at] = v[at - 1];
        v[at] = rules->v[i];
    }
    return v;
}

static bool is_enforced(const struct decl *decl, uint8_t phase)
{
    return decl->rule.mode == DVARA_MODE_ENFORCE && (decl->rule.phases & phase);
}

static void deny_where(struct decision *d, struct dvara_str where)
{
    d->denied = script_or(d->sent.script, d->denied, where);
}

/* ---- texts of warnings and tags ---- */

static void tell(struct decision *d, struct scene *scene, const struct effect *effect,
                 struct dvara_str applies)
{
    const struct template *template = effect->kind == DVARA_EFFECT_WARN  ? effect->warn
                                      : effect->kind == DVARA_EFFECT_TAG ? effect->tag.value
                                                                         : NULL;
    if (template)
        deny_where(d, script_and(scene->script, applies, scene_template_errs(scene, template)));
}

/* ---- the first stratum ---- */

/* Values that the rewriting rules leave, and what stood before. */
struct rewriting {
    struct decision *decision;
    struct scene *scene; /* where values are put */
    struct dvara_str model_taken, temperature_taken, user_taken, route_taken;
};

/* The value stands unless one of higher rank was taken; returns where it does. */
static struct dvara_str set_value(struct rewriting *r, struct term *place, enum sort sort,
                                  struct dvara_str *taken, struct dvara_str where,
                                  struct dvara_str value)
{
    struct script *script = r->scene->script;
    struct dvara_str now = script_and(script, where, script_not(script, *taken));
    place->value = script_if(script, sort, now, value, place->value);
    place->present = script_or(script, place->present, now);
    *taken = script_or(script, *taken, where);
    return now;
}

static void set_model(struct rewriting *r, const struct effect *effect, struct dvara_str where,
                      struct dvara_str value)
{
    struct decision *d = r->decision;
    struct model_choice choice = {.value = value, .constant = effect->value->value};
    choice.where = set_value(r, &r->scene->set[DVARA_ATTR_REQUEST_MODEL], SORT_STRING,
                             &r->model_taken, where, value);
    if (script_string(r->scene->script, choice.constant ? choice.constant->s : DVARA_STR("")).p ==
        NULL)
        choice.constant = NULL;
    LIST_APPEND(r->scene->script->arena, d->choices, d->n_choices, choice);
}

static void cap(struct rewriting *r, struct dvara_str where, struct dvara_str value)
{
    struct script *script = r->scene->script;
    struct term *place = &r->scene->set[DVARA_ATTR_REQUEST_MAX_TOKENS];
    struct dvara_str one = DVARA_STR("1");
    struct dvara_str most =
        script_if(script, SORT_INT, script_two(script, "<", value, one), one, value);
    struct dvara_str less =
        script_name(script, SORT_BOOL, script_two(script, "<", most, place->value));
    struct dvara_str now =
        script_and(script, where, script_or(script, script_not(script, place->present), less));
    place->value = script_if(script, SORT_INT, now, most, place->value);
    place->present = script_or(script, place->present, where);
}

/* A header's value, whichever rule sets it, is text that is not known further when several do. */
static void set_header(struct rewriting *r, const struct effect *effect, struct dvara_str where,
                       struct dvara_str value)
{
    struct script *script = r->scene->script;
    struct scene_header *header = ARENA_NEW(script->arena, struct scene_header);
    struct expr attribute = {.kind = EXPR_ATTRIBUTE,
                             .type = attribute_row(DVARA_ATTR_REQUEST_HEADER)->type};
    attribute.attribute.id = DVARA_ATTR_REQUEST_HEADER;
    attribute.attribute.arg = effect->header.name.s;
    if (!header)
        return;
    struct term old = scene_attribute(r->scene, &attribute);
    bool again = false;
    for (const struct scene_header *h = r->scene->headers; h; h = h->next)
        again = again || dvara_str_eq(h->name, effect->header.name.s);
    if (again) { /* which of the two wins is left open */
        struct asked asked = {.kind = ASKED_FREE, .sort = SORT_STRING};
        asked.label = arena_printf(script->arena, "set header \"%.*s\"",
                                   DVARA_STR_ARG(effect->header.name.s));
        value = script_constant(script, arena_printf(script->arena, "header.%u", script->n_names),
                                asked, NULL);
    }
    *header = (struct scene_header){.name = effect->header.name.s, .next = r->scene->headers};
    header->term = (struct term){script_if(script, SORT_STRING, where, value, old.value),
                                 script_or(script, old.present, where), old.errs};
    r->scene->headers = header;
}

/* A value that cannot be said: text of a template, a float that is computed. */
static struct dvara_str unsaid(struct script *script, enum sort sort, const char *what)
{
    struct asked asked = {.kind = ASKED_FREE, .sort = sort, .label = dvara_str_from_cstr(what)};
    return script_constant(script, arena_printf(script->arena, "unsaid.%u", script->n_names), asked,
                           NULL);
}

static struct term effect_value(struct decision *d, const struct effect *effect)
{
    struct script *script = d->sent.script;
    bool header = effect->kind == DVARA_EFFECT_SET_HEADER;
    const struct expr *value = header ? effect->header.value : effect->value;
    enum sort sort = effect->kind == DVARA_EFFECT_CAP               ? SORT_INT
                     : effect->kind == DVARA_EFFECT_SET_TEMPERATURE ? SORT_REAL
                                                                    : SORT_STRING;
    struct term term = {.present = SCRIPT_TRUE, .errs = SCRIPT_FALSE};
    if (header && effect->header.template)
        term.errs = scene_template_errs(&d->sent, effect->header.template);
    else
        term = scene_term(&d->sent, value);
    bool alike = value && term.value.p && scene_sort(value->type) == sort;
    if (!alike)
        term.value = unsaid(script, sort, "a value that a rule sets");
    return term;
}

static void rewrite(struct rewriting *r, const struct effect *effect, struct formula holds)
{
    struct decision *d = r->decision;
    struct script *script = r->scene->script;
    enum dvara_on_error on_error = (enum dvara_on_error)effect_row(effect->kind)->on_error;
    struct dvara_str where = holds.holds;
    if (on_error == DVARA_ON_ERROR_APPLY)
        where = formula_applies(script, holds);
    if (on_error == DVARA_ON_ERROR_DENY)
        deny_where(d, holds.errs);
    tell(d, &d->sent, effect, where);
    if (effect->kind == DVARA_EFFECT_USE_ROUTE) {
        struct term place = {d->forced, SCRIPT_TRUE, SCRIPT_FALSE};
        (void)set_value(r, &place, SORT_INT, &r->route_taken, where,
                        script_int(script, effect->route.decl->order));
        d->forced = place.value;
        return;
    }
    if (effect->kind < DVARA_EFFECT_CAP || effect->kind > DVARA_EFFECT_SET_HEADER)
        return;
    struct term value = effect_value(d, effect);
    deny_where(d, script_and(script, where, value.errs));
    where = script_and(script, where, script_not(script, value.errs));
    if (effect->kind == DVARA_EFFECT_CAP)
        cap(r, where, value.value);
    else if (effect->kind == DVARA_EFFECT_SET_MODEL)
        set_model(r, effect, where, value.value);
    else if (effect->kind == DVARA_EFFECT_SET_TEMPERATURE)
        (void)set_value(r, &r->scene->set[DVARA_ATTR_REQUEST_TEMPERATURE], SORT_REAL,
                        &r->temperature_taken, where, value.value);
    else if (effect->kind == DVARA_EFFECT_SET_USER)
        (void)set_value(r, &r->scene->set[DVARA_ATTR_REQUEST_USER], SORT_STRING, &r->user_taken,
                        where, value.value);
    else
        set_header(r, effect, where, value.value);
}

/* The fields that rules may set begin as the request says. */
static void begin_fields(struct decision *d)
{
    static const enum dvara_attribute fields[] = {
        DVARA_ATTR_REQUEST_MODEL, DVARA_ATTR_REQUEST_MAX_TOKENS, DVARA_ATTR_REQUEST_TEMPERATURE,
        DVARA_ATTR_REQUEST_USER};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        struct expr attribute = {.kind = EXPR_ATTRIBUTE, .type = attribute_row(fields[i])->type};
        attribute.attribute.id = fields[i];
        d->judged.set[fields[i]] = scene_attribute(&d->sent, &attribute);
    }
}

static void first_stratum(struct decision *d, struct decl *const *rules, size_t n)
{
    struct rewriting r = {.decision = d,
                          .scene = &d->judged,
                          .model_taken = SCRIPT_FALSE,
                          .temperature_taken = SCRIPT_FALSE,
                          .user_taken = SCRIPT_FALSE,
                          .route_taken = SCRIPT_FALSE};
    for (size_t i = 0; i < n; i++) {
        if (!rules[i]->rule.is_rewrite || !is_enforced(rules[i], DVARA_PHASES_REQUEST))
            continue;
        struct formula holds = scene_condition(&d->sent, rules[i]->rule.when);
        for (size_t e = 0; e < rules[i]->rule.n_effects; e++)
            rewrite(&r, &rules[i]->rule.effects[e], holds);
    }
    d->model_was_set = r.model_taken;
}

/* ---- the second ---- */

/* Conjuncts that read no pii.*, through lets: what is left is whether the rule is about the request
 * at all (R14). */
static bool reads_pii(const struct expr *expr);

static bool any_reads_pii(const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        if (reads_pii(exprs->v[i]))
            return true;
    return false;
}

static bool reads_pii(const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_ATTRIBUTE:
        return expr->attribute.group != NULL;
    case EXPR_LET:
        return expr->decl->let.reads_pii;
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
    case EXPR_PAREN:
        return reads_pii(expr->operand);
    case EXPR_FIELD:
        return reads_pii(expr->field.base);
    case EXPR_LIST:
        return any_reads_pii(&expr->items);
    case EXPR_CALL:
        return any_reads_pii(&expr->call.args);
    case EXPR_BINARY:
        return reads_pii(expr->binary.left) || reads_pii(expr->binary.right);
    case EXPR_QUANTIFIER:
        return reads_pii(expr->quantifier.over) || reads_pii(expr->quantifier.body);
    default:
        return false;
    }
}

static struct formula plain_part(struct scene *scene, const struct expr *expr)
{
    const struct expr *seen = expr_bare(expr);
    if (!reads_pii(seen))
        return scene_condition(scene, expr);
    if (seen->kind == EXPR_LET)
        return plain_part(scene, seen->decl->let.expr);
    if (seen->kind == EXPR_BINARY && seen->binary.op == BINARY_AND)
        return formula_and(scene->script, plain_part(scene, seen->binary.left),
                           plain_part(scene, seen->binary.right));
    return formula_of(true);
}

static bool has_effect(const struct rule *rule, enum dvara_effect kind)
{
    for (size_t i = 0; i < rule->n_effects; i++)
        if (rule->effects[i].kind == kind)
            return true;
    return false;
}

/* Whether the input holds token ids: what is in the list, not whether it can be read. */
static struct dvara_str opaque_tokens(struct decision *d, const struct expr *list)
{
    struct script *script = d->judged.script;
    struct asked asked = {
        .kind = ASKED_MEMBER, .sort = SORT_BOOL, .attribute = DVARA_ATTR_REQUEST_OPAQUE};
    struct dvara_str errs;
    struct dvara_str member = script_apply(script, DVARA_STR("in.request.opaque"), SORT_STRING,
                                           DVARA_STR("\"tokens\""), asked, NULL);
    struct dvara_str n = scene_length(&d->judged, list, &errs);
    script_assert(script, LEVEL_ALL,
                  script_two(script, "=>", member, script_two(script, ">=", n, DVARA_STR("1"))));
    return member;
}

/* A rule that must read the whole input refuses what nobody can read (R14). */
static void refuse_opaque(struct decision *d, const struct decl *decl)
{
    struct script *script = d->judged.script;
    const struct rule *rule = &decl->rule;
    struct expr list = {.kind = EXPR_ATTRIBUTE};
    struct dvara_str errs, opaque;
    bool refuses = has_effect(rule, DVARA_EFFECT_REDACT) ||
                   (rule->when && reads_pii(rule->when) && has_effect(rule, DVARA_EFFECT_DENY));
    if (rule->opaque == OPAQUE_ALLOW || !(refuses || rule->opaque == OPAQUE_DENY))
        return;
    list.attribute.id = DVARA_ATTR_REQUEST_OPAQUE;
    if (rule->opaque == OPAQUE_DENY)
        opaque = script_two(script, ">", scene_length(&d->judged, &list, &errs), DVARA_STR("0"));
    else
        opaque = opaque_tokens(d, &list);
    struct formula about = formula_of(true);
    if (rule->when)
        about = plain_part(&d->judged, rule->when);
    deny_where(d, script_and(script, opaque, formula_applies(script, about)));
}

struct second {
    struct decision *decision;
    struct dvara_str allowed, redacts;
};

static void judge_effect(struct second *second, const struct effect *effect, struct formula holds)
{
    struct decision *d = second->decision;
    struct script *script = d->judged.script;
    struct dvara_str applies = formula_applies(script, holds);
    struct dvara_str errs = SCRIPT_FALSE;
    switch (effect->kind) {
    case DVARA_EFFECT_DENY:
        deny_where(d, applies);
        return;
    case DVARA_EFFECT_APPROVAL:
        for (size_t i = 0; i < effect->approval.binds.n; i++)
            errs =
                script_or(script, errs, scene_term(&d->judged, effect->approval.binds.v[i]).errs);
        deny_where(d, script_and(script, applies, errs));
        applies = script_and(script, applies, script_not(script, errs));
        d->asks = script_or(script, d->asks, applies);
        second->allowed = script_or(script, second->allowed, applies);
        return;
    case DVARA_EFFECT_ALLOW:
        second->allowed = script_or(script, second->allowed, holds.holds);
        return;
    case DVARA_EFFECT_REDACT:
        second->redacts = script_or(script, second->redacts, applies);
        return;
    default:
        tell(d, &d->judged, effect, applies);
    }
}

static void judge(struct second *second, const struct decl *decl)
{
    struct decision *d = second->decision;
    if (decl->rule.is_rewrite || !is_enforced(decl, DVARA_PHASES_REQUEST))
        return;
    struct formula holds = scene_condition(&d->judged, decl->rule.when);
    d->applies[decl->order] = formula_applies(d->judged.script, holds);
    for (size_t e = 0; e < decl->rule.n_effects; e++)
        judge_effect(second, &decl->rule.effects[e], holds);
    refuse_opaque(d, decl);
}

/* What must be redacted and cannot be read is denied; a second look at a text may fail, too. */
static void deny_unread(struct decision *d, struct dvara_str redacts)
{
    struct script *script = d->judged.script;
    if (script_is(redacts, SCRIPT_FALSE))
        return;
    struct dvara_str again = scene_fault(&d->judged, DVARA_ERROR_SCAN, DVARA_STR("again"));
    struct dvara_str unread =
        script_or(script, scene_unread(&d->judged, DVARA_WHERE_PROMPT), again);
    deny_where(d, script_and(script, redacts, unread));
}

static void second_stratum(struct decision *d)
{
    struct script *script = d->judged.script;
    const struct program *program = d->judged.program;
    const struct decls *rules = &program->by_kind[DECL_RULE];
    struct second second = {d, SCRIPT_FALSE, SCRIPT_FALSE};
    bool allows = program->fallback && program->fallback->fallback.allow;
    for (size_t i = 0; i < rules->n; i++)
        judge(&second, rules->v[i]);
    if (!allows)
        deny_where(d, script_not(script, second.allowed));
    deny_unread(d, second.redacts);
    d->asks = script_and(script, d->asks, script_not(script, d->denied));
}

bool decision_request(struct decision *decision, struct script *script,
                      const struct program *program, uint32_t side)
{
    const struct decls *rules = &program->by_kind[DECL_RULE];
    struct decl **ranked = by_rank(script->arena, rules);
    *decision =
        (struct decision){.denied = SCRIPT_FALSE,
                          .asks = SCRIPT_FALSE,
                          .forced = DVARA_STR("(- 1)"),
                          .applies = ARENA_ARRAY(script->arena, rules->n, struct dvara_str)};
    struct providers providers;
    if (!ranked || !decision->applies || !scene_init(&decision->sent, script, program, side) ||
        !providers_of(&decision->sent, &providers) ||
        !scene_copy(&decision->judged, &decision->sent, DVARA_PHASE_REQUEST))
        return false;
    begin_fields(decision);
    first_stratum(decision, ranked, rules->n);
    second_stratum(decision);
    return !arena_is_exhausted(script->arena);
}

/* ---- redaction ---- */

struct dvara_str decision_redacts(const struct decision *decision, const struct decl *detector,
                                  uint32_t threshold)
{
    struct script *script = decision->judged.script;
    const struct program *program = decision->judged.program;
    const struct decls *rules = &program->by_kind[DECL_RULE];
    size_t n = program->by_kind[DECL_DETECTOR].n + program->by_kind[DECL_GROUP].n;
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t i = 0; i < rules->n; i++) {
        const struct decl *decl = rules->v[i];
        for (size_t e = 0; decision->applies[decl->order].p && e < decl->rule.n_effects; e++) {
            const struct effect *effect = &decl->rule.effects[e];
            uint32_t *own = effect->kind == DVARA_EFFECT_REDACT
                                ? ARENA_ARRAY(script->arena, n, uint32_t)
                                : NULL;
            if (!own || !(effect->redact.where & 1u << DVARA_WHERE_PROMPT))
                continue;
            codegen_thresholds(program, effect->redact.group.decl, own);
            if (own[detector->order] && own[detector->order] <= threshold)
                any = script_or(script, any, decision->applies[decl->order]);
        }
    }
    return any;
}

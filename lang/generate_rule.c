/* SPDX-License-Identifier: Apache-2.0 */
/* Rules: their condition, effects, reason, and what the index and the streams need to know. */
#include "lang/generator.h"

#include "base/arena.h"
#include "lang/list.h"

static const struct type bool_type = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};

uint32_t generate_template(struct generator *generator, const struct template *template)
{
    struct bundle_template row = {.count = (uint32_t) template->n_parts};
    struct bundle_part *parts =
        ARENA_ARRAY(generator->arena, template->n_parts, struct bundle_part);
    if (!parts)
        return 0;
    for (size_t i = 0; i < template->n_parts; i++) {
        const struct template_part *part = &template->parts[i];
        parts[i] = (struct bundle_part){.text = BUNDLE_ABSENT, .block = BUNDLE_ABSENT};
        if (part->expr) {
            parts[i].block = generate_block(generator, part->expr, part->expr->type);
            parts[i].client = part->expr->taint == DVARA_TAINT_CLIENT;
        } else {
            parts[i].text =
                bundle_string(generator->writer, part->text.p ? part->text : DVARA_STR(""));
        }
    }
    row.first = bundle_count(generator->writer, BUNDLE_TABLE_PART);
    for (size_t i = 0; i < template->n_parts; i++)
        bundle_add(generator->writer, BUNDLE_TABLE_PART, &parts[i]);
    return bundle_add(generator->writer, BUNDLE_TABLE_TEMPLATE, &row);
}

/* ---- effects ---- */

static uint32_t value(struct generator *generator, const struct expr *expr, enum dvara_type type)
{
    return generate_block(generator, expr, (struct type){(uint8_t)type, DVARA_SHAPE_ONE});
}

static void named_template(struct generator *generator, struct bundle_effect *row,
                           struct dvara_str name, const struct template *template)
{
    row->name = bundle_string(generator->writer, name);
    row->text = generate_template(generator, template);
}

static void header(struct generator *generator, const struct effect *effect,
                   struct bundle_effect *row)
{
    row->name = bundle_string(generator->writer, effect->header.name.s);
    if (effect->header.template)
        row->text = generate_template(generator, effect->header.template);
    else
        row->value = value(generator, effect->header.value, DVARA_TYPE_STRING);
}

static void redact(struct generator *generator, const struct effect *effect,
                   struct bundle_effect *row)
{
    row->group = generate_group(generator, effect->redact.group.decl);
    row->style = effect->redact.style;
    row->where = effect->redact.where;
    row->restore = (effect->redact.restore_tools ? BUNDLE_RESTORE_TOOLS : 0u) |
                   (effect->redact.restore_urls ? BUNDLE_RESTORE_URLS : 0u);
}

static void deny(struct generator *generator, const struct effect *effect,
                 struct bundle_effect *row)
{
    struct dvara_str code = effect->deny.code.s;
    row->name = bundle_string(generator->writer, code.p ? code : DVARA_STR("policy_denied"));
    row->status = effect->deny.status.has ? (uint32_t)effect->deny.status.i : 403;
}

static void approval(struct generator *generator, const struct effect *effect,
                     struct bundle_effect *row)
{
    row->name = bundle_string(generator->writer, effect->approval.by.s);
    row->quorum = effect->approval.quorum.has ? (uint32_t)effect->approval.quorum.i : 1;
    row->ttl = effect->approval.ttl.i;
    row->hold = effect->approval.hold.i;
    row->option = effect->approval.session;
    row->bind_first = generate_binds(generator, &effect->approval.binds, false);
    row->bind_count = (uint32_t)effect->approval.binds.n;
}

static struct bundle_effect effect_row_of(struct generator *generator, const struct effect *effect)
{
    struct bundle_effect row = {.kind = effect->kind,
                                .name = BUNDLE_ABSENT,
                                .value = BUNDLE_ABSENT,
                                .text = BUNDLE_ABSENT,
                                .group = BUNDLE_ABSENT,
                                .route = BUNDLE_ABSENT,
                                .bind_first = bundle_count(generator->writer, BUNDLE_TABLE_BIND)};
    switch (effect->kind) {
    case DVARA_EFFECT_DENY:
        deny(generator, effect, &row);
        break;
    case DVARA_EFFECT_REDACT:
        redact(generator, effect, &row);
        break;
    case DVARA_EFFECT_CAP:
        row.value = value(generator, effect->value, DVARA_TYPE_INT);
        break;
    case DVARA_EFFECT_SET_TEMPERATURE:
        row.value = value(generator, effect->value, DVARA_TYPE_FLOAT);
        break;
    case DVARA_EFFECT_SET_MODEL:
    case DVARA_EFFECT_SET_USER:
        row.value = value(generator, effect->value, DVARA_TYPE_STRING);
        break;
    case DVARA_EFFECT_SET_HEADER:
        header(generator, effect, &row);
        break;
    case DVARA_EFFECT_USE_ROUTE:
        row.route = effect->route.decl->order;
        break;
    case DVARA_EFFECT_WARN:
        row.text = generate_template(generator, effect->warn);
        break;
    case DVARA_EFFECT_TAG:
        named_template(generator, &row, effect->tag.key.s, effect->tag.value);
        break;
    case DVARA_EFFECT_APPROVAL:
        approval(generator, effect, &row);
        break;
    case DVARA_EFFECT_CACHE:
        row.ttl = effect->cache.ttl.i;
        row.option = effect->cache.any;
        break;
    case DVARA_EFFECT_EXCLUDE:
    case DVARA_EFFECT_ALLOW:
    case DVARA_EFFECT_NO_CACHE:
    case DVARA_EFFECT_COUNT:
        break;
    }
    return row;
}

static bool has_effect(const struct rule *rule, enum dvara_effect kind)
{
    for (size_t i = 0; i < rule->n_effects; i++) {
        if (rule->effects[i].kind == kind)
            return true;
    }
    return false;
}

static void effects(struct generator *generator, const struct rule *rule, struct bundle_rule *row)
{
    struct bundle_effect *rows =
        ARENA_ARRAY(generator->arena, rule->n_effects, struct bundle_effect);
    for (size_t i = 0; rows && i < rule->n_effects; i++)
        rows[i] = effect_row_of(generator, &rule->effects[i]);
    row->first = bundle_count(generator->writer, BUNDLE_TABLE_EFFECT);
    for (size_t i = 0; rows && i < rule->n_effects; i++)
        bundle_add(generator->writer, BUNDLE_TABLE_EFFECT, &rows[i]);
    row->count = bundle_count(generator->writer, BUNDLE_TABLE_EFFECT) - row->first;
}

/* ---- opaque input (R14) ---- */

/* The conjuncts that read no pii.*, through lets. */
static void plain_conjuncts(struct generator *generator, const struct expr *expr, struct exprs *ret)
{
    struct exprs operands = expr_chain(generator->arena, expr, BINARY_AND);
    for (size_t i = 0; i < operands.n; i++) {
        const struct expr *operand = expr_bare(operands.v[i]);
        if (!expr_reads_pii(generator, operand)) {
            LIST_APPEND(generator->arena, ret->v, ret->n, operands.v[i]);
            continue;
        }
        if (operand->kind == EXPR_LET)
            plain_conjuncts(generator, operand->decl->let.expr, ret);
        else if (operand->kind == EXPR_BINARY && operand->binary.op == BINARY_AND)
            plain_conjuncts(generator, operand, ret);
    }
}

/* NULL: there is none, which is true. */
static const struct expr *conjunction(struct generator *generator, struct exprs conjuncts)
{
    struct expr *all = conjuncts.n ? conjuncts.v[0] : NULL;
    for (size_t i = 1; i < conjuncts.n; i++) {
        struct expr *and = ARENA_NEW(generator->arena, struct expr);
        if (!and)
            return NULL;
        *and = (struct expr){.kind = EXPR_BINARY, .span = all->span, .type = bool_type};
        and->binary.op = BINARY_AND;
        and->binary.left = all;
        and->binary.right = conjuncts.v[i];
        all = and;
    }
    return all;
}

/* What the rule refuses to pass unread. */
static enum bundle_opaque opaque_of(struct generator *generator, const struct rule *rule)
{
    bool reads = rule->when && expr_reads_pii(generator, rule->when);
    bool refuses =
        has_effect(rule, DVARA_EFFECT_REDACT) || (reads && has_effect(rule, DVARA_EFFECT_DENY));
    if (!(rule->phases & DVARA_PHASES_REQUEST) || rule->opaque == OPAQUE_ALLOW ||
        !(refuses || rule->opaque == OPAQUE_DENY))
        return BUNDLE_OPAQUE_NONE;
    return rule->opaque == OPAQUE_DENY ? BUNDLE_OPAQUE_ALL : BUNDLE_OPAQUE_TOKENS;
}

/* What the rule's part that reads no pii.* says: the index may know no more of a rule that refuses
 * opaque input, which it does whatever the rest of its condition says. */
static const struct expr *plain_condition(struct generator *generator, const struct rule *rule)
{
    struct exprs conjuncts = {NULL, 0};
    if (rule->when)
        plain_conjuncts(generator, rule->when, &conjuncts);
    return conjunction(generator, conjuncts);
}

static const struct expr *indexed_condition(struct generator *generator, const struct rule *rule)
{
    return opaque_of(generator, rule) == BUNDLE_OPAQUE_NONE ? rule->when
                                                            : plain_condition(generator, rule);
}

static void opaque(struct generator *generator, const struct rule *rule, struct bundle_rule *row)
{
    row->opaque = opaque_of(generator, rule);
    row->opaque_when = BUNDLE_ABSENT;
    const struct expr *plain =
        row->opaque == BUNDLE_OPAQUE_NONE ? NULL : plain_condition(generator, rule);
    if (plain)
        row->opaque_when = generate_block(generator, plain, bool_type);
}

/* ---- one rule ---- */

static void metas(struct generator *generator, const struct rule *rule, struct bundle_rule *row)
{
    row->meta_first = bundle_count(generator->writer, BUNDLE_TABLE_META);
    for (size_t i = 0; i < rule->n_metas; i++) {
        struct bundle_meta meta = {bundle_string(generator->writer, rule->metas[i].key),
                                   bundle_string(generator->writer, rule->metas[i].value.s)};
        bundle_add(generator->writer, BUNDLE_TABLE_META, &meta);
    }
    row->meta_count = (uint32_t)rule->n_metas;
}

static uint32_t condition(struct generator *generator, const struct rule *rule,
                          uint32_t *ret_depends)
{
    *ret_depends = 0;
    if (!rule->when)
        return BUNDLE_ABSENT;
    uint32_t block = generate_block(generator, rule->when, bool_type);
    if (block < bundle_count(generator->writer, BUNDLE_TABLE_BLOCK)) {
        const struct bundle_block *row = bundle_row(generator->writer, BUNDLE_TABLE_BLOCK, block);
        *ret_depends = row->depends;
    }
    return block;
}

static uint32_t flags_of(const struct rule *rule, uint32_t depends)
{
    bool rejudged =
        (rule->phases & DVARA_PHASES_REQUEST) && !rule->once && (depends & BUNDLE_DEPENDS_MODEL) &&
        (has_effect(rule, DVARA_EFFECT_DENY) || has_effect(rule, DVARA_EFFECT_APPROVAL));
    return (rule->once ? BUNDLE_RULE_ONCE : 0u) | (rule->is_rewrite ? BUNDLE_RULE_REWRITE : 0u) |
           (rejudged ? BUNDLE_RULE_REJUDGED : 0u);
}

static void generate_rule(struct generator *generator, const struct decl *decl)
{
    const struct rule *rule = &decl->rule;
    const struct source *source = generator->program->sources.v[decl->name_span.file];
    uint32_t depends;
    struct bundle_rule row = {.name = bundle_string(generator->writer, decl->name),
                              .file =
                                  bundle_string(generator->writer, source_recorded_path(source)),
                              .line = source_position(source, decl->name_span.start).line,
                              .doc = bundle_string(generator->writer, decl->doc),
                              .priority = rule->priority,
                              .mode = rule->mode,
                              .phases = rule->phases,
                              .reason = BUNDLE_ABSENT};
    row.when = condition(generator, rule, &depends);
    row.flags = flags_of(rule, depends);
    opaque(generator, rule, &row);
    if ((rule->phases & DVARA_PHASES_RESPONSE) && has_effect(rule, DVARA_EFFECT_DENY))
        row.stream = generate_stream(generator, rule, depends);
    if (rule->reason)
        row.reason = generate_template(generator, rule->reason);
    effects(generator, rule, &row);
    metas(generator, rule, &row);
    generate_keys(generator, indexed_condition(generator, rule), &row);
    bundle_add(generator->writer, BUNDLE_TABLE_RULE, &row);
}

void generate_rules(struct generator *generator)
{
    const struct decls *rules = &generator->program->by_kind[DECL_RULE];
    for (size_t i = 0; i < rules->n; i++)
        generate_count_keys(generator, indexed_condition(generator, &rules->v[i]->rule));
    generate_sort_keys(generator);
    for (size_t i = 0; i < rules->n; i++)
        generate_rule(generator, rules->v[i]);
}

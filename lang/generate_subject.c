/* SPDX-License-Identifier: Apache-2.0 */
/* What keys ask about: an attribute, or any other expression that is cheap to know. What reads text
 * of prompts, tools or answers, scans, or parses JSON is not: a rule asks for that when the rest of
 * its condition has survived. */
#include "lang/generate_key.h"

#include "base/arena.h"
#include "lang/list.h"

static bool is_dear(struct generator *generator, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_ATTRIBUTE:
        return expr->attribute.group ||
               attribute_row(expr->attribute.id)->taint >= DVARA_TAINT_CONTENT;
    case EXPR_LET:
        return expr_let_is(generator, expr->decl, generator->let_dear, is_dear);
    case EXPR_CALL:
        if (expr->call.id == FUNCTION_LEN && type_is_list(expr->call.args.v[0]->type) &&
            expr_bare(expr->call.args.v[0])->kind == EXPR_ATTRIBUTE)
            return false;
        return expr->call.id == FUNCTION_JSON || expr->call.id == FUNCTION_BUCKET ||
               expr_any_operand(generator, expr, is_dear);
    case EXPR_QUANTIFIER:
    case EXPR_BINDING:
    case EXPR_FIELD:
    case EXPR_RUNTIME_LIST:
    case EXPR_REGEX:
        return true;
    default:
        return expr_any_operand(generator, expr, is_dear);
    }
}

/* The subject of this identity, perhaps new. */
static uint32_t subject_at(struct generator *generator, uint32_t attribute, uint32_t block,
                           uint32_t each, struct type type, const struct expr *expr)
{
    uint32_t identity[3] = {attribute, block, each};
    uint32_t *at = intern_at(generator->intern, KIND_SUBJECT,
                             dvara_str_from((const char *)identity, sizeof identity));
    if (!at)
        return 0;
    if (*at == UINT32_MAX) {
        struct subject subject = {.attribute = attribute,
                                  .block = block,
                                  .each = each,
                                  .type = type,
                                  .row = BUNDLE_ABSENT};
        subject.text = generate_text(generator, expr);
        if (dvara_str_is_absent(subject.text))
            subject.text = DVARA_STR("a value");
        *at = (uint32_t)generator->n_subjects;
        LIST_APPEND(generator->arena, generator->subjects, generator->n_subjects, subject);
    }
    return *at;
}

/* An expression's value as a block that is kept; an attribute that may be absent stays so. */
static uint32_t value_block(struct generator *generator, const struct expr *expr, struct type type)
{
    struct expr whole = *expr;
    whole.narrowed = false;
    whole.type = type;
    struct block block = block_begin(generator);
    generate_expr(&block, &whole, type, 0);
    return block_finish(&block, BUNDLE_BLOCK_LET, type, (struct dvara_str){0});
}

static const struct expr *through_lets(const struct expr *expr)
{
    for (expr = expr_bare(expr); expr->kind == EXPR_LET; expr = expr_bare(expr))
        expr = expr->decl->let.expr;
    return expr;
}

/* The list whose elements the quantifier around names so, if keys may ask about them. */
static const struct expr *list_of(const struct generator *generator, const struct expr *element)
{
    const struct binding *binding = element->binding;
    if (binding->depth > DVARA_MAX_QUANTIFIER_DEPTH ||
        generator->elements[binding->depth].binding != binding)
        return NULL;
    const struct expr *over = through_lets(generator->elements[binding->depth].over);
    bool plain =
        over->kind == EXPR_ATTRIBUTE && attribute_row(over->attribute.id)->arg == DVARA_ARG_NONE;
    return plain ? over : NULL;
}

/* An element of a list of strings, or a field of one of records. */
static bool element_subject(struct generator *generator, const struct expr *bare,
                            uint32_t *ret_subject)
{
    bool field = bare->kind == EXPR_FIELD;
    const struct expr *element = field ? expr_bare(bare->field.base) : bare;
    const struct expr *over = element->kind == EXPR_BINDING ? list_of(generator, element) : NULL;
    if (!over)
        return false;
    const struct attribute *list = attribute_row(over->attribute.id);
    uint8_t taint = field ? field_row(bare->field.id)->taint : list->taint;
    struct type type = {field ? field_row(bare->field.id)->type.base : list->type.base,
                        DVARA_SHAPE_ONE};
    if (taint >= DVARA_TAINT_CONTENT || type.base >= DVARA_TYPE_MESSAGE)
        return false;
    uint32_t each = field ? BUNDLE_EACH_FIELD + (uint32_t)bare->field.id : BUNDLE_EACH_ELEMENT;
    *ret_subject = subject_at(generator, over->attribute.id, BUNDLE_ABSENT, each, type, bare);
    struct subject *subject = &generator->subjects[*ret_subject];
    subject->text = field ? arena_printf(generator->arena, "%.*s of some %.*s",
                                         DVARA_STR_ARG(field_row(bare->field.id)->name),
                                         DVARA_STR_ARG(list->path))
                          : arena_printf(generator->arena, "some %.*s", DVARA_STR_ARG(list->path));
    return true;
}

bool subject_of(struct generator *generator, const struct expr *expr, uint32_t *ret_subject)
{
    const struct expr *bare = through_lets(expr);
    struct constant known;
    if (bare->kind == EXPR_BINDING || bare->kind == EXPR_FIELD)
        return element_subject(generator, bare, ret_subject);
    if (constant_of(generator->arena, bare, &known) || is_dear(generator, bare))
        return false;
    if (bare->kind == EXPR_ATTRIBUTE) {
        const struct attribute *row = attribute_row(bare->attribute.id);
        bool plain = row->arg == DVARA_ARG_NONE;
        uint32_t block = plain ? BUNDLE_ABSENT : value_block(generator, bare, row->type);
        *ret_subject = subject_at(generator, plain ? bare->attribute.id : 0, block,
                                  BUNDLE_EACH_VALUE, row->type, bare);
        return true;
    }
    if (type_is_list(bare->type) || bare->type.base >= DVARA_TYPE_MESSAGE ||
        type_is(bare->type, DVARA_TYPE_BOOL))
        return false;
    uint32_t block = value_block(generator, bare, bare->type);
    *ret_subject = subject_at(generator, 0, block, BUNDLE_EACH_VALUE, bare->type, bare);
    return true;
}

/* Reads a value that is there because of what was asked before. */
static bool is_guarded(struct generator *generator, const struct expr *expr)
{
    return (expr->kind == EXPR_ATTRIBUTE && expr->narrowed) ||
           expr_any_operand(generator, expr, is_guarded);
}

bool subject_of_truth(struct generator *generator, const struct expr *expr, uint32_t *ret_subject,
                      bool *ret_negated)
{
    static const struct type bool_type = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};
    if (is_guarded(generator, expr))
        return false;
    uint32_t block = generate_atom(generator, expr, ret_negated);
    if (block >= bundle_count(generator->writer, BUNDLE_TABLE_BLOCK))
        return false;
    *ret_subject = subject_at(generator, 0, block, BUNDLE_EACH_VALUE, bool_type, expr);
    struct subject *subject = &generator->subjects[*ret_subject];
    const struct bundle_block *row = bundle_row(generator->writer, BUNDLE_TABLE_BLOCK, block);
    if (row->text != BUNDLE_ABSENT)
        subject->text = bundle_string_at(generator->writer, row->text);
    subject->is_dear = is_dear(generator, expr);
    return true;
}

bool subject_with_default(struct generator *generator, const struct expr *expr,
                          uint32_t *ret_subject, struct constant *ret_default, bool *ret_has)
{
    const struct expr *bare = through_lets(expr);
    *ret_has = bare->kind == EXPR_BINARY && bare->binary.op == BINARY_COALESCE &&
               type_is_optional(bare->binary.left->type) &&
               constant_of(generator->arena, bare->binary.right, ret_default);
    return subject_of(generator, *ret_has ? bare->binary.left : expr, ret_subject);
}

uint32_t subject_row(struct generator *generator, uint32_t subject)
{
    struct subject *s = &generator->subjects[subject];
    if (s->row == BUNDLE_ABSENT) {
        struct bundle_subject row = {s->attribute, s->block, s->each,
                                     bundle_string(generator->writer, s->text)};
        s->row = bundle_add(generator->writer, BUNDLE_TABLE_SUBJECT, &row);
    }
    return s->row;
}

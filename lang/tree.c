/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/tree.h"

#include "base/buf.h"
#include "lang/quote.h"

enum { SHOWN_BYTES = 60 };

struct printer {
    const struct program *program;
    struct buf *out;
    bool checked;
};

static const char *const kinds[] = {
#define EXPR(id, what) #id,
#include "lang/nodes.def"
};

/* "    12:3 ": of the line and column it begins at. */
static void start_line(struct printer *p, unsigned depth, struct span span)
{
    struct position at = source_position(p->program->sources.v[span.file], span.start);
    for (unsigned i = 0; i < depth; i++)
        BUF_LIT(p->out, "  ");
    buf_printf(p->out, "%u:%u ", at.line, at.col);
}

static void quoted(struct printer *p, struct span span)
{
    BUF_LIT(p->out, " ");
    buf_append(p->out, quote(p->program, p->program->arena, span, SHOWN_BYTES));
}

static void attributes(struct printer *p, const struct expr *expr)
{
    static const char *const taints[] = {"operator", "client", "content", "secret"};
    char type[TYPE_NAME_MAX], phases[PHASES_TEXT_MAX];
    buf_printf(p->out, "  : %s", type_name(expr->type, type));
    if (expr->kind == EXPR_ATTRIBUTE)
        buf_printf(p->out, ", %s, written by %s", phases_text(expr->phases, phases),
                   taints[expr->taint & 3]);
    if (expr->narrowed)
        BUF_LIT(p->out, ", known to be present");
    if (expr->value && expr->kind > EXPR_LIST)
        BUF_LIT(p->out, ", constant");
}

static void print_expr(struct printer *p, unsigned depth, const struct expr *expr);

static void print_exprs(struct printer *p, unsigned depth, const struct exprs *exprs)
{
    for (size_t i = 0; i < exprs->n; i++)
        print_expr(p, depth, exprs->v[i]);
}

static void print_fields(struct printer *p, unsigned depth, const struct record_fields *fields)
{
    for (size_t i = 0; i < fields->n; i++)
        print_expr(p, depth, fields->v[i].value);
}

static void print_children(struct printer *p, unsigned depth, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_LIST:
        print_exprs(p, depth, &expr->items);
        break;
    case EXPR_RECORD:
        print_fields(p, depth, &expr->fields);
        break;
    case EXPR_MEMBER:
        print_expr(p, depth, expr->member.base);
        break;
    case EXPR_APPLY:
        print_expr(p, depth, expr->apply.callee);
        print_exprs(p, depth, &expr->apply.args);
        break;
    case EXPR_FIELD:
        print_expr(p, depth, expr->field.base);
        break;
    case EXPR_CALL:
        print_exprs(p, depth, &expr->call.args);
        break;
    case EXPR_NOT:
    case EXPR_MINUS:
    case EXPR_HAS:
    case EXPR_PAREN:
        print_expr(p, depth, expr->operand);
        break;
    case EXPR_BINARY:
        print_expr(p, depth, expr->binary.left);
        print_expr(p, depth, expr->binary.right);
        break;
    case EXPR_QUANTIFIER:
        print_expr(p, depth, expr->quantifier.over);
        print_expr(p, depth, expr->quantifier.body);
        break;
    case EXPR_ERROR:
    case EXPR_BOOL:
    case EXPR_INT:
    case EXPR_FLOAT:
    case EXPR_STRING:
    case EXPR_REGEX:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_MONEY:
    case EXPR_PERCENT:
    case EXPR_CLOCK:
    case EXPR_NAME:
    case EXPR_LET:
    case EXPR_RUNTIME_LIST:
    case EXPR_BINDING:
    case EXPR_ATTRIBUTE:
    case EXPR_COUNT:
        break;
    }
}

static void print_expr(struct printer *p, unsigned depth, const struct expr *expr)
{
    if (!expr)
        return;
    start_line(p, depth, expr->span);
    buf_append(p->out, dvara_str_from_cstr(kinds[expr->kind]));
    if (expr->kind == EXPR_BINARY)
        buf_printf(p->out, " `%s`", binary_spelling(expr->binary.op));
    else if (expr->kind == EXPR_QUANTIFIER)
        buf_printf(p->out, " `%s`", quantifier_spelling(expr->quantifier.kind));
    else if (expr->kind == EXPR_CALL)
        buf_printf(p->out, " `%s`", function_spelling(expr->call.id));
    else
        quoted(p, expr->span);
    if (p->checked)
        attributes(p, expr);
    BUF_LIT(p->out, "\n");
    print_children(p, depth + 1, expr);
}

static void print_clause(struct printer *p, const char *word_cstr, const struct expr *expr)
{
    if (!expr)
        return;
    BUF_LIT(p->out, "    ");
    buf_printf(p->out, "%s\n", word_cstr);
    print_expr(p, 3, expr);
}

static void print_template(struct printer *p, const struct template *template)
{
    for (size_t i = 0; template && i < template->n_parts; i++)
        print_expr(p, 3, template->parts[i].expr);
}

static void print_effect(struct printer *p, const struct effect *effect)
{
    start_line(p, 2, effect->span);
    BUF_LIT(p->out, "effect");
    quoted(p, effect->span);
    BUF_LIT(p->out, "\n");
    switch (effect->kind) {
    case DVARA_EFFECT_CAP:
    case DVARA_EFFECT_SET_MODEL:
    case DVARA_EFFECT_SET_TEMPERATURE:
    case DVARA_EFFECT_SET_USER:
        print_expr(p, 3, effect->value);
        break;
    case DVARA_EFFECT_SET_HEADER:
        print_expr(p, 3, effect->header.value);
        print_template(p, effect->header.template);
        break;
    case DVARA_EFFECT_WARN:
        print_template(p, effect->warn);
        break;
    case DVARA_EFFECT_TAG:
        print_template(p, effect->tag.value);
        break;
    case DVARA_EFFECT_APPROVAL:
        print_exprs(p, 3, &effect->approval.binds);
        break;
    case DVARA_EFFECT_DENY:
    case DVARA_EFFECT_EXCLUDE:
    case DVARA_EFFECT_ALLOW:
    case DVARA_EFFECT_REDACT:
    case DVARA_EFFECT_USE_ROUTE:
    case DVARA_EFFECT_NO_CACHE:
    case DVARA_EFFECT_CACHE:
    case DVARA_EFFECT_COUNT:
        break;
    }
}

static void print_rule(struct printer *p, const struct rule *rule)
{
    print_clause(p, "when", rule->when);
    if (rule->reason) {
        BUF_LIT(p->out, "    reason\n");
        print_template(p, rule->reason);
    }
    for (size_t i = 0; i < rule->n_effects; i++)
        print_effect(p, &rule->effects[i]);
}

static void print_test(struct printer *p, const struct test *test)
{
    print_clause(p, "given", test->given);
    for (size_t i = 0; i < test->n_cases; i++)
        print_clause(p, "case", test->cases[i].given);
}

static void print_per(struct printer *p, const struct exprs *per)
{
    for (size_t i = 0; i < per->n; i++)
        print_clause(p, "per", per->v[i]);
}

static void print_body(struct printer *p, const struct decl *decl)
{
    switch (decl->kind) {
    case DECL_LET:
        print_expr(p, 2, decl->let.expr);
        break;
    case DECL_RULE:
        print_rule(p, &decl->rule);
        break;
    case DECL_ROUTE:
        print_clause(p, "match", decl->route.match);
        print_clause(p, "sticky by", decl->route.sticky_by);
        break;
    case DECL_LIMIT:
        print_clause(p, "when", decl->limit.when);
        print_per(p, &decl->limit.per);
        break;
    case DECL_BUDGET:
        print_clause(p, "when", decl->budget.when);
        print_per(p, &decl->budget.per);
        print_clause(p, "zone", decl->budget.zone);
        break;
    case DECL_INVARIANT:
        print_clause(p, "when", decl->invariant.when);
        print_clause(p, "never", decl->invariant.never);
        break;
    case DECL_TEST:
        print_test(p, &decl->test);
        break;
    case DECL_RUNTIME_LIST:
    case DECL_DEFAULT:
    case DECL_PROVIDER:
    case DECL_MODEL:
    case DECL_DETECTOR:
    case DECL_GROUP:
    case DECL_COUNT:
        break;
    }
}

void tree_print(const struct program *program, bool checked, struct buf *out)
{
    struct printer p = {program, out, checked};
    for (size_t i = 0; i < program->n_units; i++) {
        const struct unit *unit = program->units[i];
        buf_append(out, source_recorded_path(unit->source));
        BUF_LIT(out, "\n");
        for (size_t k = 0; k < unit->n_decls; k++) {
            start_line(&p, 1,
                       unit->decls[k]->name_span.end ? unit->decls[k]->name_span
                                                     : unit->decls[k]->span);
            buf_printf(out, "%s %.*s\n", decl_keyword(unit->decls[k]->kind),
                       DVARA_STR_ARG(unit->decls[k]->name));
            print_body(&p, unit->decls[k]);
        }
    }
}

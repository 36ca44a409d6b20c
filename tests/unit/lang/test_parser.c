/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/parser.h"

#include <stdio.h>

#include "unit/suite.h"
#include "unit/lang/front.h"

static unsigned height(const struct expr *expr)
{
    if (expr->kind != EXPR_BINARY)
        return 1;
    unsigned left = height(expr->binary.left);
    unsigned right = height(expr->binary.right);
    return 1 + (left > right ? left : right);
}

TEST(a_long_chain_is_a_shallow_tree)
{
    static char text[64 * 1024];
    size_t n = (size_t)snprintf(text, sizeof text, "let a = true");
    for (int i = 0; i < 4095; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, " and true");
    struct front front;
    front_open(&front, text);
    ck_assert_uint_eq(height(front_let(&front)), 13);
    front_close(&front);
}

TEST(operators_bind_as_the_grammar_says)
{
    struct front front;
    front_open(&front, "let a = not request.stream or 1 + 2 * 3 == 7 and true\n");
    const struct expr *expr = front_let(&front);
    ck_assert_int_eq(expr->binary.op, BINARY_OR);
    ck_assert_int_eq(expr->binary.left->kind, EXPR_NOT);
    const struct expr *both = expr->binary.right;
    ck_assert_int_eq(both->binary.op, BINARY_AND);
    ck_assert_int_eq(both->binary.left->binary.op, BINARY_EQ);
    const struct expr *sum = both->binary.left->binary.left;
    ck_assert_int_eq(sum->binary.op, BINARY_ADD);
    ck_assert_int_eq(sum->binary.right->binary.op, BINARY_MUL);
    front_close(&front);
}

TEST(a_default_of_a_default_leans_right)
{
    struct front front;
    front_open(&front, "let a = request.user ?? tenant.region ?? \"x\"\n");
    const struct expr *expr = front_let(&front);
    ck_assert_int_eq(expr->binary.left->kind, EXPR_ATTRIBUTE);
    ck_assert_int_eq(expr->binary.right->binary.op, BINARY_COALESCE);
    ck_assert_int_eq(expr->type.shape, DVARA_SHAPE_ONE);
    front_close(&front);
}

TEST(a_comment_inside_a_declaration_documents_none)
{
    struct front front;
    front_open(&front, "let a = 1 +\n## of nothing\n2 let b = 3\n##  of c \t\r\nlet c = 4");
    ck_assert(dvara_str_is_absent(program_find(front.program, DECL_LET, DVARA_STR("b"))->doc));
    ck_assert(dvara_str_eq(program_find(front.program, DECL_LET, DVARA_STR("c"))->doc,
                           DVARA_STR("of c")));
    front_close(&front);
}

TEST(documentation_is_kept_without_its_marks)
{
    struct front front;
    front_open(&front, "## away\n\n## One.\n##  Two.\nlet a = 1 ## not this\nlet b = 2\n");
    ck_assert(dvara_str_eq(program_find(front.program, DECL_LET, DVARA_STR("a"))->doc,
                           DVARA_STR("One.\nTwo.")));
    ck_assert(dvara_str_is_absent(program_find(front.program, DECL_LET, DVARA_STR("b"))->doc));
    front_close(&front);
}

TEST(a_template_is_cut_into_parts)
{
    struct front front;
    front_open(&front,
               "rule r { on request deny reason \"a {{b}} {tenant.id}\\n{len(tenant.tags)}\" }");
    ck_assert_uint_eq(front.diags.n_errors, 0);
    const struct rule *rule = &program_find(front.program, DECL_RULE, DVARA_STR("r"))->rule;
    char text[128] = "";
    for (size_t i = 0; i < rule->reason->n_parts; i++) {
        const struct template_part *part = &rule->reason->parts[i];
        size_t n = strlen(text);
        if (part->expr)
            snprintf(text + n, sizeof text - n, "<%d>", part->expr->kind);
        else
            snprintf(text + n, sizeof text - n, "%.*s", DVARA_STR_ARG(part->text));
    }
    char wanted[128];
    snprintf(wanted, sizeof wanted, "a {b} <%d>\n<%d>", EXPR_ATTRIBUTE, EXPR_CALL);
    ck_assert_str_eq(text, wanted);
    front_close(&front);
}

SUITE(a_long_chain_is_a_shallow_tree, operators_bind_as_the_grammar_says,
      a_default_of_a_default_leans_right, documentation_is_kept_without_its_marks,
      a_comment_inside_a_declaration_documents_none, a_template_is_cut_into_parts)

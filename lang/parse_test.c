/* SPDX-License-Identifier: Apache-2.0 */
/* test = "test" string "{" { "given" record | "expect" … | "cases" "{" { string "{" … "}" } "}" }
 * "}" */
#include "base/arena.h"
#include "lang/list.h"
#include "lang/parse.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static const char *const expect_words[EXPECT_COUNT] = {
#define EXPECT(id, spelling, what) [EXPECT_##id] = spelling,
#include "trial/expects.def"
};

/* [ "code" string ] [ "by" name ] */
static void parse_expect_deny(struct parser *p, struct expect *expect)
{
    for (;;) {
        if (!expect->text.s.p && parser_take_word(p, "code"))
            expect->text = parse_text(p, "the code in quotes");
        else if (!expect->ref.name.p && parser_take_word(p, "by"))
            expect->ref = parse_ref(p, "the name of a rule");
        else
            return;
    }
}

static void parse_expect_excluded(struct parser *p, struct expect *expect)
{
    expect->text = parse_text(p, "`provider/model` in quotes");
    if (parser_expect_word(p, "by"))
        expect->ref = parse_ref(p, "the name of a rule");
}

static void parse_expect_tag(struct parser *p, struct expect *expect)
{
    expect->key = parse_text(p, "the tag's key in quotes");
    expect->text = parse_text(p, "the tag's value in quotes");
}

static void parse_form(struct parser *p, struct expect *expect)
{
    switch (expect->kind) {
    case EXPECT_ALLOW:
    case EXPECT_WARNED:
    case EXPECT_ERRORS:
        return;
    case EXPECT_DENY:
        parse_expect_deny(p, expect);
        return;
    case EXPECT_APPROVAL:
        if (parser_take_word(p, "by"))
            expect->text = parse_text(p, "the approver in quotes");
        return;
    case EXPECT_ROUTE:
        expect->ref = parse_ref(p, "the name of a route");
        return;
    case EXPECT_MATCHED:
        expect->ref = parse_ref(p, "the name of a rule");
        return;
    case EXPECT_REDACTED:
        expect->ref = parse_ref(p, "a detector or a group");
        return;
    case EXPECT_TARGET:
    case EXPECT_PROMPT:
    case EXPECT_TEXT:
    case EXPECT_MODEL:
        expect->text = parse_text(p, "a string");
        return;
    case EXPECT_EXCLUDED:
        parse_expect_excluded(p, expect);
        return;
    case EXPECT_MAX_TOKENS:
        expect->number = parse_number(p, TOKEN_INT, "a whole number");
        return;
    case EXPECT_TAG:
        parse_expect_tag(p, expect);
        return;
    case EXPECT_COUNT:
        return;
    }
}

/* "expect" [ "not" ] form */
static bool read_expect(struct parser *p, struct expect *ret_expect)
{
    uint32_t first = p->at - 1;
    *ret_expect = (struct expect){.negated = parser_take_word(p, "not")};
    int kind = parse_choice(p, expect_words, COUNT(expect_words), "expectation");
    if (kind < 0)
        return false;
    ret_expect->kind = (enum expect_kind)kind;
    parse_form(p, ret_expect);
    ret_expect->span = parser_span_from(p, first);
    return !p->panic;
}

static void parse_given(struct parser *p, struct decl *decl)
{
    decl->test.given = parse_record(p);
}

static void parse_expect(struct parser *p, struct decl *decl)
{
    struct expect expect;
    if (read_expect(p, &expect))
        LIST_APPEND(p->arena, decl->test.expects, decl->test.n_expects, expect);
}

/* string "{" [ "given" record ] { expect } "}" */
static void parse_case(struct parser *p, struct decl *decl)
{
    parser_mark(p, TOKEN_STATEMENT);
    struct test_case row = {.name = parse_text(p, "the name of a case in quotes")};
    if (!parser_enter(p))
        return;
    parser_mark(p, TOKEN_BLOCK);
    parser_expect(p, TOKEN_LBRACE);
    while (!p->panic && !parser_at(p, TOKEN_RBRACE)) {
        struct expect expect;
        parser_mark(p, TOKEN_STATEMENT);
        struct span span = parser_span(p);
        if (parser_take_word(p, "given")) {
            if (row.given) {
                struct diag *diag = diag_add(p->diags, span, MESSAGE_ONCE, DVARA_STR("given"));
                diag_label(p->diags, diag, row.given->span, "first here");
                decl->failed = true;
            }
            row.given = parse_record(p);
        } else if (parser_take_word(p, "expect")) {
            if (read_expect(p, &expect))
                LIST_APPEND(p->arena, row.expects, row.n_expects, expect);
        } else {
            parser_expected(p, "`given`, `expect` or `}`");
        }
    }
    parser_expect(p, TOKEN_RBRACE);
    parser_leave(p);
    if (!p->panic)
        LIST_APPEND(p->arena, decl->test.cases, decl->test.n_cases, row);
}

static void parse_cases(struct parser *p, struct decl *decl)
{
    if (!parser_enter(p))
        return;
    parser_mark(p, TOKEN_BLOCK);
    parser_expect(p, TOKEN_LBRACE);
    while (!p->panic && parser_at(p, TOKEN_STRING))
        parse_case(p, decl);
    if (!p->panic && !parser_take_if(p, TOKEN_RBRACE))
        parser_expected(p, "the name of a case in quotes or `}`");
    parser_leave(p);
}

void parse_test(struct parser *p, struct decl *decl)
{
    static const struct clause clauses[] = {
        {.word = "given", .once = true, .parse = parse_given},
        {.word = "expect", .parse = parse_expect},
        {.word = "cases", .once = true, .parse = parse_cases},
    };
    struct text name = parse_text(p, "the test's name in quotes");
    decl->name = name.s;
    decl->name_span = name.span;
    parse_block(p, decl, clauses, COUNT(clauses));
}

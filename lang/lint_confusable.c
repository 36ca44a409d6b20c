/* SPDX-License-Identifier: Apache-2.0 */
/* Strings and regular expressions that read otherwise than they are. An escape can be seen, so that
 * writing one is the cure. */
#include "base/utf8.h"
#include "lang/confusable.h"
#include "lang/lexer.h"
#include "base/arena.h"
#include "lang/linter.h"

#include <stdio.h>

static struct dvara_str describe(struct linter *l, enum confusable kind, char letter)
{
    const char *what = kind == CONFUSABLE_HIDDEN ? "which cannot be seen"
                       : kind == CONFUSABLE_FORM ? "a letter in an unusual form"
                                                 : "a letter of another script than its neighbours";
    if (letter)
        return arena_printf(l->arena, "which looks like `%c`", letter);
    return dvara_str_from_cstr(what);
}

static void lint_token(struct linter *l, const struct source *source, const struct token *token)
{
    size_t offset;
    char letter;
    struct dvara_str text = dvara_str_slice(source->text, token->start, token->end);
    enum confusable kind = confusable_find(text, &offset, &letter);
    if (kind == CONFUSABLE_NONE)
        return;
    size_t end = offset;
    uint32_t point = utf8_next(text, &end);
    struct span span = {source->number, token->start + (uint32_t)offset,
                        token->start + (uint32_t)end};
    char name[16];
    char escape[16];
    (void)snprintf(name, sizeof name, "U+%04X", (unsigned)point);
    int n = snprintf(escape, sizeof escape, "\\u{%x}", (unsigned)point);
    struct diag *diag =
        lint_add(l, span, LINT_CONFUSABLE, dvara_str_from_cstr(name), describe(l, kind, letter));
    if (token->kind == TOKEN_STRING && !(token->flags & TOKEN_RAW))
        diag_fix(l->diags, diag, span, dvara_str_from(escape, (size_t)n),
                 "if it is meant, write it as `%s`", escape);
}

void lint_confusables(struct linter *l, const struct unit *unit)
{
    for (uint32_t i = 0; i < unit->tokens->n; i++) {
        const struct token *token = &unit->tokens->v[i];
        if (token->kind == TOKEN_STRING || token->kind == TOKEN_REGEX)
            lint_token(l, unit->source, token);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What a trace, a coverage table and a record of an exchange call an atom: its source in one line.
 */
#include "lang/generator.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "dvara/limits.h"
#include "lang/quote.h"

static void append(struct buf *out, const struct generator *generator, struct span span)
{
    buf_append(out, quote(generator->program, generator->arena, span, GENERATE_TEXT_MAX));
}

struct dvara_str generate_text(struct generator *generator, const struct expr *expr)
{
    struct buf out;
    buf_init(&out, DVARA_MAX_FILE);
    if (expr->kind == EXPR_BINARY) { /* `!=` is made as `==`, which other rules may share */
        append(&out, generator, expr->binary.left->span);
        buf_printf(&out, " %s ", binary_spelling(expr->binary.op));
        append(&out, generator, expr->binary.right->span);
    } else {
        append(&out, generator, expr->span);
    }
    struct dvara_str text = dvara_str_slice(buf_str(&out), 0, GENERATE_TEXT_MAX);
    text.n -= utf8_unfinished(text);
    text = out.n ? arena_copy(generator->arena, text) : (struct dvara_str){NULL, 0};
    buf_clear(&out);
    return text;
}

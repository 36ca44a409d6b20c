/* SPDX-License-Identifier: Apache-2.0 */
/* What a trace, a coverage table and a record of an exchange call an atom: its source in one line.
 */
#include "lang/generator.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "dvara/limits.h"
#include "lang/lexer.h"

static const struct unit *unit_of(const struct program *program, uint32_t file)
{
    for (size_t i = 0; i < program->n_units; i++) {
        if (program->units[i]->source->number == file)
            return program->units[i];
    }
    return NULL;
}

/* The first token that begins at or after the offset. */
static uint32_t token_from(const struct tokens *tokens, uint32_t offset)
{
    uint32_t low = 0, high = tokens->n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (tokens->v[middle].start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void append(struct buf *out, const struct unit *unit, struct span span)
{
    const struct tokens *tokens = unit->tokens;
    uint32_t end = span.start;
    for (uint32_t i = token_from(tokens, span.start);
         i < tokens->n && tokens->v[i].end <= span.end && out->n < GENERATE_TEXT_MAX; i++) {
        if (tokens->v[i].start > end)
            buf_byte(out, ' ');
        buf_append(out, dvara_str_slice(unit->source->text, tokens->v[i].start, tokens->v[i].end));
        end = tokens->v[i].end;
    }
}

struct dvara_str generate_text(struct generator *generator, const struct expr *expr)
{
    const struct unit *unit = unit_of(generator->program, expr->span.file);
    struct buf out;
    if (!unit || !unit->tokens)
        return (struct dvara_str){NULL, 0};
    buf_init(&out, DVARA_MAX_FILE);
    if (expr->kind == EXPR_BINARY) { /* `!=` is made as `==`, which other rules may share */
        append(&out, unit, expr->binary.left->span);
        buf_printf(&out, " %s ", binary_spelling(expr->binary.op));
        append(&out, unit, expr->binary.right->span);
    } else {
        append(&out, unit, expr->span);
    }
    struct dvara_str text = dvara_str_slice(buf_str(&out), 0, GENERATE_TEXT_MAX);
    text.n -= utf8_unfinished(text);
    text = out.n ? arena_copy(generator->arena, text) : (struct dvara_str){NULL, 0};
    buf_clear(&out);
    return text;
}

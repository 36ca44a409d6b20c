/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/quote.h"

#include "base/arena.h"
#include "base/buf.h"
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

/* Spaces do not count, so that formatting moves no cut. */
static void append(struct buf *out, const struct unit *unit, struct span span, size_t max)
{
    const struct tokens *tokens = unit->tokens;
    uint32_t end = span.start;
    size_t n = 0;
    for (uint32_t i = token_from(tokens, span.start);
         i < tokens->n && tokens->v[i].end <= span.end && n < max; i++) {
        if (tokens->v[i].start > end)
            buf_byte(out, ' ');
        buf_append(out, dvara_str_slice(unit->source->text, tokens->v[i].start, tokens->v[i].end));
        end = tokens->v[i].end;
        n += tokens->v[i].end - tokens->v[i].start;
    }
}

static bool is_plain(struct dvara_str text)
{
    for (size_t i = 0; i < text.n; i++) {
        if ((unsigned char)text.p[i] < ' ')
            return false;
    }
    return true;
}

struct dvara_str quote(const struct program *program, struct arena *arena, struct span span,
                       size_t max)
{
    struct dvara_str text = source_slice(program->sources.v[span.file], span);
    const struct unit *unit = unit_of(program, span.file);
    struct buf out;
    if ((text.n <= max && is_plain(text)) || !unit || !unit->tokens)
        return text;
    buf_init(&out, DVARA_MAX_FILE);
    append(&out, unit, span, max);
    text = arena_copy(arena, buf_str(&out));
    buf_clear(&out);
    return text;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/handbook/spelling.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/diag.h"
#include "lang/format.h"

/* A file of 1 MiB grows by its indentation. */
enum { FORMATTED_BYTES_MAX = 64 << 20 };

bool spelling_of(const struct unit *unit, struct arena *arena, struct spelling *ret_spelling)
{
    struct sources sources = {0};
    struct diags diags;
    struct buf text;
    ret_spelling->tokens = unit->tokens;
    buf_init(&text, FORMATTED_BYTES_MAX);
    format(unit->source, unit->tokens, &text);
    bool ok = !buf_failed(&text) && diags_init(&diags, arena);
    if (ok) {
        ret_spelling->source =
            source_from_text(arena, &sources, unit->source->path, buf_str(&text), &diags);
        ok = ret_spelling->source &&
             lex(arena, ret_spelling->source, &diags, &ret_spelling->formatted) &&
             ret_spelling->formatted.n == unit->tokens->n;
    }
    buf_clear(&text);
    return ok;
}

uint32_t spelling_token(const struct spelling *spelling, uint32_t offset)
{
    uint32_t low = 0, high = spelling->tokens->n - 1;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (spelling->tokens->v[middle].start < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static size_t indent_of(struct dvara_str text, size_t at)
{
    size_t n = 0;
    while (at + n < text.n && text.p[at + n] == ' ')
        n++;
    return n;
}

/* Of the line that holds the byte. */
static size_t line_indent(struct dvara_str text, size_t at)
{
    while (at > 0 && text.p[at - 1] != '\n')
        at--;
    return indent_of(text, at);
}

static struct dvara_str without_indent(struct dvara_str text, size_t indent, struct arena *arena)
{
    size_t n = 0;
    char *out = indent ? arena_alloc(arena, text.n + 1) : NULL;
    if (!out)
        return text;
    for (size_t i = 0; i < text.n; i++) {
        out[n++] = text.p[i];
        size_t spaces = text.p[i] == '\n' ? indent_of(text, i + 1) : 0;
        i += spaces < indent ? spaces : indent;
    }
    return dvara_str_from(out, n);
}

struct dvara_str spelling_text(const struct spelling *spelling, struct arena *arena, uint32_t first,
                               uint32_t end)
{
    if (first >= end || end > spelling->formatted.n)
        return DVARA_STR("");
    const struct token *v = spelling->formatted.v;
    struct dvara_str text = spelling->source->text;
    return without_indent(dvara_str_slice(text, v[first].start, v[end - 1].end),
                          line_indent(text, v[first].start), arena);
}

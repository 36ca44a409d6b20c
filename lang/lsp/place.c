/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/place.h"

#include "base/buf.h"

uint32_t place_units(unsigned char c, enum place_unit unit)
{
    if (unit == PLACE_UTF8)
        return 1;
    if ((c & 0xC0) == 0x80)
        return 0;
    return c >= 0xF0 ? 2 : 1;
}

struct place place_of(const struct source *source, uint32_t offset, enum place_unit unit)
{
    if (source->n_lines == 0)
        return (struct place){0, 0};
    if (offset > source->text.n)
        offset = (uint32_t)source->text.n;
    struct place place = {.line = source_line_number(source, offset) - 1};
    for (uint32_t i = source->lines[place.line]; i < offset; i++)
        place.character += place_units((unsigned char)source->text.p[i], unit);
    return place;
}

uint32_t place_offset(struct dvara_str text, struct place place, enum place_unit unit)
{
    size_t at = 0;
    for (uint32_t line = 0; line < place.line; line++) {
        const char *eol = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
        if (!eol)
            return (uint32_t)text.n;
        at = (size_t)(eol - text.p) + 1;
    }
    uint32_t count = 0;
    while (at < text.n && text.p[at] != '\n' && text.p[at] != '\r') {
        count += place_units((unsigned char)text.p[at], unit);
        if (count > place.character)
            break;
        at++;
    }
    while (at < text.n && ((unsigned char)text.p[at] & 0xC0) == 0x80)
        at++;
    return (uint32_t)at;
}

void write_range(struct buf *out, const struct source *source, struct span span,
                 enum place_unit unit)
{
    struct place start = place_of(source, span.start, unit);
    struct place end = place_of(source, span.end, unit);
    buf_printf(out,
               "{\"start\":{\"line\":%u,\"character\":%u},"
               "\"end\":{\"line\":%u,\"character\":%u}}",
               start.line, start.character, end.line, end.character);
}

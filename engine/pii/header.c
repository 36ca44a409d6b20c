/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/header.h"

#include <string.h>

/* Where the line that holds `at` begins; text.n when that is too far off, or before the text. */
static size_t line_start(struct dvara_str text, size_t at, bool inside)
{
    size_t floor = at > HEADER_LINE_MAX ? at - HEADER_LINE_MAX - 1 : 0;
    const char *p = memrchr(text.p + floor, '\n', at - floor);
    if (p)
        return (size_t)(p - text.p) + 1;
    return at <= HEADER_LINE_MAX && !inside ? 0 : text.n;
}

/* The same, knowing the answer for an earlier place: rising places are read once. */
static size_t line_of(struct header *header, struct dvara_str text, size_t at, bool inside)
{
    size_t line;
    if (at >= header->asked && header->asked > 0) {
        const char *p = memrchr(text.p + header->asked, '\n', at - header->asked);
        line = p ? (size_t)(p - text.p) + 1 : header->line;
    } else {
        line = line_start(text, at, inside);
    }
    header->asked = at;
    header->line = line;
    return line;
}

static size_t line_end(struct dvara_str text, size_t at)
{
    const char *p = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
    return p ? (size_t)(p - text.p) : text.n;
}

static bool line_has(struct dvara_str text, size_t start, char delimiter)
{
    return memchr(text.p + start, delimiter, line_end(text, start) - start) != NULL;
}

/* Which delimiter parts the cells before the span, or the byte after a first cell. */
static const char *delimiter_of(struct header *header, struct dvara_str text, size_t line,
                                size_t start, size_t end)
{
    if (header->clear_line != line)
        memset(header->clear_to, 0, sizeof header->clear_to);
    header->clear_line = line;
    for (size_t kind = 0; kind < HEADER_KINDS; kind++) {
        size_t *clear_to = &header->clear_to[kind];
        size_t from = *clear_to > line ? *clear_to : line;
        if (from < start && memchr(text.p + from, HEADER_DELIMITERS[kind], start - from))
            return &HEADER_DELIMITERS[kind];
        *clear_to = start > from ? start : from;
    }
    if (end == text.n || !text.p[end] || start - line > 1)
        return NULL;
    return strchr(HEADER_DELIMITERS, text.p[end]);
}

/* Where the table of the line at `start` begins. */
static size_t find_top(struct header *header, struct dvara_str text, size_t start, size_t kind,
                       bool inside)
{
    size_t top = start;
    while (top > 0) {
        if (top >= header->tables[kind].top && top < header->tables[kind].known_to) {
            top = header->tables[kind].top;
            break;
        }
        size_t above = line_start(text, top - 1, inside);
        if (above == text.n || !line_has(text, above, HEADER_DELIMITERS[kind]))
            break;
        top = above;
    }
    header->tables[kind].top = top;
    header->tables[kind].known_to = start + 1;
    return top;
}

/* The cell of that column in a line; absent when it has none, or is no word for a column. */
static struct dvara_str cell_of(struct dvara_str line, size_t column, char delimiter)
{
    size_t start = 0;
    for (; column && start < line.n; start++)
        column -= line.p[start] == delimiter ? 1 : 0;
    const char *next = memchr(line.p + start, delimiter, line.n - start);
    size_t end = next ? (size_t)(next - line.p) : line.n;
    if (column || end - start > HEADER_CELL_MAX)
        return (struct dvara_str){NULL, 0};
    return dvara_str_slice(line, start, end);
}

bool header_cell(struct header *header, const struct header_above *above, struct dvara_str text,
                 size_t start, size_t end, struct dvara_str *ret_cell)
{
    bool inside = above && above->inside;
    size_t line = line_of(header, text, start, inside);
    bool near = line < text.n && start - line <= HEADER_LINE_MAX;
    const char *delimiter = near ? delimiter_of(header, text, line, start, end) : NULL;
    if (!delimiter)
        return false;
    size_t kind = (size_t)(strchr(HEADER_DELIMITERS, *delimiter) - HEADER_DELIMITERS);
    size_t top = find_top(header, text, line, kind, inside);
    struct dvara_str first = {NULL, 0};
    if (above && top == 0 && !inside)
        first = above->v[kind];
    if (!first.n && top == line)
        return false;
    if (!first.n)
        first = dvara_str_slice(text, top, line_end(text, top));
    size_t column = 0;
    for (size_t i = line; i < start; i++)
        column += text.p[i] == *delimiter ? 1 : 0;
    *ret_cell = cell_of(first, column, *delimiter);
    return ret_cell->n > 0;
}

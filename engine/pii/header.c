/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/header.h"

#include <string.h>

enum { TABLE_MAX = 1 << 20 };

/* Where the line that holds `at` begins, looking back to `floor`; text.n when that is in it too. */
static size_t line_start(struct dvara_str text, size_t at, size_t floor)
{
    const char *p = at > floor ? memrchr(text.p + floor, '\n', at - floor) : NULL;
    if (!p && floor)
        return text.n;
    return p ? (size_t)(p - text.p) + 1 : 0;
}

static size_t far_back(size_t at)
{
    return at > HEADER_LINE_MAX ? at - HEADER_LINE_MAX : 0;
}

/* The same, knowing the answer for an earlier place: rising places are read once. */
static size_t line_of(struct header *header, struct dvara_str text, size_t at)
{
    bool later = at >= header->asked && header->asked > 0;
    size_t line = line_start(text, at, later ? header->asked : far_back(at));
    if (later && line == text.n)
        line = header->line;
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
static const char *delimiter_of(struct dvara_str text, size_t line, size_t start, size_t end)
{
    for (const char *p = HEADER_DELIMITERS; *p; p++) {
        if (memchr(text.p + line, *p, start - line))
            return p;
    }
    if (end == text.n || !text.p[end] || start - line > 1)
        return NULL;
    return strchr(HEADER_DELIMITERS, text.p[end]);
}

/* Follows the table up from the line at `start`. */
static void find_top(struct header *header, struct dvara_str text, size_t start, char delimiter)
{
    size_t top = start;
    while (top > 0 && start - top < TABLE_MAX) {
        if (delimiter == header->delimiter && top >= header->top && top < header->known_to) {
            top = header->top;
            break;
        }
        size_t above = line_start(text, top - 1, far_back(top - 1));
        if (above == text.n || !line_has(text, above, delimiter))
            break;
        top = above;
    }
    header->top = top;
    header->known_to = start + 1;
    header->delimiter = delimiter;
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
    size_t line = line_of(header, text, start);
    bool near = line < text.n && start - line <= HEADER_LINE_MAX;
    const char *delimiter = near ? delimiter_of(text, line, start, end) : NULL;
    if (!delimiter)
        return false;
    find_top(header, text, line, *delimiter);
    struct dvara_str first = dvara_str_slice(text, header->top, line_end(text, header->top));
    struct dvara_str before = {NULL, 0};
    if (above && header->top == 0)
        before = above->v[delimiter - HEADER_DELIMITERS];
    if (before.n)
        first = before;
    else if (header->top == line)
        return false;
    size_t column = 0;
    for (size_t i = line; i < start; i++)
        column += text.p[i] == *delimiter ? 1 : 0;
    *ret_cell = cell_of(first, column, *delimiter);
    return ret_cell->n > 0;
}

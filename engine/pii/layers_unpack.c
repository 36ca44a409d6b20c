/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of base64 (both alphabets) and of hexadecimal digits. Where a run begins is not where what
 * was packed begins, so every phase is tried: the right one shows readable text, the others next to
 * none. */
#include "pii/layers.h"

#include "pattern/text.h"
#include "pii/marks.h"

enum {
    RUN_MIN = 16,
    CUT = 3,
    READABLE_MIN = 10 /* characters in a row; three in a million places of noise have that */
};

static int sextet(unsigned char c)
{
    if (text_is_upper(c))
        return c - 'A';
    if (text_is_alpha(c))
        return c - 'a' + 26;
    if (text_is_digit(c))
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

static int nibble(unsigned char c)
{
    if (text_is_digit(c))
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static const struct packing {
    int (*value)(unsigned char c);
    unsigned bits;   /* a character */
    unsigned phases; /* characters after which bytes begin again */
} packings[] = {{sextet, 6, 4}, {nibble, 4, 2}};

static bool is_readable(unsigned char c)
{
    return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t';
}

static bool find_readable(struct dvara_scanner *scanner, struct search *search, struct view *view,
                          size_t below)
{
    bool right = true;
    bool open = search->partial && below == search->text.n;
    if (view->n >= READABLE_MIN) {
        struct layer layer = {
            .view = view, .changed_end = view->n, .below = below, .via = DVARA_VIA_PACKED};
        right = layers_find(scanner, search, &layer);
    } else if (open && view->n) {
        find_open(search, view->starts[0]);
    }
    view_reset(view);
    return right;
}

/* text[start, end) from its phase on; each stretch of readable bytes is a view. */
static bool unpack(struct dvara_scanner *scanner, struct search *search,
                   const struct packing *packing, size_t start, size_t end)
{
    struct view *view = layers_room(scanner, search);
    uint32_t held = 0;
    unsigned bits = 0;
    size_t first = start; /* character that the byte began in */
    bool right = true;
    for (size_t at = start; right && at < end; at++) {
        unsigned value = (unsigned)packing->value((unsigned char)search->text.p[at]);
        if (bits == 0)
            first = at;
        held = (held << packing->bits | value) & 0xFFFF;
        bits += packing->bits;
        if (bits < 8)
            continue;
        bits -= 8;
        unsigned char byte = (unsigned char)(held >> bits & 0xFF);
        if (is_readable(byte))
            view_put(view, (char)byte, first, at + 1);
        else
            right = find_readable(scanner, search, view, at + 1);
        first = at;
    }
    size_t rest = end;
    while (rest < search->text.n && search->text.p[rest] == '=' && rest - end < 2)
        rest++;
    return right && find_readable(scanner, search, view, rest);
}

static bool unpack_run(struct dvara_scanner *scanner, struct search *search,
                       const struct packing *packing, size_t start, size_t end)
{
    for (unsigned phase = 0; phase < packing->phases; phase++) {
        if (!unpack(scanner, search, packing, start + phase, end))
            return false;
    }
    return true;
}

/* The run of the packing's characters around `at`. */
static void run_around(struct dvara_str text, const struct packing *packing, size_t at,
                       size_t *ret_start, size_t *ret_end)
{
    size_t start = at;
    size_t end = at;
    while (start > 0 && packing->value((unsigned char)text.p[start - 1]) >= 0)
        start--;
    while (end < text.n && packing->value((unsigned char)text.p[end]) >= 0)
        end++;
    *ret_start = start;
    *ret_end = end;
}

/* The next place from `at` on that a run of RUN_MIN characters may hold, or `end`. No run that
 * begins at `at` or later holds a place before it, so one character in RUN_MIN is looked at (the
 * step of Boyer and Moore, "A Fast String Searching Algorithm", 1977). */
static size_t next_in_run(struct dvara_str text, const struct packing *packing, size_t at,
                          size_t end)
{
    for (at += RUN_MIN - 1; at < end; at += RUN_MIN) {
        if (packing->value((unsigned char)text.p[at]) >= 0)
            return at;
    }
    return end;
}

/* All runs of a dense stretch that begins around `at`; where it ends. */
static bool unpack_stretch(struct dvara_scanner *scanner, struct search *search, size_t at,
                           size_t *ret_next)
{
    struct dvara_str text = search->text;
    size_t stretch = at;
    while (stretch < text.n && (unsigned char)text.p[stretch] > '*' &&
           (unsigned char)text.p[stretch] < 0x80)
        stretch++;
    *ret_next = stretch;
    for (size_t i = 0; i < sizeof packings / sizeof *packings; i++) {
        for (size_t place = at; place < stretch;) {
            size_t start;
            size_t end;
            run_around(text, &packings[i], place, &start, &end);
            if (end - start >= RUN_MIN && end > search->from &&
                !unpack_run(scanner, search, &packings[i], start, end))
                return false;
            place = next_in_run(text, &packings[i], end > place ? end : place + 1, stretch);
        }
    }
    return true;
}

/* A run at the text's end that is still too short to tell. */
static void wait_for_run(struct search *search)
{
    size_t start;
    size_t end;
    if (!search->partial || search->text.n == 0)
        return;
    run_around(search->text, &packings[0], search->text.n, &start, &end);
    if (end - start >= RUN_MIN)
        start = end - CUT; /* characters of a byte that is not whole yet */
    if (end > start)
        find_open(search, start > search->from ? start : search->from);
}

bool layers_unpack(struct dvara_scanner *scanner, struct search *search)
{
    struct dvara_str text = search->text;
    size_t at = search->from > RUN_MIN ? search->from - RUN_MIN : 0;
    if (search->depth >= SEARCH_DEPTH - 2)
        return true;
    wait_for_run(search);
    for (at = marks_next_run(text, at); at < text.n; at = marks_next_run(text, at)) {
        if (!unpack_stretch(scanner, search, at, &at))
            return false;
    }
    return true;
}

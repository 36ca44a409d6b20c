/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of base64 (both alphabets) and of hexadecimal digits. Where a run begins is not where what
 * was packed begins, so every phase is tried: the right one shows readable text, the others next to
 * none. */
#include "pii/layers.h"

#include "pattern/needs.h"
#include "pattern/text.h"
#include "pii/marks.h"

enum {
    RUN_MIN = 16,
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

/* Could a byte be readable that begins with these bits? */
static bool may_be_readable(uint32_t held, unsigned bits)
{
    unsigned least = held << (8 - bits) & 0xFF;
    unsigned most = least | ((1u << (8 - bits)) - 1);
    for (unsigned c = least; c <= most && c < 0x7F; c++) {
        if (is_readable((unsigned char)c))
            return true;
    }
    return false;
}

/* Characters on their way to bytes. */
struct bytes {
    uint32_t held;
    unsigned bits; /* of the byte that is not whole yet, */
    size_t first;  /* and the character that it began in */
};

/* Adds the character at `at`. True: *ret_byte, which began at *ret_first, is whole. */
static inline bool add_character(const struct packing *packing, struct bytes *bytes,
                                 struct dvara_str text, size_t at, unsigned char *ret_byte,
                                 size_t *ret_first)
{
    if (bytes->bits == 0)
        bytes->first = at;
    bytes->held =
        (bytes->held << packing->bits | (unsigned)packing->value((unsigned char)text.p[at])) &
        0xFFFF;
    bytes->bits += packing->bits;
    if (bytes->bits < 8)
        return false;
    bytes->bits -= 8;
    *ret_byte = (unsigned char)(bytes->held >> bytes->bits & 0xFF);
    *ret_first = bytes->first;
    bytes->first = at;
    return true;
}

/* A stretch of readable bytes. `open`: it may go on after the text. */
static bool find_readable(struct dvara_scanner *scanner, struct search *search, struct view *view,
                          bool open)
{
    bool right = true;
    if (view->n >= READABLE_MIN) {
        struct layer layer = {.view = view,
                              .changed_end = view->n,
                              .below = open ? search->text.n : 0,
                              .via = DVARA_VIA_PACKED};
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
    struct bytes bytes = {.first = start};
    bool right = true;
    for (size_t at = start; right && at < end; at++) {
        unsigned char byte;
        size_t first;
        if (!add_character(packing, &bytes, search->text, at, &byte, &first))
            continue;
        if (is_readable(byte))
            view_put(view, (char)byte, first, at + 1);
        else
            right = find_readable(scanner, search, view, false);
    }
    bool open = search->partial && end == search->text.n &&
                (!bytes.bits || may_be_readable(bytes.held, bytes.bits));
    if (open && bytes.bits)
        find_open(search, bytes.first);
    return right && find_readable(scanner, search, view, open);
}

/* Where the readable bytes begin that a short run at the text's end may go on with; else its end.
 */
static size_t begins_readable(struct dvara_str text, const struct packing *packing, size_t start)
{
    struct bytes bytes = {.first = start};
    size_t begin = text.n;
    for (size_t at = start; at < text.n; at++) {
        unsigned char byte;
        size_t first;
        if (!add_character(packing, &bytes, text, at, &byte, &first))
            continue;
        if (!is_readable(byte))
            begin = text.n;
        else if (begin == text.n)
            begin = first;
    }
    if (!bytes.bits)
        return begin;
    if (!may_be_readable(bytes.held, bytes.bits))
        return text.n;
    return begin < text.n ? begin : bytes.first;
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

/* Is it long enough, a padding counted? */
static bool is_run(struct dvara_str text, size_t start, size_t end)
{
    bool padded = end < text.n && text.p[end] == '=';
    return end - start + (padded ? 1 : 0) >= RUN_MIN;
}

/* The next place from `at` on that a run of RUN_MIN - 1 characters may hold, or `end`. No run that
 * begins at `at` or later holds a place before it, so one character in as many is looked at (the
 * step of Boyer and Moore, "A Fast String Searching Algorithm", 1977). */
static size_t next_in_run(struct dvara_str text, const struct packing *packing, size_t at,
                          size_t end)
{
    for (at += RUN_MIN - 2; at < end; at += RUN_MIN - 1) {
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
            if (is_run(text, start, end) && end > search->from &&
                !unpack_run(scanner, search, &packings[i], start, end))
                return false;
            place = next_in_run(text, &packings[i], end > place ? end : place + 1, stretch);
        }
    }
    return true;
}

/* A run at the text's end that is still too short to tell. */
static void wait_for_run(struct search *search, const struct packing *packing)
{
    size_t start;
    size_t end;
    run_around(search->text, packing, search->text.n, &start, &end);
    if (end - start >= RUN_MIN || search->live <= start)
        return; /* it is unpacked, or waits anyway */
    for (unsigned phase = 0; phase < packing->phases && start + phase < end; phase++) {
        size_t begin = begins_readable(search->text, packing, start + phase);
        if (begin < end)
            find_open(search, begin > search->from ? begin : search->from);
    }
}

/* Does a run at the text's end begin where all waits anyway? */
static bool run_waits(const struct search *search)
{
    size_t at = search->text.n;
    while (at > 0 && at >= search->live && needs_is_dense((unsigned char)search->text.p[at - 1]))
        at--;
    return at >= search->live;
}

bool layers_unpack(struct dvara_scanner *scanner, struct search *search)
{
    struct dvara_str text = search->text;
    size_t at = search->from > RUN_MIN ? search->from - RUN_MIN : 0;
    if (search->depth >= SEARCH_DEPTH - 2)
        return true;
    bool waits = !search->partial || run_waits(search);
    for (size_t i = 0; !waits && i < sizeof packings / sizeof *packings; i++)
        wait_for_run(search, &packings[i]);
    for (at = marks_next_run(text, at); at < text.n; at = marks_next_run(text, at)) {
        if (!unpack_stretch(scanner, search, at, &at))
            return false;
    }
    return true;
}

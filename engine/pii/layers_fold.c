/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that are written so as not to be read: 4l11 O000 …, 4-1-1-1 …, **4111** 1111. The digits
 * of such a run are read in a row; what is found then must hold a checksum. */
#include "pii/layers.h"

#include "pattern/text.h"
#include "pii/normalise.h"

enum { DIGITS_MIN = 8, DIGITS_MAX = 20, TAG_MAX = 24, SINGLES_MIN = 6, BETWEEN_MAX = 2 };

/* The digit that a letter looks like, or 0. */
static char digit_like(char c)
{
    switch (c) {
    case 'O':
    case 'o':
        return '0';
    case 'l':
    case 'I':
        return '1';
    default:
        return text_is_digit((unsigned char)c) ? c : 0;
    }
}

/* The end of what may stand between two digits at `at`: a mark, white space or a tag. `at`:
 * nothing. */
static size_t skip_between(struct dvara_str text, size_t at, bool *ret_odd)
{
    char c = text.p[at];
    if (c == '<') {
        for (size_t end = at + 1; end < text.n && end - at < TAG_MAX; end++) {
            if (text.p[end] == '>') {
                *ret_odd = true;
                return end + 1;
            }
        }
        return at;
    }
    if (!c || !strchr(" -./_*`|~\n\r\t", c))
        return at;
    *ret_odd = *ret_odd || !strchr(" -.", c);
    return at + 1;
}

/* A run of digits and what looks like some, from its first. */
struct number {
    size_t end;  /* after the last digit */
    size_t stop; /* where reading stopped */
    size_t digits, letters, groups, singles;
    size_t last; /* group's length */
    bool odd;    /* separators that no format has, or two in a row */
    bool fours;  /* in groups of four, the last may be less */
    bool joined; /* by what also joins numbers that are none of it: . / and new lines */
};

/* A word of digits and what looks like some, from `at`; its end, or `at` when it is another word.
 */
static size_t read_group(struct dvara_str text, size_t at, struct number *number)
{
    size_t begin = at;
    size_t letters = 0;
    for (char digit; at < text.n && (digit = digit_like(text.p[at])) != 0; at++)
        letters += digit != text.p[at] ? 1 : 0;
    size_t n = at - begin;
    bool word = at < text.n && text_is_alnum((unsigned char)text.p[at]);
    if (n == 0 || word || (letters == n && n < 2))
        return begin;
    number->digits += n - letters;
    number->letters += letters;
    number->fours = (number->groups == 0 || (number->fours && number->last == 4)) && n <= 4;
    number->last = n;
    number->groups++;
    number->singles += n == 1 ? 1 : 0;
    return at;
}

/* What stands between two groups. */
struct between {
    bool odd, joins;
};

/* The end of what stands between two groups at `at`; `at` when the number ends here. */
static size_t read_between(struct dvara_str text, size_t at, struct between *ret_between)
{
    unsigned n = 0; /* markup does not count */
    size_t next = at;
    *ret_between = (struct between){false, false};
    for (size_t from = at; from < text.n && n <= BETWEEN_MAX; from = next) {
        next = skip_between(text, from, &ret_between->odd);
        if (next == from)
            break;
        n += next == from + 1 && !strchr("*_`|~", text.p[from]) ? 1 : 0;
        ret_between->joins = ret_between->joins || strchr("./\n\r\t", text.p[from]);
    }
    ret_between->odd = ret_between->odd || next - at > 1;
    return n > BETWEEN_MAX || next - at > TAG_MAX ? at : next;
}

static struct number read_number(struct dvara_str text, size_t at)
{
    struct number number = {.end = at};
    struct between between = {false, false};
    while (at < text.n && number.digits + number.letters <= DIGITS_MAX) {
        size_t end = read_group(text, at, &number);
        if (end == at)
            break;
        number.end = end;
        number.odd = number.odd || between.odd;
        number.joined = number.joined || between.joins;
        at = read_between(text, end, &between);
        if (at == end)
            break;
    }
    number.stop = at;
    return number;
}

static bool is_odd(const struct number *number)
{
    size_t total = number->digits + number->letters;
    if (total < DIGITS_MIN || total > DIGITS_MAX)
        return false;
    if (number->letters)
        return number->digits >= 2 * number->letters;
    return (number->odd && number->groups > 1) ||
           (number->singles >= SINGLES_MIN && number->singles * 2 > number->groups);
}

/* Versions, object identifiers, addresses, and numbers of two lines look like this. */
static bool is_loose(const struct number *number)
{
    bool single = number->singles == number->groups;
    return number->joined && !number->letters && !number->fours && !single;
}

bool find_suspect(struct dvara_scanner *scanner, struct search *search, size_t start)
{
    struct dvara_str text = search->text;
    struct number number = read_number(text, start);
    bool open = search->partial && number.stop == text.n;
    search->suspect_end = number.end > start ? number.end : start + 1;
    for (size_t back = 0; back < 2 && start > search->from; back++, start--) {
        if (text.p[start - 1] != '+' && text.p[start - 1] != '(')
            break;
    }
    if (open && number.digits + number.letters <= DIGITS_MAX)
        find_open(search, start);
    if (!is_odd(&number))
        return true;
    void *v = scanner->suspects;
    if (!find_make_room(&v, scanner->n_suspects, &scanner->suspects_room,
                        sizeof *scanner->suspects))
        return find_fail(scanner, DVARA_ERROR_SCAN);
    scanner->suspects = v;
    scanner->suspects[scanner->n_suspects++] = (struct suspect){
        .start = (uint32_t)start, .end = (uint32_t)number.end, .loose = is_loose(&number)};
    return true;
}

/* A view of text[start, end) rewritten by `put`, with the text around it. */
typedef void put_function(struct dvara_str text, size_t start, size_t end, struct view *view);

static bool find_rewritten(struct dvara_scanner *scanner, struct search *search,
                           struct suspect suspect, put_function *put)
{
    struct dvara_str text = search->text;
    size_t start = suspect.start;
    size_t end = suspect.end;
    struct view *view = layers_room(scanner, search);
    struct search folded = *search;
    size_t before = start > LAYER_BEFORE ? start - LAYER_BEFORE : 0;
    size_t after = text.n - end > LAYER_BEFORE ? end + LAYER_BEFORE : text.n;
    before = layers_align(text, before);
    after = layers_align(text, after);
    view_copy(view, text, before, start);
    struct layer layer = {
        .view = view, .changed = view->n, .below = after, .via = DVARA_VIA_FOLDED};
    put(text, start, end, view);
    layer.changed_end = view->n;
    view_copy(view, text, end, after);
    folded.is_folded = true;
    folded.is_normal = true;
    folded.is_loose = suspect.loose;
    bool right = layers_find(scanner, &folded, &layer);
    find_open(search, folded.live);
    return right;
}

static void put_digits(struct dvara_str text, size_t start, size_t end, struct view *view)
{
    for (size_t at = start; at < end; at++) {
        bool odd = false;
        size_t next = skip_between(text, at, &odd);
        char digit = text.p[at] == '+' ? '+' : digit_like(text.p[at]);
        if (next > at)
            at = next - 1;
        else if (digit)
            view_put(view, digit, at, at + 1);
    }
}

bool layers_fold(struct dvara_scanner *scanner, struct search *search)
{
    size_t n = scanner->n_suspects;
    for (size_t i = search->first_suspect; i < n; i++) {
        struct suspect suspect = scanner->suspects[i];
        if (!find_rewritten(scanner, search, suspect, put_digits))
            return false;
    }
    return true;
}

static void put_lookalikes(struct dvara_str text, size_t start, size_t end, struct view *view)
{
    for (size_t at = start, after; at < end; at = after) {
        uint32_t c = text_next(text, at, &after);
        char letter = c < 0x80 || c == TEXT_BAD ? 0 : normalise_lookalike(c);
        if (letter)
            view_put(view, letter, at, after);
        else
            view_copy(view, text, at, after);
    }
}

/* The identifier around a look-alike at `at`: words and single separators between, as far as an
 * identifier reaches. False: it holds no digit, or a letter that looks like none. */
static bool identifier_around(struct dvara_str text, size_t at, size_t *ret_start, size_t *ret_end)
{
    enum { REACH = 80 };
    size_t start = at;
    size_t end = at;
    size_t place;
    bool digit = false;
    for (; start > 0 && at - start < REACH; start = place) {
        uint32_t c = text_before(text, start, &place);
        bool word = c < 0x80 ? text_is_alnum((unsigned char)c) : normalise_lookalike(c) != 0;
        digit = digit || (c < 0x80 && text_is_digit((unsigned char)c));
        if (!word && !(c < 0x80 && strchr(" -.@_", (char)c) && start < at))
            break;
    }
    for (; end < text.n && end - at < REACH; end = place) {
        uint32_t c = text_next(text, end, &place);
        bool word = c < 0x80 ? text_is_alnum((unsigned char)c) : normalise_lookalike(c) != 0;
        digit = digit || (c < 0x80 && text_is_digit((unsigned char)c));
        if (!word && !(c < 0x80 && c && strchr(" -.@_", (char)c) && end > at))
            break;
    }
    *ret_start = start;
    *ret_end = end;
    return digit;
}

static bool find_lookalikes(struct dvara_scanner *scanner, struct search *search)
{
    struct dvara_str text = search->text;
    size_t after;
    for (size_t at = 0; at < text.n; at = after) {
        unsigned char lead = (unsigned char)text.p[at];
        after = at + 1;
        if (lead < 0xCE || lead > 0xD4)
            continue;
        uint32_t c = text_next(text, at, &after);
        size_t start;
        size_t end;
        if (c == TEXT_BAD || !normalise_lookalike(c) || !identifier_around(text, at, &start, &end))
            continue;
        if (search->partial && end == text.n)
            find_open(search, start > search->from ? start : search->from);
        struct suspect suspect = {.start = (uint32_t)start, .end = (uint32_t)end};
        if (!find_rewritten(scanner, search, suspect, put_lookalikes))
            return false;
        after = end;
    }
    return true;
}

/* Tag characters (U+E0020 to U+E007E) spell ASCII that does not show. */
static bool find_tags(struct dvara_scanner *scanner, struct search *search)
{
    struct dvara_str text = search->text;
    const char *first = text.n > 3 ? memmem(text.p, text.n, "\xf3\xa0", 2) : NULL;
    if (!first)
        return true;
    struct view *view = layers_room(scanner, search);
    size_t after;
    for (size_t at = (size_t)(first - text.p); at < text.n; at = after) {
        uint32_t c = text_next(text, at, &after);
        if (c >= 0xE0020 && c <= 0xE007E)
            view_put(view, (char)(c - 0xE0000), at, after);
    }
    struct layer layer = {
        .view = view, .changed_end = view->n, .below = text.n, .via = DVARA_VIA_DECODED};
    return layers_find(scanner, search, &layer);
}

bool layers_unmask(struct dvara_scanner *scanner, struct search *search)
{
    return find_lookalikes(scanner, search) && find_tags(scanner, search);
}

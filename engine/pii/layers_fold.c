/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that are written so as not to be read: 4l11 O000 …, 4-1-1-1 …, **4111** 1111. The digits
 * of such a run are read in a row, and where markup stands among separators, once more with the
 * separators; what is found then must hold a checksum. */
#include "pii/layers.h"

#include "pattern/text.h"
#include "pii/normalise.h"

enum { DIGITS_MIN = 8, DIGITS_MAX = 20, TAG_MAX = 24, SINGLES_MIN = 6, BETWEEN_MAX = 2 };

/* What may stand between digits: what rendering takes away, and the rest. */
#define MARKUP     "*_`|~"
#define SEPARATORS " -./+\n\r\t" MARKUP

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
 * nothing. *touched: the text's end cuts what may be a tag. */
static size_t skip_between(struct dvara_str text, size_t at, bool *ret_odd, bool *touched)
{
    char c = text.p[at];
    if (c == '<') {
        size_t end = at + 1;
        while (end < text.n && end - at < TAG_MAX && text.p[end] != '>')
            end++;
        *touched = *touched || end == text.n;
        if (end == text.n || text.p[end] != '>')
            return at;
        *ret_odd = true;
        return end + 1;
    }
    if (!c || !strchr(SEPARATORS, c))
        return at;
    *ret_odd = *ret_odd || !strchr(" -.", c);
    return at + 1;
}

/* A run of digits and what looks like some, from its first. */
struct number {
    size_t end; /* after the last digit */
    size_t digits, letters, groups, singles;
    size_t last;  /* group's length */
    bool odd;     /* separators that no format has, or two in a row */
    bool fours;   /* in groups of four, the last may be less */
    bool joined;  /* by what also joins numbers that are none of it: . / and new lines */
    bool marked;  /* by markup, */
    bool spaced;  /* and by what formats have */
    bool touched; /* the text's end was reached: it may go on */
};

/* A word of digits and what looks like some, from `at`; its end, or `at` when it is another word.
 */
static size_t read_group(struct dvara_str text, size_t at, struct number *number)
{
    size_t begin = at;
    size_t letters = 0;
    for (char digit;
         at < text.n && at - begin <= DIGITS_MAX && (digit = digit_like(text.p[at])) != 0; at++)
        letters += digit != text.p[at] ? 1 : 0;
    size_t n = at - begin;
    number->touched = number->touched || at == text.n;
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
    bool odd, joins, marks, spaces;
    bool touched; /* the text's end was reached */
};

/* A hyphen or the like with a space on both sides is one separator. */
static bool is_spaced_sign(struct dvara_str text, size_t at)
{
    return at + 2 < text.n && text.p[at] == ' ' && strchr("-./+", text.p[at + 1]) &&
           text.p[at + 1] && text.p[at + 2] == ' ';
}

/* The end of what stands between two groups at `at`; `at` when the number ends here. */
static size_t read_between(struct dvara_str text, size_t at, struct between *ret_between)
{
    int n = is_spaced_sign(text, at) ? -1 : 0; /* markup does not count */
    size_t next = at;
    size_t from = at;
    *ret_between = (struct between){.odd = false};
    for (; from < text.n && n <= BETWEEN_MAX && from - at <= TAG_MAX; from = next) {
        next = skip_between(text, from, &ret_between->odd, &ret_between->touched);
        if (next == from)
            break;
        bool marks = next > from + 1 || strchr(MARKUP, text.p[from]);
        n += marks ? 0 : 1;
        ret_between->marks = ret_between->marks || marks;
        ret_between->spaces = ret_between->spaces || !marks;
        ret_between->joins = ret_between->joins || strchr("./+\n\r\t", text.p[from]);
    }
    if (n > BETWEEN_MAX || next - at > TAG_MAX)
        return at;
    ret_between->touched = ret_between->touched || from == text.n;
    ret_between->odd = ret_between->odd || next - at > 1;
    return next;
}

static struct number read_number(struct dvara_str text, size_t at)
{
    struct number number = {.end = at};
    struct between between = {.odd = false};
    while (at < text.n) {
        size_t end = read_group(text, at, &number);
        if (end == at || number.digits + number.letters > DIGITS_MAX)
            break;
        number.end = end;
        number.odd = number.odd || between.odd;
        number.joined = number.joined || between.joins;
        number.marked = number.marked || between.marks;
        number.spaced = number.spaced || between.spaces;
        at = read_between(text, end, &between);
        number.touched = number.touched || between.touched;
        if (at == end)
            break;
    }
    return number;
}

/* The group that goes on in the one at `start`: its place and how much of it is digits. False: none
 * does. */
static bool group_before(struct dvara_str text, size_t start, size_t *ret_start,
                         struct number *ret_group)
{
    for (size_t end = start - 1; end > 0 && start - end <= TAG_MAX; end--) {
        if (!digit_like(text.p[end - 1]) || text_is_alnum((unsigned char)text.p[end]))
            continue;
        struct between between;
        if (read_between(text, end, &between) != start)
            continue;
        size_t begin = end - 1;
        while (begin > 0 && end - begin <= DIGITS_MAX &&
               text_is_alnum((unsigned char)text.p[begin - 1]))
            begin--;
        *ret_group = (struct number){.end = begin};
        *ret_start = begin;
        return end - begin <= DIGITS_MAX && read_group(text, begin, ret_group) == end;
    }
    return false;
}

/* Does a number begin with the group at `start`? Not where it goes on from digits before. */
static bool begins_number(struct dvara_str text, size_t start)
{
    size_t most = DIGITS_MAX;
    struct number group;
    while (start > 0 && strchr(SEPARATORS ">", text.p[start - 1]) &&
           group_before(text, start, &start, &group)) {
        if (group.digits)
            return false;
        if (group.letters >= most)
            return true;
        most -= group.letters;
    }
    return true;
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
    if (!begins_number(text, start))
        return true;
    struct number number = read_number(text, start);
    bool open = search->partial && number.touched;
    for (size_t back = 0; back < 2 && start > search->from; back++, start--) {
        if (text.p[start - 1] != '+' && text.p[start - 1] != '(')
            break;
    }
    if (open)
        find_open(search, start);
    if (open || !is_odd(&number))
        return true;
    void *v = scanner->suspects;
    if (!find_make_room(&v, scanner->n_suspects, &scanner->suspects_room,
                        sizeof *scanner->suspects))
        return find_fail(scanner, DVARA_ERROR_SCAN);
    scanner->suspects = v;
    scanner->suspects[scanner->n_suspects++] =
        (struct suspect){.start = (uint32_t)start,
                         .end = (uint32_t)number.end,
                         .loose = is_loose(&number),
                         .marked = number.marked && number.spaced};
    return true;
}

/* A number rewritten, `whole` with the separators that formats have. */
static void put_number(struct dvara_str text, size_t start, size_t end, bool whole,
                       struct view *view)
{
    bool begun = false;
    for (size_t at = start; at < end; at++) {
        bool ignored = false;
        char c = text.p[at];
        bool sign = !begun && (c == '+' || c == '(');
        size_t next = skip_between(text, at, &ignored, &ignored);
        bool kept = whole && next == at + 1 && !strchr(MARKUP, c);
        char put = sign || (kept && !digit_like(c)) ? c : digit_like(c);
        begun = begun || !sign;
        if (next > at && !sign && !kept)
            at = next - 1;
        else if (put)
            view_put(view, put, at, at + 1);
    }
}

/* A number's digits in a row, with the text around it. */
static bool find_folded(struct dvara_scanner *scanner, struct search *search,
                        struct suspect suspect, bool whole)
{
    struct dvara_str text = search->text;
    size_t start = suspect.start;
    size_t end = suspect.end;
    struct view *view = layers_room(scanner, search);
    struct search folded = *search;
    size_t before = layers_align(text, start > LAYER_BEFORE ? start - LAYER_BEFORE : 0);
    size_t after = layers_align(text, text.n - end > LAYER_BEFORE ? end + LAYER_BEFORE : text.n);
    view_copy(view, text, before, start);
    struct layer layer = {
        .view = view, .changed = view->n, .begins = true, .below = after, .via = DVARA_VIA_FOLDED};
    put_number(text, start, end, whole, view);
    layer.changed_end = view->n;
    view_copy(view, text, end, after);
    folded.is_folded = true;
    folded.is_normal = true;
    folded.is_loose = suspect.loose;
    bool right = layers_find(scanner, &folded, &layer);
    bool parted = folded.live > start && folded.live < end; /* then it is not seen as a number */
    find_open(search, parted ? start : folded.live);
    return right;
}

bool layers_fold(struct dvara_scanner *scanner, struct search *search)
{
    size_t n = scanner->n_suspects;
    for (size_t i = search->first_suspect; i < n; i++) {
        struct suspect suspect = scanner->suspects[i];
        if (!find_folded(scanner, search, suspect, false) ||
            (suspect.marked && !find_folded(scanner, search, suspect, true)))
            return false;
    }
    return true;
}

/* Is this part of an identifier: a letter or digit, what looks like one, or, `inside` it, a single
 * separator? */
static bool is_identifier(uint32_t c, bool inside)
{
    if (c >= 0x80)
        return c != TEXT_BAD && normalise_lookalike(c) != 0;
    return c && (text_is_alnum((unsigned char)c) || (inside && strchr(" -.@_", (char)c)));
}

static bool is_digit(uint32_t c)
{
    return c < 0x80 && text_is_digit((unsigned char)c);
}

/* Does the identifier around a look-alike at `at` hold a digit, as far as one reaches? *ret_open:
 * it holds none yet. */
static bool has_digit_near(struct dvara_str text, size_t at, bool *ret_open)
{
    enum { REACH = 80 };
    size_t place;
    *ret_open = false;
    for (size_t from = at; from > 0 && at - from < REACH; from = place) {
        uint32_t c = text_before(text, from, &place);
        if (is_digit(c))
            return true;
        if (!is_identifier(c, from < at))
            break;
    }
    for (size_t to = at; to - at < REACH; to = place) {
        if (to == text.n) {
            *ret_open = true;
            return false;
        }
        uint32_t c = text_next(text, to, &place);
        if (is_digit(c))
            return true;
        if (!is_identifier(c, to > at))
            break;
    }
    return false;
}

static bool next_lookalike(const struct search *search, size_t at, struct odd *ret_odd,
                           size_t *ret_open)
{
    struct dvara_str text = search->text;
    size_t after;
    *ret_open = text.n;
    for (; at < text.n; at = after) {
        unsigned char lead = (unsigned char)text.p[at];
        after = at + 1;
        if (lead < 0xCE || lead > 0xD4)
            continue;
        uint32_t c = text_next(text, at, &after);
        char letter = c == TEXT_BAD ? 0 : normalise_lookalike(c);
        bool open;
        if (!letter)
            continue;
        if (has_digit_near(text, at, &open)) {
            *ret_odd = (struct odd){
                .start = at, .end = after, .value = (unsigned char)letter, .is_byte = true};
            return true;
        }
        if (open && search->partial) {
            *ret_open = at;
            return false;
        }
    }
    return false;
}

bool layers_unmask(struct dvara_scanner *scanner, struct search *search)
{
    struct search folded = *search;
    size_t begin = layers_look(search);
    if (!search->checks || text_is_ascii(dvara_str_slice(search->text, begin, search->text.n)))
        return true;
    folded.is_folded = true;
    folded.is_normal = true;
    bool right = layers_read_odd(scanner, &folded, next_lookalike, DVARA_VIA_FOLDED);
    find_open(search, folded.live);
    return right;
}

/* Tag characters (U+E0020 to U+E007E) spell ASCII that does not show; what is between them does not
 * count, unless it is longer than this. */
enum { TAGS_APART = 64 };

static bool is_tag(uint32_t c)
{
    return c >= 0xE0020 && c <= 0xE007E;
}

/* Those from `at` on that stand near each other; where to go on. */
static bool find_tag_run(struct dvara_scanner *scanner, struct search *search, size_t *at)
{
    struct dvara_str text = search->text;
    struct view *view = layers_room(scanner, search);
    size_t last = *at;
    for (size_t after; *at < text.n && *at - last <= TAGS_APART; *at = after) {
        uint32_t c = text_next(text, *at, &after);
        if (!is_tag(c))
            continue;
        view_put(view, (char)(c - 0xE0000), *at, after);
        last = after;
    }
    struct layer layer = {.view = view,
                          .changed_end = view->n,
                          .below = text.n - last <= TAGS_APART ? text.n : last,
                          .via = DVARA_VIA_DECODED};
    return layers_find(scanner, search, &layer);
}

bool layers_tags(struct dvara_scanner *scanner, struct search *search)
{
    struct dvara_str text = search->text;
    size_t at = layers_look(search);
    const char *next;
    while (at < text.n && (next = memmem(text.p + at, text.n - at, "\xf3\xa0", 2))) {
        size_t after;
        at = (size_t)(next - text.p);
        if (!is_tag(text_next(text, at, &after)))
            at = after;
        else if (!find_tag_run(scanner, search, &at))
            return false;
    }
    return true;
}

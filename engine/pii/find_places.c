/* SPDX-License-Identifier: Apache-2.0 */
/* Places: at each run of letters and digits that holds a digit, one walk through the table of
 * shapes gives every layout that begins there; LOCATEs read from there too, and at @ and at colons.
 */
#include "pii/find.h"

#include "pattern/text.h"
#include "pii/marks.h"
#include "pii/run.h"

/* The characters of a walk, separators left out. */
struct walk {
    size_t start, end;
    size_t n;
    struct shape_kinds kinds;
    char c[LAYOUT_CHARACTERS]; /* as they stand */
    /* What stands around, once asked: it is the same for all leaves of a node. */
    bool judged, stands, alone;
};

/* Is the walk set off from words (and, `alone`, from longer numbers)? */
static void judge_bounds(struct search *search, struct walk *walk)
{
    struct reading reading = {.text = search->text};
    walk->judged = true;
    walk->stands = !word_goes_on(&reading, walk->end);
    walk->alone = walk->stands && number_may_start(search->text, walk->start) &&
                  number_may_end(&reading, walk->end) && !in_uuid(&reading, walk->start, walk->end);
    if (search->partial && reading.touched)
        find_open(search, walk->start);
}

static enum verdict judge(const struct detector *detector, const struct search *search,
                          const struct walk *walk)
{
    struct dvara_str span = dvara_str_slice(search->text, walk->start, walk->end);
    if (detector->check)
        return detector->check(span);
    if (!detector->run)
        return VERDICT_UNKNOWN;
    char upper[LAYOUT_CHARACTERS];
    for (size_t i = 0; i < walk->n; i++)
        upper[i] = (char)((unsigned char)walk->c[i] - (walk->kinds.lower >> i & 1) * 32);
    struct run run = {
        .c = upper, .n = walk->n, .grouped = walk->end - walk->start > walk->n, .span = span};
    return detector->run(&run);
}

static bool try_leaf(struct dvara_scanner *scanner, struct search *search, struct walk *walk,
                     const struct shape_leaf *leaf)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    const struct pattern_use *use = &detectors->uses[leaf->use];
    const struct detector *detector = &detectors->v[use->detector];
    if (!find_wants(search, use->detector))
        return true;
    if (!walk->judged)
        judge_bounds(search, walk);
    if (!(detector->run ? walk->alone : walk->stands) ||
        !find_gate_is_open(scanner, search, use->detector))
        return true;
    struct read read = {.start = walk->start,
                        .end = walk->end,
                        .verdict = judge(detector, search, walk),
                        .pattern = use->pattern};
    return read.verdict == VERDICT_INVALID || find_keep(scanner, search, use->detector, &read);
}

static bool try_leaves(struct dvara_scanner *scanner, struct search *search, struct walk *walk,
                       uint32_t node)
{
    const struct shapes *shapes = &scanner->detectors->shapes;
    walk->judged = false;
    for (uint32_t i = shapes->first_leaf[node]; i < shapes->first_leaf[node + 1]; i++) {
        if (shape_fits(shapes, &shapes->leaves[i], walk->c, walk->kinds) &&
            !try_leaf(scanner, search, walk, &shapes->leaves[i]))
            return false;
    }
    return true;
}

/* Takes the group of letters and digits at walk->end. False: it is longer than any layout. */
static bool take_group(const struct shapes *shapes, struct dvara_str text, struct walk *walk)
{
    struct shape_kinds kinds = walk->kinds;
    size_t n = walk->n;
    size_t end = walk->end;
    for (; end < text.n && n < LAYOUT_CHARACTERS; end++, n++) {
        unsigned char c = (unsigned char)text.p[end];
        uint64_t kind = shapes->kinds[c];
        if (!(kind & SHAPE_ALNUM))
            break;
        kinds.digits |= (kind & SHAPE_DIGIT) << n;
        kinds.lower |= (kind / SHAPE_LOWER & 1) << n;
        walk->c[n] = (char)c;
    }
    walk->kinds = kinds;
    walk->n = n;
    walk->end = end;
    return end == text.n || !(shapes->kinds[(unsigned char)text.p[end]] & SHAPE_ALNUM);
}

/* The group that is being read, and the edges of those before it. */
struct path {
    const struct shape_edge *edges[LAYOUT_GROUPS];
    size_t firsts[LAYOUT_GROUPS];
    size_t n;
};

/* The text ends in or before the group that begins at walk->c[first]: could it still become a
 * layout? Here every character is looked at, so that nothing waits that no layout begins with. */
static bool may_go_on(const struct shapes *shapes, const struct walk *walk, const struct path *path,
                      uint32_t node, unsigned char separator, size_t first)
{
    const struct shape_edge *any = shape_edge_find(shapes, node, separator, 0);
    if (!any || !shape_edge_spells(shapes, any, walk->c + first, walk->n - first))
        return false;
    for (size_t i = 0; i < path->n; i++) {
        size_t end = i + 1 < path->n ? path->firsts[i + 1] : first;
        if (!shape_edge_spells(shapes, path->edges[i], walk->c + path->firsts[i],
                               end - path->firsts[i]))
            return false;
    }
    return true;
}

/* The edge of the group that begins at walk->c[first], or NULL. */
static const struct shape_edge *follow(const struct shapes *shapes, const struct walk *walk,
                                       uint32_t node, unsigned char separator, size_t first)
{
    size_t length = walk->n - first;
    struct shape_kinds kinds = {walk->kinds.digits >> first, walk->kinds.lower >> first};
    const struct shape_edge *edge =
        length ? shape_edge_find(shapes, node, separator, length) : NULL;
    return edge && shape_edge_takes(edge, length, kinds) ? edge : NULL;
}

/* All layouts that begin at `start`, where no letter or digit stands before. */
static bool walk_from(struct dvara_scanner *scanner, struct search *search, size_t start)
{
    const struct shapes *shapes = &scanner->detectors->shapes;
    struct dvara_str text = search->text;
    struct walk walk;
    struct path path;
    unsigned char separator = 0;
    uint32_t node = 0;
    walk.start = walk.end = start;
    walk.n = 0;
    walk.kinds = (struct shape_kinds){0, 0};
    for (path.n = 0; path.n < LAYOUT_GROUPS; path.n++) {
        size_t first = walk.n;
        if (!take_group(shapes, text, &walk))
            return true;
        if (search->partial && walk.end == text.n &&
            may_go_on(shapes, &walk, &path, node, separator, first)) {
            find_open(search, start);
            return true;
        }
        const struct shape_edge *edge = follow(shapes, &walk, node, separator, first);
        if (!edge)
            return true;
        path.edges[path.n] = edge;
        path.firsts[path.n] = first;
        node = edge->node;
        if (walk.kinds.digits && shape_node_takes(&shapes->nodes[node], walk.kinds) &&
            !try_leaves(scanner, search, &walk, node))
            return false;
        if (walk.end == text.n)
            return true;
        separator = (unsigned char)text.p[walk.end];
        if (!(shapes->kinds[separator] & SHAPE_SEPARATOR))
            return true;
        walk.end++;
    }
    return true;
}

/* A layout may not begin inside a word: `start` is the first letter or digit of a group. */
static bool may_begin(struct dvara_str text, size_t start)
{
    if (start == 0)
        return true;
    unsigned char before = (unsigned char)text.p[start - 1];
    return before != '_' && (before < 0x80 || !text_word_before(text, start));
}

static size_t group_start(struct dvara_str text, size_t at)
{
    while (at > 0 && text_is_alnum((unsigned char)text.p[at - 1]))
        at--;
    return at;
}

/* The group before the one at `start`, if one separator is between and it holds no digit. False:
 * there is none. */
static bool step_back(const struct shapes *shapes, struct dvara_str text, size_t from,
                      size_t *start)
{
    size_t at = *start;
    if (at < from + 2 || !(shapes->kinds[(unsigned char)text.p[at - 1]] & SHAPE_SEPARATOR))
        return false;
    size_t end = at - 1;
    for (at = end; at > from && end - at <= LAYOUT_CHARACTERS; at--) {
        unsigned kind = shapes->kinds[(unsigned char)text.p[at - 1]];
        if (kind & SHAPE_DIGIT)
            return false;
        if (!(kind & SHAPE_ALNUM))
            break;
    }
    if (at == end || end - at > LAYOUT_CHARACTERS)
        return false;
    *start = at;
    return at == 0 || !text_is_alnum((unsigned char)text.p[at - 1]);
}

/* Could a layout begin with the group at `start`? One that the text's end may cut has any length.
 */
static inline bool may_be_first(const struct shapes *shapes, struct dvara_str text, size_t start,
                                size_t length)
{
    return (length <= LAYOUT_CHARACTERS && (shapes->firsts >> length & 1)) ||
           start + length == text.n;
}

/* Walks from the group text[start, end) and from those before it that a layout may begin with. */
static bool walk_place(struct dvara_scanner *scanner, struct search *search, size_t start,
                       size_t end)
{
    const struct shapes *shapes = &scanner->detectors->shapes;
    struct dvara_str text = search->text;
    for (size_t lead = 0;; lead++) {
        if (start >= search->from && may_be_first(shapes, text, start, end - start) &&
            may_begin(text, start) && !walk_from(scanner, search, start))
            return false;
        end = start - (start > 0);
        if (lead == shapes->lead || !step_back(shapes, text, search->from, &start))
            return true;
    }
    return true;
}

/* The last group, without a digit yet, and those before it that a layout may begin with. False: the
 * text ends otherwise. */
static bool tail_group(const struct shapes *shapes, const struct search *search, size_t *ret_start,
                       size_t *ret_end)
{
    struct dvara_str text = search->text;
    size_t end = text.n;
    if (end > search->from && (shapes->kinds[(unsigned char)text.p[end - 1]] & SHAPE_SEPARATOR))
        end--;
    size_t start = end;
    while (start > search->from && end - start <= LAYOUT_CHARACTERS &&
           text_is_alpha((unsigned char)text.p[start - 1]))
        start--;
    *ret_start = start;
    *ret_end = end;
    return start < end && end - start <= LAYOUT_CHARACTERS &&
           (start == 0 || !text_is_alnum((unsigned char)text.p[start - 1]));
}

/* In a text that may go on: layouts that could begin with the last groups. No leaf is among them,
 * and where the first of them waits the others need not be walked. */
static bool walk_tail(struct dvara_scanner *scanner, struct search *search)
{
    const struct shapes *shapes = &scanner->detectors->shapes;
    struct dvara_str text = search->text;
    size_t starts[LAYOUT_GROUPS];
    size_t ends[LAYOUT_GROUPS];
    size_t n = 0;
    if (!tail_group(shapes, search, &starts[0], &ends[0]))
        return true;
    while (n < shapes->lead && n + 1 < LAYOUT_GROUPS) {
        size_t start = starts[n];
        if (!step_back(shapes, text, search->from, &start))
            break;
        ends[n + 1] = starts[n] - 1;
        starts[++n] = start;
    }
    for (n++; n-- > 0 && starts[n] < search->live;) {
        if (may_be_first(shapes, text, starts[n], ends[n] - starts[n]) &&
            may_begin(text, starts[n]) && !walk_from(scanner, search, starts[n]))
            return false;
    }
    return true;
}

static inline bool may_start(const uint8_t *bytes, struct dvara_str text, size_t start)
{
    return (bytes[(unsigned char)text.p[start]] & LOCATOR_START) && find_is_boundary(text, start);
}

bool find_read_at(struct dvara_scanner *scanner, struct search *search,
                  const struct pattern_use *use, size_t start)
{
    const struct detector *detector = &scanner->detectors->v[use->detector];
    struct reading reading = {.text = search->text};
    enum verdict verdict = detector->locator->read(&reading, start);
    if (search->partial && reading.touched && !reading.overlong) {
        find_open_reading(search, start, detector->locator);
        return true;
    }
    if (verdict == VERDICT_INVALID)
        return true;
    struct read read = {.start = start,
                        .end = reading.end,
                        .until = reading.until,
                        .verdict = verdict,
                        .pattern = use->pattern,
                        .overlong = reading.overlong};
    return find_keep(scanner, search, use->detector, &read);
}

size_t find_walk_back(const struct detector *detector, const struct search *search, size_t at)
{
    size_t floor = at > detector->max_span ? at - detector->max_span : 0;
    if (floor < search->from)
        floor = search->from;
    while (at > floor && detector->locator_bytes[(unsigned char)search->text.p[at - 1]])
        at--;
    return at;
}

bool find_locate(struct dvara_scanner *scanner, struct search *search, size_t use_index,
                 size_t first, size_t last)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    const struct detector *detector = &scanner->detectors->v[use->detector];
    size_t start = find_walk_back(detector, search, first);
    if (start < scanner->resume[use_index])
        start = scanner->resume[use_index];
    for (; start < last; start++) {
        if (may_start(detector->locator_bytes, search->text, start) &&
            !find_read_at(scanner, search, use, start))
            return false;
    }
    find_resume(scanner, use_index, start);
    return true;
}

static inline uint32_t bit_count(uint32_t bits)
{
    bits -= bits >> 1 & 0x55555555u;
    bits = (bits & 0x33333333u) + (bits >> 2 & 0x33333333u);
    return ((bits + (bits >> 4)) & 0x0F0F0F0Fu) * 0x01010101u >> 24;
}

enum { AHEAD_MATTERS = 12 /* digits: no LOCATE asks for more */ };

/* Digits from `start` on, with at most two other bytes of a number between two of them. */
static size_t digits_ahead_slowly(const struct shapes *shapes, struct dvara_str text, size_t start)
{
    enum { BETWEEN = 3 };
    size_t digits = 0;
    size_t between = 0;
    for (size_t at = start; at < text.n; at++) {
        unsigned kind = shapes->kinds[(unsigned char)text.p[at]];
        if (kind & SHAPE_DIGIT) {
            between = 0;
            if (++digits == AHEAD_MATTERS)
                break;
        } else if (++between > BETWEEN || (!(kind & SHAPE_SEPARATOR) && digits)) {
            break;
        }
    }
    return digits;
}

/* The same or more; counts no further than it matters. */
static size_t digits_ahead(const struct shapes *shapes, struct dvara_str text, size_t start,
                           const struct marks_number *number)
{
    if (text.n - start < MARKS_NUMBER)
        return digits_ahead_slowly(shapes, text, start);
    uint32_t digits = number->digits;
    uint32_t near = digits | digits << 1 | digits << 2 | digits << 3;
    uint32_t far = ~near & ~7u; /* three bytes before one of these, and it, are no digits */
    return far ? bit_count(digits & ((far & -far) - 1)) : AHEAD_MATTERS;
}

static inline bool read_anchor(struct dvara_scanner *scanner, struct search *search,
                               const struct anchor *anchor, size_t at)
{
    return !(anchor->bytes[(unsigned char)search->text.p[at]] & LOCATOR_START) ||
           find_read_at(scanner, search, &scanner->detectors->uses[anchor->use], at);
}

/* The byte behind the digits at `start`; 0: not told. */
static inline char stop_of(struct dvara_str text, size_t start, const struct marks_number *number)
{
    uint32_t stop = ~number->digits;
    return stop && text.n - start >= MARKS_NUMBER ? text.p[start + (size_t)__builtin_ctz(stop)]
                                                  : (char)0;
}

/* LOCATEs that begin at the group, or at a plus or a bracket before it. */
static bool locate_digits(struct dvara_scanner *scanner, struct search *search, size_t start,
                          const struct marks_number *number)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    struct dvara_str text = search->text;
    size_t ahead =
        search->partial ? AHEAD_MATTERS : digits_ahead(&detectors->shapes, text, start, number);
    char stop = stop_of(text, start, number);
    const struct anchor *anchor = detectors->anchored[FOUND_BY_DIGITS];
    const struct anchor *end = anchor + detectors->n_anchored[FOUND_BY_DIGITS];
    size_t first = start;
    while (first > search->from && start - first < 2 &&
           (text.p[first - 1] == '+' || text.p[first - 1] == '('))
        first--;
    for (; anchor < end; anchor++) {
        if (ahead < anchor->min_digits || (anchor->stop && stop && stop != anchor->stop) ||
            !find_wants(search, anchor->detector))
            continue;
        for (size_t at = first; at != start; at++) {
            if (may_start(anchor->bytes, text, at) && !read_anchor(scanner, search, anchor, at))
                return false;
        }
        if (!read_anchor(scanner, search, anchor, start))
            return false;
    }
    return true;
}

/* Does the byte `n` after the start of a number, no digit and none that stands between them, end
 * it? A letter that looks like a digit goes on with it, but for a word that goes on otherwise. */
static inline bool ends_number(struct dvara_str text, size_t start, unsigned n, uint32_t between)
{
    enum { MARK = 1, LETTER };
    static const uint8_t goes_on[256] = {
        ['O'] = LETTER, ['o'] = LETTER, ['l'] = LETTER, ['I'] = LETTER, ['/'] = MARK,
        ['+'] = MARK,   ['_'] = MARK,   ['*'] = MARK,   ['`'] = MARK,   ['|'] = MARK,
        ['~'] = MARK,   ['<'] = MARK,   ['\n'] = MARK,  ['\r'] = MARK,  ['\t'] = MARK};
    const unsigned char *p = (const unsigned char *)text.p + start + n;
    if (goes_on[*p] != LETTER)
        return !goes_on[*p];
    return n && n + 1 < MARKS_NUMBER && (between >> (n - 1) & 1) && text_is_alpha(p[1]) &&
           goes_on[p[1]] != LETTER;
}

/* Digits with single spaces, hyphens and points between, as far as the number goes: it hides
 * nothing (find_suspect), and neither does what is left of it from a later group on. *plain_to:
 * where it ends. */
static bool stands_plain(struct dvara_str text, size_t start, const struct marks_number *number,
                         size_t *plain_to)
{
    enum { SINGLES = 6 };
    if (text.n - start < MARKS_NUMBER)
        return false;
    uint32_t digits = number->digits;
    uint32_t stop = ~(digits | number->between);
    if (!stop)
        return false;
    uint32_t inside = (stop & -stop) - 1;
    uint32_t alone = digits & ~(digits << 1) & ~(digits >> 1) & inside;
    bool twice = number->between & number->between >> 1 & inside;
    unsigned n = (unsigned)__builtin_ctz(stop);
    if (twice || (alone && bit_count(alone) >= SINGLES) ||
        !ends_number(text, start, n, number->between))
        return false;
    *plain_to = start + n;
    return true;
}

/* A digit at `at`: the group around it. Where to go on. */
static bool find_at_digit(struct dvara_scanner *scanner, struct search *search, size_t at,
                          size_t *plain_to, size_t *ret_next)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    struct dvara_str text = search->text;
    size_t start = group_start(text, at);
    struct marks_number number = {0, 0};
    if (text.n - start >= MARKS_NUMBER) {
        number = marks_number(text.p + start);
        size_t digits = ~number.digits ? (size_t)__builtin_ctz(~number.digits) : MARKS_NUMBER;
        at = digits > at - start ? start + digits : at;
    }
    while (at < text.n && text_is_alnum((unsigned char)text.p[at]))
        at++;
    *ret_next = at;
    if (start >= search->from && search->folds && !search->is_folded && start >= *plain_to &&
        !stands_plain(text, start, &number, plain_to) && !find_suspect(scanner, search, start))
        return false;
    if (detectors->shapes.n_nodes &&
        (detectors->shapes.lead || may_be_first(&detectors->shapes, text, start, at - start)) &&
        !walk_place(scanner, search, start, at))
        return false;
    return start < search->from || locate_digits(scanner, search, start, &number);
}

static bool find_at_mark(struct dvara_scanner *scanner, struct search *search,
                         enum found_by found_by, size_t at)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    for (size_t i = 0; i < detectors->n_anchored[found_by]; i++) {
        const struct anchor *anchor = &detectors->anchored[found_by][i];
        if (find_wants(search, anchor->detector) &&
            !find_locate(scanner, search, anchor->use, at, at + 1))
            return false;
    }
    return true;
}

bool find_places(struct dvara_scanner *scanner, struct search *search)
{
    struct dvara_str text = search->text;
    bool right = true;
    size_t plain_to = 0;
    for (size_t at = marks_next(text, search->from); right && at < text.n;
         at = marks_next(text, at)) {
        size_t next = at + 1;
        if (text.p[at] == '@')
            right = find_at_mark(scanner, search, FOUND_BY_AT, at);
        else if (text.p[at] == ':')
            right = find_at_mark(scanner, search, FOUND_BY_COLON, at);
        else
            right = find_at_digit(scanner, search, at, &plain_to, &next);
        at = next;
    }
    return right && (!search->partial ||
                     ((scanner->detectors->shapes.n_nodes == 0 || walk_tail(scanner, search)) &&
                      find_tails(scanner, search)));
}

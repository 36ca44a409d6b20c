/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/needs.h"

#include "pattern/text.h"

enum { DEPTH = 16, WIDE = 1 << 20, LITERAL_MIN = 3, CODE_POINT_BYTES = 4 };

/* What is known of all matches of a part of a pattern. */
struct extent {
    size_t least, most; /* bytes; WIDE: no bound */
    bool dense;         /* made of bytes of a run alone */
    bool digit;         /* holds a digit */
    size_t literal;     /* bytes of the longest literal that is always there */
    bool is_literal;    /* it is one byte, always the same */
    bool has_must;      /* a byte of `must` is always there */
    struct byte_set must;
    size_t narrow;                      /* bytes at most, where all are ASCII; */
    struct byte_set begin[NEEDS_BEGIN]; /* then what may stand at each of the first */
};

static const struct extent nothing = {.dense = true};
static const struct byte_set all_bytes = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};

struct parser {
    struct dvara_str rest;
    struct byte_set holds;
    bool caseless;
    bool failed;
    bool branches; /* it is alternatives */
    unsigned depth;
};

static int peek(const struct parser *parser)
{
    return parser->rest.n ? (unsigned char)parser->rest.p[0] : -1;
}

static void skip(struct parser *parser, size_t n)
{
    n = n < parser->rest.n ? n : parser->rest.n;
    parser->rest.p += n;
    parser->rest.n -= n;
}

static bool accept(struct parser *parser, const char *cstr)
{
    struct dvara_str s = dvara_str_from_cstr(cstr);
    if (!dvara_str_starts_with(parser->rest, s))
        return false;
    skip(parser, s.n);
    return true;
}

static struct extent failure(struct parser *parser)
{
    parser->failed = true;
    return nothing;
}

static size_t capped(size_t n)
{
    return n < WIDE ? n : WIDE;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void put(struct byte_set *set, unsigned c)
{
    set->v[c / 64] |= UINT64_C(1) << c % 64;
}

static void put_range(struct byte_set *set, unsigned first, unsigned last)
{
    for (unsigned c = first; c <= last; c++)
        put(set, c);
}

static void put_set(struct byte_set *set, const struct byte_set *more)
{
    for (size_t i = 0; i < 4; i++)
        set->v[i] |= more->v[i];
}

static size_t set_count(const struct byte_set *set)
{
    size_t n = 0;
    for (size_t i = 0; i < 4; i++)
        n += (size_t)__builtin_popcountll(set->v[i]);
    return n;
}

static bool is_wide(const struct byte_set *set)
{
    return set->v[2] | set->v[3];
}

/* The first bytes of what a set stands for, in both cases where case does not matter: then the long
 * s and the Kelvin sign fold to s and k, and other scripts' letters to any. */
static struct byte_set both_cases(const struct parser *parser, const struct byte_set *set)
{
    struct byte_set all = *set;
    for (unsigned c = 'A'; parser->caseless && c <= 'Z'; c++) {
        if (byte_set_has(set, (unsigned char)c) || byte_set_has(set, (unsigned char)(c | 32))) {
            put(&all, c);
            put(&all, c | 32);
        }
    }
    if (parser->caseless && byte_set_has(&all, 's'))
        put(&all, 0xC5);
    if (parser->caseless && byte_set_has(&all, 'k'))
        put(&all, 0xE2);
    for (const char *letter = "kKsS"; parser->caseless && is_wide(set) && *letter; letter++)
        put(&all, (unsigned char)*letter);
    if (parser->caseless && is_wide(set))
        put_range(&all, 0x80, 0xFF);
    return all;
}

/* A place that the bytes of a set can stand at: the match can hold them, and what is behind the
 * first byte of a code point. */
static struct extent stand(struct parser *parser, const struct byte_set *set)
{
    struct extent extent = {
        .least = 1, .most = 1, .narrow = 1, .has_must = true, .must = both_cases(parser, set)};
    extent.begin[0] = extent.must;
    put_set(&parser->holds, &extent.must);
    if (is_wide(&extent.must))
        put_range(&parser->holds, 0x80, 0xBF);
    return extent;
}

static struct extent literal(struct parser *parser, unsigned char c)
{
    struct byte_set set = {{0}};
    put(&set, c);
    struct extent extent = stand(parser, &set);
    extent.dense = needs_is_dense(c);
    extent.digit = text_is_digit(c);
    extent.literal = 1;
    extent.is_literal = true;
    return extent;
}

/* A code point that is not ASCII, whose first byte is `c`: a quantifier is one of all its bytes. */
static struct extent wide_literal(struct parser *parser, unsigned char c)
{
    struct extent extent = literal(parser, c);
    for (; peek(parser) >= 0x80 && peek(parser) < 0xC0; skip(parser, 1)) {
        put(&parser->holds, (unsigned)peek(parser));
        extent.literal++;
    }
    extent.most = extent.narrow = extent.literal;
    if (parser->caseless)
        extent.most = CODE_POINT_BYTES;
    else
        extent.least = extent.most;
    return extent;
}

/* A place of a match: a byte, or a code point where it takes others than ASCII. */
static struct extent place(struct parser *parser, const struct byte_set *set)
{
    struct extent extent = stand(parser, set);
    extent.dense = extent.digit = true;
    for (unsigned c = 0; c < 256; c++) {
        if (!byte_set_has(set, (unsigned char)c))
            continue;
        extent.dense = extent.dense && needs_is_dense((unsigned char)c);
        extent.digit = extent.digit && text_is_digit((unsigned char)c);
        extent.most = c >= 0x80 ? CODE_POINT_BYTES : extent.most;
    }
    return extent;
}

/* The set of \d, \w, \s or \S. False: it is none of them. */
static bool named_set(int c, struct byte_set *set)
{
    if (c == 'd' || c == 'w')
        put_range(set, '0', '9');
    if (c == 'w') {
        put_range(set, 'A', 'Z');
        put_range(set, 'a', 'z');
        put(set, '_');
    }
    if (c == 's') {
        put_range(set, '\t', '\r');
        put(set, ' ');
    }
    if (c == 'S')
        put_range(set, 0, 0xFF);
    return c == 'd' || c == 'w' || c == 's' || c == 'S';
}

static int hexadecimal(struct parser *parser)
{
    int c = peek(parser) | 32;
    skip(parser, 1);
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : WIDE;
}

/* The byte that the backslash before `c` makes, or -1. */
static int escaped_byte(struct parser *parser, int c)
{
    static const char names[] = "tnrf";
    static const char bytes[] = "\t\n\r\f";
    if (c == 'x') {
        int value = hexadecimal(parser) * 16;
        value += hexadecimal(parser);
        return value < 0x80 ? value : -1;
    }
    const char *name = c > 0 ? strchr(names, c) : NULL;
    if (name)
        return bytes[name - names];
    return c < 0 || text_is_alnum((unsigned char)c) ? -1 : c;
}

/* After a backslash. */
static struct extent parse_escape(struct parser *parser)
{
    struct byte_set set = {{0}};
    int c = peek(parser);
    skip(parser, 1);
    if (c == 'b' || c == 'B')
        return nothing;
    if (named_set(c, &set))
        return place(parser, &set);
    c = escaped_byte(parser, c);
    return c < 0 ? failure(parser) : literal(parser, (unsigned char)c);
}

/* The byte of a class's member, or -1 when it is a set, which is put. */
static int class_member(struct parser *parser, struct byte_set *set)
{
    int c = peek(parser);
    skip(parser, 1);
    if (c == '\\') {
        c = peek(parser);
        skip(parser, 1);
        if (named_set(c, set))
            return -1;
        c = escaped_byte(parser, c);
        parser->failed = parser->failed || c < 0;
    }
    if (c >= 0x80) /* (a range of code points may hold any) */
        put_range(set, 0x80, 0xFF);
    else if (c >= 0)
        put(set, (unsigned)c);
    return c;
}

/* After the opening bracket. */
static struct extent parse_class(struct parser *parser)
{
    struct byte_set set = {{0}};
    bool negated = accept(parser, "^");
    if (peek(parser) == ']')
        return failure(parser);
    while (!parser->failed && peek(parser) != ']') {
        if (peek(parser) < 0 || peek(parser) == '[')
            return failure(parser);
        int first = class_member(parser, &set);
        if (parser->rest.n < 2 || peek(parser) != '-' || parser->rest.p[1] == ']')
            continue;
        skip(parser, 1);
        int last = class_member(parser, &set);
        if (first < 0 || last < first)
            return failure(parser);
        put_range(&set, (unsigned)first, (unsigned)last);
    }
    skip(parser, 1);
    for (size_t i = 0; negated && i < 4; i++)
        set.v[i] = ~set.v[i];
    if (negated)
        put_range(&set, 0x80, 0xFF);
    return place(parser, &set);
}

static struct extent parse_alternatives(struct parser *parser);

/* After the opening bracket of a group. */
static struct extent parse_group(struct parser *parser)
{
    static const char *const around[] = {"?=", "?!", "?<=", "?<!"};
    bool is_around = false;
    for (size_t i = 0; i < 4 && !is_around; i++)
        is_around = accept(parser, around[i]);
    if (!is_around && !accept(parser, "?:") && (peek(parser) == '?' || peek(parser) == '*'))
        return failure(parser);
    struct extent extent = parse_alternatives(parser);
    if (!accept(parser, ")"))
        return failure(parser);
    extent.is_literal = false;
    return is_around ? nothing : extent;
}

static struct extent parse_atom(struct parser *parser)
{
    int c = peek(parser);
    skip(parser, 1);
    if (c == '(')
        return parse_group(parser);
    if (c == '[')
        return parse_class(parser);
    if (c == '\\')
        return parse_escape(parser);
    if (c == '.')
        return place(parser, &all_bytes);
    if (c >= 0x80)
        return wide_literal(parser, (unsigned char)c);
    return strchr("^$*+?{", c) ? failure(parser) : literal(parser, (unsigned char)c);
}

static bool read_number(struct parser *parser, size_t *ret_value)
{
    size_t value = 0;
    bool any = false;
    for (; peek(parser) >= '0' && peek(parser) <= '9' && value < WIDE; any = true) {
        value = value * 10 + (size_t)(peek(parser) - '0');
        skip(parser, 1);
    }
    *ret_value = value;
    return any;
}

/* The quantifier that stands next; 1 and 1 when none does. */
static void parse_count(struct parser *parser, size_t *ret_least, size_t *ret_most)
{
    *ret_least = *ret_most = 1;
    if (accept(parser, "?")) {
        *ret_least = 0;
    } else if (accept(parser, "*")) {
        *ret_least = 0;
        *ret_most = WIDE;
    } else if (accept(parser, "+")) {
        *ret_most = WIDE;
    } else if (accept(parser, "{")) {
        bool right = read_number(parser, ret_least);
        *ret_most = *ret_least;
        if (right && accept(parser, ",") && !read_number(parser, ret_most))
            *ret_most = WIDE;
        parser->failed = parser->failed || !right || !accept(parser, "}");
    } else {
        return;
    }
    (void)(accept(parser, "?") || accept(parser, "+")); /* lazy and possessive match no more */
}

/* What stands at the first places of `all` with `part` behind it, where all is ASCII; *least and
 * all->narrow are how long `all` is. */
static void begin_then(struct extent *all, size_t least, const struct extent *part)
{
    for (size_t at = least; at <= all->narrow && at < NEEDS_BEGIN; at++) {
        for (size_t i = 0; at + i < NEEDS_BEGIN && i < part->narrow; i++)
            put_set(&all->begin[at + i], &part->begin[i]);
    }
    all->narrow = capped(all->narrow + part->narrow);
}

/* Of more than NEEDS_BEGIN in a row, the others begin behind the places that are looked at. */
static void begin_again(struct extent *all, const struct extent *one, size_t least, size_t most)
{
    struct extent begin = nothing;
    for (size_t i = 0; i < most && i < NEEDS_BEGIN; i++)
        begin_then(&begin, one->least * smaller(i, least), one);
    memcpy(all->begin, begin.begin, sizeof begin.begin);
    all->narrow = most == WIDE ? WIDE : capped(one->narrow * most);
}

static struct extent repeat(struct extent extent, size_t least, size_t most)
{
    if (least == 1 && most == 1)
        return extent;
    begin_again(&extent, &extent, least, most);
    extent.has_must = extent.has_must && least > 0;
    extent.least = capped(extent.least * least);
    extent.most = most == WIDE ? WIDE : capped(extent.most * most);
    extent.digit = extent.digit && least > 0;
    extent.literal = least > 0 ? extent.literal : 0;
    extent.is_literal = false;
    return extent;
}

/* Of two sets that a byte must be of, the one that fewer bytes are of. */
static void keep_rarer(struct extent *all, const struct extent *part)
{
    if (part->has_must && (!all->has_must || set_count(&part->must) < set_count(&all->must)))
        all->must = part->must;
    all->has_must = all->has_must || part->has_must;
}

static struct extent parse_sequence(struct parser *parser)
{
    struct extent all = nothing;
    size_t literals = 0; /* in a row */
    while (!parser->failed && parser->rest.n && peek(parser) != '|' && peek(parser) != ')') {
        struct extent part = parse_atom(parser);
        size_t least;
        size_t most;
        parse_count(parser, &least, &most);
        part = repeat(part, least, most);
        literals = part.is_literal ? literals + part.literal : 0;
        begin_then(&all, all.least, &part);
        keep_rarer(&all, &part);
        all.least = capped(all.least + part.least);
        all.most = capped(all.most + part.most);
        all.dense = all.dense && part.dense;
        all.digit = all.digit || part.digit;
        all.literal = larger(all.literal, larger(part.literal, literals));
    }
    return all;
}

static struct extent parse_alternatives(struct parser *parser)
{
    if (++parser->depth > DEPTH)
        return failure(parser);
    struct extent all = parse_sequence(parser);
    while (!parser->failed && accept(parser, "|")) {
        struct extent other = parse_sequence(parser);
        all.least = smaller(all.least, other.least);
        all.most = larger(all.most, other.most);
        all.dense = all.dense && other.dense;
        all.digit = all.digit && other.digit;
        all.literal = smaller(all.literal, other.literal);
        all.has_must = all.has_must && other.has_must;
        put_set(&all.must, &other.must);
        all.narrow = larger(all.narrow, other.narrow);
        for (size_t i = 0; i < NEEDS_BEGIN; i++)
            put_set(&all.begin[i], &other.begin[i]);
        parser->branches = parser->branches || parser->depth == 1;
    }
    parser->depth--;
    return all;
}

/* False: what follows is not told. */
static bool parse(const struct pattern_source *source, struct parser *parser,
                  struct extent *ret_extent)
{
    *parser = (struct parser){.rest = source->source, .caseless = source->flags & PATTERN_CASELESS};
    *ret_extent = parse_alternatives(parser);
    return !(source->flags & PATTERN_EXTENDED) && !parser->failed && parser->rest.n == 0;
}

struct pattern_needs pattern_needs(const struct pattern_source *source)
{
    struct parser parser;
    struct extent extent;
    if (!parse(source, &parser, &extent))
        return (struct pattern_needs){.holds = all_bytes, .must = all_bytes};
    return (struct pattern_needs){.known = true,
                                  .run = extent.dense && extent.least >= NEEDS_RUN_MIN,
                                  .digit = extent.digit,
                                  .literal = extent.literal >= LITERAL_MIN,
                                  .least = (uint32_t)extent.least,
                                  .holds = parser.holds,
                                  .must = extent.has_must ? extent.must : all_bytes};
}

/* The class of a look-behind that stands next and is nothing else. A class that says what it does
 * not hold is left out. */
static bool parse_behind(struct parser *parser, struct byte_set *ret_set)
{
    struct parser before = *parser;
    if (accept(parser, "(?<!") && accept(parser, "[") && peek(parser) != '^') {
        struct extent class = parse_class(parser);
        if (!parser->failed && accept(parser, ")")) {
            for (size_t i = 0; i < 2; i++)
                ret_set->v[i] |= class.must.v[i];
            return true;
        }
    }
    *parser = before;
    return false;
}

/* What may not stand before: a look-behind's class, and of \b, where letters, digits and
 * underscores begin the match, those. */
static void note_before(const struct pattern_source *source, struct needs_begin *begin)
{
    struct byte_set word = {{0}};
    struct parser parser = {.rest = source->source, .caseless = source->flags & PATTERN_CASELESS};
    (void)parse_behind(&parser, &begin->not_before);
    if (!accept(&parser, "\\b"))
        return;
    (void)named_set('w', &word);
    for (size_t i = 0; i < 2; i++) {
        if (begin->at[0].v[i] & ~word.v[i])
            return;
    }
    put_set(&begin->not_before, &word);
}

bool needs_begin(const struct pattern_source *source, struct needs_begin *ret_begin)
{
    struct parser parser;
    struct extent extent;
    *ret_begin = (struct needs_begin){.not_before = {{0}}};
    if (!parse(source, &parser, &extent) || extent.least == 0)
        return false;
    for (size_t i = 0; i < NEEDS_BEGIN; i++)
        ret_begin->at[i] = i < extent.least ? extent.begin[i] : all_bytes;
    if (!parser.branches)
        note_before(source, ret_begin);
    return true;
}

bool needs_occur(const struct pattern_needs *needs, struct dvara_str text, size_t from)
{
    size_t least = needs->least ? needs->least : 1;
    size_t floor = from; /* bytes before it are in no such row */
    while (text.n - floor >= least) {
        size_t at = floor + least;
        /* Three at once, which is easier to foresee: if one is none, a row begins behind the first
         * of them at best. */
        if (least > 3 && !((unsigned)byte_set_has(&needs->holds, (unsigned char)text.p[at - 1]) &
                           (unsigned)byte_set_has(&needs->holds, (unsigned char)text.p[at - 2]) &
                           (unsigned)byte_set_has(&needs->holds, (unsigned char)text.p[at - 3]))) {
            floor = at - 2;
            continue;
        }
        while (at > floor && byte_set_has(&needs->holds, (unsigned char)text.p[at - 1]))
            at--;
        if (at == floor)
            return true;
        floor = at;
    }
    return false;
}

bool needs_may_begin(const struct pattern_needs *needs, struct dvara_str text, size_t from)
{
    bool must = false;
    size_t at = from;
    for (; at < text.n && byte_set_has(&needs->holds, (unsigned char)text.p[at]); at++)
        must = must || byte_set_has(&needs->must, (unsigned char)text.p[at]);
    return at == text.n || (must && at - from >= needs->least);
}

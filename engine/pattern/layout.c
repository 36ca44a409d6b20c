/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/layout.h"

#include "base/arena.h"
#include "pattern/text.h"

/* A way of writing, place by place: a set of letters and digits, or a separator (the top bit and
 * the byte). */
#define IS_SEPARATOR (UINT64_C(1) << 63)
enum { PLACES = LAYOUT_CHARACTERS + LAYOUT_GROUPS, DEPTH = 16 };

struct way {
    uint8_t n;
    uint64_t places[PLACES];
};

struct ways {
    struct way *v;
    size_t n;
};

struct parser {
    struct dvara_str rest;
    struct arena *arena;
    bool caseless;
    bool failed;
    unsigned depth;
};

uint64_t layout_bit(unsigned char c)
{
    if (text_is_digit(c))
        return UINT64_C(1) << (c - '0');
    if (text_is_upper(c))
        return UINT64_C(1) << (c - 'A' + 10);
    return text_is_alpha(c) ? UINT64_C(1) << (c - 'a' + 36) : 0;
}

bool layout_is_separator(unsigned char c)
{
    return c && strchr(" -./:,_'+()", c);
}

static struct ways failure(struct parser *parser)
{
    parser->failed = true;
    return (struct ways){NULL, 0};
}

static struct ways new_ways(struct parser *parser, size_t n)
{
    if (n > LAYOUT_MAX)
        return failure(parser);
    struct ways ways = {.v = ARENA_ARRAY(parser->arena, n, struct way), .n = n};
    return ways.v ? ways : failure(parser);
}

static int peek(const struct parser *parser)
{
    return parser->rest.n ? (unsigned char)parser->rest.p[0] : -1;
}

static void skip(struct parser *parser, size_t n)
{
    parser->rest.p += n;
    parser->rest.n -= n;
}

static bool accept(struct parser *parser, struct dvara_str s)
{
    if (!dvara_str_starts_with(parser->rest, s))
        return false;
    skip(parser, s.n);
    return true;
}

/* What a place can hold: letters and digits of `set`, or one of `separators`. */
struct choice {
    uint64_t set;
    char separators[16];
    size_t n;
};

static void choose(struct parser *parser, struct choice *choice, unsigned char c)
{
    uint64_t bit = layout_bit(c);
    if (bit && parser->caseless && text_is_alpha(c))
        bit |= layout_bit((unsigned char)(c ^ 32));
    choice->set |= bit;
    if (bit)
        return;
    if (!layout_is_separator(c) || choice->n == sizeof choice->separators)
        parser->failed = true;
    else
        choice->separators[choice->n++] = (char)c;
}

/* After a backslash: \d, or an escaped mark. */
static void choose_escape(struct parser *parser, struct choice *choice)
{
    int c = peek(parser);
    skip(parser, c < 0 ? 0 : 1);
    if (c == 'd')
        choice->set |= LAYOUT_DIGITS;
    else if (c < 0 || text_is_alnum((unsigned char)c))
        parser->failed = true;
    else
        choose(parser, choice, (unsigned char)c);
}

static void choose_range(struct parser *parser, struct choice *choice, unsigned char first)
{
    unsigned char last = (unsigned char)parser->rest.p[1];
    bool alike = (text_is_digit(first) && text_is_digit(last)) ||
                 (text_is_alpha(first) && text_is_alpha(last) && (first & 32) == (last & 32));
    if (!alike || last < first) {
        parser->failed = true;
        return;
    }
    for (unsigned c = first; c <= last; c++)
        choose(parser, choice, (unsigned char)c);
    skip(parser, 2);
}

/* After the opening bracket. */
static void choose_class(struct parser *parser, struct choice *choice)
{
    if (peek(parser) == '^' || peek(parser) == ']')
        parser->failed = true;
    while (!parser->failed && peek(parser) != ']') {
        int c = peek(parser);
        if (c < 0 || c == '[') {
            parser->failed = true;
            return;
        }
        skip(parser, 1);
        if (c == '\\')
            choose_escape(parser, choice);
        else if (parser->rest.n > 1 && peek(parser) == '-' && parser->rest.p[1] != ']')
            choose_range(parser, choice, (unsigned char)c);
        else
            choose(parser, choice, (unsigned char)c);
    }
    skip(parser, parser->failed ? 0 : 1);
}

static struct ways ways_of(struct parser *parser, const struct choice *choice)
{
    struct ways ways = new_ways(parser, choice->n + (choice->set != 0));
    if (parser->failed)
        return ways;
    size_t at = 0;
    if (choice->set)
        ways.v[at++] = (struct way){.n = 1, .places = {choice->set}};
    for (size_t i = 0; i < choice->n; i++)
        ways.v[at++] =
            (struct way){.n = 1, .places = {IS_SEPARATOR | (unsigned char)choice->separators[i]}};
    return ways;
}

static struct ways join(struct parser *parser, struct ways left, struct ways right)
{
    if (left.n * right.n > LAYOUT_MAX)
        return failure(parser);
    struct ways joined = new_ways(parser, left.n * right.n);
    for (size_t i = 0; !parser->failed && i < joined.n; i++) {
        const struct way *a = &left.v[i / right.n];
        const struct way *b = &right.v[i % right.n];
        struct way *way = &joined.v[i];
        if (a->n + b->n > PLACES)
            return failure(parser);
        *way = *a;
        memcpy(way->places + a->n, b->places, b->n * sizeof *b->places);
        way->n = (uint8_t)(a->n + b->n);
    }
    return joined;
}

static struct ways unite(struct parser *parser, struct ways left, struct ways right)
{
    struct ways united = new_ways(parser, left.n + right.n);
    if (parser->failed)
        return united;
    if (left.n)
        memcpy(united.v, left.v, left.n * sizeof *left.v);
    if (right.n)
        memcpy(united.v + left.n, right.v, right.n * sizeof *right.v);
    return united;
}

static struct ways nothing(struct parser *parser)
{
    return new_ways(parser, 1); /* one way, of no places: arenas give zeroes */
}

/* ways{low,high} */
static struct ways repeat(struct parser *parser, struct ways ways, unsigned low, unsigned high)
{
    struct ways all = {NULL, 0};
    struct ways power = nothing(parser);
    for (unsigned i = 0; !parser->failed && i <= high; i++) {
        if (i >= low)
            all = unite(parser, all, power);
        if (i < high)
            power = join(parser, power, ways);
    }
    return all;
}

static bool read_number(struct parser *parser, unsigned *ret_value)
{
    unsigned value = 0;
    size_t n = 0;
    for (; text_is_digit((unsigned char)peek(parser)) && peek(parser) >= 0 && n < 3; n++) {
        value = value * 10 + (unsigned)(peek(parser) - '0');
        skip(parser, 1);
    }
    *ret_value = value;
    return n > 0;
}

static struct ways quantify(struct parser *parser, struct ways ways)
{
    int c = peek(parser);
    unsigned low = 1;
    unsigned high = 1;
    if (c == '*' || c == '+')
        return failure(parser);
    if (c == '?') {
        low = 0;
        skip(parser, 1);
    } else if (c == '{') {
        skip(parser, 1);
        if (!read_number(parser, &low))
            return failure(parser);
        high = low;
        if (accept(parser, DVARA_STR(",")) && !read_number(parser, &high))
            return failure(parser);
        if (!accept(parser, DVARA_STR("}")) || high < low || high > PLACES)
            return failure(parser);
    } else {
        return ways;
    }
    if (peek(parser) == '?' || peek(parser) == '+') /* lazy, possessive */
        return failure(parser);
    return repeat(parser, ways, low, high);
}

static struct ways parse_alternatives(struct parser *parser);

static struct ways parse_atom(struct parser *parser)
{
    struct choice choice = {0};
    int c = peek(parser);
    skip(parser, 1);
    if (c == '(') {
        if (peek(parser) == '?' && !accept(parser, DVARA_STR("?:")))
            return failure(parser);
        if (peek(parser) == '*')
            return failure(parser);
        struct ways ways = parse_alternatives(parser);
        return accept(parser, DVARA_STR(")")) ? ways : failure(parser);
    }
    if (c == '[')
        choose_class(parser, &choice);
    else if (c == '\\')
        choose_escape(parser, &choice);
    else if (strchr(".^$*+?{", c))
        parser->failed = true;
    else
        choose(parser, &choice, (unsigned char)c);
    return parser->failed ? failure(parser) : ways_of(parser, &choice);
}

static struct ways parse_sequence(struct parser *parser)
{
    struct ways ways = nothing(parser);
    while (!parser->failed && parser->rest.n && peek(parser) != '|' && peek(parser) != ')')
        ways = join(parser, ways, quantify(parser, parse_atom(parser)));
    return ways;
}

static struct ways parse_alternatives(struct parser *parser)
{
    if (++parser->depth > DEPTH)
        return failure(parser);
    struct ways ways = parse_sequence(parser);
    while (!parser->failed && accept(parser, DVARA_STR("|")))
        ways = unite(parser, ways, parse_sequence(parser));
    parser->depth--;
    return ways;
}

/* A way as groups. False: it begins or ends with a separator, holds two in a row, is too long, or
 * has no place in its first groups that only a digit can take. */
static bool lay_out(const struct way *way, struct layout *layout)
{
    bool digit = false;
    *layout = (struct layout){.n_groups = 1};
    for (size_t i = 0; i < way->n; i++) {
        uint64_t place = way->places[i];
        if (place & IS_SEPARATOR) {
            if (layout->lengths[layout->n_groups - 1] == 0 || layout->n_groups == LAYOUT_GROUPS)
                return false;
            layout->separators[layout->n_groups++] = (char)(place & 0xFF);
            continue;
        }
        if (layout->n == LAYOUT_CHARACTERS)
            return false;
        digit = digit || (!(place & ~LAYOUT_DIGITS) && layout->n_groups <= LAYOUT_LEAD + 1);
        layout->sets[layout->n++] = place;
        layout->lengths[layout->n_groups - 1]++;
    }
    return digit && layout->lengths[layout->n_groups - 1] > 0;
}

/* The pattern between its two \b; false when it has not both around all of it. */
static bool strip_boundaries(struct dvara_str *source)
{
    if (source->n < 5 || !dvara_str_starts_with(*source, DVARA_STR("\\b")) ||
        !dvara_str_ends_with(*source, DVARA_STR("\\b")) || source->p[source->n - 3] == '\\')
        return false;
    *source = dvara_str_slice(*source, 2, source->n - 2);
    return true;
}

/* A bar outside all brackets would part the two \b. */
static bool has_bar_outside(struct dvara_str source)
{
    int depth = 0;
    for (size_t i = 0; i < source.n; i++) {
        char c = source.p[i];
        if (c == '\\')
            i++;
        else if (c == '(' || c == '[')
            depth++;
        else if (c == ')' || c == ']')
            depth--;
        else if (c == '|' && depth == 0)
            return true;
    }
    return false;
}

size_t layout_parse(const struct pattern_source *source, struct arena *arena, struct layout **ret_v)
{
    struct parser parser = {
        .rest = source->source, .arena = arena, .caseless = source->flags & PATTERN_CASELESS};
    if ((source->flags & PATTERN_EXTENDED) || !strip_boundaries(&parser.rest) ||
        has_bar_outside(parser.rest))
        return 0;
    struct ways ways = parse_alternatives(&parser);
    if (parser.failed || parser.rest.n)
        return 0;
    struct layout *v = ARENA_ARRAY(arena, ways.n, struct layout);
    for (size_t i = 0; v && i < ways.n; i++) {
        if (!lay_out(&ways.v[i], &v[i]))
            return 0;
    }
    *ret_v = v;
    return v ? ways.n : 0;
}

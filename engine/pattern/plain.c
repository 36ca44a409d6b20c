/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/plain.h"

#include "base/buf.h"
#include "pattern/text.h"

#include <stdlib.h>

/* A set of places: one byte each, text.n + 1 of them. Every production takes the places where it
 * may begin and gives those where it may end; text it cannot take moves nothing. In sampling mode
 * there is no text: atoms append one of their members to `out`. */
struct plain {
    struct dvara_str source;
    size_t at; /* in source */
    uint32_t flags;
    bool code_points;
    struct dvara_str text;
    size_t places;
    struct buf *out; /* sampling */
    bool skipping;   /* sampling: parse, append nothing */
    bool failed;
    unsigned depth;
};

static void read_alternatives(struct plain *plain, uint8_t *set);

static int peek(const struct plain *plain)
{
    return plain->at < plain->source.n ? (unsigned char)plain->source.p[plain->at] : -1;
}

static bool take(struct plain *plain, char c)
{
    if (peek(plain) != (unsigned char)c)
        return false;
    plain->at++;
    return true;
}

static uint8_t *new_set(struct plain *plain)
{
    uint8_t *set = calloc(1, plain->places);
    if (!set)
        plain->failed = true;
    return set;
}

static bool is_empty(const struct plain *plain, const uint8_t *set)
{
    return memchr(set, 1, plain->places) == NULL;
}

/* A character class: a bit for each byte, and whether code points over U+007F belong. */
struct members {
    uint8_t has[256];
    bool wide;
};

static void add_range(struct members *members, unsigned first, unsigned last)
{
    for (unsigned c = first; c <= last && c < 256; c++)
        members->has[c] = 1;
}

/* \d \w \s and their opposites; false when the letter names no class. */
static bool add_named(struct members *members, int letter)
{
    struct members named = {0};
    switch (letter | 32) {
    case 'd':
        add_range(&named, '0', '9');
        break;
    case 'w':
        add_range(&named, '0', '9');
        add_range(&named, 'a', 'z');
        add_range(&named, 'A', 'Z');
        add_range(&named, '_', '_');
        break;
    case 's':
        add_range(&named, '\t', '\r');
        add_range(&named, ' ', ' ');
        break;
    default:
        return false;
    }
    bool opposite = letter < 'a';
    for (unsigned c = 0; c < 128; c++)
        members->has[c] |= (uint8_t)(named.has[c] ^ (opposite ? 1 : 0));
    members->wide = members->wide || opposite;
    return true;
}

static int hex_value(int c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte after a backslash that stands for one character; -1: not known here. */
static int read_escape(struct plain *plain)
{
    static const char letters[] = "ntrfae";
    static const char values[] = {'\n', '\t', '\r', '\f', '\a', 27};
    int c = peek(plain);
    if (c < 0)
        return -1;
    plain->at++;
    const char *known = strchr(letters, c);
    if (known && c)
        return values[known - letters];
    if (c == 'x') {
        int high = hex_value(peek(plain));
        if (high < 0)
            return -1;
        plain->at++;
        int low = hex_value(peek(plain));
        if (low < 0)
            return high;
        plain->at++;
        return high * 16 + low;
    }
    return text_is_alnum((unsigned char)c) ? -1 : c;
}

static int read_class_character(struct plain *plain)
{
    int c = peek(plain);
    plain->at++;
    if (c >= 0x80 || (c == '[' && peek(plain) == ':')) {
        plain->failed = true;
        return 0;
    }
    if (c != '\\')
        return c;
    if (take(plain, 'b'))
        return '\b';
    c = read_escape(plain);
    if (c < 0 || c >= 0x80)
        plain->failed = true;
    return c < 0 ? 0 : c;
}

static void fold_members(struct members *members)
{
    for (unsigned c = 'a'; c <= 'z'; c++) {
        uint8_t any = members->has[c] | members->has[c - 32];
        members->has[c] = members->has[c - 32] = any;
    }
}

static void read_class(struct plain *plain, struct members *members)
{
    bool negated = take(plain, '^');
    for (bool first = true; !plain->failed; first = false) {
        int c = peek(plain);
        if (c < 0) {
            plain->failed = true;
            return;
        }
        if (c == ']' && !first)
            break;
        if (c == '\\' && plain->at + 1 < plain->source.n &&
            add_named(members, plain->source.p[plain->at + 1])) {
            plain->at += 2;
            continue;
        }
        int low = read_class_character(plain);
        int high = low;
        if (peek(plain) == '-' && plain->at + 1 < plain->source.n &&
            plain->source.p[plain->at + 1] != ']') {
            plain->at++;
            high = read_class_character(plain);
        }
        add_range(members, (unsigned)low, (unsigned)high);
    }
    plain->at++;
    if (plain->flags & PATTERN_CASELESS)
        fold_members(members);
    if (negated) {
        for (unsigned c = 0; c < 128; c++)
            members->has[c] ^= 1;
        members->wide = !members->wide;
    }
}

static void sample_members(struct plain *plain, const struct members *members)
{
    static const char liked[] = "a0A1-_. ";
    if (plain->skipping)
        return;
    for (size_t i = 0; liked[i]; i++) {
        if (members->has[(unsigned char)liked[i]]) {
            buf_byte(plain->out, liked[i]);
            return;
        }
    }
    for (unsigned c = 1; c < 128; c++) {
        if (members->has[c]) {
            buf_byte(plain->out, (char)c);
            return;
        }
    }
    plain->failed = true;
}

/* Moves every place over one member. */
static void step(struct plain *plain, const struct members *members, uint8_t *set)
{
    if (plain->out) {
        sample_members(plain, members);
        return;
    }
    uint8_t *moved = new_set(plain);
    if (!moved)
        return;
    for (size_t i = 0; i < plain->text.n; i++) {
        if (!set[i])
            continue;
        unsigned char c = (unsigned char)plain->text.p[i];
        size_t after = i + 1;
        if (c < 0x80 || !plain->code_points
                ? members->has[c] || (c >= 0x80 && members->wide)
                : members->wide && text_next(plain->text, i, &after) != TEXT_BAD)
            moved[after] = 1;
    }
    memcpy(set, moved, plain->places);
    free(moved);
}

static bool word_at(const struct plain *plain, size_t at)
{
    return at < plain->text.n &&
           (text_is_alnum((unsigned char)plain->text.p[at]) || plain->text.p[at] == '_');
}

/* Keeps the places where the assertion holds. */
static void assert_places(struct plain *plain, int what, uint8_t *set)
{
    size_t n = plain->text.n;
    for (size_t i = 0; !plain->out && i <= n; i++) {
        bool edge = (i > 0 && word_at(plain, i - 1)) != word_at(plain, i);
        bool last = i == n || (i + 1 == n && plain->text.p[i] == '\n');
        bool holds = what == 'b'   ? edge
                     : what == 'B' ? !edge
                     : what == '^' ? i == 0
                     : what == 'z' ? i == n
                                   : last;
        set[i] = set[i] && holds;
    }
}

static void read_backslash(struct plain *plain, uint8_t *set)
{
    struct members members = {0};
    int c = peek(plain);
    if (c == 'b' || c == 'B' || c == 'z' || c == 'Z' || c == 'A') {
        plain->at++;
        assert_places(plain, c == 'A' ? '^' : c == 'Z' ? '$' : c, set);
        return;
    }
    if (c >= 0 && add_named(&members, c)) {
        plain->at++;
    } else {
        c = read_escape(plain);
        if (c < 0) {
            plain->failed = true;
            return;
        }
        members.has[c] = 1;
        if (plain->flags & PATTERN_CASELESS)
            fold_members(&members);
    }
    step(plain, &members, set);
}

/* (?:…) (?i) (?i:…) (…); anything else after (? is not known. */
static void read_group(struct plain *plain, uint8_t *set)
{
    uint32_t outer = plain->flags;
    if (take(plain, '?')) {
        for (int c; c = peek(plain), c == 'i' || c == 's' || c == 'x'; plain->at++)
            plain->flags |= c == 'i'   ? PATTERN_CASELESS
                            : c == 's' ? PATTERN_DOTALL
                                       : PATTERN_EXTENDED;
        if (take(plain, ')'))
            return; /* holds to the end of the group around it */
        if (!take(plain, ':')) {
            plain->failed = true;
            return;
        }
    }
    read_alternatives(plain, set);
    if (!take(plain, ')'))
        plain->failed = true;
    plain->flags = outer;
}

static void read_atom(struct plain *plain, uint8_t *set)
{
    struct members members = {0};
    int c = peek(plain);
    plain->at++;
    if (c == '\\') {
        read_backslash(plain, set);
        return;
    }
    if (c == '(') {
        read_group(plain, set);
        return;
    }
    if (c == '^' || c == '$') {
        assert_places(plain, c, set);
        return;
    }
    if (c == '[') {
        read_class(plain, &members);
    } else if (c == '.') {
        add_range(&members, 0, 127);
        members.has['\n'] = plain->flags & PATTERN_DOTALL ? 1 : 0;
        members.wide = true;
    } else {
        members.has[c & 255] = 1;
        if (c < 0x80 && plain->flags & PATTERN_CASELESS)
            fold_members(&members);
        if (c >= 0x80 && plain->code_points && !plain->out) {
            /* A literal over U+007F: its bytes in a row. */
            bool code_points = plain->code_points;
            plain->code_points = false;
            step(plain, &members, set);
            plain->code_points = code_points;
            return;
        }
    }
    if (!plain->failed)
        step(plain, &members, set);
}

static bool read_number(struct plain *plain, unsigned *ret_value)
{
    size_t start = plain->at;
    *ret_value = 0;
    for (int c; c = peek(plain), c >= '0' && c <= '9' && *ret_value < 100000; plain->at++)
        *ret_value = *ret_value * 10 + (unsigned)(c - '0');
    return plain->at > start;
}

/* ? * + {n} {n,} {n,m} and their lazy forms, which end at the same places. */
static void read_quantifier(struct plain *plain, unsigned *ret_low, unsigned *ret_high)
{
    size_t start = plain->at;
    *ret_low = *ret_high = 1;
    if (take(plain, '?')) {
        *ret_low = 0;
    } else if (take(plain, '*')) {
        *ret_low = 0;
        *ret_high = UINT32_MAX;
    } else if (take(plain, '+')) {
        *ret_high = UINT32_MAX;
    } else if (take(plain, '{')) {
        if (!read_number(plain, ret_low)) {
            plain->at = start;
            return;
        }
        *ret_high = *ret_low;
        if (take(plain, ',') && !read_number(plain, ret_high))
            *ret_high = UINT32_MAX;
        if (!take(plain, '}'))
            plain->failed = true;
    } else {
        return;
    }
    if (take(plain, '+'))
        plain->failed = true; /* possessive */
    (void)take(plain, '?');
}

static void run_atom(struct plain *plain, size_t at, uint8_t *set)
{
    plain->at = at;
    read_atom(plain, set);
}

/* The atom at `atom`, low to high times; `set` holds the places before it. */
static void repeat(struct plain *plain, size_t atom, unsigned low, unsigned high, uint8_t *set)
{
    uint8_t *ends = new_set(plain);
    uint8_t *before = new_set(plain);
    for (unsigned i = 0; !plain->failed && !is_empty(plain, set); i++) {
        if (i >= low) {
            memcpy(before, ends, plain->places);
            for (size_t k = 0; k < plain->places; k++)
                ends[k] |= set[k];
            if (memcmp(before, ends, plain->places) == 0)
                break; /* nothing new: more rounds add nothing */
        }
        if (i == high)
            break;
        run_atom(plain, atom, set);
    }
    if (!plain->failed)
        memcpy(set, ends, plain->places);
    free(ends);
    free(before);
}

static void sample_repeat(struct plain *plain, size_t atom, unsigned low)
{
    for (unsigned i = 1; i < low && !plain->failed; i++)
        run_atom(plain, atom, NULL);
}

static void read_piece(struct plain *plain, uint8_t *set)
{
    size_t atom = plain->at;
    unsigned low;
    unsigned high;
    uint8_t *nowhere = plain->out ? NULL : new_set(plain);
    bool skipping = plain->skipping;
    size_t sampled = plain->out ? plain->out->n : 0;
    uint32_t flags = plain->flags;
    run_atom(plain, atom, nowhere); /* to find where it ends */
    uint32_t after_flags = plain->flags;
    read_quantifier(plain, &low, &high);
    size_t after = plain->at;
    if (plain->out) {
        if (low == 0 && !skipping)
            plain->out->n = sampled;
        sample_repeat(plain, atom, low);
    } else if (!plain->failed) {
        plain->flags = flags;
        repeat(plain, atom, low, high, set);
    }
    plain->flags = after_flags;
    plain->at = after;
    free(nowhere);
}

static void skip_extended(struct plain *plain)
{
    while (plain->flags & PATTERN_EXTENDED) {
        int c = peek(plain);
        if (c == '#') {
            while (peek(plain) >= 0 && peek(plain) != '\n')
                plain->at++;
        } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
            plain->at++;
        } else {
            return;
        }
    }
}

static void read_sequence(struct plain *plain, uint8_t *set)
{
    for (;;) {
        skip_extended(plain);
        int c = peek(plain);
        if (plain->failed || c < 0 || c == '|' || c == ')')
            return;
        read_piece(plain, set);
    }
}

static void read_alternatives(struct plain *plain, uint8_t *set)
{
    if (++plain->depth > PLAIN_MAX_DEPTH) {
        plain->failed = true;
        return;
    }
    bool skipping = plain->skipping;
    uint8_t *before = plain->out ? NULL : new_set(plain);
    uint8_t *ends = plain->out ? NULL : new_set(plain);
    if (before && set)
        memcpy(before, set, plain->places);
    for (bool more = true; more && !plain->failed; more = take(plain, '|')) {
        if (set && before)
            memcpy(set, before, plain->places);
        read_sequence(plain, set);
        for (size_t i = 0; set && ends && i < plain->places; i++)
            ends[i] |= set[i];
        plain->skipping = true; /* a sample takes the first alternative */
    }
    if (set && ends)
        memcpy(set, ends, plain->places);
    plain->skipping = skipping;
    free(before);
    free(ends);
    plain->depth--;
}

/* Non-empty matches: a match from s ends after s. Starts are walked one by one, so that an empty
 * match at a place is not taken for the end of another. */
bool plain_ends(const struct pattern_source *source, struct dvara_str text, bool code_points,
                uint8_t *ret_ends)
{
    if (text.n > PLAIN_MAX_TEXT)
        return false;
    struct plain plain = {.source = source->source,
                          .flags = source->flags,
                          .code_points = code_points,
                          .text = text,
                          .places = text.n + 1};
    memset(ret_ends, 0, plain.places);
    uint8_t *set = new_set(&plain);
    for (size_t start = 0; start < text.n && !plain.failed; start++) {
        memset(set, 0, plain.places);
        set[start] = 1;
        plain.at = 0;
        plain.flags = source->flags;
        read_alternatives(&plain, set);
        plain.failed = plain.failed || plain.at != plain.source.n;
        for (size_t end = start + 1; end <= text.n; end++)
            ret_ends[end] |= set[end];
    }
    free(set);
    return !plain.failed;
}

bool plain_sample(const struct pattern_source *source, struct buf *out)
{
    struct plain plain = {
        .source = source->source, .flags = source->flags, .out = out, .places = 1};
    read_alternatives(&plain, NULL);
    return !plain.failed && plain.at == plain.source.n && !buf_failed(out);
}

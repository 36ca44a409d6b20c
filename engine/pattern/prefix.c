/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/prefix.h"

#include "pattern/text.h"

/* Prefixes grow together, element by element, until one cannot be read or is full. */
struct growth {
    struct prefix *v;
    size_t n;
    bool caseless;
};

bool prefix_is_bounded(const struct pattern_source *source)
{
    return dvara_str_starts_with(source->source, DVARA_STR("\\b"));
}

static bool is_quantifier(struct dvara_str s, size_t at)
{
    return at < s.n && strchr("*+?{", s.p[at]) && s.p[at];
}

/* The literal byte at `at`, an escaped mark included; -1: none. */
static int literal_at(struct dvara_str s, size_t at, size_t *ret_after)
{
    if (at >= s.n)
        return -1;
    char c = s.p[at];
    *ret_after = at + 1;
    if (c == '\\') {
        if (at + 1 >= s.n || text_is_alnum((unsigned char)s.p[at + 1]))
            return -1;
        *ret_after = at + 2;
        return (unsigned char)s.p[at + 1];
    }
    return strchr(".^$*+?()[{|", c) ? -1 : (unsigned char)c;
}

/* The literal character at `at`, its bytes in ret_bytes; 0: none, or one with another case that
 * matters. */
static size_t character_at(struct dvara_str s, size_t at, bool caseless, char ret_bytes[4],
                           size_t *ret_after)
{
    int c = literal_at(s, at, ret_after);
    if (c < 0 || (c >= 0x80 && caseless))
        return 0;
    ret_bytes[0] = (char)c;
    if (c < 0x80)
        return 1;
    (void)text_next(s, at, ret_after);
    memcpy(ret_bytes, s.p + at, *ret_after - at);
    return *ret_after - at;
}

static void append(struct prefix *prefix, const char *bytes, size_t n)
{
    for (size_t i = 0; i < n && prefix->n < PREFIX_BYTES; i++)
        prefix->p[prefix->n++] = bytes[i];
}

/* The bracket that closes the class at `at`. */
static size_t class_end(struct dvara_str s, size_t at)
{
    size_t first = at + 1 < s.n && s.p[at + 1] == '^' ? at + 2 : at + 1;
    for (at = first; at < s.n && (s.p[at] != ']' || at == first); at++)
        at += s.p[at] == '\\' ? 1 : 0;
    return at;
}

/* Members of the class at `at`, all ASCII, without ranges; 0: not such a class. */
static size_t class_members(struct dvara_str s, size_t at, char *members, size_t most,
                            size_t *ret_after)
{
    size_t n = 0;
    for (at++; at < s.n && s.p[at] != ']'; at++) {
        if (n == most || s.p[at] == '\\' || s.p[at] == '^' || s.p[at] == '-' || s.p[at] == '[' ||
            (unsigned char)s.p[at] >= 0x80)
            return 0;
        members[n++] = s.p[at];
    }
    *ret_after = at + 1;
    return at < s.n ? n : 0;
}

/* The beginnings of the alternatives of a group. */
struct group {
    struct prefix v[PREFIX_MAX];
    size_t n;
    bool cut; /* some alternative goes on behind its beginning */
};

static bool add_member(struct group *group, const struct prefix *member)
{
    if (group->n == PREFIX_MAX)
        return false;
    group->v[group->n++] = *member;
    return true;
}

/* Where the alternative ends that `at` stands in: at its bar, or at the bracket that closes the
 * group; s.n: it is not closed. */
static size_t alternative_end(struct dvara_str s, size_t at)
{
    int depth = 0;
    for (; at < s.n; at++) {
        if (s.p[at] == '\\')
            at++;
        else if (s.p[at] == '[')
            at = class_end(s, at);
        else if (depth == 0 && (s.p[at] == '|' || s.p[at] == ')'))
            return at;
        else if (s.p[at] == '(')
            depth++;
        else if (s.p[at] == ')')
            depth--;
    }
    return s.n;
}

/* Reads the literals from `at` on as far as they go; what may be left out and comes first makes two
 * members. False: too many. */
static bool read_alternative(struct dvara_str s, size_t at, size_t end, bool caseless,
                             struct group *group)
{
    struct prefix member = {.n = 0};
    struct prefix without = {.n = 0};
    bool two = false;
    while (at < end && member.n < PREFIX_BYTES) {
        size_t after;
        char bytes[4];
        size_t n = character_at(s, at, caseless, bytes, &after);
        bool optional = n && after < end && s.p[after] == '?';
        if (n == 0 || (is_quantifier(s, after) && !(optional && member.n == 0)))
            break;
        two = two || optional;
        append(&member, bytes, n);
        if (!optional && two)
            append(&without, bytes, n);
        at = after + (optional ? 1 : 0);
    }
    group->cut = group->cut || at < end || two;
    return add_member(group, &member) && (!two || add_member(group, &without));
}

/* The group whose alternatives begin at `at`. False: one has no beginning. */
static bool read_group(struct dvara_str s, size_t at, bool caseless, struct group *group,
                       size_t *ret_after)
{
    *group = (struct group){.n = 0};
    for (;; at++) {
        size_t end = alternative_end(s, at);
        if (end >= s.n || !read_alternative(s, at, end, caseless, group))
            return false;
        at = end;
        if (s.p[at] == ')')
            break;
    }
    *ret_after = at + 1;
    for (size_t i = 0; i < group->n; i++) {
        if (group->v[i].n == 0)
            return false;
    }
    return true;
}

/* Each prefix so far with each member after it, as much as there is room for. False: too many. */
static bool multiply(struct growth *growth, const struct prefix *members, size_t n)
{
    size_t before = growth->n;
    if (before * n > PREFIX_MAX)
        return false;
    for (size_t i = before * n; i-- > 0;) {
        struct prefix prefix = growth->v[i / n];
        const struct prefix *member = &members[i % n];
        for (size_t k = 0; k < member->n && prefix.n < PREFIX_BYTES; k++)
            prefix.p[prefix.n++] = growth->caseless ? text_fold(member->p[k]) : member->p[k];
        growth->v[i] = prefix;
    }
    growth->n = before * n;
    return true;
}

static bool is_full(const struct growth *growth)
{
    for (size_t i = 0; i < growth->n; i++) {
        if (growth->v[i].n == PREFIX_BYTES)
            return true;
    }
    return false;
}

/* Takes one element at *at; false: the prefixes end before it, or with it. */
static bool grow(struct growth *growth, struct dvara_str s, size_t *at)
{
    struct group group = {.n = 0};
    char characters[16];
    size_t after = *at;
    struct prefix character = {.n = 0};
    if (is_full(growth) || *at >= s.n)
        return false;
    character.n = character_at(s, *at, growth->caseless, character.p, &after);
    if (character.n) {
        (void)add_member(&group, &character);
    } else if (s.p[*at] == '[') {
        size_t n = class_members(s, *at, characters, sizeof characters, &after);
        for (size_t i = 0; i < n; i++)
            (void)add_member(&group, &(struct prefix){.p = {characters[i]}, .n = 1});
    } else if (s.p[*at] == '(') {
        bool plain = dvara_str_starts_with(dvara_str_slice(s, *at, s.n), DVARA_STR("(?:"));
        if (!read_group(s, *at + (plain ? 3 : 1), growth->caseless, &group, &after))
            return false;
    }
    if (group.n == 0 || is_quantifier(s, after) || !multiply(growth, group.v, group.n))
        return false;
    *at = after;
    return !group.cut;
}

static bool has_bar_outside(struct dvara_str s)
{
    int depth = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\\')
            i++;
        else if (s.p[i] == '(' || s.p[i] == '[')
            depth++;
        else if (s.p[i] == ')' || s.p[i] == ']')
            depth--;
        else if (s.p[i] == '|' && depth <= 0)
            return true;
    }
    return false;
}

size_t prefix_list(const struct pattern_source *source, struct prefix ret_v[PREFIX_MAX])
{
    struct dvara_str s = source->source;
    struct growth growth = {.v = ret_v, .n = 1, .caseless = source->flags & PATTERN_CASELESS};
    size_t at = prefix_is_bounded(source) ? 2 : 0;
    if ((source->flags & PATTERN_EXTENDED) || has_bar_outside(s))
        return 0;
    ret_v[0].n = 0;
    while (at < s.n && grow(&growth, s, &at))
        ;
    for (size_t i = 0; i < growth.n; i++) {
        if (ret_v[i].n < 2)
            return 0;
    }
    return growth.n;
}

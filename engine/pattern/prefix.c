/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/prefix.h"

#include "pattern/text.h"

/* Prefixes grow together, element by element, until one cannot be read. */
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

static bool is_full(const struct growth *growth)
{
    for (size_t i = 0; i < growth->n; i++) {
        if (growth->v[i].n == PREFIX_BYTES)
            return true;
    }
    return false;
}

static void append(struct growth *growth, char c)
{
    for (size_t i = 0; i < growth->n; i++)
        growth->v[i].p[growth->v[i].n++] = growth->caseless ? text_fold(c) : c;
}

/* Members of the class at `at`, without ranges; 0: not such a class. */
static size_t class_members(struct dvara_str s, size_t at, char *members, size_t most,
                            size_t *ret_after)
{
    size_t n = 0;
    for (at++; at < s.n && s.p[at] != ']'; at++) {
        if (n == most || s.p[at] == '\\' || s.p[at] == '^' || s.p[at] == '-' || s.p[at] == '[')
            return 0;
        members[n++] = s.p[at];
    }
    *ret_after = at + 1;
    return at < s.n ? n : 0;
}

/* Alternatives of pure literals from `at` to the closing bracket; 0: not such a group. */
static size_t group_members(struct dvara_str s, size_t at, struct prefix *members, size_t most,
                            size_t *ret_after)
{
    size_t n = 0;
    struct prefix member = {.n = 0};
    for (;;) {
        if (at >= s.n)
            return 0;
        if (s.p[at] == '|' || s.p[at] == ')') {
            if (n == most || member.n == 0)
                return 0;
            members[n++] = member;
            member.n = 0;
            if (s.p[at++] == ')')
                break;
            continue;
        }
        size_t after;
        int c = literal_at(s, at, &after);
        if (c < 0 || is_quantifier(s, after) || member.n == PREFIX_BYTES)
            return 0;
        member.p[member.n++] = (char)c;
        at = after;
    }
    *ret_after = at;
    return n;
}

/* Each prefix so far with each member after it. False: too many, or too long. */
static bool multiply(struct growth *growth, const struct prefix *members, size_t n)
{
    size_t before = growth->n;
    if (before * n > PREFIX_MAX)
        return false;
    for (size_t i = 0; i < before; i++) {
        for (size_t k = 0; k < n; k++) {
            if (growth->v[i].n + members[k].n > PREFIX_BYTES)
                return false;
        }
    }
    for (size_t i = before * n; i-- > 0;) {
        struct prefix prefix = growth->v[i / n];
        const struct prefix *member = &members[i % n];
        for (size_t k = 0; k < member->n; k++)
            prefix.p[prefix.n++] = growth->caseless ? text_fold(member->p[k]) : member->p[k];
        growth->v[i] = prefix;
    }
    growth->n = before * n;
    return true;
}

/* Takes one element at *at; false: the prefixes end before it. */
static bool grow(struct growth *growth, struct dvara_str s, size_t *at)
{
    struct prefix members[PREFIX_MAX];
    char characters[16];
    size_t after = *at;
    int c = literal_at(s, *at, &after);
    if (c >= 0) {
        if (c >= 0x80 || is_quantifier(s, after) || is_full(growth))
            return false;
        append(growth, (char)c);
        *at = after;
        return true;
    }
    size_t n = 0;
    if (*at < s.n && s.p[*at] == '[') {
        n = class_members(s, *at, characters, sizeof characters, &after);
        for (size_t i = 0; i < n; i++)
            members[i] = (struct prefix){.p = {characters[i]}, .n = 1};
    } else if (*at < s.n && s.p[*at] == '(') {
        size_t inside = dvara_str_starts_with(dvara_str_slice(s, *at, s.n), DVARA_STR("(?:"))
                            ? *at + 3
                            : *at + 1;
        n = group_members(s, inside, members, PREFIX_MAX, &after);
    }
    if (n == 0 || is_quantifier(s, after) || !multiply(growth, members, n))
        return false;
    *at = after;
    return true;
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

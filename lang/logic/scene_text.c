/* SPDX-License-Identifier: Apache-2.0 */
/* Globs as prefixes, suffixes, parts or regular languages over code points; addresses as 128 bits
 * that are a function of their text; regular expressions as functions of a text of which only that
 * is known. */
#include "lang/logic/scene.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "lang/address_set.h"
#include "lang/generator.h"
#include "lang/quote.h"

enum { LABEL_MAX = 160, REGLAN_MAX = 1 << 20 };

/* ---- globs ---- */

struct glob {
    struct dvara_str literal; /* its only run of plain characters */
    bool star_before, star_after;
    bool simple; /* the above says all of it */
};

static struct glob read_glob(struct dvara_str glob)
{
    struct glob g = {.simple = true};
    size_t start = 0, end = glob.n;
    while (start < end && glob.p[start] == '*')
        start++;
    while (end > start && glob.p[end - 1] == '*')
        end--;
    g.star_before = start > 0;
    g.star_after = end < glob.n || (start == end && start > 0);
    g.literal = dvara_str_slice(glob, start, end);
    for (size_t i = 0; i < g.literal.n; i++)
        g.simple = g.simple && !memchr("*?[", g.literal.p[i], 3);
    return g;
}

/* "[a-c!]": one item after the other, as the matcher reads them. `at` stands behind the bracket;
 * false: it is not closed. */
static bool put_class(struct scene *scene, struct dvara_str glob, size_t *at, struct buf *out)
{
    size_t i = *at;
    bool negated = i < glob.n && glob.p[i] == '!', first = true;
    struct buf items;
    buf_init(&items, REGLAN_MAX);
    i += negated;
    while (i < glob.n && (glob.p[i] != ']' || first)) {
        size_t low = i, low_end, high, high_end;
        (void)utf8_next(glob, &i);
        low_end = high_end = i;
        high = low;
        if (i + 1 < glob.n && glob.p[i] == '-' && glob.p[i + 1] != ']') {
            high = ++i;
            (void)utf8_next(glob, &i);
            high_end = i;
        }
        struct dvara_str a = script_string(scene->script, dvara_str_slice(glob, low, low_end));
        struct dvara_str b = script_string(scene->script, dvara_str_slice(glob, high, high_end));
        buf_printf(&items, " (re.range %.*s %.*s)", DVARA_STR_ARG(a), DVARA_STR_ARG(b));
        first = false;
        if (!a.p || !b.p)
            items.failed = true;
    }
    bool closed = i < glob.n && !buf_failed(&items);
    if (closed)
        buf_printf(out,
                   negated ? " (re.diff re.allchar (re.union re.none%.*s))"
                           : " (re.union re.none%.*s)",
                   DVARA_STR_ARG(buf_str(&items)));
    buf_clear(&items);
    *at = i + 1;
    return closed;
}

/* " item item …"; false: it has no form here. */
static bool put_glob(struct scene *scene, struct dvara_str glob, struct buf *out)
{
    for (size_t at = 0; at < glob.n;) {
        size_t start = at;
        uint32_t c = utf8_next(glob, &at);
        if (c == '*') {
            BUF_LIT(out, " re.all");
        } else if (c == '?') {
            BUF_LIT(out, " re.allchar");
        } else if (c == '[') {
            if (!put_class(scene, glob, &at, out))
                return false;
        } else {
            struct dvara_str one = script_string(scene->script, dvara_str_slice(glob, start, at));
            if (dvara_str_is_absent(one))
                return false;
            buf_printf(out, " (str.to_re %.*s)", DVARA_STR_ARG(one));
        }
    }
    return !buf_failed(out);
}

static struct dvara_str by_language(struct scene *scene, struct dvara_str text,
                                    struct dvara_str glob)
{
    struct buf items;
    struct dvara_str term = {NULL, 0};
    buf_init(&items, REGLAN_MAX);
    if (put_glob(scene, glob, &items))
        term = arena_printf(scene->script->arena, "(str.in_re %.*s (re.++ (str.to_re \"\")%.*s))",
                            DVARA_STR_ARG(text), DVARA_STR_ARG(buf_str(&items)));
    buf_clear(&items);
    return term.p ? script_atom(scene->script, term) : term;
}

static struct dvara_str one_glob(struct scene *scene, struct dvara_str text, struct dvara_str glob)
{
    struct script *script = scene->script;
    struct glob g = read_glob(glob);
    if (!g.simple)
        return by_language(scene, text, glob);
    struct dvara_str literal = script_string(script, g.literal);
    if (dvara_str_is_absent(literal) || (g.star_before && g.star_after && g.literal.n == 0))
        return literal.p ? SCRIPT_TRUE : literal;
    if (!g.star_before && !g.star_after)
        return script_same(script, text, literal);
    if (g.star_before && g.star_after)
        return script_holds(script, text, literal);
    return g.star_after ? script_starts(script, text, literal) : script_ends(script, text, literal);
}

struct dvara_str scene_glob(struct scene *scene, struct dvara_str text, struct dvara_str glob)
{
    struct dvara_str v[GLOB_ALTERNATIVES];
    struct dvara_str any = SCRIPT_FALSE;
    size_t n = generate_alternatives(scene->script->arena, glob, GLOB_ALTERNATIVES, v);
    for (size_t i = 0; i < n; i++) {
        struct dvara_str one = one_glob(scene, text, v[i]);
        if (dvara_str_is_absent(one))
            return one;
        any = script_or(scene->script, any, one);
    }
    return n ? any : (struct dvara_str){NULL, 0};
}

/* ---- regular expressions ---- */

struct dvara_str scene_matches(struct scene *scene, struct dvara_str text, const struct expr *regex,
                               const struct expr *expr)
{
    struct script *script = scene->script;
    struct asked asked = {.kind = ASKED_MATCH,
                          .sort = SORT_BOOL,
                          .regex = &regex->regex,
                          .label = quote(scene->program, script->arena, expr->span, LABEL_MAX)};
    struct dvara_str key = arena_printf(script->arena, "matches/%.*s/%u",
                                        DVARA_STR_ARG(regex->regex.text), regex->regex.flags);
    return script_apply(script, key, SORT_STRING, text, asked, NULL);
}

/* ---- addresses ---- */

static struct dvara_str address_literal(struct scene *scene, struct address address)
{
    return arena_printf(scene->script->arena, "#x%016llx%016llx", (unsigned long long)address.high,
                        (unsigned long long)address.low);
}

static struct dvara_str among(struct scene *scene, struct dvara_str address,
                              const struct constants *networks)
{
    struct script *script = scene->script;
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t i = 0; i < networks->n; i++) {
        struct address_range range;
        if (!address_range_of(networks->v[i].s, &range))
            continue;
        struct dvara_str above =
            script_two(script, "bvule", address_literal(scene, range.first), address);
        struct dvara_str below =
            script_two(script, "bvule", address, address_literal(scene, range.last));
        any = script_or(script, any, script_and(script, above, below));
    }
    return any;
}

struct term scene_within(struct scene *scene, struct dvara_str text,
                         const struct constants *networks)
{
    struct script *script = scene->script;
    struct asked address = {.kind = ASKED_ADDRESS, .sort = SORT_ADDRESS};
    struct asked fault = {.kind = ASKED_FAULT, .sort = SORT_BOOL, .number = DVARA_ERROR_ADDRESS};
    bool new;
    struct dvara_str bits =
        script_apply(script, DVARA_STR("address"), SORT_STRING, text, address, NULL);
    struct dvara_str none =
        script_apply(script, DVARA_STR("no_address"), SORT_STRING, text, fault, &new);
    if (new)
        script_assert(script, LEVEL_CALM, script_not(script, none));
    struct dvara_str found = among(scene, bits, networks);
    return (struct term){script_and(script, found, script_not(script, none)), SCRIPT_TRUE, none};
}

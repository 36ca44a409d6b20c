/* SPDX-License-Identifier: Apache-2.0 */
/* L0129: patterns of detectors that a live stream decides otherwise than a whole text. A stream
 * holds back what a match may still need, as far as `max_span` and no farther: past it, what began
 * is taken for a match. It keeps what went out only as far as a look-behind usually looks. */
#include "lang/linter.h"
#include "lang/regex.h"

#include "base/buf.h"

enum {
    BEHIND_MAX = 256, /* characters that every stream keeps of what went out */
    DEPTH_MAX = 16    /* look-aheads within each other */
};

/* ---- the parts of a pattern ---- */

enum part { PART_PLAIN, PART_AHEAD, PART_BEHIND, PART_RESTART };

/* What begins at `at`. */
static enum part part_at(struct dvara_str text, size_t at)
{
    struct dvara_str rest = dvara_str_slice(text, at, text.n);
    if (dvara_str_starts_with(rest, DVARA_STR("(?=")) ||
        dvara_str_starts_with(rest, DVARA_STR("(?!")))
        return PART_AHEAD;
    if (dvara_str_starts_with(rest, DVARA_STR("(?<=")) ||
        dvara_str_starts_with(rest, DVARA_STR("(?<!")))
        return PART_BEHIND;
    return dvara_str_starts_with(rest, DVARA_STR("\\G")) ? PART_RESTART : PART_PLAIN;
}

/* Past the escape, class, comment or character at `at`. */
static size_t past(const struct regex *regex, size_t at)
{
    struct dvara_str text = regex->text;
    char c = text.p[at];
    if (c == '\\')
        return at + 2 < text.n ? at + 2 : text.n;
    if (c == '#' && (regex->flags & REGEX_X)) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        return end ? (size_t)(end - text.p) + 1 : text.n;
    }
    if (c != '[')
        return at + 1;
    at += at + 1 < text.n && text.p[at + 1] == '^' ? 2 : 1;
    for (size_t first = at; at < text.n && (text.p[at] != ']' || at == first); at++)
        at += text.p[at] == '\\';
    return at < text.n ? at + 1 : text.n;
}

/* Past the parenthesis that closes the one at `at`. */
static size_t past_group(const struct regex *regex, size_t at)
{
    int depth = 0;
    while (at < regex->text.n) {
        char c = regex->text.p[at];
        depth += (c == '(') - (c == ')');
        at = past(regex, at);
        if (depth == 0)
            break;
    }
    return at;
}

/* ---- how far it looks ---- */

struct looks {
    uint64_t width;  /* bytes of a match; UINT32_MAX: any number */
    uint64_t ahead;  /* of the farthest look-ahead, from where it stands; 0: there is none */
    uint64_t behind; /* of the longest look-behind */
    bool restarts;
};

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a + b < UINT32_MAX ? a + b : UINT32_MAX;
}

static uint64_t width_of(struct dvara_str text, uint8_t flags)
{
    struct regex regex = {.text = text, .flags = flags};
    struct pattern_facts facts = {0};
    struct pattern_build_error error = {0};
    if (text.n == 0)
        return 0;
    return regex_check(&regex, &facts, &error) == DVARA_OK ? facts.max_width : UINT32_MAX;
}

static struct looks look(const struct regex *regex, unsigned depth);

/* What the group [at, end) looks for. */
static struct looks look_into(const struct regex *regex, enum part part, size_t at, size_t end,
                              unsigned depth)
{
    size_t head = part == PART_AHEAD ? 3 : 4;
    size_t last = end > at + head ? end - 1 : at + head;
    struct regex body = *regex;
    body.text = dvara_str_slice(regex->text, at + head, last);
    return depth < DEPTH_MAX ? look(&body, depth + 1) : (struct looks){.width = UINT32_MAX};
}

/* What stands around look-arounds is measured without them. */
static struct looks look(const struct regex *regex, unsigned depth)
{
    struct looks all = {.width = 0};
    struct buf rest;
    buf_init(&rest, regex->text.n + 1);
    for (size_t at = 0, next; at < regex->text.n; at = next) {
        enum part part = part_at(regex->text, at);
        next = part == PART_AHEAD || part == PART_BEHIND ? past_group(regex, at) : past(regex, at);
        all.restarts = all.restarts || part == PART_RESTART;
        if (part == PART_PLAIN || part == PART_RESTART) {
            if (part == PART_PLAIN)
                buf_append(&rest, dvara_str_slice(regex->text, at, next));
            continue;
        }
        struct looks inner = look_into(regex, part, at, next, depth);
        all.restarts = all.restarts || inner.restarts;
        if (part == PART_AHEAD && plus(inner.width, inner.ahead) > all.ahead)
            all.ahead = plus(inner.width, inner.ahead);
        if (part == PART_BEHIND && inner.width > all.behind)
            all.behind = inner.width;
    }
    all.width = width_of(buf_str(&rest), regex->flags);
    buf_clear(&rest);
    return all;
}

/* ---- the lint ---- */

static void tell(struct linter *l, const struct decl *decl, struct span span, const char *why,
                 const char *fix)
{
    struct diag *diag = lint_add(l, span, LINT_LIVE_PATTERN, decl->name, dvara_str_from_cstr(why));
    diag_help(l->diags, diag, "%s", fix);
}

void lint_live(struct linter *l, const struct decl *decl)
{
    const struct detector *detector = &decl->detector;
    for (size_t i = 0; i < detector->n_patterns; i++) {
        const struct regex *regex = &detector->patterns[i];
        struct looks looks = look(regex, 0);
        uint64_t span = detector->max_span.has ? (uint64_t)detector->max_span.i : 0;
        if (looks.restarts)
            tell(l, decl, regex->span,
                 "`\\G` means where the search began, and a stream searches anew with each piece",
                 "leave `\\G` out, or say what stands before the match");
        else if (looks.ahead == UINT32_MAX)
            tell(l, decl, regex->span,
                 "what its look-ahead asks for may be any distance away, and a stream waits for "
                 "`max_span` only, then takes it for a match",
                 "bound the look-ahead, such as `.{0,40}` in place of `.*`");
        else if (looks.ahead && looks.width < UINT32_MAX && looks.width + looks.ahead > span + 1)
            tell(l, decl, regex->span,
                 "the match and what its look-ahead asks for can be wider than `max_span`, past "
                 "which a stream takes what began for a match",
                 "raise `max_span` to the bytes of both (four a character), or narrow the "
                 "look-ahead");
        else if (looks.behind > 4 * BEHIND_MAX)
            tell(l, decl, regex->span, "it looks back farther than a stream keeps what went out",
                 "shorten the look-behind to 256 characters");
    }
}

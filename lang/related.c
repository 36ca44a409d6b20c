/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/related.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "lang/ast.h"
#include "lang/same.h"

enum { LENGTHS_MAX = 1024, GROUP_DEPTH_MAX = 64 };

/* A literal that compares the subject with numbers. */
static struct literal compare(struct arena *arena, const struct literal *from,
                              const struct expr *subject, enum binary op, const int64_t *numbers,
                              size_t n, bool positive)
{
    struct constant *values = ARENA_ARRAY(arena, n, struct constant);
    struct atom *atom = ARENA_NEW(arena, struct atom);
    if (!values || !atom)
        return (struct literal){.atom = NULL};
    for (size_t i = 0; i < n; i++)
        values[i] = (struct constant){.type = subject->type, .i = numbers[i]};
    *atom = (struct atom){.kind = ATOM_VALUE,
                          .op = op,
                          .subject = subject,
                          .values = {values, n},
                          .is_total = from->atom->is_total};
    return (struct literal){.atom = atom, .positive = positive, .expr = from->expr};
}

/* ---- lengths ---- */

/* `x == "ab"` and `x in ["a", "bcd"]`, where x is there. */
static bool is_one_of_texts(const struct literal *l)
{
    const struct atom *atom = l->atom;
    return l->positive && atom->kind == ATOM_TEXT && !atom->when_absent &&
           (atom->op == BINARY_EQ || atom->op == BINARY_IN) && atom->values.n > 0 &&
           atom->values.n <= LENGTHS_MAX;
}

static struct literal length(struct arena *arena, const struct literal *l,
                             const struct expr *subject)
{
    const struct constants *texts = &l->atom->values;
    int64_t *lengths = ARENA_ARRAY(arena, texts->n, int64_t);
    for (size_t i = 0; lengths && i < texts->n; i++)
        lengths[i] = (int64_t)utf8_count(texts->v[i].s);
    if (!lengths)
        return (struct literal){.atom = NULL};
    return compare(arena, l, subject, BINARY_IN, lengths, texts->n, true);
}

static bool is_length_of(const struct expr *subject, const struct expr *text)
{
    return subject->kind == EXPR_CALL && subject->call.id == FUNCTION_LEN &&
           expr_same(expr_seen(subject->call.args.v[0]), text);
}

/* ---- personal data ---- */

/* The attribute that says whether what this one counts or scores is found; COUNT: it does neither.
 */
static enum dvara_attribute found_of(const struct expr *subject)
{
    if (subject->kind != EXPR_ATTRIBUTE)
        return DVARA_ATTR_COUNT;
    switch ((int)subject->attribute.id) {
    case DVARA_ATTR_PII_COUNT:
    case DVARA_ATTR_PII_SCORE:
        return DVARA_ATTR_PII_FOUND;
    case DVARA_ATTR_PROMPT_PII_COUNT:
    case DVARA_ATTR_PROMPT_PII_SCORE:
        return DVARA_ATTR_PROMPT_PII_FOUND;
    default:
        return DVARA_ATTR_COUNT;
    }
}

/* Does every span that the group claims score more than nothing? Its thresholds say so. */
static bool scores_more_than_nothing(const struct decl *decl, unsigned depth)
{
    if (!decl || depth > GROUP_DEPTH_MAX)
        return false;
    if (decl->kind != DECL_GROUP)
        return true; /* a bare detector has the threshold of 50% */
    for (size_t i = 0; i < decl->group.n_members; i++) {
        const struct group_member *member = &decl->group.members[i];
        bool nested = member->ref.decl && member->ref.decl->kind == DECL_GROUP;
        if (member->threshold.i <= 0 ||
            (nested && !scores_more_than_nothing(member->ref.decl, depth + 1)))
            return false;
    }
    return true;
}

/* Found is a count of one and more; not found is a count and a score of nothing. */
static struct literal tally(struct arena *arena, const struct literal *l,
                            const struct expr *subject)
{
    static const int64_t nothing = 0;
    bool is_score = subject->attribute.id == DVARA_ATTR_PII_SCORE ||
                    subject->attribute.id == DVARA_ATTR_PROMPT_PII_SCORE;
    if (l->positive && is_score && !scores_more_than_nothing(subject->attribute.group, 0))
        return (struct literal){.atom = NULL};
    return compare(arena, l, subject, BINARY_LE, &nothing, 1, !l->positive);
}

static bool tells_found(const struct literal *l, enum dvara_attribute id,
                        const struct expr *subject)
{
    const struct expr *asked = l->atom->subject;
    return l->atom->kind == ATOM_TRUTH && asked->kind == EXPR_ATTRIBUTE &&
           asked->attribute.id == id && asked->attribute.group == subject->attribute.group;
}

size_t related_literals(struct arena *arena, const struct literal *v, size_t n,
                        const struct expr *subject, struct literal *ret_literals)
{
    enum dvara_attribute found = found_of(subject);
    bool is_length = subject->kind == EXPR_CALL && subject->call.id == FUNCTION_LEN;
    size_t made = 0;
    for (size_t i = 0; i < n && made < RELATED_MAX && (is_length || found != DVARA_ATTR_COUNT);
         i++) {
        struct literal literal = {.atom = NULL};
        if (is_length && is_one_of_texts(&v[i]) && is_length_of(subject, v[i].atom->subject))
            literal = length(arena, &v[i], subject);
        else if (found != DVARA_ATTR_COUNT && tells_found(&v[i], found, subject))
            literal = tally(arena, &v[i], subject);
        if (literal.atom)
            ret_literals[made++] = literal;
    }
    return made;
}

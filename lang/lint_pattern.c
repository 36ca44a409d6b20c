/* SPDX-License-Identifier: Apache-2.0 */
/* Regular expressions that match nothing at all or need the slow path, detectors of which a stream
 * does not know what they begin with, or so wide that redacting an answer holds much of it back. */
#include "lang/linter.h"
#include "lang/regex.h"
#include "pattern/set.h"

#include <stdio.h>

enum {
    WIDE = 512, /* code points that a stream may wait for without a word */
    MEMBERS_VISITED = 4096
};

void lint_regex(struct linter *l, const struct regex *regex)
{
    char steps[32];
    struct pattern_facts facts = {0};
    struct pattern_build_error error = {0};
    if (regex_check(regex, &facts, &error) != DVARA_OK)
        return;
    if (facts.matches_empty)
        (void)lint_append(l, regex->span, LINT_EMPTY_REGEX, NULL, 0);
    if (facts.matches_empty || (!facts.prefilter && !facts.unsearched))
        return;
    int n = snprintf(steps, sizeof steps, "%d", (int)PATTERN_MATCH_LIMIT);
    (void)lint_add(l, regex->span, LINT_SLOW_REGEX,
                   facts.unsearched ? DVARA_STR("every place of the text")
                                    : DVARA_STR("every place that a wider pattern finds"),
                   dvara_str_from(steps, (size_t)n));
}

/* Does a check that finds the span itself read the pattern as a mark, without a search? */
static bool is_mark(struct dvara_str pattern)
{
    return dvara_str_eq(pattern, DVARA_STR("[0-9]")) || dvara_str_eq(pattern, DVARA_STR("@")) ||
           dvara_str_eq(pattern, DVARA_STR(":"));
}

/* Does a live stream know where to look for the pattern? */
static bool is_led(const struct detector *detector, struct dvara_str pattern,
                   const struct pattern_facts *facts)
{
    return detector->located ? facts->led || is_mark(pattern) : facts->begins;
}

/* Of a detector PCRE2 judges every candidate anyway, within `max_span`. */
void lint_detector(struct linter *l, const struct decl *decl)
{
    for (size_t i = 0; i < decl->detector.n_patterns; i++) {
        struct pattern_facts facts = {0};
        struct pattern_build_error error = {0};
        const struct regex *regex = &decl->detector.patterns[i];
        if (regex_check(regex, &facts, &error) != DVARA_OK)
            continue;
        if (facts.matches_empty) {
            (void)lint_append(l, regex->span, LINT_EMPTY_REGEX, NULL, 0);
        } else if (!is_led(&decl->detector, regex->text, &facts)) {
            struct diag *diag = lint_add(l, regex->span, LINT_EVERYWHERE, decl->name);
            diag_help(l->diags, diag,
                      "begin it with a literal, or with each of 32 alternatives at most with one; "
                      "more of them are more patterns");
        }
    }
}

struct search {
    const struct decl *widest;
    int64_t width;
    unsigned visits;
};

/* What check wrote down: a bounded pattern's width, else `max_span`, which it demands. */
static int64_t width_of(const struct detector *detector)
{
    int64_t width = detector->max_span.has ? detector->max_span.i : 0;
    for (size_t i = 0; i < detector->n_patterns && !detector->max_span.has; i++) {
        struct pattern_facts facts = {0};
        struct pattern_build_error error = {0};
        if (regex_check(&detector->patterns[i], &facts, &error) == DVARA_OK &&
            facts.max_width != UINT32_MAX && facts.max_width > width)
            width = facts.max_width;
    }
    return width;
}

static void find_widest(struct search *search, const struct decl *decl)
{
    if (!decl || ++search->visits > MEMBERS_VISITED)
        return;
    if (decl->kind == DECL_GROUP) {
        for (size_t i = 0; i < decl->group.n_members; i++)
            find_widest(search, decl->group.members[i].ref.decl);
        return;
    }
    int64_t width = decl->kind == DECL_DETECTOR ? width_of(&decl->detector) : 0;
    if (width > search->width) {
        search->width = width;
        search->widest = decl;
    }
}

void lint_redaction(struct linter *l, const struct decl *rule, const struct effect *effect)
{
    char width[32];
    struct search search = {.width = WIDE};
    bool in_answer = effect->redact.where & (1u << DVARA_WHERE_RESPONSE);
    if (!in_answer || !(rule->rule.phases & DVARA_PHASES_RESPONSE) ||
        rule->rule.mode != DVARA_MODE_ENFORCE)
        return;
    find_widest(&search, effect->redact.group.decl);
    if (!search.widest)
        return;
    int n = snprintf(width, sizeof width, "%lld", (long long)search.width);
    struct diag *diag = lint_add(l, effect->span, LINT_WIDE_REDACTION, search.widest->name,
                                 dvara_str_from(width, (size_t)n));
    diag_label(l->diags, diag, search.widest->name_span, "declared here");
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/suggest.h"

#include "lang/diag.h"
#include "lang/list.h"

enum { WORD_MAX = 64 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment distance, three rows at a time. */
static unsigned distance(struct dvara_str a, struct dvara_str b)
{
    unsigned rows[3][WORD_MAX + 1];
    unsigned *before = rows[0];
    unsigned *last = rows[1];
    unsigned *row = rows[2];
    for (size_t j = 0; j <= b.n; j++)
        last[j] = (unsigned)j;
    for (size_t i = 1; i <= a.n; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b.n; j++) {
            unsigned swap = a.p[i - 1] != b.p[j - 1];
            row[j] = least(least(last[j] + 1, row[j - 1] + 1), last[j - 1] + swap);
            if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] && a.p[i - 2] == b.p[j - 1])
                row[j] = least(row[j], before[j - 2] + 1);
        }
        unsigned *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[b.n];
}

struct suggestion suggest_start(struct dvara_str word)
{
    size_t third = word.n / 3;
    return (struct suggestion){.word = word, .distance = third < 1 ? 2 : (unsigned)third + 1};
}

bool suggest_is_probed(const struct diags *diags, struct dvara_str word)
{
    return diags->probe && dvara_str_ends_with(word, diags->probe->mark);
}

struct suggestion suggest_for(const struct diags *diags, struct dvara_str word)
{
    struct suggestion suggestion = suggest_start(word);
    suggestion.probe = suggest_is_probed(diags, word) ? diags->probe : NULL;
    if (suggestion.probe)
        suggestion.probe->asked = word;
    return suggestion;
}

void suggest_offer(struct suggestion *suggestion, struct dvara_str candidate)
{
    struct dvara_str word = suggestion->word;
    struct probe *probe = suggestion->probe;
    if (probe)
        LIST_APPEND(probe->arena, probe->v, probe->n, candidate);
    if (word.n > WORD_MAX || candidate.n > WORD_MAX || word.n < 2 || candidate.n < 2 ||
        dvara_str_eq(word, candidate))
        return;
    size_t gap = word.n > candidate.n ? word.n - candidate.n : candidate.n - word.n;
    if (gap > suggestion->distance)
        return;
    unsigned d = distance(word, candidate);
    bool is_nearer = d < suggestion->distance;
    bool is_tie = d == suggestion->distance && !dvara_str_is_absent(suggestion->best) &&
                  dvara_str_cmp(candidate, suggestion->best) < 0;
    if (is_nearer || is_tie) {
        suggestion->best = candidate;
        suggestion->distance = d;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/scanner.h"

#include <stdlib.h>

static int by_start(const struct finding *a, const struct finding *b)
{
    if (a->span.start != b->span.start)
        return a->span.start < b->span.start ? -1 : 1;
    return (a->span.end > b->span.end) - (a->span.end < b->span.end);
}

/* Of two that are too wide to hold: the first, or of one beginning the one that was held longer. */
static bool is_wider(const struct finding *one, const struct finding *other)
{
    return one->span.start != other->span.start ? one->span.start < other->span.start
                                                : one->overlong > other->overlong;
}

enum { NAMED_PPM = 100000 /* by so much may a score be lower that a word speaks for */ };

/* Of one span, and about as sure of it: does a word name the one, and not the other? */
static bool is_named_before(const struct finding *one, const struct finding *other)
{
    const struct dvara_span *a = &one->span;
    const struct dvara_span *b = &other->span;
    return one->beside && !other->beside && a->start == b->start && a->end == b->end &&
           a->score_ppm + NAMED_PPM >= b->score_ppm;
}

/* Does one win over the other where they overlap? What is too wide to hold wins whatever comes. */
static bool wins(const struct dvara_detectors *detectors, const struct finding *one,
                 const struct finding *other)
{
    const struct dvara_span *a = &one->span;
    const struct dvara_span *b = &other->span;
    if (one->overlong || other->overlong)
        return one->overlong && (!other->overlong || is_wider(one, other));
    uint32_t a_length = a->end - a->start;
    uint32_t b_length = b->end - b->start;
    if (a_length != b_length)
        return a_length > b_length;
    if (is_named_before(one, other) || is_named_before(other, one))
        return is_named_before(one, other);
    if (a->score_ppm != b->score_ppm)
        return a->score_ppm > b->score_ppm;
    int names =
        dvara_str_cmp(detectors->v[a->detector].spec.name, detectors->v[b->detector].spec.name);
    return names ? names < 0 : a->start < b->start;
}

static bool push_span(struct dvara_scanner *scanner, struct dvara_span span)
{
    if (scanner->n_spans == scanner->spans_room) {
        size_t room = scanner->spans_room ? scanner->spans_room * 2 : 64;
        struct dvara_span *v = realloc(scanner->spans, room * sizeof *v);
        if (!v) {
            scanner->error = DVARA_ERROR_SCAN;
            return false;
        }
        scanner->spans = v;
        scanner->spans_room = room;
    }
    scanner->spans[scanner->n_spans++] = span;
    return true;
}

static bool is_in(const struct finding *finding, const uint8_t *styles)
{
    return !finding->dropped && (!styles || styles[finding->span.detector]);
}

/* Keeps one that overlaps no other, as most do not. */
static bool take_alone(struct dvara_scanner *scanner, const uint8_t *styles,
                       const struct finding *finding)
{
    return !is_in(finding, styles) || push_span(scanner, finding->span);
}

/* Keeps the best of the range, then those left and right of it that do not overlap it. The depth is
 * at most the number of spans in one run of overlaps. */
static bool take_best(struct dvara_scanner *scanner, const uint8_t *styles, size_t first,
                      size_t last, uint32_t from, uint32_t to)
{
    while (first < last) {
        const struct finding *best = NULL;
        for (size_t i = first; i < last; i++) {
            const struct finding *finding = &scanner->found[i];
            if (finding->span.start < from || finding->span.end > to || !is_in(finding, styles))
                continue;
            if (!best || wins(scanner->detectors, finding, best))
                best = finding;
        }
        if (!best)
            return true;
        struct dvara_span span = best->span;
        if (!take_best(scanner, styles, first, last, from, span.start) || !push_span(scanner, span))
            return false;
        from = span.end;
        while (first < last && scanner->found[first].span.start < from)
            first++;
    }
    return true;
}

/* By insertion, given up after so many moves that the findings are in no order. */
static bool sort_nearly_sorted(struct dvara_scanner *scanner)
{
    size_t moves = scanner->n_found * 4;
    for (size_t i = 1; i < scanner->n_found; i++) {
        if (by_start(&scanner->found[i - 1], &scanner->found[i]) <= 0)
            continue;
        struct finding moved = scanner->found[i];
        size_t at = i;
        for (; at > 0 && by_start(&scanner->found[at - 1], &moved) > 0; at--, moves--)
            scanner->found[at] = scanner->found[at - 1];
        scanner->found[at] = moved;
        if (moves <= i)
            return false;
    }
    return true;
}

/* In place: qsort would ask for memory. Findings are nearly sorted as a rule: detectors report in
 * the order of the text. */
static void sort(struct dvara_scanner *scanner)
{
    if (sort_nearly_sorted(scanner))
        return;
    static const size_t gaps[] = {145161, 45359, 14174, 4428, 1383, 432, 135, 42, 13, 4, 1};
    for (size_t g = 0; g < sizeof gaps / sizeof *gaps; g++) {
        for (size_t i = gaps[g]; i < scanner->n_found; i++) {
            struct finding moved = scanner->found[i];
            size_t at = i;
            for (; at >= gaps[g] && by_start(&scanner->found[at - gaps[g]], &moved) > 0;
                 at -= gaps[g])
                scanner->found[at] = scanner->found[at - gaps[g]];
            scanner->found[at] = moved;
        }
    }
}

bool resolve_styled(struct dvara_scanner *scanner, const uint8_t *styles)
{
    scanner->n_spans = 0;
    sort(scanner);
    for (size_t first = 0; first < scanner->n_found;) {
        uint32_t end = scanner->found[first].span.end;
        size_t last = first + 1;
        while (last < scanner->n_found && scanner->found[last].span.start < end) {
            if (scanner->found[last].span.end > end)
                end = scanner->found[last].span.end;
            last++;
        }
        const struct finding *alone = last == first + 1 ? &scanner->found[first] : NULL;
        bool taken = alone ? take_alone(scanner, styles, alone)
                           : take_best(scanner, styles, first, last, 0, UINT32_MAX);
        if (!taken)
            return false;
        first = last;
    }
    return true;
}

bool resolve(struct dvara_scanner *scanner)
{
    return resolve_styled(scanner, NULL);
}

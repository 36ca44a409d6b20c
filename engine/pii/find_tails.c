/* SPDX-License-Identifier: Apache-2.0 */
/* Tails: in a live text, LOCATEs whose spans could reach past its end. */
#include "pii/find.h"

/* Reads at `start`. What is found is found elsewhere; here only what is open matters. */
static bool read_tail(struct dvara_scanner *scanner, struct search *search, uint32_t use_index,
                      size_t start)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    size_t n_found = scanner->n_found;
    bool right = !find_wants(search, use->detector) || find_read_at(scanner, search, use, start);
    scanner->n_found = n_found;
    return right;
}

/* From where on each of those in the table could hold all bytes to the text's end. */
static size_t note_starts(const struct dvara_detectors *detectors, const struct search *search,
                          size_t starts[TAILS_BITS])
{
    const struct tails *tails = &detectors->tails;
    struct dvara_str text = search->text;
    uint64_t alive = tails->n < TAILS_BITS ? (UINT64_C(1) << tails->n) - 1 : UINT64_MAX;
    size_t at = text.n;
    while (alive && at > search->from) {
        uint64_t stays = alive & tails->inside[(unsigned char)text.p[at - 1]];
        for (uint64_t ends = alive & ~stays; ends; ends &= ends - 1)
            starts[__builtin_ctzll(ends)] = at;
        alive = stays;
        at -= alive != 0;
    }
    for (; alive; alive &= alive - 1)
        starts[__builtin_ctzll(alive)] = at;
    for (size_t i = 0; text.n - at > tails->narrowest && i < tails->n && i < TAILS_BITS; i++) {
        const struct pattern_use *use = &detectors->uses[tails->uses[i]];
        size_t widest = detectors->v[use->detector].max_span;
        if (text.n - starts[i] > widest)
            starts[i] = text.n - widest;
    }
    return at;
}

/* One that is not in the table. */
static bool find_tail(struct dvara_scanner *scanner, struct search *search, uint32_t use_index)
{
    const struct pattern_use *use = &scanner->detectors->uses[use_index];
    const struct detector *detector = &scanner->detectors->v[use->detector];
    size_t start = find_walk_back(detector, search, search->text.n);
    for (; start < search->text.n && start < search->live; start++) {
        if ((detector->locator_bytes[(unsigned char)search->text.p[start]] & LOCATOR_START) &&
            find_is_boundary(search->text, start) && !read_tail(scanner, search, use_index, start))
            return false;
    }
    return true;
}

bool find_tails(struct dvara_scanner *scanner, struct search *search)
{
    const struct tails *tails = &scanner->detectors->tails;
    struct dvara_str text = search->text;
    size_t starts[TAILS_BITS];
    if (tails->n == 0 || search->live <= search->from)
        return true; /* all waits anyway */
    size_t at = note_starts(scanner->detectors, search, starts);
    for (; at < text.n && at < search->live; at++) {
        uint64_t here = tails->start[(unsigned char)text.p[at]];
        if (!here || !find_is_boundary(text, at))
            continue;
        for (; here && at < search->live; here &= here - 1) {
            unsigned i = (unsigned)__builtin_ctzll(here);
            if (at >= starts[i] && !read_tail(scanner, search, tails->uses[i], at))
                return false;
        }
    }
    for (size_t i = TAILS_BITS; i < tails->n; i++) {
        if (!find_tail(scanner, search, tails->uses[i]))
            return false;
    }
    return true;
}

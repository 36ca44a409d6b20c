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

/* One alone. */
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

static bool find_each_tail(struct dvara_scanner *scanner, struct search *search, size_t first)
{
    const struct tails *tails = &scanner->detectors->tails;
    for (size_t i = first; i < tails->n; i++) {
        if (!find_tail(scanner, search, tails->uses[i]))
            return false;
    }
    return true;
}

/* Those in the table that could begin at each of the last bytes and hold all behind it, `masks`
 * from the text's end. Returns how many bytes; over TAILS_NEAR: there are more. */
static size_t note_tails(const struct tails *tails, const struct search *search,
                         uint64_t masks[TAILS_NEAR])
{
    const char *end = search->text.p + search->text.n;
    size_t left = search->text.n - search->from;
    uint64_t alive = UINT64_MAX;
    for (size_t n = 0; n < left; n++) {
        unsigned char c = (unsigned char)end[-(ptrdiff_t)n - 1];
        alive &= tails->inside[c];
        if (!alive || n == TAILS_NEAR)
            return alive ? n + 1 : n;
        alive &= tails->wide[n];
        masks[n] = alive & tails->start[c];
    }
    return left;
}

bool find_tails(struct dvara_scanner *scanner, struct search *search)
{
    const struct tails *tails = &scanner->detectors->tails;
    uint64_t masks[TAILS_NEAR];
    if (tails->n == 0 || search->live <= search->from)
        return true; /* all waits anyway */
    size_t n = note_tails(tails, search, masks);
    if (n > TAILS_NEAR)
        return find_each_tail(scanner, search, 0);
    for (size_t at = search->text.n - n; n-- > 0 && at < search->live; at++) {
        if (!masks[n] || !find_is_boundary(search->text, at))
            continue;
        for (uint64_t here = masks[n]; here && at < search->live; here &= here - 1) {
            if (!read_tail(scanner, search, tails->uses[__builtin_ctzll(here)], at))
                return false;
        }
    }
    return tails->n <= TAILS_BITS || find_each_tail(scanner, search, TAILS_BITS);
}

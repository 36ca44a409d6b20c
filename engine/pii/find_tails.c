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

/* A place near the text's end, and those in the table that could begin there and hold all that is
 * behind it. */
struct tail {
    size_t at;
    uint64_t uses;
};

/* Such places, from the text's end, in v. Returns how many bytes were looked at; over TAILS_NEAR:
 * there are more. */
static size_t note_tails(const struct tails *tails, const struct search *search,
                         struct tail v[TAILS_NEAR], size_t *ret_n)
{
    struct dvara_str text = search->text;
    size_t left = text.n - search->from;
    uint64_t alive = UINT64_MAX;
    size_t found = 0;
    size_t n = 0;
    for (size_t at = text.n; n < left; n++) {
        unsigned char c = (unsigned char)text.p[--at];
        alive &= tails->inside[c];
        if (!alive || n == TAILS_NEAR)
            break;
        alive &= tails->wide[n];
        uint64_t uses = alive & tails->start[c];
        if (!uses || !find_is_boundary(text, at))
            continue;
        uses &= n >= 2 ? tails->third[(unsigned char)text.p[at + 2]] : UINT64_MAX;
        v[found] = (struct tail){.at = at, .uses = uses};
        found += uses != 0;
    }
    *ret_n = found;
    return n + (n < left && alive);
}

bool find_tails(struct dvara_scanner *scanner, struct search *search)
{
    const struct tails *tails = &scanner->detectors->tails;
    struct tail v[TAILS_NEAR];
    size_t n;
    if (tails->n == 0 || search->live <= search->from)
        return true; /* all waits anyway */
    if (note_tails(tails, search, v, &n) > TAILS_NEAR)
        return find_each_tail(scanner, search, 0);
    while (n-- > 0) {
        for (uint64_t uses = v[n].uses; uses && v[n].at < search->live; uses &= uses - 1) {
            if (!read_tail(scanner, search, tails->uses[__builtin_ctzll(uses)], v[n].at))
                return false;
        }
    }
    return tails->n <= TAILS_BITS || find_each_tail(scanner, search, TAILS_BITS);
}

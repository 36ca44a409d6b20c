/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index_part.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum {
    GRAM = 4,
    BITS_LEAST = 10, /* of the filter, as a power of two */
    BITS_MOST = 20,  /* 128 KB: what a core's cache holds beside the rest */
    BITS_OVER = 5    /* the filter has 32 times as many bits as there are grams */
};

static inline uint32_t gram_at(const char *p)
{
    uint32_t gram;
    memcpy(&gram, p, sizeof gram);
    return gram;
}

static inline uint32_t hash_of(uint32_t gram)
{
    return gram * UINT32_C(0x9e3779b1);
}

static int compare_rows(const void *left, const void *right)
{
    const struct index_part_row *a = left, *b = right;
    if (a->gram != b->gram)
        return a->gram < b->gram ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static inline uint32_t slot_of(uint32_t gram, uint32_t mask)
{
    uint32_t hash = hash_of(gram); /* its lower bits know only the lower bytes */
    return (hash ^ hash >> 15) & mask;
}

/* ---- which four bytes ---- */

/* How many parts have a gram whose hash falls here: near enough to choose by. */
struct tally {
    uint32_t *counts;
    uint32_t shift;
};

static uint32_t *count_of(const struct tally *tally, const char *p)
{
    return &tally->counts[hash_of(gram_at(p)) >> tally->shift];
}

static struct index_part_row rarest(const struct tally *tally, struct dvara_str part,
                                    uint32_t number)
{
    uint32_t best = 0;
    for (uint32_t i = 1; i + GRAM <= part.n; i++) {
        if (*count_of(tally, part.p + i) < *count_of(tally, part.p + best))
            best = i;
    }
    return (struct index_part_row){gram_at(part.p + best), best, number};
}

/* The power of two that is BITS_OVER times over n, within bounds. */
static uint32_t filter_bits(uint32_t n)
{
    uint32_t bits = BITS_LEAST;
    while (bits < BITS_MOST && (UINT64_C(1) << bits) < (uint64_t)n << BITS_OVER)
        bits++;
    return bits;
}

static bool choose(struct index_parts *ret, uint32_t n)
{
    struct tally tally = {.shift = ret->shift};
    tally.counts = calloc((size_t)1 << (32 - ret->shift), sizeof *tally.counts);
    for (uint32_t i = 0; tally.counts && i < n; i++) {
        for (uint32_t k = 0; k + GRAM <= ret->parts[i].n; k++)
            ++*count_of(&tally, ret->parts[i].p + k);
    }
    for (uint32_t i = 0; tally.counts && i < n; i++) {
        if (ret->parts[i].n < GRAM)
            ret->few[ret->n_few++] = i;
        else
            ret->rows[ret->n_rows++] = rarest(&tally, ret->parts[i], i);
    }
    bool good = tally.counts != NULL;
    free(tally.counts);
    return good;
}

/* ---- the table ---- */

static void put_gram(struct index_parts *ret, uint32_t row)
{
    uint32_t gram = ret->rows[row].gram, bit = hash_of(gram) >> ret->shift;
    ret->bits[bit / 64] |= UINT64_C(1) << bit % 64;
    uint32_t at = slot_of(gram, ret->mask);
    while (ret->slots[at])
        at = (at + 1) & ret->mask;
    ret->slots[at] = row + 1;
}

bool index_parts_build(const struct dvara_str *parts, uint32_t n, struct arena *arena,
                       struct index_parts *ret_parts)
{
    uint32_t size = 2;
    uint32_t bits = filter_bits(n);
    while (size < 2 * n)
        size *= 2;
    *ret_parts = (struct index_parts){.parts = parts, .mask = size - 1, .shift = 32 - bits};
    ret_parts->rows = ARENA_ARRAY(arena, n, struct index_part_row);
    ret_parts->few = ARENA_ARRAY(arena, n, uint32_t);
    ret_parts->slots = ARENA_ARRAY(arena, size, uint32_t);
    ret_parts->bits = ARENA_ARRAY(arena, (size_t)1 << (bits - 6), uint64_t);
    if (!ret_parts->rows || !ret_parts->few || !ret_parts->slots || !ret_parts->bits ||
        !choose(ret_parts, n))
        return false;
    if (ret_parts->n_rows)
        qsort(ret_parts->rows, ret_parts->n_rows, sizeof *ret_parts->rows, compare_rows);
    for (uint32_t i = 0; i < ret_parts->n_rows; i++) {
        if (i == 0 || ret_parts->rows[i].gram != ret_parts->rows[i - 1].gram)
            put_gram(ret_parts, i);
    }
    return true;
}

/* ---- looking ---- */

/* The parts whose gram stands at `at`. */
static void compare(const struct index_parts *parts, struct dvara_str text, size_t at,
                    uint32_t gram, uint8_t *found)
{
    uint32_t slot = slot_of(gram, parts->mask);
    while (parts->slots[slot] && parts->rows[parts->slots[slot] - 1].gram != gram)
        slot = (slot + 1) & parts->mask;
    if (!parts->slots[slot])
        return;
    for (uint32_t i = parts->slots[slot] - 1; i < parts->n_rows && parts->rows[i].gram == gram;
         i++) {
        const struct index_part_row *row = &parts->rows[i];
        struct dvara_str part = parts->parts[row->number];
        if (!found[row->number] && row->offset <= at && part.n <= text.n - (at - row->offset) &&
            memcmp(text.p + at - row->offset, part.p, part.n) == 0)
            found[row->number] = 1;
    }
}

void index_parts_find(const struct index_parts *parts, struct dvara_str text, uint8_t *ret_found)
{
    for (uint32_t i = 0; i < parts->n_few; i++) {
        struct dvara_str part = parts->parts[parts->few[i]];
        if (part.n == 0 || (text.n && memmem(text.p, text.n, part.p, part.n)))
            ret_found[parts->few[i]] = 1;
    }
    const uint64_t *bits = parts->bits;
    for (size_t at = 0; parts->n_rows && at + GRAM <= text.n; at++) {
        uint32_t gram = gram_at(text.p + at), bit = hash_of(gram) >> parts->shift;
        if (bits[bit / 64] >> bit % 64 & 1)
            compare(parts, text, at, gram, ret_found);
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index_prefix.h"

#include "base/arena.h"

/* The first 8 bytes, big-endian, so that numbers order as the bytes do. */
static uint64_t head_of(struct dvara_str s)
{
    uint64_t head = 0;
    if (s.n)
        memcpy(&head, s.p, s.n < sizeof head ? s.n : sizeof head);
    return __builtin_bswap64(head);
}

static int compare(struct dvara_str a, uint32_t a_bits, struct dvara_str b, uint32_t b_bits)
{
    int c = dvara_str_cmp(a, b);
    return c ? c : (a_bits > b_bits) - (a_bits < b_bits);
}

int index_prefix_compare(const void *left, const void *right)
{
    const struct index_prefix *a = left, *b = right;
    int c = compare(a->bytes, a->bits, b->bytes, b->bits);
    return c ? c : (a->rule > b->rule) - (a->rule < b->rule);
}

/* Bits that both begin with. */
static uint32_t common_bits(struct dvara_str a, struct dvara_str b)
{
    size_t n = a.n < b.n ? a.n : b.n, i = 0;
    while (i < n && a.p[i] == b.p[i])
        i++;
    if (i == n)
        return (uint32_t)(8 * n);
    unsigned differ = (unsigned)((unsigned char)a.p[i] ^ (unsigned char)b.p[i]);
    return (uint32_t)(8 * i) + (uint32_t)__builtin_clz(differ) - 24;
}

/* `at` is the number + 1 of an entry before `entry`, or 0. */
static uint32_t parent_of(const struct index_prefixes *prefixes, uint32_t at,
                          const struct index_prefix_entry *entry)
{
    while (at) {
        const struct index_prefix_entry *shorter = &prefixes->entries[at - 1];
        if (shorter->bits <= entry->bits &&
            common_bits(shorter->bytes, entry->bytes) >= shorter->bits)
            return at;
        at = shorter->parent;
    }
    return 0;
}

/* Bytes that every prefix begins with: sorted, the first and the last tell. */
static uint32_t common_bytes(const struct index_prefix *prefixes, uint32_t n)
{
    uint32_t bits = common_bits(prefixes[0].bytes, prefixes[n - 1].bytes);
    for (uint32_t i = 0; i < n; i++)
        bits = prefixes[i].bits < bits ? prefixes[i].bits : bits;
    return bits / 8;
}

bool index_prefixes_build(const struct index_prefix *prefixes, uint32_t n, struct arena *arena,
                          struct index_prefixes *ret_prefixes)
{
    *ret_prefixes = (struct index_prefixes){.n_entries = 0};
    if (n == 0)
        return true;
    ret_prefixes->n_rules = n;
    ret_prefixes->skip = common_bytes(prefixes, n);
    ret_prefixes->heads = ARENA_ARRAY(arena, n, uint64_t);
    ret_prefixes->entries = ARENA_ARRAY(arena, n, struct index_prefix_entry);
    ret_prefixes->rules = ARENA_ARRAY(arena, n, uint32_t);
    if (!ret_prefixes->heads || !ret_prefixes->entries || !ret_prefixes->rules)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t k = ret_prefixes->n_entries;
        struct index_prefix_entry *entry = &ret_prefixes->entries[k];
        ret_prefixes->rules[i] = prefixes[i].rule;
        if (i > 0 && compare(prefixes[i].bytes, prefixes[i].bits, prefixes[i - 1].bytes,
                             prefixes[i - 1].bits) == 0) {
            entry[-1].count++;
            continue;
        }
        *entry = (struct index_prefix_entry){
            .bytes = prefixes[i].bytes, .bits = prefixes[i].bits, .first = i, .count = 1};
        entry->parent = parent_of(ret_prefixes, k, entry);
        ret_prefixes->heads[k] =
            head_of(dvara_str_slice(entry->bytes, ret_prefixes->skip, entry->bytes.n));
        ret_prefixes->n_entries++;
    }
    return true;
}

/* How many entries have a head below `head`, or at it. Without a branch to guess: the texts are a
 * stranger's. */
static uint32_t heads_to(const struct index_prefixes *prefixes, uint64_t head, bool at_it)
{
    const uint64_t *at = prefixes->heads;
    uint32_t n = prefixes->n_entries;
    while (n > 1) {
        uint32_t half = n / 2;
        bool below = at_it ? at[half] <= head : at[half] < head;
        at = below ? at + half : at;
        n -= half;
    }
    return (uint32_t)(at - prefixes->heads) + (at_it ? *at <= head : *at < head);
}

/* How many entries are not above the text, which begins as all of them do. */
static uint32_t entries_to(const struct index_prefixes *prefixes, struct dvara_str text)
{
    uint64_t head = head_of(dvara_str_slice(text, prefixes->skip, text.n));
    uint32_t high = heads_to(prefixes, head, true);
    if (high == 0 || prefixes->heads[high - 1] != head)
        return high;
    uint32_t low = heads_to(prefixes, head, false);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (dvara_str_cmp(prefixes->entries[middle].bytes, text) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

void index_prefixes_find(const struct index_prefixes *prefixes, struct dvara_str text,
                         struct index_sink *sink)
{
    if (text.n < prefixes->skip || memcmp(text.p, prefixes->entries->bytes.p, prefixes->skip) != 0)
        return;
    uint32_t at = entries_to(prefixes, text);
    uint32_t common = at ? common_bits(prefixes->entries[at - 1].bytes, text) : 0;
    while (at) {
        const struct index_prefix_entry *entry = &prefixes->entries[at - 1];
        if (entry->bits <= common)
            index_sink_add(sink, prefixes->rules + entry->first, entry->count);
        at = entry->parent;
    }
}

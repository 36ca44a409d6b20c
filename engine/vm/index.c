/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index.h"

#include "base/arena.h"
#include "base/hash.h"

#include <stdlib.h>

bool index_rule_is_in(const struct bundle_rule *rule, enum stratum stratum)
{
    bool rewrite = (rule->flags & BUNDLE_RULE_REWRITE) != 0;
    switch (stratum) {
    case STRATUM_REWRITE:
        return rewrite;
    case STRATUM_REQUEST:
        return !rewrite && (rule->phases & DVARA_PHASES_REQUEST);
    case STRATUM_TARGET:
        return (rule->phases & DVARA_PHASES_TARGET) != 0;
    case STRATUM_REJUDGE:
        return (rule->flags & BUNDLE_RULE_REJUDGED) != 0;
    case STRATUM_TOOL:
        return (rule->phases & DVARA_PHASES_TOOL) != 0;
    case STRATUM_RESPONSE:
        return (rule->phases & DVARA_PHASES_RESPONSE) != 0;
    case STRATUM_COUNT:
        break;
    }
    return false;
}

/* One key of one rule in one stratum. */
struct pair {
    struct dvara_str text;
    uint32_t rule;
    uint8_t stratum, attribute, kind;
};

static int compare_keys(const struct pair *a, const struct pair *b)
{
    if (a->stratum != b->stratum)
        return a->stratum - b->stratum;
    if (a->attribute != b->attribute)
        return a->attribute - b->attribute;
    if (a->kind != b->kind)
        return a->kind - b->kind;
    if (a->text.n != b->text.n)
        return a->text.n < b->text.n ? -1 : 1;
    return dvara_str_cmp(a->text, b->text);
}

static int compare_pairs(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    int c = compare_keys(a, b);
    return c ? c : (a->rule > b->rule) - (a->rule < b->rule);
}

static uint32_t count_pairs(const struct bundle_tables *tables)
{
    uint32_t n = 0;
    for (uint32_t r = 0; r < tables->n_rules; r++) {
        for (int s = 0; s < STRATUM_COUNT; s++) {
            if (index_rule_is_in(&tables->rules[r], (enum stratum)s))
                n += tables->rules[r].key_count;
        }
    }
    return n;
}

static uint32_t collect_pairs(const struct bundle_program *program, enum stratum stratum,
                              struct pair *pairs, uint32_t n)
{
    const struct bundle_tables *tables = &program->tables;
    for (uint32_t r = 0; r < tables->n_rules; r++) {
        const struct bundle_rule *rule = &tables->rules[r];
        if (!index_rule_is_in(rule, stratum))
            continue;
        for (uint32_t k = rule->key_first; k < rule->key_first + rule->key_count; k++) {
            const struct bundle_key *key = &tables->keys[k];
            pairs[n++] = (struct pair){program->strings[key->text], r, (uint8_t)stratum,
                                       (uint8_t)key->attribute, (uint8_t)key->kind};
        }
    }
    return n;
}

/* The rules of a stratum: all, and those without keys. */
static bool collect_rules(const struct bundle_tables *tables, struct arena *arena,
                          struct index *index, enum stratum stratum)
{
    uint32_t *all = ARENA_ARRAY(arena, tables->n_rules, uint32_t);
    uint32_t *always = ARENA_ARRAY(arena, tables->n_rules, uint32_t);
    if (!all || !always)
        return false;
    for (uint32_t r = 0; r < tables->n_rules; r++) {
        if (!index_rule_is_in(&tables->rules[r], stratum))
            continue;
        all[index->strata[stratum].n_all++] = r;
        if (!(tables->rules[r].flags & BUNDLE_RULE_INDEXED))
            always[index->strata[stratum].n_always++] = r;
    }
    index->strata[stratum].all = all;
    index->strata[stratum].always = always;
    return true;
}

static uint64_t hash_key_of(uint8_t stratum, uint8_t attribute, uint8_t kind, struct dvara_str text)
{
    uint64_t h = hash_fixed(text);
    h ^= ((uint64_t)stratum << 16 | (uint64_t)attribute << 8 | kind) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 32;
}

static uint32_t *find_slot(const struct index *index, uint8_t stratum, uint8_t attribute,
                           uint8_t kind, struct dvara_str text)
{
    uint32_t at = (uint32_t)hash_key_of(stratum, attribute, kind, text) & index->mask;
    for (; index->slots[at]; at = (at + 1) & index->mask) {
        const struct index_entry *entry = &index->entries[index->slots[at] - 1];
        if (entry->stratum == stratum && entry->attribute == attribute && entry->kind == kind &&
            dvara_str_eq(entry->text, text))
            break;
    }
    return &index->slots[at];
}

static void add_probe(struct index *index, const struct pair *pair)
{
    struct index_probe *probes = index->strata[pair->stratum].probes;
    uint32_t n = index->strata[pair->stratum].n_probes;
    uint32_t length = pair->kind == BUNDLE_KEY_PREFIX ? (uint32_t)pair->text.n : 0;
    /* Pairs come sorted: only the last probe can be the same. */
    if (n > 0 && probes[n - 1].attribute == pair->attribute && probes[n - 1].kind == pair->kind &&
        probes[n - 1].length == length)
        return;
    probes[n] = (struct index_probe){pair->attribute, pair->kind, length};
    index->strata[pair->stratum].n_probes = n + 1;
}

static bool allocate(struct index *index, uint32_t n, struct arena *arena)
{
    uint32_t size = 4;
    while (size < n * 2)
        size *= 2;
    index->entries = ARENA_ARRAY(arena, n, struct index_entry);
    index->rules = ARENA_ARRAY(arena, n, uint32_t);
    index->slots = ARENA_ARRAY(arena, size, uint32_t);
    index->mask = size - 1;
    for (int s = 0; s < STRATUM_COUNT; s++) {
        index->strata[s].probes = ARENA_ARRAY(arena, n, struct index_probe);
        if (!index->strata[s].probes)
            return false;
    }
    return index->entries && index->rules && index->slots;
}

bool index_build(const struct bundle_program *program, struct arena *arena, struct index *ret_index)
{
    uint32_t n = count_pairs(&program->tables), collected = 0;
    *ret_index = (struct index){.n_entries = 0};
    if (n > UINT32_MAX / 4 || !allocate(ret_index, n, arena))
        return false;
    struct pair *pairs = calloc(n ? n : 1, sizeof *pairs);
    if (!pairs)
        return false;
    bool good = true;
    for (int s = 0; s < STRATUM_COUNT; s++) {
        good = good && collect_rules(&program->tables, arena, ret_index, (enum stratum)s);
        collected = collect_pairs(program, (enum stratum)s, pairs, collected);
    }
    qsort(pairs, n, sizeof *pairs, compare_pairs);
    for (uint32_t i = 0; i < n; i++) {
        ret_index->rules[i] = pairs[i].rule;
        if (i > 0 && compare_keys(&pairs[i], &pairs[i - 1]) == 0) {
            ret_index->entries[ret_index->n_entries - 1].count++;
            continue;
        }
        struct index_entry *entry = &ret_index->entries[ret_index->n_entries++];
        *entry = (struct index_entry){
            pairs[i].text, pairs[i].stratum, pairs[i].attribute, pairs[i].kind, i, 1};
        *find_slot(ret_index, entry->stratum, entry->attribute, entry->kind, entry->text) =
            ret_index->n_entries;
        add_probe(ret_index, &pairs[i]);
    }
    free(pairs);
    return good;
}

struct index_rules index_find(const struct index *index, enum stratum stratum,
                              const struct index_probe *probe, struct dvara_str text)
{
    uint32_t slot = *find_slot(index, (uint8_t)stratum, probe->attribute, probe->kind, text);
    if (!slot)
        return (struct index_rules){NULL, 0};
    const struct index_entry *entry = &index->entries[slot - 1];
    return (struct index_rules){index->rules + entry->first, entry->count};
}

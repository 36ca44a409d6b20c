/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index_text.h"

#include "base/arena.h"
#include "base/hash.h"

/* The table's texts are the policy's: a stranger looks up, but cannot choose what collides. */
static uint32_t hash_text(struct dvara_str text)
{
    return (uint32_t)hash_quick(text);
}

static struct index_text_slot *slot_of(const struct index_texts *texts, uint32_t hash,
                                       struct dvara_str text)
{
    uint32_t at = hash & texts->mask;
    for (; texts->slots[at].entry; at = (at + 1) & texts->mask) {
        if (texts->slots[at].hash == hash &&
            dvara_str_eq(texts->entries[texts->slots[at].entry - 1].text, text))
            break;
    }
    return &texts->slots[at];
}

static bool allocate(struct index_texts *texts, uint32_t n, struct arena *arena)
{
    uint32_t size = 4;
    while (size / 2 < n)
        size *= 2;
    texts->mask = size - 1;
    texts->slots = ARENA_ARRAY(arena, size, struct index_text_slot);
    texts->entries = ARENA_ARRAY(arena, n, struct index_text_entry);
    texts->rules = ARENA_ARRAY(arena, n, uint32_t);
    return texts->slots && texts->entries && texts->rules;
}

bool index_texts_build(const struct index_text *texts, uint32_t n, struct arena *arena,
                       struct index_texts *ret_texts)
{
    *ret_texts = (struct index_texts){.mask = 0};
    if (n == 0)
        return true;
    if (n > UINT32_MAX / 4 || !allocate(ret_texts, n, arena))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        ret_texts->rules[i] = texts[i].rule;
        if (i > 0 && dvara_str_eq(texts[i].text, texts[i - 1].text)) {
            ret_texts->entries[ret_texts->n_entries - 1].count++;
            continue;
        }
        uint32_t hash = hash_text(texts[i].text);
        struct index_text_slot *slot = slot_of(ret_texts, hash, texts[i].text);
        ret_texts->entries[ret_texts->n_entries++] = (struct index_text_entry){texts[i].text, i, 1};
        *slot = (struct index_text_slot){hash, ret_texts->n_entries};
    }
    return true;
}

const uint32_t *index_texts_look(const struct index_texts *texts, struct dvara_str text,
                                 uint32_t *ret_n)
{
    const struct index_text_slot *slot = slot_of(texts, hash_text(text), text);
    const struct index_text_entry *entry = texts->entries + (slot->entry ? slot->entry - 1 : 0);
    *ret_n = slot->entry ? entry->count : 0;
    return texts->rules + entry->first;
}

void index_texts_find(const struct index_texts *texts, struct dvara_str text,
                      struct index_sink *sink)
{
    uint32_t n;
    const uint32_t *rules = index_texts_look(texts, text, &n);
    index_sink_add(sink, rules, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* From a text to the rules that ask for it: a hash table with open addressing, at most half full.
 */
#ifndef VM_INDEX_TEXT_H
#define VM_INDEX_TEXT_H

#include "dvara/str.h"
#include "vm/index_sink.h"

struct arena;

/* A text and a rule that asks for it. */
struct index_text {
    struct dvara_str text;
    uint32_t rule;
};

struct index_text_entry {
    struct dvara_str text;
    uint32_t first, count; /* in rules */
};

struct index_text_slot {
    uint32_t hash;
    uint32_t entry; /* number + 1; 0: empty */
};

struct index_texts {
    struct index_text_slot *slots;
    struct index_text_entry *entries;
    uint32_t *rules;
    uint32_t mask, n_entries; /* no entries: nothing is allocated */
};

/* The texts come sorted, equal ones together. False: out of memory. */
bool index_texts_build(const struct index_text *texts, uint32_t n, struct arena *arena,
                       struct index_texts *ret_texts);
void index_texts_find(const struct index_texts *texts, struct dvara_str text,
                      struct index_sink *sink);
/* The same without a sink: what stands for rules in the table, `ret_n` of them. */
const uint32_t *index_texts_look(const struct index_texts *texts, struct dvara_str text,
                                 uint32_t *ret_n);

#endif

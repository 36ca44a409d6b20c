/* SPDX-License-Identifier: Apache-2.0 */
/* Reading members of a record, and the facts that its `inputs` tell. */
#ifndef LANG_REPLAY_RECORD_INPUTS_H
#define LANG_REPLAY_RECORD_INPUTS_H

#include "base/json.h"
#include "lang/replay/record.h"

/* Sticky: the first thing that is wrong is kept. */
struct record_reader {
    const struct json_doc *doc;
    struct arena *arena;
    struct dvara_str error; /* a sentence; absent: none */
};

/* "NAME is not WANTED". */
void reader_refuse(struct record_reader *reader, struct dvara_str name, const char *wanted);

/* A member of that kind; JSON_NONE when it is missing or null, or (refused) another kind. */
uint32_t reader_member(struct record_reader *reader, uint32_t object, struct dvara_str name,
                       enum json_kind kind);
/* Elements, 0 of JSON_NONE; the first of them. */
size_t reader_count(const struct record_reader *reader, uint32_t list);
uint32_t reader_first(const struct record_reader *reader, uint32_t list);
/* Absent when missing or null. */
struct dvara_str reader_text(struct record_reader *reader, uint32_t object, struct dvara_str name);
struct dvara_opt_int reader_number(struct record_reader *reader, uint32_t object,
                                   struct dvara_str name);
struct dvara_strs reader_texts(struct record_reader *reader, uint32_t object,
                               struct dvara_str name);

/* Fills facts and known of a decision whose outcome is read. */
void record_inputs(struct record_reader *reader, uint32_t payload, struct record *record);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Building a bundle: rows, strings and code are appended, then everything is encoded at once. The
 * same appends give the same bytes. Growth failures are sticky: ask bundle_write. */
#ifndef BUNDLE_WRITE_H
#define BUNDLE_WRITE_H

#include "bundle/format.h"
#include "vm/op.h"

struct arena;
struct bundle_writer;

/* NULL when out of memory. */
struct bundle_writer *bundle_writer_new(void);
void bundle_writer_free(struct bundle_writer *writer);

/* The number of the string; equal strings share one. The absent slice gives BUNDLE_ABSENT. */
uint32_t bundle_string(struct bundle_writer *writer, struct dvara_str s);
struct dvara_str bundle_string_at(const struct bundle_writer *writer, uint32_t index);

/* Appends a row (a struct bundle_…) and returns its number. */
uint32_t bundle_add(struct bundle_writer *writer, enum bundle_table table, const void *row);
/* Row `index`, for changing until the bundle is written; valid until the next bundle_add. */
void *bundle_row(struct bundle_writer *writer, enum bundle_table table, uint32_t index);
uint32_t bundle_count(const struct bundle_writer *writer, enum bundle_table table);

/* Appends an instruction and returns its number. */
uint32_t bundle_code(struct bundle_writer *writer, struct instruction instruction);
struct instruction *bundle_code_at(struct bundle_writer *writer, uint32_t index);
uint32_t bundle_code_count(const struct bundle_writer *writer);

/* The bytes of a section that the writer does not make itself (detectors, patterns, databases).
 * Copied. */
void bundle_section(struct bundle_writer *writer, enum section_kind kind, struct dvara_str bytes);

/* Appends the bundle to out, unsigned. NO_MEMORY, TOO_LARGE. */
DVARA_MUST_CHECK enum dvara_status bundle_write(struct bundle_writer *writer, struct buf *out);

/* Takes a whole bundle apart and puts it together with these databases and signatures; what is NULL
 * is left out. Appends to out. CORRUPT when `bytes` is no bundle. */
struct bundle_parts {
    const struct section *sections; /* digests are made here */
    const struct dvara_str *bytes;  /* one a section */
    uint32_t n_sections;
    const struct signature *signatures;
    uint32_t n_signatures;
};
DVARA_MUST_CHECK enum dvara_status bundle_assemble(const struct bundle_parts *parts,
                                                   struct buf *out);

#endif

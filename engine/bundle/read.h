/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a bundle's bytes apart, in the order that the loader relies on: header and directory, then
 * (in sign.h) the signatures, then strings, code and tables. Everything is checked by subtraction
 * before it is used. */
#ifndef BUNDLE_READ_H
#define BUNDLE_READ_H

#include "bundle/format.h"
#include "dvara/bundle.h"
#include "vm/op.h"

struct arena;

/* Header and directory; sections' digests have been compared. Borrows the bytes. */
struct bundle_file {
    struct dvara_str bytes;
    struct format_header header;
    struct section sections[SECTION_END];
    struct signature signatures[FORMAT_MAX_SIGNATURES];
};

/* What the sections decode to; in the arena. Columns are in range (tables.h); types are verify.h's.
 */
struct bundle_program {
    struct bundle_tables tables;
    const struct dvara_str *strings;
    uint32_t n_strings;
    const struct instruction *code;
    uint32_t n_code;
    uint8_t *types; /* by instruction: the type in register b (enum dvara_type); the verifier's */
};

DVARA_MUST_CHECK enum dvara_status bundle_read_file(struct dvara_str bytes,
                                                    struct dvara_bundle_error *ret_error,
                                                    struct bundle_file *ret_file);
/* The bytes of a section, or the absent slice. */
struct dvara_str bundle_file_section(const struct bundle_file *file, uint32_t kind);
/* Strings borrow the file's bytes. */
DVARA_MUST_CHECK enum dvara_status bundle_read_program(const struct bundle_file *file,
                                                       struct arena *arena,
                                                       struct dvara_bundle_error *ret_error,
                                                       struct bundle_program *ret_program);

/* Fills the error's sentence and returns `status`. */
enum dvara_status bundle_refuse(struct dvara_bundle_error *error, enum dvara_status status,
                                const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif

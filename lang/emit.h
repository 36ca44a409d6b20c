/* SPDX-License-Identifier: Apache-2.0 */
/* The back half of one compile: a checked program to the bytes of a bundle. The loader's own
 * verifier runs on the output before anyone else sees it. */
#ifndef LANG_EMIT_H
#define LANG_EMIT_H

#include "dvara/bundle.h"
#include "dvara/status.h"
#include "lang/codegen.h"

struct buf;

/* Appends the bundle, with pattern databases for this machine. INVALID: see `diags`. CORRUPT: the
 * verifier refused our own output, a bug; ret_error says why. NO_MEMORY, TOO_LARGE, UNSUPPORTED. */
DVARA_MUST_CHECK enum dvara_status
emit_bundle(const struct program *program, const struct codegen_options *options,
            struct diags *diags, struct dvara_bundle_error *ret_error, struct buf *out);

/* The same, with the pattern databases of the bundle `like` where they fit: its patterns come
 * first, used or not. */
DVARA_MUST_CHECK enum dvara_status emit_bundle_like(const struct program *program,
                                                    const struct codegen_options *options,
                                                    struct dvara_str like, struct diags *diags,
                                                    struct dvara_bundle_error *ret_error,
                                                    struct buf *out);

/* Appends `bytes` with databases built from its pattern sections. INVALID: a pattern does not
 * compile. */
DVARA_MUST_CHECK enum dvara_status
emit_databases(struct dvara_str bytes, struct dvara_bundle_error *ret_error, struct buf *out);

#endif

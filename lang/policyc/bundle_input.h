/* SPDX-License-Identifier: Apache-2.0 */
/* Operands that are a bundle or sources: either way a loaded bundle. */
#ifndef LANG_POLICYC_BUNDLE_INPUT_H
#define LANG_POLICYC_BUNDLE_INPUT_H

#include "dvara/bundle.h"
#include "lang/codegen.h"
#include "policyc/front.h"

/* Compiles front->program, appending the bundle's bytes. An exit code; diagnostics were printed. */
int bundle_compile(struct front *front, const struct codegen_options *options, struct buf *out);

/* The same of a program that front_compile made. */
int bundle_emit(struct front *front, const struct codegen_options *options, struct buf *out);

/* One operand that is a bundle, or sources: its bytes, with databases for this machine. */
int bundle_bytes(struct front *front, struct buf *out);

/* Loads bytes of our own making or that the operator gave: unsigned is fine, the databases are
 * built anew here. An exit code. */
int bundle_open(struct dvara_str bytes, struct dvara_bundle **ret_bundle);

#endif

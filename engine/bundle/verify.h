/* SPDX-License-Identifier: Apache-2.0 */
/* The proof that the VM cannot fail on a program, in the manner of eBPF's verifier: jumps go
 * forward, loops are structured, every register is written before it is read and of the right type
 * on every path, every operand is in range, atoms are acyclic, kept results are forgotten when what
 * they depend on changes, and every row that holds code holds code of the right type. The compile
 * runs it on its own output; the loader on every bundle. */
#ifndef BUNDLE_VERIFY_H
#define BUNDLE_VERIFY_H

#include "bundle/read.h"

/* INVALID with a sentence; UNSUPPORTED for an effect this build does not do; NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status bundle_verify(const struct bundle_program *program,
                                                 uint32_t n_detectors, uint32_t n_patterns,
                                                 struct dvara_bundle_error *ret_error);

/* What an attribute's value depends on: BUNDLE_DEPENDS_ bits. The code generator uses the same. */
uint32_t bundle_attribute_depends(enum dvara_attribute id);

#endif

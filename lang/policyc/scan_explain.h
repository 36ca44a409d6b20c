/* SPDX-License-Identifier: Apache-2.0 */
/* Why a finding scores what it scores, in the words of its detector's declaration. */
#ifndef LANG_POLICYC_SCAN_EXPLAIN_H
#define LANG_POLICYC_SCAN_EXPLAIN_H

#include "dvara/pii.h"
#include "lang/ast.h"

/* The first word of the detector's `context` that stands near text[start, end) or in its label; the
 * declaration's. Absent: none does. */
struct dvara_str scan_context_word(const struct decl *decl, struct dvara_str text,
                                   struct dvara_str label, size_t start, size_t end);

/* The pattern that proposed the span. */
struct dvara_str scan_pattern(const struct decl *decl, const struct dvara_span *span);
/* What the named check said: "valid", "unknown", "retired"; "none" without a check. */
const char *scan_check_outcome(const struct decl *decl, const struct dvara_span *span);

#endif

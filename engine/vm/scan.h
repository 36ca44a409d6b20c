/* SPDX-License-Identifier: Apache-2.0 */
/* Detectors and regular expressions on the texts of an exchange: scanned once, when first asked
 * for. */
#ifndef VM_SCAN_H
#define VM_SCAN_H

#include "vm/machine.h"

/* Scans the leaves of `where` unless done; never NULL. */
const struct run_scan *scan_texts(struct dvara_run *run, enum dvara_where where);
/* The texts changed (another tool call, another window). */
void scan_forget(struct dvara_run *run, enum dvara_where where);

struct dvara_leaves scan_leaves(const struct dvara_run *run, enum dvara_where where);

/* pii.found, pii.count, pii.score and their prompt_pii forms: `id` is the attribute. */
struct value scan_attribute(struct dvara_run *run, enum dvara_attribute id, uint32_t group);

/* Which of the bundle's patterns match in the text, by number; NULL: it could not be scanned. Not
 * while a part of a live answer is judged. */
const uint8_t *scan_patterns(struct dvara_run *run, struct dvara_str text);

/* Does pattern `regex` match in the text? */
struct value scan_matches(struct dvara_run *run, uint32_t regex, struct dvara_str text);

/* Is `sought` in the text? */
struct value scan_contains(struct dvara_run *run, struct dvara_str text, struct dvara_str sought);

#endif

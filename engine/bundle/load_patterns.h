/* SPDX-License-Identifier: Apache-2.0 */
/* The part of loading that joins pattern sections with their databases. */
#ifndef BUNDLE_LOAD_PATTERNS_H
#define BUNDLE_LOAD_PATTERNS_H

#include "bundle/loaded.h"

/* The number of detectors and of patterns that the sections declare. */
DVARA_MUST_CHECK enum dvara_status load_pattern_counts(const struct bundle_file *file,
                                                       struct arena *arena,
                                                       struct dvara_bundle_error *ret_error,
                                                       uint32_t *ret_detectors,
                                                       uint32_t *ret_patterns);

/* Fills bundle->detectors and bundle->patterns. NOT_FOUND when a database is missing, of another
 * machine, or not `trusted`. */
DVARA_MUST_CHECK enum dvara_status load_patterns(const struct bundle_file *file, bool trusted,
                                                 struct dvara_bundle *bundle,
                                                 struct dvara_bundle_error *ret_error);
void load_patterns_free(struct dvara_bundle *bundle);

#endif

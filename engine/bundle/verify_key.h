/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the verifier that follows what the index is made of: subjects can be known, and keys
 * ask what their subject can answer. */
#ifndef BUNDLE_VERIFY_KEY_H
#define BUNDLE_VERIFY_KEY_H

#include "bundle/read.h"

/* The blocks have been verified. */
DVARA_MUST_CHECK enum dvara_status verify_keys(const struct bundle_program *program,
                                               struct dvara_bundle_error *ret_error);

#endif

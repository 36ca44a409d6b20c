/* SPDX-License-Identifier: Apache-2.0 */
/* The part of the verifier that follows the code of one block. */
#ifndef BUNDLE_VERIFY_CODE_H
#define BUNDLE_VERIFY_CODE_H

#include "bundle/read.h"

struct arena;

/* Of the blocks verified so far: how deep their calls nest. One a block. */
struct verify_calls {
    uint8_t *depth;
};

/* Block `index`; blocks with smaller numbers have been verified. `scratch` is reset by the caller.
 */
DVARA_MUST_CHECK enum dvara_status verify_block(const struct bundle_program *program,
                                                uint32_t index, uint32_t n_patterns,
                                                struct verify_calls *calls, struct arena *scratch,
                                                struct dvara_bundle_error *ret_error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The tests section as the loader sees it. */
#ifndef TRIAL_BUNDLE_TESTS_H
#define TRIAL_BUNDLE_TESTS_H

#include "dvara/bundle.h"
#include "dvara/tests.h"

/* Is every test whole? A bundle is refused as one piece, so its tests are read when it is loaded,
 * and not first when they are run. INVALID with a sentence; NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status bundle_tests_verify(struct dvara_str section,
                                                       struct dvara_bundle_error *ret_error);

#endif

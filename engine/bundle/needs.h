/* SPDX-License-Identifier: Apache-2.0 */
/* Which blocks of a bundle read what only a store can tell; dvara_bundle_find_need asks it. */
#ifndef BUNDLE_NEEDS_H
#define BUNDLE_NEEDS_H

#include "dvara/bundle.h"

/* Fills bundle->needs, in the bundle's arena. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status needs_note(struct dvara_bundle *bundle);

#endif

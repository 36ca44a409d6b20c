/* SPDX-License-Identifier: Apache-2.0 */
/* Models by provider and name: a catalog holds hundreds, and every candidate target asks. */
#ifndef BUNDLE_MODELS_H
#define BUNDLE_MODELS_H

#include "bundle/loaded.h"

/* Fills bundle->model_slots, in the bundle's arena. NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status models_index(struct dvara_bundle *bundle);

/* The row of a declared model, or NULL. */
const struct bundle_model *models_find(const struct dvara_bundle *bundle, struct dvara_str provider,
                                       struct dvara_str model);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What is given, as fields in rising order of their numbers and a 0 after the last: only what
 * differs from the defaults stands. */
#ifndef TRIAL_FROZEN_GIVEN_H
#define TRIAL_FROZEN_GIVEN_H

#include "trial/frozen_bytes.h"
#include "trial/given.h"

void frozen_put_given(struct buf *out, const struct given *given);

/* Into a started `given`, in its arena. What is wrong makes `bytes` fail. */
void frozen_get_given(struct frozen_bytes *bytes, struct given *given);

/* A list of texts. */
struct dvara_strs frozen_texts(struct frozen_bytes *bytes, struct arena *arena);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A time at which the wall clocks of some zones show what a model says. */
#ifndef LANG_LOGIC_EXAMPLE_TIME_H
#define LANG_LOGIC_EXAMPLE_TIME_H

#include "lang/logic/answer.h"

/* RFC 3339, UTC, to the minute; absent: the model asks nothing of the time, or none is found in the
 * week that is looked through. */
struct dvara_str example_time(struct arena *arena, const struct script *script,
                              const struct answer *answer);

#endif

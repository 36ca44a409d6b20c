/* SPDX-License-Identifier: Apache-2.0 */
/* What is derived from `given`: request.text, request.system, and the texts that detectors read. */
#ifndef LANG_GIVEN_LEAVES_H
#define LANG_GIVEN_LEAVES_H

#include "lang/given.h"

/* False: out of memory. */
bool given_leaves(struct given *given);

/* The name of a row of records.def. */
const char *field_name(uint32_t id);

#endif

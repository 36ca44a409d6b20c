/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of a text in which patterns can match that need a long run (needs.h). */
#ifndef PATTERN_WINDOWS_H
#define PATTERN_WINDOWS_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>

struct window {
    size_t start, end;
};

/* The first window from `at` on: a run, and a byte or two before and after it; windows that nearly
 * touch are one. False: there is none. Give the next call ret_window->end. */
bool windows_next(struct dvara_str text, size_t at, struct window *ret_window);

#endif

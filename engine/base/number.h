/* SPDX-License-Identifier: Apache-2.0 */
/* The decimal numbers of JSON: exact, and independent of the locale. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "dvara/status.h"
#include "dvara/str.h"

#include <stdint.h>

struct buf;

/* Length of the number in JSON's grammar at the start of s, or 0. ret_is_plain: it is surely a
 * finite double (short, and without an exponent); else ask number_is_finite. */
size_t number_length(struct dvara_str s, bool *ret_is_plain);

/* The nearest double, ties to even; infinite when it overflows. s is exactly one JSON number. */
double number_double(struct dvara_str s);

/* Is the nearest double finite? */
bool number_is_finite(struct dvara_str s);

/* A number whose value is an integer that int64 holds, in any spelling (1e3, 10.0, -0). INVALID for
 * others. */
DVARA_MUST_CHECK enum dvara_status number_int(struct dvara_str s, int64_t *ret_value);

/* The decimal form of an integer, written into `room`, which the result borrows. */
enum { NUMBER_INT_BYTES = 20 };
struct dvara_str number_int_text(int64_t value, char room[NUMBER_INT_BYTES]);

/* The shortest decimal that reads back as the same finite double. */
void number_write_double(struct buf *out, double value);

#endif

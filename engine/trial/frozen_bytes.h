/* SPDX-License-Identifier: Apache-2.0 */
/* The words of a frozen test: numbers of 7 bits a byte, low bits first, the high bit set on all but
 * the last; text as its length and its bytes. */
#ifndef TRIAL_FROZEN_BYTES_H
#define TRIAL_FROZEN_BYTES_H

#include "dvara/str.h"

#include <stdint.h>

struct buf;

void frozen_put_number(struct buf *out, uint64_t number);
void frozen_put_signed(struct buf *out, int64_t number); /* zigzag */
void frozen_put_text(struct buf *out, struct dvara_str text);
void frozen_put_opt_text(struct buf *out, struct dvara_str text); /* 0, or the length + 1 */

/* Reading is sticky: after a failure everything reads as 0 and empty. */
struct frozen_bytes {
    struct dvara_str text;
    size_t at;
    bool failed;
};

uint64_t frozen_number(struct frozen_bytes *bytes);
/* A number of at most `most`. */
uint64_t frozen_bounded(struct frozen_bytes *bytes, uint64_t most);
int64_t frozen_signed(struct frozen_bytes *bytes);
/* UTF-8, checked; never absent. */
struct dvara_str frozen_text(struct frozen_bytes *bytes);
struct dvara_str frozen_opt_text(struct frozen_bytes *bytes);
/* How many elements follow: each takes a byte at least, so a count over what is left fails. */
size_t frozen_count(struct frozen_bytes *bytes);

#endif

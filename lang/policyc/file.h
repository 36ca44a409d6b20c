/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in and out; messages go to standard error. */
#ifndef LANG_POLICYC_FILE_H
#define LANG_POLICYC_FILE_H

#include "base/buf.h"

enum { POLICYC_FILE_MAX = 256 << 20 };

/* Appends the file ("-": standard input). False: a message was printed. */
bool file_read(struct dvara_str path, struct buf *out);
/* To standard output, all of it. False: too much was appended, and a message says so; or it cannot
 * be written, which main tells of. */
bool file_print(const struct buf *bytes);
/* Writes a new file beside it and renames it into place, so that a reader sees the old or the new.
 * A link stays, and what it leads to is replaced; what is no plain file (a pipe, /dev/null) is
 * written to as it is. "-": standard output. False: a message was printed. */
bool file_write(struct dvara_str path, struct dvara_str bytes, unsigned mode);
/* The same for a file that is there and keeps its mode. */
bool file_replace(struct dvara_str path, struct dvara_str bytes);

#endif

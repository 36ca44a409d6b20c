/* SPDX-License-Identifier: Apache-2.0 */
/* A file read line by line, in bounded memory. */
#ifndef GATEWAY_AUDIT_LINES_H
#define GATEWAY_AUDIT_LINES_H

#include "base/buf.h"
#include "dvara/status.h"

#include <stdbool.h>
#include <stdint.h>

struct lines {
    int fd;
    struct buf buffer;
    size_t start; /* of what was not yet handed out */
    bool at_end;
    uint64_t number; /* of the line handed out last, from 1 */
};

/* NOT_FOUND, IO. */
enum dvara_status lines_open(const char *path_cstr, struct lines *ret_lines) DVARA_MUST_CHECK;
void lines_close(struct lines *lines);

/* The next line without its end, valid until the next call. NOT_FOUND: there is no more. AGAIN: the
 * file ends in the middle of this line. TOO_LARGE: a line over AUDIT_MAX_LINE. IO. */
enum dvara_status lines_next(struct lines *lines, struct dvara_str *ret_line) DVARA_MUST_CHECK;

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/lines.h"

#include "gateway/audit/record.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { READ_BYTES = 256 * 1024 };

enum dvara_status lines_open(const char *path_cstr, struct lines *ret_lines)
{
    *ret_lines = (struct lines){.fd = open(path_cstr, O_RDONLY | O_CLOEXEC)};
    if (ret_lines->fd < 0)
        return errno == ENOENT ? DVARA_NOT_FOUND : DVARA_IO;
    buf_init(&ret_lines->buffer, AUDIT_MAX_LINE + READ_BYTES);
    return DVARA_OK;
}

void lines_close(struct lines *lines)
{
    if (lines->fd >= 0)
        close(lines->fd);
    buf_clear(&lines->buffer);
    lines->fd = -1;
}

static enum dvara_status read_more(struct lines *lines)
{
    if (lines->start != 0)
        buf_consume(&lines->buffer, lines->start);
    lines->start = 0;
    char *room = buf_room(&lines->buffer, READ_BYTES);
    if (room == NULL)
        return DVARA_TOO_LARGE;
    ssize_t n;
    do
        n = read(lines->fd, room, READ_BYTES);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return DVARA_IO;
    lines->at_end = n == 0;
    lines->buffer.n += (size_t)n;
    return DVARA_OK;
}

enum dvara_status lines_next(struct lines *lines, struct dvara_str *ret_line)
{
    size_t searched = 0;
    for (;;) {
        struct dvara_str rest =
            dvara_str_slice(buf_str(&lines->buffer), lines->start, lines->buffer.n);
        const char *end =
            rest.n > searched ? memchr(rest.p + searched, '\n', rest.n - searched) : NULL;
        if (end != NULL || (lines->at_end && rest.n != 0)) {
            size_t n = end != NULL ? (size_t)(end - rest.p) : rest.n;
            *ret_line = dvara_str_slice(rest, 0, n);
            lines->start += n + (end != NULL);
            lines->number++;
            return end != NULL ? DVARA_OK : DVARA_AGAIN;
        }
        if (lines->at_end)
            return DVARA_NOT_FOUND;
        searched = rest.n;
        enum dvara_status status = read_more(lines);
        if (status != DVARA_OK)
            return status;
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/lsp.h"

#include <string.h>
#include <strings.h>

enum { HEADER_MAX = 4096 };

/* The number after `Content-Length:` on one line; -1: another field. */
static long long length_of(struct dvara_str line)
{
    static const char name[] = "content-length:";
    size_t n = sizeof name - 1;
    if (line.n <= n || strncasecmp(line.p, name, n) != 0)
        return -1;
    long long length = 0;
    bool any = false;
    for (size_t i = n; i < line.n; i++) {
        if (line.p[i] == ' ' && !any)
            continue;
        if (line.p[i] < '0' || line.p[i] > '9' || length > LSP_MESSAGE_MAX)
            return LSP_MESSAGE_MAX + 1LL;
        length = length * 10 + (line.p[i] - '0');
        any = true;
    }
    return any ? length : LSP_MESSAGE_MAX + 1LL;
}

bool lsp_frame(struct dvara_str in, struct dvara_str *ret_message, size_t *ret_used)
{
    const char *end = in.n ? memmem(in.p, in.n, "\r\n\r\n", 4) : NULL;
    *ret_used = !end && in.n > HEADER_MAX ? SIZE_MAX : 0;
    if (!end)
        return false;
    size_t head = (size_t)(end - in.p) + 2;
    long long length = -1;
    for (size_t at = 0; at < head;) {
        const char *eol = memmem(in.p + at, head - at, "\r\n", 2);
        size_t stop = (size_t)(eol - in.p);
        long long found = length_of(dvara_str_slice(in, at, stop));
        length = found >= 0 ? found : length;
        at = stop + 2;
    }
    if (length < 0 || length > LSP_MESSAGE_MAX) {
        *ret_used = SIZE_MAX;
        return false;
    }
    size_t body = head + 2;
    if (in.n - body < (size_t)length)
        return false;
    *ret_message = dvara_str_slice(in, body, body + (size_t)length);
    *ret_used = body + (size_t)length;
    return true;
}

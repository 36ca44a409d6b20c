/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/bytes.h"
#include "base/number.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void buf_init(struct buf *buf, size_t limit_bytes)
{
    *buf = (struct buf){.limit = limit_bytes};
}

void buf_clear(struct buf *buf)
{
    free(buf->p);
    buf_init(buf, buf->limit);
}

void buf_reset(struct buf *buf)
{
    buf->n = 0;
    buf->failed = false;
}

char *buf_room_slowly(struct buf *buf, size_t extra)
{
    if (buf->failed || extra > buf->limit - buf->n)
        goto fail;
    size_t need = buf->n + extra;
    if (need > buf->size) {
        size_t size = buf->size ? buf->size : 256;
        while (size < need)
            size = size > buf->limit / 2 ? buf->limit : size * 2;
        char *p = realloc(buf->p, size);
        if (!p)
            goto fail;
        buf->p = p;
        buf->size = size;
    }
    return buf->p + buf->n;
fail:
    buf->failed = true;
    return NULL;
}

void buf_append_slowly(struct buf *buf, struct dvara_str s)
{
    char *p = buf_room(buf, s.n);
    if (!p)
        return;
    memcpy(p, s.p, s.n);
    buf->n += s.n;
}

void buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(n >= 0);
    /* vsnprintf writes a NUL that is room we hold and never count. */
    char *p = buf_room(buf, (size_t)n + 1);
    if (p) {
        (void)vsnprintf(p, (size_t)n + 1, format, again);
        buf->n += (size_t)n;
    }
    va_end(again);
}

void buf_int(struct buf *buf, int64_t value)
{
    char room[NUMBER_INT_BYTES];
    struct dvara_str text = number_int_text(value, room);
    char *p = buf_room(buf, text.n);
    if (!p)
        return;
    bytes_copy(p, text);
    buf->n += text.n;
}

void buf_consume(struct buf *buf, size_t count)
{
    assert(count <= buf->n);
    memmove(buf->p, buf->p + count, buf->n - count);
    buf->n -= count;
}

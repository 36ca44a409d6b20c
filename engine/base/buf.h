/* SPDX-License-Identifier: Apache-2.0 */
/* A growable run of bytes with a stated ceiling. Failure is sticky: append often, ask once with
 * buf_failed(). Owns its memory; buf_clear frees it. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct buf {
    char *p;
    size_t n;     /* bytes in use */
    size_t size;  /* bytes held */
    size_t limit; /* ceiling on n */
    bool failed;  /* sticky until buf_reset */
};

void buf_init(struct buf *buf, size_t limit_bytes);
void buf_clear(struct buf *buf);
/* Empties it and keeps the memory. */
void buf_reset(struct buf *buf);

/* The paths of buf_append and buf_byte that do not fit into what is held. */
void buf_append_slowly(struct buf *buf, struct dvara_str s);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends the decimal form; no printf on hot paths. */
void buf_int(struct buf *buf, int64_t value);
/* The path of buf_room that grows. */
char *buf_room_slowly(struct buf *buf, size_t extra);
/* Drops the first `count` bytes (count <= n). */
void buf_consume(struct buf *buf, size_t count);

/* Inline: a record or a head is written in pieces of a few bytes, and the call cost more than the
 * copy. What fits into the size is within the limit, unless that was lowered since. */
static inline bool buf_fits(const struct buf *buf, size_t extra)
{
    return !buf->failed && extra <= buf->size - buf->n && buf->size <= buf->limit;
}

/* Room for at least `extra` more bytes at p + n, or NULL and sticky failure. The caller writes and
 * then adds to n. */
static inline char *buf_room(struct buf *buf, size_t extra)
{
    return buf_fits(buf, extra) && buf->size ? buf->p + buf->n : buf_room_slowly(buf, extra);
}

static inline void buf_append(struct buf *buf, struct dvara_str s)
{
    if (s.n == 0)
        return;
    if (!buf_fits(buf, s.n)) {
        buf_append_slowly(buf, s);
        return;
    }
    memcpy(buf->p + buf->n, s.p, s.n);
    buf->n += s.n;
}

static inline void buf_byte(struct buf *buf, char byte)
{
    if (!buf_fits(buf, 1)) {
        buf_append_slowly(buf, dvara_str_from(&byte, 1));
        return;
    }
    buf->p[buf->n++] = byte;
}

static inline bool buf_failed(const struct buf *buf)
{
    return buf->failed;
}

static inline struct dvara_str buf_str(const struct buf *buf)
{
    return (struct dvara_str){.p = buf->p ? buf->p : "", .n = buf->n};
}

#define BUF_LIT(buf, lit) buf_append((buf), DVARA_STR(lit))

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* A growable run of bytes with a stated ceiling. Failure is sticky: append often, ask once with
 * buf_failed(). Owns its memory; buf_clear frees it. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

void buf_append(struct buf *buf, struct dvara_str s);
void buf_byte(struct buf *buf, char byte);
void buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Appends the decimal form; no printf on hot paths. */
void buf_int(struct buf *buf, int64_t value);
/* Room for at least `extra` more bytes at p + n, or NULL and sticky failure. The caller writes and
 * then adds to n. */
char *buf_room(struct buf *buf, size_t extra);
/* Drops the first `count` bytes (count <= n). */
void buf_consume(struct buf *buf, size_t count);

static inline bool buf_failed(const struct buf *buf) { return buf->failed; }

static inline struct dvara_str buf_str(const struct buf *buf)
{
    return (struct dvara_str){.p = buf->p ? buf->p : "", .n = buf->n};
}

#define BUF_LIT(buf, lit) buf_append((buf), DVARA_STR(lit))

#endif

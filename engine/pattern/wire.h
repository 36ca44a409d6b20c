/* SPDX-License-Identifier: Apache-2.0 */
/* Little-endian integers and length-prefixed texts in sections. Readers have a sticky failure: read
 * often, ask once. */
#ifndef PATTERN_WIRE_H
#define PATTERN_WIRE_H

#include "base/buf.h"
#include "dvara/str.h"

#include <stdbool.h>
#include <stdint.h>

static inline void wire_put_u32(struct buf *out, uint32_t value)
{
    char bytes[4] = {(char)(value & 255), (char)(value >> 8 & 255), (char)(value >> 16 & 255),
                     (char)(value >> 24 & 255)};
    buf_append(out, dvara_str_from(bytes, sizeof bytes));
}

static inline void wire_put_str(struct buf *out, struct dvara_str s)
{
    wire_put_u32(out, (uint32_t)s.n);
    buf_append(out, s);
}

struct wire_reader {
    struct dvara_str rest;
    bool failed;
};

static inline struct dvara_str wire_bytes(struct wire_reader *reader, size_t n)
{
    if (reader->failed || n > reader->rest.n) {
        reader->failed = true;
        return DVARA_STR("");
    }
    struct dvara_str s = dvara_str_from(reader->rest.p, n);
    reader->rest.p += n;
    reader->rest.n -= n;
    return s;
}

static inline uint32_t wire_u32(struct wire_reader *reader)
{
    struct dvara_str s = wire_bytes(reader, 4);
    if (reader->failed)
        return 0;
    const unsigned char *p = (const unsigned char *)s.p;
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline struct dvara_str wire_str(struct wire_reader *reader)
{
    uint32_t n = wire_u32(reader);
    return wire_bytes(reader, n);
}

/* A count of rows that each take at least `row_bytes`: no allocation is larger than the section. */
static inline uint32_t wire_count(struct wire_reader *reader, uint32_t most, size_t row_bytes)
{
    uint32_t n = wire_u32(reader);
    if (n > most || n > reader->rest.n / row_bytes)
        reader->failed = true;
    return reader->failed ? 0 : n;
}

#endif

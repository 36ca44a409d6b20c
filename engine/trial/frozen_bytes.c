/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/frozen_bytes.h"

#include "base/buf.h"
#include "base/utf8.h"

enum { NUMBER_BYTES = 10 };

void frozen_put_number(struct buf *out, uint64_t number)
{
    for (; number >= 0x80; number >>= 7)
        buf_byte(out, (char)(number | 0x80));
    buf_byte(out, (char)number);
}

void frozen_put_signed(struct buf *out, int64_t number)
{
    uint64_t bits = (uint64_t)number << 1;
    frozen_put_number(out, number < 0 ? ~bits : bits);
}

void frozen_put_text(struct buf *out, struct dvara_str text)
{
    frozen_put_number(out, text.n);
    buf_append(out, text);
}

void frozen_put_opt_text(struct buf *out, struct dvara_str text)
{
    frozen_put_number(out, dvara_str_is_absent(text) ? 0 : (uint64_t)text.n + 1);
    buf_append(out, text);
}

static size_t left(const struct frozen_bytes *bytes)
{
    return bytes->failed ? 0 : bytes->text.n - bytes->at;
}

static uint64_t fail(struct frozen_bytes *bytes)
{
    bytes->failed = true;
    return 0;
}

uint64_t frozen_number(struct frozen_bytes *bytes)
{
    uint64_t number = 0;
    for (unsigned i = 0; i < NUMBER_BYTES && left(bytes) > 0; i++) {
        uint8_t byte = (uint8_t)bytes->text.p[bytes->at++];
        uint64_t bits = byte & 0x7f;
        if (i == NUMBER_BYTES - 1 && bits > 1)
            break;
        number |= bits << 7 * i;
        if (byte < 0x80)
            return byte == 0 && i > 0 ? fail(bytes) : number; /* one spelling a number */
    }
    return fail(bytes);
}

uint64_t frozen_bounded(struct frozen_bytes *bytes, uint64_t most)
{
    uint64_t number = frozen_number(bytes);
    return number <= most ? number : fail(bytes);
}

int64_t frozen_signed(struct frozen_bytes *bytes)
{
    uint64_t bits = frozen_number(bytes);
    uint64_t number = bits >> 1;
    return (int64_t)(bits & 1 ? ~number : number);
}

static struct dvara_str slice(struct frozen_bytes *bytes, uint64_t n)
{
    struct dvara_str text = DVARA_STR("");
    if (n <= left(bytes)) {
        text = dvara_str_slice(bytes->text, bytes->at, bytes->at + (size_t)n);
        bytes->at += (size_t)n;
    } else {
        bytes->failed = true;
    }
    if (!utf8_validate(text, NULL))
        bytes->failed = true;
    return text;
}

struct dvara_str frozen_text(struct frozen_bytes *bytes)
{
    return slice(bytes, frozen_number(bytes));
}

struct dvara_str frozen_opt_text(struct frozen_bytes *bytes)
{
    uint64_t n = frozen_number(bytes);
    return n == 0 ? (struct dvara_str){NULL, 0} : slice(bytes, n - 1);
}

size_t frozen_count(struct frozen_bytes *bytes)
{
    return (size_t)frozen_bounded(bytes, left(bytes));
}

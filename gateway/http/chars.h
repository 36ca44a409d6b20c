/* SPDX-License-Identifier: Apache-2.0 */
/* The byte classes of RFC 9110 and 9112, as one table. */
#ifndef GATEWAY_HTTP_CHARS_H
#define GATEWAY_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    HTTP_CHAR_TOKEN = 1,  /* tchar: methods, field names */
    HTTP_CHAR_TARGET = 2, /* visible ASCII but '#' '"' '<' '>' '^' '`' '{' '|' '}' */
    HTTP_CHAR_VALUE = 4,  /* in a field value: visible, space, tab, 0x80..0xff */
    HTTP_CHAR_HOST = 8,   /* in a host name, address or port */
    HTTP_CHAR_HEX = 16,
};

extern const uint8_t http_chars[256];

static inline bool http_char_is(char c, unsigned classes)
{
    return (http_chars[(unsigned char)c] & classes) != 0;
}

/* In the top bit of a byte: it may be a control byte (the usual test for a byte under a bound: Sean
 * Anderson, "Bit Twiddling Hacks", haszero and hasless). A tab counts as one, and a byte after one
 * may: then each is looked at. */
static inline uint64_t http_control_bytes(const char *p)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    uint64_t word;
    memcpy(&word, p, sizeof word);
    uint64_t del = word ^ ones * 0x7f;
    return (((word - ones * ' ') & ~word) | ((del - ones) & ~del)) & tops;
}

/* The value of a hex digit. */
static inline unsigned http_hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : ((unsigned)(c | 0x20) - 'a' + 10);
}

#endif

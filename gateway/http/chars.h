/* SPDX-License-Identifier: Apache-2.0 */
/* The byte classes of RFC 9110 and 9112, as one table. */
#ifndef GATEWAY_HTTP_CHARS_H
#define GATEWAY_HTTP_CHARS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* The value of a hex digit. */
static inline unsigned http_hex_value(char c)
{
    return c <= '9' ? (unsigned)(c - '0') : ((unsigned)(c | 0x20) - 'a' + 10);
}

#endif

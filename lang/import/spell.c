/* SPDX-License-Identifier: Apache-2.0 */
/* Values as policy text spells them. */
#include "base/buf.h"
#include "base/utf8.h"
#include "lang/import/imported.h"

enum { TEXT_BYTES = 1 << 20 };

/* What may not stand raw in a file: controls, and marks that reorder text. */
static bool must_be_escaped(uint32_t c)
{
    return c < ' ' || c == 0x7f || (c >= 0x80 && c < 0xa0) || c == 0x61c || c == 0x200e ||
           c == 0x200f || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
           c == 0xfeff;
}

static struct dvara_str literal(struct imported *im, struct dvara_str text, bool template)
{
    struct buf out;
    buf_init(&out, TEXT_BYTES);
    buf_byte(&out, '"');
    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        uint32_t c = utf8_next(text, &i);
        if (c == '"' || c == '\\')
            buf_byte(&out, '\\');
        if (template && (c == '{' || c == '}'))
            buf_byte(&out, (char)c);
        if (must_be_escaped(c))
            buf_printf(&out, "\\u{%X}", c);
        else
            buf_append(&out, dvara_str_slice(text, from, i));
    }
    buf_byte(&out, '"');
    struct dvara_str result = arena_copy(im->arena, buf_str(&out));
    buf_clear(&out);
    return result;
}

struct dvara_str dvp_string(struct imported *im, struct dvara_str text)
{
    return literal(im, text, false);
}

struct dvara_str dvp_template(struct imported *im, struct dvara_str text)
{
    return literal(im, text, true);
}

struct dvara_str dvp_regex(struct imported *im, struct dvara_str text, const char *flags_cstr)
{
    struct buf out;
    bool escaped = false;
    buf_init(&out, TEXT_BYTES);
    buf_byte(&out, '/');
    for (size_t i = 0; i < text.n;) {
        size_t from = i;
        uint32_t c = utf8_next(text, &i);
        if (must_be_escaped(c)) {
            buf_clear(&out);
            return (struct dvara_str){NULL, 0};
        }
        if (c == '/' && !escaped)
            buf_byte(&out, '\\');
        escaped = c == '\\' && !escaped;
        buf_append(&out, dvara_str_slice(text, from, i));
    }
    if (escaped)
        buf_byte(&out, '\\'); /* a lone backslash at the end would take the closing slash */
    buf_byte(&out, '/');
    buf_append(&out, dvara_str_from_cstr(flags_cstr));
    struct dvara_str result = arena_copy(im->arena, buf_str(&out));
    buf_clear(&out);
    return result;
}

struct dvara_str dvp_milliseconds(struct imported *im, int64_t value)
{
    if (value % 1000 == 0)
        return arena_printf(im->arena, "%llds", (long long)(value / 1000));
    return arena_printf(im->arena, "%lldms", (long long)value);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testdiff.h"

#include "base/buf.h"
#include "base/json_text.h"
#include "base/utf8.h"

enum { BEFORE = 30, AFTER = 40 }; /* bytes shown around the place */

static size_t shared(struct dvara_str a, struct dvara_str b)
{
    size_t n = 0;
    while (n < a.n && n < b.n && a.p[n] == b.p[n])
        n++;
    while (n > 0 &&
           ((n < a.n && utf8_is_continuation(a.p[n])) || (n < b.n && utf8_is_continuation(b.p[n]))))
        n--;
    return n;
}

static size_t to_boundary(struct dvara_str s, size_t at)
{
    while (at < s.n && utf8_is_continuation(s.p[at]))
        at++;
    return at;
}

static void print_around(const char *label, struct dvara_str text, size_t from, size_t place,
                         struct buf *out)
{
    size_t to = to_boundary(text, place + AFTER);
    buf_append(out, dvara_str_from_cstr(label));
    buf_append(out, from ? DVARA_STR("…") : DVARA_STR(" "));
    json_write_escaped(out, dvara_str_slice(text, from, to));
    buf_append(out, to < text.n ? DVARA_STR("…\n") : DVARA_STR("\n"));
}

void testdiff_print(struct dvara_str expected, struct dvara_str actual, struct buf *out)
{
    size_t place = shared(expected, actual);
    size_t from = place > BEFORE ? to_boundary(expected, place - BEFORE) : 0;
    struct buf before;
    if (place == expected.n && place == actual.n)
        return;
    print_around("  - ", expected, from, place, out);
    print_around("  + ", actual, from, place, out);
    buf_init(&before, 8 * BEFORE);
    json_write_escaped(&before, dvara_str_slice(expected, from, place));
    size_t column = utf8_count(buf_str(&before));
    buf_printf(out, "     %*s^ they part after %zu characters\n", (int)column, "",
               utf8_count(dvara_str_slice(expected, 0, place)));
    buf_clear(&before);
}

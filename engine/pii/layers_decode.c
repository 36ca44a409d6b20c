/* SPDX-License-Identifier: Apache-2.0 */
/* Escapes that stand close together are decoded with the text around them. What is decoded may hold
 * escapes again: three levels are read. */
#include "pii/layers.h"

#include "pattern/text.h"
#include "pii/decode.h"

/* \n between words of code and prose changes nothing; before a number it hides where that begins.
 */
static bool matters(struct dvara_str text, const struct escape *escape)
{
    if (!escape->is_layout)
        return true;
    return escape->end < text.n && (text_is_alnum((unsigned char)text.p[escape->end]) ||
                                    strchr("+(@", text.p[escape->end]));
}

/* Is it told only by what follows the text? */
static bool is_open(const struct search *search, const struct escape *escape)
{
    return search->partial &&
           (escape->is_open || (escape->is_layout && escape->end == search->text.n));
}

static bool next_escape(const struct search *search, size_t at, struct odd *ret_odd,
                        size_t *ret_open)
{
    struct escape escape;
    for (; decode_next(search->text, at, &escape, ret_open); at = escape.end) {
        if (is_open(search, &escape)) {
            *ret_open = escape.start;
            return false;
        }
        if (matters(search->text, &escape)) {
            *ret_odd = (struct odd){.start = escape.start,
                                    .end = escape.end,
                                    .value = escape.value,
                                    .is_byte = escape.is_byte};
            return true;
        }
    }
    return false;
}

bool layers_decode(struct dvara_scanner *scanner, struct search *search)
{
    return layers_read_odd(scanner, search, next_escape, DVARA_VIA_DECODED);
}

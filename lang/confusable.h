/* SPDX-License-Identifier: Apache-2.0 */
/* Text that reads otherwise than it is: letters of another script that look Latin, words of two
 * scripts, letters for mathematics or of double width, characters that are not drawn. */
#ifndef LANG_CONFUSABLE_H
#define LANG_CONFUSABLE_H

#include "dvara/str.h"

#include <stdint.h>

enum confusable {
    CONFUSABLE_NONE,
    CONFUSABLE_HIDDEN,    /* it cannot be seen */
    CONFUSABLE_MIXED,     /* its word has letters of another script */
    CONFUSABLE_LOOKALIKE, /* it is drawn like a Latin letter, as is all of its script in the text */
    CONFUSABLE_FORM       /* a Latin letter in another form */
};

/* The first such character of well-formed text; NONE: there is none. ret_offset is where it starts,
 * ret_letter the Latin letter it looks like, or 0. */
enum confusable confusable_find(struct dvara_str text, size_t *ret_offset, char *ret_letter);

#endif

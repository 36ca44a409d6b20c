/* SPDX-License-Identifier: Apache-2.0 */
/* A text is read more than once where it may not mean what it says: with Unicode's ways of writing
 * made one, with escapes and entities decoded, encoded runs decoded, odd grouping taken out. Each
 * reading is a view (view.h); what is found in one is claimed in the text itself. Not for other
 * folders. */
#ifndef PII_LAYERS_H
#define PII_LAYERS_H

#include "dvara/pii.h"
#include "pii/find.h"
#include "pii/view.h"

/* A stream sees a text through a window and must read what the whole text reads. So every reading
 * is made of what stands near: of at most so much text before, and so much after, as is said here,
 * in one text as in the other; what is stretched further is no disguise in either. */

/* A reading of some part of a text. */
struct layer {
    const struct view *view;
    size_t changed, changed_end; /* of the view: only what reaches it is news, */
    size_t near;                 /* and what begins so many bytes after it */
    bool begins;                 /* only what begins there is news */
    size_t below;                /* of the text below: where what the view was made from ends */
    enum dvara_via via;
};

enum {
    LAYER_BEFORE = 256, /* bytes of the text below before a part that is read otherwise, */
    LAYER_AFTER = 640,  /* and after it: what is near, and an address that begins there */
    LAYER_MARGIN = 160  /* bytes of a reading in which an escape that began before them ends */
};

/* Finds in the layer and claims it in `search`. False: an error. */
bool layers_find(struct dvara_scanner *scanner, struct search *search, const struct layer *layer);

/* Percent signs, entities and backslash escapes. */
bool layers_decode(struct dvara_scanner *scanner, struct search *search);
/* Runs of base64 and hexadecimal digits. */
bool layers_unpack(struct dvara_scanner *scanner, struct search *search);
/* Numbers in odd groupings, or with letters for digits, as find_places came upon them. */
bool layers_fold(struct dvara_scanner *scanner, struct search *search);
/* Letters of other scripts within identifiers. */
bool layers_unmask(struct dvara_scanner *scanner, struct search *search);
/* Unicode's tag characters, of a text in which they are not left out yet. */
bool layers_tags(struct dvara_scanner *scanner, struct search *search);

/* Something that is read otherwise: text[start, end) as `put` writes it. */
struct odd {
    size_t start, end;
    uint32_t value;
    bool is_byte; /* `value` is a byte, else a code point */
};
/* The next one at or after `at`. False: there is none; then *ret_open is where one may begin that
 * is not told before the text goes on, or text.n. */
typedef bool odd_function(const struct search *search, size_t at, struct odd *ret_odd,
                          size_t *ret_open);
/* Reads odd things that stand close together as one part, with the text around them. */
bool layers_read_odd(struct dvara_scanner *scanner, struct search *search, odd_function *next,
                     enum dvara_via via);

/* The room for a view at the search's depth. */
struct view *layers_room(struct dvara_scanner *scanner, const struct search *search);
/* From where on a reading of the search's text must be made: what is found in it may look back so
 * far. */
size_t layers_begin(const struct search *search);
/* The same for what is odd: after what is known to hold nothing of that kind. */
size_t layers_look(const struct search *search);
/* Is it known that the text holds nothing odd? */
static inline bool layers_is_plain(const struct search *search)
{
    return !search->outer && search->plain_to && search->plain_to == search->text.n;
}
/* Where a code point begins, at or before `at`. */
size_t layers_align(struct dvara_str text, size_t at);

#endif

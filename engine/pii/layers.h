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

/* A reading of some part of a text. */
struct layer {
    const struct view *view;
    size_t changed, changed_end; /* of the view: only what reaches it is news */
    size_t below;                /* of the text below: where what the view was made from ends */
    enum dvara_via via;
};

enum {
    LAYER_BEFORE =
        256,           /* bytes of the text below that stand around a part that is read otherwise */
    LAYER_AFTER = 384, /* as wide as an address after its @ */
    LAYER_OPEN = 40    /* a beginning that is longer than this is waited for no more */
};

/* Finds in the layer and claims it in `search`. False: an error. */
bool layers_find(struct dvara_scanner *scanner, struct search *search, const struct layer *layer);

/* Percent signs, entities and backslash escapes. */
bool layers_decode(struct dvara_scanner *scanner, struct search *search);
/* Runs of base64 and hexadecimal digits. */
bool layers_unpack(struct dvara_scanner *scanner, struct search *search);
/* Numbers in odd groupings, or with letters for digits, as find_places came upon them. */
bool layers_fold(struct dvara_scanner *scanner, struct search *search);
/* Letters of other scripts within identifiers, and Unicode's tag characters. */
bool layers_unmask(struct dvara_scanner *scanner, struct search *search);

/* The room for a view at the search's depth. */
struct view *layers_room(struct dvara_scanner *scanner, const struct search *search);
/* Where a code point begins, at or before `at`. */
size_t layers_align(struct dvara_str text, size_t at);

#endif

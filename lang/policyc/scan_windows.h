/* SPDX-License-Identifier: Apache-2.0 */
/* One text of any length, given to the scanner piece by piece: pieces overlap so far that what is
 * found does not depend on where they were cut. A keyword of a detector opens its gate for the
 * piece it stands in. */
#ifndef LANG_POLICYC_SCAN_WINDOWS_H
#define LANG_POLICYC_SCAN_WINDOWS_H

#include "dvara/pii.h"

enum {
    /* Bytes around a piece: the widest span, and the context words before and after it. */
    SCAN_MARGIN = 8 << 10
};

/* One finding: bytes [start, end) of the text, which stands under the label. */
struct scan_seen {
    struct dvara_str text, label;
    size_t start, end;
    const struct dvara_span *span;  /* its places are not the text's */
    struct dvara_explained why;     /* when it was asked for; places of words are not the text's */
    struct dvara_str word, against; /* the context word and the one against it; or absent */
};
typedef void scan_on_span(void *user, const struct scan_seen *seen);

/* Calls on_span for the findings that begin in text[from, to), in order; they do not overlap. What
 * stands before and after is context. Returns how many bytes no scan got through (too many
 * candidates even for the smallest piece). */
struct scan_request {
    struct dvara_scanner *scanner;
    struct dvara_str text, label;
    size_t from, to;
    bool explain;
    scan_on_span *on_span;
    void *user;
};
size_t scan_windows(const struct scan_request *request);

#endif

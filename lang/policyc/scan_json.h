/* SPDX-License-Identifier: Apache-2.0 */
/* Findings in one JSON text: in its strings, decoded, in its keys and in its numbers. Places are
 * those of the text as it stands, escapes and all. */
#ifndef LANG_POLICYC_SCAN_JSON_H
#define LANG_POLICYC_SCAN_JSON_H

#include "policyc/scan_windows.h"

struct arena;
struct buf;

/* text[start, end), where `seen` was decoded from. */
typedef void scan_on_leaf_span(void *user, size_t start, size_t end, const struct scan_seen *seen);

struct scan_json {
    struct dvara_scanner *scanner;
    struct arena *arena;        /* for the text's nodes */
    struct buf *decoded;        /* for one string */
    scan_on_leaf_span *on_span; /* in the order of the text */
    void *user;
    bool explain;
    size_t unscanned; /* out: bytes of strings that no scan got through */
};

/* False: the text is no I-JSON, and nothing was reported. */
bool scan_json(struct scan_json *json, struct dvara_str text);

#endif

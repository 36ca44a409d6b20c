/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_json.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/json_text.h"
#include "lang/list.h"

/* Behind an escape: from here on, decoded bytes and raw bytes go in step. */
struct step {
    size_t decoded, raw;
};

/* One leaf: its text as scanned, and how to get back. */
struct leaf {
    struct scan_json *json;
    size_t base; /* where the leaf's bytes begin in the JSON text */
    size_t lead; /* bytes of the text scanned that stand for its key: context */
    struct step *steps;
    size_t n_steps;
};

/* The raw place of a decoded one; findings never begin or end inside a code point. */
static size_t raw_place(const struct leaf *leaf, size_t decoded)
{
    size_t low = 0, high = leaf->n_steps;
    while (low < high) { /* the last step at or before the place */
        size_t middle = (low + high) / 2;
        if (leaf->steps[middle].decoded <= decoded)
            low = middle + 1;
        else
            high = middle;
    }
    struct step before = low ? leaf->steps[low - 1] : (struct step){0};
    return leaf->base + before.raw + (decoded - before.decoded);
}

static void on_span(void *user, const struct scan_seen *seen)
{
    const struct leaf *leaf = user;
    leaf->json->on_span(leaf->json->user, raw_place(leaf, seen->start - leaf->lead),
                        raw_place(leaf, seen->end - leaf->lead), seen);
}

static bool decode(struct scan_json *json, struct leaf *leaf, struct dvara_str body)
{
    struct dvara_str rest = body;
    while (rest.n) {
        char scratch[4];
        struct dvara_str piece = json_text_next(&rest, scratch);
        if (piece.p == scratch) {
            struct step after = {json->decoded->n + piece.n - leaf->lead, body.n - rest.n};
            LIST_APPEND(json->arena, leaf->steps, leaf->n_steps, after);
        }
        buf_append(json->decoded, piece);
    }
    return !buf_failed(json->decoded);
}

/* The string as it reads behind its key: `password": "value"`, so that what looks for assignments
 * and names sees one. */
static bool compose(struct scan_json *json, struct leaf *leaf, struct dvara_str body,
                    struct dvara_str label)
{
    enum { LABEL_SHOWN = 100 };
    buf_reset(json->decoded);
    if (label.n) {
        size_t from = label.n > LABEL_SHOWN ? label.n - LABEL_SHOWN : 0;
        buf_append(json->decoded, dvara_str_slice(label, from, label.n));
        BUF_LIT(json->decoded, "\": \"");
        leaf->lead = json->decoded->n;
    }
    bool whole = decode(json, leaf, body);
    if (label.n)
        buf_byte(json->decoded, '"');
    return whole && !buf_failed(json->decoded);
}

static void scan_leaf(struct scan_json *json, const struct json_doc *doc, uint32_t node,
                      struct dvara_str label)
{
    const struct json_node *at = &doc->nodes[node];
    bool quoted = at->kind == JSON_STRING || at->kind == JSON_KEY;
    struct leaf leaf = {.json = json, .base = at->start + (quoted ? 1u : 0u)};
    struct dvara_str text = dvara_str_slice(doc->text, leaf.base, at->end - (quoted ? 1u : 0u));
    size_t end = text.n;
    if (at->escapes || (quoted && label.n)) {
        if (!compose(json, &leaf, text, label)) {
            json->unscanned += text.n;
            return;
        }
        end = json->decoded->n - (leaf.lead ? 1 : 0);
        text = buf_str(json->decoded);
    }
    struct scan_request request = {.scanner = json->scanner,
                                   .text = text,
                                   .label = label,
                                   .from = leaf.lead,
                                   .to = end,
                                   .explain = json->explain,
                                   .on_span = on_span,
                                   .user = &leaf};
    json->unscanned += scan_windows(&request);
}

/* The key that a value stands under, its own or that of the arrays around it. */
static struct dvara_str label_of(const struct scan_json *json, const struct json_doc *doc,
                                 uint32_t node)
{
    while (node != 0) {
        uint32_t parent = doc->nodes[node].parent;
        if (json_kind(doc, parent) == JSON_OBJECT)
            return json_string(doc, node - 1, json->arena);
        node = parent;
    }
    return (struct dvara_str){0};
}

bool scan_json(struct scan_json *json, struct dvara_str text)
{
    struct json_doc doc;
    json->unscanned = 0;
    if (json_parse(text, 0, json->arena, &doc, NULL) != DVARA_OK)
        return false;
    for (uint32_t i = 0; i < doc.n; i++) {
        switch (json_kind(&doc, i)) {
        case JSON_STRING:
        case JSON_NUMBER:
            scan_leaf(json, &doc, i, label_of(json, &doc, i));
            break;
        case JSON_KEY:
            scan_leaf(json, &doc, i, (struct dvara_str){0});
            break;
        case JSON_NULL:
        case JSON_BOOL:
        case JSON_ARRAY:
        case JSON_OBJECT:
        case JSON_KIND_COUNT:
            break;
        }
    }
    return true;
}

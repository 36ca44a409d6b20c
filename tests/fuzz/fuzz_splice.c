/* SPDX-License-Identifier: Apache-2.0 */
/* Many edits of a JSON text at once: the first byte says how many, four bytes each, then the
 * document. Strings are edited by offsets of their decoded text and members are removed. What comes
 * out parses, each string says what the same edits make of its text one by one from the right, and
 * everything else stands byte for byte as it stood. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/json_edit.h"

#include <assert.h>

enum { EDITS_MAX = 64, BYTES = 4, TEXT_MAX = 1 << 16 };

struct change {
    uint32_t node, from, to;
    struct dvara_str with;
    bool whole;
};

struct splice {
    struct json_doc doc;
    struct arena arena;
    struct json_edits edits;
    struct change changes[EDITS_MAX];
    size_t n_changes;
    uint32_t removed[EDITS_MAX];
    size_t n_removed;
};

static const struct dvara_str texts[] = {
    {"", 0}, {"x", 1}, {"\"\\\n", 3}, {"<EMAIL_1>", 9}, {"\xc3\xa9\x01/", 4}, {"[0, null]", 9}};

/* Two edits may not meet, not even at one place: which of them comes first would be a question. */
static bool is_apart(const struct splice *splice, const struct change *change)
{
    for (size_t i = 0; i < splice->n_changes; i++) {
        const struct change *other = &splice->changes[i];
        if (other->node == change->node &&
            (change->whole || other->whole ||
             !(change->to < other->from || other->to < change->from)))
            return false;
    }
    return true;
}

static void change_string(struct splice *splice, uint32_t node, const uint8_t *op)
{
    struct dvara_str text = json_string(&splice->doc, node, &splice->arena);
    struct change change = {.node = node,
                            .from = op[2],
                            .to = (uint32_t)op[2] + op[3] % 16,
                            .with = texts[op[0] / 2 % (sizeof texts / sizeof *texts)],
                            .whole = op[0] & 1};
    assert(!dvara_str_is_absent(text));
    if (change.whole) {
        change.from = 0;
        change.to = (uint32_t)text.n;
    }
    if (!is_apart(splice, &change))
        return;
    enum dvara_status status =
        change.whole ? json_edit_replace_text(&splice->edits, node, change.with)
                     : json_edit_text(&splice->edits, node, change.from, change.to, change.with);
    if (status == DVARA_OK)
        splice->changes[splice->n_changes++] = change;
    else
        assert(status == DVARA_INVALID && !change.whole);
}

static bool is_in(const struct splice *splice, uint32_t node, uint32_t key)
{
    return node >= key && node < splice->doc.nodes[key].next;
}

/* Removing what holds an edit, or another removal, is asked of nobody. */
static void remove_key(struct splice *splice, uint32_t key)
{
    for (size_t i = 0; i < splice->n_changes; i++) {
        if (is_in(splice, splice->changes[i].node, key))
            return;
    }
    for (size_t i = 0; i < splice->n_removed; i++) {
        if (is_in(splice, splice->removed[i], key) || is_in(splice, key, splice->removed[i]))
            return;
    }
    assert(json_edit_remove(&splice->edits, key) == DVARA_OK);
    splice->removed[splice->n_removed++] = key;
}

static bool is_removed(const struct splice *splice, uint32_t node)
{
    for (size_t i = 0; i < splice->n_removed; i++) {
        if (is_in(splice, node, splice->removed[i]))
            return true;
    }
    return false;
}

static void collect(struct splice *splice, const uint8_t *ops, size_t n)
{
    for (size_t i = 0; i < n; i++, ops += BYTES) {
        uint32_t node = ops[1] % splice->doc.n;
        enum json_kind kind = json_kind(&splice->doc, node);
        if (is_removed(splice, node))
            continue;
        if (kind == JSON_STRING)
            change_string(splice, node, ops);
        else if (kind == JSON_KEY && ops[0] & 1)
            remove_key(splice, node);
    }
}

/* The string's text, changed from its end to its beginning. */
static void change_naively(struct splice *splice, uint32_t node, struct buf *out)
{
    struct dvara_str text = json_string(&splice->doc, node, &splice->arena);
    buf_append(out, text);
    for (uint32_t at = (uint32_t)text.n + 1; at-- > 0;) {
        for (size_t i = 0; i < splice->n_changes; i++) {
            const struct change *change = &splice->changes[i];
            if (change->node != node || change->from != at)
                continue;
            struct dvara_str rest =
                arena_copy(&splice->arena, dvara_str_slice(buf_str(out), change->to, out->n));
            out->n = change->from;
            buf_append(out, change->with);
            buf_append(out, rest);
        }
    }
}

static void compare_string(struct splice *splice, uint32_t node, const struct json_doc *edited,
                           uint32_t edited_node)
{
    struct buf wanted;
    buf_init(&wanted, TEXT_MAX * 8);
    change_naively(splice, node, &wanted);
    assert(dvara_str_eq(json_string(edited, edited_node, &splice->arena), buf_str(&wanted)));
    buf_clear(&wanted);
}

/* Node by node, what was removed left out. */
static void compare(struct splice *splice, const struct json_doc *edited)
{
    uint32_t at = 0;
    for (uint32_t node = 0; node < splice->doc.n; node++) {
        if (is_removed(splice, node))
            continue;
        enum json_kind kind = json_kind(&splice->doc, node);
        assert(at < edited->n && json_kind(edited, at) == kind);
        if (kind == JSON_STRING)
            compare_string(splice, node, edited, at);
        else if (kind != JSON_ARRAY && kind != JSON_OBJECT)
            assert(dvara_str_eq(json_raw(&splice->doc, node), json_raw(edited, at)));
        at++;
    }
    assert(at == edited->n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct splice splice = {.n_changes = 0};
    struct buf out;
    size_t n = size ? data[0] % EDITS_MAX : 0;
    size_t head = 1 + n * BYTES;
    if (size < head || size > TEXT_MAX)
        return 0;
    struct dvara_str text = dvara_str_from((const char *)data + head, size - head);
    arena_init(&splice.arena, 256 << 20);
    buf_init(&out, 64 << 20);
    if (json_parse(text, 0, &splice.arena, &splice.doc, NULL) == DVARA_OK) {
        struct json_doc edited;
        json_edits_init(&splice.edits, &splice.doc, &splice.arena);
        collect(&splice, data + 1, n);
        assert(json_edits_apply(&splice.edits, &out) == DVARA_OK);
        assert(json_parse(buf_str(&out), 0, &splice.arena, &edited, NULL) == DVARA_OK);
        assert(n || dvara_str_eq(buf_str(&out), text));
        compare(&splice, &edited);
    }
    buf_clear(&out);
    arena_clear(&splice.arena);
    return 0;
}

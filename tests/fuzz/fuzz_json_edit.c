/* SPDX-License-Identifier: Apache-2.0 */
/* The first bytes are edits, the rest is the document: what edits make of JSON is JSON. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/json_edit.h"

#include <assert.h>

enum { EDITS = 6, BYTES_PER_EDIT = 4 };

static enum dvara_status edit(struct json_edits *edits, const uint8_t *op)
{
    uint32_t node = op[1] % edits->doc->n;
    switch (json_kind(edits->doc, node)) {
    case JSON_KEY:
        return json_edit_remove(edits, node);
    case JSON_STRING:
        if (op[0] & 1)
            return json_edit_text(edits, node, op[2], op[3], DVARA_STR("<\"\n\xc3\xa9>"));
        return json_edit_replace_text(edits, node, DVARA_STR("\\"));
    case JSON_OBJECT:
        if (op[0] & 1)
            return json_edit_set(edits, node, arena_printf(edits->arena, "%d\n", op[2]),
                                 DVARA_STR("[1,{}]"));
        return DVARA_OK;
    default:
        return op[0] & 1 ? json_edit_replace(edits, node, DVARA_STR("\"new\"")) : DVARA_OK;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct json_doc doc;
    struct buf out;
    if (size < EDITS * BYTES_PER_EDIT)
        return 0;
    struct dvara_str text = dvara_str_from((const char *)data, size);
    arena_init(&arena, 64 << 20);
    buf_init(&out, 64 << 20);
    text = dvara_str_slice(text, EDITS * BYTES_PER_EDIT, text.n);
    if (json_parse(text, 0, &arena, &doc, NULL) == DVARA_OK) {
        struct json_edits edits;
        json_edits_init(&edits, &doc, &arena);
        for (size_t i = 0; i < EDITS; i++)
            (void)!edit(&edits, data + i * BYTES_PER_EDIT);
        if (json_edits_apply(&edits, &out) == DVARA_OK) {
            struct json_error error = {0};
            enum dvara_status status = json_parse(buf_str(&out), 0, &arena, &doc, &error);
            /* Two inserted members may have one name, and what is inserted is two levels deep. */
            assert(status == DVARA_OK || strstr(error.reason, "twice") ||
                   strstr(error.reason, "deeper"));
        } else {
            assert(out.n == 0);
        }
    }
    buf_clear(&out);
    arena_clear(&arena);
    return 0;
}

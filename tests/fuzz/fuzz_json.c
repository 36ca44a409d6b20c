/* SPDX-License-Identifier: Apache-2.0 */
/* Every verdict must be Jansson's, and every node must be found again by its own pointer. */
#include "base/arena.h"
#include "base/json.h"
#include "fuzz/second_json.h"

#include <assert.h>

/* What Jansson cannot say or says otherwise: NUL in keys, bare NUL at the end, depth (ours ends at
 * 64). */
static bool may_differ(struct dvara_str text, const struct json_error *error)
{
    return memmem(text.p, text.n, "\\u0000", 6) || memchr(text.p, 0, text.n) ||
           (error->reason && strstr(error->reason, "deeper"));
}

static void check_node(const struct json_doc *doc, uint32_t node, struct arena *arena)
{
    char path[1 << 12];
    size_t n = json_path(doc, node, path, sizeof path);
    enum json_kind kind = json_kind(doc, node);
    if (kind == JSON_STRING || kind == JSON_KEY)
        assert(json_string_eq(doc, node, json_string(doc, node, arena)));
    if (n + 600 < sizeof path && doc->n < 2000)
        assert(json_pointer(doc, dvara_str_from(path, n)) == (kind == JSON_KEY ? node + 1 : node));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    struct json_doc doc;
    struct json_error error = {0};
    struct dvara_str text = dvara_str_from((const char *)data, size);
    arena_init(&arena, 64 << 20);
    bool ours = json_parse(text, 0, &arena, &doc, &error) == DVARA_OK;
    assert(ours == second_json_accepts(text.p, size) || may_differ(text, &error));
    for (uint32_t i = 0; ours && i < doc.n; i++)
        check_node(&doc, i, &arena);
    arena_clear(&arena);
    return 0;
}

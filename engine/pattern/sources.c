/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/sources.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pattern/wire.h"

void pattern_sources_encode(const struct pattern_source *v, size_t n, struct buf *out)
{
    if (n > PATTERN_MAX) {
        out->failed = true;
        return;
    }
    wire_put_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        wire_put_u32(out, v[i].flags);
        wire_put_str(out, v[i].source);
    }
}

enum dvara_status pattern_sources_decode(struct dvara_str section, struct arena *arena,
                                         struct pattern_source **ret_v, size_t *ret_n)
{
    struct wire_reader reader = {.rest = section};
    uint32_t n = section.n ? wire_count(&reader, PATTERN_MAX, 8) : 0;
    struct pattern_source *v = ARENA_ARRAY(arena, n, struct pattern_source);
    if (!v)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        v[i].flags = wire_u32(&reader);
        v[i].source = wire_str(&reader);
        if (v[i].source.n > PATTERN_MAX_SOURCE)
            reader.failed = true;
    }
    if (reader.failed || reader.rest.n)
        return DVARA_CORRUPT;
    *ret_v = v;
    *ret_n = n;
    return DVARA_OK;
}

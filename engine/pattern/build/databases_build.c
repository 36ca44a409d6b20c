/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/databases.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pattern/build/build.h"
#include "pii/detectors.h"

enum { SET_MAX = 600 << 20, WORK_MAX = 256 << 20 };

static enum dvara_status build_rules(struct dvara_str section, struct arena *arena, struct buf *out,
                                     struct pattern_build_error *ret_error)
{
    struct pattern_source *v;
    size_t n;
    enum dvara_status status = pattern_sources_decode(section, arena, &v, &n);
    return status == DVARA_OK ? pattern_build(v, n, out, ret_error) : status;
}

static enum dvara_status build_detectors(struct dvara_str section, struct arena *arena,
                                         struct buf *out, struct pattern_build_error *ret_error)
{
    struct pattern_source *v;
    size_t n;
    enum dvara_status status = detectors_sources(section, arena, &v, &n);
    return status == DVARA_OK ? pattern_build(v, n, out, ret_error) : status;
}

enum dvara_status pattern_databases_build(struct dvara_str rule_sources, struct dvara_str detectors,
                                          struct buf *out, struct pattern_build_error *ret_error)
{
    struct arena arena;
    struct buf rules;
    struct buf spans;
    arena_init(&arena, WORK_MAX);
    buf_init(&rules, SET_MAX);
    buf_init(&spans, SET_MAX);
    enum dvara_status status = build_rules(rule_sources, &arena, &rules, ret_error);
    if (status == DVARA_OK)
        status = build_detectors(detectors, &arena, &spans, ret_error);
    if (status == DVARA_OK) {
        struct pattern_databases joined = {.rules = buf_str(&rules), .detectors = buf_str(&spans)};
        pattern_databases_join(&joined, out);
        if (buf_failed(out))
            status = DVARA_TOO_LARGE;
    }
    buf_clear(&rules);
    buf_clear(&spans);
    arena_clear(&arena);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles made by hand, for tests of what the compiler never makes. */
#ifndef TESTS_UNIT_ENGINE_MADE_BUNDLE_H
#define TESTS_UNIT_ENGINE_MADE_BUNDLE_H

#include "base/buf.h"
#include "bundle/write.h"
#include "dvara/bundle.h"

struct made {
    struct bundle_writer *writer;
    struct buf bytes;
    struct dvara_bundle_error error;
};

static inline struct bundle_manifest made_manifest(struct bundle_writer *w)
{
    return (struct bundle_manifest){.name = bundle_string(w, DVARA_STR("made")),
                                    .package = bundle_string(w, DVARA_STR("made")),
                                    .compiler = bundle_string(w, DVARA_STR("test")),
                                    .fallback = BUNDLE_DEFAULT_ALLOW};
}

static inline void made_init(struct made *made)
{
    made->writer = bundle_writer_new();
    buf_init(&made->bytes, FORMAT_MAX_BUNDLE);
    struct bundle_manifest manifest = made_manifest(made->writer);
    bundle_add(made->writer, BUNDLE_TABLE_MANIFEST, &manifest);
}

static inline void made_clear(struct made *made)
{
    bundle_writer_free(made->writer);
    buf_clear(&made->bytes);
}

static inline uint32_t made_block(struct made *made, struct bundle_block row,
                                  const struct instruction *code, uint32_t n)
{
    row.code_first = bundle_code_count(made->writer);
    row.code_count = n;
    row.text = BUNDLE_ABSENT;
    for (uint32_t i = 0; i < n; i++)
        bundle_code(made->writer, code[i]);
    return bundle_add(made->writer, BUNDLE_TABLE_BLOCK, &row);
}

static inline uint32_t made_const(struct made *made, enum dvara_type type, int64_t bits)
{
    struct bundle_const row = {.type = type, .bits = bits};
    return bundle_add(made->writer, BUNDLE_TABLE_CONST, &row);
}

/* A rule that denies the request when `when` holds. */
static inline struct bundle_rule made_rule(struct made *made, const char *name, uint32_t when)
{
    struct bundle_effect deny = {.kind = DVARA_EFFECT_DENY,
                                 .name = bundle_string(made->writer, DVARA_STR("denied")),
                                 .status = 403,
                                 .value = BUNDLE_ABSENT,
                                 .text = BUNDLE_ABSENT,
                                 .group = BUNDLE_ABSENT,
                                 .route = BUNDLE_ABSENT};
    uint32_t first = bundle_add(made->writer, BUNDLE_TABLE_EFFECT, &deny);
    return (struct bundle_rule){.name = bundle_string(made->writer, dvara_str_from_cstr(name)),
                                .file = bundle_string(made->writer, DVARA_STR("made.dvp")),
                                .doc = BUNDLE_ABSENT,
                                .phases = DVARA_PHASES_REQUEST,
                                .when = when,
                                .opaque_when = BUNDLE_ABSENT,
                                .reason = BUNDLE_ABSENT,
                                .first = first,
                                .count = 1};
}

static inline enum dvara_status made_load(struct made *made, struct dvara_bundle **ret_bundle)
{
    struct dvara_bundle_options options = {.trust_databases = true};
    buf_reset(&made->bytes);
    made->error.text[0] = 0;
    if (bundle_write(made->writer, &made->bytes) != DVARA_OK)
        return DVARA_NO_MEMORY;
    return dvara_bundle_load(buf_str(&made->bytes), &options, &made->error, ret_bundle);
}

#endif

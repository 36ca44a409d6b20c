/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/build/build.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pattern/build/compiler.h"
#include "pattern/compiled.h"
#include "pattern/layout.h"
#include "pattern/needs.h"
#include "pattern/prefix.h"
#include "pattern/wire.h"

#include <stdio.h>
#include <stdlib.h>

/* Serialises the codes of all patterns; PCRE2 does so only for all at once. */
static enum dvara_status write_codes(pcre2_code **codes, size_t n, struct buf *out)
{
    if (n == 0) {
        wire_put_u32(out, 0);
        return DVARA_OK;
    }
    uint8_t *bytes = NULL;
    PCRE2_SIZE size = 0;
    const pcre2_code **borrowed = calloc(n, sizeof *borrowed);
    if (!borrowed)
        return DVARA_NO_MEMORY;
    for (size_t i = 0; i < n; i++)
        borrowed[i] = codes[i];
    int32_t count = pcre2_serialize_encode(borrowed, (int32_t)n, &bytes, &size, NULL);
    free(borrowed);
    if (count != (int32_t)n)
        return DVARA_NO_MEMORY;
    wire_put_str(out, dvara_str_from((const char *)bytes, size));
    pcre2_serialize_free(bytes);
    return DVARA_OK;
}

static enum dvara_status write_set(struct compiler *compiler, struct buf *out)
{
    wire_put_u32(out, PATTERN_MAGIC);
    wire_put_u32(out, (uint32_t)compiler->n);
    for (size_t i = 0; i < compiler->n; i++) {
        wire_put_u32(out, compiler->rows[i].bits);
        wire_put_u32(out, compiler->rows[i].max_width);
    }
    for (size_t i = 0; i < DATABASES; i++)
        wire_put_str(out, buf_str(&compiler->databases[i]));
    enum dvara_status status = write_codes(compiler->codes, compiler->n, out);
    if (status == DVARA_OK && buf_failed(out))
        status = DVARA_TOO_LARGE;
    return status;
}

enum dvara_status pattern_build(const struct pattern_source *sources, size_t n, struct buf *out,
                                struct pattern_build_error *ret_error)
{
    struct compiler compiler;
    *ret_error = (struct pattern_build_error){0};
    enum dvara_status status = compiler_init(&compiler, sources, n);
    if (status == DVARA_OK)
        status = compiler_exact(&compiler, ret_error);
    if (status == DVARA_OK)
        status = compiler_search(&compiler, ret_error);
    if (status == DVARA_OK)
        status = write_set(&compiler, out);
    compiler_clear(&compiler);
    return status;
}

/* A layout is found by a table: no engine need compile it to say how wide it is. */
static bool is_layout(const struct pattern_source *source, struct pattern_facts *ret_facts)
{
    enum { ROOM = 4 << 20 };
    struct arena arena;
    struct layout *layouts;
    uint32_t most = 0;
    arena_init(&arena, ROOM);
    size_t n = layout_parse(source, &arena, &layouts);
    for (size_t i = 0; i < n; i++) {
        uint32_t width = layouts[i].n + layouts[i].n_groups - 1u;
        most = width > most ? width : most;
    }
    arena_clear(&arena);
    *ret_facts = (struct pattern_facts){.max_width = most, .led = true, .begins = true};
    return n > 0;
}

static void note_beginning(const struct pattern_source *source, struct pattern_facts *facts)
{
    struct prefix prefixes[PREFIX_MAX];
    struct needs_begin begin;
    facts->led = prefix_list(source, prefixes) > 0;
    facts->begins = facts->led || needs_begin(source, &begin);
}

enum dvara_status pattern_check(const struct pattern_source *source,
                                struct pattern_facts *ret_facts,
                                struct pattern_build_error *ret_error)
{
    struct compiler compiler;
    *ret_error = (struct pattern_build_error){0};
    if (is_layout(source, ret_facts))
        return DVARA_OK;
    enum dvara_status status = compiler_init(&compiler, source, 1);
    if (status == DVARA_OK)
        status = compiler_exact(&compiler, ret_error);
    if (status == DVARA_OK)
        status = compiler_search(&compiler, ret_error);
    if (status == DVARA_OK) {
        uint32_t bits = compiler.rows[0].bits;
        *ret_facts = (struct pattern_facts){
            .max_width = compiler.rows[0].max_width,
            .matches_empty = compiler.matches_empty[0],
            .prefilter = compiler.prefilter[0],
            .unsearched = !(bits & PATTERN_IN_ANY),
            .slow_path = !(source->flags & PATTERN_EXACT_ONLY) &&
                         !((bits & PATTERN_DECIDED) && (bits & PATTERN_IN_ANY))};
        note_beginning(source, ret_facts);
    }
    compiler_clear(&compiler);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/set.h"

#include "pattern/compiled.h"
#include "pattern/sources.h"
#include "pattern/wire.h"

#include <assert.h>
#include <stdlib.h>

static enum dvara_status load_database(struct dvara_str blob, hs_database_t **ret_database)
{
    if (blob.n == 0)
        return DVARA_OK;
    switch (hs_deserialize_database(blob.p, blob.n, ret_database)) {
    case HS_SUCCESS:
        return DVARA_OK;
    case HS_NOMEM:
        return DVARA_NO_MEMORY;
    case HS_DB_VERSION_ERROR:
    case HS_DB_PLATFORM_ERROR:
    case HS_DB_MODE_ERROR:
    case HS_ARCH_ERROR: /* (the runtime library alone has no hs_valid_platform) */
        return DVARA_NOT_FOUND;
    default:
        return DVARA_CORRUPT;
    }
}

static enum dvara_status load_codes(struct dvara_str blob, struct pattern_set *set)
{
    if (set->n == 0)
        return DVARA_OK;
    /* PCRE2 reads integers of the blob in place: give it aligned memory. */
    uint8_t *copy = malloc(blob.n ? blob.n : 1);
    if (!copy)
        return DVARA_NO_MEMORY;
    memcpy(copy, blob.p, blob.n);
    enum { HEADER_BYTES = 16 }; /* magic, version, configuration, count */
    int32_t count =
        blob.n < HEADER_BYTES ? PCRE2_ERROR_BADDATA : pcre2_serialize_get_number_of_codes(copy);
    enum dvara_status status = DVARA_OK;
    if (count == PCRE2_ERROR_BADMODE || count == PCRE2_ERROR_BADMAGIC)
        status = DVARA_NOT_FOUND;
    else if (count < 0 || (size_t)count != set->n)
        status = DVARA_CORRUPT;
    else if (pcre2_serialize_decode(set->codes, count, copy, NULL) != count)
        status = DVARA_CORRUPT;
    free(copy);
    return status;
}

/* Without JIT (a platform that lacks it) the interpreter gives the same answers, slower. */
static void compile_codes(struct pattern_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        if (set->rows[i].bits & PATTERN_MACHINE_CODE)
            (void)pcre2_jit_compile(set->codes[i], PCRE2_JIT_COMPLETE | PCRE2_JIT_PARTIAL_HARD);
    }
}

static enum dvara_status fill(struct pattern_set *set, struct wire_reader *reader, uint32_t n)
{
    set->rows = calloc(n ? n : 1, sizeof *set->rows);
    set->codes = calloc(n ? n : 1, sizeof *set->codes);
    if (!set->rows || !set->codes)
        return DVARA_NO_MEMORY;
    set->n = n;
    for (uint32_t i = 0; i < n; i++) {
        set->rows[i].bits = wire_u32(reader);
        set->rows[i].max_width = wire_u32(reader);
    }
    struct dvara_str databases[DATABASES];
    for (size_t i = 0; i < DATABASES; i++)
        databases[i] = wire_str(reader);
    struct dvara_str codes = wire_str(reader);
    if (reader->failed || reader->rest.n)
        return DVARA_CORRUPT;
    enum dvara_status status = DVARA_OK;
    for (size_t i = 0; i < DATABASES && status == DVARA_OK; i++)
        status = load_database(databases[i], &set->databases[i]);
    if (status == DVARA_OK)
        status = load_codes(codes, set);
    if (status == DVARA_OK)
        compile_codes(set);
    return status;
}

/* A row may not promise a database that is not there. */
static bool is_consistent(const struct pattern_set *set)
{
    for (size_t i = 0; i < set->n; i++) {
        for (unsigned d = 0; d < DATABASES; d++) {
            if ((set->rows[i].bits & PATTERN_IN(d)) && !set->databases[d])
                return false;
        }
    }
    return true;
}

/* Bytes of another version of this format: the patterns are there to build them anew. */
static bool pattern_is_older(uint32_t magic)
{
    return (magic & 0x00FFFFFFu) == (PATTERN_MAGIC & 0x00FFFFFFu);
}

enum dvara_status pattern_set_load(struct dvara_str database, struct pattern_set **ret_set)
{
    struct wire_reader reader = {.rest = database};
    uint32_t magic = wire_u32(&reader);
    if (magic != PATTERN_MAGIC)
        return pattern_is_older(magic) ? DVARA_NOT_FOUND : DVARA_CORRUPT;
    uint32_t n = wire_count(&reader, PATTERN_MAX, 8);
    struct pattern_set *set = calloc(1, sizeof *set);
    if (!set)
        return DVARA_NO_MEMORY;
    enum dvara_status status = reader.failed ? DVARA_CORRUPT : fill(set, &reader, n);
    if (status == DVARA_OK && !is_consistent(set))
        status = DVARA_CORRUPT;
    if (status != DVARA_OK) {
        pattern_set_free(set);
        return status;
    }
    *ret_set = set;
    return DVARA_OK;
}

void pattern_set_free(struct pattern_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n; i++)
        pcre2_code_free(set->codes[i]);
    for (size_t i = 0; i < DATABASES; i++)
        hs_free_database(set->databases[i]);
    free(set->codes);
    free(set->rows);
    free(set);
}

size_t pattern_set_count(const struct pattern_set *set)
{
    return set->n;
}

uint32_t pattern_set_max_width(const struct pattern_set *set, size_t pattern)
{
    assert(pattern < set->n);
    return set->rows[pattern].max_width;
}

bool pattern_is_searched(const struct pattern_set *set, size_t pattern, bool valid_utf8)
{
    assert(pattern < set->n);
    uint32_t bits = set->rows[pattern].bits;
    return (bits & PATTERN_IN_ANY & ~PATTERN_IN(DATABASE_UTF8)) ||
           ((bits & PATTERN_IN(DATABASE_UTF8)) && valid_utf8);
}

bool pattern_is_gated(const struct pattern_set *set, size_t pattern)
{
    assert(pattern < set->n);
    return set->rows[pattern].bits & (PATTERN_IN(DATABASE_GATED) | PATTERN_IN(DATABASE_GATED_RUNS));
}

bool pattern_is_superset(const struct pattern_set *set, size_t pattern)
{
    assert(pattern < set->n);
    return set->rows[pattern].bits & PATTERN_SUPERSET;
}

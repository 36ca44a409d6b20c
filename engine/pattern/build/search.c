/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/build/compiler.h"

#include "pattern/needs.h"

#include <hs/hs_compile.h>

#include <stdio.h>
#include <stdlib.h>

/* Does every unit of the pattern match one byte? Then no UTF-8 mode is needed, and invalid bytes in
 * the text do no harm. Anything that could match a code point over U+007F without naming its bytes
 * in a row says no. */
static bool is_bytewise(struct dvara_str source, bool caseless)
{
    bool in_class = false;
    for (size_t i = 0; i < source.n; i++) {
        char c = source.p[i];
        if ((unsigned char)c >= 0x80 && (in_class || caseless))
            return false;
        /* A multi-byte literal before a quantifier would repeat its last byte only. */
        if ((unsigned char)c >= 0x80 && i + 1 < source.n && strchr("*+?{", source.p[i + 1]))
            return false;
        if (c == '\\') {
            i++;
            if (i < source.n && strchr("WDSHVNRXpPxo", source.p[i]))
                return false;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            if (i + 1 < source.n && source.p[i + 1] == '^')
                return false;
            if (i + 1 < source.n && source.p[i + 1] == ']')
                i++;
        } else if (c == '.') {
            return false;
        }
    }
    return true;
}

/* What more a database over code points needs: without UCP, letters over U+007F have no case. */
static bool has_cased_wide_letter(const struct pattern_source *source)
{
    if (!(source->flags & PATTERN_CASELESS))
        return false;
    for (size_t i = 0; i < source->source.n; i++) {
        if ((unsigned char)source->source.p[i] >= 0x80)
            return true;
    }
    return false;
}

/* \p{L}{1,20} alone takes Hyperscan seconds and megabytes: Unicode properties are PCRE2's. */
static bool has_property(struct dvara_str source)
{
    for (size_t i = 0; i + 1 < source.n; i++) {
        if (source.p[i] == '\\' && strchr("pPX", source.p[++i]))
            return true;
    }
    return false;
}

static unsigned flags_of(const struct compiler *compiler, size_t i)
{
    const struct pattern_source *source = &compiler->sources[i];
    return (source->flags & PATTERN_CASELESS ? HS_FLAG_CASELESS : 0u) |
           (source->flags & PATTERN_DOTALL ? HS_FLAG_DOTALL : 0u) |
           (compiler->rows[i].bits & PATTERN_IN(DATABASE_UTF8) ? HS_FLAG_UTF8 : 0u) |
           (compiler->prefilter[i] ? HS_FLAG_PREFILTER : 0u);
}

/* Hyperscan tells of memory that it was refused as of any pattern that it cannot compile, and names
 * the first. Taken for that, what is built would depend on the machine's memory. */
static bool is_no_memory(const hs_compile_error_t *error)
{
    return error && error->message && strcmp(error->message, "Unable to allocate memory.") == 0;
}

static bool expression_info(struct compiler *compiler, size_t i)
{
    hs_expr_info_t *info = NULL;
    hs_compile_error_t *error = NULL;
    if (hs_expression_info(compiler->cstrs[i], flags_of(compiler, i), &info, &error) !=
        HS_SUCCESS) {
        compiler->no_memory = compiler->no_memory || is_no_memory(error);
        hs_free_compile_error(error);
        return false;
    }
    if (!compiler->prefilter[i])
        compiler->rows[i].max_width = info->max_width;
    bool empty = info->min_width == 0;
    free(info);
    return !empty; /* a pattern that matches nothing at all is PCRE2's alone */
}

/* Which of those over bytes. */
static enum pattern_database database_of(struct compiler *compiler,
                                         const struct pattern_source *source)
{
    bool gated = source->flags & PATTERN_GATED;
    struct pattern_needs needs = pattern_needs(source);
    if (!(source->flags & PATTERN_WINDOWED) || (needs.known && needs.literal))
        return DATABASE_BYTES;
    if (!needs.known)
        return gated ? DATABASE_GATED : DATABASE_BYTES;
    if (needs.run)
        return gated ? DATABASE_GATED_RUNS : DATABASE_RUNS;
    if (gated)
        return DATABASE_GATED;
    return needs.digit ? DATABASE_DIGITS
                       : DATABASE_WEAK + compiler->n_weak++ % (DATABASES - DATABASE_WEAK);
}

/* Chooses the database of one pattern: exact, else as a superset, else none. */
static void place(struct compiler *compiler, size_t i)
{
    const struct pattern_source *source = &compiler->sources[i];
    if ((source->flags & (PATTERN_EXACT_ONLY | PATTERN_PLACED)) || has_property(source->source))
        return;
    uint32_t boundaries = compiler->rows[i].bits;
    bool bytewise = is_bytewise(source->source, source->flags & PATTERN_CASELESS);
    if (!bytewise && has_cased_wide_letter(source))
        return;
    compiler->rows[i].bits |= PATTERN_IN(bytewise ? database_of(compiler, source) : DATABASE_UTF8);
    if (expression_info(compiler, i)) {
        /* A boundary that is Unicode's is judged after Hyperscan. */
        if (!(boundaries & (PATTERN_LEFT_BOUNDARY | PATTERN_RIGHT_BOUNDARY)))
            compiler->rows[i].bits |= PATTERN_DECIDED;
        return;
    }
    compiler->prefilter[i] = true;
    if (!expression_info(compiler, i))
        compiler->rows[i].bits = boundaries;
}

struct batch {
    const char **expressions;
    unsigned *flags, *ids;
    unsigned n;
};

static void collect(struct compiler *compiler, enum pattern_database database, struct batch *batch)
{
    batch->n = 0;
    for (size_t i = 0; i < compiler->n; i++) {
        if (!(compiler->rows[i].bits & PATTERN_IN(database)))
            continue;
        batch->expressions[batch->n] = compiler->cstrs[i];
        batch->flags[batch->n] = flags_of(compiler, i);
        batch->ids[batch->n++] = (unsigned)i;
    }
}

/* AVX2 is the widest that a fleet shares; narrower machines get what they have. */
static hs_platform_info_t platform(void)
{
    hs_platform_info_t host = {0};
    if (hs_populate_platform(&host) != HS_SUCCESS)
        return (hs_platform_info_t){0};
    return (hs_platform_info_t){.tune = HS_TUNE_FAMILY_GENERIC,
                                .cpu_features = host.cpu_features & HS_CPU_FEATURES_AVX2};
}

static enum dvara_status serialise(hs_database_t *database, struct buf *out)
{
    char *bytes = NULL;
    size_t n = 0;
    if (hs_serialize_database(database, &bytes, &n) != HS_SUCCESS)
        return DVARA_NO_MEMORY;
    buf_append(out, dvara_str_from(bytes, n));
    free(bytes);
    return buf_failed(out) ? DVARA_TOO_LARGE : DVARA_OK;
}

/* The pattern that Hyperscan could not compile: as a superset if it was exact, else PCRE2 alone. */
static bool demote(struct compiler *compiler, size_t i)
{
    compiler->rows[i].bits &= ~(uint32_t)PATTERN_DECIDED;
    if (!compiler->prefilter[i]) {
        compiler->prefilter[i] = true;
        return true;
    }
    bool was_in = compiler->rows[i].bits & PATTERN_IN_ANY;
    compiler->rows[i].bits &= ~PATTERN_IN_ANY;
    return was_in;
}

static enum dvara_status build_database(struct compiler *compiler, enum pattern_database which,
                                        struct batch *batch, struct buf *out,
                                        struct pattern_build_error *ret_error)
{
    hs_platform_info_t target = platform();
    for (;;) {
        collect(compiler, which, batch);
        if (batch->n == 0)
            return DVARA_OK;
        hs_database_t *database = NULL;
        hs_compile_error_t *error = NULL;
        hs_error_t result = hs_compile_multi(batch->expressions, batch->flags, batch->ids, batch->n,
                                             HS_MODE_BLOCK, &target, &database, &error);
        if (result == HS_SUCCESS) {
            ret_error->text[0] = '\0'; /* of a pattern that another way was found for */
            enum dvara_status status = serialise(database, out);
            hs_free_database(database);
            return status;
        }
        compiler->no_memory = compiler->no_memory || result == HS_NOMEM || is_no_memory(error);
        bool retry = !compiler->no_memory && result == HS_COMPILER_ERROR && error &&
                     error->expression >= 0 && demote(compiler, batch->ids[error->expression]);
        (void)snprintf(ret_error->text, sizeof ret_error->text, "%s",
                       error && error->message ? error->message : "Hyperscan failed");
        hs_free_compile_error(error);
        if (!retry)
            return compiler->no_memory ? DVARA_NO_MEMORY : DVARA_UNSUPPORTED;
    }
}

enum dvara_status compiler_search(struct compiler *compiler, struct pattern_build_error *ret_error)
{
    if (compiler->n == 0)
        return DVARA_OK;
    for (size_t i = 0; i < compiler->n; i++)
        place(compiler, i);
    struct batch batch = {.expressions = calloc(compiler->n, sizeof *batch.expressions),
                          .flags = calloc(compiler->n, sizeof *batch.flags),
                          .ids = calloc(compiler->n, sizeof *batch.ids)};
    bool room = !compiler->no_memory && batch.expressions && batch.flags && batch.ids;
    enum dvara_status status = room ? DVARA_OK : DVARA_NO_MEMORY;
    for (unsigned d = 0; d < DATABASES && status == DVARA_OK; d++)
        status = build_database(compiler, d, &batch, &compiler->databases[d], ret_error);
    for (size_t i = 0; i < compiler->n; i++) {
        uint32_t flags = compiler->sources[i].flags;
        if (!(flags & PATTERN_PLACED) && ((flags & (PATTERN_SPAN | PATTERN_EXACT_ONLY)) ||
                                          !(compiler->rows[i].bits & PATTERN_DECIDED)))
            compiler->rows[i].bits |= PATTERN_MACHINE_CODE;
        if (compiler->prefilter[i])
            compiler->rows[i].bits |= PATTERN_SUPERSET;
    }
    free(batch.expressions);
    free(batch.flags);
    free(batch.ids);
    return status;
}

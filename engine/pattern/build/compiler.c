/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/build/compiler.h"

#include <stdio.h>
#include <stdlib.h>

enum { DATABASE_MAX = 256 << 20 /* bytes of one serialised database */ };

static enum dvara_status copy_sources(struct compiler *compiler)
{
    for (size_t i = 0; i < compiler->n; i++) {
        struct dvara_str source = compiler->sources[i].source;
        const char *prefix = compiler->sources[i].flags & PATTERN_EXTENDED ? "(?x)" : "";
        if (source.n > PATTERN_MAX_SOURCE)
            return DVARA_TOO_LARGE;
        size_t size = strlen(prefix) + source.n + 1;
        compiler->cstrs[i] = malloc(size);
        if (!compiler->cstrs[i])
            return DVARA_NO_MEMORY;
        (void)snprintf(compiler->cstrs[i], size, "%s%.*s", prefix, DVARA_STR_ARG(source));
    }
    return DVARA_OK;
}

enum dvara_status compiler_init(struct compiler *compiler, const struct pattern_source *sources,
                                size_t n)
{
    *compiler = (struct compiler){.sources = sources};
    for (size_t i = 0; i < DATABASES; i++)
        buf_init(&compiler->databases[i], DATABASE_MAX);
    if (n > PATTERN_MAX)
        return DVARA_TOO_LARGE;
    size_t room = n ? n : 1;
    compiler->n = n;
    compiler->cstrs = calloc(room, sizeof *compiler->cstrs);
    compiler->rows = calloc(room, sizeof *compiler->rows);
    compiler->codes = calloc(room, sizeof *compiler->codes);
    compiler->matches_empty = calloc(room, sizeof *compiler->matches_empty);
    compiler->prefilter = calloc(room, sizeof *compiler->prefilter);
    if (!compiler->cstrs || !compiler->rows || !compiler->codes || !compiler->matches_empty ||
        !compiler->prefilter)
        return DVARA_NO_MEMORY;
    return copy_sources(compiler);
}

void compiler_clear(struct compiler *compiler)
{
    for (size_t i = 0; compiler->cstrs && i < compiler->n; i++)
        free(compiler->cstrs[i]);
    for (size_t i = 0; compiler->codes && i < compiler->n; i++)
        pcre2_code_free(compiler->codes[i]);
    free(compiler->cstrs);
    free(compiler->rows);
    free(compiler->codes);
    free(compiler->matches_empty);
    free(compiler->prefilter);
    for (size_t i = 0; i < DATABASES; i++)
        buf_clear(&compiler->databases[i]);
}

static void say(struct pattern_build_error *error, size_t pattern, size_t offset, const char *text)
{
    error->pattern = pattern;
    error->offset = offset;
    (void)snprintf(error->text, sizeof error->text, "%s", text);
}

/* What has no meaning in a search, or reaches into the matcher: \K moves the match's start, \C cuts
 * code points, verbs and callouts steer the engine. NUL cannot reach Hyperscan. */
static const char *refused_syntax(struct dvara_str source, size_t *ret_offset)
{
    bool in_class = false;
    for (size_t i = 0; i < source.n; i++) {
        *ret_offset = i;
        char c = source.p[i];
        char next = i + 1 < source.n ? source.p[i + 1] : '\0';
        if (c == '\0')
            return "a pattern cannot hold a NUL byte";
        if (c == '\\') {
            if (next == 'K' || next == 'C')
                return "\\K and \\C are not supported";
            if (next == 'Q')
                return "\\Q is not supported: escape each character";
            i++;
        } else if (in_class) {
            in_class = c != ']';
        } else if (c == '[') {
            in_class = true;
            if (next == '^')
                i++;
            if (i + 1 < source.n && source.p[i + 1] == ']')
                i++; /* a first ] is a member */
        } else if (c == '(' && next == '*') {
            return "verbs such as (*ACCEPT) are not supported";
        } else if (c == '(' && next == '?' && i + 2 < source.n && source.p[i + 2] == 'C') {
            return "callouts are not supported";
        }
    }
    return NULL;
}

static bool has_top_level_bar(struct dvara_str source)
{
    int depth = 0;
    bool in_class = false;
    for (size_t i = 0; i < source.n; i++) {
        char c = source.p[i];
        if (c == '\\')
            i++;
        else if (in_class)
            in_class = c != ']';
        else if (c == '[')
            in_class = true;
        else if (c == '(' || c == ')')
            depth += c == '(' ? 1 : -1;
        else if (c == '|' && depth == 0)
            return true;
    }
    return false;
}

static uint32_t boundary_bits(struct dvara_str source)
{
    uint32_t bits = 0;
    if (has_top_level_bar(source))
        return 0;
    if (dvara_str_starts_with(source, DVARA_STR("\\b")))
        bits |= PATTERN_LEFT_BOUNDARY;
    if (dvara_str_ends_with(source, DVARA_STR("\\b")) &&
        !dvara_str_ends_with(source, DVARA_STR("\\\\b")))
        bits |= PATTERN_RIGHT_BOUNDARY;
    return bits;
}

static enum dvara_status compile_exact(struct compiler *compiler, size_t i,
                                       pcre2_compile_context *context,
                                       struct pattern_build_error *ret_error)
{
    const struct pattern_source *source = &compiler->sources[i];
    size_t offset = 0;
    const char *refused = refused_syntax(source->source, &offset);
    if (refused) {
        say(ret_error, i, offset, refused);
        return DVARA_INVALID;
    }
    uint32_t options = PCRE2_UTF | PCRE2_MATCH_INVALID_UTF | PCRE2_USE_OFFSET_LIMIT |
                       PCRE2_NEVER_BACKSLASH_C |
                       (source->flags & PATTERN_CASELESS ? PCRE2_CASELESS : 0u) |
                       (source->flags & PATTERN_DOTALL ? PCRE2_DOTALL : 0u) |
                       (source->flags & PATTERN_EXTENDED ? PCRE2_EXTENDED : 0u);
    int code = 0;
    PCRE2_SIZE place = 0;
    compiler->codes[i] = pcre2_compile((PCRE2_SPTR)source->source.p, source->source.n, options,
                                       &code, &place, context);
    if (!compiler->codes[i]) {
        PCRE2_UCHAR text[160];
        (void)pcre2_get_error_message(code, text, sizeof text);
        say(ret_error, i, place, (const char *)text);
        return DVARA_INVALID;
    }
    uint32_t empty = 0;
    (void)pcre2_pattern_info(compiler->codes[i], PCRE2_INFO_MATCHEMPTY, &empty);
    compiler->matches_empty[i] = empty != 0;
    compiler->rows[i].bits = boundary_bits(source->source);
    compiler->rows[i].max_width = UINT32_MAX;
    return DVARA_OK;
}

enum dvara_status compiler_exact(struct compiler *compiler, struct pattern_build_error *ret_error)
{
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    if (!context)
        return DVARA_NO_MEMORY;
    (void)pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    enum dvara_status status = DVARA_OK;
    for (size_t i = 0; i < compiler->n && status == DVARA_OK; i++)
        status = compile_exact(compiler, i, context, ret_error);
    pcre2_compile_context_free(context);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/import/import.h"

#include "base/buf.h"
#include "dvara/limits.h"
#include "lang/format.h"
#include "lang/import/format.h"
#include "lang/import/write.h"
#include "lang/report.h"

enum { POLICY_BYTES_MAX = 64 << 20, ROUNDS_MAX = 12 };

enum reader { READER_YAML, READER_JSON };

struct import_format {
    struct dvara_str name;
    enum reader reader;
    import_function *run;
};

static const struct import_format formats[] = {
#define FORMAT(name, reads, what) {DVARA_STR_INIT(#name), READER_##reads, import_##name},
#include "lang/import/formats.def"
};

enum { FORMATS = sizeof formats / sizeof *formats };

const struct import_format *import_format_find(struct dvara_str name)
{
    for (size_t i = 0; i < FORMATS; i++)
        if (dvara_str_eq(formats[i].name, name))
            return &formats[i];
    return NULL;
}

struct dvara_str import_format_names(void)
{
#define FORMAT(name, reads, what) "`" #name "` "
    static const char names[] =
#include "lang/import/formats.def"
        ;
    return dvara_str_from(names, sizeof names - 2); /* without the last space */
}

/* The block that the byte stands in, or NULL. */
static struct block *block_at(const struct block_places *places, size_t offset)
{
    for (size_t i = 0; i < places->n; i++)
        if (offset >= places->v[i].start && offset < places->v[i].end)
            return places->v[i].block;
    return NULL;
}

static struct program *compile(struct arena *arena, struct dvara_str text,
                               const struct compile_options *options, struct diags *diags)
{
    if (!diags_init(diags, arena))
        return NULL;
    struct program *program =
        closure_from_text(arena, DVARA_STR("policy.dvp"), text, options, diags);
    if (program) {
        bind_names(program, diags);
        check(program, diags);
    }
    return program;
}

/* A route that names another one which is not carried goes without it. */
static bool drop_fallback(struct imported *im, struct block *block, struct dvara_str line)
{
    for (size_t i = 0; i < block->n && dvara_str_starts_with(line, DVARA_STR("fallback ")); i++) {
        if (block->lines[i].is_note || !dvara_str_eq(block->lines[i].text, line))
            continue;
        block->lines[i].is_note = true;
        block->lines[i].text = arena_printf(im->arena, "not carried: %.*s: there is no such route",
                                            DVARA_STR_ARG(line));
        return true;
    }
    return false;
}

/* Without the white space around it. */
static struct dvara_str line_at(struct dvara_str text, size_t offset)
{
    size_t start = offset < text.n ? offset : text.n, end = start;
    while (start > 0 && text.p[start - 1] != '\n')
        start--;
    while (end < text.n && text.p[end] != '\n')
        end++;
    while (start < end && text.p[start] == ' ')
        start++;
    return dvara_str_slice(text, start, end);
}

/* Takes back every declaration that has an error: the input may hold a pattern that we do not read,
 * or more than we allow. True: there was one. */
static bool withdraw(struct imported *im, const struct diags *diags,
                     const struct block_places *places, struct dvara_str text)
{
    bool some = false;
    for (uint32_t i = 0; i < diags->n; i++) {
        const struct diag *diag = diags->v[i];
        struct block *block = diag->severity == SEVERITY_ERROR && diag->span.file == 0
                                  ? block_at(places, diag->span.start)
                                  : NULL;
        if (!block || block->withdrawn || block->kind == BLOCK_NOTES)
            continue;
        some = true;
        if (drop_fallback(im, block, line_at(text, diag->span.start)))
            continue;
        block->withdrawn = true;
        struct dvara_str path = arena_printf(im->arena, "%.*s", DVARA_STR_ARG(block->name));
        struct dvara_str why =
            arena_printf(im->arena, "it does not compile: %.*s", DVARA_STR_ARG(diag->text));
        block_comment(im, block, "%.*s", DVARA_STR_ARG(why));
        imported_note(im, NULL, NULL, path, why.p);
    }
    return some;
}

static enum dvara_status settle(struct imported *im, const struct compile_options *options,
                                struct buf *report)
{
    for (int round = 0; round < ROUNDS_MAX; round++) {
        struct arena arena;
        struct diags diags;
        struct block_places places = {0};
        struct buf text;
        arena_init(&arena, COMPILE_ARENA_LIMIT);
        buf_init(&text, POLICY_BYTES_MAX);
        write_policy(im, WRITTEN_BOTH, &text, &places);
        struct program *program =
            buf_failed(&text) ? NULL : compile(&arena, buf_str(&text), options, &diags);
        bool errors = program && diags_has_errors(&diags);
        bool again = errors && withdraw(im, &diags, &places, buf_str(&text));
        if (errors && !again && text.n <= DVARA_MAX_FILE)
            report_print(report, &program->sources, &diags,
                         &(struct report_options){.format = REPORT_COMPACT});
        bool fits = text.n <= DVARA_MAX_FILE;
        buf_clear(&text);
        arena_clear(&arena);
        if (!fits)
            return DVARA_TOO_LARGE;
        if (!program)
            return DVARA_NO_MEMORY;
        if (!again)
            return errors ? DVARA_UNSUPPORTED : DVARA_OK;
    }
    return DVARA_UNSUPPORTED;
}

/* In the one style, which the text is written without. */
static bool write_formatted(struct imported *im, enum written which, struct buf *out)
{
    const struct compile_options options = {.without_imports = true};
    struct arena arena;
    struct diags diags;
    struct buf text;
    arena_init(&arena, COMPILE_ARENA_LIMIT);
    buf_init(&text, POLICY_BYTES_MAX);
    write_policy(im, which, &text, NULL);
    struct program *program = NULL;
    if (!buf_failed(&text) && diags_init(&diags, &arena))
        program =
            closure_from_text(&arena, DVARA_STR("policy.dvp"), buf_str(&text), &options, &diags);
    bool ok = program && !diags_has_errors(&diags);
    if (ok)
        format(program->units[0]->source, program->units[0]->tokens, out);
    buf_clear(&text);
    arena_clear(&arena);
    return ok && !buf_failed(out);
}

enum dvara_status import_run(const struct import_format *format, struct dvara_str source,
                             struct dvara_str text, const struct compile_options *options,
                             struct arena *arena, const struct import_files *files,
                             struct node_problem *ret_problem)
{
    struct imported im;
    *ret_problem = (struct node_problem){.line = 0};
    imported_init(&im, arena, source, format->name.p);
    struct node *root = format->reader == READER_JSON ? node_read_json(text, arena, ret_problem)
                                                      : node_read_yaml(text, arena, ret_problem);
    if (!root)
        return DVARA_INVALID;
    if (!format->run(&im, root, ret_problem))
        return DVARA_INVALID;
    imported_count(&im, root);
    if (arena_is_exhausted(arena))
        return DVARA_NO_MEMORY;
    enum dvara_status status = settle(&im, options, files->report);
    if (status == DVARA_TOO_LARGE) {
        (void)import_refuse(ret_problem, root,
                            "the policy made of it is over 1 MiB: import it in parts");
        return DVARA_INVALID;
    }
    if (status != DVARA_OK)
        return status;
    bool ok = write_formatted(&im, WRITTEN_POLICY, files->policy) &&
              (!has_limits(&im) || write_formatted(&im, WRITTEN_LIMITS, files->limits));
    write_config(&im, files->config);
    write_report(&im, files->report);
    ok = ok && !arena_is_exhausted(arena) && !buf_failed(files->config) &&
         !buf_failed(files->report);
    return ok ? DVARA_OK : DVARA_NO_MEMORY;
}

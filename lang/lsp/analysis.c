/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/analysis.h"

#include "lang/lsp/documents.h"

#include <dirent.h>
#include <unistd.h>

static struct dvara_str folder_of(struct dvara_str path)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return dvara_str_slice(path, 0, n > 1 ? n - 1 : n);
}

static int is_policy(const struct dirent *entry)
{
    struct dvara_str name = dvara_str_from_cstr(entry->d_name);
    return entry->d_name[0] != '.' && dvara_str_ends_with(name, DVARA_STR(".dvp"));
}

static bool holds_policies(struct arena *arena, struct dvara_str folder)
{
    struct dvara_str path_cstr = arena_copy(arena, folder);
    DIR *dir = path_cstr.p ? opendir(path_cstr.p) : NULL;
    bool found = false;
    for (struct dirent *entry; dir && !found && (entry = readdir(dir));)
        found = is_policy(entry);
    if (dir)
        (void)closedir(dir);
    return found;
}

static bool is_below(struct dvara_str path, struct dvara_str folder)
{
    return folder.p && dvara_str_starts_with(path, folder) &&
           (path.n == folder.n || path.p[folder.n] == '/');
}

struct dvara_str analysis_root(struct arena *arena, const struct analysis_options *options,
                               struct dvara_str path)
{
    struct dvara_str root = folder_of(path);
    for (;;) {
        struct dvara_str above = folder_of(root);
        if (above.n == root.n || !is_below(above, options->workspace) ||
            !holds_policies(arena, above))
            return arena_copy(arena, root);
        root = above;
    }
}

/* What an overlay reads: open documents, one of them with another text. */
struct view {
    const struct documents *documents;
    struct dvara_str path, text; /* absent: none is special */
};

static bool read_view(void *user, struct dvara_str real_path, struct dvara_str *ret_text)
{
    const struct view *view = user;
    if (view->path.p && dvara_str_eq(view->path, real_path)) {
        *ret_text = view->text;
        return true;
    }
    const struct document *document = documents_find(view->documents, real_path);
    if (document)
        *ret_text = buf_str(&document->text);
    return document != NULL;
}

static void start(struct analysis *analysis)
{
    *analysis = (struct analysis){.program = NULL};
    arena_init(&analysis->arena, COMPILE_ARENA_LIMIT);
}

/* The front of the compiler on the program's folder, or on the text alone while it is not saved. */
static void compile_view(struct analysis *analysis, const struct analysis_options *options,
                         struct view *view, struct dvara_str path, struct probe *probe)
{
    const struct overlay overlay = {read_view, view};
    struct dvara_str path_cstr = arena_copy(&analysis->arena, path);
    analysis->root = analysis_root(&analysis->arena, options, path);
    struct compile_options compile = {.paths = &analysis->root,
                                      .n_paths = 1,
                                      .libraries = options->libraries,
                                      .n_libraries = options->n_libraries,
                                      .overlay = &overlay,
                                      .regexes = options->regexes};
    if (!path_cstr.p || !analysis->root.p || !diags_init(&analysis->diags, &analysis->arena))
        return;
    analysis->diags.probe = probe;
    struct dvara_str text;
    bool is_saved = access(path_cstr.p, F_OK) == 0;
    if (is_saved) {
        analysis->program = closure_read(&analysis->arena, &compile, &analysis->diags);
    } else if (read_view(view, path, &text)) {
        analysis->program =
            closure_from_text(&analysis->arena, path, text, &compile, &analysis->diags);
        if (analysis->program)
            analysis->program->units[0]->source->real_path = path_cstr;
    }
    if (!analysis->program)
        return;
    bind_names(analysis->program, &analysis->diags);
    check(analysis->program, &analysis->diags);
    fold(analysis->program, &analysis->diags);
}

void analysis_make(struct analysis *analysis, const struct analysis_options *options,
                   struct dvara_str path)
{
    struct view view = {.documents = options->documents};
    start(analysis);
    compile_view(analysis, options, &view, path, NULL);
    if (!analysis->program)
        return;
    if (!diags_has_errors(&analysis->diags))
        lint(analysis->program, &analysis->diags);
    diags_sort(&analysis->diags);
}

void analysis_probe(struct analysis *analysis, const struct analysis_options *options,
                    struct dvara_str path, struct dvara_str text, struct probe *probe)
{
    struct view view = {.documents = options->documents, .path = path, .text = text};
    start(analysis);
    probe->arena = &analysis->arena;
    compile_view(analysis, options, &view, path, probe);
}

void analysis_parse(struct analysis *analysis, struct dvara_str path, struct dvara_str text)
{
    static const struct compile_options alone = {.without_imports = true};
    start(analysis);
    if (diags_init(&analysis->diags, &analysis->arena))
        analysis->program =
            closure_from_text(&analysis->arena, path, text, &alone, &analysis->diags);
}

void analysis_clear(struct analysis *analysis)
{
    arena_clear(&analysis->arena);
    *analysis = (struct analysis){.program = NULL};
}

const struct unit *analysis_unit(const struct analysis *analysis, struct dvara_str path)
{
    for (size_t i = 0; analysis->program && i < analysis->program->n_units; i++)
        if (dvara_str_eq(analysis->program->units[i]->source->real_path, path))
            return analysis->program->units[i];
    return NULL;
}

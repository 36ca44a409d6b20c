/* SPDX-License-Identifier: Apache-2.0 */
/* Which files make up a program: the given paths, folders opened, and all they import. */
#include "base/arena.h"
#include "base/buf.h"
#include "dvara/limits.h"
#include "lang/compile.h"
#include "lang/list.h"
#include "lang/parser.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { FOLDER_DEPTH_MAX = 32 };

struct closure {
    struct arena *arena;
    const struct compile_options *options;
    struct diags *diags;
    struct program *program;
    struct dvara_str root; /* absolute; absent: no file was given yet */
    size_t n_imports;
    bool in_memory;              /* there is no folder that `./` could mean */
    struct dvara_str *libraries; /* the libraries' real folders, as many as options->n_libraries */
};

static struct dvara_str folder_of(struct dvara_str path)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    if (n > 1)
        n--;
    return n ? dvara_str_slice(path, 0, n) : DVARA_STR(".");
}

static struct dvara_str absolute(struct closure *c, struct dvara_str path)
{
    char resolved[PATH_MAX];
    struct dvara_str path_cstr = arena_copy(c->arena, path);
    if (!path_cstr.p || !realpath(path_cstr.p, resolved))
        return (struct dvara_str){0};
    return arena_copy(c->arena, dvara_str_from_cstr(resolved));
}

static bool is_below(struct dvara_str path, struct dvara_str root)
{
    return dvara_str_starts_with(path, root) &&
           (path.n == root.n || path.p[root.n] == '/' || root.n == 1);
}

/* The library whose folder holds the file; absent: none. */
static struct dvara_str library_of(const struct closure *c, struct dvara_str real_path)
{
    for (size_t i = 0; real_path.p && c->libraries && i < c->options->n_libraries; i++)
        if (c->libraries[i].p && is_below(real_path, c->libraries[i]))
            return c->libraries[i];
    return (struct dvara_str){0};
}

static struct unit *find_unit(struct closure *c, struct dvara_str real_path)
{
    for (size_t i = 0; i < c->program->n_units; i++)
        if (dvara_str_eq(c->program->units[i]->source->real_path, real_path))
            return c->program->units[i];
    return NULL;
}

/* Lexes, parses and appends. */
static struct unit *add_unit(struct closure *c, struct source *source)
{
    struct tokens *tokens = ARENA_NEW(c->arena, struct tokens);
    if (!tokens || !lex(c->arena, source, c->diags, tokens))
        return NULL;
    struct unit *unit = parse(c->arena, source, tokens, c->options->regexes, c->diags);
    if (!unit)
        return NULL;
    if (unit->failed)
        c->program->incomplete = true;
    LIST_APPEND(c->arena, c->program->units, c->program->n_units, unit);
    return unit;
}

static struct source *read_source(struct closure *c, struct dvara_str path, struct dvara_str real)
{
    const struct overlay *overlay = c->options->overlay;
    struct dvara_str text;
    if (!overlay || !real.p || !overlay->read(overlay->user, real, &text))
        return source_read(c->arena, &c->program->sources, path, c->diags);
    struct source *source = source_from_text(c->arena, &c->program->sources, path, text, c->diags);
    if (source)
        source->real_path = real;
    return source;
}

static size_t below_root(const struct closure *c, struct dvara_str real)
{
    bool below = c->root.p && real.n > c->root.n && is_below(real, c->root);
    return below ? c->root.n + (c->root.n > 1) : 0;
}

static struct unit *read_unit(struct closure *c, struct dvara_str path)
{
    struct dvara_str real = dvara_str_eq(path, DVARA_STR("-")) ? path : absolute(c, path);
    struct unit *known = real.p ? find_unit(c, real) : NULL;
    if (known)
        return known;
    struct source *source = read_source(c, path, real);
    if (source) {
        source->shelved = library_of(c, source->real_path).p != NULL;
        source->below_root = below_root(c, source->real_path);
    }
    return source ? add_unit(c, source) : NULL;
}

/* A path of the command line has no place in a source: it is shown as a file of its own. */
static void report_path(struct closure *c, struct dvara_str path, const char *why)
{
    int error = errno;
    struct source *source =
        source_from_text(c->arena, &c->program->sources, path, DVARA_STR(""), c->diags);
    if (!source)
        return;
    source->broken = true;
    c->program->incomplete = true;
    struct span span = {source->number, 0, 0};
    diag_add(c->diags, span, MESSAGE_PATH_MISSING, path,
             dvara_str_from_cstr(why ? why : strerror(error)));
}

static bool is_policy(const char *name)
{
    struct dvara_str s = dvara_str_from_cstr(name);
    return name[0] != '.' && dvara_str_ends_with(s, DVARA_STR(".dvp"));
}

static int select_entry(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void read_folder(struct closure *c, struct dvara_str path, int depth);

static void read_entry(struct closure *c, struct dvara_str folder, const char *name, int depth)
{
    bool slash = folder.n && folder.p[folder.n - 1] == '/';
    struct dvara_str path =
        arena_printf(c->arena, "%.*s%s%s", DVARA_STR_ARG(folder), slash ? "" : "/", name);
    struct stat info;
    if (!path.p || stat(path.p, &info) != 0)
        return;
    if (S_ISDIR(info.st_mode))
        read_folder(c, path, depth + 1);
    else if (is_policy(name) && !read_unit(c, path))
        report_path(c, path, NULL);
}

static void read_folder(struct closure *c, struct dvara_str path, int depth)
{
    struct dirent **entries = NULL;
    int n = depth < FOLDER_DEPTH_MAX ? scandir(path.p, &entries, select_entry, by_bytes) : -1;
    if (n < 0) {
        report_path(c, path, depth < FOLDER_DEPTH_MAX ? NULL : "folders are nested too deep");
        return;
    }
    for (int i = 0; i < n; i++) {
        read_entry(c, path, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
}

static void read_given(struct closure *c, struct dvara_str given)
{
    struct dvara_str path = arena_copy(c->arena, given);
    struct stat info;
    if (!path.p)
        return;
    bool is_stdin = dvara_str_eq(path, DVARA_STR("-"));
    if (!is_stdin && stat(path.p, &info) != 0) {
        report_path(c, path, NULL);
        return;
    }
    bool is_folder = !is_stdin && S_ISDIR(info.st_mode);
    if (!c->root.p)
        c->root = absolute(c, is_stdin ? DVARA_STR(".") : is_folder ? path : folder_of(path));
    if (is_folder) {
        size_t before = c->program->n_units;
        read_folder(c, path, 0);
        if (c->program->n_units == before && !diags_has_errors(c->diags))
            report_path(c, path, "the folder holds no .dvp file");
    } else if (!read_unit(c, path)) {
        report_path(c, path, NULL);
    }
}

static bool has_dots(struct dvara_str path)
{
    for (size_t i = 0; i < path.n;) {
        size_t end = i;
        while (end < path.n && path.p[end] != '/')
            end++;
        struct dvara_str part = dvara_str_slice(path, i, end);
        if (dvara_str_eq(part, DVARA_STR("..")) || dvara_str_eq(part, DVARA_STR(".")))
            return true;
        i = end + 1;
    }
    return false;
}

static void fail_import(struct closure *c)
{
    c->program->incomplete = true;
}

/* R23: an import stays below the root. One between files of a library stays in the library, and one
 * of a file that is given anyway adds nothing. */
static bool may_import(struct closure *c, const struct unit *unit, struct dvara_str real)
{
    struct dvara_str library = library_of(c, unit->source->real_path);
    return !c->root.p || unit->source->library || is_below(real, c->root) ||
           (library.p && is_below(real, library)) || find_unit(c, real) != NULL;
}

/* "./models.dvp": beside the importing file, below the root. */
static struct unit *import_relative(struct closure *c, struct unit *unit, struct import *import)
{
    struct dvara_str real_folder = unit->source->real_path.p ? folder_of(unit->source->real_path)
                                                             : absolute(c, DVARA_STR("."));
    struct dvara_str shown_folder =
        unit->source->real_path.p ? folder_of(unit->source->path) : DVARA_STR(".");
    struct dvara_str written = import->path.s;
    if (c->in_memory && !unit->source->library) {
        diag_add(c->diags, import->path.span, MESSAGE_IMPORT_MISSING, written,
                 DVARA_STR("this text stands in no folder"));
        return NULL;
    }
    struct dvara_str path =
        arena_printf(c->arena, "%.*s/%.*s", DVARA_STR_ARG(real_folder), DVARA_STR_ARG(written));
    struct dvara_str real = path.p ? absolute(c, path) : path;
    if (!real.p) {
        diag_add(c->diags, import->path.span, MESSAGE_IMPORT_MISSING, written,
                 dvara_str_from_cstr(strerror(errno)));
        return NULL;
    }
    if (!may_import(c, unit, real)) {
        diag_add(c->diags, import->path.span, MESSAGE_IMPORT_OUTSIDE, written);
        return NULL;
    }
    struct dvara_str tidy = written;
    while (dvara_str_starts_with(tidy, DVARA_STR("./")))
        tidy = dvara_str_slice(tidy, 2, tidy.n);
    bool here = dvara_str_eq(shown_folder, DVARA_STR("."));
    struct dvara_str shown = here ? arena_copy(c->arena, tidy)
                                  : arena_printf(c->arena, "%.*s/%.*s", DVARA_STR_ARG(shown_folder),
                                                 DVARA_STR_ARG(tidy));
    size_t before = c->program->n_units;
    struct unit *target = shown.p ? read_unit(c, shown) : NULL;
    if (!target)
        diag_add(c->diags, import->path.span, MESSAGE_IMPORT_MISSING, written,
                 dvara_str_from_cstr(strerror(errno)));
    else if (c->program->n_units > before) {
        target->source->library = unit->source->library;
        target->source->folder = unit->source->folder;
    }
    return target;
}

/* "pii/identity": identity.dvp in folder pii of a library. */
static struct unit *import_library(struct closure *c, struct import *import)
{
    struct dvara_str name = import->path.s;
    if (dvara_str_ends_with(name, DVARA_STR(".dvp")))
        name = dvara_str_slice(name, 0, name.n - 4);
    bool is_plain = name.n && name.p[0] != '/' && !has_dots(name);
    for (size_t i = 0; is_plain && i < c->options->n_libraries; i++) {
        struct dvara_str path =
            arena_printf(c->arena, "%.*s/%.*s.dvp", DVARA_STR_ARG(c->options->libraries[i]),
                         DVARA_STR_ARG(name));
        struct stat info;
        if (!path.p || stat(path.p, &info) != 0)
            continue;
        size_t before = c->program->n_units;
        struct unit *unit = read_unit(c, path);
        if (unit && c->program->n_units > before) {
            unit->source->library = true;
            unit->source->folder = c->options->libraries[i].n + 1;
        }
        return unit;
    }
    if (dvara_str_starts_with(name, DVARA_STR("/")))
        diag_add(c->diags, import->path.span, MESSAGE_IMPORT_ABSOLUTE, import->path.s);
    else
        diag_add(c->diags, import->path.span, MESSAGE_IMPORT_NO_LIBRARY, import->path.s, name);
    return NULL;
}

static void follow(struct closure *c, struct unit *unit)
{
    for (size_t i = 0; i < unit->n_imports; i++) {
        struct import *import = &unit->imports[i];
        if (++c->n_imports > DVARA_MAX_IMPORTS) {
            diag_plain(c->diags, import->span, MESSAGE_TOO_MANY_IMPORTS);
            fail_import(c);
            return;
        }
        bool relative = dvara_str_starts_with(import->path.s, DVARA_STR("./")) ||
                        dvara_str_starts_with(import->path.s, DVARA_STR("../"));
        import->unit = relative ? import_relative(c, unit, import) : import_library(c, import);
        if (!import->unit)
            fail_import(c);
    }
}

static struct program *finish(struct closure *c)
{
    for (size_t i = 0; i < c->program->n_units && !c->options->without_imports; i++)
        follow(c, c->program->units[i]);
    return arena_is_exhausted(c->arena) ? NULL : c->program;
}

static bool start(struct closure *c)
{
    c->program = ARENA_NEW(c->arena, struct program);
    c->libraries = ARENA_ARRAY(c->arena, c->options->n_libraries, struct dvara_str);
    for (size_t i = 0; c->libraries && i < c->options->n_libraries; i++)
        c->libraries[i] = absolute(c, c->options->libraries[i]);
    if (c->program) {
        c->program->arena = c->arena;
        c->program->known = c->options->known;
        c->program->n_known = c->options->n_known;
    }
    return c->program != NULL;
}

struct program *closure_read(struct arena *arena, const struct compile_options *options,
                             struct diags *diags)
{
    struct closure c = {.arena = arena, .options = options, .diags = diags};
    if (!start(&c))
        return NULL;
    for (size_t i = 0; i < options->n_paths; i++)
        read_given(&c, options->paths[i]);
    c.program->n_roots = c.program->n_units;
    return finish(&c);
}

struct program *closure_from_text(struct arena *arena, struct dvara_str name, struct dvara_str text,
                                  const struct compile_options *options, struct diags *diags)
{
    struct closure c = {.arena = arena, .options = options, .diags = diags, .in_memory = true};
    if (!start(&c))
        return NULL;
    struct source *source = source_from_text(arena, &c.program->sources, name, text, diags);
    if (!source || !add_unit(&c, source))
        return NULL;
    c.program->n_roots = 1;
    return finish(&c);
}

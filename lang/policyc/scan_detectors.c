/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_detectors.h"

#include "base/buf.h"
#include "bundle/format.h"
#include "lang/suggest.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/scan_cache.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

/* Appends an import of each policy of LIBRARY/NAME, tests left out. */
static void import_folder(struct front *front, struct dvara_str library, const char *name,
                          struct buf *text)
{
    struct dirent **entries = NULL;
    struct dvara_str path = arena_printf(&front->arena, "%.*s/%s", DVARA_STR_ARG(library), name);
    int n = path.p ? scandir(path.p, &entries, NULL, alphasort) : -1;
    for (int i = 0; i < n; i++) {
        struct dvara_str file = dvara_str_from_cstr(entries[i]->d_name);
        if (dvara_str_ends_with(file, DVARA_STR(".dvp")) && file.p[0] != '.' &&
            !dvara_str_ends_with(file, DVARA_STR("_test.dvp")))
            buf_printf(text, "import \"%s/%.*s\"\n", name,
                       DVARA_STR_ARG(dvara_str_slice(file, 0, file.n - 4)));
        free(entries[i]);
    }
    if (n >= 0)
        free(entries);
}

/* A policy that imports the detectors of the first library that has any; empty: none has. */
static void import_library(struct front *front, struct buf *text)
{
    static const char *const folders[] = {"pii", "secrets"};
    for (size_t i = 0; i < front->n_libraries && text->n == 0; i++) {
        for (size_t k = 0; k < sizeof folders / sizeof *folders; k++)
            import_folder(front, front->libraries[i], folders[k], text);
    }
}

static int report(struct front *front)
{
    return front_report(front) == EXIT_INTERNAL ? EXIT_INTERNAL : EXIT_USAGE;
}

/* Parses and binds; what is still to be checked is checked only when it is to be compiled. `text`:
 * instead of the operands. */
static int read_and_bind(struct front *front, struct dvara_str text)
{
    struct compile_options options = {.paths = front->operands.v,
                                      .n_paths = front->operands.n,
                                      .libraries = front->libraries,
                                      .n_libraries = front->n_libraries};
    if (!diags_init(&front->diags, &front->arena))
        return EXIT_INTERNAL;
    front->program = text.p ? closure_from_text(&front->arena, DVARA_STR("the detector library"),
                                                text, &options, &front->diags)
                            : closure_read(&front->arena, &options, &front->diags);
    if (!front->program)
        return EXIT_INTERNAL;
    bind_names(front->program, &front->diags);
    if (arena_is_exhausted(&front->arena))
        return EXIT_INTERNAL;
    return diags_has_errors(&front->diags) ? report(front) : EXIT_CLEAN;
}

/* The shipped library as one text in the arena; absent: there is none. */
static struct dvara_str library_text(struct front *front)
{
    enum { TEXT_MAX = 1 << 20 };
    struct dvara_str text = {0};
    struct buf imports;
    buf_init(&imports, TEXT_MAX);
    import_library(front, &imports);
    if (imports.n && !buf_failed(&imports))
        text = arena_printf(&front->arena, "dvp 1\n%.*s", DVARA_STR_ARG(buf_str(&imports)));
    buf_clear(&imports);
    return text;
}

static int check_and_fold(struct front *front)
{
    check(front->program, &front->diags);
    if (diags_has_errors(&front->diags))
        return report(front);
    fold(front->program, &front->diags);
    if (arena_is_exhausted(&front->arena))
        return EXIT_INTERNAL;
    return diags_has_errors(&front->diags) ? report(front) : EXIT_CLEAN;
}

static int read_policies(struct front *front, const struct scan_choice *choice)
{
    struct dvara_str text = {0};
    front->operands.n = choice->n_policies;
    for (size_t i = 0; i < choice->n_policies; i++)
        front->operands.v[i] = choice->policies[i];
    if (choice->n_policies == 0) {
        text = library_text(front);
        if (!text.p) {
            (void)fprintf(stderr,
                          "dvara-policyc scan: the detector library is not beside the program; "
                          "give its folder with --library, or detectors with --policy\n");
            return EXIT_USAGE;
        }
    }
    int code = read_and_bind(front, text);
    if (code == EXIT_CLEAN && front->program->by_kind[DECL_DETECTOR].n == 0) {
        (void)fprintf(stderr, "dvara-policyc scan: the policies given declare no detector, and "
                              "import none\n");
        code = EXIT_USAGE;
    }
    return code;
}

static int refuse_name(const struct program *program, struct dvara_str name)
{
    struct suggestion suggestion = suggest_start(name);
    static const enum decl_kind kinds[] = {DECL_DETECTOR, DECL_GROUP};
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct decls *decls = &program->by_kind[kinds[k]];
        for (size_t i = 0; i < decls->n; i++)
            suggest_offer(&suggestion, decls->v[i]->name);
    }
    (void)fprintf(stderr, "dvara-policyc scan: there is no detector or group `%.*s`",
                  DVARA_STR_ARG(name));
    if (suggestion.best.p)
        (void)fprintf(stderr, "; did you mean `%.*s`?\n", DVARA_STR_ARG(suggestion.best));
    else
        (void)fputs("; --list names them\n", stderr);
    return EXIT_USAGE;
}

/* Thresholds by detector of what one name means; 0: not meant. */
static int add_name(const struct program *program, struct dvara_str name, uint32_t *thresholds)
{
    const struct decl *decl = program_find(program, DECL_GROUP, name);
    if (!decl)
        decl = program_find(program, DECL_DETECTOR, name);
    if (dvara_str_eq(name, DVARA_STR("all"))) {
        const struct decls *all = &program->by_kind[DECL_DETECTOR];
        for (size_t i = 0; i < all->n; i++)
            codegen_thresholds(program, all->v[i], thresholds);
        return EXIT_CLEAN;
    }
    if (!decl)
        return refuse_name(program, name);
    codegen_thresholds(program, decl, thresholds);
    return EXIT_CLEAN;
}

static int add_names(const struct program *program, const char *names, uint32_t *thresholds)
{
    struct dvara_str rest = dvara_str_from_cstr(names ? names : "all");
    int code = EXIT_CLEAN;
    for (size_t at = 0; code == EXIT_CLEAN && at <= rest.n;) {
        size_t end = at;
        while (end < rest.n && rest.p[end] != ',' && rest.p[end] != ' ')
            end++;
        if (end > at)
            code = add_name(program, dvara_str_slice(rest, at, end), thresholds);
        at = end + 1;
    }
    return code;
}

/* Leaves nothing in the program but the detectors that have a threshold, numbered anew. */
static void prune(struct program *program, uint32_t *thresholds)
{
    struct decls *detectors = &program->by_kind[DECL_DETECTOR];
    size_t n = 0;
    for (int kind = 0; kind < DECL_COUNT; kind++)
        program->by_kind[kind].n = kind == DECL_DETECTOR ? detectors->n : 0;
    for (size_t i = 0; i < detectors->n; i++) {
        if (!thresholds[i])
            continue;
        thresholds[n] = thresholds[i];
        detectors->v[n] = detectors->v[i];
        detectors->v[n]->order = (uint32_t)n;
        n++;
    }
    detectors->n = n;
}

static int compile(struct front *front, const uint32_t *floors, const struct scan_cache *cache,
                   struct dvara_bundle **ret_bundle)
{
    struct codegen_options options = {.compiler = DVARA_STR("dvara-policyc " DVARA_VERSION),
                                      .floors = floors};
    struct buf bytes;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    int code = check_and_fold(front);
    if (code == EXIT_CLEAN)
        code = bundle_emit(front, &options, &bytes);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&bytes), ret_bundle);
    if (code == EXIT_CLEAN)
        scan_cache_store(cache, buf_str(&bytes));
    buf_clear(&bytes);
    return code == EXIT_DIAGNOSTICS ? EXIT_USAGE : code;
}

/* A threshold of each detector that is wanted, 0 of the others; over all of the program. */
static int choose(struct front *front, const struct scan_choice *choice, uint32_t **ret_thresholds)
{
    size_t n = front->program->by_kind[DECL_DETECTOR].n;
    size_t n_groups = front->program->by_kind[DECL_GROUP].n;
    uint32_t *thresholds = ARENA_ARRAY(&front->arena, n + n_groups, uint32_t);
    bool any = false;
    if (!thresholds)
        return EXIT_INTERNAL;
    int code = add_names(front->program, choice->names, thresholds);
    if (code != EXIT_CLEAN)
        return code;
    for (size_t i = 0; i < n; i++) {
        any |= thresholds[i] != 0;
        /* A floor of 0 would mean the default. */
        if (thresholds[i] && choice->threshold_ppm >= 0)
            thresholds[i] = choice->threshold_ppm ? (uint32_t)choice->threshold_ppm : 1;
    }
    *ret_thresholds = thresholds;
    if (!any)
        (void)fprintf(stderr, "dvara-policyc scan: --detectors names none\n");
    return any ? EXIT_CLEAN : EXIT_USAGE;
}

int scan_detectors_load(struct front *front, const struct scan_choice *choice,
                        struct scan_detectors *ret_detectors)
{
    struct scan_cache cache = {.path_cstr = ""};
    uint32_t *thresholds = NULL;
    int code = read_policies(front, choice);
    if (code == EXIT_CLEAN)
        code = choose(front, choice, &thresholds);
    if (code != EXIT_CLEAN)
        return code;
    struct decls *decls = &front->program->by_kind[DECL_DETECTOR];
    prune(front->program, thresholds);
    ret_detectors->n = decls->n;
    ret_detectors->decls = decls->v;
    if (choice->names_only)
        return EXIT_CLEAN;
    if (!choice->uncached)
        scan_cache_find(&cache, front->program, thresholds);
    if (!scan_cache_load(&cache, &ret_detectors->bundle))
        code = compile(front, thresholds, &cache, &ret_detectors->bundle);
    if (code == EXIT_CLEAN)
        ret_detectors->detectors = dvara_bundle_detectors(ret_detectors->bundle);
    return code;
}

void scan_detectors_clear(struct scan_detectors *detectors)
{
    dvara_bundle_free(detectors->bundle);
}

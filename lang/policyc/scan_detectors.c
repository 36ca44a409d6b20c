/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_detectors.h"

#include "base/buf.h"
#include "bundle/format.h"
#include "lang/suggest.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"

#include <stdio.h>
#include <sys/stat.h>

static bool is_folder(struct dvara_str path)
{
    struct stat info;
    return path.p && stat(path.p, &info) == 0 && S_ISDIR(info.st_mode);
}

/* The folders of detectors of the first library that has any. */
static void take_library(struct front *front)
{
    static const char *const folders[] = {"pii", "secrets"};
    front->operands.n = 0;
    for (size_t i = 0; i < front->n_libraries && front->operands.n == 0; i++) {
        for (size_t k = 0; k < sizeof folders / sizeof *folders; k++) {
            struct dvara_str path = arena_printf(&front->arena, "%.*s/%s",
                                                 DVARA_STR_ARG(front->libraries[i]), folders[k]);
            if (is_folder(path))
                front->operands.v[front->operands.n++] = path;
        }
    }
}

static int read_policies(struct front *front, const struct scan_choice *choice)
{
    if (choice->n_policies == 0) {
        take_library(front);
    } else {
        front->operands.n = choice->n_policies;
        memcpy(front->operands.v, choice->policies, choice->n_policies * sizeof *choice->policies);
    }
    if (front->operands.n == 0) {
        (void)fprintf(stderr, "dvara-policyc scan: the detector library is not beside the program; "
                              "give its folder with --library, or detectors with --policy\n");
        return EXIT_USAGE;
    }
    int code = front_compile(front);
    if (code == EXIT_CLEAN && diags_has_errors(&front->diags))
        code = front_report(front) == EXIT_USAGE ? EXIT_USAGE : EXIT_DIAGNOSTICS;
    if (code == EXIT_CLEAN && front->program->by_kind[DECL_DETECTOR].n == 0) {
        (void)fprintf(stderr, "dvara-policyc scan: the policies given declare no detector, and "
                              "import none\n");
        code = EXIT_USAGE;
    }
    return code == EXIT_DIAGNOSTICS ? EXIT_USAGE : code;
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
            codegen_thresholds(all->v[i], thresholds);
        return EXIT_CLEAN;
    }
    if (!decl)
        return refuse_name(program, name);
    codegen_thresholds(decl, thresholds);
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
static size_t prune(struct program *program, uint32_t *thresholds)
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
    return n;
}

static int compile(struct front *front, const uint32_t *floors,
                   struct scan_detectors *ret_detectors)
{
    struct codegen_options options = {.compiler = DVARA_STR("dvara-policyc " DVARA_VERSION),
                                      .floors = floors};
    struct buf bytes;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    int code = bundle_emit(front, &options, &bytes);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&bytes), &ret_detectors->bundle);
    if (code == EXIT_CLEAN)
        ret_detectors->detectors = dvara_bundle_detectors(ret_detectors->bundle);
    buf_clear(&bytes);
    return code == EXIT_DIAGNOSTICS ? EXIT_USAGE : code;
}

int scan_detectors_load(struct front *front, const struct scan_choice *choice,
                        struct scan_detectors *ret_detectors)
{
    int code = read_policies(front, choice);
    if (code != EXIT_CLEAN)
        return code;
    struct program *program = front->program;
    uint32_t *thresholds = ARENA_ARRAY(&front->arena, program->by_kind[DECL_DETECTOR].n, uint32_t);
    if (!thresholds)
        return EXIT_INTERNAL;
    code = add_names(program, choice->names, thresholds);
    if (code != EXIT_CLEAN)
        return code;
    ret_detectors->n = prune(program, thresholds);
    ret_detectors->decls = program->by_kind[DECL_DETECTOR].v;
    if (ret_detectors->n == 0) {
        (void)fprintf(stderr, "dvara-policyc scan: --detectors names none\n");
        return EXIT_USAGE;
    }
    /* A floor of 0 would mean the default. */
    for (size_t i = 0; choice->threshold_ppm >= 0 && i < ret_detectors->n; i++)
        thresholds[i] = choice->threshold_ppm ? (uint32_t)choice->threshold_ppm : 1;
    return compile(front, thresholds, ret_detectors);
}

void scan_detectors_clear(struct scan_detectors *detectors)
{
    dvara_bundle_free(detectors->bundle);
}

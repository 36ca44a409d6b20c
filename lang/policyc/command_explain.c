/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "bundle/cost.h"
#include "bundle/load_patterns.h"
#include "bundle/verify.h"
#include "dvara/limits.h"
#include "lang/suggest.h"
#include "policyc/arguments.h"
#include "policyc/command.h"
#include "policyc/front.h"
#include "policyc/pages.h"
#include "policyc/show.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

enum { COST_MEMORY = 1 << 30 };

static const struct page *page_find(struct dvara_str code)
{
    for (size_t i = 0; i < n_pages; i++)
        if (dvara_str_eq(dvara_str_from_cstr(pages[i].code), code))
            return &pages[i];
    return NULL;
}

/* Its first line without the mark: "E0204: unguarded-optional". */
static void print_title(const struct page *page)
{
    size_t n = 0;
    while (n < page->n && page->text[n] != '\n')
        n++;
    (void)printf("%.*s\n", n > 2 ? (int)(n - 2) : 0, (const char *)page->text + 2);
}

static int print_page(struct dvara_str code)
{
    const struct page *page = page_find(code);
    if (page)
        return fwrite(page->text, 1, page->n, stdout) == page->n ? EXIT_CLEAN : EXIT_USAGE;
    struct suggestion suggestion = suggest_start(code);
    for (size_t i = 0; i < n_pages; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(pages[i].code));
    (void)fprintf(stderr, "dvara-policyc explain: there is no code `%.*s`", DVARA_STR_ARG(code));
    if (suggestion.best.p)
        (void)fprintf(stderr, "; did you mean %.*s?", DVARA_STR_ARG(suggestion.best));
    (void)fputs("\n", stderr);
    return EXIT_USAGE;
}

/* Code is walked only after the loader's verifier has proved it. */
static enum dvara_status find_costs(const struct bundle_file *file,
                                    const struct bundle_program *program, struct arena *arena,
                                    struct dvara_bundle_error *error, uint64_t **ret_steps)
{
    uint32_t detectors = 0, patterns = 0;
    enum dvara_status status = load_pattern_counts(file, arena, error, &detectors, &patterns);
    if (status == DVARA_OK)
        status = bundle_verify(program, detectors, patterns, error);
    return status == DVARA_OK ? cost_rules(program, arena, ret_steps) : status;
}

static void print_costs(const struct bundle_file *file, const struct bundle_program *program,
                        struct buf *out)
{
    struct arena arena;
    struct dvara_bundle_error error = {.text = "out of memory"};
    uint64_t *steps;
    arena_init(&arena, COST_MEMORY);
    if (find_costs(file, program, &arena, &error, &steps) != DVARA_OK) {
        buf_printf(out, "no bounds: %s\n", error.text);
    } else {
        buf_printf(out, "steps, of %d in a decision:\n", DVARA_MAX_STEPS);
        for (uint32_t i = 0; i < program->tables.n_rules; i++)
            buf_printf(out, "  rule %.*s takes at most %" PRIu64 "\n",
                       DVARA_STR_ARG(program->strings[program->tables.rules[i].name]), steps[i]);
    }
    arena_clear(&arena);
}

static void print_index(const struct bundle_file *file, const struct bundle_program *program,
                        struct buf *out)
{
    disasm_index(program, out);
    print_costs(file, program, out);
}

/* A path rather than a code: codes are letters and digits, and none is the name of a file here. */
static bool is_path(const char *operand)
{
    return strpbrk(operand, "./") != NULL || (operand[0] != '-' && access(operand, F_OK) == 0);
}

static int run(int argc, char **argv)
{
    for (int i = 0; i < argc; i++) {
        bool is_value = i > 0 && strcmp(argv[i - 1], "--library") == 0;
        if (!is_value && is_path(argv[i]))
            return show(argc, argv, print_index);
    }
    const struct option_row no_options[1] = {{.name = ""}};
    struct operands operands;
    if (!arguments_read(argc, argv, no_options, 0, &operands))
        return EXIT_USAGE;
    if (operands.n == 0)
        for (size_t i = 0; i < n_pages; i++)
            print_title(&pages[i]);
    int code = EXIT_CLEAN;
    for (size_t i = 0; i < operands.n && code == EXIT_CLEAN; i++)
        code = print_page(operands.v[i]);
    return code;
}

const struct command command_explain = {
    .name = "explain",
    .synopsis = "explain [CODE…] | BUNDLE | PATH…",
    .summary = "Prints the page of a diagnostic's code, or what leads to each rule of a bundle",
    .help =
        "  E0204               what is wrong, a wrong and a right example\n"
        "  prod.dvb, policies/ what the index asks about each rule, which rules no index reaches, "
        "and\n                      how many steps each can take at most\n" FRONT_HELP,
    .run = run,
};

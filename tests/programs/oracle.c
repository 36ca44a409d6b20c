/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs and requests: the VM's decision against the tree-walking interpreter's, for the
 * program as generated without and with what makes it faster, with its declarations shuffled, and
 * formatted.
 *
 *   oracle [--programs N] [--requests N] [--seed N] [--program FILE]
 *
 * Prints the first difference with the program that shows it; a seed repeats a run. With --program
 * the file is judged instead of generated programs: for making a difference small. */
#include "lang/compile.h"
#include "lang/emit.h"
#include "lang/format.h"
#include "oracle/generate.h"
#include "oracle/judge.h"

#include "dvara/engine.h"
#include "dvara/pii.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ARENA_BYTES = 1 << 28, TEXT_BYTES = 1 << 20 };

struct settings {
    long programs, requests, seed;
    const char *file;
};

/* One text, compiled and loaded. */
struct compiled {
    struct arena arena;
    struct program *program;
    struct dvara_bundle *bundle;
    struct dvara_vm *vm;
    struct finder finder;
};

static void fail(const char *what, struct dvara_str text)
{
    (void)fprintf(stderr, "oracle: %s\n%.*s\n", what, DVARA_STR_ARG(text));
    exit(EXIT_FAILURE);
}

static void print_diags(const struct diags *diags)
{
    for (uint32_t i = 0; i < diags->n && i < 10; i++)
        (void)fprintf(stderr, "%.*s\n", DVARA_STR_ARG(diags->v[i]->text));
}

static void load(struct compiled *c, struct diags *diags, struct dvara_str text, bool plain)
{
    struct buf bytes;
    struct dvara_bundle_error error = {{0}};
    const struct codegen_options options = {
        .name = DVARA_STR("oracle"), .compiler = DVARA_STR("oracle"), .plain = plain};
    const struct dvara_bundle_options trust = {.trust_databases = true};
    buf_init(&bytes, 64 << 20);
    if (emit_bundle(c->program, &options, diags, &error, &bytes) != DVARA_OK) {
        print_diags(diags);
        fail(error.text[0] ? error.text : "the program does not compile", text);
    }
    if (dvara_bundle_load(buf_str(&bytes), &trust, &error, &c->bundle) != DVARA_OK)
        fail(error.text, text);
    if (dvara_vm_new(c->bundle, &c->vm) != DVARA_OK)
        fail("no memory for the VM", text);
    c->finder.bundle = c->bundle;
    const struct dvara_detectors *detectors = dvara_bundle_detectors(c->bundle);
    if (detectors && dvara_scanner_new(detectors, &c->finder.scanner) != DVARA_OK)
        fail("no memory for the scanner", text);
    buf_clear(&bytes);
}

/* plain: as if nothing could be made better: no constant folded, no predicate shared, no index. */
static void compile(struct compiled *c, struct dvara_str text, bool plain)
{
    const struct compile_options options = {0};
    struct diags diags;
    arena_init(&c->arena, ARENA_BYTES);
    if (!diags_init(&diags, &c->arena))
        fail("no memory", text);
    c->program = closure_from_text(&c->arena, DVARA_STR("oracle.dvp"), text, &options, &diags);
    if (c->program) {
        bind_names(c->program, &diags);
        check(c->program, &diags);
    }
    if (c->program && !diags_has_errors(&diags) && !plain)
        fold(c->program, &diags);
    if (!c->program || diags_has_errors(&diags)) {
        print_diags(&diags);
        fail("the generated program has errors", text);
    }
    load(c, &diags, text, plain);
}

static void release(struct compiled *c)
{
    dvara_scanner_free(c->finder.scanner);
    dvara_vm_free(c->vm);
    dvara_bundle_free(c->bundle);
    arena_clear(&c->arena);
}

/* ---- the two opinions ---- */

/* A request and the world it comes into. */
struct sample {
    struct dvara_facts facts;
    struct world_target world[GENERATE_TARGETS];
};

static void decide(struct compiled *c, struct sample *sample, bool with_reason, struct arena *arena,
                   struct buf *out)
{
    struct dvara_facts own = sample->facts;
    const struct dvara_world world = generate_asked(sample->world);
    struct dvara_run *run = dvara_run_new(c->vm, &own, arena);
    dvara_run_request(run);
    if (dvara_run_decision(run)->verdict != DVARA_VERDICT_DENY) {
        dvara_run_plan(run, &world);
        if (dvara_run_decision(run)->verdict != DVARA_VERDICT_DENY) {
            (void)dvara_run_tool(run);
            dvara_run_response(run);
        }
    }
    oracle_print_decision(c->bundle, dvara_run_decision(run), with_reason, arena, out);
}

/* Returns whether the wording of the reason is specified. */
static bool judge(const struct compiled *c, const struct sample *sample, struct arena *arena,
                  struct buf *out)
{
    struct judge *judge = ARENA_NEW(arena, struct judge);
    oracle_init(judge, c->program, arena, &sample->facts, &c->finder);
    judge->world = sample->world;
    judge->n_world = GENERATE_TARGETS;
    oracle_request(judge);
    if (!judge->denied)
        oracle_plan(judge);
    if (!judge->denied) {
        oracle_tool(judge);
        oracle_response(judge);
    }
    oracle_print_judge(judge, out);
    return judge->reason.p != NULL;
}

/* ---- comparing ---- */

enum { VARIANTS = 4 };

struct variant {
    const char *name;
    bool plain;
    struct buf text;
    struct compiled compiled;
};

static void formatted(struct variant *from, struct buf *out)
{
    const struct unit *unit = from->compiled.program->units[0];
    format(unit->source, unit->tokens, out);
}

static bool compare(struct variant *variants, size_t n, struct sample *sample, struct arena *arena)
{
    bool same = true;
    struct buf expected;
    buf_init(&expected, TEXT_BYTES);
    bool with_reason = judge(&variants[0].compiled, sample, arena, &expected);
    for (size_t i = 0; i < n && same; i++) {
        struct buf got;
        buf_init(&got, TEXT_BYTES);
        decide(&variants[i].compiled, sample, with_reason, arena, &got);
        same = dvara_str_eq(buf_str(&expected), buf_str(&got));
        if (!same)
            (void)fprintf(stderr, "%.*s\n--- oracle\n%.*s--- VM, %s\n%.*s",
                          DVARA_STR_ARG(buf_str(&variants[i].text)),
                          DVARA_STR_ARG(buf_str(&expected)), variants[i].name,
                          DVARA_STR_ARG(buf_str(&got)));
        buf_clear(&got);
    }
    buf_clear(&expected);
    return same;
}

static bool try_requests(struct variant *variants, size_t n, struct dice *dice, long requests)
{
    struct arena arena;
    bool same = true;
    arena_init(&arena, ARENA_BYTES);
    for (long i = 0; i < requests && same; i++) {
        struct sample sample;
        const struct dvara_facts *facts = &sample.facts;
        arena_reset(&arena);
        generate_facts(dice, &arena, &sample.facts);
        generate_world(dice, sample.world);
        same = compare(variants, n, &sample, &arena);
        if (!same)
            (void)fprintf(stderr,
                          "--- model %.*s tenant %.*s id %.*s text %.*s ip %.*s faults %x\n",
                          DVARA_STR_ARG(facts->request.model), DVARA_STR_ARG(facts->tenant.id),
                          DVARA_STR_ARG(facts->request.id), DVARA_STR_ARG(facts->request.text),
                          DVARA_STR_ARG(facts->request.ip), facts->faults);
    }
    arena_clear(&arena);
    return same;
}

static bool try_program(uint64_t seed, long requests)
{
    /* The interpreter walks the first one's tree: what folding does to it does not show there. */
    struct variant variants[VARIANTS] = {{.name = "not optimised", .plain = true},
                                         {.name = "as generated"},
                                         {.name = "shuffled"},
                                         {.name = "formatted"}};
    struct dice dice = {seed * 0x9E3779B97F4A7C15u + 1};
    struct arena arena;
    struct pieces pieces;
    arena_init(&arena, ARENA_BYTES);
    generate_program(&dice, &arena, &pieces);
    for (size_t i = 0; i < VARIANTS; i++) {
        buf_init(&variants[i].text, TEXT_BYTES);
        if (i < VARIANTS - 1)
            generate_print(&dice, i == VARIANTS - 2, &pieces, &variants[i].text);
        else
            formatted(&variants[VARIANTS - 2], &variants[i].text);
        compile(&variants[i].compiled, buf_str(&variants[i].text), variants[i].plain);
    }
    bool same = try_requests(variants, VARIANTS, &dice, requests);
    for (size_t i = 0; i < VARIANTS; i++) {
        release(&variants[i].compiled);
        buf_clear(&variants[i].text);
    }
    arena_clear(&arena);
    return same;
}

static bool try_file(const struct settings *s)
{
    struct variant variant = {.name = "as written"};
    struct dice dice = {(uint64_t)s->seed};
    char *room;
    size_t n;
    FILE *file = fopen(s->file, "r");
    buf_init(&variant.text, TEXT_BYTES);
    while (file && (room = buf_room(&variant.text, 4096)) && (n = fread(room, 1, 4096, file)) > 0)
        variant.text.n += n;
    if (!file || buf_failed(&variant.text))
        fail("cannot read", dvara_str_from_cstr(s->file));
    (void)fclose(file);
    compile(&variant.compiled, buf_str(&variant.text), false);
    bool same = try_requests(&variant, 1, &dice, s->requests);
    release(&variant.compiled);
    buf_clear(&variant.text);
    return same;
}

static void read_settings(int argc, char **argv, struct settings *s)
{
    for (int i = 1; i + 1 < argc; i += 2) {
        long value = strtol(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--programs") == 0)
            s->programs = value;
        else if (strcmp(argv[i], "--requests") == 0)
            s->requests = value;
        else if (strcmp(argv[i], "--seed") == 0)
            s->seed = value;
        else if (strcmp(argv[i], "--program") == 0)
            s->file = argv[i + 1];
    }
}

int main(int argc, char **argv)
{
    struct settings s = {.programs = 1000, .requests = 20, .seed = 1};
    read_settings(argc, argv, &s);
    if (s.file)
        return try_file(&s) ? EXIT_SUCCESS : EXIT_FAILURE;
    long agreed = 0;
    for (long i = 0; i < s.programs; i++) {
        if (!try_program((uint64_t)(s.seed + i), s.requests)) {
            (void)fprintf(stderr, "oracle: seed %ld differs\n", s.seed + i);
            (void)printf("0 passed, 1 failed\n");
            return EXIT_FAILURE;
        }
        agreed++;
    }
    (void)printf(
        "%ld pairs of a program and a request agree, optimised, shuffled and formatted too\n",
        agreed * s.requests);
    (void)printf("1 passed, 0 failed\n");
    return EXIT_SUCCESS;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/time.h"
#include "bundle/format.h"
#include "dvara/engine.h"
#include "lang/given.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { MEMORY = 1 << 30, SAMPLES = 10000, SAMPLES_MAX = 10000000, WARM = 100 };

struct bench {
    const char *input, *samples;
    uint32_t n;
    uint64_t *took; /* nanoseconds, by sample */
    struct front front;
    struct arena arena, exchange;
    struct buf bytes, json;
};

static int complain(struct dvara_str what)
{
    (void)fprintf(stderr, "dvara-policyc bench: %.*s\n", DVARA_STR_ARG(what));
    return EXIT_USAGE;
}

static int compare(const void *left, const void *right)
{
    const uint64_t *a = left, *b = right;
    return (*a > *b) - (*a < *b);
}

static uint64_t percentile(const struct bench *bench, uint64_t share, uint64_t of)
{
    return bench->took[(uint64_t)(bench->n - 1) * share / of];
}

/* What reading the clock costs, to be taken off. */
static uint64_t clock_cost(struct bench *bench)
{
    for (uint32_t i = 0; i < bench->n; i++) {
        uint64_t start = time_monotonic_ns();
        bench->took[i] = time_monotonic_ns() - start;
    }
    qsort(bench->took, bench->n, sizeof *bench->took, compare);
    return percentile(bench, 1, 2);
}

/* The request phase, in an arena that is emptied first, as the gateway does it. NULL: no memory. */
static const struct dvara_decision *decide(struct bench *bench, struct dvara_vm *vm,
                                           const struct dvara_facts *facts)
{
    struct dvara_facts *own;
    arena_reset(&bench->exchange);
    own = ARENA_NEW(&bench->exchange, struct dvara_facts);
    if (!own)
        return NULL;
    *own = *facts;
    struct dvara_run *run = dvara_run_new(vm, own, &bench->exchange);
    if (!run)
        return NULL;
    dvara_run_request(run);
    return dvara_run_decision(run);
}

static void print(const struct bench *bench, const struct dvara_bundle *bundle,
                  const struct dvara_decision *d, uint64_t clock)
{
    static const char *const verdicts[] = {"allow", "deny", "approval"};
    static const struct {
        const char *name;
        uint64_t share;
    } rows[] = {{"p50", 500}, {"p90", 900}, {"p99", 990}, {"p99.9", 999}, {"most", 1000}};
    (void)printf("%s, %zu of %zu rules matched, %" PRIu64 " steps, %" PRIu64
                 " bytes scanned, %zu bytes of memory\n",
                 verdicts[d->verdict], d->n_matched, (size_t)dvara_bundle_info(bundle).n_rules,
                 d->steps, d->scanned_bytes, bench->exchange.used);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint64_t took = percentile(bench, rows[i].share, 1000);
        (void)printf("%-5s %" PRIu64 " ns\n", rows[i].name, took > clock ? took - clock : 0);
    }
}

static int measure(struct bench *bench, const struct dvara_bundle *bundle, struct given *given)
{
    struct dvara_vm *vm = NULL;
    const struct dvara_decision *decision = NULL;
    int code = EXIT_INTERNAL;
    bench->took = calloc(bench->n, sizeof *bench->took);
    if (bench->took && dvara_vm_new(bundle, &vm) == DVARA_OK) {
        uint64_t clock = clock_cost(bench);
        for (uint32_t i = 0; i < WARM; i++)
            decision = decide(bench, vm, &given->facts);
        for (uint32_t i = 0; decision && i < bench->n; i++) {
            uint64_t start = time_monotonic_ns();
            decision = decide(bench, vm, &given->facts);
            bench->took[i] = time_monotonic_ns() - start;
        }
        qsort(bench->took, bench->n, sizeof *bench->took, compare);
        if (decision) {
            print(bench, bundle, decision, clock);
            code = EXIT_CLEAN;
        }
    }
    dvara_vm_free(vm);
    free(bench->took);
    return code;
}

static int read_given(struct bench *bench, const struct dvara_bundle *bundle,
                      struct given *ret_given)
{
    struct dvara_str error = DVARA_STR("out of memory");
    const struct expr *record = NULL;
    if (bench->input) {
        record = given_from_json(&bench->arena, buf_str(&bench->json), &error);
        if (!record)
            return complain(error);
    }
    if (!given_read(&bench->arena, bundle, record, ret_given))
        return complain(ret_given->error.p ? ret_given->error : error);
    return EXIT_CLEAN;
}

static int read_all(struct bench *bench, int argc, char **argv)
{
    const struct option_row rows[] = {{.name = "--input", .value = &bench->input},
                                      {.name = "--samples", .value = &bench->samples}};
    int code = front_arguments(&bench->front, argc, argv, rows, sizeof rows / sizeof *rows);
    bench->n = SAMPLES;
    if (code == EXIT_CLEAN && bench->samples) {
        char *end = NULL;
        unsigned long n = strtoul(bench->samples, &end, 10);
        if (*end || n < 1 || n > SAMPLES_MAX)
            return complain(DVARA_STR("--samples takes a number from 1 to 10000000"));
        bench->n = (uint32_t)n;
    }
    if (code == EXIT_CLEAN && bench->input &&
        !file_read(dvara_str_from_cstr(bench->input), &bench->json))
        code = EXIT_USAGE;
    if (code == EXIT_CLEAN)
        code = bundle_bytes(&bench->front, &bench->bytes);
    return code;
}

static int run(int argc, char **argv)
{
    struct bench *bench = calloc(1, sizeof *bench);
    struct given *given = calloc(1, sizeof *given);
    struct dvara_bundle *bundle = NULL;
    int code = EXIT_INTERNAL;
    if (bench && given) {
        front_init(&bench->front);
        arena_init(&bench->arena, MEMORY);
        arena_init(&bench->exchange, MEMORY);
        buf_init(&bench->bytes, FORMAT_MAX_BUNDLE);
        buf_init(&bench->json, POLICYC_FILE_MAX);
        code = read_all(bench, argc, argv);
        if (code == EXIT_CLEAN)
            code = bundle_open(buf_str(&bench->bytes), &bundle);
        if (code == EXIT_CLEAN)
            code = read_given(bench, bundle, given);
        if (code == EXIT_CLEAN)
            code = measure(bench, bundle, given);
        dvara_bundle_free(bundle);
        buf_clear(&bench->bytes);
        buf_clear(&bench->json);
        arena_clear(&bench->exchange);
        arena_clear(&bench->arena);
        front_clear(&bench->front);
    }
    free(given);
    free(bench);
    return code;
}

const struct command command_bench = {
    .name = "bench",
    .synopsis = "bench [--input FILE] [options] BUNDLE|PATH…",
    .summary = "Measures how long one decision takes",
    .help = FRONT_HELP
    "  --input FILE        what to decide on: JSON in the shape of a test's `given`\n"
    "  --samples N         how often (default 10000)\n"
    "Measured is the request phase on a request that is read already; other programs disturb it.\n",
    .run = run,
};

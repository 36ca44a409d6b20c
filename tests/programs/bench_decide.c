/* SPDX-License-Identifier: Apache-2.0 */
/* bench_decide [ITERATIONS]: nanoseconds of one decision (request phase) on policies of 1 to 10 000
 * rules that compare request.model, and the blocks of memory that were allocated for it. One line
 * of JSON a size. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/time.h"
#include "dvara/engine.h"
#include "lang/compile.h"
#include "lang/emit.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>

enum { MEMORY = 1 << 30, SOURCE_MAX = 16 << 20 };

static void write_policy(struct buf *out, unsigned rules)
{
    BUF_LIT(out, "dvp 1\ndefault allow\n");
    for (unsigned i = 0; i < rules; i++)
        buf_printf(out,
                   "rule r%u { on request when request.model == \"model-%u\" deny code \"c%u\" }\n",
                   i, i, i);
}

static struct dvara_bundle *compile(struct arena *arena, unsigned rules)
{
    struct codegen_options options = {.compiler = DVARA_STR("bench")};
    struct compile_options none = {.n_paths = 0};
    struct dvara_bundle_options trust = {.trust_databases = true};
    struct dvara_bundle_error error = {.text = ""};
    struct dvara_bundle *bundle = NULL;
    struct buf text, bytes;
    struct diags diags;
    buf_init(&text, SOURCE_MAX);
    buf_init(&bytes, 256 << 20);
    write_policy(&text, rules);
    if (!diags_init(&diags, arena))
        return NULL;
    struct program *program =
        closure_from_text(arena, DVARA_STR("bench.dvp"), buf_str(&text), &none, &diags);
    bind_names(program, &diags);
    check(program, &diags);
    fold(program, &diags);
    if (diags_has_errors(&diags) ||
        emit_bundle(program, &options, &diags, &error, &bytes) != DVARA_OK ||
        dvara_bundle_load(buf_str(&bytes), &trust, &error, &bundle) != DVARA_OK)
        (void)fprintf(stderr, "bench_decide: %s\n", error.text);
    buf_clear(&text);
    buf_clear(&bytes);
    return bundle;
}

static size_t allocated(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* One decision; the arena keeps its first block, as an exchange's does. */
static enum dvara_verdict decide(struct dvara_vm *vm, struct arena *arena, struct dvara_str model)
{
    struct dvara_facts facts = {.request = {.endpoint = DVARA_STR("chat"), .model = model},
                                .tenant = {.id = DVARA_STR("t")}};
    arena_reset(arena);
    struct dvara_run *run = dvara_run_new(vm, &facts, arena);
    dvara_run_request(run);
    return dvara_run_decision(run)->verdict;
}

static void measure(unsigned rules, uint64_t iterations)
{
    struct arena compile_arena, arena;
    struct dvara_vm *vm = NULL;
    char last[32];
    arena_init(&compile_arena, MEMORY);
    arena_init(&arena, MEMORY);
    struct dvara_bundle *bundle = compile(&compile_arena, rules);
    int n = snprintf(last, sizeof last, "model-%u", rules - 1);
    struct dvara_str hit = dvara_str_from(last, (size_t)n), miss = DVARA_STR("gpt-4o");
    if (!bundle || dvara_vm_new(bundle, &vm) != DVARA_OK)
        exit(EXIT_FAILURE);
    for (int i = 0; i < 100; i++)
        (void)decide(vm, &arena, i % 2 ? hit : miss);
    uint64_t denied = 0;
    size_t before = allocated();
    uint64_t start = time_monotonic_ns();
    for (uint64_t i = 0; i < iterations; i++)
        denied += decide(vm, &arena, miss) == DVARA_VERDICT_DENY;
    uint64_t middle = time_monotonic_ns();
    for (uint64_t i = 0; i < iterations; i++)
        denied += decide(vm, &arena, hit) == DVARA_VERDICT_DENY;
    uint64_t end = time_monotonic_ns();
    (void)printf("{\"rules\":%u,\"ns_miss\":%" PRIu64 ",\"ns_hit\":%" PRIu64
                 ",\"bytes_allocated\":%zu,\"denied\":%" PRIu64 "}\n",
                 rules, (middle - start) / iterations, (end - middle) / iterations,
                 allocated() - before, denied);
    dvara_vm_free(vm);
    dvara_bundle_free(bundle);
    arena_clear(&arena);
    arena_clear(&compile_arena);
}

int main(int argc, char **argv)
{
    static const unsigned sizes[] = {1, 10, 100, 1000, 10000};
    uint64_t iterations = argc > 1 ? strtoull(argv[1], NULL, 10) : 200000;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        measure(sizes[i], iterations ? iterations : 1);
    return EXIT_SUCCESS;
}

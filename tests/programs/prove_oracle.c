/* SPDX-License-Identifier: Apache-2.0 */
/* Random programs with invariants, and random requests: what `prove` calls proved, no request may
 * break, and what it calls refuted, its own request must.
 *
 *   prove_oracle [--programs N] [--requests N] [--seed N]
 *
 * Prints the first program that shows otherwise; a seed repeats a run. */
#include "lang/compile.h"
#include "lang/emit.h"
#include "lang/logic/invariant.h"
#include "lang/logic/replay.h"
#include "oracle/generate.h"

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/engine.h"

#include <stdio.h>
#include <stdlib.h>

enum { ARENA_BYTES = 1 << 29, TEXT_BYTES = 1 << 20, DEPTH = 2 };
#define ONE_QUESTION UINT64_C(2000000000)

struct counts {
    long proved, refuted, unknown, pairs;
};

static _Noreturn void fail(const char *what, struct dvara_str text)
{
    (void)fprintf(stderr, "prove_oracle: %s\n%.*s\n", what, DVARA_STR_ARG(text));
    exit(EXIT_FAILURE);
}

/* ---- programs ---- */

/* A condition that an invariant may hold, too. */
static struct dvara_str condition(struct dice *dice, struct arena *arena, enum dvara_phase phase)
{
    for (;;) {
        struct buf out;
        buf_init(&out, TEXT_BYTES);
        generate_condition(dice, phase, DEPTH, &out);
        struct dvara_str text = arena_copy(arena, buf_str(&out));
        buf_clear(&out);
        if (!strstr(text.p, "budget.") && !strstr(text.p, "tool.") &&
            !strstr(text.p, "response.") && !strstr(text.p, "prompt_pii."))
            return text;
    }
}

static void write_program(struct dice *dice, struct arena *arena, struct buf *out)
{
    struct pieces pieces;
    generate_program(dice, arena, &pieces);
    generate_print(dice, false, &pieces, out);
    struct dvara_str c = condition(dice, arena, DVARA_PHASE_REQUEST);
    struct dvara_str d = condition(dice, arena, DVARA_PHASE_TARGET);
    struct dvara_str e = condition(dice, arena, DVARA_PHASE_REQUEST);
    struct dvara_str f = condition(dice, arena, DVARA_PHASE_TARGET);
    buf_printf(out, "rule zz_deny { on request when %.*s deny }\n", DVARA_STR_ARG(c));
    buf_printf(out, "rule zz_out { on target when %.*s exclude }\n", DVARA_STR_ARG(d));
    buf_printf(out, "invariant i1 { when %.*s never allow }\n", DVARA_STR_ARG(c));
    buf_printf(out, "invariant i2 { when %.*s never %.*s }\n", DVARA_STR_ARG(e), DVARA_STR_ARG(d));
    buf_printf(out, "invariant i3 { when %.*s never allow }\n", DVARA_STR_ARG(e));
    buf_printf(out, "invariant i4 { when %.*s never %.*s }\n", DVARA_STR_ARG(e), DVARA_STR_ARG(f));
}

struct compiled {
    struct program *program;
    struct dvara_bundle *bundle;
};

static void compile(struct arena *arena, struct dvara_str text, struct compiled *ret)
{
    const struct compile_options options = {0};
    const struct codegen_options codegen = {.name = DVARA_STR("oracle"),
                                            .compiler = DVARA_STR("oracle")};
    const struct dvara_bundle_options trust = {.trust_databases = true};
    struct dvara_bundle_error error = {{0}};
    struct diags diags;
    struct buf bytes;
    if (!diags_init(&diags, arena))
        fail("no memory", text);
    ret->program = closure_from_text(arena, DVARA_STR("oracle.dvp"), text, &options, &diags);
    bind_names(ret->program, &diags);
    check(ret->program, &diags);
    if (diags_has_errors(&diags))
        fail("the generated program has errors", text);
    fold(ret->program, &diags);
    buf_init(&bytes, 64 << 20);
    if (emit_bundle(ret->program, &codegen, &diags, &error, &bytes) != DVARA_OK ||
        dvara_bundle_load(buf_str(&bytes), &trust, &error, &ret->bundle) != DVARA_OK)
        fail("the generated program does not compile", text);
    buf_clear(&bytes);
}

/* ---- requests ---- */

/* No request may break it. */
static void try_requests(struct dice *dice, struct replay *replay, long requests,
                         struct dvara_str name, struct dvara_str text)
{
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    for (long i = 0; i < requests; i++) {
        struct world_target targets[GENERATE_TARGETS];
        struct dvara_facts facts;
        arena_reset(&arena);
        generate_facts(dice, &arena, &facts);
        generate_world(dice, targets);
        const struct dvara_world world = generate_asked(targets);
        if (replay_breaks(replay, &facts, &world, &arena)) {
            (void)fprintf(stderr, "%.*s is proved, and request %ld breaks it\n",
                          DVARA_STR_ARG(name), i);
            fail("unsound", text);
        }
    }
    arena_clear(&arena);
}

static void try_invariant(struct dice *dice, const struct witness_policy *policy,
                          const struct decl *decl, long requests, struct counts *counts,
                          struct dvara_str text)
{
    struct witness_options options = {.solver = {.timeout_ns = ONE_QUESTION}, .tries = 4};
    struct invariant_result result;
    struct replay *replay;
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    if (invariant_prove(&arena, &options, policy, decl, &result) != DVARA_OK ||
        replay_new(policy, decl, &replay) != DVARA_OK)
        fail("no memory", text);
    counts->proved += result.proof == PROOF_PROVED;
    counts->refuted += result.proof == PROOF_REFUTED;
    counts->unknown += result.proof == PROOF_UNKNOWN;
    if (result.proof == PROOF_PROVED) {
        try_requests(dice, replay, requests, decl->name, text);
        counts->pairs += requests;
    }
    if (result.proof == PROOF_REFUTED && !replay_shows(replay, result.given))
        fail("a counterexample shows nothing", text);
    replay_free(replay);
    arena_clear(&arena);
}

static void try_program(uint64_t seed, long requests, struct counts *counts)
{
    struct dice dice = {seed * 0x9E3779B97F4A7C15u + 1};
    struct compiled compiled;
    struct arena arena;
    struct buf text;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&text, TEXT_BYTES);
    write_program(&dice, &arena, &text);
    compile(&arena, buf_str(&text), &compiled);
    struct witness_policy policy = {compiled.program, compiled.bundle};
    const struct decls *invariants = &compiled.program->by_kind[DECL_INVARIANT];
    for (size_t i = 0; i < invariants->n; i++)
        try_invariant(&dice, &policy, invariants->v[i], requests, counts, buf_str(&text));
    dvara_bundle_free(compiled.bundle);
    buf_clear(&text);
    arena_clear(&arena);
}

int main(int argc, char **argv)
{
    long programs = 10, requests = 200, seed = 1;
    struct counts counts = {0};
    for (int i = 1; i + 1 < argc; i += 2) {
        long value = strtol(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--programs") == 0)
            programs = value;
        else if (strcmp(argv[i], "--requests") == 0)
            requests = value;
        else if (strcmp(argv[i], "--seed") == 0)
            seed = value;
    }
    for (long i = 0; i < programs; i++)
        try_program((uint64_t)(seed + i), requests, &counts);
    (void)printf("%ld proved, %ld refuted, %ld unknown; %ld pairs of a proof and a request\n",
                 counts.proved, counts.refuted, counts.unknown, counts.pairs);
    return counts.proved && counts.refuted ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/made_bundle.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "dvara/engine.h"
#include "lang/compile.h"
#include "lang/emit.h"
#include "oracle/generate.h"

#include <assert.h>
#include <stdlib.h>

enum { COMPILE_BYTES = 1 << 28, BUNDLE_BYTES = 64 << 20, RUN_BYTES = 1 << 26, SECTION_COUNT = 20 };

static const struct dvara_str provider_names[] = {{"openai", 6}, {"azure_eu", 8}, {"local", 5}};

void made_text(uint64_t seed, struct buf *out)
{
    struct dice dice = {seed * 0x9E3779B97F4A7C15u + 1};
    struct arena arena;
    struct pieces pieces;
    arena_init(&arena, COMPILE_BYTES);
    generate_program(&dice, &arena, &pieces);
    generate_print(&dice, false, &pieces, out);
    arena_clear(&arena);
}

void made_bundle(struct dvara_str text, struct buf *out)
{
    const struct codegen_options codegen = {.name = DVARA_STR("fuzz"),
                                            .compiler = DVARA_STR("fuzz")};
    const struct compile_options options = {.n_paths = 0};
    struct dvara_bundle_error error;
    struct arena arena;
    struct diags diags;
    arena_init(&arena, COMPILE_BYTES);
    buf_init(out, BUNDLE_BYTES);
    assert(diags_init(&diags, &arena));
    struct program *program =
        closure_from_text(&arena, DVARA_STR("fuzz.dvp"), text, &options, &diags);
    assert(program);
    bind_names(program, &diags);
    check(program, &diags);
    fold(program, &diags);
    assert(emit_bundle(program, &codegen, &diags, &error, out) == DVARA_OK);
    arena_clear(&arena);
}

void made_sections(const struct buf *bundle, struct made_sections *ret_sections)
{
    ret_sections->n = bytes_get32(bundle->p + SECTION_COUNT);
    for (uint32_t i = 0; i < ret_sections->n; i++) {
        const char *row = bundle->p + FORMAT_HEADER + (size_t)i * FORMAT_SECTION;
        ret_sections->v[i] =
            (struct section){bytes_get32(row), bytes_get32(row + 4), bytes_get32(row + 8), {0}};
    }
}

void made_seal(struct buf *bundle, struct made_sections *sections)
{
    for (uint32_t i = 0; i < sections->n; i++) {
        struct section *section = &sections->v[i];
        char *row = bundle->p + FORMAT_HEADER + (size_t)i * FORMAT_SECTION;
        format_sha256(dvara_str_from(bundle->p + section->offset, section->length),
                      section->digest);
        memcpy(row + 16, section->digest, FORMAT_DIGEST);
    }
    format_digest(FORMAT_EDITION, sections->v, sections->n, (unsigned char *)bundle->p + 32);
}

static void run_phases(struct dvara_run *run)
{
    const struct dvara_world world = {.providers = {provider_names, 3}};
    dvara_run_request(run);
    dvara_run_plan(run, &world);
    while (dvara_run_plan_fallback(run, &world))
        ;
    (void)dvara_run_tool_may_match(run, DVARA_STR("pay"));
    (void)dvara_run_tool(run);
    (void)dvara_run_stream_needs(run);
    (void)dvara_run_response_window(run);
    (void)dvara_run_stream_end(run);
    dvara_run_response(run);
}

void made_run(const struct dvara_bundle *bundle, uint64_t seed, int times,
              void (*look)(const struct dvara_bundle *bundle, const struct dvara_run *run))
{
    struct dice dice = {seed};
    struct dvara_vm *vm;
    struct arena arena;
    if (dvara_vm_new(bundle, &vm) != DVARA_OK)
        return;
    arena_init(&arena, RUN_BYTES);
    for (int i = 0; i < times; i++) {
        struct dvara_facts facts;
        arena_reset(&arena);
        generate_facts(&dice, &arena, &facts);
        struct dvara_run *run = dvara_run_new(vm, &facts, &arena);
        if (!run)
            continue;
        run_phases(run);
        if (look)
            look(bundle, run);
    }
    arena_clear(&arena);
    dvara_vm_free(vm);
}

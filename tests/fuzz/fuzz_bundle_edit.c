/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles that no compiler made. The input is read twice: as a bundle, and as edits (section,
 * offset, byte) of a right one, whose digests are then made to hold again. What the verifier lets
 * through is run on random facts: nothing that passed it may make the VM read astray or run without
 * end.
 */
#include "base/arena.h"
#include "base/bytes.h"
#include "bundle/read.h"
#include "lang/compile.h"
#include "lang/emit.h"
#include "oracle/generate.h"

#include "dvara/engine.h"
#include "dvara/tests.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EDIT_BYTES = 4, FACTS = 3, ARENA_BYTES = 1 << 26, PROGRAMS = 8 };

static const struct dvara_bundle_options trust = {.trust_databases = true};
static struct buf programs[PROGRAMS];

/* Every field that a frozen test can hold. */
static const char tests[] =
    "test \"frozen\" { given { request: { endpoint: \"embeddings\", model: \"openai/gpt-4o\",\n"
    "  stream: true, max_tokens: 5, temperature: 0.5, size: 4KB, features: [\"store\"],\n"
    "  messages: [{ role: \"user\", text: \"t1 12\", has_image: true }], body: { seed: 7 },\n"
    "  tools: [{ name: \"pay\", description: \"d\" }], headers: { x: \"1\" }, metadata: { k: \"v\" "
    "} },\n"
    "  tenant: { region: \"eu\", tags: [\"a\"], attrs: { tier: \"a\" } }, key: { id: \"k\" },\n"
    "  session: { age: 5m, cost: $1.50 }, time: \"2026-01-05T10:00:00Z\",\n"
    "  targets: { \"openai/gpt-4o\": { healthy: false, latency_p50: 3ms } },\n"
    "  tool: { name: \"pay\", args: \"{}\" }, response: { stream: [\"ch\", \"unks\"] },\n"
    "  faults: [\"json\"] }\n"
    "  expect deny code \"c\" expect not target \"openai/gpt-4o\" expect tag \"k\" \"v\"\n"
    "  cases { \"a\" { expect max_tokens 5 } \"b\" { expect text \"x\" } } }\n";

/* The oracle's programs: every operator, effect and declaration that it knows. */
static void compile(uint64_t seed, struct buf *out)
{
    const struct codegen_options codegen = {.name = DVARA_STR("fuzz"),
                                            .compiler = DVARA_STR("fuzz")};
    const struct compile_options options = {.n_paths = 0};
    struct dvara_bundle_error error;
    struct dice dice = {seed * 0x9E3779B97F4A7C15u + 1};
    struct arena arena;
    struct pieces pieces;
    struct diags diags;
    struct buf text;
    arena_init(&arena, 1 << 28);
    buf_init(&text, 1 << 20);
    buf_init(out, 64 << 20);
    generate_program(&dice, &arena, &pieces);
    generate_print(&dice, false, &pieces, &text);
    buf_append(&text, dvara_str_from_cstr(tests));
    assert(diags_init(&diags, &arena));
    struct program *program =
        closure_from_text(&arena, DVARA_STR("fuzz.dvp"), buf_str(&text), &options, &diags);
    assert(program);
    bind_names(program, &diags);
    check(program, &diags);
    fold(program, &diags);
    assert(emit_bundle(program, &codegen, &diags, &error, out) == DVARA_OK);
    buf_clear(&text);
    arena_clear(&arena);
}

static void put_digest(char *at, struct dvara_str of)
{
    format_sha256(of, (unsigned char *)at);
}

/* Edits sections in place; native databases are trusted by signature alone and stay. */
static void edit(struct buf *bundle, struct dvara_str edits)
{
    struct section sections[SECTION_END];
    uint32_t n = bytes_get32(bundle->p + 20);
    for (uint32_t i = 0; i < n; i++) {
        const char *row = bundle->p + FORMAT_HEADER + (size_t)i * FORMAT_SECTION;
        sections[i] =
            (struct section){bytes_get32(row), bytes_get32(row + 4), bytes_get32(row + 8), {0}};
    }
    for (size_t i = 0; i + EDIT_BYTES <= edits.n; i += EDIT_BYTES) {
        const unsigned char *e = (const unsigned char *)edits.p + i;
        const struct section *section = &sections[e[0] % n];
        if (section->length > 0 && !section_is_database(section->kind))
            bundle->p[section->offset + (e[1] | (unsigned)e[2] << 8) % section->length] =
                (char)e[3];
    }
    for (uint32_t i = 0; i < n; i++) {
        char *row = bundle->p + FORMAT_HEADER + (size_t)i * FORMAT_SECTION;
        put_digest(row + 16, dvara_str_from(bundle->p + sections[i].offset, sections[i].length));
        memcpy(sections[i].digest, row + 16, FORMAT_DIGEST);
    }
    format_digest(FORMAT_EDITION, sections, n, (unsigned char *)bundle->p + 32);
}

static void run(const struct dvara_bundle *bundle, uint64_t seed)
{
    static const struct dvara_str names[] = {{"openai", 6}, {"azure_eu", 8}, {"local", 5}};
    const struct dvara_world world = {.providers = {names, 3}};
    struct dice dice = {seed};
    struct dvara_vm *vm;
    struct arena arena;
    if (dvara_vm_new(bundle, &vm) != DVARA_OK)
        return;
    arena_init(&arena, ARENA_BYTES);
    for (int i = 0; i < FACTS; i++) {
        struct dvara_facts facts;
        arena_reset(&arena);
        generate_facts(&dice, &arena, &facts);
        struct dvara_run *run = dvara_run_new(vm, &facts, &arena);
        if (!run)
            continue;
        dvara_run_request(run);
        dvara_run_plan(run, &world);
        (void)dvara_run_tool(run);
        (void)dvara_run_stream_needs(run);
        dvara_run_response(run);
    }
    arena_clear(&arena);
    dvara_vm_free(vm);
}

static void test(const struct dvara_bundle *bundle)
{
    struct dvara_tests_result result;
    struct buf failures;
    buf_init(&failures, ARENA_BYTES);
    (void)dvara_bundle_test(bundle, &failures, &result);
    buf_clear(&failures);
}

static void load(struct dvara_str bytes, uint64_t seed)
{
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle;
    if (dvara_bundle_load(bytes, &trust, &error, &bundle) != DVARA_OK) {
        assert(error.text[0]);
        return;
    }
    run(bundle, seed);
    test(bundle);
    dvara_bundle_free(bundle);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvara_str input = dvara_str_from((const char *)data, size);
    struct buf bundle;
    for (size_t i = 0; i < PROGRAMS && !programs[PROGRAMS - 1].p; i++)
        compile(i, &programs[i]);
    if (size == 0)
        return 0;
    load(input, 1);
    buf_init(&bundle, 64 << 20);
    buf_append(&bundle, buf_str(&programs[data[0] % PROGRAMS]));
    edit(&bundle, dvara_str_slice(input, 1, size));
    load(buf_str(&bundle), data[0]);
    buf_clear(&bundle);
    return 0;
}

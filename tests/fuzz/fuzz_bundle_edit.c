/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles that no compiler made. The input is read twice: as a bundle, and as edits (section,
 * offset, byte) of a right one, whose digests are then made to hold again. What the verifier lets
 * through is run on random facts: nothing that passed it may make the VM read astray or run without
 * end.
 */
#include "dvara/bundle.h"
#include "dvara/tests.h"
#include "fuzz/made_bundle.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { EDIT_BYTES = 4, FACTS = 3, TEXT_BYTES = 1 << 20, REPORT_BYTES = 1 << 26, PROGRAMS = 8 };

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

static void compile(uint64_t seed, struct buf *out)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    made_text(seed, &text);
    buf_append(&text, dvara_str_from_cstr(tests));
    made_bundle(buf_str(&text), out);
    buf_clear(&text);
}

/* Edits sections in place; native databases are trusted by signature alone and stay. */
static void edit(struct buf *bundle, struct dvara_str edits)
{
    struct made_sections sections;
    made_sections(bundle, &sections);
    for (size_t i = 0; i + EDIT_BYTES <= edits.n; i += EDIT_BYTES) {
        const unsigned char *e = (const unsigned char *)edits.p + i;
        const struct section *section = &sections.v[e[0] % sections.n];
        if (section->length > 0 && !section_is_database(section->kind))
            bundle->p[section->offset + (e[1] | (unsigned)e[2] << 8) % section->length] =
                (char)e[3];
    }
    made_seal(bundle, &sections);
}

static void test(const struct dvara_bundle *bundle)
{
    struct dvara_tests_result result;
    struct buf failures;
    buf_init(&failures, REPORT_BYTES);
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
    made_run(bundle, seed, FACTS, NULL);
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

/* SPDX-License-Identifier: Apache-2.0 */
/* Reader, verifier and VM: the input is a bundle whose digests are repaired first, so that the
 * checks behind them are reached; what loads is run in every phase. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "bundle/write.h"
#include "dvara/engine.h"
#include "dvara/tests.h"

#include <stdlib.h>

enum { MEMORY = 64 << 20 };

/* Sections by the input's own directory, assembled anew with right digests. */
static bool repair(struct dvara_str in, struct buf *out)
{
    struct section sections[SECTION_END];
    struct dvara_str bytes[SECTION_END];
    uint32_t n = in.n < FORMAT_HEADER ? 0 : bytes_get32(in.p + 20), used = 0;
    int last = -1;
    for (uint32_t i = 0; i < n && i < SECTION_END; i++) {
        size_t row = FORMAT_HEADER + (size_t)i * FORMAT_SECTION;
        if (row + FORMAT_SECTION > in.n)
            break;
        uint32_t kind = bytes_get32(in.p + row), at = bytes_get32(in.p + row + 4);
        if (kind >= SECTION_DATABASES || (int)kind <= last)
            continue;
        last = (int)kind;
        sections[used].kind = kind;
        bytes[used++] = dvara_str_slice(in, at, (size_t)at + bytes_get32(in.p + row + 8));
    }
    struct bundle_parts parts = {.sections = sections, .bytes = bytes, .n_sections = used};
    return bundle_assemble(&parts, out) == DVARA_OK;
}

static void run(const struct dvara_bundle *bundle)
{
    struct dvara_str tags[] = {DVARA_STR("a"), DVARA_STR("gdpr")},
                     providers[] = {DVARA_STR("openai")};
    struct dvara_message messages[] = {{DVARA_STR("user"), DVARA_STR("hi 10.0.0.1"), true}};
    struct dvara_tool tools[] = {{DVARA_STR("fs_read"), DVARA_STR("d")}};
    struct dvara_facts facts = {.request = {.model = DVARA_STR("gpt-4o"),
                                            .text = DVARA_STR("hi"),
                                            .messages = {messages, 1},
                                            .tools = {tools, 1},
                                            .ip = DVARA_STR("10.0.0.1")},
                                .tenant = {.id = DVARA_STR("t"), .tags = {tags, 2}},
                                .tool = {.name = DVARA_STR("pay"), .args = DVARA_STR("{\"a\":1}")},
                                .response = {.text = DVARA_STR("answer")}};
    struct dvara_world world = {.providers = {providers, 1}};
    struct dvara_vm *vm = NULL;
    struct arena arena;
    arena_init(&arena, MEMORY);
    if (dvara_vm_new(bundle, &vm) == DVARA_OK) {
        struct dvara_run *r = dvara_run_new(vm, &facts, &arena);
        dvara_run_request(r);
        dvara_run_plan(r, &world);
        (void)dvara_run_tool_may_match(r, DVARA_STR("pay"));
        (void)dvara_run_tool(r);
        (void)dvara_run_stream_needs(r);
        (void)dvara_run_response_window(r);
        dvara_run_response(r);
    }
    dvara_vm_free(vm);
    arena_clear(&arena);
}

/* What the bundle says of itself. */
static void test(const struct dvara_bundle *bundle)
{
    struct dvara_tests_result result;
    struct buf failures;
    buf_init(&failures, MEMORY);
    (void)dvara_bundle_test(bundle, &failures, &result);
    buf_clear(&failures);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvara_bundle_options options = {.now = 1};
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle = NULL;
    struct buf bytes;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    if (dvara_bundle_load(dvara_str_from((const char *)data, size), &options, &error, &bundle) ==
        DVARA_OK) {
        run(bundle);
        test(bundle);
        dvara_bundle_free(bundle);
    }
    if (repair(dvara_str_from((const char *)data, size), &bytes) &&
        dvara_bundle_load(buf_str(&bytes), &options, &error, &bundle) == DVARA_OK) {
        run(bundle);
        test(bundle);
        dvara_bundle_free(bundle);
    }
    buf_clear(&bytes);
    return 0;
}

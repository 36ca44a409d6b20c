/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as another gateway's configuration (the first byte says which): either they are refused
 * with a place, or what comes out is a policy that parses and is in the one style. The shipped
 * library is not there, so an import of it is the one thing that may fail. */
#include "base/buf.h"
#include "lang/format.h"
#include "lang/import/import.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_BYTES = 64 << 20, ARENA_BYTES = 1 << 28 };

static void expect_formatted(struct dvara_str text)
{
    const struct compile_options options = {.without_imports = true};
    struct arena arena;
    struct diags diags;
    struct buf again;
    arena_init(&arena, ARENA_BYTES);
    buf_init(&again, TEXT_BYTES);
    assert(diags_init(&diags, &arena));
    struct program *program =
        closure_from_text(&arena, DVARA_STR("policy.dvp"), text, &options, &diags);
    assert(program && !diags_has_errors(&diags));
    format(program->units[0]->source, program->units[0]->tokens, &again);
    assert(dvara_str_eq(buf_str(&again), text));
    buf_clear(&again);
    arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"litellm", "portkey", "dvara"};
    const struct compile_options options = {.n_paths = 0};
    struct buf policy, limits, config, report;
    struct buf *const buffers[] = {&policy, &limits, &config, &report};
    const struct import_files files = {&policy, &limits, &config, &report};
    struct node_problem problem;
    struct arena arena;
    if (size == 0)
        return 0;
    arena_init(&arena, ARENA_BYTES);
    for (size_t i = 0; i < 4; i++)
        buf_init(buffers[i], TEXT_BYTES);
    const struct import_format *format =
        import_format_find(dvara_str_from_cstr(names[data[0] % 3]));
    struct dvara_str text = dvara_str_from((const char *)data + 1, size - 1);
    enum dvara_status status =
        import_run(format, DVARA_STR("fuzz"), text, &options, &arena, &files, &problem);
    assert(status != DVARA_INVALID || problem.text[0]);
    if (status == DVARA_OK) {
        expect_formatted(buf_str(&policy));
        if (limits.n)
            expect_formatted(buf_str(&limits));
    }
    for (size_t i = 0; i < 4; i++)
        buf_clear(buffers[i]);
    arena_clear(&arena);
    return 0;
}

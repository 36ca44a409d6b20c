/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes through the whole front half; what parses is formatted, linted and reported too. */
#include "base/arena.h"
#include "base/buf.h"
#include "lang/format.h"
#include "lang/report.h"
#include "lang/compile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void front(struct arena *arena, struct dvara_str text)
{
    struct diags diags;
    struct buf out;
    const struct compile_options options = {.n_paths = 0};
    if (!diags_init(&diags, arena))
        return;
    struct program *program =
        closure_from_text(arena, DVARA_STR("fuzz.dvp"), text, &options, &diags);
    if (!program)
        return;
    buf_init(&out, 64 << 20);
    if (!diags_has_errors(&diags))
        format(program->units[0]->source, program->units[0]->tokens, &out);
    bind_names(program, &diags);
    check(program, &diags);
    if (!diags_has_errors(&diags)) {
        fold(program, &diags);
        lint(program, &diags);
    }
    report_print(&out, &program->sources, &diags, &(struct report_options){.format = REPORT_HUMAN});
    report_print(&out, &program->sources, &diags, &(struct report_options){.format = REPORT_JSON});
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena;
    arena_init(&arena, COMPILE_ARENA_LIMIT);
    front(&arena, dvara_str_from((const char *)data, size));
    arena_clear(&arena);
    return 0;
}

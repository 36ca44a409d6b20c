/* SPDX-License-Identifier: Apache-2.0 */
/* Formatting, and the fixes that diagnostics carry. */
#include "base/json_text.h"
#include "lang/format.h"
#include "lang/lsp/subject.h"

enum { FORMATTED_BYTES_MAX = 16 << 20 };

void answer_formatting(struct call *call)
{
    struct spot spot;
    struct analysis alone;
    struct buf text;
    if (!call_unit(call, &spot))
        return;
    const struct source *source = spot.unit->source;
    analysis_parse(&alone, source->path, source->text);
    buf_init(&text, FORMATTED_BYTES_MAX);
    if (alone.program && !diags_has_errors(&alone.diags))
        format(source, alone.program->units[0]->tokens, &text);
    else
        call->error = "a file with a syntax error is left as it is";
    if (!call->error && !dvara_str_eq(buf_str(&text), source->text)) {
        struct span whole = {source->number, 0, (uint32_t)source->text.n};
        BUF_LIT(call->out, "[{\"range\":");
        write_range(call->out, source, whole, call->lsp->unit);
        BUF_LIT(call->out, ",\"newText\":");
        json_write_string(call->out, buf_str(&text));
        BUF_LIT(call->out, "}]");
    } else {
        BUF_LIT(call->out, "[]");
    }
    buf_clear(&text);
    analysis_clear(&alone);
}

static void write_action(struct call *call, const struct source *source,
                         const struct diag_help *help)
{
    BUF_LIT(call->out, "{\"title\":");
    json_write_string(call->out, help->text);
    BUF_LIT(call->out, ",\"kind\":\"quickfix\",\"edit\":{\"changes\":{");
    write_file(call->out, call->lsp, source->real_path);
    BUF_LIT(call->out, ":[{\"range\":");
    write_range(call->out, source, help->span, call->lsp->unit);
    BUF_LIT(call->out, ",\"newText\":");
    json_write_string(call->out, help->replacement);
    BUF_LIT(call->out, "}]}}}");
}

/* The bytes of params.range; all of the text where there is none. */
static struct span range_of(struct call *call, const struct source *source)
{
    int64_t at[4] = {
        call_int(call, "/params/range/start/line"), call_int(call, "/params/range/start/character"),
        call_int(call, "/params/range/end/line"), call_int(call, "/params/range/end/character")};
    struct span span = {source->number, 0, (uint32_t)source->text.n};
    for (int i = 0; i < 4; i++)
        if (at[i] < 0 || at[i] > INT32_MAX)
            return span;
    struct place start = {(uint32_t)at[0], (uint32_t)at[1]};
    struct place end = {(uint32_t)at[2], (uint32_t)at[3]};
    span.start = place_offset(source->text, start, call->lsp->unit);
    span.end = place_offset(source->text, end, call->lsp->unit);
    return span;
}

void answer_actions(struct call *call)
{
    struct spot spot;
    bool any = false;
    if (!call_unit(call, &spot))
        return;
    const struct source *source = spot.unit->source;
    const struct diags *diags = &spot.analysis->diags;
    struct span range = range_of(call, source);
    BUF_LIT(call->out, "[");
    for (uint32_t i = 0; i < diags->n; i++) {
        const struct diag *diag = diags->v[i];
        if (diag->span.file != source->number || diag->span.start > range.end ||
            diag->span.end < range.start)
            continue;
        for (uint8_t h = 0; h < diag->n_helps; h++) {
            if (!diag->helps[h].has_edit || diag->helps[h].span.file != source->number)
                continue;
            write_comma(call->out, any);
            write_action(call, source, &diag->helps[h]);
            any = true;
        }
    }
    BUF_LIT(call->out, "]");
}

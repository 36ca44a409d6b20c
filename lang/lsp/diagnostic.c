/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/diagnostic.h"

#include "base/json_text.h"
#include "lang/lsp/server.h"

static int severity_number(enum severity severity)
{
    static const int numbers[SEVERITY_COUNT] = {
        [SEVERITY_ERROR] = 1, [SEVERITY_WARNING] = 2, [SEVERITY_NOTE] = 3};
    return numbers[severity];
}

static const struct source *source_of(const struct lsp *lsp, struct span span)
{
    return lsp->analysis.program->sources.v[span.file];
}

static void write_labels(struct buf *out, const struct lsp *lsp, const struct diag *diag)
{
    bool any = false;
    BUF_LIT(out, ",\"relatedInformation\":[");
    for (uint8_t i = 0; i < diag->n_labels; i++) {
        const struct source *source = source_of(lsp, diag->labels[i].span);
        if (!source->real_path.p)
            continue;
        write_comma(out, any);
        BUF_LIT(out, "{\"location\":{\"uri\":");
        write_file(out, lsp, source->real_path);
        BUF_LIT(out, ",\"range\":");
        write_range(out, source, diag->labels[i].span, lsp->unit);
        BUF_LIT(out, "},\"message\":");
        json_write_string(out, diag->labels[i].text);
        BUF_LIT(out, "}");
        any = true;
    }
    BUF_LIT(out, "]");
}

void write_diagnostic(struct buf *out, const struct lsp *lsp, const struct diag *diag)
{
    const struct message_row *row = message_row(diag->message);
    BUF_LIT(out, "{\"range\":");
    write_range(out, source_of(lsp, diag->span), diag->span, lsp->unit);
    buf_printf(out,
               ",\"severity\":%d,\"source\":\"dvara\",\"code\":", severity_number(diag->severity));
    json_write_string(out, dvara_str_from_cstr(row->code));
    BUF_LIT(out, ",\"message\":\"");
    json_write_escaped(out, diag->text);
    for (uint8_t i = 0; i < diag->n_helps; i++) {
        BUF_LIT(out, "\\nhelp: ");
        json_write_escaped(out, diag->helps[i].text);
    }
    BUF_LIT(out, "\"");
    write_labels(out, lsp, diag);
    BUF_LIT(out, "}");
}

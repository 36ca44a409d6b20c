/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/json_text.h"
#include "lang/report_form.h"

static void append_span(const struct report *report, struct span span)
{
    struct buf *out = report->out;
    struct report_place place = report_place(report, span);
    BUF_LIT(out, "\"file\":");
    json_write_string(out, place.path);
    buf_printf(out, ",\"line\":%u,\"col\":%u,\"end_line\":%u,\"end_col\":%u", place.line, place.col,
               place.end_line, place.end_col);
}

static void append_help(const struct report *report, const struct diag_help *help)
{
    struct buf *out = report->out;
    BUF_LIT(out, "{\"message\":");
    json_write_string(out, help->text);
    BUF_LIT(out, ",\"edits\":[");
    if (help->has_edit) {
        BUF_LIT(out, "{");
        append_span(report, help->span);
        BUF_LIT(out, ",\"text\":");
        json_write_string(out, help->replacement);
        BUF_LIT(out, "}");
    }
    BUF_LIT(out, "]}");
}

static void append_one(const struct report *report, const struct diag *diag)
{
    struct buf *out = report->out;
    const struct message_row *row = message_row(diag->message);
    BUF_LIT(out, "{");
    append_span(report, diag->span);
    buf_printf(out, ",\"severity\":\"%s\",\"code\":\"%s\",\"name\":\"%s\",\"message\":",
               severity_name(diag->severity), row->code, row->name);
    json_write_string(out, diag->text);
    BUF_LIT(out, ",\"labels\":[");
    for (uint8_t i = 0; i < diag->n_labels; i++) {
        buf_printf(out, "%s{", i ? "," : "");
        append_span(report, diag->labels[i].span);
        BUF_LIT(out, ",\"text\":");
        json_write_string(out, diag->labels[i].text);
        BUF_LIT(out, "}");
    }
    BUF_LIT(out, "],\"help\":[");
    for (uint8_t i = 0; i < diag->n_helps; i++) {
        if (i)
            BUF_LIT(out, ",");
        append_help(report, &diag->helps[i]);
    }
    BUF_LIT(out, "]}");
}

void report_json(const struct report *report)
{
    BUF_LIT(report->out, "{\"diagnostics\":[");
    for (uint32_t i = 0; i < report->n; i++) {
        if (i)
            BUF_LIT(report->out, ",");
        append_one(report, report->v[i]);
    }
    buf_printf(report->out, "],\"hidden\":%u}\n", report->hidden);
}

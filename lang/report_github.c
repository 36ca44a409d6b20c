/* SPDX-License-Identifier: Apache-2.0 */
/* GitHub's workflow commands: ::error file=a.dvp,line=1,col=2,title=E0203 type-mismatch::message.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions */
#include "base/buf.h"
#include "lang/report_form.h"

/* The data of a command escapes `%` and line ends; a property also `:` and `,`. */
static void append_escaped(struct buf *out, struct dvara_str text, bool is_property)
{
    for (size_t at = 0; at < text.n;) {
        size_t end = at;
        while (end < text.n && !strchr(is_property ? "%\r\n:," : "%\r\n", text.p[end]))
            end++;
        report_visible(out, dvara_str_slice(text, at, end));
        if (end < text.n)
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)text.p[end]);
        at = end + 1;
    }
}

static void append_one(const struct report *report, const struct diag *diag)
{
    static const char *const commands[SEVERITY_COUNT] = {
        [SEVERITY_NOTE] = "notice", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};
    struct buf *out = report->out;
    struct report_place place = report_place(report, diag->span);
    const struct message_row *row = message_row(diag->message);
    buf_printf(out, "::%s file=", commands[diag->severity]);
    append_escaped(out, place.path, true);
    buf_printf(out, ",line=%u,endLine=%u,col=%u", place.line, place.end_line, place.col);
    if (place.end_line == place.line)
        buf_printf(out, ",endColumn=%u", place.end_col);
    buf_printf(out, ",title=%s %s::", row->code, row->name);
    append_escaped(out, diag->text, false);
    if (diag->n_helps) {
        BUF_LIT(out, "%0Ahelp: ");
        append_escaped(out, diag->helps[0].text, false);
    }
    BUF_LIT(out, "\n");
}

void report_github(const struct report *report)
{
    for (uint32_t i = 0; i < report->n; i++)
        append_one(report, report->v[i]);
    if (report->hidden)
        buf_printf(report->out, "::notice::%u more not shown\n", report->hidden);
}

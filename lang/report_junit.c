/* SPDX-License-Identifier: Apache-2.0 */
/* A suite a file: each diagnostic is a case, which fails from --fail-level on; a clean file is one
 * case that passes. A library's file is shown only when it has a diagnostic. */
#include "base/buf.h"
#include "lang/junit.h"
#include "lang/report_form.h"

static bool fails(const struct report *report, const struct diag *diag)
{
    return diag->severity >= report->options->fail;
}

static void append_case(const struct report *report, const struct diag *diag)
{
    const struct message_row *row = message_row(diag->message);
    struct report_place place = report_place(report, diag->span);
    struct buf name;
    struct buf detail;
    buf_init(&name, 256);
    buf_init(&detail, 64 << 10);
    buf_printf(&name, "%s %s at %u:%u", row->code, row->name, place.line, place.col);
    buf_append(&detail, place.path);
    buf_printf(&detail, ":%u:%u: %s[%s]: ", place.line, place.col, severity_name(diag->severity),
               row->code);
    buf_append(&detail, diag->text);
    for (uint8_t i = 0; i < diag->n_helps; i++) {
        BUF_LIT(&detail, "\nhelp: ");
        buf_append(&detail, diag->helps[i].text);
    }
    junit_case(report->out, &(struct junit_case){
                                .name = buf_str(&name),
                                .group = place.path,
                                .file = place.path,
                                .line = place.line,
                                .problem = fails(report, diag) ? diag->text : (struct dvara_str){0},
                                .detail = buf_str(&detail),
                            });
    buf_clear(&name);
    buf_clear(&detail);
}

static void append_suite(const struct report *report, const struct source *source)
{
    struct junit_suite suite = {.name = source->path};
    for (uint32_t i = 0; i < report->n; i++) {
        if (report->v[i]->span.file != source->number)
            continue;
        suite.tests++;
        suite.failures += fails(report, report->v[i]);
    }
    bool clean = suite.tests == 0;
    if (clean && source->library)
        return;
    suite.tests += clean;
    junit_suite_open(report->out, &suite);
    if (clean)
        junit_case(report->out, &(struct junit_case){.name = report->options->tool,
                                                     .group = source->path,
                                                     .file = source->path,
                                                     .line = 1});
    for (uint32_t i = 0; i < report->n; i++)
        if (report->v[i]->span.file == source->number)
            append_case(report, report->v[i]);
    junit_suite_close(report->out);
}

/* What is not shown must not pass unseen. */
static void append_hidden(const struct report *report)
{
    struct buf out;
    buf_init(&out, 64);
    buf_printf(&out, "%u more not shown", report->hidden);
    struct junit_suite suite = {.name = DVARA_STR("hidden"), .tests = 1, .failures = 1};
    junit_suite_open(report->out, &suite);
    junit_case(report->out, &(struct junit_case){.name = buf_str(&out),
                                                 .group = report->options->tool,
                                                 .problem = buf_str(&out)});
    junit_suite_close(report->out);
    buf_clear(&out);
}

void report_junit(const struct report *report)
{
    junit_open(report->out, report->options->tool);
    for (uint32_t i = 0; i < report->sources->n; i++)
        append_suite(report, report->sources->v[i]);
    if (report->hidden)
        append_hidden(report);
    junit_close(report->out);
}

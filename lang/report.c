/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/report.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "lang/report_form.h"

#include <assert.h>
#include <stdio.h>

enum {
    LINE_SHOWN = 120, /* code points of a source line; a longer one is cut around the place */
    LINE_BEFORE = 40
};

const char *severity_name(enum severity severity)
{
    static const char *const names[SEVERITY_COUNT] = {[SEVERITY_OFF] = "off",
                                                      [SEVERITY_NOTE] = "note",
                                                      [SEVERITY_WARNING] = "warning",
                                                      [SEVERITY_ERROR] = "error"};
    assert(severity < SEVERITY_COUNT);
    return names[severity];
}

const struct source *report_source(const struct report *report, struct span span)
{
    assert(span.file < report->sources->n);
    return report->sources->v[span.file];
}

struct report_place report_place(const struct report *report, struct span span)
{
    const struct source *source = report_source(report, span);
    struct position start = source_position(source, span.start);
    struct position end = source_position(source, span.end);
    return (struct report_place){source->path, start.line, start.col, end.line, end.col};
}

static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c;
}

/* A terminal must not obey what a policy holds: controls come as a replacement character. */
void report_visible(struct buf *out, struct dvara_str text)
{
    for (size_t at = 0; at < text.n;) {
        unsigned length = utf8_sequence(text.p + at, text.n - at);
        size_t next = at + (length ? length : 1);
        size_t decoded = at;
        if (length == 0)
            BUF_LIT(out, "\xef\xbf\xbd");
        else if (text.p[at] == '\t')
            BUF_LIT(out, " ");
        else if (is_invisible(utf8_next(text, &decoded)))
            BUF_LIT(out, "\xef\xbf\xbd");
        else
            buf_append(out, dvara_str_slice(text, at, next));
        at = next;
    }
}

static void append_place(const struct report *report, struct span span)
{
    struct report_place place = report_place(report, span);
    report_visible(report->out, place.path);
    buf_printf(report->out, ":%u:%u", place.line, place.col);
}

/* The byte offset `count` code points behind `from`, at most the end. */
static size_t skip_points(struct dvara_str text, size_t from, size_t count)
{
    while (count > 0 && from < text.n) {
        from++;
        while (from < text.n && utf8_is_continuation(text.p[from]))
            from++;
        count--;
    }
    return from;
}

static size_t points(struct dvara_str text)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++)
        n += !utf8_is_continuation(text.p[i]);
    return n;
}

static void repeat(struct buf *out, char c, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(out, c);
}

/* The line of the span with carets under it. */
static void append_source(const struct report *report, struct span span, char mark)
{
    struct buf *out = report->out;
    const struct source *source = report_source(report, span);
    struct position position = source_position(source, span.start);
    struct dvara_str line = source_line(source, position.line);
    if (source->text.n == 0)
        return;
    size_t before = position.col - 1;
    size_t first = before > LINE_BEFORE && points(line) > LINE_SHOWN ? before - LINE_BEFORE : 0;
    size_t start = skip_points(line, 0, first);
    size_t end = skip_points(line, start, LINE_SHOWN);
    size_t line_start = source->lines[position.line - 1];
    size_t span_end = span.end > line_start ? span.end - line_start : 0;
    size_t shown_end = span_end < end ? span_end : end;
    size_t at = span.start - line_start;
    size_t width = shown_end > at ? points(dvara_str_slice(line, at, shown_end)) : 1;
    buf_printf(out, "%5u | %s", position.line, start ? "…" : "");
    report_visible(out, dvara_str_slice(line, start, end));
    buf_printf(out, "%s\n      | ", end < line.n ? "…" : "");
    repeat(out, ' ', before - first + (start ? 1 : 0));
    repeat(out, mark, width ? width : 1);
    BUF_LIT(out, "\n");
}

static void append_head(const struct report *report, const struct diag *diag)
{
    struct buf *out = report->out;
    append_place(report, diag->span);
    buf_printf(out, ": %s[%s]: ", severity_name(diag->severity), message_row(diag->message)->code);
    report_visible(out, diag->text);
    BUF_LIT(out, "\n");
}

static void append_hidden(const struct report *report)
{
    if (report->hidden)
        buf_printf(report->out, "%u more not shown\n", report->hidden);
}

static void print_one(const struct report *report, const struct diag *diag)
{
    struct buf *out = report->out;
    append_head(report, diag);
    append_source(report, diag->span, '^');
    for (uint8_t i = 0; i < diag->n_labels; i++) {
        BUF_LIT(out, "      = ");
        append_place(report, diag->labels[i].span);
        BUF_LIT(out, ": ");
        report_visible(out, diag->labels[i].text);
        BUF_LIT(out, "\n");
        append_source(report, diag->labels[i].span, '-');
    }
    for (uint8_t i = 0; i < diag->n_helps; i++) {
        BUF_LIT(out, "      help: ");
        report_visible(out, diag->helps[i].text);
        BUF_LIT(out, "\n");
    }
}

static void print_human(const struct report *report)
{
    for (uint32_t i = 0; i < report->n; i++)
        print_one(report, report->v[i]);
    append_hidden(report);
}

static void print_compact(const struct report *report)
{
    for (uint32_t i = 0; i < report->n; i++)
        append_head(report, report->v[i]);
    append_hidden(report);
}

static const struct {
    const char *name;
    report_printer *print;
} formats[REPORT_COUNT] = {
    [REPORT_HUMAN] = {"human", print_human},     [REPORT_COMPACT] = {"compact", print_compact},
    [REPORT_JSON] = {"json", report_json},       [REPORT_SARIF] = {"sarif", report_sarif},
    [REPORT_GITHUB] = {"github", report_github}, [REPORT_JUNIT] = {"junit", report_junit},
};

enum report_format report_format_find(struct dvara_str name)
{
    int i = 0;
    while (i < REPORT_COUNT && !dvara_str_eq(name, dvara_str_from_cstr(formats[i].name)))
        i++;
    return (enum report_format)i;
}

static uint32_t total(const struct diags *diags, enum severity least)
{
    return diags->n_errors + (least <= SEVERITY_WARNING ? diags->n_warnings : 0) +
           (least <= SEVERITY_NOTE ? diags->n_notes : 0);
}

void report_print(struct buf *out, const struct sources *sources, struct diags *diags,
                  const struct report_options *options)
{
    diags_sort(diags);
    uint32_t limit = options->shown ? options->shown : DIAGS_SHOWN;
    struct report report = {.out = out, .sources = sources, .options = options};
    report.v = ARENA_ARRAY(diags->arena, diags->n, const struct diag *);
    for (uint32_t i = 0; report.v && i < diags->n && report.n < limit; i++)
        if (diags->v[i]->severity >= options->least)
            report.v[report.n++] = diags->v[i];
    report.hidden = total(diags, options->least) - report.n;
    assert(options->format < REPORT_COUNT);
    formats[options->format].print(&report);
}

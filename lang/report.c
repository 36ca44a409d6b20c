/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/report.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <assert.h>
#include <stdio.h>

enum {
    LINE_SHOWN = 120, /* code points of a source line; a longer one is cut around the place */
    LINE_BEFORE = 40
};

const char *severity_name(enum severity severity)
{
    static const char *const names[SEVERITY_COUNT] = {
        [SEVERITY_NOTE] = "note", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};
    assert(severity < SEVERITY_COUNT);
    return names[severity];
}

enum report_format report_format_find(struct dvara_str name)
{
    static const char *const names[REPORT_COUNT] = {[REPORT_HUMAN] = "human",
                                                    [REPORT_COMPACT] = "compact",
                                                    [REPORT_JSON] = "json",
                                                    [REPORT_GITHUB] = "github"};
    int i = 0;
    while (i < REPORT_COUNT && !dvara_str_eq(name, dvara_str_from_cstr(names[i])))
        i++;
    return (enum report_format)i;
}

static const struct source *source_of(const struct sources *sources, struct span span)
{
    assert(span.file < sources->n);
    return sources->v[span.file];
}

static bool is_invisible(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0x200e || c == 0x200f || c == 0x061c;
}

/* A terminal must not obey what a policy holds: controls come as a replacement character. */
static void append_visible(struct buf *out, struct dvara_str text)
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

static void append_place(struct buf *out, const struct sources *sources, struct span span)
{
    const struct source *source = source_of(sources, span);
    struct position position = source_position(source, span.start);
    append_visible(out, source->path);
    buf_printf(out, ":%u:%u", position.line, position.col);
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
static void append_source(struct buf *out, const struct sources *sources, struct span span,
                          char mark)
{
    const struct source *source = source_of(sources, span);
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
    append_visible(out, dvara_str_slice(line, start, end));
    buf_printf(out, "%s\n      | ", end < line.n ? "…" : "");
    repeat(out, ' ', before - first + (start ? 1 : 0));
    repeat(out, mark, width ? width : 1);
    BUF_LIT(out, "\n");
}

static void append_head(struct buf *out, const struct sources *sources, const struct diag *diag)
{
    append_place(out, sources, diag->span);
    buf_printf(out, ": %s[%s]: ", severity_name(diag->severity), message_row(diag->message)->code);
    append_visible(out, diag->text);
    BUF_LIT(out, "\n");
}

static void print_human(struct buf *out, const struct sources *sources, const struct diag *diag)
{
    append_head(out, sources, diag);
    append_source(out, sources, diag->span, '^');
    for (uint8_t i = 0; i < diag->n_labels; i++) {
        BUF_LIT(out, "      = ");
        append_place(out, sources, diag->labels[i].span);
        BUF_LIT(out, ": ");
        append_visible(out, diag->labels[i].text);
        BUF_LIT(out, "\n");
        append_source(out, sources, diag->labels[i].span, '-');
    }
    for (uint8_t i = 0; i < diag->n_helps; i++) {
        BUF_LIT(out, "      help: ");
        append_visible(out, diag->helps[i].text);
        BUF_LIT(out, "\n");
    }
}

static void json_string(struct buf *out, struct dvara_str text)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20)
            buf_printf(out, "\\u%04x", c);
        else
            buf_byte(out, (char)c);
    }
    buf_byte(out, '"');
}

static void json_span(struct buf *out, const struct sources *sources, struct span span)
{
    const struct source *source = source_of(sources, span);
    struct position start = source_position(source, span.start);
    struct position end = source_position(source, span.end);
    BUF_LIT(out, "\"file\":");
    json_string(out, source->path);
    buf_printf(out, ",\"line\":%u,\"col\":%u,\"end_line\":%u,\"end_col\":%u", start.line, start.col,
               end.line, end.col);
}

static void json_help(struct buf *out, const struct sources *sources, const struct diag_help *help)
{
    BUF_LIT(out, "{\"message\":");
    json_string(out, help->text);
    BUF_LIT(out, ",\"edits\":[");
    if (help->has_edit) {
        BUF_LIT(out, "{");
        json_span(out, sources, help->span);
        BUF_LIT(out, ",\"text\":");
        json_string(out, help->replacement);
        BUF_LIT(out, "}");
    }
    BUF_LIT(out, "]}");
}

static void print_json(struct buf *out, const struct sources *sources, const struct diag *diag)
{
    const struct message_row *row = message_row(diag->message);
    BUF_LIT(out, "{");
    json_span(out, sources, diag->span);
    buf_printf(out, ",\"severity\":\"%s\",\"code\":\"%s\",\"name\":\"%s\",\"message\":",
               severity_name(diag->severity), row->code, row->name);
    json_string(out, diag->text);
    BUF_LIT(out, ",\"labels\":[");
    for (uint8_t i = 0; i < diag->n_labels; i++) {
        buf_printf(out, "%s{", i ? "," : "");
        json_span(out, sources, diag->labels[i].span);
        BUF_LIT(out, ",\"text\":");
        json_string(out, diag->labels[i].text);
        BUF_LIT(out, "}");
    }
    BUF_LIT(out, "],\"help\":[");
    for (uint8_t i = 0; i < diag->n_helps; i++) {
        if (i)
            BUF_LIT(out, ",");
        json_help(out, sources, &diag->helps[i]);
    }
    BUF_LIT(out, "]}");
}

/* ::error file=a.dvp,line=1,col=2,title=E0203::message */
static void print_github(struct buf *out, const struct sources *sources, const struct diag *diag)
{
    const struct source *source = source_of(sources, diag->span);
    struct position position = source_position(source, diag->span.start);
    static const char *const commands[SEVERITY_COUNT] = {
        [SEVERITY_NOTE] = "notice", [SEVERITY_WARNING] = "warning", [SEVERITY_ERROR] = "error"};
    buf_printf(out, "::%s file=", commands[diag->severity]);
    append_visible(out, source->path);
    buf_printf(out, ",line=%u,col=%u,title=%s::", position.line, position.col,
               message_row(diag->message)->code);
    append_visible(out, diag->text);
    BUF_LIT(out, "\n");
}

static void print_one(struct buf *out, const struct sources *sources, const struct diag *diag,
                      enum report_format format, bool first)
{
    switch (format) {
    case REPORT_HUMAN:
        print_human(out, sources, diag);
        return;
    case REPORT_COMPACT:
        append_head(out, sources, diag);
        return;
    case REPORT_JSON:
        if (!first)
            BUF_LIT(out, ",");
        print_json(out, sources, diag);
        return;
    case REPORT_GITHUB:
        print_github(out, sources, diag);
        return;
    case REPORT_COUNT:
        return;
    }
}

void report_print(struct buf *out, const struct sources *sources, struct diags *diags,
                  const struct report_options *options)
{
    diags_sort(diags);
    uint32_t limit = options->shown ? options->shown : DIAGS_SHOWN;
    uint32_t shown = 0;
    if (options->format == REPORT_JSON)
        BUF_LIT(out, "{\"diagnostics\":[");
    for (uint32_t i = 0; i < diags->n && shown < limit; i++) {
        if (diags->v[i]->severity < options->least)
            continue;
        print_one(out, sources, diags->v[i], options->format, shown == 0);
        shown++;
    }
    uint32_t total = diags->n_errors;
    total += options->least <= SEVERITY_WARNING ? diags->n_warnings : 0;
    total += options->least <= SEVERITY_NOTE ? diags->n_notes : 0;
    uint32_t hidden = total - shown;
    if (options->format == REPORT_JSON)
        buf_printf(out, "],\"hidden\":%u}\n", hidden);
    else if (hidden)
        buf_printf(out, "%u more not shown\n", hidden);
}

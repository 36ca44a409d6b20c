/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/junit.h"

#include "base/buf.h"
#include "base/utf8.h"

#include <inttypes.h>

/* The characters of XML 1.0, production 2. */
static bool is_xml(uint32_t c)
{
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c <= 0xd7ff) ||
           (c >= 0xe000 && c <= 0xfffd) || c >= 0x10000;
}

static const char *entity(char c)
{
    return c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '"' ? "&quot;" : NULL;
}

static void append_text(struct buf *out, struct dvara_str text)
{
    for (size_t at = 0; at < text.n;) {
        unsigned length = utf8_sequence(text.p + at, text.n - at);
        size_t decoded = at;
        const char *name = entity(text.p[at]);
        if (length == 0 || !is_xml(utf8_next(text, &decoded)))
            BUF_LIT(out, "\xef\xbf\xbd");
        else if (name)
            buf_append(out, dvara_str_from_cstr(name));
        else
            buf_append(out, dvara_str_slice(text, at, at + length));
        at += length ? length : 1;
    }
}

/* A line end in an attribute would be read as a space. */
static void append_attribute(struct buf *out, const char *name, struct dvara_str value)
{
    buf_printf(out, " %s=\"", name);
    for (size_t at = 0; at < value.n;) {
        size_t end = at;
        while (end < value.n && value.p[end] != '\n' && value.p[end] != '\t')
            end++;
        append_text(out, dvara_str_slice(value, at, end));
        if (end < value.n)
            buf_printf(out, "&#%d;", value.p[end]);
        at = end + 1;
    }
    BUF_LIT(out, "\"");
}

static void append_element(struct buf *out, const char *name, struct dvara_str text)
{
    buf_printf(out, "<%s>", name);
    append_text(out, text);
    buf_printf(out, "</%s>", name);
}

void junit_open(struct buf *out, struct dvara_str name)
{
    BUF_LIT(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
    append_attribute(out, "name", name);
    BUF_LIT(out, ">\n");
}

void junit_suite_open(struct buf *out, const struct junit_suite *suite)
{
    BUF_LIT(out, "  <testsuite");
    append_attribute(out, "name", suite->name);
    buf_printf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\">\n", suite->tests,
               suite->failures, suite->skipped);
}

static void append_outcome(struct buf *out, const struct junit_case *row)
{
    const char *element = row->is_skipped ? "skipped" : "failure";
    buf_printf(out, "<%s", element);
    append_attribute(out, "message", row->problem);
    BUF_LIT(out, ">");
    append_text(out, row->detail);
    buf_printf(out, "</%s>", element);
}

void junit_case(struct buf *out, const struct junit_case *row)
{
    BUF_LIT(out, "    <testcase");
    append_attribute(out, "name", row->name);
    append_attribute(out, "classname", row->group);
    if (row->file.p) {
        append_attribute(out, "file", row->file);
        buf_printf(out, " line=\"%" PRIu32 "\"", row->line);
    }
    if (row->time_ns)
        buf_printf(out, " time=\"%.6f\"", (double)row->time_ns / 1e9);
    if (!row->problem.p && !row->detail.n) {
        BUF_LIT(out, "/>\n");
        return;
    }
    BUF_LIT(out, ">");
    if (row->problem.p)
        append_outcome(out, row);
    else
        append_element(out, "system-out", row->detail);
    BUF_LIT(out, "</testcase>\n");
}

void junit_suite_close(struct buf *out)
{
    BUF_LIT(out, "  </testsuite>\n");
}

void junit_close(struct buf *out)
{
    BUF_LIT(out, "</testsuites>\n");
}

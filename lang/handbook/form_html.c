/* SPDX-License-Identifier: Apache-2.0 */
/* One page that needs nothing else: no script, no font, no picture. */
#include "lang/handbook/form.h"

static void text(struct buf *out, struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '<')
            BUF_LIT(out, "&lt;");
        else if (c == '>')
            BUF_LIT(out, "&gt;");
        else if (c == '&')
            BUF_LIT(out, "&amp;");
        else if (c == '"')
            BUF_LIT(out, "&quot;");
        else if (c == '\'')
            BUF_LIT(out, "&#39;");
        else if (((unsigned char)c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
            BUF_LIT(out, "\xef\xbf\xbd");
        else
            buf_byte(out, c);
    }
}

static void put(struct buf *out, const char *before_cstr, struct dvara_str s,
                const char *after_cstr)
{
    buf_append(out, dvara_str_from_cstr(before_cstr));
    text(out, s);
    buf_append(out, dvara_str_from_cstr(after_cstr));
}

static void begin(struct buf *out, struct dvara_str title)
{
    BUF_LIT(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    put(out, "<title>", title, "</title>\n");
    BUF_LIT(
        out,
        "<style>\n"
        "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; }\n"
        "table { border-collapse: collapse; }\n"
        "th, td { border: 1px solid #888; padding: .2em .6em; text-align: left; "
        "vertical-align: top; }\n"
        "code { white-space: pre-wrap; overflow-wrap: anywhere; }\n"
        "dt { font-weight: bold; }\n"
        ".doc, .lead { white-space: pre-line; }\n"
        ".place { color: #555; font-size: .85em; }\n"
        "</style>\n</head>\n<body>\n");
    put(out, "<h1>", title, "</h1>\n");
}

static void section_begin(struct buf *out, const struct handbook_section *section,
                          const struct handbook_entry *entries, size_t n)
{
    buf_printf(out, "<section id=\"%s\">\n<h2>%s</h2>\n<p class=\"lead\">%s</p>\n", section->key,
               section->title, section->lead);
    if (n == 0)
        BUF_LIT(out, "<p>None.</p>\n");
    else if (section->shape == SECTION_TABLE) {
        BUF_LIT(out, "<table>\n<tr><th>Name</th>");
        for (size_t i = 0; i < entries[0].n_fields; i++)
            buf_printf(out, "<th>%s</th>", entries[0].fields[i].label);
        buf_append(out,
                   entries[0].file.p ? DVARA_STR("<th>Place</th></tr>\n") : DVARA_STR("</tr>\n"));
    }
}

static void value(struct buf *out, const struct handbook_field *f, size_t i)
{
    if (f->style == FIELD_CODE) {
        put(out, "<code>", f->values[i], "</code>");
    } else if (f->style == FIELD_LINK && f->links[i].p) {
        put(out, "<a href=\"#", f->links[i], "\">");
        put(out, "", f->values[i], "</a>");
    } else {
        text(out, f->values[i]);
    }
}

static void values(struct buf *out, const struct handbook_field *f)
{
    for (size_t i = 0; i < f->n; i++) {
        if (i)
            BUF_LIT(out, "<br>\n");
        value(out, f, i);
    }
}

static void place(struct buf *out, const struct handbook_entry *e)
{
    put(out, "<span class=\"place\">", e->file, "");
    buf_printf(out, ":%u</span>", e->line);
}

static void row(struct buf *out, const struct handbook_entry *e)
{
    put(out, "<tr id=\"", e->id, "\"><td>");
    put(out, "", e->name, "</td>");
    for (size_t i = 0; i < e->n_fields; i++) {
        BUF_LIT(out, "<td>");
        values(out, &e->fields[i]);
        BUF_LIT(out, "</td>");
    }
    if (e->file.p) {
        BUF_LIT(out, "<td>");
        place(out, e);
        BUF_LIT(out, "</td>");
    }
    BUF_LIT(out, "</tr>\n");
}

static void entry(struct buf *out, const struct handbook_section *section,
                  const struct handbook_entry *e, bool first)
{
    (void)first;
    if (section->shape == SECTION_TABLE) {
        row(out, e);
        return;
    }
    put(out, "<article id=\"", e->id, "\">\n");
    put(out, "<h3>", e->name, "</h3>\n<p>");
    place(out, e);
    BUF_LIT(out, "</p>\n");
    if (e->doc.p)
        put(out, "<p class=\"doc\">", e->doc, "</p>\n");
    BUF_LIT(out, "<dl>\n");
    for (size_t i = 0; i < e->n_fields; i++) {
        buf_printf(out, "<dt>%s</dt><dd>", e->fields[i].label);
        values(out, &e->fields[i]);
        BUF_LIT(out, "</dd>\n");
    }
    BUF_LIT(out, "</dl>\n</article>\n");
}

static void section_end(struct buf *out, const struct handbook_section *section, size_t n)
{
    if (n && section->shape == SECTION_TABLE)
        BUF_LIT(out, "</table>\n");
    BUF_LIT(out, "</section>\n");
}

static void end(struct buf *out)
{
    BUF_LIT(out, "</body>\n</html>\n");
}

const struct handbook_form handbook_html = {
    .name = DVARA_STR_INIT("html"),
    .suffix = DVARA_STR_INIT("html"),
    .begin = begin,
    .section_begin = section_begin,
    .entry = entry,
    .section_end = section_end,
    .end = end,
};

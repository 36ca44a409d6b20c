/* SPDX-License-Identifier: Apache-2.0 */
/* CommonMark with tables. What authors wrote is shown as they wrote it and means nothing to
 * Markdown: every character that could begin markup stands behind a backslash. */
#include "lang/handbook/form.h"

static bool is_marking(struct dvara_str s, size_t i, bool line_start)
{
    char c = s.p[i];
    bool after_digit = i > 0 && s.p[i - 1] >= '0' && s.p[i - 1] <= '9';
    bool after_w = i > 0 && (s.p[i - 1] == 'w' || s.p[i - 1] == 'W');
    if (strchr("\\`*_[]<>|&~@", c) && c)
        return true;
    if (strchr("#+-=", c) && c)
        return line_start;
    if (c == '.' || c == ')')
        return after_digit || after_w;
    return c == ':' && i + 1 < s.n && s.p[i + 1] == '/';
}

/* Prose: newlines stay (`separator` in a cell), the indentation of lines goes. */
static void prose(struct buf *out, struct dvara_str s, const char *newline_cstr)
{
    bool line_start = true;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\n') {
            buf_append(out, dvara_str_from_cstr(newline_cstr));
            line_start = true;
            continue;
        }
        if (line_start && (c == ' ' || c == '\t'))
            continue;
        if (is_marking(s, i, line_start))
            buf_byte(out, '\\');
        if (((unsigned char)c < ' ' && c != '\t') || c == 0x7f)
            BUF_LIT(out, "\xef\xbf\xbd");
        else
            buf_byte(out, c);
        line_start = false;
    }
}

static size_t longest_run(struct dvara_str s, char of)
{
    size_t longest = 0, run = 0;
    for (size_t i = 0; i < s.n; i++) {
        run = s.p[i] == of ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static void ticks(struct buf *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        buf_byte(out, '`');
}

/* A code span; in a cell its bars are escaped, which only tables undo. */
static void code_span(struct buf *out, struct dvara_str s, bool cell)
{
    size_t fence = longest_run(s, '`') + 1;
    ticks(out, fence);
    if (fence > 1)
        BUF_LIT(out, " ");
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '|' && cell)
            BUF_LIT(out, "\\");
        buf_byte(out, s.p[i] == '\n' ? ' ' : s.p[i]);
    }
    if (fence > 1)
        BUF_LIT(out, " ");
    ticks(out, fence);
}

static void new_line(struct buf *out, size_t indent)
{
    BUF_LIT(out, "\n");
    for (size_t i = 0; i < indent; i++)
        buf_byte(out, ' ');
}

/* Inside the item of a list, whose text stands `indent` columns in. */
static void code_block(struct buf *out, struct dvara_str s, size_t indent)
{
    size_t fence = longest_run(s, '`') + 1;
    fence = fence < 3 ? 3 : fence;
    BUF_LIT(out, "\n");
    new_line(out, indent);
    ticks(out, fence);
    BUF_LIT(out, "dvp");
    new_line(out, indent);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '\n')
            new_line(out, indent);
        else
            buf_byte(out, s.p[i]);
    }
    new_line(out, indent);
    ticks(out, fence);
}

static void begin(struct buf *out, struct dvara_str title)
{
    BUF_LIT(out, "# ");
    prose(out, title, " ");
    BUF_LIT(out, "\n");
}

static void section_begin(struct buf *out, const struct handbook_section *section,
                          const struct handbook_entry *entries, size_t n)
{
    buf_printf(out, "\n## %s\n\n%s\n\n", section->title, section->lead);
    if (n == 0) {
        BUF_LIT(out, "None.\n");
    } else if (section->shape == SECTION_TABLE) {
        BUF_LIT(out, "| Name |");
        for (size_t i = 0; i < entries[0].n_fields; i++)
            buf_printf(out, " %s |", entries[0].fields[i].label);
        buf_append(out,
                   entries[0].file.p ? DVARA_STR(" Place |\n|---|---|") : DVARA_STR("\n|---|"));
        for (size_t i = 0; i < entries[0].n_fields; i++)
            BUF_LIT(out, "---|");
        BUF_LIT(out, "\n");
    }
}

static void link(struct buf *out, struct dvara_str name, struct dvara_str id)
{
    BUF_LIT(out, "[");
    prose(out, name, " ");
    BUF_LIT(out, "](#");
    buf_append(out, id);
    BUF_LIT(out, ")");
}

/* `indent`: of the item it stands in; 0 is a cell. */
static void value(struct buf *out, const struct handbook_field *f, size_t i, size_t indent)
{
    if (f->style == FIELD_LINK && f->links[i].p)
        link(out, f->values[i], f->links[i]);
    else if (f->style != FIELD_CODE)
        prose(out, f->values[i], " ");
    else if (indent && f->values[i].n && memchr(f->values[i].p, '\n', f->values[i].n))
        code_block(out, f->values[i], indent);
    else
        code_span(out, f->values[i], indent == 0);
}

static void place(struct buf *out, const struct handbook_entry *e, bool cell)
{
    code_span(out, e->file, cell);
    buf_printf(out, " line %u", e->line);
}

static void anchor(struct buf *out, struct dvara_str id)
{
    BUF_LIT(out, "<a id=\"");
    buf_append(out, id);
    BUF_LIT(out, "\"></a>");
}

static void row(struct buf *out, const struct handbook_entry *e)
{
    BUF_LIT(out, "| ");
    anchor(out, e->id);
    prose(out, e->name, " ");
    BUF_LIT(out, " |");
    for (size_t i = 0; i < e->n_fields; i++) {
        for (size_t k = 0; k < e->fields[i].n; k++) {
            buf_append(out, k ? DVARA_STR("<br>") : DVARA_STR(" "));
            value(out, &e->fields[i], k, 0);
        }
        BUF_LIT(out, " |");
    }
    if (e->file.p) {
        BUF_LIT(out, " ");
        place(out, e, true);
        BUF_LIT(out, " |");
    }
    BUF_LIT(out, "\n");
}

static void field(struct buf *out, const struct handbook_field *f)
{
    buf_printf(out, "- %s:", f->label);
    if (f->n == 1) {
        BUF_LIT(out, " ");
        value(out, f, 0, 2);
        BUF_LIT(out, "\n");
        return;
    }
    BUF_LIT(out, "\n");
    for (size_t i = 0; i < f->n; i++) {
        BUF_LIT(out, "  - ");
        value(out, f, i, 4);
        BUF_LIT(out, "\n");
    }
}

static void entry(struct buf *out, const struct handbook_section *section,
                  const struct handbook_entry *e, bool first)
{
    if (section->shape == SECTION_TABLE) {
        row(out, e);
        return;
    }
    if (!first)
        BUF_LIT(out, "\n");
    BUF_LIT(out, "### ");
    anchor(out, e->id);
    prose(out, e->name, " ");
    BUF_LIT(out, "\n\n");
    place(out, e, false);
    BUF_LIT(out, "\n\n");
    if (e->doc.p) {
        prose(out, e->doc, "\n");
        BUF_LIT(out, "\n\n");
    }
    for (size_t i = 0; i < e->n_fields; i++)
        field(out, &e->fields[i]);
}

static void section_end(struct buf *out, const struct handbook_section *section, size_t n)
{
    (void)out, (void)section, (void)n;
}

static void end(struct buf *out)
{
    (void)out;
}

const struct handbook_form handbook_markdown = {
    .name = DVARA_STR_INIT("markdown"),
    .suffix = DVARA_STR_INIT("md"),
    .begin = begin,
    .section_begin = section_begin,
    .entry = entry,
    .section_end = section_end,
    .end = end,
};

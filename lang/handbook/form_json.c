/* SPDX-License-Identifier: Apache-2.0 */
/* One object: a member a section, in it an object an entry. */
#include "base/json_text.h"
#include "lang/handbook/form.h"

static void member(struct buf *out, const char *key_cstr, struct dvara_str value)
{
    buf_printf(out, "\"%s\":", key_cstr);
    json_write_string(out, value);
}

static void begin(struct buf *out, struct dvara_str title)
{
    BUF_LIT(out, "{");
    member(out, "title", title);
}

static void section_begin(struct buf *out, const struct handbook_section *section,
                          const struct handbook_entry *entries, size_t n)
{
    (void)entries, (void)n;
    buf_printf(out, ",\n\"%s\":[", section->key);
}

static void field(struct buf *out, const struct handbook_field *f)
{
    buf_printf(out, ",\"%s\":", f->key);
    if (!f->many) {
        json_write_string(out, f->n ? f->values[0] : DVARA_STR(""));
        return;
    }
    BUF_LIT(out, "[");
    for (size_t i = 0; i < f->n; i++) {
        if (i)
            BUF_LIT(out, ",");
        json_write_string(out, f->values[i]);
    }
    BUF_LIT(out, "]");
}

static void entry(struct buf *out, const struct handbook_section *section,
                  const struct handbook_entry *e, bool first)
{
    (void)section;
    buf_append(out, first ? DVARA_STR("\n{") : DVARA_STR(",\n{"));
    member(out, "name", e->name);
    if (e->file.p) {
        BUF_LIT(out, ",");
        member(out, "file", e->file);
        buf_printf(out, ",\"line\":%u", e->line);
    }
    if (e->doc.p) {
        BUF_LIT(out, ",");
        member(out, "doc", e->doc);
    }
    for (size_t i = 0; i < e->n_fields; i++)
        field(out, &e->fields[i]);
    BUF_LIT(out, "}");
}

static void section_end(struct buf *out, const struct handbook_section *section, size_t n)
{
    (void)section, (void)n;
    BUF_LIT(out, "]");
}

static void end(struct buf *out)
{
    BUF_LIT(out, "}\n");
}

const struct handbook_form handbook_json = {
    .name = DVARA_STR_INIT("json"),
    .suffix = DVARA_STR_INIT("json"),
    .begin = begin,
    .section_begin = section_begin,
    .entry = entry,
    .section_end = section_end,
    .end = end,
};

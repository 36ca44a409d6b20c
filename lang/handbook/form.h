/* SPDX-License-Identifier: Apache-2.0 */
/* What a form of the handbook gets to print: a title, then each section with its entries. Texts are
 * valid UTF-8 that anyone may have written: a form escapes all of them. */
#ifndef LANG_HANDBOOK_FORM_H
#define LANG_HANDBOOK_FORM_H

#include "base/buf.h"

enum section_shape { SECTION_LIST, SECTION_TABLE };

struct handbook_section {
    const char *key, *title, *lead;
    enum section_shape shape;
};

enum field_style {
    FIELD_TEXT, /* prose */
    FIELD_CODE, /* policy text, in the spelling of `fmt` */
    FIELD_LINK  /* names of entries; `links` has their ids */
};

struct handbook_field {
    const char *key, *label;
    enum field_style style;
    bool many;                /* JSON: a list, else one text */
    struct dvara_str *values; /* may be none in a table */
    struct dvara_str *links;  /* of FIELD_LINK: ids, absent where there is nothing to lead to */
    size_t n;
};

struct handbook_entry {
    struct dvara_str id;   /* letters, digits, hyphens and underscores; unique in the document */
    struct dvara_str name; /* as declared */
    struct dvara_str doc;  /* absent if none */
    struct dvara_str file; /* absent: it stands nowhere */
    uint32_t line;
    struct handbook_field *fields;
    size_t n_fields;
};

struct handbook_form {
    struct dvara_str name, suffix;
    void (*begin)(struct buf *out, struct dvara_str title);
    void (*section_begin)(struct buf *out, const struct handbook_section *section,
                          const struct handbook_entry *entries, size_t n);
    void (*entry)(struct buf *out, const struct handbook_section *section,
                  const struct handbook_entry *entry, bool first);
    void (*section_end)(struct buf *out, const struct handbook_section *section, size_t n);
    void (*end)(struct buf *out);
};

extern const struct handbook_form handbook_markdown, handbook_html, handbook_json;

#endif

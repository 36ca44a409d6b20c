/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/disasm.h"

#include "base/buf.h"
#include "base/bytes.h"
#include <string.h>

static void hex(struct buf *out, const unsigned char *p, size_t n)
{
    bytes_hex(out, dvara_str_from((const char *)p, n));
}

void disasm_quoted(struct buf *out, struct dvara_str s)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", c);
        else if (c < 0x20 || c >= 0x7f)
            buf_printf(out, "\\x%02x", c);
        else
            buf_byte(out, (char)c);
    }
    buf_byte(out, '"');
}

static void section_name(struct buf *out, uint32_t kind)
{
    static const char *const names[SECTION_END] = {
#define SECTION(id, number, name, what) [number] = (name),
#include "bundle/sections.def"
    };
    if (kind >= SECTION_TABLE && kind - SECTION_TABLE < BUNDLE_TABLE_COUNT)
        buf_append(out, dvara_str_from_cstr(
                            bundle_layout((enum bundle_table)(kind - SECTION_TABLE))->name));
    else if (kind < SECTION_END && names[kind])
        buf_append(out, dvara_str_from_cstr(names[kind]));
    else
        buf_printf(out, "section %u", kind);
}

void disasm_header(const struct bundle_file *file, struct buf *out)
{
    buf_printf(out, "format %d edition %u bytes %u\ndigest ", FORMAT_VERSION, file->header.edition,
               file->header.length);
    hex(out, file->header.digest, FORMAT_DIGEST);
    buf_byte(out, '\n');
    for (uint32_t i = 0; i < file->header.n_signatures; i++) {
        BUF_LIT(out, "signature by ");
        hex(out, file->signatures[i].key_id, FORMAT_KEY_ID);
        buf_byte(out, '\n');
    }
    for (uint32_t i = 0; i < file->header.n_sections; i++) {
        BUF_LIT(out, "section ");
        section_name(out, file->sections[i].kind);
        buf_printf(out, " at %u length %u sha256 ", file->sections[i].offset,
                   file->sections[i].length);
        hex(out, file->sections[i].digest, FORMAT_DIGEST);
        buf_byte(out, '\n');
    }
}

static void print_column(const struct bundle_program *program, const struct bundle_column *column,
                         const char *row, struct buf *out)
{
    int64_t wide;
    uint32_t word;
    buf_printf(out, " %s=", column->name);
    if (column->kind == BUNDLE_COLUMN_I64) {
        memcpy(&wide, row + column->offset, sizeof wide);
        buf_int(out, wide);
        return;
    }
    memcpy(&word, row + column->offset, sizeof word);
    if (word == BUNDLE_ABSENT && column->kind != BUNDLE_COLUMN_U32)
        buf_byte(out, '-');
    else if (column->kind == BUNDLE_COLUMN_STR)
        disasm_quoted(out, program->strings[word]);
    else
        buf_int(out, word);
}

void disasm_tables(const struct bundle_program *program, struct buf *out)
{
    for (uint32_t t = 0; t < BUNDLE_TABLE_COUNT; t++) {
        const struct bundle_layout *layout = bundle_layout((enum bundle_table)t);
        uint32_t n;
        const char *rows = bundle_rows(&program->tables, (enum bundle_table)t, &n);
        for (uint32_t i = 0; i < n; i++) {
            buf_printf(out, "%s %u:", layout->name, i);
            for (size_t c = 0; c < layout->n_columns; c++)
                print_column(program, &layout->columns[c], rows + i * layout->size, out);
            buf_byte(out, '\n');
        }
    }
}

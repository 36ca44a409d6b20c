/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/disasm.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "vm/attribute.h"

#include <assert.h>
#include <string.h>

static const char *const type_names[] = {
#define TYPE(id, spelling, stored, unit) spelling,
#include "dvara/types.def"
};

static const char *const shape_marks[] = {"", "?", "[]"};
static const char *const block_kinds[] = {"atom", "let", "code"};
static_assert(sizeof block_kinds / sizeof *block_kinds == BUNDLE_BLOCK_COUNT, "a name each");

static void hex(struct buf *out, const unsigned char *p, size_t n)
{
    bytes_hex(out, dvara_str_from((const char *)p, n));
}

/* Quoted, with controls and bytes that are not ASCII escaped. */
static void quoted(struct buf *out, struct dvara_str s)
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
    static const char *const names[SECTION_TABLE] = {"strings", "code", "detectors", "patterns",
                                                     "tests"};
    if (kind < SECTION_TABLE)
        buf_append(out, dvara_str_from_cstr(names[kind]));
    else if (section_is_database(kind))
        BUF_LIT(out, "databases");
    else if (kind < SECTION_TABLE + BUNDLE_TABLE_COUNT)
        buf_append(out, dvara_str_from_cstr(
                            bundle_layout((enum bundle_table)(kind - SECTION_TABLE))->name));
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
        quoted(out, program->strings[word]);
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

/* ---- code ---- */

static void print_operand(struct buf *out, uint8_t operand, uint8_t value)
{
    if (operand == OPERAND_NONE)
        return;
    if (operand == OPERAND_ATTR && value < DVARA_ATTR_COUNT)
        buf_printf(out, " %s", attribute_place(value)->path);
    else if (operand == OPERAND_FIELD)
        buf_printf(out, " field %u", value);
    else
        buf_printf(out, " r%u", value);
}

static void print_constant(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    const struct bundle_const *row = &program->tables.consts[index];
    buf_printf(out, " %s ", type_names[row->type]);
    if (row->type == DVARA_TYPE_STRING && (uint64_t)row->bits < program->n_strings) {
        quoted(out, program->strings[row->bits]);
    } else if (row->type == DVARA_TYPE_FLOAT) {
        double f;
        memcpy(&f, &row->bits, sizeof f);
        buf_printf(out, "%.17g", f);
    } else {
        buf_int(out, row->bits);
    }
}

static void print_immediate(const struct bundle_program *program, const struct instruction *at,
                            uint8_t kind, struct buf *out)
{
    switch ((enum op_immediate)kind) {
    case IMM_NONE:
    case IMM_COUNT:
        return;
    case IMM_JUMP:
    case IMM_BODY:
        buf_printf(out, " -> %u", at->imm);
        return;
    case IMM_CONST:
        if (at->imm < program->tables.n_consts)
            print_constant(program, at->imm, out);
        return;
    case IMM_STRING:
        if (at->imm < program->n_strings) {
            buf_byte(out, ' ');
            quoted(out, program->strings[at->imm]);
        }
        return;
    case IMM_ARG:
        if (at->b < DVARA_ATTR_COUNT && attribute_place(at->b)->arg != DVARA_ARG_NONE)
            buf_printf(out, " (%u)", at->imm);
        return;
    case IMM_LIST:
    case IMM_RUNTIME:
    case IMM_SET:
    case IMM_GLOBS:
    case IMM_NETS:
    case IMM_REGEX:
    case IMM_ZONE:
    case IMM_PERIOD:
    case IMM_ATOM:
    case IMM_LET:
    case IMM_MODULUS:
        buf_printf(out, " #%u", at->imm);
        return;
    }
}

static void print_instruction(const struct bundle_program *program, uint32_t number,
                              const struct instruction *at, struct buf *out)
{
    const struct op_row *row = op_row(at->op);
    buf_printf(out, "  %3u  %-12s", number, row->name);
    print_operand(out, row->a, at->a);
    print_operand(out, row->b, at->b);
    print_operand(out, row->c, at->c);
    print_immediate(program, at, row->imm, out);
    buf_byte(out, '\n');
}

void disasm_code(const struct bundle_program *program, struct buf *out)
{
    for (uint32_t i = 0; i < program->tables.n_blocks; i++) {
        const struct bundle_block *block = &program->tables.blocks[i];
        buf_printf(out, "block %u: %s %s%s", i, block_kinds[block->kind], type_names[block->type],
                   shape_marks[block->shape]);
        if (block->text != BUNDLE_ABSENT)
            buf_printf(out, " (%.*s)", DVARA_STR_ARG(program->strings[block->text]));
        buf_byte(out, '\n');
        for (uint32_t k = 0; k < block->code_count && block->code_first <= program->n_code &&
                             k < program->n_code - block->code_first;
             k++)
            print_instruction(program, k, &program->code[block->code_first + k], out);
    }
    for (uint32_t i = 0; i < program->tables.n_rules; i++) {
        const struct bundle_rule *rule = &program->tables.rules[i];
        buf_printf(out, "rule %.*s: ", DVARA_STR_ARG(program->strings[rule->name]));
        if (rule->when == BUNDLE_ABSENT)
            BUF_LIT(out, "always");
        else
            buf_printf(out, "when block %u", rule->when);
        if (rule->flags & BUNDLE_RULE_INDEXED)
            buf_printf(out, ", %u keys", rule->key_count);
        else
            BUF_LIT(out, ", no index reaches it");
        buf_byte(out, '\n');
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/change/contents.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "bundle/format.h"
#include "pii/detectors.h"
#include "vm/attribute.h"

#include <inttypes.h>

enum { SAID_MAX = 256 << 20 }; /* bytes of one row and all it refers to */

/* Not what is declared but where, or made of it. */
static const char *const passed_over[] = {"file", "line", "doc", "flags", "depends", "registers"};

bool contents_init(struct contents *contents, const struct dvara_bundle *bundle,
                   struct arena *arena)
{
    *contents = (struct contents){.bundle = bundle};
    contents->blocks = ARENA_ARRAY(arena, bundle->program.tables.n_blocks, struct contents_digest);
    return contents->blocks != NULL;
}

static void add_number(struct buf *out, uint64_t number)
{
    char bytes[8];
    bytes_put64(bytes, number);
    buf_append(out, dvara_str_from(bytes, sizeof bytes));
}

static void add_text(struct buf *out, struct dvara_str text)
{
    add_number(out, text.n);
    buf_append(out, text);
}

/* Of what is in `out`, which is cleared. */
static struct contents_digest digest_of(struct contents *c, struct buf *out)
{
    struct contents_digest digest = {.is_made = true};
    c->failed = c->failed || buf_failed(out);
    format_sha256(buf_str(out), digest.sha256);
    buf_clear(out);
    return digest;
}

static void add_row(struct contents *c, struct buf *out, enum bundle_table table, uint32_t row);

/* ---- code ---- */

/* The table that an operand is a row of; BUNDLE_TABLE_COUNT: none. */
static enum bundle_table table_of(const struct instruction *at)
{
    static const uint8_t tables[IMM_COUNT] = {
        [IMM_NONE] = BUNDLE_TABLE_COUNT,      [IMM_JUMP] = BUNDLE_TABLE_COUNT,
        [IMM_BODY] = BUNDLE_TABLE_COUNT,      [IMM_ARG] = BUNDLE_TABLE_COUNT,
        [IMM_CONST] = BUNDLE_TABLE_CONST,     [IMM_LIST] = BUNDLE_TABLE_LIST,
        [IMM_RUNTIME] = BUNDLE_TABLE_RUNTIME, [IMM_SET] = BUNDLE_TABLE_LIST,
        [IMM_GLOBS] = BUNDLE_TABLE_GLOBS,     [IMM_NETS] = BUNDLE_TABLE_NETS,
        [IMM_REGEX] = BUNDLE_TABLE_REGEX,     [IMM_STRING] = BUNDLE_TABLE_COUNT,
        [IMM_ZONE] = BUNDLE_TABLE_ZONE,       [IMM_PERIOD] = BUNDLE_TABLE_PERIOD,
        [IMM_ATOM] = BUNDLE_TABLE_BLOCK,      [IMM_LET] = BUNDLE_TABLE_BLOCK,
        [IMM_MODULUS] = BUNDLE_TABLE_COUNT};
    return (enum bundle_table)tables[op_row(at->op)->imm];
}

static void add_operand(struct contents *c, struct buf *out, const struct instruction *at)
{
    enum bundle_table table = table_of(at);
    bool argues = op_row(at->op)->imm == IMM_ARG;
    enum dvara_arg arg = argues ? (enum dvara_arg)attribute_place(at->b)->arg : DVARA_ARG_NONE;
    if (arg == DVARA_ARG_GROUP)
        add_row(c, out, BUNDLE_TABLE_GROUP, at->imm);
    else if (arg != DVARA_ARG_NONE || op_row(at->op)->imm == IMM_STRING)
        add_text(out, bundle_text(c->bundle, at->imm));
    else if (table != BUNDLE_TABLE_COUNT)
        add_row(c, out, table, at->imm);
    else
        add_number(out, at->imm);
}

/* Calls go to blocks with smaller numbers, and nest as deep as the verifier allows. */
static const struct contents_digest *of_block(struct contents *c, uint32_t block)
{
    const struct bundle_block *row = &c->bundle->program.tables.blocks[block];
    struct contents_digest *digest = &c->blocks[block];
    struct buf out;
    if (digest->is_made)
        return digest;
    buf_init(&out, SAID_MAX);
    add_text(&out, bundle_text(c->bundle, row->text)); /* a regular expression's flags, too */
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &c->bundle->program.code[i];
        const char words[4] = {(char)at->op, (char)at->a, (char)at->b, (char)at->c};
        buf_append(&out, dvara_str_from(words, sizeof words));
        add_operand(c, &out, at);
    }
    *digest = digest_of(c, &out);
    return digest;
}

/* ---- rows ---- */

static bool counts(const struct bundle_column *column)
{
    for (size_t i = 0; i < sizeof passed_over / sizeof *passed_over; i++) {
        if (strcmp(column->name, passed_over[i]) == 0)
            return false;
    }
    return column->kind != BUNDLE_COLUMN_FIRST || column->ref != BUNDLE_TABLE_KEY;
}

static uint64_t number_at(const char *row, const struct bundle_column *column)
{
    uint64_t wide = 0;
    uint32_t word = 0;
    memcpy(&word, row + column->offset, sizeof word);
    if (column->kind != BUNDLE_COLUMN_I64)
        return word;
    memcpy(&wide, row + column->offset, sizeof wide);
    return wide;
}

static void add_column(struct contents *c, struct buf *out, const char *row,
                       const struct bundle_column *column)
{
    uint32_t at = (uint32_t)number_at(row, column);
    uint32_t count = 0;
    switch ((enum bundle_column_kind)column->kind) {
    case BUNDLE_COLUMN_STR:
        add_text(out, bundle_text(c->bundle, at));
        return;
    case BUNDLE_COLUMN_REF:
    case BUNDLE_COLUMN_OREF:
        add_number(out, at != BUNDLE_ABSENT);
        if (at != BUNDLE_ABSENT && column->ref == BUNDLE_TABLE_ROUTE)
            add_text(out, bundle_text(c->bundle, c->bundle->program.tables.routes[at].name));
        else if (at != BUNDLE_ABSENT)
            add_row(c, out, (enum bundle_table)column->ref, at);
        return;
    case BUNDLE_COLUMN_FIRST: /* the next column is the run's length */
        count = (uint32_t)number_at(row, column + 1);
        add_number(out, count);
        for (uint32_t i = 0; i < count; i++)
            add_row(c, out, (enum bundle_table)column->ref, at + i);
        return;
    case BUNDLE_COLUMN_COUNT:
        return;
    case BUNDLE_COLUMN_U32:
    case BUNDLE_COLUMN_I64:
    case BUNDLE_COLUMN_ENUM:
    case BUNDLE_COLUMN_BITS:
        add_number(out, number_at(row, column));
    }
}

static const char *row_at(const struct dvara_bundle *bundle, enum bundle_table table, uint32_t row)
{
    uint32_t n;
    const char *rows = bundle_rows(&bundle->program.tables, table, &n);
    return rows + (size_t)row * bundle_layout(table)->size;
}

static void add_row(struct contents *c, struct buf *out, enum bundle_table table, uint32_t row)
{
    const struct bundle_tables *t = &c->bundle->program.tables;
    const struct bundle_layout *layout = bundle_layout(table);
    if (table == BUNDLE_TABLE_BLOCK) {
        const struct contents_digest *block = of_block(c, row);
        buf_append(out, dvara_str_from((const char *)block->sha256, sizeof block->sha256));
        return;
    }
    if (table == BUNDLE_TABLE_CONST && t->consts[row].type == DVARA_TYPE_STRING) {
        add_text(out, bundle_text(c->bundle, (uint32_t)t->consts[row].bits));
        return;
    }
    if (table == BUNDLE_TABLE_MEMBER) {
        add_text(out, detectors_name(c->bundle->detectors, t->members[row].detector));
        add_number(out, t->members[row].threshold);
        return;
    }
    for (size_t i = 0; i < layout->n_columns; i++) {
        if (counts(&layout->columns[i]))
            add_column(c, out, row_at(c->bundle, table, row), &layout->columns[i]);
    }
}

struct contents_digest contents_of(struct contents *contents, enum bundle_table table, uint32_t row)
{
    struct buf out;
    buf_init(&out, SAID_MAX);
    add_row(contents, &out, table, row);
    return digest_of(contents, &out);
}

void contents_print(const struct dvara_bundle *bundle, enum bundle_table table, uint32_t row,
                    struct buf *out)
{
    const struct bundle_layout *layout = bundle_layout(table);
    for (size_t i = 0; i < layout->n_columns; i++) {
        const struct bundle_column *column = &layout->columns[i];
        bool is_number = column->kind == BUNDLE_COLUMN_U32 || column->kind == BUNDLE_COLUMN_I64 ||
                         column->kind == BUNDLE_COLUMN_ENUM;
        uint64_t number = number_at(row_at(bundle, table, row), column);
        if (is_number && counts(column) && number != 0)
            buf_printf(out, "  %s %" PRId64 "\n", column->name, (int64_t)number);
    }
}

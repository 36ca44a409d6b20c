/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/change/contents.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "pii/detectors.h"
#include "vm/attribute.h"

#include <inttypes.h>

/* Not what is declared but where, or made of it. */
static const char *const passed_over[] = {"file", "line", "doc", "flags", "depends", "registers"};

bool contents_init(struct contents *contents, const struct dvara_bundle *bundle,
                   struct arena *arena)
{
    contents->bundle = bundle;
    contents->blocks = ARENA_ARRAY(arena, bundle->program.tables.n_blocks, uint64_t);
    return contents->blocks != NULL;
}

static void add_number(struct hash_state *state, uint64_t number)
{
    char bytes[8];
    bytes_put64(bytes, number);
    hash_update(state, dvara_str_from(bytes, sizeof bytes));
}

static void add_text(struct hash_state *state, struct dvara_str text)
{
    add_number(state, text.n);
    hash_update(state, text);
}

static void add_row(const struct contents *c, struct hash_state *state, enum bundle_table table,
                    uint32_t row);

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

static void add_operand(const struct contents *c, struct hash_state *state,
                        const struct instruction *at)
{
    enum bundle_table table = table_of(at);
    bool argues = op_row(at->op)->imm == IMM_ARG;
    enum dvara_arg arg = argues ? (enum dvara_arg)attribute_place(at->b)->arg : DVARA_ARG_NONE;
    if (arg == DVARA_ARG_GROUP)
        add_row(c, state, BUNDLE_TABLE_GROUP, at->imm);
    else if (arg != DVARA_ARG_NONE || op_row(at->op)->imm == IMM_STRING)
        add_text(state, bundle_text(c->bundle, at->imm));
    else if (table != BUNDLE_TABLE_COUNT)
        add_row(c, state, table, at->imm);
    else
        add_number(state, at->imm);
}

/* Calls go to blocks with smaller numbers, and nest as deep as the verifier allows. */
static uint64_t of_block(const struct contents *c, uint32_t block)
{
    static const struct hash_key key = {UINT64_C(0x6476617261626c6b), UINT64_C(0x636f6e74656e7473)};
    const struct bundle_block *row = &c->bundle->program.tables.blocks[block];
    struct hash_state state;
    if (c->blocks[block])
        return c->blocks[block];
    hash_init(&state, &key);
    add_text(&state, bundle_text(c->bundle, row->text)); /* a regular expression's flags, too */
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &c->bundle->program.code[i];
        const char words[4] = {(char)at->op, (char)at->a, (char)at->b, (char)at->c};
        hash_update(&state, dvara_str_from(words, sizeof words));
        add_operand(c, &state, at);
    }
    c->blocks[block] = hash_end(&state) | 1;
    return c->blocks[block];
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

static void add_column(const struct contents *c, struct hash_state *state, const char *row,
                       const struct bundle_column *column)
{
    uint32_t at = (uint32_t)number_at(row, column);
    uint32_t count = 0;
    switch ((enum bundle_column_kind)column->kind) {
    case BUNDLE_COLUMN_STR:
        add_text(state, bundle_text(c->bundle, at));
        return;
    case BUNDLE_COLUMN_REF:
    case BUNDLE_COLUMN_OREF:
        add_number(state, at != BUNDLE_ABSENT);
        if (at != BUNDLE_ABSENT && column->ref == BUNDLE_TABLE_ROUTE)
            add_text(state, bundle_text(c->bundle, c->bundle->program.tables.routes[at].name));
        else if (at != BUNDLE_ABSENT)
            add_row(c, state, (enum bundle_table)column->ref, at);
        return;
    case BUNDLE_COLUMN_FIRST: /* the next column is the run's length */
        count = (uint32_t)number_at(row, column + 1);
        add_number(state, count);
        for (uint32_t i = 0; i < count; i++)
            add_row(c, state, (enum bundle_table)column->ref, at + i);
        return;
    case BUNDLE_COLUMN_COUNT:
        return;
    case BUNDLE_COLUMN_U32:
    case BUNDLE_COLUMN_I64:
    case BUNDLE_COLUMN_ENUM:
    case BUNDLE_COLUMN_BITS:
        add_number(state, number_at(row, column));
    }
}

static const char *row_at(const struct dvara_bundle *bundle, enum bundle_table table, uint32_t row)
{
    uint32_t n;
    const char *rows = bundle_rows(&bundle->program.tables, table, &n);
    return rows + (size_t)row * bundle_layout(table)->size;
}

static void add_row(const struct contents *c, struct hash_state *state, enum bundle_table table,
                    uint32_t row)
{
    const struct bundle_tables *t = &c->bundle->program.tables;
    const struct bundle_layout *layout = bundle_layout(table);
    if (table == BUNDLE_TABLE_BLOCK) {
        add_number(state, of_block(c, row));
        return;
    }
    if (table == BUNDLE_TABLE_CONST && t->consts[row].type == DVARA_TYPE_STRING) {
        add_text(state, bundle_text(c->bundle, (uint32_t)t->consts[row].bits));
        return;
    }
    if (table == BUNDLE_TABLE_MEMBER) {
        add_text(state, detectors_name(c->bundle->detectors, t->members[row].detector));
        add_number(state, t->members[row].threshold);
        return;
    }
    for (size_t i = 0; i < layout->n_columns; i++) {
        if (counts(&layout->columns[i]))
            add_column(c, state, row_at(c->bundle, table, row), &layout->columns[i]);
    }
}

uint64_t contents_of(const struct contents *contents, enum bundle_table table, uint32_t row)
{
    static const struct hash_key key = {UINT64_C(0x6476617261726f77), UINT64_C(0x636f6e74656e7473)};
    struct hash_state state;
    hash_init(&state, &key);
    add_row(contents, &state, table, row);
    return hash_end(&state);
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

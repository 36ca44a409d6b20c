/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/disasm.h"

#include "base/buf.h"
#include "vm/attribute.h"

#include <arpa/inet.h>
#include <assert.h>

static const char *const type_names[] = {
#define TYPE(id, spelling, stored, unit) spelling,
#include "dvara/types.def"
};

/* What a number counts, where it counts something. */
static const char *const units[DVARA_TYPE_COUNT] = {[DVARA_TYPE_DURATION] = " ns",
                                                    [DVARA_TYPE_SIZE] = " bytes",
                                                    [DVARA_TYPE_MONEY] = " microdollars",
                                                    [DVARA_TYPE_PERCENT] = " millionths",
                                                    [DVARA_TYPE_TIME] = " ns",
                                                    [DVARA_TYPE_CLOCK] = " minutes"};

static const char *const shape_marks[] = {"", "?", "[]"};
static const char *const block_kinds[] = {"atom", "let", "code"};
static_assert(sizeof block_kinds / sizeof *block_kinds == BUNDLE_BLOCK_COUNT, "a name each");

static const char *const field_names[] = {
#define FIELD(record, id, name, type, taint, member, doc) name,
#include "dvara/records.def"
};

enum { ITEMS_SHOWN = 6, TEXT_SHOWN = 60, COLUMN_OPERAND = 34, COLUMN_COMMENT = 58 };

/* ---- constants ---- */

static void text(struct buf *out, struct dvara_str s)
{
    disasm_quoted(out, dvara_str_slice(s, 0, TEXT_SHOWN));
    if (s.n > TEXT_SHOWN)
        buf_printf(out, "… (%zu bytes)", s.n);
}

static void string(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    if (index < program->n_strings)
        text(out, program->strings[index]);
    else
        buf_printf(out, "string %u", index);
}

void disasm_number(struct buf *out, uint32_t type, int64_t bits)
{
    double f;
    memcpy(&f, &bits, sizeof f);
    if (type == DVARA_TYPE_FLOAT)
        buf_printf(out, "%.17g", f);
    else if (type == DVARA_TYPE_BOOL)
        buf_append(out, bits ? DVARA_STR("true") : DVARA_STR("false"));
    else
        buf_int(out, bits);
    if (type < DVARA_TYPE_COUNT && units[type])
        buf_append(out, dvara_str_from_cstr(units[type]));
}

static void constant(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    const struct bundle_const *row = &program->tables.consts[index];
    if (row->type == DVARA_TYPE_STRING)
        string(program, (uint32_t)row->bits, out);
    else
        disasm_number(out, row->type, row->bits);
}

void disasm_net(struct buf *out, const struct bundle_net *net)
{
    unsigned char a[16];
    char name[INET6_ADDRSTRLEN] = "?";
    const uint32_t words[4] = {net->word0, net->word1, net->word2, net->word3};
    for (size_t i = 0; i < sizeof a; i++)
        a[i] = (unsigned char)(words[i / 4] >> (24 - 8 * (i % 4)));
    bool v4 = net->bits >= 96 && !net->word0 && !net->word1 && net->word2 == 0xffff;
    (void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? a + 12 : a, name, sizeof name);
    buf_printf(out, "%s/%u", name, v4 ? net->bits - 96 : net->bits);
}

/* ---- operands ---- */

/* "[1, 2, … 12 in all]": `item` appends one. */
typedef void append_item(const struct bundle_program *program, uint32_t index, struct buf *out);

static void items(const struct bundle_program *program, uint32_t first, uint32_t count,
                  append_item *item, struct buf *out)
{
    buf_byte(out, '[');
    for (uint32_t i = 0; i < count && i < ITEMS_SHOWN; i++) {
        if (i)
            BUF_LIT(out, ", ");
        item(program, first + i, out);
    }
    if (count > ITEMS_SHOWN)
        buf_printf(out, ", … %u in all", count);
    buf_byte(out, ']');
}

static void element_item(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    constant(program, program->tables.elements[index].constant, out);
}

static void pattern_item(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    string(program, program->tables.patterns[index].text, out);
}

static void net_item(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    disasm_net(out, &program->tables.nets[index]);
}

static void list(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    const struct bundle_list *row = &program->tables.lists[index];
    items(program, row->first, row->count, element_item, out);
}

static void period(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    const struct bundle_period *row = &program->tables.periods[index];
    buf_printf(out, "%02u:%02u to %02u:%02u ", row->from / 60, row->from % 60, row->to / 60,
               row->to % 60);
    string(program, program->tables.zones[row->zone].name, out);
}

/* A block by its number, and what it is. */
static void block(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    const struct bundle_block *row = &program->tables.blocks[index];
    buf_printf(out, "block %u", index);
    if (row->text != BUNDLE_ABSENT)
        buf_printf(out, ": %.*s", DVARA_STR_ARG(program->strings[row->text]));
}

static void argument(const struct bundle_program *program, const struct instruction *at,
                     struct buf *out)
{
    uint8_t kind = attribute_place(at->b)->arg;
    if (kind == DVARA_ARG_NONE)
        return;
    if (kind != DVARA_ARG_GROUP)
        string(program, at->imm, out);
    else if (at->imm < program->tables.n_groups)
        buf_printf(out, "%.*s",
                   DVARA_STR_ARG(program->strings[program->tables.groups[at->imm].name]));
}

/* How many rows the table of an operand has: the number is checked before it is followed. */
static uint32_t rows_of(const struct bundle_program *program, uint8_t kind)
{
    const struct bundle_tables *t = &program->tables;
    switch ((enum op_immediate)kind) {
    case IMM_CONST:
        return t->n_consts;
    case IMM_LIST:
    case IMM_SET:
        return t->n_lists;
    case IMM_RUNTIME:
        return t->n_runtimes;
    case IMM_GLOBS:
        return t->n_globs;
    case IMM_NETS:
        return t->n_netses;
    case IMM_REGEX:
        return t->n_regexes;
    case IMM_ZONE:
        return t->n_zones;
    case IMM_PERIOD:
        return t->n_periods;
    case IMM_ATOM:
    case IMM_LET:
        return t->n_blocks;
    case IMM_NONE:
    case IMM_JUMP:
    case IMM_BODY:
    case IMM_ARG:
    case IMM_STRING:
    case IMM_MODULUS:
    case IMM_COUNT:
        break;
    }
    return UINT32_MAX;
}

static void immediate(const struct bundle_program *program, const struct instruction *at,
                      uint8_t kind, struct buf *out)
{
    const struct bundle_tables *t = &program->tables;
    if (at->imm >= rows_of(program, kind)) {
        buf_printf(out, "#%u, which is not there", at->imm);
        return;
    }
    switch ((enum op_immediate)kind) {
    case IMM_NONE:
    case IMM_COUNT:
        return;
    case IMM_JUMP:
    case IMM_BODY:
        buf_printf(out, "-> %u", at->imm);
        return;
    case IMM_ARG:
        if (at->b < DVARA_ATTR_COUNT)
            argument(program, at, out);
        return;
    case IMM_CONST:
        constant(program, at->imm, out);
        return;
    case IMM_STRING:
        string(program, at->imm, out);
        return;
    case IMM_LIST:
    case IMM_SET:
        list(program, at->imm, out);
        return;
    case IMM_RUNTIME:
        buf_printf(out, "%.*s", DVARA_STR_ARG(program->strings[t->runtimes[at->imm].name]));
        return;
    case IMM_GLOBS:
        items(program, t->globs[at->imm].first, t->globs[at->imm].count, pattern_item, out);
        return;
    case IMM_NETS:
        items(program, t->netses[at->imm].first, t->netses[at->imm].count, net_item, out);
        return;
    case IMM_REGEX:
        string(program, t->regexes[at->imm].source, out);
        return;
    case IMM_ZONE:
        string(program, t->zones[at->imm].name, out);
        return;
    case IMM_PERIOD:
        period(program, at->imm, out);
        return;
    case IMM_ATOM:
    case IMM_LET:
        block(program, at->imm, out);
        return;
    case IMM_MODULUS:
        buf_int(out, at->imm);
        return;
    }
}

/* ---- instructions ---- */

static void operand(struct buf *out, uint8_t kind, uint8_t value)
{
    if (kind == OPERAND_ATTR && value < DVARA_ATTR_COUNT)
        buf_append(out, dvara_str_from_cstr(attribute_place(value)->path));
    else if (kind == OPERAND_FIELD && value < DVARA_FIELD_COUNT)
        buf_append(out, dvara_str_from_cstr(field_names[value]));
    else if (kind != OPERAND_NONE)
        buf_printf(out, "r%u", value);
}

static void pad(struct buf *out, size_t start, size_t column)
{
    buf_byte(out, ' ');
    while (!buf_failed(out) && out->n - start < column)
        buf_byte(out, ' ');
}

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '\'' || c == '-';
}

/* The opcode's sentence with the operands in place of a, b and c. */
static void meaning(const struct op_row *row, const struct instruction *at, struct buf *out)
{
    for (const char *p = row->what; *p;) {
        size_t n = 0;
        while (is_word(p[n]))
            n++;
        bool alone = n == 1 || (n == 3 && p[1] == '\'' && p[2] == 's');
        if (alone && *p >= 'a' && *p <= 'c') {
            uint8_t kind = *p == 'a' ? row->a : *p == 'b' ? row->b : row->c;
            operand(out, kind, *p == 'a' ? at->a : *p == 'b' ? at->b : at->c);
            p++;
            n--;
        }
        n = n ? n : 1;
        buf_append(out, dvara_str_from(p, *p ? n : 0));
        p += *p ? n : 0;
    }
}

static void instruction(const struct bundle_program *program, uint32_t number,
                        const struct instruction *at, struct buf *out)
{
    const struct op_row *row = op_row(at->op);
    const uint8_t kinds[3] = {row->a, row->b, row->c}, values[3] = {at->a, at->b, at->c};
    size_t start = out->n;
    buf_printf(out, "  %4u  %-12s", number, row->name);
    for (size_t i = 0; i < 3; i++) {
        if (kinds[i] != OPERAND_NONE)
            buf_byte(out, ' ');
        operand(out, kinds[i], values[i]);
    }
    pad(out, start, COLUMN_OPERAND);
    immediate(program, at, row->imm, out);
    pad(out, start, COLUMN_COMMENT);
    BUF_LIT(out, "; ");
    meaning(row, at, out);
    buf_byte(out, '\n');
}

/* ---- blocks ---- */

static void users(const struct bundle_program *program, uint32_t index, struct buf *out)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < program->tables.n_rules; i++) {
        const struct bundle_rule *rule = &program->tables.rules[i];
        if (rule->when != index)
            continue;
        if (n++ < ITEMS_SHOWN)
            buf_printf(out, "%s%.*s (%.*s:%u)", n == 1 ? ", when of rule " : ", ",
                       DVARA_STR_ARG(program->strings[rule->name]),
                       DVARA_STR_ARG(program->strings[rule->file]), rule->line);
    }
    if (n > ITEMS_SHOWN)
        buf_printf(out, ", … %u rules in all", n);
}

void disasm_code(const struct bundle_program *program, struct buf *out)
{
    for (uint32_t i = 0; i < program->tables.n_blocks; i++) {
        const struct bundle_block *row = &program->tables.blocks[i];
        buf_printf(out, "block %u: %s %s%s, %u registers", i, block_kinds[row->kind],
                   type_names[row->type], shape_marks[row->shape], row->registers);
        if (row->text != BUNDLE_ABSENT)
            buf_printf(out, ", %.*s", DVARA_STR_ARG(program->strings[row->text]));
        users(program, i, out);
        buf_byte(out, '\n');
        for (uint32_t k = 0; k < row->code_count && row->code_first <= program->n_code &&
                             k < program->n_code - row->code_first;
             k++)
            instruction(program, k, &program->code[row->code_first + k], out);
    }
    disasm_index(program, out);
}

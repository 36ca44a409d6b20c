/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/verify_code.h"

#include "base/arena.h"
#include "bundle/verify.h"
#include "vm/attribute.h"

#include <string.h>

enum { UNSET = 255, BODIES_MAX = 4 };

/* The type of a register: UNSET, or a row of types.def and a shape. */
struct reg {
    uint8_t type, shape;
};

/* Registers as they are on every path to an instruction. `body` is the number of the loop body that
 * the jump came from. */
struct state {
    struct reg regs[OP_REGISTERS];
    struct state *next;
    uint32_t body;
};

struct body {
    uint32_t end, id;
    struct instruction loop;
    struct reg entry[OP_REGISTERS];
};

struct verifier {
    const struct bundle_program *program;
    const struct bundle_block *block;
    uint32_t index, n_patterns, at; /* at: in the block */
    const struct instruction *code;
    struct state **pending; /* by instruction: jumps that arrive there */
    struct reg regs[OP_REGISTERS];
    struct body bodies[BODIES_MAX];
    uint32_t n_bodies, next_body;
    uint32_t depends;
    uint8_t depth;
    struct verify_calls *calls;
    struct arena *scratch;
    struct dvara_bundle_error *error;
};

static bool refuse(struct verifier *v, const char *why)
{
    (void)bundle_refuse(
        v->error, DVARA_INVALID, "block %u, instruction %u (%s): %s", v->index, v->at,
        v->at < v->block->code_count ? op_row(v->code[v->at].op)->name : "END", why);
    return false;
}

static const struct reg bool_reg = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};
static const struct reg int_reg = {DVARA_TYPE_INT, DVARA_SHAPE_ONE};
static const struct reg str_reg = {DVARA_TYPE_STRING, DVARA_SHAPE_ONE};
static const struct reg strs_reg = {DVARA_TYPE_STRING, DVARA_SHAPE_LIST};
static const struct reg opt_str_reg = {DVARA_TYPE_STRING, DVARA_SHAPE_OPT};

static bool same(struct reg a, struct reg b)
{
    return a.type == b.type && a.shape == b.shape;
}

static bool is_scalar_type(uint8_t type)
{
    return type < DVARA_TYPE_MESSAGE;
}

static bool is_amount(uint8_t type)
{
    return type == DVARA_TYPE_DURATION || type == DVARA_TYPE_SIZE || type == DVARA_TYPE_MONEY;
}

static bool is_number(uint8_t type)
{
    return type == DVARA_TYPE_INT || type == DVARA_TYPE_FLOAT || type == DVARA_TYPE_PERCENT ||
           is_amount(type);
}

static struct reg bare(struct reg r)
{
    return (struct reg){r.type, DVARA_SHAPE_ONE};
}

/* Does register r fit what the operand reads? `b` is the type in register b. */
static bool fits(struct verifier *v, uint8_t operand, struct reg r, struct reg b)
{
    bool one = r.shape == DVARA_SHAPE_ONE;
    switch (operand) {
    case OPERAND_R_BOOL:
        return same(r, bool_reg);
    case OPERAND_R_INT:
        return same(r, int_reg);
    case OPERAND_R_STR:
        return same(r, str_reg);
    case OPERAND_R_NUM:
        return one && is_number(r.type);
    case OPERAND_R_AMOUNT:
        return one && is_amount(r.type);
    case OPERAND_R_ORD:
        return one && (is_number(r.type) || r.type == DVARA_TYPE_STRING);
    case OPERAND_R_ANY:
    case OPERAND_R_ITEM:
        return one && is_scalar_type(r.type);
    case OPERAND_R_RECORD:
        return one && !is_scalar_type(r.type);
    case OPERAND_R_OPT:
        return r.shape == DVARA_SHAPE_OPT;
    case OPERAND_R_LIST:
        return r.shape == DVARA_SHAPE_LIST;
    case OPERAND_R_AS_B:
        return same(r, b);
    case OPERAND_R_BARE_B:
        return same(r, bare(b)) || same(r, b);
    case OPERAND_R_RESULT:
        return r.type == v->block->type && r.shape == v->block->shape;
    }
    return false;
}

static bool reads(uint8_t operand)
{
    return operand >= OPERAND_R_BOOL && operand <= OPERAND_R_RESULT;
}
static bool writes(uint8_t operand)
{
    return operand >= OPERAND_W_BOOL;
}

static bool check_operand(struct verifier *v, uint8_t operand, uint8_t value, struct reg b)
{
    if (operand == OPERAND_NONE)
        return value == 0 || refuse(v, "an unused operand is not 0");
    if (operand == OPERAND_ATTR)
        return value < DVARA_ATTR_COUNT || refuse(v, "no such attribute");
    if (operand == OPERAND_FIELD)
        return value < DVARA_FIELD_COUNT || refuse(v, "no such field");
    if (value >= v->block->registers)
        return refuse(v, "a register is out of range");
    if (!reads(operand))
        return true;
    if (v->regs[value].type == UNSET)
        return refuse(v, "a register is read before it is written");
    return fits(v, operand, v->regs[value], b) || refuse(v, "a register is of the wrong type");
}

static bool check_argument(struct verifier *v, const struct instruction *at)
{
    const struct bundle_tables *tables = &v->program->tables;
    switch ((enum dvara_arg)attribute_place(at->b)->arg) {
    case DVARA_ARG_NONE:
    case DVARA_ARG_COUNT:
        return at->imm == 0 || refuse(v, "the attribute takes no argument");
    case DVARA_ARG_HEADER:
    case DVARA_ARG_KEY:
    case DVARA_ARG_POINTER:
    case DVARA_ARG_BUDGET:
        return at->imm < v->program->n_strings || refuse(v, "no such string");
    case DVARA_ARG_GROUP:
        return at->imm < tables->n_groups || refuse(v, "no such group");
    }
    return false;
}

static bool check_call(struct verifier *v, uint32_t imm, enum bundle_block_kind kind)
{
    if (imm >= v->index)
        return refuse(v, "a call must go to a block with a smaller number");
    const struct bundle_block *block = &v->program->tables.blocks[imm];
    if (block->kind != kind)
        return refuse(v, "a call goes to a block of the wrong kind");
    if (v->depth < v->calls->depth[imm] + 1)
        v->depth = (uint8_t)(v->calls->depth[imm] + 1);
    if (v->depth > OP_CALL_DEPTH)
        return refuse(v, "calls nest too deep");
    v->depends |= block->depends;
    return true;
}

static uint32_t region_end(const struct verifier *v)
{
    return v->n_bodies ? v->bodies[v->n_bodies - 1].end : v->block->code_count - 1;
}

static bool check_jump(struct verifier *v, uint32_t target)
{
    if (target <= v->at || target > region_end(v))
        return refuse(v, "a jump must go forward and stay in its body");
    uint32_t body = v->n_bodies ? v->bodies[v->n_bodies - 1].id : 0;
    struct state **list = &v->pending[target];
    while (*list && (*list)->body != body)
        list = &(*list)->next;
    if (*list) {
        for (size_t i = 0; i < OP_REGISTERS; i++) {
            if (!same((*list)->regs[i], v->regs[i]))
                (*list)->regs[i].type = UNSET;
        }
        return true;
    }
    struct state *state = ARENA_NEW(v->scratch, struct state);
    if (!state)
        return refuse(v, "out of memory");
    memcpy(state->regs, v->regs, sizeof state->regs);
    state->body = body;
    *list = state;
    return true;
}

/* The operand's own row, and the type it gives to W_IMM. */
static bool check_immediate(struct verifier *v, const struct instruction *at, uint8_t kind,
                            struct reg *ret_type)
{
    const struct bundle_tables *t = &v->program->tables;
    uint32_t imm = at->imm;
    switch ((enum op_immediate)kind) {
    case IMM_NONE:
        return imm == 0 || refuse(v, "an unused operand is not 0");
    case IMM_JUMP:
        return check_jump(v, imm);
    case IMM_BODY:
        return (imm > v->at + 1 && imm <= region_end(v)) ||
               refuse(v, "a loop's body is out of range");
    case IMM_ARG:
        *ret_type = (struct reg){attribute_place(at->b)->type, attribute_place(at->b)->shape};
        v->depends |= bundle_attribute_depends((enum dvara_attribute)at->b);
        return check_argument(v, at);
    case IMM_CONST:
        if (imm >= t->n_consts)
            return refuse(v, "no such constant");
        *ret_type = (struct reg){(uint8_t)t->consts[imm].type, DVARA_SHAPE_ONE};
        return true;
    case IMM_LIST:
        if (imm >= t->n_lists)
            return refuse(v, "no such list");
        *ret_type = (struct reg){(uint8_t)t->lists[imm].type, DVARA_SHAPE_LIST};
        return true;
    case IMM_SET:
        if (imm >= t->n_lists)
            return refuse(v, "no such list");
        return t->lists[imm].type == v->regs[at->b].type ||
               refuse(v, "the list is of another type");
    case IMM_RUNTIME:
        return imm < t->n_runtimes || refuse(v, "no such runtime list");
    case IMM_GLOBS:
        return imm < t->n_globs || refuse(v, "no such globs");
    case IMM_NETS:
        return imm < t->n_netses || refuse(v, "no such networks");
    case IMM_REGEX:
        return imm < v->n_patterns || refuse(v, "no such regular expression");
    case IMM_STRING:
        return imm < v->program->n_strings || refuse(v, "no such string");
    case IMM_ZONE:
        return imm < t->n_zones || refuse(v, "no such zone");
    case IMM_PERIOD:
        return imm < t->n_periods || refuse(v, "no such period");
    case IMM_ATOM:
        return check_call(v, imm, BUNDLE_BLOCK_ATOM);
    case IMM_LET:
        if (!check_call(v, imm, BUNDLE_BLOCK_LET))
            return false;
        *ret_type = (struct reg){(uint8_t)t->blocks[imm].type, (uint8_t)t->blocks[imm].shape};
        return true;
    case IMM_MODULUS:
        return (imm >= 1 && imm <= OP_MODULUS) || refuse(v, "the modulus is out of range");
    case IMM_COUNT:
        break;
    }
    return refuse(v, "no such operand");
}

/* Rules of one opcode that its row does not say. */
static bool check_special(struct verifier *v, const struct instruction *at, struct reg *imm)
{
    switch (at->op) {
    case OP_FIELD:
        if (field_place(at->c)->record != v->regs[at->b].type)
            return refuse(v, "the record has no such field");
        *imm = (struct reg){field_place(at->c)->type, DVARA_SHAPE_ONE};
        return true;
    case OP_MUL:
        return v->regs[at->b].type == DVARA_TYPE_INT || v->regs[at->b].type == DVARA_TYPE_FLOAT ||
               refuse(v, "only int and float multiply with their own type");
    case OP_IN_LIST:
        return v->regs[at->b].type == v->regs[at->c].type ||
               refuse(v, "the list is of another type");
    case OP_RETURN:
        return (v->at == v->block->code_count - 1 && v->n_bodies == 0) ||
               refuse(v, "only the last instruction returns");
    case OP_ANY:
    case OP_ALL:
    case OP_NO:
    case OP_COUNT:
        return (at->a != at->b && at->a != at->c && at->b != at->c) ||
               refuse(v, "a loop needs three registers");
    default:
        return true;
    }
}

static struct reg written(const struct verifier *v, uint8_t operand, const struct instruction *at,
                          struct reg imm)
{
    const struct reg *regs = v->regs;
    switch (operand) {
    case OPERAND_W_BOOL:
        return bool_reg;
    case OPERAND_W_INT:
        return int_reg;
    case OPERAND_W_STR:
        return str_reg;
    case OPERAND_W_OPT_STR:
        return opt_str_reg;
    case OPERAND_W_STRS:
        return strs_reg;
    case OPERAND_W_AS_B:
        return regs[at->b];
    case OPERAND_W_AS_C:
        return regs[at->c];
    case OPERAND_W_BARE:
    case OPERAND_W_ITEM:
        return bare(regs[at->b]);
    case OPERAND_W_OPT_ITEM:
        return (struct reg){regs[at->b].type, DVARA_SHAPE_OPT};
    default:
        return imm;
    }
}

static bool enter_body(struct verifier *v, const struct instruction *at)
{
    if (v->n_bodies == BODIES_MAX)
        return refuse(v, "loops nest too deep");
    struct body *body = &v->bodies[v->n_bodies++];
    body->end = at->imm;
    body->id = ++v->next_body;
    body->loop = *at;
    memcpy(body->entry, v->regs, sizeof body->entry);
    v->regs[at->a].type = UNSET;
    v->regs[at->c] = bare(v->regs[at->b]);
    return true;
}

/* The end of a body: it has given a truth value, and may have changed nothing that stood before. */
static bool leave_body(struct verifier *v)
{
    struct body *body = &v->bodies[--v->n_bodies];
    if (!same(v->regs[body->loop.a], bool_reg))
        return refuse(v, "a loop's body must give a bool");
    for (size_t i = 0; i < OP_REGISTERS; i++) {
        if (i != body->loop.a && i != body->loop.c && body->entry[i].type != UNSET &&
            !same(body->entry[i], v->regs[i]))
            return refuse(v, "a loop's body changes the type of a register");
    }
    memcpy(v->regs, body->entry, sizeof v->regs);
    v->regs[body->loop.a] = body->loop.op == OP_COUNT ? int_reg : bool_reg;
    v->regs[body->loop.c].type = UNSET;
    return true;
}

static void merge(struct verifier *v, const struct state *state)
{
    for (size_t i = 0; i < OP_REGISTERS; i++) {
        if (!same(v->regs[i], state->regs[i]))
            v->regs[i].type = UNSET;
    }
}

/* Joins the jumps that arrive here, body by body from the innermost that ends here. */
static bool arrive(struct verifier *v)
{
    const struct state *pending = v->pending[v->at];
    size_t left = 0;
    for (const struct state *s = pending; s; s = s->next)
        left++;
    for (;;) {
        uint32_t body = v->n_bodies ? v->bodies[v->n_bodies - 1].id : 0;
        for (const struct state *s = pending; s; s = s->next) {
            if (s->body == body) {
                merge(v, s);
                left--;
            }
        }
        if (!v->n_bodies || v->bodies[v->n_bodies - 1].end != v->at)
            break;
        if (!leave_body(v))
            return false;
    }
    return left == 0 || refuse(v, "a jump goes into a loop's body");
}

static bool step(struct verifier *v)
{
    const struct instruction *at = &v->code[v->at];
    const struct op_row *row = op_row(at->op);
    struct reg imm = {UNSET, 0};
    if (!arrive(v))
        return false;
    struct reg b = reads(row->b) && at->b < v->block->registers ? v->regs[at->b] : imm;
    if (!check_operand(v, row->b, at->b, b) || !check_operand(v, row->c, at->c, b) ||
        !check_operand(v, row->a, at->a, b) || !check_immediate(v, at, row->imm, &imm) ||
        !check_special(v, at, &imm))
        return false;
    v->program->types[v->block->code_first + v->at] = reads(row->b) ? v->regs[at->b].type : 0;
    if (row->imm == IMM_BODY)
        return enter_body(v, at);
    if (writes(row->a))
        v->regs[at->a] = written(v, row->a, at, imm);
    return true;
}

static bool check_block(struct verifier *v)
{
    const struct bundle_block *block = v->block;
    if (block->code_count == 0 || block->code_first > v->program->n_code ||
        block->code_count > v->program->n_code - block->code_first)
        return refuse(v, "the code lies outside its section");
    v->code = v->program->code + block->code_first;
    v->pending = ARENA_ARRAY(v->scratch, block->code_count, struct state *);
    if (!v->pending)
        return refuse(v, "out of memory");
    for (size_t i = 0; i < OP_REGISTERS; i++)
        v->regs[i].type = UNSET;
    for (v->at = 0; v->at < block->code_count; v->at++) {
        if (!step(v))
            return false;
    }
    if (v->code[block->code_count - 1].op != OP_RETURN)
        return refuse(v, "the last instruction must return");
    return true;
}

enum dvara_status verify_block(const struct bundle_program *program, uint32_t index,
                               uint32_t n_patterns, struct verify_calls *calls,
                               struct arena *scratch, struct dvara_bundle_error *ret_error)
{
    struct verifier v = {.program = program,
                         .block = &program->tables.blocks[index],
                         .index = index,
                         .n_patterns = n_patterns,
                         .calls = calls,
                         .scratch = scratch,
                         .error = ret_error};
    v.at = v.block->code_count; /* until the code is known to be there */
    if (v.block->kind == BUNDLE_BLOCK_ATOM &&
        (v.block->type != DVARA_TYPE_BOOL || v.block->shape != DVARA_SHAPE_ONE))
        return bundle_refuse(ret_error, DVARA_INVALID, "block %u: an atom must be a bool", index);
    if (!check_block(&v))
        return arena_is_exhausted(scratch) ? DVARA_NO_MEMORY : DVARA_INVALID;
    calls->depth[index] = v.depth;
    if (v.depends != v.block->depends)
        return bundle_refuse(ret_error, DVARA_INVALID,
                             "block %u: depends on %u, says %u: a kept result would be stale",
                             index, v.depends, v.block->depends);
    return DVARA_OK;
}

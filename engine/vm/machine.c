/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/machine.h"

#include "bundle/rewritable.h"
#include "dvara/limits.h"
#include "pattern/set.h"
#include "vm/operator.h"
#include "vm/replay.h"
#include "vm/scan.h"
#include "vm/text.h"
#include "vm/trace.h"

#include <assert.h>
#include <stdlib.h>

enum {
    STACK = (OP_CALL_DEPTH + 4) * OP_REGISTERS, /* an operand that is no register still indexes */
};

/* A condition's value in a byte, as atoms keep it: UNKNOWN until it is known. */
enum { TRUTH_UNKNOWN, TRUTH_FALSE, TRUTH_TRUE, TRUTH_ERROR /* + kind */ };

enum dvara_status dvara_vm_new(const struct dvara_bundle *bundle, struct dvara_vm **ret_vm)
{
    enum dvara_status status = DVARA_NO_MEMORY;
    struct dvara_vm *vm = calloc(1, sizeof *vm);
    if (!vm)
        return status;
    uint32_t n = bundle->program.tables.n_rules;
    vm->bundle = bundle;
    vm->stack = calloc(STACK, sizeof *vm->stack);
    vm->stamps = calloc(n ? n : 1, sizeof *vm->stamps);
    vm->candidates = calloc(n ? n : 1, sizeof *vm->candidates);
    vm->truths = calloc((size_t)bundle->index.most_atoms + 8, sizeof *vm->truths);
    if (vm->stack && vm->stamps && vm->candidates && vm->truths)
        status = DVARA_OK;
    if (status == DVARA_OK && bundle->detectors)
        status = dvara_scanner_new(bundle->detectors, &vm->scanner);
    if (status == DVARA_OK && bundle->patterns)
        status = pattern_scratch_new(bundle->patterns, &vm->patterns);
    if (status != DVARA_OK) {
        dvara_vm_free(vm);
        return status;
    }
    *ret_vm = vm;
    return DVARA_OK;
}

void dvara_vm_free(struct dvara_vm *vm)
{
    if (!vm)
        return;
    if (vm->scanner)
        dvara_scanner_free(vm->scanner);
    if (vm->patterns)
        pattern_scratch_free(vm->patterns);
    free(vm->stack);
    free(vm->stamps);
    free(vm->candidates);
    free(vm->truths);
    free(vm);
}

void vm_next_round(struct dvara_vm *vm)
{
    if (++vm->round == 0) { /* wrapped: old stamps could be taken for new ones */
        memset(vm->stamps, 0, vm->bundle->program.tables.n_rules * sizeof *vm->stamps);
        vm->round = 1;
    }
}

void *run_room(struct dvara_run *run, void **array, uint32_t n, uint32_t *room, size_t size)
{
    if (n < *room)
        return *array;
    uint32_t more = *room ? *room * 2 : 4;
    void *grown = arena_array(run->arena, more, size);
    if (!grown) {
        run->exhausted = true;
        return NULL;
    }
    if (n)
        memcpy(grown, *array, n * size);
    *room = more;
    *array = grown;
    return grown;
}

bool run_charge(struct dvara_run *run, uint64_t steps)
{
    run->steps += steps;
    return run->steps <= DVARA_MAX_STEPS;
}

void run_forget(struct dvara_run *run, uint32_t depends)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < run->n_touched; i++) {
        const struct run_touched t = run->touched[i];
        struct memo *memo = t.kind == BUNDLE_BLOCK_ATOM ? &run->atoms : &run->let_known;
        if (!(t.depends & depends))
            run->touched[kept++] = t;
        for (uint32_t slot = t.first; t.depends & depends && slot < t.first + t.count; slot++)
            run_keep(run, memo, slot, TRUTH_UNKNOWN);
    }
    run->n_touched = kept;
}

/* Neighbours are told of together: of ten thousand atoms that are asked one after the other, once.
 */
static void touch(struct dvara_run *run, uint32_t block)
{
    const struct bundle_block *row = &run->bundle->program.tables.blocks[block];
    uint32_t slot = run->bundle->memo[block];
    struct run_touched *last = run->n_touched ? &run->touched[run->n_touched - 1] : NULL;
    if (!row->depends)
        return;
    if (last && last->depends == row->depends && last->kind == row->kind &&
        last->first + last->count == slot)
        last->count++;
    else
        RUN_PUSH(run, touched,
                 ((struct run_touched){slot, 1, (uint8_t)row->depends, (uint8_t)row->kind}));
}

static uint8_t run_truth(struct dvara_run *run, uint32_t block);

static inline void set_truth(struct value *ret, uint8_t truth)
{
    ret->state = truth >= TRUTH_ERROR ? VALUE_ERROR : VALUE_PRESENT;
    ret->kind = truth >= TRUTH_ERROR ? (uint8_t)(truth - TRUTH_ERROR) : 0;
    ret->i = truth == TRUTH_TRUE;
}

static inline struct value value_of_truth(uint8_t truth)
{
    struct value v;
    set_truth(&v, truth);
    return v;
}

/* By its code where all that it reads is known, else as it was recorded, else as it is supposed. */
static __attribute__((noinline)) uint8_t replayed(struct dvara_run *run, uint32_t block)
{
    bool before = replay_begin(run);
    uint8_t truth = run_truth(run, block);
    enum dvara_error_kind kind = DVARA_ERROR_NONE;
    if (replay_end(run, before)) {
        static const uint8_t truths[] = {TRUTH_UNKNOWN, TRUTH_FALSE, TRUTH_TRUE, TRUTH_ERROR};
        truth = truths[replay_atom(run, block, &kind)];
    }
    return truth == TRUTH_ERROR && kind ? (uint8_t)(TRUTH_ERROR + kind) : truth;
}

/* An atom's value as it is kept. */
static uint8_t atom(struct dvara_run *run, uint32_t block)
{
    uint32_t slot = run->bundle->memo[block];
    uint8_t kept = memo_get(&run->atoms, slot);
    if (kept != TRUTH_UNKNOWN)
        return kept;
    bool held = run->windowed && run->live->held[slot];
    kept = held ? TRUTH_TRUE : run->replay ? replayed(run, block) : run_truth(run, block);
    if (run->windowed && kept == TRUTH_TRUE)
        run->live->held[slot] = 1;
    run_keep(run, &run->atoms, slot, kept);
    touch(run, block);
    if (run->trace)
        trace_atom(run, block, value_of_truth(kept));
    return kept;
}

struct value run_atom(struct dvara_run *run, uint32_t block)
{
    return value_of_truth(atom(run, block));
}

void run_keep_atom(struct dvara_run *run, uint32_t block, bool truth)
{
    uint32_t slot = run->bundle->memo[block];
    if (memo_get(&run->atoms, slot) != TRUTH_UNKNOWN)
        return;
    run_keep(run, &run->atoms, slot, truth ? TRUTH_TRUE : TRUTH_FALSE);
    touch(run, block);
}

static inline uint8_t truth_of(const struct value *v)
{
    if (v->state == VALUE_ERROR)
        return (uint8_t)(TRUTH_ERROR + v->kind);
    return v->i ? TRUTH_TRUE : TRUTH_FALSE;
}

enum dvara_truth dvara_run_atom(const struct dvara_run *run, uint32_t index,
                                enum dvara_error_kind *ret_kind)
{
    static const uint8_t truths[] = {DVARA_UNKNOWN, DVARA_FALSE, DVARA_TRUE};
    assert(index < run->bundle->n_atoms);
    uint8_t kept = memo_get(&run->atoms, index);
    if (kept < TRUTH_ERROR)
        return (enum dvara_truth)truths[kept];
    if (ret_kind)
        *ret_kind = (enum dvara_error_kind)(kept - TRUTH_ERROR);
    return DVARA_ERRED;
}

size_t dvara_bundle_recorded_atoms(const struct dvara_bundle *bundle)
{
    return bundle->n_recorded;
}

/* An atom of the request as sent, asked now if it is cheap: a look-up of the index may have
 * answered for it. */
static void ask_cheap(struct dvara_run *run, const struct bundle_recorded_atom *atom)
{
    if (atom->is_cheap && memo_get(&run->atoms, atom->atom) == TRUTH_UNKNOWN)
        (void)run_atom(run, run->bundle->atoms[atom->atom].block);
}

void run_keep_sent(struct dvara_run *run)
{
    const struct dvara_bundle *bundle = run->bundle;
    uint8_t *truths = ARENA_ARRAY(run->arena, bundle->n_recorded, uint8_t);
    for (uint32_t i = 0; truths && i < bundle->n_recorded; i++) {
        const struct bundle_recorded_atom *atom = &bundle->recorded[i];
        if (!bundle->rewritable[bundle->atoms[atom->atom].block])
            continue;
        ask_cheap(run, atom);
        truths[i] = memo_get(&run->atoms, atom->atom);
    }
    run->exhausted = run->exhausted || !truths;
    run->sent_atoms = truths;
}

/* Of what was rewritten, the truth before that. */
static bool sent_atom(const struct dvara_run *run, size_t index, struct dvara_atom_truth *ret_truth)
{
    static const uint8_t truths[] = {DVARA_UNKNOWN, DVARA_FALSE, DVARA_TRUE};
    const struct bundle_recorded_atom *atom = &run->bundle->recorded[index];
    uint32_t reads = run->bundle->rewritable[run->bundle->atoms[atom->atom].block];
    uint8_t kept = run->sent_atoms && reads & run->rewritten ? run->sent_atoms[index] : UINT8_MAX;
    if (kept == UINT8_MAX)
        return false;
    *ret_truth =
        (struct dvara_atom_truth){atom->mark, kept >= TRUTH_ERROR ? DVARA_ERRED : truths[kept],
                                  kept >= TRUTH_ERROR ? kept - TRUTH_ERROR : 0};
    return true;
}

bool dvara_run_recorded_atom(struct dvara_run *run, size_t index,
                             struct dvara_atom_truth *ret_truth)
{
    const struct bundle_recorded_atom *atom = &run->bundle->recorded[index];
    if (sent_atom(run, index, ret_truth))
        return ret_truth->truth != DVARA_UNKNOWN;
    ask_cheap(run, atom);
    enum dvara_error_kind kind = DVARA_ERROR_NONE;
    enum dvara_truth truth = dvara_run_atom(run, atom->atom, &kind);
    const void *kept = run->kept && atom->screen ? run->kept[atom->screen->kept] : NULL;
    if (truth == DVARA_UNKNOWN && kept)
        truth = index_screen_row(atom->screen, kept, atom->row) ? DVARA_TRUE : DVARA_FALSE;
    *ret_truth = (struct dvara_atom_truth){atom->mark, (uint8_t)truth, (uint8_t)kind};
    return truth != DVARA_UNKNOWN;
}

void dvara_run_trace(struct dvara_run *run, const struct dvara_trace *trace)
{
    run->trace = trace;
}

/* Room for the value of a slot; NULL when the arena is exhausted. */
static struct value *let_place(struct dvara_run *run, uint32_t slot)
{
    struct value **page = &run->lets[slot / RUN_LETS];
    if (!*page)
        *page = ARENA_ARRAY(run->arena, RUN_LETS, struct value);
    return *page ? *page + slot % RUN_LETS : NULL;
}

struct value run_let(struct dvara_run *run, uint32_t block)
{
    uint32_t slot = run->bundle->memo[block];
    if (memo_get(&run->let_known, slot))
        return run->lets[slot / RUN_LETS][slot % RUN_LETS];
    bool before = replay_begin(run);
    struct value v = run_block(run, block);
    if (replay_end_value(run, before))
        return v; /* not kept: who reads it again must see that it is not known */
    struct value *place = let_place(run, slot);
    if (place) {
        *place = v;
        run_keep(run, &run->let_known, slot, true);
        touch(run, block);
    }
    run->exhausted = run->exhausted || !place;
    return v;
}

struct frame {
    const struct instruction *code;
    const uint8_t *types; /* by instruction: the type in register b */
    struct value *regs;
};

static bool run_code(struct dvara_run *run, const struct frame *frame, uint32_t from, uint32_t end);

/* Folds the body's value into what the quantifier knows; true once nothing can change it. */
static bool fold(uint8_t op, struct value body, struct value *known)
{
    if (op == OP_COUNT) {
        if (value_is_error(body) || value_is_error(*known))
            *known = value_first_error(*known, body);
        else
            known->i += body.i;
        return false;
    }
    if (op == OP_ALL) {
        *known = value_and(*known, body);
        return value_is_false(*known);
    }
    *known = value_or(*known, body);
    return value_is_true(*known);
}

/* ANY, ALL, NO, COUNT over the body's instructions. False: the step budget is spent. */
static __attribute__((noinline)) bool loop(struct dvara_run *run, const struct frame *frame,
                                           uint32_t at)
{
    const struct instruction *i = &frame->code[at];
    struct value list = frame->regs[i->b];
    struct value known = value_int(i->op == OP_ALL);
    if (value_is_error(list)) {
        frame->regs[i->a] = list;
        return true;
    }
    for (size_t n = 0; n < list.l.n; n++) {
        frame->regs[i->c] = list_item(list.l, frame->types[at], n);
        if (!run_charge(run, 1) || !run_code(run, frame, at + 1, i->imm))
            return false;
        if (fold(i->op, frame->regs[i->a], &known))
            break;
    }
    frame->regs[i->a] = i->op == OP_NO ? value_not(known) : known;
    return true;
}

/* What is rare stands apart: the loop below keeps its registers. */
static __attribute__((noinline)) void first_error(const struct value *b, const struct value *c,
                                                  struct value *ret)
{
    *ret = value_first_error(*b, *c);
}

static __attribute__((noinline)) void both(const struct value *b, const struct value *c,
                                           struct value *ret)
{
    *ret = value_and(*b, *c);
}

static __attribute__((noinline)) void either(const struct value *b, const struct value *c,
                                             struct value *ret)
{
    *ret = value_or(*b, *c);
}

/* Instructions [from, end) of a block. False: the step budget is spent. The one long function of
 * the engine: a dispatch loop is a table, and reads best whole. */
static bool run_code(struct dvara_run *run, const struct frame *frame, uint32_t from, uint32_t end)
{
    struct value *regs = frame->regs;
    for (uint32_t at = from; at < end;) {
        const struct instruction *i = &frame->code[at];
        uint8_t type = frame->types[at];
        struct value *a = &regs[i->a];
        const struct value *b = &regs[i->b], *c = &regs[i->c];
        if (++run->steps > DVARA_MAX_STEPS)
            return false;
        at++;
        switch ((enum op)i->op) {
        case OP_LOAD:
            run_attribute(run, i->b, i->imm, a);
            break;
        case OP_CONST:
            *a = run->bundle->constants[i->imm];
            break;
        case OP_LIST:
            *a = (struct value){.l = run->bundle->lists[i->imm].values};
            break;
        case OP_RUNTIME:
            *a = operator_runtime_list(run, i->imm);
            break;
        case OP_ATOM:
            set_truth(a, atom(run, i->imm));
            break;
        case OP_LET:
            *a = run_let(run, i->imm);
            break;
        case OP_FIELD:
            *a = is_error(b) ? *b : operator_field(*b, i->c);
            break;
        case OP_NOT:
            if (is_error(b))
                *a = *b;
            else
                set_number(a, !b->i);
            break;
        case OP_AND:
            if (is_error(b) || is_error(c))
                both(b, c, a);
            else
                set_number(a, b->i && c->i);
            break;
        case OP_OR:
            if (is_error(b) || is_error(c))
                either(b, c, a);
            else
                set_number(a, b->i || c->i);
            break;
        case OP_JUMP_FALSE:
            if (a->state == VALUE_PRESENT && !a->i)
                at = i->imm;
            break;
        case OP_JUMP_TRUE:
            if (a->state == VALUE_PRESENT && a->i)
                at = i->imm;
            break;
        case OP_HAS:
            if (is_error(b))
                *a = *b;
            else
                set_number(a, b->state == VALUE_PRESENT);
            break;
        case OP_UNWRAP:
            *a = b->state == VALUE_ABSENT ? value_error(DVARA_ERROR_ARITHMETIC) : *b;
            break;
        case OP_COALESCE:
            *a = b->state == VALUE_ABSENT ? *c : *b;
            break;
        case OP_EQ:
        case OP_NE:
        case OP_LT:
        case OP_LE:
        case OP_GT:
        case OP_GE:
            if (is_error(b) || is_error(c))
                first_error(b, c, a);
            else
                set_number(a, operator_compares(i->op, type, b, c));
            break;
        case OP_MIN:
        case OP_MAX:
            if (is_error(b) || is_error(c))
                first_error(b, c, a);
            else
                *a = (operator_order(type, b, c) <= 0) == (i->op == OP_MIN) ? *b : *c;
            break;
        case OP_ADD:
        case OP_SUB:
        case OP_MUL:
        case OP_SCALE:
            if (is_error(b) || is_error(c))
                first_error(b, c, a);
            else
                operator_arithmetic(run, i->op, type, b, c, a);
            break;
        case OP_NEG:
        case OP_ABS:
            if (is_error(b))
                *a = *b;
            else
                operator_arithmetic(run, i->op, type, b, b, a);
            break;
        case OP_IN_SET:
            if (is_error(b))
                *a = *b;
            else
                set_number(a, set_has(&run->bundle->lists[i->imm], *b));
            break;
        case OP_IN_LIST:
            if (is_error(b) || is_error(c))
                first_error(b, c, a);
            else
                *a = operator_in_list(run, type, *b, c->l);
            break;
        case OP_CONTAINS:
        case OP_STARTS_WITH:
        case OP_ENDS_WITH:
            if (is_error(b) || is_error(c))
                first_error(b, c, a);
            else
                *a = operator_search(run, i->op, b->s, c->s);
            break;
        case OP_GLOB:
            *a = is_error(b) ? *b : operator_glob(run, b->s, i->imm);
            break;
        case OP_MATCHES:
            *a = is_error(b) ? *b : scan_matches(run, i->imm, b->s);
            break;
        case OP_WITHIN:
            *a = is_error(b) ? *b : operator_within(run, b->s, i->imm);
            break;
        case OP_COUNT_POINTS:
            *a = is_error(b) ? *b : operator_count_points(run, b->s);
            break;
        case OP_COUNT_ITEMS:
            *a = is_error(b) ? *b : value_int((int64_t)b->l.n);
            break;
        case OP_LOWER:
        case OP_UPPER:
        case OP_TRIM:
            *a = is_error(b) ? *b : operator_change(run, i->op, b->s);
            break;
        case OP_FIRST:
            *a = is_error(b) ? *b : operator_first(b->l, type);
            break;
        case OP_HOUR:
        case OP_WEEKDAY:
        case OP_DATE:
            *a = operator_calendar(run, i->op, i->imm);
            break;
        case OP_BETWEEN:
            *a = operator_between(run, i->imm);
            break;
        case OP_BUCKET:
            *a = is_error(b) ? *b : value_int(text_bucket(b->s, i->imm));
            break;
        case OP_JSON:
            *a = is_error(b) ? *b : operator_json(run, b->s, i->imm);
            break;
        case OP_ANY:
        case OP_ALL:
        case OP_NO:
        case OP_COUNT:
            if (!loop(run, frame, at - 1))
                return false;
            at = i->imm;
            break;
        case OP_RETURN:
            return true;
        case OP_COUNT_ALL:
            break;
        }
    }
    return true;
}

/* Runs a block; the register that holds its value, or NULL: the step budget is spent. */
static const struct value *block_value(struct dvara_run *run, uint32_t block)
{
    const struct bundle_program *program = &run->bundle->program;
    const struct bundle_block *row = &program->tables.blocks[block];
    struct dvara_vm *vm = run->vm;
    struct frame frame = {program->code + row->code_first, program->types + row->code_first,
                          vm->stack + vm->top};
    if (run_has_fault(run, DVARA_ERROR_STEPS))
        return NULL;
    assert(vm->top + OP_REGISTERS <= STACK);
    vm->top += row->registers;
    bool done = run_code(run, &frame, 0, row->code_count);
    vm->top -= row->registers;
    return done ? &frame.regs[frame.code[row->code_count - 1].a] : NULL;
}

struct value run_block(struct dvara_run *run, uint32_t block)
{
    const struct value *v = block_value(run, block);
    return v ? *v : value_error(DVARA_ERROR_STEPS);
}

static uint8_t run_truth(struct dvara_run *run, uint32_t block)
{
    const struct value *v = block_value(run, block);
    return v ? truth_of(v) : (uint8_t)(TRUTH_ERROR + DVARA_ERROR_STEPS);
}

struct value run_condition(struct dvara_run *run, uint32_t block)
{
    return block == BUNDLE_ABSENT ? value_bool(true) : value_of_truth(run_truth(run, block));
}

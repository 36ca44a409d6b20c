/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/machine.h"

#include "base/time.h"
#include "dvara/limits.h"
#include "pattern/set.h"
#include "vm/attribute.h"
#include "vm/json_value.h"
#include "vm/scan.h"
#include "vm/text.h"
#include "vm/trace.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum {
    STACK = (OP_CALL_DEPTH + 4) * OP_REGISTERS, /* an operand that is no register still indexes */
    ATOM_UNKNOWN = 0,
    ATOM_FALSE = 1,
    ATOM_TRUE = 2,
    ATOM_ERROR = 3 /* + kind */
};

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
    if (vm->stack && vm->stamps && vm->candidates)
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

static uint64_t text_steps(struct dvara_str s)
{
    return s.n / DVARA_STEP_TEXT_BYTES;
}

void run_forget(struct dvara_run *run, uint32_t depends)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < run->n_touched; i++) {
        uint32_t block = run->touched[i];
        const struct bundle_block *row = &run->bundle->program.tables.blocks[block];
        if (!(row->depends & depends))
            run->touched[kept++] = block;
        else if (row->kind == BUNDLE_BLOCK_ATOM)
            run_keep(run, &run->atoms, run->bundle->memo[block], ATOM_UNKNOWN);
        else
            run_keep(run, &run->let_known, run->bundle->memo[block], false);
    }
    run->n_touched = kept;
}

static void touch(struct dvara_run *run, uint32_t block)
{
    if (run->bundle->program.tables.blocks[block].depends)
        RUN_PUSH(run, touched, block);
}

static struct value atom(struct dvara_run *run, uint32_t block)
{
    uint32_t slot = run->bundle->memo[block];
    uint8_t kept = memo_get(&run->atoms, slot);
    if (kept >= ATOM_ERROR)
        return value_error((enum dvara_error_kind)(kept - ATOM_ERROR));
    if (kept != ATOM_UNKNOWN)
        return value_bool(kept == ATOM_TRUE);
    bool held = run->windowed && run->live->held[slot];
    struct value v = held ? value_bool(true) : run_block(run, block);
    if (run->windowed && !value_is_error(v) && v.i)
        run->live->held[slot] = 1;
    run_keep(run, &run->atoms, slot,
             (uint8_t)(value_is_error(v) ? ATOM_ERROR + v.kind
                       : v.i             ? ATOM_TRUE
                                         : ATOM_FALSE));
    touch(run, block);
    trace_atom(run, block, v);
    return v;
}

enum dvara_truth dvara_run_atom(const struct dvara_run *run, uint32_t index,
                                enum dvara_error_kind *ret_kind)
{
    static const uint8_t truths[] = {DVARA_UNKNOWN, DVARA_FALSE, DVARA_TRUE};
    assert(index < run->bundle->n_atoms);
    uint8_t kept = memo_get(&run->atoms, index);
    if (kept < ATOM_ERROR)
        return (enum dvara_truth)truths[kept];
    if (ret_kind)
        *ret_kind = (enum dvara_error_kind)(kept - ATOM_ERROR);
    return DVARA_ERRED;
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
    struct value v = run_block(run, block);
    struct value *place = let_place(run, slot);
    if (place) {
        *place = v;
        run_keep(run, &run->let_known, slot, true);
        touch(run, block);
    }
    run->exhausted = run->exhausted || !place;
    return v;
}

static struct value constant(const struct dvara_run *run, uint32_t index)
{
    const struct bundle_const *row = &run->bundle->program.tables.consts[index];
    if (row->type == DVARA_TYPE_STRING)
        return value_str(run->bundle->program.strings[row->bits]);
    return value_int(row->bits); /* a double's bits stand in the same place */
}

static struct value runtime_list(const struct dvara_run *run, uint32_t index)
{
    const struct bundle_runtime *row = &run->bundle->program.tables.runtimes[index];
    struct dvara_str name = run->bundle->program.strings[row->name];
    if (run_has_fault(run, DVARA_ERROR_LIST))
        return value_error(DVARA_ERROR_LIST);
    for (size_t i = 0; i < run->facts->n_lists; i++) {
        const struct dvara_list_state *list = &run->facts->lists[i];
        if (dvara_str_eq(list->name, name))
            return list->values.n > DVARA_MAX_LIST ? value_error(DVARA_ERROR_LIST)
                                                   : value_of_list(list->values.v, list->values.n);
    }
    return (struct value){.l = run->bundle->lists[row->list].values};
}

static struct value field(struct value record, uint8_t id)
{
    const struct field_place *row = field_place(id);
    const char *place = (const char *)record.record + row->offset;
    if (row->type == DVARA_TYPE_BOOL)
        return value_bool(*(const bool *)place);
    struct dvara_str s = *(const struct dvara_str *)(const void *)place;
    return value_str(dvara_str_is_absent(s) ? DVARA_STR("") : s);
}

static struct value float_result(double f)
{
    return isfinite(f) ? value_float(f) : value_error(DVARA_ERROR_ARITHMETIC);
}

static struct value arithmetic(const struct dvara_run *run, uint8_t op, uint8_t type,
                               struct value b, struct value c)
{
    int64_t i = 0;
    bool over = false;
    if (run_has_fault(run, DVARA_ERROR_ARITHMETIC))
        return value_error(DVARA_ERROR_ARITHMETIC);
    if (type == DVARA_TYPE_FLOAT) {
        if (op == OP_ADD)
            return float_result(b.f + c.f);
        if (op == OP_SUB)
            return float_result(b.f - c.f);
        if (op == OP_MUL)
            return float_result(b.f * c.f);
        return float_result(op == OP_NEG ? -b.f : fabs(b.f));
    }
    if (op == OP_ADD)
        over = __builtin_add_overflow(b.i, c.i, &i);
    else if (op == OP_SUB)
        over = __builtin_sub_overflow(b.i, c.i, &i);
    else if (op == OP_MUL || op == OP_SCALE)
        over = __builtin_mul_overflow(b.i, c.i, &i);
    else if (op == OP_ABS && b.i >= 0)
        i = b.i;
    else
        over = __builtin_sub_overflow((int64_t)0, b.i, &i);
    return over ? value_error(DVARA_ERROR_ARITHMETIC) : value_int(i);
}

static struct value compare(uint8_t op, uint8_t type, struct value b, struct value c)
{
    if (op == OP_EQ || op == OP_NE)
        return value_bool(value_equal(type, b, c) == (op == OP_EQ));
    int order = value_compare(type, b, c);
    if (op == OP_MIN)
        return order <= 0 ? b : c;
    if (op == OP_MAX)
        return order >= 0 ? b : c;
    if (op == OP_LT)
        return value_bool(order < 0);
    if (op == OP_LE)
        return value_bool(order <= 0);
    return value_bool(op == OP_GT ? order > 0 : order >= 0);
}

static struct value in_list(struct dvara_run *run, uint8_t type, struct value b,
                            struct value_list list)
{
    for (size_t i = 0; i < list.n; i++) {
        if (!run_charge(run, 1))
            return value_error(DVARA_ERROR_STEPS);
        if (value_equal(type, b, list_item(list, type, i)))
            return value_bool(true);
    }
    return value_bool(false);
}

static struct value search(struct dvara_run *run, uint8_t op, struct dvara_str b,
                           struct dvara_str c)
{
    if (!run_charge(run, text_steps(b)))
        return value_error(DVARA_ERROR_STEPS);
    if (op == OP_STARTS_WITH)
        return value_bool(dvara_str_starts_with(b, c));
    if (op == OP_ENDS_WITH)
        return value_bool(dvara_str_ends_with(b, c));
    return scan_contains(run, b, c);
}

static struct value glob(struct dvara_run *run, struct dvara_str text, uint32_t index)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_globs *globs = &t->globs[index];
    for (uint32_t i = globs->first; i < globs->first + globs->count; i++) {
        if (!run_charge(run, 1 + text_steps(text)))
            return value_error(DVARA_ERROR_STEPS);
        if (text_glob(run->bundle->program.strings[t->patterns[i].text], text))
            return value_bool(true);
    }
    return value_bool(false);
}

/* Do the first `bits` bits agree? */
static bool net_has(const struct bundle_net *net, const unsigned char address[16])
{
    const uint32_t words[4] = {net->word0, net->word1, net->word2, net->word3};
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t bits = net->bits > 32 * i ? net->bits - 32 * i : 0;
        const unsigned char *p = address + 4 * i;
        uint32_t word = (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
        uint32_t mask = bits == 0 ? 0 : bits >= 32 ? UINT32_MAX : ~(UINT32_MAX >> bits);
        if ((word ^ words[i]) & mask)
            return false;
    }
    return true;
}

static struct value within(struct dvara_run *run, struct dvara_str text, uint32_t index)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_nets *nets = &t->netses[index];
    unsigned char address[16];
    if (run_has_fault(run, DVARA_ERROR_ADDRESS) || !text_address(text, address))
        return value_error(DVARA_ERROR_ADDRESS);
    for (uint32_t i = nets->first; i < nets->first + nets->count; i++) {
        if (!run_charge(run, 1))
            return value_error(DVARA_ERROR_STEPS);
        if (net_has(&t->nets[i], address))
            return value_bool(true);
    }
    return value_bool(false);
}

static struct value count_points(struct dvara_run *run, struct dvara_str s)
{
    int64_t n = 0;
    if (!run_charge(run, text_steps(s)))
        return value_error(DVARA_ERROR_STEPS);
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return value_int(n);
}

static struct value change(struct dvara_run *run, uint8_t op, struct dvara_str s)
{
    if (!run_charge(run, text_steps(s)))
        return value_error(DVARA_ERROR_STEPS);
    if (op == OP_TRIM)
        return value_str(text_trim(s));
    struct dvara_str out = op == OP_LOWER ? text_lower(s, run->arena) : text_upper(s, run->arena);
    return dvara_str_is_absent(out) ? value_error(DVARA_ERROR_STEPS) : value_str(out);
}

static struct value first_item(struct value_list list, uint8_t type)
{
    return list.n ? list_item(list, type, 0) : (struct value){.state = VALUE_ABSENT};
}

static int64_t local_seconds(const struct dvara_run *run, uint32_t zone)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    const struct bundle_zone *row = &t->zones[zone];
    int64_t ns = run->facts->request.time;
    int64_t seconds = ns / TIME_NS_PER_S - (ns % TIME_NS_PER_S < 0);
    uint32_t low = row->first, high = row->first + row->count;
    while (high - low > 1) { /* the last shift at or before; before the first, the first */
        uint32_t middle = low + (high - low) / 2;
        if (t->shifts[middle].at <= seconds)
            low = middle;
        else
            high = middle;
    }
    return seconds + t->shifts[low].offset;
}

static struct value calendar(struct dvara_run *run, uint8_t op, uint32_t zone)
{
    static const char days[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    struct civil c = text_civil(local_seconds(run, zone));
    if (op == OP_HOUR)
        return value_int(c.hour);
    if (op == OP_WEEKDAY)
        return value_str(dvara_str_from(days[c.weekday], 3));
    struct dvara_str s = arena_printf(run->arena, "%04d-%02u-%02u", (int)c.year, c.month, c.day);
    return dvara_str_is_absent(s) ? value_error(DVARA_ERROR_STEPS) : value_str(s);
}

static struct value between(struct dvara_run *run, uint32_t index)
{
    const struct bundle_period *period = &run->bundle->program.tables.periods[index];
    struct civil c = text_civil(local_seconds(run, period->zone));
    uint32_t now = c.hour * 60 + c.minute;
    if (period->from < period->to)
        return value_bool(now >= period->from && now < period->to);
    return value_bool(now >= period->from || now < period->to);
}

static struct value json(struct dvara_run *run, struct dvara_str text, uint32_t pointer)
{
    struct run_json *kept = &run->json;
    if (run_has_fault(run, DVARA_ERROR_JSON))
        return value_error(DVARA_ERROR_JSON);
    if (kept->text.p != text.p || kept->text.n != text.n || !text.p) {
        if (!run_charge(run, text_steps(text)))
            return value_error(DVARA_ERROR_STEPS);
        kept->text = text;
        kept->good = json_parse(text, 0, run->arena, &kept->doc, NULL) == DVARA_OK;
    }
    if (!kept->good)
        return value_error(DVARA_ERROR_JSON);
    return json_value(&kept->doc, run->bundle->program.strings[pointer], run->arena);
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
static bool loop(struct dvara_run *run, const struct frame *frame, uint32_t at)
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

/* Instructions [from, end) of a block. False: the step budget is spent. The one long function of
 * the engine: a dispatch loop is a table, and reads best whole. */
static bool run_code(struct dvara_run *run, const struct frame *frame, uint32_t from, uint32_t end)
{
    struct value *regs = frame->regs;
    for (uint32_t at = from; at < end;) {
        const struct instruction *i = &frame->code[at];
        uint8_t type = frame->types[at];
        struct value *a = &regs[i->a];
        struct value b = regs[i->b], c = regs[i->c];
        if (++run->steps > DVARA_MAX_STEPS)
            return false;
        at++;
        switch ((enum op)i->op) {
        case OP_LOAD:
            *a = run_attribute(run, i->b, i->imm);
            break;
        case OP_CONST:
            *a = constant(run, i->imm);
            break;
        case OP_LIST:
            *a = (struct value){.l = run->bundle->lists[i->imm].values};
            break;
        case OP_RUNTIME:
            *a = runtime_list(run, i->imm);
            break;
        case OP_ATOM:
            *a = atom(run, i->imm);
            break;
        case OP_LET:
            *a = run_let(run, i->imm);
            break;
        case OP_FIELD:
            *a = value_is_error(b) ? b : field(b, i->c);
            break;
        case OP_NOT:
            *a = value_not(b);
            break;
        case OP_AND:
            *a = value_and(b, c);
            break;
        case OP_OR:
            *a = value_or(b, c);
            break;
        case OP_JUMP_FALSE:
            if (value_is_false(*a))
                at = i->imm;
            break;
        case OP_JUMP_TRUE:
            if (value_is_true(*a))
                at = i->imm;
            break;
        case OP_HAS:
            *a = value_is_error(b) ? b : value_bool(b.state == VALUE_PRESENT);
            break;
        case OP_UNWRAP:
            *a = b.state == VALUE_ABSENT ? value_error(DVARA_ERROR_ARITHMETIC) : b;
            break;
        case OP_COALESCE:
            *a = b.state == VALUE_ABSENT ? c : b;
            break;
        case OP_EQ:
        case OP_NE:
        case OP_LT:
        case OP_LE:
        case OP_GT:
        case OP_GE:
        case OP_MIN:
        case OP_MAX:
            *a = value_is_error(b) || value_is_error(c) ? value_first_error(b, c)
                                                        : compare(i->op, type, b, c);
            break;
        case OP_ADD:
        case OP_SUB:
        case OP_MUL:
        case OP_SCALE:
            *a = value_is_error(b) || value_is_error(c) ? value_first_error(b, c)
                                                        : arithmetic(run, i->op, type, b, c);
            break;
        case OP_NEG:
        case OP_ABS:
            *a = value_is_error(b) ? b : arithmetic(run, i->op, type, b, b);
            break;
        case OP_IN_SET:
            *a = value_is_error(b) ? b : value_bool(set_has(&run->bundle->lists[i->imm], b));
            break;
        case OP_IN_LIST:
            *a = value_is_error(b) || value_is_error(c) ? value_first_error(b, c)
                                                        : in_list(run, type, b, c.l);
            break;
        case OP_CONTAINS:
        case OP_STARTS_WITH:
        case OP_ENDS_WITH:
            *a = value_is_error(b) || value_is_error(c) ? value_first_error(b, c)
                                                        : search(run, i->op, b.s, c.s);
            break;
        case OP_GLOB:
            *a = value_is_error(b) ? b : glob(run, b.s, i->imm);
            break;
        case OP_MATCHES:
            *a = value_is_error(b) ? b : scan_matches(run, i->imm, b.s);
            break;
        case OP_WITHIN:
            *a = value_is_error(b) ? b : within(run, b.s, i->imm);
            break;
        case OP_COUNT_POINTS:
            *a = value_is_error(b) ? b : count_points(run, b.s);
            break;
        case OP_COUNT_ITEMS:
            *a = value_is_error(b) ? b : value_int((int64_t)b.l.n);
            break;
        case OP_LOWER:
        case OP_UPPER:
        case OP_TRIM:
            *a = value_is_error(b) ? b : change(run, i->op, b.s);
            break;
        case OP_FIRST:
            *a = value_is_error(b) ? b : first_item(b.l, type);
            break;
        case OP_HOUR:
        case OP_WEEKDAY:
        case OP_DATE:
            *a = calendar(run, i->op, i->imm);
            break;
        case OP_BETWEEN:
            *a = between(run, i->imm);
            break;
        case OP_BUCKET:
            *a = value_is_error(b) ? b : value_int(text_bucket(b.s, i->imm));
            break;
        case OP_JSON:
            *a = value_is_error(b) ? b : json(run, b.s, i->imm);
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

struct value run_block(struct dvara_run *run, uint32_t block)
{
    const struct bundle_program *program = &run->bundle->program;
    const struct bundle_block *row = &program->tables.blocks[block];
    struct dvara_vm *vm = run->vm;
    struct frame frame = {program->code + row->code_first, program->types + row->code_first,
                          vm->stack + vm->top};
    if (run_has_fault(run, DVARA_ERROR_STEPS))
        return value_error(DVARA_ERROR_STEPS);
    assert(vm->top + OP_REGISTERS <= STACK);
    vm->top += row->registers;
    bool done = run_code(run, &frame, 0, row->code_count);
    vm->top -= row->registers;
    return done ? frame.regs[frame.code[row->code_count - 1].a] : value_error(DVARA_ERROR_STEPS);
}

struct value run_condition(struct dvara_run *run, uint32_t block)
{
    return block == BUNDLE_ABSENT ? value_bool(true) : run_block(run, block);
}

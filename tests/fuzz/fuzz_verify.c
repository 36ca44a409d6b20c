/* SPDX-License-Identifier: Apache-2.0 */
/* The verifier's promise: whatever it lets through runs without a fault and within its bounds. The
 * input edits the instructions and the table words of a right bundle by meaning (another opcode,
 * another register, another row, an instruction moved), so that much of it still verifies; what
 * verifies is costed, disassembled, and run in every phase on random facts. fuzz_bundle_edit does
 * the same to bytes. */
#include "base/arena.h"
#include "base/bytes.h"
#include "bundle/cost.h"
#include "bundle/disasm.h"
#include "bundle/loaded.h"
#include "dvara/engine.h"
#include "fuzz/made_bundle.h"
#include "vm/machine.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    EDIT_BYTES = 6,
    FACTS = 3,
    PROGRAMS = 16,
    TEXT_BYTES = 1 << 20,
    PRINT_BYTES = 64 << 20,
    FEW_REGISTERS = 12,
    /* What a run may charge for after its budget was spent: each block it still enters, once. */
    OVERRUN = 200000
};

static const struct dvara_bundle_options trust = {.trust_databases = true};
static struct buf programs[PROGRAMS];

/* One edit of the input. */
struct edit {
    uint8_t what;
    uint32_t place; /* of the instruction, or of the word */
    uint32_t value;
};

static char *section_bytes(struct buf *bundle, const struct made_sections *sections, uint32_t kind,
                           uint32_t *ret_n)
{
    for (uint32_t i = 0; i < sections->n; i++) {
        if (sections->v[i].kind == kind) {
            *ret_n = sections->v[i].length;
            return bundle->p + sections->v[i].offset;
        }
    }
    *ret_n = 0;
    return NULL;
}

static void move_instruction(char *code, uint32_t n, uint32_t at, uint32_t from)
{
    char kept[OP_SIZE];
    memcpy(kept, code + (size_t)at * OP_SIZE, OP_SIZE);
    memcpy(code + (size_t)at * OP_SIZE, code + (size_t)(from % n) * OP_SIZE, OP_SIZE);
    if (from & 1) /* a swap, not a copy */
        memcpy(code + (size_t)(from % n) * OP_SIZE, kept, OP_SIZE);
}

static void edit_code(char *code, uint32_t n, const struct edit *e)
{
    char *instruction = code + (size_t)(e->place % n) * OP_SIZE;
    switch (e->what % 6) {
    case 0:
        instruction[0] = (char)(e->value % OP_COUNT_ALL);
        break;
    case 1:
        instruction[1] = (char)(e->value % FEW_REGISTERS);
        break;
    case 2:
        instruction[2] = (char)(e->value % FEW_REGISTERS);
        break;
    case 3:
        instruction[3] = (char)(e->value % FEW_REGISTERS);
        break;
    case 4:
        bytes_put32(instruction + 4, e->value % 4096);
        break;
    default:
        move_instruction(code, n, e->place % n, e->value);
    }
}

/* A number in a row: of another row, one more or less, or none. */
static void edit_table(char *rows, uint32_t n_bytes, const struct edit *e)
{
    static const uint32_t near[] = {1, UINT32_MAX, 2, 0};
    char *word = rows + (size_t)(e->place % (n_bytes / 4)) * 4;
    if (e->value % 3 == 0)
        bytes_put32(word, BUNDLE_ABSENT);
    else if (e->value % 3 == 1)
        bytes_put32(word, bytes_get32(word) + near[e->value / 3 % 4]);
    else
        bytes_put32(word, e->value / 3 % 256);
}

static void edit(struct buf *bundle, struct dvara_str edits)
{
    struct made_sections sections;
    made_sections(bundle, &sections);
    for (size_t i = 0; i + EDIT_BYTES <= edits.n; i += EDIT_BYTES) {
        const unsigned char *p = (const unsigned char *)edits.p + i;
        const struct edit e = {p[0], p[1] | (uint32_t)p[2] << 8, p[4] | (uint32_t)p[5] << 8};
        bool in_code = e.what < 160;
        uint32_t n, kind = in_code ? SECTION_CODE : SECTION_TABLE + p[3] % BUNDLE_TABLE_COUNT;
        char *bytes = section_bytes(bundle, &sections, kind, &n);
        if (in_code && n >= OP_SIZE)
            edit_code(bytes, n / OP_SIZE, &e);
        else if (!in_code && n >= 4)
            edit_table(bytes, n, &e);
    }
    made_seal(bundle, &sections);
}

/* Everything in a decision is in range, and the run stayed within its budget. */
static void look(const struct dvara_bundle *bundle, const struct dvara_run *run)
{
    const struct dvara_decision *decision = dvara_run_decision(run);
    uint32_t rules = bundle->program.tables.n_rules;
    assert(decision->verdict <= DVARA_VERDICT_APPROVAL);
    assert(decision->verdict != DVARA_VERDICT_DENY ||
           (decision->status >= 400 && decision->status < 600 && decision->code.n > 0));
    assert(decision->steps <= DVARA_MAX_STEPS + OVERRUN);
    assert(run->vm->top == 0);
    for (size_t i = 0; i < decision->n_rules; i++)
        assert(decision->rules[i] < rules);
    for (size_t i = 0; i < decision->n_matched; i++)
        assert(decision->matched[i].rule < rules && decision->matched[i].mode < DVARA_MODE_COUNT);
    for (size_t i = 0; i < decision->n_errors; i++)
        assert(decision->errors[i].kind < DVARA_ERROR_COUNT);
}

static void print(const struct dvara_bundle *bundle)
{
    uint64_t *steps;
    struct arena arena;
    struct buf out;
    arena_init(&arena, PRINT_BYTES);
    buf_init(&out, PRINT_BYTES);
    if (cost_rules(&bundle->program, &arena, &steps) == DVARA_OK)
        for (uint32_t i = 0; i < bundle->program.tables.n_rules; i++)
            buf_printf(&out, "%llu\n", (unsigned long long)steps[i]);
    disasm_tables(&bundle->program, &out);
    disasm_code(&bundle->program, &out);
    disasm_index(&bundle->program, &out);
    assert(!buf_failed(&out));
    buf_clear(&out);
    arena_clear(&arena);
}

static void compile(uint64_t seed, struct buf *out)
{
    struct buf text;
    buf_init(&text, TEXT_BYTES);
    made_text(seed, &text);
    made_bundle(buf_str(&text), out);
    buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvara_bundle_error error;
    struct dvara_bundle *loaded;
    struct buf bytes;
    for (size_t i = 0; i < PROGRAMS && !programs[PROGRAMS - 1].p; i++)
        compile(i, &programs[i]);
    if (size == 0)
        return 0;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    buf_append(&bytes, buf_str(&programs[data[0] % PROGRAMS]));
    edit(&bytes, dvara_str_from((const char *)data + 1, size - 1));
    if (dvara_bundle_load(buf_str(&bytes), &trust, &error, &loaded) == DVARA_OK) {
        print(loaded);
        made_run(loaded, data[0], FACTS, look);
        dvara_bundle_free(loaded);
    } else {
        assert(error.text[0]);
    }
    buf_clear(&bytes);
    return 0;
}

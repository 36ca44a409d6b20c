/* SPDX-License-Identifier: Apache-2.0 */
/* What an atom says, as 64 bits: its code with every operand in place of its number, so that two
 * bundles that say the same call it the same. Detectors and runtime lists stand by their names. */
#include "bundle/atoms.h"

#include "base/bytes.h"
#include "base/hash.h"
#include "bundle/rewritable.h"
#include "pattern/sources.h"
#include "pii/detectors.h"
#include "vm/attribute.h"

#include <stdlib.h>

struct marker {
    const struct dvara_bundle *bundle;
    const struct pattern_source *patterns;
    size_t n_patterns;
    uint64_t *marks; /* by block; 0: not made yet */
};

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

static void add_string(const struct marker *m, struct hash_state *state, uint32_t string)
{
    add_text(state, bundle_text(m->bundle, string));
}

static void add_const(const struct marker *m, struct hash_state *state, uint32_t index)
{
    const struct bundle_const *row = &m->bundle->program.tables.consts[index];
    add_number(state, row->type);
    if (row->type == DVARA_TYPE_STRING)
        add_string(m, state, (uint32_t)row->bits);
    else
        add_number(state, (uint64_t)row->bits);
}

static void add_list(const struct marker *m, struct hash_state *state, uint32_t index)
{
    const struct bundle_tables *t = &m->bundle->program.tables;
    const struct bundle_list *row = &t->lists[index];
    add_number(state, row->count);
    for (uint32_t i = row->first; i < row->first + row->count; i++)
        add_const(m, state, t->elements[i].constant);
}

static void add_globs(const struct marker *m, struct hash_state *state, uint32_t index)
{
    const struct bundle_tables *t = &m->bundle->program.tables;
    const struct bundle_globs *row = &t->globs[index];
    for (uint32_t i = row->first; i < row->first + row->count; i++)
        add_string(m, state, t->patterns[i].text);
}

static void add_nets(const struct marker *m, struct hash_state *state, uint32_t index)
{
    const struct bundle_tables *t = &m->bundle->program.tables;
    const struct bundle_nets *row = &t->netses[index];
    for (uint32_t i = row->first; i < row->first + row->count; i++) {
        const struct bundle_net *net = &t->nets[i];
        add_number(state, (uint64_t)net->word0 << 32 | net->word1);
        add_number(state, (uint64_t)net->word2 << 32 | net->word3);
        add_number(state, net->bits);
    }
}

static void add_regex(const struct marker *m, struct hash_state *state, uint32_t index)
{
    if (index < m->n_patterns) {
        add_number(state, m->patterns[index].flags);
        add_text(state, m->patterns[index].source);
    }
}

static void add_group(const struct marker *m, struct hash_state *state, uint32_t index)
{
    const struct bundle_tables *t = &m->bundle->program.tables;
    const struct bundle_group *row = &t->groups[index];
    add_number(state, m->bundle->detectors_mark); /* what others claim is no finding of these */
    for (uint32_t i = row->first; i < row->first + row->count; i++) {
        add_text(state, detectors_name(m->bundle->detectors, t->members[i].detector));
        add_number(state, t->members[i].threshold);
    }
}

static void add_argument(const struct marker *m, struct hash_state *state,
                         const struct instruction *at)
{
    enum dvara_arg arg = (enum dvara_arg)attribute_place(at->b)->arg;
    if (arg == DVARA_ARG_GROUP)
        add_group(m, state, at->imm);
    else if (arg != DVARA_ARG_NONE)
        add_string(m, state, at->imm);
}

static void add_period(const struct marker *m, struct hash_state *state, uint32_t index)
{
    const struct bundle_tables *t = &m->bundle->program.tables;
    add_number(state, t->periods[index].from);
    add_number(state, t->periods[index].to);
    add_string(m, state, t->zones[t->periods[index].zone].name);
}

static uint64_t mark(const struct marker *m, uint32_t block);

static void add_immediate(const struct marker *m, struct hash_state *state,
                          const struct instruction *at)
{
    const struct bundle_tables *t = &m->bundle->program.tables;
    switch ((enum op_immediate)op_row(at->op)->imm) {
    case IMM_NONE:
    case IMM_JUMP:
    case IMM_BODY:
    case IMM_MODULUS:
        add_number(state, at->imm);
        return;
    case IMM_ARG:
        add_argument(m, state, at);
        return;
    case IMM_CONST:
        add_const(m, state, at->imm);
        return;
    case IMM_LIST:
    case IMM_SET:
        add_list(m, state, at->imm);
        return;
    case IMM_RUNTIME:
        add_string(m, state, t->runtimes[at->imm].name);
        return;
    case IMM_GLOBS:
        add_globs(m, state, at->imm);
        return;
    case IMM_NETS:
        add_nets(m, state, at->imm);
        return;
    case IMM_REGEX:
        add_regex(m, state, at->imm);
        return;
    case IMM_STRING:
        add_string(m, state, at->imm);
        return;
    case IMM_ZONE:
        add_string(m, state, t->zones[at->imm].name);
        return;
    case IMM_PERIOD:
        add_period(m, state, at->imm);
        return;
    case IMM_ATOM:
    case IMM_LET:
        add_number(state, mark(m, at->imm));
        return;
    case IMM_COUNT:
        return;
    }
}

/* Calls go to blocks with smaller numbers, and nest as deep as the verifier allows. */
static uint64_t mark(const struct marker *m, uint32_t block)
{
    static const struct hash_key key = {UINT64_C(0x6476617261617431), UINT64_C(0x61746f6d6d61726b)};
    const struct bundle_program *program = &m->bundle->program;
    const struct bundle_block *row = &program->tables.blocks[block];
    struct hash_state state;
    if (m->marks[block])
        return m->marks[block];
    hash_init(&state, &key);
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &program->code[i];
        char words[4] = {(char)at->op, (char)at->a, (char)at->b, (char)at->c};
        hash_update(&state, dvara_str_from(words, sizeof words));
        add_immediate(m, &state, at);
    }
    uint64_t made = hash_end(&state);
    m->marks[block] = made ? made : 1;
    return m->marks[block];
}

/* On the request alone: what its target, a tool call or an answer changes is not known when a
 * decision is recorded, and what reads the model can be judged again, since the record has it. */
static bool is_recorded(const struct dvara_bundle *bundle, const struct bundle_atom *atom)
{
    const uint32_t later = BUNDLE_DEPENDS_TARGET | BUNDLE_DEPENDS_TOOL | BUNDLE_DEPENDS_RESPONSE |
                           BUNDLE_DEPENDS_MODEL;
    return atom->is_content && !atom->is_let &&
           !(bundle->program.tables.blocks[atom->block].depends & later);
}

/* The rows of a stratum's screens, by atom. What a rewriting may change is asked again. */
static void note_places(const struct dvara_bundle *bundle, enum stratum stratum,
                        struct bundle_recorded_atom *places)
{
    const struct index_atoms *atoms = &bundle->index.strata[stratum].atoms;
    for (uint32_t s = 0; s < atoms->n_screens; s++) {
        const struct index_screen *screen = &atoms->screens[s];
        for (uint32_t i = 0; screen->kept != INDEX_UNKEPT && i < screen->n; i++) {
            uint32_t block = screen->blocks[i];
            bool changes =
                (bundle->program.tables.blocks[block].depends & BUNDLE_DEPENDS_REWRITE) != 0;
            if (stratum != STRATUM_REWRITE || !changes)
                places[bundle->memo[block]] =
                    (struct bundle_recorded_atom){.screen = screen, .row = i};
        }
    }
}

static bool place_atoms(struct dvara_bundle *bundle)
{
    struct bundle_recorded_atom *places = calloc(bundle->n_atoms + (size_t)1, sizeof *places);
    if (!places)
        return false;
    note_places(bundle, STRATUM_TARGET, places); /* judged last, and not always */
    note_places(bundle, STRATUM_REWRITE, places);
    note_places(bundle, STRATUM_REQUEST, places);
    for (uint32_t i = 0; i < bundle->n_recorded; i++) {
        struct bundle_recorded_atom *atom = &bundle->recorded[i];
        atom->screen = places[atom->atom].screen;
        atom->row = places[atom->atom].row;
    }
    free(places);
    return true;
}

/* Does the block ask only single values that a client sent? Those are what the index looks up in
 * the place of atoms (lang/generate_subject.c). `dear`: of the blocks before it. */
static bool is_dear(const struct bundle_program *program, uint32_t block, const uint8_t *dear)
{
    const struct bundle_block *row = &program->tables.blocks[block];
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &program->code[i];
        const struct attribute_place *place = at->op == OP_LOAD ? attribute_place(at->b) : NULL;
        if (at->op == OP_JSON || at->op == OP_ATOM ||
            (at->op == OP_FIELD && at->c != DVARA_FIELD_TOOL_NAME) ||
            (at->op == OP_LET && (at->imm >= block || dear[at->imm])))
            return true;
        if (place && at->b != DVARA_ATTR_REQUEST_TOOLS &&
            (place->taint >= DVARA_TAINT_CONTENT || place->arg == DVARA_ARG_GROUP))
            return true;
    }
    return false;
}

static uint8_t *note_costs(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    uint8_t *dear = ARENA_ARRAY(&bundle->arena, t->n_blocks, uint8_t);
    for (uint32_t i = 0; dear && i < t->n_blocks; i++)
        dear[i] = is_dear(&bundle->program, i, dear);
    return dear;
}

static void note_detectors(const struct bundle_file *file, struct dvara_bundle *bundle)
{
    static const struct hash_key key = {UINT64_C(0x6476617261646574), UINT64_C(0x656374726d61726b)};
    struct dvara_str section = bundle_file_section(file, SECTION_DETECTORS);
    if (section.n)
        bundle->detectors_mark = hash_bytes(&key, section) | 1;
}

static int compare_marks(const void *left, const void *right)
{
    const struct bundle_recorded_atom *a = left, *b = right;
    return (a->mark > b->mark) - (a->mark < b->mark);
}

static bool sort_marks(struct dvara_bundle *bundle)
{
    bundle->by_mark = ARENA_ARRAY(&bundle->arena, bundle->n_recorded, struct bundle_recorded_atom);
    if (!bundle->by_mark)
        return false;
    if (bundle->n_recorded)
        memcpy(bundle->by_mark, bundle->recorded, bundle->n_recorded * sizeof *bundle->by_mark);
    qsort(bundle->by_mark, bundle->n_recorded, sizeof *bundle->by_mark, compare_marks);
    return true;
}

bool atoms_mark(const struct bundle_file *file, struct dvara_bundle *bundle)
{
    struct pattern_source *patterns = NULL;
    struct marker m = {.bundle = bundle};
    struct dvara_str section = bundle_file_section(file, SECTION_PATTERNS);
    m.marks = ARENA_ARRAY(&bundle->arena, bundle->program.tables.n_blocks, uint64_t);
    bundle->recorded = ARENA_ARRAY(&bundle->arena, bundle->n_atoms, struct bundle_recorded_atom);
    const uint8_t *dear = note_costs(bundle);
    if (!m.marks || !bundle->recorded || !dear || !rewritable_note(bundle))
        return false;
    if (section.n &&
        pattern_sources_decode(section, &bundle->arena, &patterns, &m.n_patterns) != DVARA_OK)
        return false;
    m.patterns = patterns;
    note_detectors(file, bundle);
    for (uint32_t i = 0, cheap = 0; i < bundle->n_atoms; i++) {
        uint32_t block = bundle->atoms[i].block;
        if (!is_recorded(bundle, &bundle->atoms[i]))
            continue;
        bool is_cheap = cheap < DVARA_MAX_CHEAP_ATOMS && !dear[block];
        cheap += is_cheap;
        bundle->recorded[bundle->n_recorded++] =
            (struct bundle_recorded_atom){.atom = i, .mark = mark(&m, block), .is_cheap = is_cheap};
    }
    return place_atoms(bundle) && sort_marks(bundle);
}

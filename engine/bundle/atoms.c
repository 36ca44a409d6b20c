/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/atoms.h"

#include "dvara/trace.h"
#include "vm/attribute.h"

#include <assert.h>

/* What detectors found in a text tells of the text, whatever its own taint. */
static bool is_content(uint8_t attribute)
{
    const struct attribute_place *place = attribute_place(attribute);
    return place->taint != DVARA_TAINT_OPERATOR || place->arg == DVARA_ARG_GROUP;
}

/* Blocks stand before those that call them: what a block calls is known. */
static bool reads_content(const struct bundle_program *program, uint32_t block,
                          const uint8_t *content)
{
    const struct bundle_block *row = &program->tables.blocks[block];
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &program->code[i];
        if (at->op == OP_LOAD && is_content(at->b))
            return true;
        if ((at->op == OP_ATOM || at->op == OP_LET) && (at->imm >= block || content[at->imm]))
            return true;
    }
    return false;
}

static bool calls(const struct bundle_program *program, uint32_t block)
{
    const struct bundle_block *row = &program->tables.blocks[block];
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        if (program->code[i].op == OP_ATOM)
            return true;
    }
    return false;
}

bool atoms_build(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    uint8_t *content = ARENA_ARRAY(&bundle->arena, t->n_blocks, uint8_t);
    bundle->atoms = ARENA_ARRAY(&bundle->arena, bundle->n_atoms, struct bundle_atom);
    if (!content || !bundle->atoms)
        return false;
    for (uint32_t i = 0; i < t->n_blocks; i++) {
        content[i] = reads_content(&bundle->program, i, content);
        if (t->blocks[i].kind == BUNDLE_BLOCK_ATOM)
            bundle->atoms[bundle->memo[i]] =
                (struct bundle_atom){i, calls(&bundle->program, i), content[i]};
    }
    return true;
}

size_t dvara_bundle_atoms(const struct dvara_bundle *bundle)
{
    return bundle->n_atoms;
}

struct dvara_atom_info dvara_bundle_atom(const struct dvara_bundle *bundle, uint32_t index)
{
    assert(index < bundle->n_atoms);
    const struct bundle_atom *atom = &bundle->atoms[index];
    return (struct dvara_atom_info){
        bundle_text(bundle, bundle->program.tables.blocks[atom->block].text), atom->is_let,
        atom->is_content};
}

struct walk {
    const struct dvara_bundle *bundle;
    uint32_t *atoms;
    size_t n, room;
};

static bool was_met(const struct walk *walk, uint32_t atom)
{
    for (size_t i = 0; i < walk->n && i < walk->room; i++) {
        if (walk->atoms[i] == atom)
            return true;
    }
    return false;
}

/* Calls nest at most OP_CALL_DEPTH deep: the verifier saw to it. */
static void visit(struct walk *walk, uint32_t block)
{
    const struct bundle_program *program = &walk->bundle->program;
    const struct bundle_block *row = &program->tables.blocks[block];
    for (uint32_t i = row->code_first; i < row->code_first + row->code_count; i++) {
        const struct instruction *at = &program->code[i];
        if (at->op != OP_ATOM && at->op != OP_LET)
            continue;
        if (at->op == OP_ATOM) {
            uint32_t atom = walk->bundle->memo[at->imm];
            if (was_met(walk, atom))
                continue;
            if (walk->n < walk->room)
                walk->atoms[walk->n] = atom;
            walk->n++;
        }
        if (walk->n <= walk->room) /* what does not fit is counted, not followed */
            visit(walk, at->imm);
    }
}

size_t dvara_bundle_rule_atoms(const struct dvara_bundle *bundle, uint32_t rule,
                               uint32_t *ret_atoms, size_t room)
{
    struct walk walk = {.bundle = bundle, .atoms = ret_atoms, .room = room};
    uint32_t when = bundle->program.tables.rules[rule].when;
    if (when != BUNDLE_ABSENT)
        visit(&walk, when);
    return walk.n;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/replay.h"

#include "dvara/record.h"
#include "vm/attribute.h"
#include "vm/judge.h"

#include <assert.h>

void dvara_run_replay(struct dvara_run *run, struct dvara_replay *replay)
{
    run->replay = replay;
}

/* ---- what can err ---- */

static bool attribute_can_err(uint8_t id)
{
    const struct attribute_place *place = attribute_place(id);
    return place->arg == DVARA_ARG_GROUP || place->arg == DVARA_ARG_BUDGET ||
           (id >= DVARA_ATTR_SESSION_REQUESTS && id <= DVARA_ATTR_SESSION_COST);
}

static bool instruction_can_err(const struct instruction *at)
{
    switch ((enum op)at->op) {
    case OP_LOAD:
        return attribute_can_err(at->b);
    case OP_WITHIN:
    case OP_JSON:
    case OP_MATCHES:
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_SCALE:
    case OP_NEG:
    case OP_ABS:
    case OP_LET: /* of whatever it is made */
        return true;
    default:
        return false;
    }
}

static bool block_can_err(const struct dvara_bundle *bundle, uint32_t block)
{
    const struct bundle_block *row = &bundle->program.tables.blocks[block];
    bool can = false;
    for (uint32_t i = row->code_first; !can && i < row->code_first + row->code_count; i++)
        can = instruction_can_err(&bundle->program.code[i]);
    return can;
}

bool dvara_bundle_atom_can_err(const struct dvara_bundle *bundle, uint32_t atom)
{
    return block_can_err(bundle, bundle->atoms[atom].block);
}

void replay_suppose(struct dvara_run *run, const struct bundle_effect *effect)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    bool can = effect->value != BUNDLE_ABSENT && block_can_err(run->bundle, effect->value);
    const struct bundle_template *text =
        effect->text != BUNDLE_ABSENT ? &t->templates[effect->text] : NULL;
    for (uint32_t i = 0; text && i < text->count; i++) {
        const struct bundle_part *part = &t->parts[text->first + i];
        can = can || (part->text == BUNDLE_ABSENT && block_can_err(run->bundle, part->block));
    }
    if (can)
        replay_doubt(run, DVARA_DOUBT_CONDITION);
}

/* ---- what is known ---- */

/* A header that a rule set stands first among the facts'. */
static bool is_set_header(const struct dvara_run *run, struct dvara_str name)
{
    for (uint32_t i = 0; run->replay->is_rewritten && i < run->n_headers; i++) {
        if (dvara_str_eq(run->headers[i].name, name))
            return !run->headers[i].is_unknown;
    }
    return false;
}

static bool is_known(const struct dvara_run *run, uint32_t id, uint32_t imm)
{
    if (id == DVARA_ATTR_REQUEST_HEADER)
        return is_set_header(run, run->bundle->program.strings[imm]);
    if (id == DVARA_ATTR_REQUEST_USER && run->replay->user_is_known)
        return true;
    return run->replay->known[id];
}

bool replay_hides(struct dvara_run *run, uint32_t id, uint32_t imm)
{
    bool hides = !is_known(run, id, imm);
    run->replay->read_unknown = run->replay->read_unknown || hides;
    return hides;
}

/* Recorded truths are of the request as sent: what rules set since is something else. */
static bool is_of_now(const struct dvara_run *run, uint32_t block)
{
    return !run->replay->is_rewritten || !(run->bundle->rewritable[block] & run->rewritten);
}

enum dvara_truth replay_atom(struct dvara_run *run, uint32_t block, enum dvara_error_kind *ret_kind)
{
    uint32_t atom = run->bundle->memo[block];
    enum dvara_truth truth = (enum dvara_truth)run->replay->truths[atom];
    if (truth == DVARA_UNKNOWN || !is_of_now(run, block))
        return run->replay->ask(run->replay->user, atom, ret_kind);
    *ret_kind = (enum dvara_error_kind)run->replay->kinds[atom];
    return truth;
}

static void hide(struct dvara_run *run, enum dvara_attribute id, enum dvara_doubt doubt)
{
    run->replay->known[id] = false;
    replay_doubt(run, doubt);
}

void replay_rewritten(struct dvara_run *run)
{
    bool sets_user = run->set_user.rule != BUNDLE_ABSENT;
    run->replay->user_is_known = sets_user && !run->set_user.is_unknown;
    run->replay->is_rewritten = true;
    if (run->set_model.is_unknown)
        hide(run, DVARA_ATTR_REQUEST_MODEL, DVARA_DOUBT_MODEL);
    if (run->set_temperature.is_unknown)
        run->replay->known[DVARA_ATTR_REQUEST_TEMPERATURE] = false;
    for (uint32_t i = 0; i < run->n_caps; i++) {
        if (run->caps[i].is_unknown)
            hide(run, DVARA_ATTR_REQUEST_MAX_TOKENS, DVARA_DOUBT_TOKENS);
    }
}

/* ---- redaction ---- */

void replay_redact(struct dvara_run *run, uint32_t places)
{
    enum dvara_error_kind error;
    uint64_t mark = dvara_run_redaction_mark(run, &error);
    error = (enum dvara_error_kind)run->replay->unscanned;
    if (mark == run->replay->redaction && error != DVARA_ERROR_NONE)
        judge_unredacted(run, DVARA_PHASE_REQUEST, places, error);
}

/* ---- questions about atoms ---- */

uint32_t dvara_bundle_find_atom(const struct dvara_bundle *bundle, uint64_t mark)
{
    const struct bundle_recorded_atom *at = bundle->by_mark;
    size_t low = 0, high = bundle->n_recorded;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (at[middle].mark < mark)
            low = middle + 1;
        else
            high = middle;
    }
    return low < bundle->n_recorded && at[low].mark == mark ? at[low].atom : UINT32_MAX;
}

uint32_t dvara_bundle_atom_rule(const struct dvara_bundle *bundle, uint32_t atom)
{
    enum { ROOM = 512 };
    uint32_t atoms[ROOM];
    for (uint32_t rule = 0; rule < bundle->program.tables.n_rules; rule++) {
        size_t n = dvara_bundle_rule_atoms(bundle, rule, atoms, ROOM);
        for (size_t i = 0; i < n && i < ROOM; i++) {
            if (atoms[i] == atom)
                return rule;
        }
    }
    return UINT32_MAX;
}

bool dvara_bundle_route_is_measured(const struct dvara_bundle *bundle, uint32_t route)
{
    switch ((enum dvara_strategy)bundle->program.tables.routes[route].strategy) {
    case DVARA_STRATEGY_LATENCY:
    case DVARA_STRATEGY_LEAST_BUSY:
    case DVARA_STRATEGY_BALANCED:
        return true;
    case DVARA_STRATEGY_FAILOVER:
    case DVARA_STRATEGY_WEIGHTED:
    case DVARA_STRATEGY_ROUND_ROBIN:
    case DVARA_STRATEGY_COST:
    case DVARA_STRATEGY_CANARY:
    case DVARA_STRATEGY_COUNT:
        break;
    }
    return false;
}

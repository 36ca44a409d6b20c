/* SPDX-License-Identifier: Apache-2.0 */
/* Values of attributes: by their rows' places in struct dvara_facts, or derived. */
#include "vm/attribute.h"
#include "vm/json_value.h"
#include "vm/machine.h"
#include "vm/replay.h"
#include "vm/scan.h"

#include "dvara/limits.h"

#include <assert.h>

static const void *place_of(const struct dvara_run *run, const struct attribute_place *row)
{
    return (const char *)run->facts + row->offset;
}

static struct value load_list(const struct dvara_run *run, const struct attribute_place *row)
{
    struct dvara_strs list; /* all lists of facts have this shape: a pointer and a count */
    static_assert(sizeof(struct dvara_strs) == sizeof(struct dvara_messages), "lists are alike");
    memcpy(&list, place_of(run, row), sizeof list);
    if (list.n > DVARA_MAX_LIST || run_has_fault(run, DVARA_ERROR_LIST))
        return value_error(DVARA_ERROR_LIST);
    return value_of_list(list.v, list.n);
}

static struct value load_optional(const struct dvara_run *run, const struct attribute_place *row)
{
    const void *place = place_of(run, row);
    if (row->type == DVARA_TYPE_STRING)
        return value_opt_str(*(const struct dvara_str *)place);
    if (row->type == DVARA_TYPE_FLOAT) {
        const struct dvara_opt_float *f = place;
        return (struct value){.state = f->has ? VALUE_PRESENT : VALUE_ABSENT, .f = f->value};
    }
    const struct dvara_opt_int *i = place;
    return (struct value){.state = i->has ? VALUE_PRESENT : VALUE_ABSENT, .i = i->value};
}

static void load_one(const struct dvara_run *run, const struct attribute_place *row,
                     struct value *ret)
{
    const void *place = place_of(run, row);
    ret->state = VALUE_PRESENT;
    ret->kind = 0;
    if (row->type == DVARA_TYPE_STRING) {
        const struct dvara_str *s = place;
        ret->s.p = s->p ? s->p : "";
        ret->s.n = s->n;
    } else {
        ret->i = row->type == DVARA_TYPE_BOOL ? *(const bool *)place : *(const int64_t *)place;
    }
}

static struct value find_pair(struct dvara_pairs pairs, struct dvara_str name)
{
    for (size_t i = 0; i < pairs.n; i++) {
        if (dvara_str_eq(pairs.v[i].name, name))
            return value_opt_str(pairs.v[i].value);
    }
    return (struct value){.state = VALUE_ABSENT};
}

static struct value load_budget(const struct dvara_run *run, uint32_t id, struct dvara_str name)
{
    if (run_has_fault(run, DVARA_ERROR_STORE))
        return value_error(DVARA_ERROR_STORE);
    for (size_t i = 0; i < run->facts->n_budgets; i++) {
        const struct dvara_budget_state *budget = &run->facts->budgets[i];
        if (dvara_str_eq(budget->name, name))
            return value_int(id == DVARA_ATTR_BUDGET_USED ? budget->used_ppm
                                                          : budget->left_microusd);
    }
    return value_error(DVARA_ERROR_STORE);
}

static struct value load_derived(struct dvara_run *run, uint32_t id, uint32_t imm)
{
    const struct dvara_facts *facts = run->facts;
    struct dvara_str arg = attribute_place(id)->arg == DVARA_ARG_GROUP
                               ? (struct dvara_str){0}
                               : run->bundle->program.strings[imm];
    switch (id) {
    case DVARA_ATTR_REQUEST_HEADER:
        return find_pair(facts->request.headers, arg);
    case DVARA_ATTR_REQUEST_METADATA:
        return find_pair(facts->request.metadata, arg);
    case DVARA_ATTR_TENANT_ATTR:
        return find_pair(facts->tenant.attrs, arg);
    case DVARA_ATTR_REQUEST_BODY:
        if (run_has_fault(run, DVARA_ERROR_JSON))
            return value_error(DVARA_ERROR_JSON);
        return facts->request.body ? json_value(facts->request.body, arg, run->arena)
                                   : (struct value){.state = VALUE_ABSENT};
    case DVARA_ATTR_BUDGET_USED:
    case DVARA_ATTR_BUDGET_LEFT:
        return load_budget(run, id, arg);
    default:
        return scan_attribute(run, (enum dvara_attribute)id, imm);
    }
}

/* Not known yet while `partial`: what the current phase is about. */
static bool is_unknown(struct dvara_run *run, uint32_t id, uint32_t imm)
{
    if (!run->partial && !run->replay)
        return false;
    if (run->replay)
        return replay_hides(run, id, imm);
    if (run->phase == DVARA_PHASE_TOOL)
        return id == DVARA_ATTR_TOOL_ARGS || id == DVARA_ATTR_TOOL_SERVER;
    return id >= DVARA_ATTR_RESPONSE_TEXT && id <= DVARA_ATTR_RESPONSE_COST;
}

void run_attribute(struct dvara_run *run, uint32_t id, uint32_t imm, struct value *ret)
{
    const struct attribute_place *row = attribute_place(id);
    if (is_unknown(run, id, imm))
        *ret = value_error(DVARA_ERROR_SCAN);
    else if (id >= DVARA_ATTR_SESSION_ID && id <= DVARA_ATTR_SESSION_COST &&
             run_has_fault(run, DVARA_ERROR_STORE))
        *ret = value_error(DVARA_ERROR_STORE);
    else if (row->arg != DVARA_ARG_NONE)
        *ret = load_derived(run, id, imm);
    else if (row->shape == DVARA_SHAPE_LIST)
        *ret = load_list(run, row);
    else if (row->shape == DVARA_SHAPE_OPT)
        *ret = load_optional(run, row);
    else
        load_one(run, row, ret);
}

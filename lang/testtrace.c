/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testtrace.h"

#include "base/buf.h"
#include "lang/list.h"
#include "lang/testrow.h"

#include <string.h>

enum { RULE_ATOMS = 64, EVENTS_MAX = 1 << 16 };

struct testtrace_event {
    uint32_t rule;
    uint8_t phase, truth;
    struct dvara_str target;
    uint32_t *atoms; /* of the rule */
    uint8_t *truths; /* same order: as they stood when the rule was judged */
    size_t n_atoms;
};

static const char *const truth_words[] = {[DVARA_UNKNOWN] = "not asked",
                                          [DVARA_FALSE] = "false",
                                          [DVARA_TRUE] = "true",
                                          [DVARA_ERRED] = "error"};
static const char *const phase_words[] = {
#define PHASE(id, spelling) spelling,
#include "dvara/words.def"
};

static void on_atom(void *user, uint32_t index, enum dvara_phase phase, enum dvara_truth truth)
{
    struct testtrace *trace = user;
    (void)phase;
    trace->truths[index] = (uint8_t)truth;
}

static void keep_atoms(const struct testtrace *trace, struct testtrace_event *event)
{
    uint32_t atoms[RULE_ATOMS];
    size_t n = dvara_bundle_rule_atoms(trace->bundle, event->rule, atoms, RULE_ATOMS);
    n = n < RULE_ATOMS ? n : RULE_ATOMS;
    event->atoms = ARENA_ARRAY(trace->arena, n, uint32_t);
    event->truths = ARENA_ARRAY(trace->arena, n, uint8_t);
    if (!event->atoms || !event->truths)
        return;
    for (size_t i = 0; i < n; i++) {
        if (dvara_bundle_atom(trace->bundle, atoms[i]).is_let)
            continue;
        event->atoms[event->n_atoms] = atoms[i];
        event->truths[event->n_atoms++] = trace->truths[atoms[i]];
    }
}

static void on_rule(void *user, uint32_t rule, enum dvara_phase phase, struct dvara_str target,
                    enum dvara_truth truth)
{
    struct testtrace *trace = user;
    struct testtrace_event event = {.rule = rule, .phase = (uint8_t)phase, .truth = (uint8_t)truth};
    if (trace->n_events == EVENTS_MAX)
        return;
    if (!dvara_str_is_absent(target))
        event.target = arena_copy(trace->arena, target);
    keep_atoms(trace, &event);
    LIST_APPEND(trace->arena, trace->events, trace->n_events, event);
}

bool testtrace_init(struct testtrace *trace, const struct program *program,
                    const struct dvara_bundle *bundle, struct arena *arena, bool every_rule)
{
    size_t n = dvara_bundle_atoms(bundle);
    *trace = (struct testtrace){.program = program,
                                .bundle = bundle,
                                .arena = arena,
                                .truths = ARENA_ARRAY(arena, n, uint8_t)};
    trace->trace = (struct dvara_trace){
        .user = trace, .every_rule = every_rule, .rule = on_rule, .atom = on_atom};
    return trace->truths != NULL;
}

static bool is_among(struct dvara_strs names, struct dvara_str name)
{
    for (size_t i = 0; i < names.n; i++) {
        if (dvara_str_eq(names.v[i], name))
            return true;
    }
    return false;
}

static void print_event(const struct testtrace *trace, const struct testtrace_event *event,
                        struct buf *out)
{
    struct dvara_rule_info rule = dvara_bundle_rule(trace->bundle, event->rule);
    struct test_place place = testrow_rule_place(trace->program, trace->bundle, event->rule);
    buf_printf(out, "    %s%s%.*s: %.*s is %s (%.*s:%u)\n", phase_words[event->phase],
               event->target.n ? " " : "", DVARA_STR_ARG(event->target), DVARA_STR_ARG(rule.name),
               truth_words[event->truth], DVARA_STR_ARG(place.path), place.line);
    for (size_t i = 0; i < event->n_atoms; i++)
        buf_printf(out, "      %-9s  %.*s\n", truth_words[event->truths[i]],
                   DVARA_STR_ARG(dvara_bundle_atom(trace->bundle, event->atoms[i]).text));
}

static void print_route(const struct testtrace *trace, const struct dvara_decision *d,
                        struct buf *out)
{
    struct dvara_str route = DVARA_STR("none");
    if (d->route != DVARA_NO_ROUTE)
        route = dvara_bundle_route(trace->bundle, d->route).name;
    buf_printf(out, "  route: %.*s", DVARA_STR_ARG(route));
    for (size_t i = 0; i < d->n_targets; i++)
        buf_printf(out, "%s%.*s/%.*s", i ? ", then " : "; first ",
                   DVARA_STR_ARG(d->targets[i].provider), DVARA_STR_ARG(d->targets[i].model));
    for (size_t i = 0; i < d->n_excluded; i++)
        buf_printf(out, "; %.*s excluded by %.*s", DVARA_STR_ARG(d->excluded[i].target),
                   DVARA_STR_ARG(dvara_bundle_rule(trace->bundle, d->excluded[i].rule).name));
    buf_byte(out, '\n');
}

void testtrace_print(const struct testtrace *trace, const struct dvara_decision *decision,
                     const struct testtrace_question *question, struct buf *out)
{
    size_t others = 0, targets = question->targets ? TESTTRACE_TARGETS : 0;
    BUF_LIT(out, "  judged:\n");
    for (size_t i = 0; i < trace->n_events; i++) {
        const struct testtrace_event *event = &trace->events[i];
        bool of_target = targets > 0 && event->phase == DVARA_PHASE_TARGET;
        targets -= of_target && event->truth == DVARA_FALSE;
        if (event->truth != DVARA_FALSE || of_target ||
            is_among(question->rules, dvara_bundle_rule(trace->bundle, event->rule).name))
            print_event(trace, event, out);
        else
            others++;
    }
    if (others)
        buf_printf(out, "    and %zu that did not hold\n", others);
    print_route(trace, decision, out);
}

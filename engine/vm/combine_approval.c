/* SPDX-License-Identifier: Apache-2.0 */
/* Approvals of several rules become one question a phase (R16): who must say yes, and for what. */
#include "vm/combine.h"

#include <stdlib.h>

static bool is_before(const struct dvara_run *run, const struct run_approval *a,
                      const struct run_approval *b)
{
    const struct bundle_rule *rules = run->bundle->program.tables.rules;
    if (a->phase != b->phase)
        return a->phase < b->phase;
    if (rules[a->rule].priority != rules[b->rule].priority)
        return rules[a->rule].priority > rules[b->rule].priority;
    return a->rule < b->rule;
}

const struct run_approval *combine_first_approval(const struct dvara_run *run, uint32_t from)
{
    const struct run_approval *first = &run->approvals[from];
    for (uint32_t i = from + 1; i < run->n_approvals; i++) {
        if (is_before(run, &run->approvals[i], first))
            first = &run->approvals[i];
    }
    return first;
}

/* The shorter of two times, of which 0 is none. */
static int64_t shorter(int64_t a, int64_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

static int compare_approvals(const void *left, const void *right)
{
    const struct dvara_approval *a = left, *b = right;
    if (a->phase != b->phase)
        return a->phase < b->phase ? -1 : 1;
    return dvara_str_cmp(a->by, b->by);
}

/* Entries of one approver and phase become one. */
static size_t merge_approvers(struct dvara_approval *v, size_t n)
{
    size_t kept = 0;
    qsort(v, n, sizeof *v, compare_approvals);
    for (size_t i = 1; i < n; i++) {
        if (compare_approvals(&v[kept], &v[i]) != 0) {
            v[++kept] = v[i];
            continue;
        }
        v[kept].quorum = v[i].quorum > v[kept].quorum ? v[i].quorum : v[kept].quorum;
        v[kept].ttl = shorter(v[kept].ttl, v[i].ttl);
    }
    return kept + 1;
}

static int compare_pairs(const void *left, const void *right)
{
    const struct dvara_pair *a = left, *b = right;
    int c = dvara_str_cmp(a->name, b->name);
    return c ? c : dvara_str_cmp(a->value, b->value);
}

static void collect_binds(struct dvara_run *run, enum dvara_phase phase, struct dvara_grant *grant)
{
    struct dvara_pair *v =
        run->n_binds ? ARENA_ARRAY(run->arena, run->n_binds, struct dvara_pair) : NULL;
    size_t n = 0, kept = 0;
    run->exhausted = run->exhausted || (run->n_binds && !v);
    for (uint32_t i = 0; v && i < run->n_binds; i++) {
        if (run->binds[i].phase == phase)
            v[n++] = run->binds[i].pair;
    }
    if (n)
        qsort(v, n, sizeof *v, compare_pairs);
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || compare_pairs(&v[kept - 1], &v[i]) != 0)
            v[kept++] = v[i];
    }
    grant->binds = v;
    grant->n_binds = kept;
}

static struct dvara_grant grant_of(struct dvara_run *run, enum dvara_phase phase)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    struct dvara_grant grant = {.session = true};
    bool any = false;
    for (uint32_t i = 0; i < run->n_approvals; i++) {
        const struct bundle_effect *e = &t->effects[run->approvals[i].effect];
        if (run->approvals[i].phase != phase)
            continue;
        any = true;
        grant.hold = shorter(grant.hold, e->hold);
        grant.session = grant.session && e->option;
        grant.whole = grant.whole || e->bind_count == 0;
    }
    grant.session = grant.session && any;
    collect_binds(run, phase, &grant);
    return grant;
}

void combine_approvals(struct dvara_run *run)
{
    const struct bundle_tables *t = &run->bundle->program.tables;
    size_t n = run->n_approvals;
    struct dvara_approval *v = n ? ARENA_ARRAY(run->arena, n, struct dvara_approval) : NULL;
    if (n == 0)
        return;
    run->exhausted = run->exhausted || !v;
    for (size_t i = 0; v && i < n; i++) {
        const struct bundle_effect *e = &t->effects[run->approvals[i].effect];
        v[i] = (struct dvara_approval){.by = bundle_text(run->bundle, e->name),
                                       .phase = run->approvals[i].phase,
                                       .quorum = e->quorum,
                                       .ttl = e->ttl};
    }
    run->decision.approvals = v;
    run->decision.n_approvals = v ? merge_approvers(v, n) : 0;
    run->decision.request_grant = grant_of(run, DVARA_PHASE_REQUEST);
    run->decision.tool_grant = grant_of(run, DVARA_PHASE_TOOL);
}

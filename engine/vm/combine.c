/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/combine.h"

#include <stdlib.h>

/* Sorts and drops repetitions; returns how many are left. */
static size_t sort_unique(void *v, size_t n, size_t size,
                          int (*compare)(const void *, const void *))
{
    char *p = v;
    size_t kept = 0;
    if (n < 2)
        return n;
    qsort(v, n, size, compare);
    for (size_t i = 1; i < n; i++) {
        if (compare(p + kept * size, p + i * size) == 0)
            continue;
        if (++kept != i)
            memcpy(p + kept * size, p + i * size, size);
    }
    return kept + 1;
}

/* A rule as lists sort it: by phase, priority high first, name (which is its number). */
struct keyed {
    int32_t phase;
    int32_t priority;
    uint32_t rule;
    uint32_t extra; /* mode, error kind, or a number that keeps entries apart */
    struct dvara_str text;
};

static int compare_keyed(const void *left, const void *right)
{
    const struct keyed *a = left, *b = right;
    if (a->phase != b->phase)
        return a->phase < b->phase ? -1 : 1;
    if (a->priority != b->priority)
        return a->priority > b->priority ? -1 : 1;
    if (a->rule != b->rule)
        return a->rule < b->rule ? -1 : 1;
    if (a->extra != b->extra)
        return a->extra < b->extra ? -1 : 1;
    return dvara_str_cmp(a->text, b->text);
}

static int32_t priority_of(const struct dvara_run *run, uint32_t rule)
{
    return (int32_t)run->bundle->program.tables.rules[rule].priority;
}

static struct keyed key(const struct dvara_run *run, uint32_t phase, uint32_t rule, uint32_t extra)
{
    return (struct keyed){(int32_t)phase, priority_of(run, rule), rule, extra, {NULL, 0}};
}

/* Room for n entries; n is 0 when the arena is exhausted. */
static struct keyed *entries(struct dvara_run *run, size_t *n)
{
    struct keyed *v = *n ? ARENA_ARRAY(run->arena, *n, struct keyed) : NULL;
    if (*n && !v) {
        run->exhausted = true;
        *n = 0;
    }
    return v;
}

static void combine_matched(struct dvara_run *run)
{
    size_t n = run->n_matched;
    struct keyed *v = entries(run, &n);
    for (size_t i = 0; i < n; i++)
        v[i] = key(run, run->matched[i].phase, run->matched[i].rule, run->matched[i].mode);
    n = sort_unique(v, n, sizeof *v, compare_keyed);
    for (size_t i = 0; i < n; i++)
        run->matched[i] =
            (struct dvara_rule_match){v[i].rule, (uint8_t)v[i].phase, (uint8_t)v[i].extra};
    run->n_matched = (uint32_t)n;
    run->decision.matched = run->matched;
    run->decision.n_matched = n;
}

static void combine_shadow(struct dvara_run *run)
{
    size_t n = run->n_shadow;
    struct keyed *v = entries(run, &n);
    for (size_t i = 0; i < n; i++)
        v[i] = key(run, 0, run->shadow[i], 0);
    n = sort_unique(v, n, sizeof *v, compare_keyed);
    for (size_t i = 0; i < n; i++)
        run->shadow[i] = v[i].rule;
    run->n_shadow = (uint32_t)n;
    run->decision.shadow = run->shadow;
    run->decision.n_shadow = n;
}

static void combine_errors(struct dvara_run *run)
{
    size_t n = run->n_errors;
    struct keyed *v = entries(run, &n);
    for (size_t i = 0; i < n; i++)
        v[i] = key(run, 0, run->errors[i].rule, run->errors[i].kind);
    n = sort_unique(v, n, sizeof *v, compare_keyed);
    for (size_t i = 0; i < n; i++)
        run->errors[i] = (struct dvara_error_note){v[i].rule, (uint8_t)v[i].extra};
    run->n_errors = (uint32_t)n;
    run->decision.errors = run->errors;
    run->decision.n_errors = n;
}

static void combine_excluded(struct dvara_run *run)
{
    size_t n = run->n_excluded;
    struct keyed *v = entries(run, &n);
    for (size_t i = 0; i < n; i++) {
        v[i] = key(run, 0, run->excluded[i].rule, 0);
        v[i].text = run->excluded[i].target;
    }
    n = sort_unique(v, n, sizeof *v, compare_keyed);
    for (size_t i = 0; i < n; i++)
        run->excluded[i] = (struct dvara_exclusion){v[i].rule, v[i].text};
    run->n_excluded = (uint32_t)n;
    run->decision.excluded = run->excluded;
    run->decision.n_excluded = n;
    run->decision.unhealthy = run->unhealthy;
    run->decision.n_unhealthy = run->n_unhealthy;
}

static void combine_warnings(struct dvara_run *run)
{
    size_t n = run->n_warnings;
    struct keyed *v = entries(run, &n);
    struct dvara_str *texts = n ? ARENA_ARRAY(run->arena, n, struct dvara_str) : NULL;
    for (size_t i = 0; i < n; i++) {
        v[i] = key(run, run->warnings[i].by.phase, run->warnings[i].by.rule, 0);
        v[i].text = run->warnings[i].text;
    }
    n = texts ? sort_unique(v, n, sizeof *v, compare_keyed) : 0;
    for (size_t i = 0; i < n; i++)
        texts[i] = v[i].text;
    run->decision.warnings = texts;
    run->decision.n_warnings = n;
}

static int compare_tags(const void *left, const void *right)
{
    const struct dvara_tag *a = left, *b = right;
    int c = dvara_str_cmp(a->key, b->key);
    return c ? c : dvara_str_cmp(a->value, b->value);
}

static void combine_tags(struct dvara_run *run)
{
    size_t room = (size_t)run->n_tags + run->n_target_tags, n = 0;
    struct dvara_tag *v = room ? ARENA_ARRAY(run->arena, room, struct dvara_tag) : NULL;
    for (uint32_t i = 0; v && i < run->n_tags; i++)
        v[n++] = run->tags[i];
    for (uint32_t i = 0; v && i < run->n_target_tags; i++) {
        if (dvara_str_eq(run->target_tags[i].target, run->target))
            v[n++] = run->target_tags[i].tag;
    }
    run->exhausted = run->exhausted || (room && !v);
    run->decision.tags = v;
    run->decision.n_tags = sort_unique(v, n, sizeof *v, compare_tags);
}

/* The shortest time, for as few as any rule says; `no cache` wins. */
static void combine_cache(struct dvara_run *run)
{
    struct dvara_decision *d = &run->decision;
    d->cache_ttl.has = run->n_caches > 0 && !d->no_cache;
    d->cache_any = d->cache_ttl.has;
    for (uint32_t i = 0; d->cache_ttl.has && i < run->n_caches; i++) {
        const struct run_cache *cache = &run->caches[i];
        d->cache_any = d->cache_any && cache->any;
        if (i == 0 || cache->ttl < d->cache_ttl.value)
            d->cache_ttl.value = cache->ttl;
    }
}

/* ---- which rules stand ---- */

static bool denial_is_before(const struct run_denial *a, const struct run_denial *b)
{
    if (a->phase != b->phase)
        return a->phase < b->phase;
    if (a->priority != b->priority)
        return a->priority > b->priority;
    if (a->rule != b->rule)
        return a->rule < b->rule;
    return dvara_str_cmp(a->code, b->code) < 0;
}

const struct run_denial *combine_first_denial(const struct dvara_run *run, uint32_t from)
{
    const struct run_denial *first = NULL;
    for (uint32_t i = from; i < run->n_denials; i++) {
        if (!first || denial_is_before(&run->denials[i], first))
            first = &run->denials[i];
    }
    return first;
}

static size_t add_denying(const struct dvara_run *run, struct keyed *v)
{
    size_t n = 0;
    bool no_target = false;
    for (uint32_t i = 0; i < run->n_denials; i++) {
        if (run->denials[i].rule != BUNDLE_ABSENT)
            v[n++] = key(run, run->denials[i].phase, run->denials[i].rule, 0);
        else if (dvara_str_eq(run->denials[i].code, DVARA_STR("no_eligible_target")))
            no_target = true;
    }
    for (uint32_t i = 0; no_target && i < run->n_excluded; i++)
        v[n++] = key(run, DVARA_PHASE_TARGET, run->excluded[i].rule, 0);
    return n;
}

static size_t add_setting(const struct dvara_run *run, struct keyed *v, size_t n,
                          const struct run_setting *setting)
{
    if (setting->rule != BUNDLE_ABSENT)
        v[n++] = key(run, DVARA_PHASE_REQUEST, setting->rule, 0);
    return n;
}

static size_t add_standing(const struct dvara_run *run, struct keyed *v)
{
    size_t n = 0;
    for (uint32_t i = 0; i < run->n_standing; i++)
        v[n++] = key(run, run->standing[i].phase, run->standing[i].rule, 0);
    for (uint32_t i = 0; i < run->n_target_tags; i++) {
        if (dvara_str_eq(run->target_tags[i].target, run->target))
            v[n++] = key(run, DVARA_PHASE_TARGET, run->target_tags[i].rule, 0);
    }
    n = add_setting(run, v, n, &run->set_model);
    n = add_setting(run, v, n, &run->set_temperature);
    n = add_setting(run, v, n, &run->set_user);
    n = add_setting(run, v, n, &run->route);
    for (uint32_t i = 0; i < run->n_headers; i++)
        n = add_setting(run, v, n, &run->headers[i]);
    /* The caps that gave the bound: all that ask for the least, if it took effect. */
    for (uint32_t i = 0; i < run->n_caps; i++) {
        int64_t cap = run->caps[i].value.i < 1 ? 1 : run->caps[i].value.i;
        if (run->decision.max_tokens_was_set && cap == run->decision.max_tokens.value)
            n = add_setting(run, v, n, &run->caps[i]);
    }
    for (uint32_t i = 0; run->decision.cache_ttl.has && i < run->n_caches; i++) {
        if (run->caches[i].ttl == run->decision.cache_ttl.value)
            v[n++] = key(run, DVARA_PHASE_REQUEST, run->caches[i].rule, 0);
    }
    return n;
}

/* The rule list names a rule once, at its first phase. */
static size_t drop_later_phases(struct dvara_run *run, struct keyed *v, size_t n)
{
    struct dvara_vm *vm = run->vm;
    size_t kept = 0;
    vm_next_round(vm);
    for (size_t i = 0; i < n; i++) {
        if (vm->stamps[v[i].rule] == vm->round)
            continue;
        vm->stamps[v[i].rule] = vm->round;
        v[kept++] = v[i];
    }
    return kept;
}

static void combine_rules(struct dvara_run *run)
{
    bool denied = run->decision.verdict == DVARA_VERDICT_DENY;
    size_t room = denied ? (size_t)run->n_denials + run->n_excluded
                         : (size_t)run->n_standing + run->n_target_tags + run->n_headers +
                               run->n_caps + run->n_caches + 4;
    size_t n = room;
    struct keyed *v = entries(run, &n);
    uint32_t *rules = n ? ARENA_ARRAY(run->arena, n, uint32_t) : NULL;
    if (n)
        n = denied ? add_denying(run, v) : add_standing(run, v);
    n = rules ? drop_later_phases(run, v, sort_unique(v, n, sizeof *v, compare_keyed)) : 0;
    for (size_t i = 0; i < n; i++)
        rules[i] = v[i].rule;
    run->decision.rules = rules;
    run->decision.n_rules = n;
}

static void combine_redactions(struct dvara_run *run)
{
    size_t n = 0, room = 0;
    for (int where = 0; where < DVARA_WHERE_COUNT; where++)
        room += run->styles[where] ? run->bundle->n_detectors : 0;
    struct dvara_redaction *v = room ? ARENA_ARRAY(run->arena, room, struct dvara_redaction) : NULL;
    for (int where = 0; v && where < DVARA_WHERE_COUNT; where++) {
        for (uint32_t d = 0; run->styles[where] && d < run->bundle->n_detectors; d++) {
            if (run->counts[where][d])
                v[n++] = (struct dvara_redaction){d, (uint8_t)where, run->styles[where][d],
                                                  run->counts[where][d]};
        }
    }
    run->exhausted = run->exhausted || (room && !v);
    run->decision.redactions = v;
    run->decision.n_redactions = n;
}

static void combine_verdict(struct dvara_run *run)
{
    struct dvara_decision *d = &run->decision;
    const struct run_denial *first = combine_first_denial(run, 0);
    if (first) {
        d->verdict = DVARA_VERDICT_DENY;
        d->code = first->code;
        d->status = first->status;
        d->reason = first->reason;
    } else if (run->n_approvals) {
        d->verdict = DVARA_VERDICT_APPROVAL;
        d->code = DVARA_STR("approval_required");
        d->status = 403;
        d->reason = combine_first_approval(run, 0)->reason;
    }
    if (run->exhausted || arena_is_exhausted(run->arena)) {
        d->verdict = DVARA_VERDICT_DENY;
        d->code = DVARA_STR("policy_error");
        d->status = 403;
        d->reason = DVARA_STR("the decision ran out of memory");
    }
}

void combine(struct dvara_run *run)
{
    combine_verdict(run);
    combine_matched(run);
    combine_shadow(run);
    combine_errors(run);
    combine_excluded(run);
    combine_warnings(run);
    combine_tags(run);
    combine_redactions(run);
    combine_approvals(run);
    combine_cache(run);
    combine_rules(run);
    combine_verdict(run); /* again: the lists above may have exhausted the arena */
    run->decision.steps = run->steps;
}

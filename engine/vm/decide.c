/* SPDX-License-Identifier: Apache-2.0 */
/* The request phase: two strata and the summary of redactions (dvara/engine.h). */
#include "dvara/engine.h"

#include "bundle/rewritable.h"
#include "vm/combine.h"
#include "vm/judge.h"
#include "vm/redact.h"
#include "vm/replay.h"

#include <assert.h>
#include <string.h>

struct dvara_run *dvara_run_new(struct dvara_vm *vm, struct dvara_facts *facts, struct arena *arena)
{
    const struct dvara_bundle *bundle = vm->bundle;
    struct dvara_run *run = ARENA_NEW(arena, struct dvara_run);
    if (!run)
        return NULL;
    *run = (struct dvara_run){.bundle = bundle, .vm = vm, .facts = facts, .arena = arena};
    run->lets = ARENA_ARRAY(arena, bundle->n_lets / RUN_LETS + 1, struct value *);
    if (!run->lets || !memo_init(&run->atoms, bundle->n_atoms, arena) ||
        !memo_init(&run->let_known, bundle->n_lets, arena) ||
        !memo_init(&run->held, bundle->program.tables.n_rules, arena))
        return NULL;
    run->set_model.rule = run->set_temperature.rule = BUNDLE_ABSENT;
    run->set_user.rule = run->route.rule = BUNDLE_ABSENT;
    run->decision.route = DVARA_NO_ROUTE;
    return run;
}

void dvara_run_move(struct dvara_run *run, struct dvara_vm *vm)
{
    assert(vm->bundle == run->bundle);
    run->vm = vm;
}

const struct dvara_decision *dvara_run_decision(const struct dvara_run *run)
{
    return &run->decision;
}

/* The rules' bound on output tokens: the least, at least 1, and never over the client's. */
static void apply_caps(struct dvara_run *run)
{
    struct dvara_opt_int *max_tokens = &run->facts->request.max_tokens;
    for (uint32_t i = 0; i < run->n_caps; i++) {
        int64_t cap = run->caps[i].value.i < 1 ? 1 : run->caps[i].value.i;
        if (max_tokens->has && max_tokens->value <= cap)
            continue;
        *max_tokens = (struct dvara_opt_int){true, cap};
        run->decision.max_tokens_was_set = true;
    }
}

static void apply_headers(struct dvara_run *run)
{
    struct dvara_pairs *headers = &run->facts->request.headers;
    uint32_t n = run->n_headers;
    if (n == 0)
        return;
    struct dvara_pair *v = ARENA_ARRAY(run->arena, headers->n + n, struct dvara_pair);
    struct dvara_header_set *set = ARENA_ARRAY(run->arena, n, struct dvara_header_set);
    if (!v || !set) {
        run->exhausted = true;
        return;
    }
    for (uint32_t i = 0; i < n; i++) {
        v[i] = (struct dvara_pair){run->headers[i].name, run->headers[i].value.s};
        set[i] = (struct dvara_header_set){run->headers[i].name, run->headers[i].value.s};
        for (uint32_t k = i; k > 0 && dvara_str_cmp(set[k].name, set[k - 1].name) < 0; k--) {
            struct dvara_header_set other = set[k];
            set[k] = set[k - 1];
            set[k - 1] = other;
        }
    }
    /* Look-ups take the first of a name: what a rule sets stands before what the client sent. */
    if (headers->n)
        memcpy(v + n, headers->v, headers->n * sizeof *v);
    *headers = (struct dvara_pairs){v, headers->n + n};
    run->decision.headers = set;
    run->decision.n_headers = n;
}

/* Of the values that atoms may read. */
static uint32_t rewritten(const struct dvara_run *run)
{
    uint32_t bits = run->n_caps ? REWRITABLE_MAX_TOKENS : 0;
    bits |= run->set_temperature.rule != BUNDLE_ABSENT ? REWRITABLE_TEMPERATURE : 0;
    bits |= run->set_user.rule != BUNDLE_ABSENT ? REWRITABLE_USER : 0;
    for (uint32_t i = 0; i < run->n_headers; i++)
        bits |= rewritable_header(run->bundle, run->headers[i].name);
    return bits;
}

static void apply_rewrites(struct dvara_run *run)
{
    struct dvara_facts *facts = run->facts;
    run->rewritten = rewritten(run);
    if (run->rewritten)
        run_keep_sent(run);
    apply_caps(run);
    apply_headers(run);
    if (run->set_model.rule != BUNDLE_ABSENT) {
        facts->request.model = run->set_model.value.s;
        run->decision.model_was_set = true;
    }
    if (run->set_temperature.rule != BUNDLE_ABSENT) {
        facts->request.temperature = (struct dvara_opt_float){true, run->set_temperature.value.f};
        run->decision.set_temperature = facts->request.temperature;
    }
    if (run->set_user.rule != BUNDLE_ABSENT) {
        facts->request.user = run->set_user.value.s;
        run->decision.set_user = facts->request.user;
    }
    if (run->replay)
        replay_rewritten(run);
    if (run->rewritten || run->set_model.rule != BUNDLE_ABSENT)
        run_forget(run, BUNDLE_DEPENDS_REWRITE | BUNDLE_DEPENDS_MODEL);
}

void dvara_run_request(struct dvara_run *run)
{
    const struct dvara_facts *facts = run->facts;
    run->phase = DVARA_PHASE_REQUEST;
    run->sent = (struct dvara_sent){facts->request.model, facts->request.max_tokens,
                                    facts->request.temperature};
    if (run->bundle->index.strata[STRATUM_REWRITE].n_all) {
        judge_stratum(run, STRATUM_REWRITE);
        apply_rewrites(run);
    }
    judge_stratum(run, STRATUM_REQUEST);
    judge_default(run, DVARA_PHASE_REQUEST, run->allowed_request);
    redact_summarise(run, DVARA_PHASE_REQUEST);
    run->decision.model = run->facts->request.model;
    run->decision.max_tokens = run->facts->request.max_tokens;
    combine(run);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/replay/replayer.h"

#include "base/arena.h"

#include <assert.h>
#include <stdlib.h>

enum { DECISION_MEMORY = 256 << 20, PROVIDERS_ROOM = 256, PRINTED_MAX = 1 << 27 };

/* A question that was asked on the way to the branch under way. */
struct question {
    uint32_t atom;
    uint8_t choice;  /* the answer now tried */
    uint8_t choices; /* 2, or 3 where it can err */
    uint8_t seen[3]; /* by choice: bits 1 << enum replay_result of what it led to */
};

struct replayer {
    const struct dvara_bundle *bundle;
    struct dvara_vm *vm;
    struct arena arena; /* of one branch */
    struct arena kept;  /* of one record's result */
    size_t n_atoms;
    uint8_t *truths, *kinds; /* by atom, as recorded */
    uint8_t *is_relevant;    /* by atom */
    const struct record *record;
    struct question questions[REPLAYER_DEPTH];
    size_t n_questions, asked; /* on the path; so far on this branch */
    bool too_deep;
    struct dvara_str providers[PROVIDERS_ROOM];
    size_t n_providers;
};

enum dvara_status replayer_new(const struct dvara_bundle *bundle, struct replayer **ret_replayer)
{
    struct replayer *replayer = calloc(1, sizeof *replayer);
    if (!replayer)
        return DVARA_NO_MEMORY;
    replayer->bundle = bundle;
    replayer->n_atoms = dvara_bundle_atoms(bundle);
    arena_init(&replayer->arena, DECISION_MEMORY);
    arena_init(&replayer->kept, DECISION_MEMORY);
    replayer->truths = calloc(replayer->n_atoms + 1, 1);
    replayer->kinds = calloc(replayer->n_atoms + 1, 1);
    replayer->is_relevant = calloc(replayer->n_atoms + 1, 1);
    enum dvara_status status = dvara_vm_new(bundle, &replayer->vm);
    if (!replayer->truths || !replayer->kinds || !replayer->is_relevant)
        status = DVARA_NO_MEMORY;
    if (status != DVARA_OK) {
        replayer_free(replayer);
        return status;
    }
    *ret_replayer = replayer;
    return DVARA_OK;
}

void replayer_free(struct replayer *replayer)
{
    if (!replayer)
        return;
    dvara_vm_free(replayer->vm);
    arena_clear(&replayer->arena);
    arena_clear(&replayer->kept);
    free(replayer->truths);
    free(replayer->kinds);
    free(replayer->is_relevant);
    free(replayer);
}

/* ---- suppositions ---- */

static enum dvara_truth ask(void *user, uint32_t atom, enum dvara_error_kind *ret_kind)
{
    static const enum dvara_truth truths[] = {DVARA_FALSE, DVARA_TRUE, DVARA_ERRED};
    struct replayer *r = user;
    *ret_kind = DVARA_ERROR_SCAN;
    if (r->asked == r->n_questions) {
        if (r->n_questions == REPLAYER_DEPTH) {
            r->too_deep = true;
            return DVARA_FALSE;
        }
        r->questions[r->n_questions++] = (struct question){
            .atom = atom, .choices = dvara_bundle_atom_can_err(r->bundle, atom) ? 3 : 2};
    }
    return truths[r->questions[r->asked++].choice];
}

static void find_relevant(struct replayer *r, const struct question *q)
{
    for (uint8_t i = 1; i < q->choices; i++) {
        if (q->seen[i] != q->seen[0])
            r->is_relevant[q->atom] = 1;
    }
}

/* The next branch; false: all were tried. */
static bool advance(struct replayer *r, uint8_t seen)
{
    while (r->n_questions > 0) {
        struct question *q = &r->questions[r->n_questions - 1];
        q->seen[q->choice] |= seen;
        if (q->choice + 1 < q->choices) {
            q->choice++;
            return true;
        }
        find_relevant(r, q);
        seen = q->seen[0] | q->seen[1] | q->seen[2];
        r->n_questions--;
    }
    return false;
}

/* Of a search that ended early, what is on the path. */
static void take_path(struct replayer *r)
{
    for (size_t i = 0; i < r->n_questions; i++)
        r->is_relevant[r->questions[i].atom] = 1;
}

/* ---- the world ---- */

static void add_provider(struct replayer *r, struct dvara_str name)
{
    for (size_t i = 0; i < r->n_providers; i++) {
        if (dvara_str_eq(r->providers[i], name))
            return;
    }
    if (name.n && r->n_providers < PROVIDERS_ROOM)
        r->providers[r->n_providers++] = name;
}

static struct dvara_str provider_of(struct dvara_str target)
{
    const char *slash = target.n ? memchr(target.p, '/', target.n) : NULL;
    return dvara_str_slice(target, 0, slash ? (size_t)(slash - target.p) : 0);
}

/* Those that a gateway with this bundle must have, and those that the record shows. */
static void list_providers(struct replayer *r)
{
    const struct record *record = r->record;
    size_t declared = dvara_bundle_info(r->bundle).n_providers;
    r->n_providers = 0;
    for (size_t i = 0; i < declared; i++)
        add_provider(r, dvara_bundle_provider(r->bundle, (uint32_t)i).name);
    for (size_t i = 0; i < record->targets.n; i++)
        add_provider(r, provider_of(record->targets.v[i]));
    for (size_t i = 0; i < record->unhealthy.n; i++)
        add_provider(r, provider_of(record->unhealthy.v[i]));
    for (size_t i = 0; i < record->n_excluded; i++)
        add_provider(r, provider_of(record->excluded[i].target));
}

static void look(void *user, struct dvara_str provider, struct dvara_str model, int64_t window,
                 struct dvara_target_state *ret_state)
{
    const struct replayer *r = user;
    const struct dvara_strs *unhealthy = &r->record->unhealthy;
    (void)window;
    for (size_t i = 0; i < unhealthy->n; i++) {
        struct dvara_str target = unhealthy->v[i];
        if (target.n == provider.n + 1 + model.n && target.p[provider.n] == '/' &&
            dvara_str_starts_with(target, provider) && dvara_str_ends_with(target, model))
            ret_state->healthy = false;
    }
}

static struct dvara_world world_of(struct replayer *r)
{
    struct dvara_world world = {
        .providers = {r->providers, r->n_providers}, .look = look, .user = r};
    const struct record *record = r->record;
    if (record->named == DVARA_NAMED_DEFAULT)
        world.default_provider = provider_of(record->targets.n    ? record->targets.v[0]
                                             : record->n_excluded ? record->excluded[0].target
                                                                  : (struct dvara_str){0});
    if (world.default_provider.n == 0)
        world.default_provider = (struct dvara_str){0};
    return world;
}

static bool was_planned(const struct record *record)
{
    return record->targets.n || record->n_excluded ||
           dvara_str_eq(record->code, DVARA_STR("no_provider")) ||
           dvara_str_eq(record->code, DVARA_STR("no_eligible_target"));
}

/* The record says "provider/model" for a provider that nothing shows: a pin, if the gateway has it.
 * The old plan knew. */
static bool could_be_pin(const struct replayer *r, const struct dvara_decision *decision)
{
    const struct record *record = r->record;
    struct dvara_str provider = provider_of(record->facts.request.asked_model);
    if (provider.n == 0 || decision->route_was_set)
        return false;
    for (size_t i = 0; i < r->n_providers; i++) {
        if (dvara_str_eq(r->providers[i], provider))
            return false;
    }
    return !was_planned(record) || (record->set & RECORD_SET_ROUTE);
}

/* Could the gateway's own providers, which no record lists, have made another plan? */
static bool is_unsure(const struct replayer *r, const struct dvara_decision *decision)
{
    const struct record *record = r->record;
    bool same_model = dvara_str_eq(decision->model, record->model) && !record->model_is_cut;
    bool lacks = dvara_str_eq(decision->code, DVARA_STR("no_provider"));
    if (could_be_pin(r, decision))
        return true;
    if (lacks)
        return !same_model || !dvara_str_eq(record->code, DVARA_STR("no_provider"));
    if (decision->named == DVARA_NAMED_DEFAULT)
        return !same_model || record->named != DVARA_NAMED_DEFAULT;
    return false;
}

/* ---- one branch ---- */

/* Where measurements decide the order, the target that was used is the one whose tags count. */
static void use_recorded(struct replayer *r, struct dvara_run *run, const struct dvara_world *world)
{
    const struct dvara_decision *d = dvara_run_decision(run);
    if (d->route == DVARA_NO_ROUTE || r->record->targets.n == 0 ||
        !dvara_bundle_route_is_measured(r->bundle, d->route))
        return;
    for (size_t i = 0; i < d->n_targets; i++) {
        struct dvara_str name =
            arena_join(&r->arena, d->targets[i].provider, '/', d->targets[i].model);
        if (dvara_str_eq(name, r->record->targets.v[0])) {
            dvara_run_use_target(run, &d->targets[i], world);
            return;
        }
    }
}

static bool run_branch(struct replayer *r, struct dvara_facts *facts, struct dvara_replay *replay,
                       struct outcome *ret_outcome)
{
    struct dvara_world world = world_of(r);
    struct dvara_run *run = dvara_run_new(r->vm, facts, &r->arena);
    if (!run)
        return false;
    dvara_run_replay(run, replay);
    dvara_run_request(run);
    const struct dvara_decision *decision = dvara_run_decision(run);
    /* An allowed request without targets: the gateway refused it between deciding and planning. */
    bool plans = decision->verdict != DVARA_VERDICT_DENY &&
                 (r->record->verdict != DVARA_VERDICT_ALLOW || was_planned(r->record));
    if (plans) {
        dvara_run_plan(run, &world);
        use_recorded(r, run, &world);
    }
    *ret_outcome = (struct outcome){.bundle = r->bundle,
                                    .run = run,
                                    .decision = decision,
                                    .replay = replay,
                                    .is_planned = plans,
                                    .plan_is_unsure = plans && is_unsure(r, decision)};
    return true;
}

static void keep_outcome(struct replayer *r, const struct outcome *outcome, uint32_t differs,
                         struct replayed *ret)
{
    struct dvara_str *v = ARENA_ARRAY(&r->kept, ASPECT_COUNT, struct dvara_str);
    size_t n = outcome->decision->n_rules;
    struct dvara_str *rules = ARENA_ARRAY(&r->kept, n, struct dvara_str);
    struct buf out;
    buf_init(&out, PRINTED_MAX);
    for (int i = 0; v && i < ASPECT_COUNT; i++) {
        buf_reset(&out);
        if (differs & 1u << i)
            outcome_print_new(outcome, (enum aspect)i, &out);
        v[i] = arena_copy(&r->kept, buf_str(&out));
    }
    buf_clear(&out);
    for (size_t i = 0; rules && i < n; i++)
        rules[i] = dvara_bundle_rule(r->bundle, outcome->decision->rules[i]).name;
    ret->becomes = (struct dvara_strs){v, v ? ASPECT_COUNT : 0};
    ret->rules = (struct dvara_strs){rules, rules ? n : 0};
}

static bool try_branch(struct replayer *r, struct replayed *ret, uint8_t *ret_seen)
{
    struct dvara_facts facts = r->record->facts;
    struct dvara_replay replay = {.truths = r->truths,
                                  .kinds = r->kinds,
                                  .redaction = r->record->redaction,
                                  .unscanned = r->record->unscanned,
                                  .ask = ask,
                                  .user = r};
    struct outcome outcome;
    memcpy(replay.known, r->record->known, sizeof replay.known);
    arena_reset(&r->arena);
    r->asked = 0;
    if (!run_branch(r, &facts, &replay, &outcome))
        return false;
    struct comparison found = outcome_compare(&outcome, r->record, &r->arena);
    enum replay_result result = found.differs  ? REPLAY_CHANGED
                                : found.unsure ? REPLAY_UNKNOWN
                                               : REPLAY_SAME;
    if (result == REPLAY_CHANGED && !ret->differs)
        keep_outcome(r, &outcome, found.differs, ret);
    ret->differs |= found.differs;
    if (result == REPLAY_UNKNOWN)
        ret->unsure |= found.unsure;
    ret->leaves++;
    *ret_seen = (uint8_t)(1u << result);
    return !arena_is_exhausted(&r->arena);
}

/* ---- one record ---- */

static void note_atoms(struct replayer *r, bool set)
{
    for (size_t i = 0; i < r->record->n_atoms; i++) {
        const struct record_atom *atom = &r->record->atoms[i];
        uint32_t at = dvara_bundle_find_atom(r->bundle, atom->mark);
        if (at == UINT32_MAX)
            continue;
        r->truths[at] = set ? atom->truth : DVARA_UNKNOWN;
        r->kinds[at] = set ? atom->kind : DVARA_ERROR_NONE;
    }
}

static void take_atoms(struct replayer *r, struct replayed *ret)
{
    uint32_t *v = ARENA_ARRAY(&r->kept, r->n_atoms, uint32_t);
    for (uint32_t i = 0; v && i < r->n_atoms; i++) {
        if (r->is_relevant[i])
            v[ret->n_atoms++] = i;
    }
    ret->atoms = v;
    memset(r->is_relevant, 0, r->n_atoms);
}

static enum replay_result result_of(uint8_t seen)
{
    if (seen == 1u << REPLAY_SAME)
        return REPLAY_SAME;
    return seen == 1u << REPLAY_CHANGED ? REPLAY_CHANGED : REPLAY_UNKNOWN;
}

/* Once it is known to be unknown, what is left to find is only what it turns on. */
static size_t most_leaves(uint8_t seen)
{
    return result_of(seen) == REPLAY_UNKNOWN && seen ? REPLAYER_NAMING : REPLAYER_LEAVES;
}

static bool try_all(struct replayer *r, struct replayed *ret)
{
    uint8_t all = 0, seen = 0;
    bool more = true;
    r->n_questions = 0;
    r->too_deep = false;
    while (more && ret->leaves < most_leaves(all) && !r->too_deep) {
        if (!try_branch(r, ret, &seen))
            return false;
        all |= seen;
        more = advance(r, seen);
    }
    ret->gave_up = more || r->too_deep;
    ret->result = ret->gave_up ? REPLAY_UNKNOWN : result_of(all);
    if (ret->gave_up)
        take_path(r);
    return true;
}

enum dvara_status replayer_judge(struct replayer *r, const struct record *record,
                                 struct replayed *ret_replayed)
{
    bool ok = true;
    *ret_replayed = (struct replayed){.result = REPLAY_UNKNOWN};
    arena_reset(&r->kept);
    if (!record->has_inputs) {
        ret_replayed->lacks_inputs = true;
        return DVARA_OK;
    }
    r->record = record;
    list_providers(r);
    note_atoms(r, true);
    ok = try_all(r, ret_replayed);
    note_atoms(r, false);
    take_atoms(r, ret_replayed);
    return ok && !arena_is_exhausted(&r->kept) ? DVARA_OK : DVARA_NO_MEMORY;
}

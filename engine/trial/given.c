/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/given.h"

#include "base/arena.h"
#include "dvara/bundle.h"

enum { PPM = 1000000 };
static const int64_t default_time = INT64_C(1767225600) * 1000000000; /* 2026-01-01T00:00:00Z */

static const char *const built_in_providers[] = {
#define PROVIDER(name) name,
#include "trial/providers.def"
};

void given_start(struct arena *arena, struct given *ret_given)
{
    *ret_given = (struct given){.arena = arena};
    ret_given->facts.request.endpoint = DVARA_STR("chat");
    ret_given->facts.request.ip = DVARA_STR("127.0.0.1");
    ret_given->facts.request.time = default_time;
    ret_given->facts.tenant.id = DVARA_STR("test");
    ret_given->facts.tenant.status = DVARA_STR("active");
}

static bool list_providers(struct given *given, const struct dvara_bundle *bundle)
{
    size_t built_in = sizeof built_in_providers / sizeof *built_in_providers;
    size_t declared = dvara_bundle_info(bundle).n_providers;
    struct dvara_str *v = ARENA_ARRAY(given->arena, built_in + declared, struct dvara_str);
    if (!v)
        return false;
    for (size_t i = 0; i < built_in; i++)
        v[i] = dvara_str_from_cstr(built_in_providers[i]);
    for (size_t i = 0; i < declared; i++)
        v[built_in + i] = dvara_bundle_provider(bundle, (uint32_t)i).name;
    given->providers = (struct dvara_strs){v, built_in + declared};
    return true;
}

/* A pin's provider stands in asked_model only. */
static void strip_pin(struct given *given)
{
    struct dvara_facts *facts = &given->facts;
    struct dvara_str model = facts->request.model;
    if (dvara_str_is_absent(facts->request.asked_model))
        facts->request.asked_model = model;
    const char *slash = model.n ? memchr(model.p, '/', model.n) : NULL;
    struct dvara_str provider = dvara_str_slice(model, 0, slash ? (size_t)(slash - model.p) : 0);
    for (size_t i = 0; slash && i < given->providers.n; i++) {
        if (dvara_str_eq(given->providers.v[i], provider))
            facts->request.model = dvara_str_slice(model, provider.n + 1, model.n);
    }
}

static const struct dvara_budget_state *find_budget(const struct given *given,
                                                    struct dvara_str name)
{
    for (size_t i = 0; i < given->facts.n_budgets; i++) {
        if (dvara_str_eq(given->facts.budgets[i].name, name))
            return &given->facts.budgets[i];
    }
    return NULL;
}

/* Whoever writes a test may write any number. */
static int64_t whole(double amount)
{
    const double most = 9e18;
    return amount > most ? INT64_MAX : amount < -most ? INT64_MIN : (int64_t)amount;
}

/* Unused unless said (R25); of `used` and `left` the one not said follows from the other. */
static struct dvara_budget_state budget_state(const struct dvara_budget_info *info,
                                              const struct dvara_budget_state *said)
{
    struct dvara_budget_state state = {info->name, 0, info->amount};
    const double share = (double)info->amount / PPM;
    bool used = said && said->used_ppm != GIVEN_UNSAID;
    bool left = said && said->left_microusd != GIVEN_UNSAID;
    if (used)
        state.used_ppm = said->used_ppm;
    if (left)
        state.left_microusd = said->left_microusd;
    if (used && !left)
        state.left_microusd = whole((double)info->amount - share * (double)state.used_ppm);
    if (left && !used)
        state.used_ppm = whole(((double)info->amount - (double)state.left_microusd) / share);
    return state;
}

/* All that the bundle declares; what is given must be one of them. */
static bool list_budgets(struct given *given, const struct dvara_bundle *bundle)
{
    size_t n = dvara_bundle_info(bundle).n_budgets, known = 0;
    struct dvara_budget_state *v = ARENA_ARRAY(given->arena, n, struct dvara_budget_state);
    for (size_t i = 0; v && i < n; i++) {
        struct dvara_budget_info info = dvara_bundle_budget(bundle, (uint32_t)i);
        const struct dvara_budget_state *said = find_budget(given, info.name);
        known += said != NULL;
        v[i] = budget_state(&info, said);
    }
    if (v && known < given->facts.n_budgets)
        given->error = DVARA_STR("E0201: `budget` names one that the bundle does not declare");
    if (!v || known < given->facts.n_budgets)
        return false;
    given->facts.budgets = v;
    given->facts.n_budgets = n;
    return true;
}

bool given_finish(struct given *given, const struct dvara_bundle *bundle)
{
    if (!list_providers(given, bundle) || !list_budgets(given, bundle))
        return false;
    strip_pin(given);
    return given_leaves(given);
}

static void look(void *user, struct dvara_str provider, struct dvara_str model, int64_t window,
                 struct dvara_target_state *ret_state)
{
    const struct given *given = user;
    (void)window; /* what is given is fresh */
    for (size_t i = 0; i < given->n_targets; i++) {
        const struct given_target *target = &given->targets[i];
        if (target->name.n == provider.n + 1 + model.n && target->name.p[provider.n] == '/' &&
            dvara_str_starts_with(target->name, provider) &&
            dvara_str_ends_with(target->name, model))
            *ret_state = target->state;
    }
}

struct dvara_world given_world(struct given *given)
{
    return (struct dvara_world){.providers = given->providers, .look = look, .user = given};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/given.h"

#include "base/arena.h"
#include "dvara/bundle.h"

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

bool given_finish(struct given *given, const struct dvara_bundle *bundle)
{
    if (!list_providers(given, bundle))
        return false;
    strip_pin(given);
    return given_leaves(given);
}

static void look(void *user, struct dvara_str provider, struct dvara_str model, bool *ret_healthy,
                 int64_t *ret_latency_p50_ns)
{
    const struct given *given = user;
    for (size_t i = 0; i < given->n_targets; i++) {
        const struct given_target *target = &given->targets[i];
        if (target->name.n == provider.n + 1 + model.n && target->name.p[provider.n] == '/' &&
            dvara_str_starts_with(target->name, provider) &&
            dvara_str_ends_with(target->name, model)) {
            *ret_healthy = target->healthy;
            *ret_latency_p50_ns = target->latency_p50;
        }
    }
}

struct dvara_world given_world(struct given *given)
{
    return (struct dvara_world){.providers = given->providers, .look = look, .user = given};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle/generate.h"

#include <stdio.h>

static struct dvara_str pick(struct dice *dice, const char *const *pool, uint32_t n)
{
    return dvara_str_from_cstr(pool[dice_below(dice, n)]);
}
#define PICK_STR(dice, pool) pick((dice), (pool), sizeof(pool) / sizeof *(pool))

static struct dvara_strs some(struct dice *dice, struct arena *arena)
{
    static const char *const pool[] = {"a", "b", "gdpr", "t1", "gpt-4o", "u1"};
    size_t n = dice_below(dice, 4);
    struct dvara_str *v = ARENA_ARRAY(arena, n + 1, struct dvara_str);
    for (size_t i = 0; i < n; i++)
        v[i] = PICK_STR(dice, pool);
    return (struct dvara_strs){v, n};
}

static struct dvara_pairs one_pair(struct dice *dice, struct arena *arena, const char *name,
                                   const char *value)
{
    struct dvara_pair *pair = ARENA_NEW(arena, struct dvara_pair);
    *pair = (struct dvara_pair){dvara_str_from_cstr(name), dvara_str_from_cstr(value)};
    return (struct dvara_pairs){pair, dice_below(dice, 2)};
}

static struct dvara_messages messages(struct dice *dice, struct arena *arena)
{
    static const char *const roles[] = {"system", "user", "assistant", "tool"};
    static const char *const texts[] = {"a b", "abc", "", "hello chat"};
    size_t n = dice_below(dice, 4);
    struct dvara_message *v = ARENA_ARRAY(arena, n + 1, struct dvara_message);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct dvara_message){PICK_STR(dice, roles), PICK_STR(dice, texts),
                                      dice_below(dice, 3) == 0};
    return (struct dvara_messages){v, n};
}

static struct dvara_tools tools(struct dice *dice, struct arena *arena)
{
    static const char *const names[] = {"fs_read", "fs_write", "pay", "b"};
    size_t n = dice_below(dice, 3);
    struct dvara_tool *v = ARENA_ARRAY(arena, n + 1, struct dvara_tool);
    for (size_t i = 0; i < n; i++)
        v[i] = (struct dvara_tool){PICK_STR(dice, names), DVARA_STR("d")};
    return (struct dvara_tools){v, n};
}

static void request(struct dice *dice, struct arena *arena, struct dvara_facts *f)
{
    static const char *const models[] = {"gpt-4o", "gpt-4o-mini", "t1", "a", "llama"};
    static const char *const texts[] = {"{\"a\": 1}",
                                        "AB ab",
                                        "  a ",
                                        "chat",
                                        "",
                                        "{\"a\":",
                                        "a very long text with gpt-4o and b in it",
                                        "10"};
    static const char *const ips[] = {"10.1.2.3",        "192.168.0.1",    "2001:db8::1",
                                      "::ffff:10.0.0.1", "not an address", ""};
    static const char *const ids[] = {"q1", "q2", "q3", "q4", "q5", "q6", "q7"};
    f->request.endpoint = DVARA_STR("chat");
    f->request.model = PICK_STR(dice, models);
    f->request.asked_model = f->request.model;
    f->request.stream = dice_below(dice, 2);
    f->request.max_tokens = (struct dvara_opt_int){dice_below(dice, 2), dice_below(dice, 200)};
    f->request.n = (struct dvara_opt_int){dice_below(dice, 2), 1 + dice_below(dice, 4)};
    f->request.temperature =
        (struct dvara_opt_float){dice_below(dice, 2), dice_below(dice, 5) / 4.0};
    f->request.messages = messages(dice, arena);
    f->request.tools = tools(dice, arena);
    f->request.text = PICK_STR(dice, texts);
    if (dice_below(dice, 2))
        f->request.user = DVARA_STR("u1");
    f->request.features = some(dice, arena);
    f->request.prompt_tokens = dice_below(dice, 20);
    f->request.size = 100 * dice_below(dice, 15);
    f->request.ip = PICK_STR(dice, ips);
    f->request.time = (1767225600 + (int64_t)dice_below(dice, 31536000)) * 1000000000;
    f->request.path = DVARA_STR("/v1/chat/completions");
    f->request.id = PICK_STR(dice, ids);
    f->request.trace_id = f->request.id;
    f->request.headers = one_pair(dice, arena, "x-team", "b");
    f->request.metadata = one_pair(dice, arena, "k", "b");
}

/* Texts that detectors read, some under a key that is a context word. */
static struct dvara_leaves leaves(struct dice *dice, struct arena *arena)
{
    static const char *const texts[] = {"t1 or t2", "card 1234", "12 and 345", "none", "", "t9 12"};
    size_t n = dice_below(dice, 4);
    struct dvara_leaf *v = ARENA_ARRAY(arena, n + 1, struct dvara_leaf);
    for (size_t i = 0; i < n; i++) {
        v[i] = (struct dvara_leaf){.text = PICK_STR(dice, texts)};
        if (dice_below(dice, 3) == 0)
            v[i].label = DVARA_STR("card");
    }
    return (struct dvara_leaves){v, n};
}

void generate_world(struct dice *dice, struct world_target ret_world[GENERATE_TARGETS])
{
    static const struct dvara_str names[GENERATE_TARGETS] = {
        DVARA_STR_INIT("openai/gpt-4o"), DVARA_STR_INIT("azure_eu/gpt-4o"),
        DVARA_STR_INIT("local/llama"), DVARA_STR_INIT("openai/gpt-4o-mini")};
    bool known = dice_below(dice, 3) > 0;
    for (int i = 0; i < GENERATE_TARGETS; i++) {
        struct dvara_target_state *state = &ret_world[i].state;
        ret_world[i].name = names[i];
        *state = (struct dvara_target_state){.healthy = dice_below(dice, 6) > 0, .uptime = 1000000};
        if (!known)
            continue;
        state->first_byte = 100 * dice_below(dice, 5);
        state->latency_p50 = state->first_byte;
        state->throughput = 10 * dice_below(dice, 4);
        state->in_flight = dice_below(dice, 3);
        state->uptime -= 50000 * (int64_t)dice_below(dice, 4);
    }
}

static struct dvara_strs opaque(struct dice *dice, struct arena *arena)
{
    static const char *const kinds[] = {"tokens", "image", "file"};
    struct dvara_str *v = ARENA_ARRAY(arena, 1, struct dvara_str);
    v[0] = PICK_STR(dice, kinds);
    return (struct dvara_strs){v, dice_below(dice, 4) == 0};
}

/* Not always told: a missing one is a store that did not answer. */
static void budget(struct dice *dice, struct arena *arena, struct dvara_facts *f)
{
    struct dvara_budget_state *state = ARENA_NEW(arena, struct dvara_budget_state);
    *state = (struct dvara_budget_state){DVARA_STR("spend"), 100000 * dice_below(dice, 12),
                                         1000000 * (int64_t)dice_below(dice, 11)};
    f->budgets = state;
    f->n_budgets = dice_below(dice, 8) > 0;
}

void generate_facts(struct dice *dice, struct arena *arena, struct dvara_facts *ret_facts)
{
    static const char *const tenants[] = {"t1", "t2", "a"};
    static const char *const regions[] = {"eu", "us", ""};
    static const char *const sessions[] = {"s1", "s2", "s3"};
    struct dvara_facts *f = ret_facts;
    *f = (struct dvara_facts){0};
    request(dice, arena, f);
    f->tenant.id = PICK_STR(dice, tenants);
    f->tenant.name = f->tenant.id;
    f->tenant.status = DVARA_STR("active");
    if (dice_below(dice, 2))
        f->tenant.region = PICK_STR(dice, regions);
    f->tenant.tags = some(dice, arena);
    f->tenant.models = some(dice, arena);
    f->tenant.attrs = one_pair(dice, arena, "tier", "a");
    f->key.id = DVARA_STR("k");
    f->key.name = PICK_STR(dice, tenants);
    f->key.tags = some(dice, arena);
    f->session.requests = dice_below(dice, 10);
    f->session.repeats = dice_below(dice, 4);
    if (dice_below(dice, 2))
        f->session.id = PICK_STR(dice, sessions);
    f->request.opaque = opaque(dice, arena);
    if (dice_below(dice, 6) == 0)
        f->request.response_format = DVARA_STR("json_schema");
    budget(dice, arena, f);
    f->session.age = (int64_t)dice_below(dice, 7200) * 1000000000;
    f->session.cost = dice_below(dice, 3000000);
    f->tool.name = dice_below(dice, 2) ? DVARA_STR("pay") : DVARA_STR("fs_read");
    f->tool.args = dice_below(dice, 3) ? DVARA_STR("{\"amount\": 10}") : DVARA_STR("{oops");
    f->response.text = dice_below(dice, 2) ? DVARA_STR("a b stop") : DVARA_STR("gpt-4o");
    f->response.finish_reason = DVARA_STR("stop");
    f->response.completion_tokens = dice_below(dice, 20);
    f->request.leaves = leaves(dice, arena);
    f->tool.leaves = leaves(dice, arena);
    f->response.leaves = leaves(dice, arena);
    static const enum dvara_error_kind faults[] = {DVARA_ERROR_STORE,   DVARA_ERROR_CANDIDATES,
                                                   DVARA_ERROR_ADDRESS, DVARA_ERROR_JSON,
                                                   DVARA_ERROR_LIST,    DVARA_ERROR_ARITHMETIC};
    if (dice_below(dice, 5) == 0)
        f->faults = 1u << PICK(dice, faults);
}

static void look(void *user, struct dvara_str provider, struct dvara_str model, int64_t window,
                 struct dvara_target_state *ret_state)
{
    const struct world_target *world = user;
    char name[256];
    (void)window;
    int n = snprintf(name, sizeof name, "%.*s/%.*s", DVARA_STR_ARG(provider), DVARA_STR_ARG(model));
    for (size_t i = 0; i < GENERATE_TARGETS; i++)
        if (dvara_str_eq(world[i].name, dvara_str_from(name, (size_t)n)))
            *ret_state = world[i].state;
}

struct dvara_world generate_asked(struct world_target world[GENERATE_TARGETS])
{
    static const struct dvara_str providers[] = {
        DVARA_STR_INIT("openai"), DVARA_STR_INIT("azure_eu"), DVARA_STR_INIT("local")};
    return (struct dvara_world){.providers = {providers, sizeof providers / sizeof *providers},
                                .look = look,
                                .user = world};
}

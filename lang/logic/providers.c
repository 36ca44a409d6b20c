/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/providers.h"

#include "base/arena.h"
#include "base/hash.h"

static const struct dvara_str built_in[] = {
#define PROVIDER(name) DVARA_STR_INIT(name),
#include "trial/providers.def"
};
enum { BUILT_IN = sizeof built_in / sizeof *built_in };

static bool is_listed(const struct providers *p, struct dvara_str name)
{
    for (size_t i = 0; i < p->n; i++)
        if (dvara_str_eq(p->v[i].name, name))
            return true;
    return false;
}

static void add(struct arena *arena, struct providers *p, struct dvara_str name)
{
    if (is_listed(p, name))
        return;
    p->v[p->n].name = name;
    p->v[p->n++].start = arena_printf(arena, "%.*s/", DVARA_STR_ARG(name));
}

/* The number of a pin, and what it says of the two models. */
static void tie(struct script *script, const struct providers *p)
{
    struct dvara_str none = script_equal(script, p->asked, p->model);
    for (size_t i = 0; i < p->n; i++) {
        struct dvara_str start = script_string(script, p->v[i].start);
        struct dvara_str here = script_equal(script, p->pin, script_int(script, (int64_t)i + 1));
        struct dvara_str whole = script_two(script, "str.++", start, p->model);
        script_assert(script, LEVEL_ALL,
                      script_two(script, "=>", here, script_two(script, "=", p->asked, whole)));
        none = script_and(script, none,
                          script_not(script, script_two(script, "str.prefixof", start, p->asked)));
    }
    struct dvara_str unpinned = script_equal(script, p->pin, DVARA_STR("0"));
    script_assert(script, LEVEL_ALL, script_two(script, "=>", unpinned, none));
    script_assert(
        script, LEVEL_ALL,
        script_three(script, "<=", DVARA_STR("0"), p->pin, script_int(script, (int64_t)p->n)));
}

bool providers_of(struct scene *scene, struct providers *ret_providers)
{
    struct script *script = scene->script;
    const struct decls *declared = &scene->program->by_kind[DECL_PROVIDER];
    struct providers p = {.n = 0};
    uint64_t mark = 0;
    bool new;
    p.v = arena_array(script->arena, BUILT_IN + declared->n, sizeof *p.v);
    if (!p.v)
        return false;
    for (size_t i = 0; i < BUILT_IN; i++)
        add(script->arena, &p, built_in[i]);
    for (size_t i = 0; i < declared->n; i++)
        add(script->arena, &p, declared->v[i]->name);
    for (size_t i = 0; i < p.n; i++)
        mark = (mark ^ hash_fixed(p.v[i].name)) * UINT64_C(0x9e3779b97f4a7c15);
    struct asked asked = {.kind = ASKED_VALUE, .sort = SORT_STRING};
    asked.attribute = DVARA_ATTR_REQUEST_ASKED_MODEL;
    p.asked = script_constant(script, DVARA_STR("request.asked_model"), asked, NULL);
    asked.kind = ASKED_TERM;
    p.model = script_constant(
        script, arena_printf(script->arena, "request.model.%016llx", (unsigned long long)mark),
        asked, NULL);
    asked.sort = SORT_INT;
    p.pin = script_constant(
        script, arena_printf(script->arena, "pin.%016llx", (unsigned long long)mark), asked, &new);
    if (new)
        tie(script, &p);
    scene->set[DVARA_ATTR_REQUEST_MODEL] = (struct term){p.model, SCRIPT_TRUE, SCRIPT_FALSE};
    scene->set[DVARA_ATTR_REQUEST_ASKED_MODEL] = (struct term){p.asked, SCRIPT_TRUE, SCRIPT_FALSE};
    *ret_providers = p;
    return true;
}

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

/* What was sent: the pin and the model. That a model without a pin does not look like one is left
 * out: the more names there are to tell apart, the harder is every question, and what is so let in
 * is never what a request shows. */
static struct dvara_str tie(struct script *script, const struct providers *p, bool new)
{
    struct dvara_str asked = p->model;
    for (size_t i = 0; i < p->n; i++) {
        struct dvara_str start = script_string(script, p->v[i].start);
        struct dvara_str here = script_equal(script, p->pin, script_int(script, (int64_t)i + 1));
        asked = script_if(script, SORT_STRING, here, script_two(script, "str.++", start, p->model),
                          asked);
    }
    if (!new)
        return asked;
    script_assert(
        script, LEVEL_ALL,
        script_three(script, "<=", DVARA_STR("0"), p->pin, script_int(script, (int64_t)p->n)));
    script_assert(script, LEVEL_CALM, script_equal(script, p->pin, DVARA_STR("0")));
    script_assert(script, LEVEL_CALM,
                  script_not(script, script_holds(script, p->model, DVARA_STR("\"/\""))));
    return asked;
}

/* Its names stand with it, for whoever reads the model. */
static struct dvara_str pin_of(struct script *script, const struct providers *p,
                               struct dvara_str mark, bool *ret_new)
{
    struct asked asked = {.kind = ASKED_PIN, .sort = SORT_INT, .arg = mark};
    struct dvara_str *names = ARENA_ARRAY(script->arena, p->n, struct dvara_str);
    for (size_t i = 0; names && i < p->n; i++)
        names[i] = p->v[i].name;
    asked.names = names;
    asked.number = names ? (uint32_t)p->n : 0;
    return script_constant(script, arena_printf(script->arena, "pin.%.*s", DVARA_STR_ARG(mark)),
                           asked, ret_new);
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
    struct dvara_str key = arena_printf(script->arena, "%016llx", (unsigned long long)mark);
    p.pin = pin_of(script, &p, key, &new);
    asked.arg = key;
    p.model = script_constant(
        script, arena_printf(script->arena, "request.model.%.*s", DVARA_STR_ARG(key)), asked, NULL);
    p.asked = tie(script, &p, new);
    scene->set[DVARA_ATTR_REQUEST_MODEL] = (struct term){p.model, SCRIPT_TRUE, SCRIPT_FALSE};
    scene->set[DVARA_ATTR_REQUEST_ASKED_MODEL] = (struct term){p.asked, SCRIPT_TRUE, SCRIPT_FALSE};
    *ret_providers = p;
    return true;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/scene.h"

#include "base/arena.h"
#include "base/hash.h"
#include "lang/atom.h"
#include "lang/same.h"

static const struct {
    enum sort sort;
} sorts[DVARA_TYPE_COUNT] = {
    [DVARA_TYPE_BOOL] = {SORT_BOOL},    [DVARA_TYPE_INT] = {SORT_INT},
    [DVARA_TYPE_FLOAT] = {SORT_REAL},   [DVARA_TYPE_STRING] = {SORT_STRING},
    [DVARA_TYPE_DURATION] = {SORT_INT}, [DVARA_TYPE_SIZE] = {SORT_INT},
    [DVARA_TYPE_MONEY] = {SORT_INT},    [DVARA_TYPE_PERCENT] = {SORT_INT},
    [DVARA_TYPE_TIME] = {SORT_INT},     [DVARA_TYPE_CLOCK] = {SORT_INT},
    [DVARA_TYPE_MESSAGE] = {SORT_INT},  [DVARA_TYPE_TOOL] = {SORT_INT},
};

enum sort scene_sort(struct type type)
{
    return type.base < DVARA_TYPE_COUNT ? sorts[type.base].sort : SORT_INT;
}

static uint64_t text_mark(const struct program *program, const struct decl *decl)
{
    const struct source *source = program->sources.v[decl->span.file];
    return hash_fixed(dvara_str_slice(source->text, decl->span.start, decl->span.end));
}

/* What decides what detectors find: all of them and all groups, since one text is scanned once. */
static struct dvara_str mark_of(const struct program *program, struct arena *arena)
{
    static const enum decl_kind kinds[] = {DECL_DETECTOR, DECL_GROUP};
    uint64_t mark = 0;
    for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
        const struct decls *decls = &program->by_kind[kinds[k]];
        for (size_t i = 0; i < decls->n; i++) {
            mark ^= text_mark(program, decls->v[i]);
            mark *= UINT64_C(0x9e3779b97f4a7c15);
        }
    }
    return arena_printf(arena, "%016llx", (unsigned long long)mark);
}

uint64_t scene_budgets_mark(const struct program *program)
{
    const struct decls *budgets = &program->by_kind[DECL_BUDGET];
    uint64_t mark = 0;
    for (size_t i = 0; i < budgets->n; i++)
        mark = (mark ^ text_mark(program, budgets->v[i])) * UINT64_C(0x9e3779b97f4a7c15);
    return mark;
}

bool scene_init(struct scene *scene, struct script *script, const struct program *program,
                uint32_t side)
{
    *scene = (struct scene){.script = script, .program = program, .side = side, .version = side};
    scene->lets = ARENA_ARRAY(script->arena, program->by_kind[DECL_LET].n, struct term);
    scene->mark = mark_of(program, script->arena);
    return scene->lets != NULL;
}

bool scene_copy(struct scene *scene, const struct scene *from, enum dvara_phase phase)
{
    *scene = *from;
    scene->phase = phase;
    scene->version = from->script->n_names++ + 2;
    scene->lets = ARENA_ARRAY(from->script->arena, from->program->by_kind[DECL_LET].n, struct term);
    return scene->lets != NULL;
}

/* ---- constants ---- */

struct dvara_str scene_constant(struct scene *scene, const struct constant *constant)
{
    switch (scene_sort(constant->type)) {
    case SORT_BOOL:
        return constant->i ? SCRIPT_TRUE : SCRIPT_FALSE;
    case SORT_REAL:
        return script_real(scene->script, constant->f);
    case SORT_STRING:
        return script_string(scene->script, constant->s);
    case SORT_INT:
        return script_int(scene->script, constant->i);
    case SORT_ADDRESS:
    case SORT_COUNT:
        break;
    }
    return (struct dvara_str){NULL, 0};
}

/* ---- attributes ---- */

/* Two policies' budgets or runtime lists of one name are one only where they are declared alike. */
static struct dvara_str path_of_decl(struct scene *scene, struct dvara_str what,
                                     const struct decl *decl)
{
    return arena_printf(scene->script->arena, "%.*s(%.*s)%016llx", DVARA_STR_ARG(what),
                        DVARA_STR_ARG(decl->name),
                        (unsigned long long)text_mark(scene->program, decl));
}

struct dvara_str scene_path(struct scene *scene, const struct expr *attribute)
{
    enum dvara_attribute id = attribute->attribute.id;
    struct dvara_str path = attribute_row(id)->path;
    if (dvara_str_is_absent(attribute->attribute.arg))
        return path;
    const struct decl *budget =
        id == DVARA_ATTR_BUDGET_USED || id == DVARA_ATTR_BUDGET_LEFT
            ? program_find(scene->program, DECL_BUDGET, attribute->attribute.arg)
            : NULL;
    if (budget)
        return path_of_decl(scene, path, budget);
    return arena_printf(scene->script->arena, "%.*s(%.*s)", DVARA_STR_ARG(path),
                        DVARA_STR_ARG(attribute->attribute.arg));
}

struct dvara_str scene_fault(struct scene *scene, enum dvara_error_kind kind, struct dvara_str key)
{
    bool new;
    struct asked asked = {.kind = ASKED_FAULT, .sort = SORT_BOOL, .number = (uint32_t)kind};
    struct dvara_str name =
        arena_printf(scene->script->arena, "fault.%d.%.*s", (int)kind, DVARA_STR_ARG(key));
    struct dvara_str term = script_constant(scene->script, name, asked, &new);
    if (new)
        script_assert(scene->script, LEVEL_CALM, script_not(scene->script, term));
    return term;
}

/* What reading it can run into. */
static enum dvara_error_kind fault_of(enum dvara_attribute id)
{
    if ((id >= DVARA_ATTR_SESSION_ID && id <= DVARA_ATTR_SESSION_COST) ||
        id == DVARA_ATTR_BUDGET_USED || id == DVARA_ATTR_BUDGET_LEFT)
        return DVARA_ERROR_STORE;
    if (id == DVARA_ATTR_REQUEST_BODY)
        return DVARA_ERROR_JSON;
    return attribute_row(id)->type.shape == DVARA_SHAPE_LIST ? DVARA_ERROR_LIST : DVARA_ERROR_NONE;
}

static void bound(struct scene *scene, struct dvara_str value, const struct expr *attribute)
{
    struct script *script = scene->script;
    int64_t low, high;
    struct expr subject = {.kind = EXPR_ATTRIBUTE};
    subject.attribute.id = attribute->attribute.id;
    bool natural = atom_natural_range(&subject, &low, &high);
    script_assert(script, LEVEL_ALL,
                  script_three(script, "<=", script_int(script, natural ? low : INT64_MIN), value,
                               script_int(script, natural ? high : INT64_MAX)));
}

/* One of a closed set of words. */
static void choose(struct scene *scene, struct dvara_str value, struct dvara_str words)
{
    struct script *script = scene->script;
    struct dvara_str any = SCRIPT_FALSE;
    for (size_t at = 0, end; at < words.n; at = end + 1) {
        for (end = at; end < words.n && words.p[end] != ' ';)
            end++;
        struct dvara_str word = script_string(script, dvara_str_slice(words, at, end));
        any = script_or(script, any, script_same(script, value, word));
    }
    script_assert(script, LEVEL_ALL, any);
}

static struct dvara_str value_of(struct scene *scene, const struct expr *expr,
                                 struct dvara_str path)
{
    enum dvara_attribute id = expr->attribute.id;
    const struct attribute *row = attribute_row(id);
    struct expr subject = {.kind = EXPR_ATTRIBUTE};
    bool new;
    struct asked asked = {.kind = ASKED_VALUE,
                          .sort = scene_sort(row->type),
                          .attribute = id,
                          .arg = expr->attribute.arg};
    struct dvara_str value = script_constant(scene->script, path, asked, &new);
    subject.attribute.id = id;
    struct dvara_str words = atom_natural_words(&subject);
    if (new &&asked.sort == SORT_INT)
        bound(scene, value, expr);
    if (new &&words.n)
        choose(scene, value, words);
    return value;
}

static struct dvara_str present_of(struct scene *scene, const struct expr *expr,
                                   struct dvara_str path)
{
    struct asked asked = {.kind = ASKED_PRESENT,
                          .sort = SORT_BOOL,
                          .attribute = expr->attribute.id,
                          .arg = expr->attribute.arg};
    struct dvara_str key = arena_printf(scene->script->arena, "has.%.*s", DVARA_STR_ARG(path));
    return script_constant(scene->script, key, asked, NULL);
}

static const struct term *set_header(const struct scene *scene, const struct expr *expr)
{
    for (const struct scene_header *h = scene->headers; h; h = h->next)
        if (expr->attribute.id == DVARA_ATTR_REQUEST_HEADER &&
            dvara_str_eq(h->name, expr->attribute.arg))
            return &h->term;
    return NULL;
}

struct term scene_attribute(struct scene *scene, const struct expr *expr)
{
    enum dvara_attribute id = expr->attribute.id;
    const struct term *header = set_header(scene, expr);
    if (header)
        return *header;
    if (!dvara_str_is_absent(scene->set[id].value))
        return scene->set[id];
    if (expr->attribute.group)
        return scene_pii(scene, expr);
    struct dvara_str path = scene_path(scene, expr);
    enum dvara_error_kind fault = fault_of(id);
    struct term term = {.present = SCRIPT_TRUE, .errs = SCRIPT_FALSE};
    term.value = value_of(scene, expr, path);
    if (attribute_row(id)->type.shape == DVARA_SHAPE_OPT)
        term.present = present_of(scene, expr, path);
    if (fault != DVARA_ERROR_NONE)
        term.errs = scene_fault(scene, fault, path);
    return term;
}

/* ---- lists ---- */

static struct asked asked_of_list(struct scene *scene, const struct expr *list,
                                  enum asked_kind kind, struct dvara_str *ret_path)
{
    struct asked asked = {.kind = kind};
    if (list->kind == EXPR_ATTRIBUTE) {
        asked.attribute = list->attribute.id;
        *ret_path = scene_path(scene, list);
    } else {
        asked.decl = list->decl;
        asked.arg = list->decl->name;
        *ret_path = path_of_decl(scene, DVARA_STR("lists"), list->decl);
    }
    return asked;
}

struct dvara_str scene_length(struct scene *scene, const struct expr *list,
                              struct dvara_str *ret_errs)
{
    struct script *script = scene->script;
    struct dvara_str path;
    bool new;
    struct asked asked = asked_of_list(scene, list, ASKED_LENGTH, &path);
    asked.sort = SORT_INT;
    struct dvara_str key = arena_printf(script->arena, "len.%.*s", DVARA_STR_ARG(path));
    struct dvara_str length = script_constant(script, key, asked, &new);
    if (new)
        script_assert(script, LEVEL_ALL,
                      script_three(script, "<=", DVARA_STR("0"), length, DVARA_STR("65536")));
    *ret_errs = scene_fault(scene, DVARA_ERROR_LIST, path);
    return length;
}

struct term scene_member(struct scene *scene, const struct expr *list, struct dvara_str element)
{
    struct script *script = scene->script;
    struct term term = {.present = SCRIPT_TRUE};
    struct dvara_str path;
    bool new;
    struct asked asked = asked_of_list(scene, list, ASKED_MEMBER, &path);
    asked.sort = SORT_BOOL;
    struct dvara_str key = arena_printf(script->arena, "in.%.*s", DVARA_STR_ARG(path));
    struct dvara_str member = script_apply(script, key, SORT_STRING, element, asked, &new);
    struct dvara_str length = scene_length(scene, list, &term.errs);
    if (new)
        script_assert(
            script, LEVEL_ALL,
            script_two(script, "=>", member, script_two(script, ">=", length, DVARA_STR("1"))));
    term.value = script_and(script, member, script_not(script, term.errs));
    return term;
}

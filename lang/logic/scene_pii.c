/* SPDX-License-Identifier: Apache-2.0 */
/* What detectors find. Of each detector and text there is the best score of its spans, 0 for none,
 * and the number of those that reach a threshold: a text is scanned once, and a group is the sum of
 * its members, so that groups that share detectors are never at odds. */
#include "lang/logic/scene.h"

#include "base/arena.h"
#include "lang/codegen.h"

enum { PPM = 1000000 };

static enum dvara_where where_of(const struct scene *scene, enum dvara_attribute id)
{
    bool prompt = id == DVARA_ATTR_PROMPT_PII_FOUND || id == DVARA_ATTR_PROMPT_PII_COUNT ||
                  id == DVARA_ATTR_PROMPT_PII_SCORE;
    if (prompt || scene->phase == DVARA_PHASE_REQUEST || scene->phase == DVARA_PHASE_TARGET)
        return DVARA_WHERE_PROMPT;
    return scene->phase == DVARA_PHASE_TOOL ? DVARA_WHERE_TOOLS : DVARA_WHERE_RESPONSE;
}

struct dvara_str scene_score(struct scene *scene, enum dvara_where where, const struct decl *decl)
{
    struct script *script = scene->script;
    struct asked asked = {
        .kind = ASKED_SCORE, .sort = SORT_INT, .decl = decl, .where = (uint8_t)where};
    bool new;
    struct dvara_str key = arena_printf(script->arena, "score.%d.%.*s.%.*s", (int)where,
                                        DVARA_STR_ARG(decl->name), DVARA_STR_ARG(scene->mark));
    struct dvara_str score = script_constant(script, key, asked, &new);
    if (new)
        script_assert(script, LEVEL_ALL,
                      script_three(script, "<=", DVARA_STR("0"), score, script_int(script, PPM)));
    return score;
}

struct dvara_str scene_unread(struct scene *scene, enum dvara_where where)
{
    return scene_fault(scene, DVARA_ERROR_SCAN,
                       arena_printf(scene->script->arena, "text.%d", (int)where));
}

static struct dvara_str reaches(struct scene *scene, struct dvara_str score, uint32_t threshold)
{
    return script_two(scene->script, ">=", score, script_int(scene->script, threshold));
}

static struct dvara_str count_of(struct scene *scene, enum dvara_where where,
                                 const struct decl *decl, uint32_t threshold)
{
    struct script *script = scene->script;
    struct asked asked = {.kind = ASKED_COUNT,
                          .sort = SORT_INT,
                          .decl = decl,
                          .number = threshold,
                          .where = (uint8_t)where};
    bool new;
    struct dvara_str key =
        arena_printf(script->arena, "count.%d.%u.%.*s.%.*s", (int)where, threshold,
                     DVARA_STR_ARG(decl->name), DVARA_STR_ARG(scene->mark));
    struct dvara_str count = script_constant(script, key, asked, &new);
    if (new) {
        struct dvara_str some = reaches(scene, scene_score(scene, where, decl), threshold);
        script_assert(script, LEVEL_ALL, script_two(script, ">=", count, DVARA_STR("0")));
        script_assert(
            script, LEVEL_ALL,
            script_two(script, "=", some, script_two(script, ">", count, DVARA_STR("0"))));
    }
    return count;
}

/* One member's part in what the attribute is. */
static struct dvara_str add_member(struct scene *scene, enum dvara_attribute id,
                                   struct dvara_str sum, const struct decl *decl,
                                   uint32_t threshold)
{
    struct script *script = scene->script;
    enum dvara_where where = where_of(scene, id);
    struct dvara_str score = scene_score(scene, where, decl);
    struct dvara_str found = script_name(script, SORT_BOOL, reaches(scene, score, threshold));
    if (id == DVARA_ATTR_PII_FOUND || id == DVARA_ATTR_PROMPT_PII_FOUND)
        return script_or(script, sum, found);
    if (id == DVARA_ATTR_PII_COUNT || id == DVARA_ATTR_PROMPT_PII_COUNT)
        return script_name(script, SORT_INT,
                           script_two(script, "+", sum, count_of(scene, where, decl, threshold)));
    struct dvara_str more = script_and(
        script, found, script_name(script, SORT_BOOL, script_two(script, ">", score, sum)));
    return script_if(script, SORT_INT, more, score, sum);
}

struct term scene_pii(struct scene *scene, const struct expr *attribute)
{
    struct script *script = scene->script;
    enum dvara_attribute id = attribute->attribute.id;
    const struct decls *detectors = &scene->program->by_kind[DECL_DETECTOR];
    size_t n = detectors->n + scene->program->by_kind[DECL_GROUP].n;
    uint32_t *thresholds = ARENA_ARRAY(script->arena, n, uint32_t);
    bool found = id == DVARA_ATTR_PII_FOUND || id == DVARA_ATTR_PROMPT_PII_FOUND;
    struct term term = {.value = found ? SCRIPT_FALSE : DVARA_STR("0"), .present = SCRIPT_TRUE};
    if (!thresholds)
        return scene_free(scene, attribute);
    codegen_thresholds(scene->program, attribute->attribute.group, thresholds);
    for (size_t i = 0; i < detectors->n; i++)
        if (thresholds[i])
            term.value = add_member(scene, id, term.value, detectors->v[i], thresholds[i]);
    term.errs = scene_unread(scene, where_of(scene, id));
    if (found)
        term.value = script_and(script, term.value, script_not(script, term.errs));
    return term;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Personal data in the texts of a phase: what a group finds, how often, and how surely. */
#include "oracle/make.h"

#include "dvara/pii.h"

enum { BARE = 500000 }; /* the threshold of a detector that no group gives one, ppm */

/* The lowest threshold at which `name` belongs to the detector or group; -1: it does not. `outer`
 * is what the groups around say, -1 for nothing. */
static int64_t threshold(const struct decl *decl, int64_t outer, struct dvara_str name)
{
    int64_t least = -1;
    if (decl->kind == DECL_DETECTOR)
        return !dvara_str_eq(decl->name, name) ? -1 : outer < 0 ? BARE : outer;
    for (size_t i = 0; i < decl->group.n_members; i++) {
        const struct group_member *member = &decl->group.members[i];
        int64_t own = member->threshold.has ? member->threshold.i : outer;
        int64_t at = threshold(member->ref.decl, own, name);
        least = at >= 0 && (least < 0 || at < least) ? at : least;
    }
    return least;
}

int64_t walk_threshold(const struct decl *group, struct dvara_str detector)
{
    return threshold(group, -1, detector);
}

static struct dvara_leaves texts(const struct scope *scope, bool prompt)
{
    if (!prompt && scope->phase == DVARA_PHASE_TOOL)
        return scope->facts->tool.leaves;
    if (!prompt && scope->phase == DVARA_PHASE_RESPONSE)
        return scope->facts->response.leaves;
    return scope->facts->request.leaves;
}

struct value walk_personal(struct scope *scope, const struct expr *expr)
{
    enum dvara_attribute id = expr->attribute.id;
    struct dvara_leaves leaves = texts(scope, id >= DVARA_ATTR_PROMPT_PII_FOUND);
    int64_t count = 0, score = 0;
    if (faulty(scope, DVARA_ERROR_CANDIDATES))
        return failure(DVARA_ERROR_CANDIDATES);
    for (size_t i = 0; i < leaves.n; i++) {
        enum dvara_error_kind error;
        struct dvara_spans spans =
            dvara_scan(scope->finder->scanner, NULL, leaves.v[i].text, leaves.v[i].label, &error);
        if (error != DVARA_ERROR_NONE)
            return failure(error);
        for (size_t k = 0; k < spans.n; k++) {
            struct dvara_str name =
                dvara_bundle_detector(scope->finder->bundle, spans.v[k].detector).name;
            int64_t least = threshold(expr->attribute.group, -1, name);
            if (least < 0 || spans.v[k].score_ppm < least)
                continue;
            count++;
            score = spans.v[k].score_ppm > score ? spans.v[k].score_ppm : score;
        }
    }
    if (id == DVARA_ATTR_PII_FOUND || id == DVARA_ATTR_PROMPT_PII_FOUND)
        return truth(count > 0);
    return integer(id == DVARA_ATTR_PII_COUNT || id == DVARA_ATTR_PROMPT_PII_COUNT ? count : score);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/models.h"

#include "base/hash.h"

/* Policy text, not a stranger's: an unkeyed hash will do. */
static uint32_t place(const struct dvara_bundle *bundle, struct dvara_str provider,
                      struct dvara_str model)
{
    uint64_t hash = hash_quick(provider) * 31 + hash_quick(model);
    return (uint32_t)(hash ^ hash >> 32) & (bundle->n_model_slots - 1);
}

enum dvara_status models_index(struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    uint32_t n = 1;
    while (n < 2 * t->n_models)
        n *= 2;
    bundle->n_model_slots = n;
    bundle->model_slots = ARENA_ARRAY(&bundle->arena, n, uint32_t);
    if (!bundle->model_slots)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < t->n_models; i++) {
        uint32_t at = place(bundle, bundle_text(bundle, t->models[i].provider),
                            bundle_text(bundle, t->models[i].model));
        while (bundle->model_slots[at])
            at = (at + 1) & (n - 1);
        bundle->model_slots[at] = i + 1;
    }
    return DVARA_OK;
}

const struct bundle_model *models_find(const struct dvara_bundle *bundle, struct dvara_str provider,
                                       struct dvara_str model)
{
    const struct bundle_tables *t = &bundle->program.tables;
    if (t->n_models == 0)
        return NULL;
    uint32_t at = place(bundle, provider, model);
    for (; bundle->model_slots[at]; at = (at + 1) & (bundle->n_model_slots - 1)) {
        const struct bundle_model *row = &t->models[bundle->model_slots[at] - 1];
        if (dvara_str_eq(bundle_text(bundle, row->model), model) &&
            dvara_str_eq(bundle_text(bundle, row->provider), provider))
            return row;
    }
    return NULL;
}

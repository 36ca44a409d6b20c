/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of a loaded bundle as plain values (dvara/bundle.h). */
#include "dvara/bundle.h"

#include "bundle/load_patterns.h"
#include "bundle/loaded.h"

#include <assert.h>

struct dvara_bundle_info dvara_bundle_info(const struct dvara_bundle *bundle)
{
    const struct bundle_tables *t = &bundle->program.tables;
    struct dvara_bundle_info info = {.name = bundle_text(bundle, t->manifests->name),
                                     .package = bundle_text(bundle, t->manifests->package),
                                     .compiler = bundle_text(bundle, t->manifests->compiler),
                                     .edition = FORMAT_EDITION,
                                     .sequence = (uint64_t)t->manifests->sequence,
                                     .not_after = t->manifests->not_after,
                                     .n_rules = t->n_rules,
                                     .n_routes = t->n_routes,
                                     .n_detectors = bundle->n_detectors,
                                     .n_models = t->n_models,
                                     .n_providers = t->n_providers,
                                     .n_limits = t->n_limits,
                                     .n_budgets = t->n_budgets,
                                     .n_invariants = t->n_invariants};
    memcpy(info.digest, bundle->digest, sizeof info.digest);
    if (bundle->signed_by[0])
        info.signed_by = dvara_str_from_cstr(bundle->signed_by);
    return info;
}

bool dvara_bundle_reads(const struct dvara_bundle *bundle, enum dvara_attribute attribute)
{
    assert(attribute < DVARA_ATTR_COUNT);
    return bundle->reads[attribute];
}

uint8_t dvara_bundle_phases(const struct dvara_bundle *bundle)
{
    return bundle->phases;
}

struct dvara_rule_info dvara_bundle_rule(const struct dvara_bundle *bundle, uint32_t index)
{
    assert(index < bundle->program.tables.n_rules);
    const struct bundle_rule *rule = &bundle->program.tables.rules[index];
    return (struct dvara_rule_info){.name = bundle_text(bundle, rule->name),
                                    .file = bundle_text(bundle, rule->file),
                                    .doc = bundle_text(bundle, rule->doc),
                                    .line = rule->line,
                                    .priority = (int32_t)rule->priority,
                                    .mode = (uint8_t)rule->mode,
                                    .phases = (uint8_t)rule->phases};
}

struct dvara_provider_info dvara_bundle_provider(const struct dvara_bundle *bundle, uint32_t index)
{
    assert(index < bundle->program.tables.n_providers);
    const struct bundle_provider *row = &bundle->program.tables.providers[index];
    return (struct dvara_provider_info){bundle_text(bundle, row->name),
                                        bundle_text(bundle, row->zone),
                                        bundle_text(bundle, row->region)};
}

struct dvara_budget_info dvara_bundle_budget(const struct dvara_bundle *bundle, uint32_t index)
{
    const struct bundle_tables *t = &bundle->program.tables;
    assert(index < t->n_budgets);
    const struct bundle_budget *row = &t->budgets[index];
    return (struct dvara_budget_info){.name = bundle_text(bundle, row->name),
                                      .zone = row->zone == BUNDLE_ABSENT
                                                  ? DVARA_STR("UTC")
                                                  : bundle_text(bundle, t->zones[row->zone].name),
                                      .amount = row->amount,
                                      .soft = row->soft,
                                      .window = (uint8_t)row->window,
                                      .on_store_failure = (uint8_t)row->on_store_failure};
}

struct dvara_model_info dvara_bundle_model(const struct dvara_bundle *bundle, uint32_t index)
{
    assert(index < bundle->program.tables.n_models);
    const struct bundle_model *row = &bundle->program.tables.models[index];
    return (struct dvara_model_info){.provider = bundle_text(bundle, row->provider),
                                     .model = bundle_text(bundle, row->model),
                                     .input_price = row->input,
                                     .output_price = row->output,
                                     .cached_price = row->cached,
                                     .context_tokens = row->context,
                                     .max_output_tokens = row->max_output};
}

struct dvara_route_info dvara_bundle_route(const struct dvara_bundle *bundle, uint32_t index)
{
    const struct bundle_tables *t = &bundle->program.tables;
    assert(index < t->n_routes);
    const struct bundle_route *row = &t->routes[index];
    struct dvara_route_info info = {.name = bundle_text(bundle, row->name),
                                    .retries = row->retries,
                                    .has_retry = row->has_retry,
                                    .retry_on = row->retry_on,
                                    .backoff_low = row->backoff_low,
                                    .backoff_high = row->backoff_high,
                                    .timeout = row->timeout,
                                    .connect = row->connect,
                                    .first_byte = row->first_byte,
                                    .idle = row->idle};
    size_t room = sizeof info.retry_status / sizeof *info.retry_status;
    for (uint32_t i = 0; i < row->retry_count && i < room; i++)
        info.retry_status[info.n_retry_status++] =
            (uint16_t)t->retries[row->retry_first + i].status;
    return info;
}

struct dvara_str dvara_bundle_equality_model(const struct dvara_bundle *bundle, size_t index)
{
    assert(index < bundle->program.tables.n_nameds);
    return bundle_text(bundle, bundle->program.tables.nameds[index].name);
}

size_t dvara_bundle_equality_models(const struct dvara_bundle *bundle)
{
    return bundle->program.tables.n_nameds;
}

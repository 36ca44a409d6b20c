/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/load_patterns.h"

#include "dvara/pii.h"
#include "pattern/databases.h"
#include "pattern/set.h"
#include "pattern/sources.h"
#include "pii/detectors.h"

#include <assert.h>

enum dvara_status load_pattern_counts(const struct bundle_file *file, struct arena *arena,
                                      struct dvara_bundle_error *ret_error, uint32_t *ret_detectors,
                                      uint32_t *ret_patterns)
{
    struct dvara_str detectors = bundle_file_section(file, SECTION_DETECTORS);
    struct dvara_str patterns = bundle_file_section(file, SECTION_PATTERNS);
    struct detector_spec *specs;
    struct pattern_source *sources;
    size_t n_specs = 0, n_sources = 0;
    if (detectors.n) {
        enum dvara_status status = detectors_decode(detectors, arena, &specs, &n_specs);
        if (status != DVARA_OK)
            return bundle_refuse(ret_error, status, "the detector section is not well-formed");
    }
    if (patterns.n) {
        enum dvara_status status = pattern_sources_decode(patterns, arena, &sources, &n_sources);
        if (status != DVARA_OK)
            return bundle_refuse(ret_error, status, "the pattern section is not well-formed");
    }
    *ret_detectors = (uint32_t)n_specs;
    *ret_patterns = (uint32_t)n_sources;
    return DVARA_OK;
}

static enum dvara_status load_rules(struct dvara_str database, struct dvara_bundle *bundle,
                                    struct dvara_bundle_error *error)
{
    enum dvara_status status = pattern_set_load(database, &bundle->patterns);
    if (status != DVARA_OK)
        return bundle_refuse(error, status, "the pattern database cannot be used here");
    if (pattern_set_count(bundle->patterns) != bundle->n_patterns)
        return bundle_refuse(error, DVARA_CORRUPT, "the pattern database is of other patterns");
    return DVARA_OK;
}

static enum dvara_status load_detectors(struct dvara_str section, struct dvara_str database,
                                        struct dvara_bundle *bundle,
                                        struct dvara_bundle_error *error)
{
    struct detectors_error why = {.text = ""};
    enum dvara_status status = detectors_load(section, database, &why, &bundle->detectors);
    if (status != DVARA_OK)
        return bundle_refuse(error, status, "the detectors' database cannot be used here: %s",
                             why.text[0] ? why.text : dvara_status_sentence(status));
    return DVARA_OK;
}

enum dvara_status load_patterns(const struct bundle_file *file, bool trusted,
                                struct dvara_bundle *bundle, struct dvara_bundle_error *ret_error)
{
    struct pattern_databases databases = {.rules = {NULL, 0}};
    struct dvara_str section = bundle_file_section(file, SECTION_DATABASES);
    if (bundle->n_detectors == 0 && bundle->n_patterns == 0)
        return DVARA_OK;
    if (!trusted)
        return bundle_refuse(ret_error, DVARA_NOT_FOUND,
                             "no trusted key vouches for the pattern databases");
    if (section.n == 0)
        return bundle_refuse(ret_error, DVARA_NOT_FOUND, "the bundle carries no pattern databases");
    enum dvara_status status = pattern_databases_split(section, &databases);
    if (status != DVARA_OK)
        return bundle_refuse(ret_error, status, "the pattern databases are not well-formed");
    if (bundle->n_patterns)
        status = load_rules(databases.rules, bundle, ret_error);
    if (status == DVARA_OK && bundle->n_detectors)
        status = load_detectors(bundle_file_section(file, SECTION_DETECTORS), databases.detectors,
                                bundle, ret_error);
    return status;
}

void load_patterns_free(struct dvara_bundle *bundle)
{
    if (bundle->patterns)
        pattern_set_free(bundle->patterns);
    if (bundle->detectors)
        detectors_free(bundle->detectors);
}

const struct dvara_detectors *dvara_bundle_detectors(const struct dvara_bundle *bundle)
{
    return bundle->detectors;
}

struct dvara_detector_info dvara_bundle_detector(const struct dvara_bundle *bundle, uint32_t index)
{
    assert(index < bundle->n_detectors);
    return (struct dvara_detector_info){detectors_name(bundle->detectors, index),
                                        detectors_label(bundle->detectors, index)};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/load_patterns.h"

#include "dvara/pii.h"

enum dvara_status load_pattern_counts(const struct bundle_file *file, struct arena *arena,
                                      struct dvara_bundle_error *ret_error, uint32_t *ret_detectors,
                                      uint32_t *ret_patterns)
{
    (void)arena;
    *ret_detectors = *ret_patterns = 0;
    if (bundle_file_section(file, SECTION_DETECTORS).n || bundle_file_section(file, SECTION_PATTERNS).n)
        return bundle_refuse(ret_error, DVARA_UNSUPPORTED, "this build loads no patterns");
    return DVARA_OK;
}

enum dvara_status load_patterns(const struct bundle_file *file, bool trusted,
                                struct dvara_bundle *bundle, struct dvara_bundle_error *ret_error)
{
    (void)file, (void)trusted, (void)bundle, (void)ret_error;
    return DVARA_OK;
}

void load_patterns_free(struct dvara_bundle *bundle) { (void)bundle; }

const struct dvara_detectors *dvara_bundle_detectors(const struct dvara_bundle *bundle)
{
    return bundle->detectors;
}

struct dvara_detector_info dvara_bundle_detector(const struct dvara_bundle *bundle, uint32_t index)
{
    (void)bundle, (void)index;
    return (struct dvara_detector_info){0};
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/record.h"

#include "base/hash.h"
#include "route/estimate.h"
#include "vm/machine.h"

const struct dvara_input dvara_inputs[DVARA_INPUT_COUNT] = {
#define INPUT(shape, path, member)                                                                 \
    {DVARA_INPUT_##shape, DVARA_STR_INIT(path), offsetof(struct dvara_facts, member)},
#include "dvara/inputs.def"
};

struct dvara_sent dvara_run_sent(const struct dvara_run *run)
{
    return run->sent;
}

uint32_t dvara_facts_capabilities(const struct dvara_facts *facts, uint32_t *ret_images)
{
    *ret_images = estimate_images(facts);
    return estimate_needs(facts);
}

/* One detector's part, in 64 bits: 24 which, 32 the threshold, 4 where, 4 how. */
static uint64_t part(uint32_t detector, uint32_t threshold, uint32_t where, uint8_t style)
{
    _Static_assert(DVARA_WHERE_COUNT <= 16 && DVARA_STYLE_COUNT <= 16, "four bits each");
    return hash_spread((uint64_t)detector << 40 | (uint64_t)threshold << 8 | where << 4 | style);
}

/* A sum of spread words: every request with a redaction makes one, over some hundred detectors.
 * Only who writes policies chooses what is summed. */
uint64_t dvara_run_redaction_mark(const struct dvara_run *run, enum dvara_error_kind *ret_error)
{
    uint64_t sum = 0;
    bool any = false;
    for (uint32_t where = 0; where < DVARA_WHERE_RESPONSE; where++) {
        const uint8_t *styles = run->styles[where];
        for (uint32_t d = 0; styles && d < run->bundle->n_detectors; d++) {
            if (styles[d] == DVARA_STYLE_NONE)
                continue;
            any = true;
            sum += part(d, run->thresholds[where][d], where, styles[d]);
        }
    }
    *ret_error = any ? (enum dvara_error_kind)run->unscanned : DVARA_ERROR_NONE;
    uint64_t mark = hash_spread(run->bundle->detectors_mark + sum);
    return !any ? 0 : mark ? mark : 1;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/set.h"

#include "pattern/compiled.h"

#include <stdlib.h>

static bool fill(struct pattern_scratch *scratch, const struct pattern_set *set)
{
    for (size_t i = 0; i < DATABASES; i++) {
        if (set->databases[i] &&
            hs_alloc_scratch(set->databases[i], &scratch->hyperscan) != HS_SUCCESS)
            return false;
    }
    scratch->match = pcre2_match_data_create(1, NULL);
    scratch->context = pcre2_match_context_create(NULL);
    scratch->stack = pcre2_jit_stack_create(PATTERN_JIT_STACK_MIN, PATTERN_JIT_STACK_MAX, NULL);
    if (!scratch->match || !scratch->context || !scratch->stack)
        return false;
    pcre2_jit_stack_assign(scratch->context, NULL, scratch->stack);
    pcre2_set_match_limit(scratch->context, PATTERN_MATCH_LIMIT);
    pcre2_set_heap_limit(scratch->context, PATTERN_HEAP_LIMIT_KIB);
    return true;
}

enum dvara_status pattern_scratch_new(const struct pattern_set *set,
                                      struct pattern_scratch **ret_scratch)
{
    struct pattern_scratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch)
        return DVARA_NO_MEMORY;
    if (!fill(scratch, set)) {
        pattern_scratch_free(scratch);
        return DVARA_NO_MEMORY;
    }
    *ret_scratch = scratch;
    return DVARA_OK;
}

void pattern_scratch_free(struct pattern_scratch *scratch)
{
    if (!scratch)
        return;
    hs_free_scratch(scratch->hyperscan);
    padded_clear(&scratch->padded);
    pcre2_match_data_free(scratch->match);
    pcre2_match_context_free(scratch->context);
    pcre2_jit_stack_free(scratch->stack);
    free(scratch);
}

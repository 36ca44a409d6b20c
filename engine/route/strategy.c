/* SPDX-License-Identifier: Apache-2.0 */
#include "route/strategy.h"

#include "vm/text.h"

enum { SHARES = 1000000 };

static uint32_t arm(const struct strategy_input *input)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < input->n; i++)
        total += input->weights[i];
    if (total == 0)
        return 0;
    uint64_t at = text_bucket_joined(input->route, input->stickiness, SHARES) * total / SHARES;
    uint32_t i = 0;
    while (at >= input->weights[i])
        at -= input->weights[i++];
    return i;
}

void strategy_order(const struct strategy_input *input, uint32_t ret_order[DVARA_MAX_TARGETS])
{
    uint32_t first = input->strategy == DVARA_STRATEGY_WEIGHTED ? arm(input) : 0;
    for (uint32_t i = 0; i < input->n; i++)
        ret_order[i] = (first + i) % input->n;
}

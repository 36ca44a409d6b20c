/* SPDX-License-Identifier: Apache-2.0 */
#include "route/strategy.h"

#include "vm/text.h"

#include <assert.h>

enum { SHARES = 1000000, PAR = 1000 /* as good as the best */ };

/* How much each of the four counts in `balanced`. */
enum { WEIGHT_PRICE = 1, WEIGHT_UPTIME = 4, WEIGHT_THROUGHPUT = 1, WEIGHT_FIRST_BYTE = 2 };

static uint32_t draw(const struct strategy_input *input)
{
    return text_bucket_joined(input->route, input->stickiness, SHARES);
}

/* From `first` on as declared, around the end. */
static void turn(const struct strategy_input *input, uint32_t first, uint32_t *ret_order)
{
    for (uint32_t i = 0; i < input->n; i++)
        ret_order[i] = (first + i) % input->n;
}

static uint32_t weight_of(const struct strategy_input *input, uint32_t i)
{
    return input->strategy == DVARA_STRATEGY_ROUND_ROBIN ? 1 : input->targets[i].weight;
}

static void order_weighted(const struct strategy_input *input, uint32_t *ret_order)
{
    uint64_t total = 0;
    for (uint32_t i = 0; i < input->n; i++)
        total += weight_of(input, i);
    uint64_t at = total ? draw(input) * total / SHARES : 0;
    uint32_t first = 0;
    while (total && at >= weight_of(input, first))
        at -= weight_of(input, first++);
    turn(input, first, ret_order);
}

static void order_canary(const struct strategy_input *input, uint32_t *ret_order)
{
    uint32_t at = draw(input), first = 0;
    while (first < input->n && input->targets[first].arm == DVARA_ARM_CANARY)
        first++;
    uint64_t taken = 0;
    for (uint32_t i = 0; i < input->n; i++) {
        const struct strategy_target *target = &input->targets[i];
        if (target->arm != DVARA_ARM_CANARY)
            continue;
        bool below = at < taken;
        taken += target->share;
        if (!below && at < taken && !target->state.aborted) {
            first = i;
            break;
        }
    }
    turn(input, first % input->n, ret_order);
}

/* Stable, by rising scores: few elements, no memory. */
static void sort(const int64_t *scores, uint32_t n, uint32_t *order)
{
    for (uint32_t i = 0; i < n; i++) {
        uint32_t at = i;
        for (; at > 0 && scores[order[at - 1]] > scores[i]; at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
}

/* The usable target number `nth`, as declared, to the front. */
static void move_to_front(const struct strategy_input *input, uint32_t *order, uint32_t nth)
{
    uint32_t target = 0, at = 0;
    for (;; target++)
        if (input->targets[target].usable && nth-- == 0)
            break;
    while (order[at] != target)
        at++;
    for (; at > 0; at--)
        order[at] = order[at - 1];
    order[0] = target;
}

static void order_latency(const struct strategy_input *input, uint32_t *ret_order)
{
    int64_t scores[DVARA_MAX_TARGETS];
    for (uint32_t i = 0; i < input->n; i++)
        scores[i] = input->targets[i].state.first_byte;
    sort(scores, input->n, ret_order);
    uint64_t at = input->explore ? draw(input) : SHARES;
    uint32_t usable = 0;
    for (uint32_t i = 0; i < input->n; i++)
        usable += input->targets[i].usable;
    if (usable && at < input->explore)
        move_to_front(input, ret_order, (uint32_t)(at * usable / input->explore));
}

static void order_cost(const struct strategy_input *input, uint32_t *ret_order)
{
    int64_t scores[DVARA_MAX_TARGETS];
    for (uint32_t i = 0; i < input->n; i++)
        scores[i] = input->targets[i].price < 0 ? INT64_MAX : input->targets[i].price;
    sort(scores, input->n, ret_order);
}

static void order_least_busy(const struct strategy_input *input, uint32_t *ret_order)
{
    int64_t scores[DVARA_MAX_TARGETS];
    for (uint32_t i = 0; i < input->n; i++)
        scores[i] = input->targets[i].state.in_flight;
    sort(scores, input->n, ret_order);
}

/* ---- balanced ---- */

/* value / best in thousandths; what is not known counts as nothing, so that it gets its sample. */
static int64_t relative(int64_t value, int64_t best)
{
    const int64_t most = INT64_MAX / PAR / 16;
    if (value <= 0)
        return 0;
    if (best <= 0)
        best = 1;
    int64_t whole = value / best < most ? value / best : most;
    return whole * PAR +
           (whole < most ? (int64_t)((double)(value % best) * PAR / (double)best) : 0);
}

struct best {
    int64_t price, throughput, first_byte;
    bool measured;
};

static int64_t lesser(int64_t a, int64_t b)
{
    return a <= 0 || (b > 0 && b < a) ? b : a;
}

static struct best best_of(const struct strategy_input *input)
{
    struct best best = {.measured = false};
    for (uint32_t i = 0; i < input->n; i++) {
        const struct strategy_target *target = &input->targets[i];
        if (!target->usable)
            continue;
        best.price = lesser(best.price, target->price);
        best.first_byte = lesser(best.first_byte, target->state.first_byte);
        if (target->state.throughput > best.throughput)
            best.throughput = target->state.throughput;
        best.measured = best.measured || target->state.first_byte > 0 ||
                        target->state.throughput > 0 || target->state.uptime < SHARES;
    }
    return best;
}

static int64_t score(const struct strategy_target *target, const struct best *best)
{
    const struct dvara_target_state *state = &target->state;
    int64_t down = SHARES - (state->uptime < 0 ? 0 : state->uptime);
    int64_t slow = state->throughput > 0 ? relative(best->throughput, state->throughput) : 0;
    /* An unpriced target is as dear as the cheapest priced one: nothing says it is dearer. */
    int64_t price = target->price < 0 ? PAR : relative(target->price, best->price);
    int64_t terms[] = {
        price * WEIGHT_PRICE,
        /* 10% of downtime weighs as much as being twice as dear, per weight of one */
        down * 10 / PAR * WEIGHT_UPTIME, slow * WEIGHT_THROUGHPUT,
        relative(state->first_byte, best->first_byte) * WEIGHT_FIRST_BYTE};
    int64_t sum = 0;
    for (size_t i = 0; i < sizeof terms / sizeof *terms; i++)
        sum = terms[i] > INT64_MAX - sum ? INT64_MAX : sum + terms[i];
    return sum;
}

static void order_balanced(const struct strategy_input *input, uint32_t *ret_order)
{
    int64_t scores[DVARA_MAX_TARGETS];
    struct best best = best_of(input);
    for (uint32_t i = 0; i < input->n; i++)
        scores[i] = best.measured ? score(&input->targets[i], &best) : 0;
    sort(scores, input->n, ret_order);
}

static void order_declared(const struct strategy_input *input, uint32_t *ret_order)
{
    turn(input, 0, ret_order);
}

uint32_t strategy_order(const struct strategy_input *input, uint32_t ret_order[DVARA_MAX_TARGETS])
{
    static void (*const orders[])(const struct strategy_input *input, uint32_t *ret_order) = {
        [DVARA_STRATEGY_FAILOVER] = order_declared,
        [DVARA_STRATEGY_WEIGHTED] = order_weighted,
        [DVARA_STRATEGY_ROUND_ROBIN] = order_weighted,
        [DVARA_STRATEGY_LATENCY] = order_latency,
        [DVARA_STRATEGY_COST] = order_cost,
        [DVARA_STRATEGY_LEAST_BUSY] = order_least_busy,
        [DVARA_STRATEGY_CANARY] = order_canary,
        [DVARA_STRATEGY_BALANCED] = order_balanced,
    };
    static_assert(sizeof orders / sizeof *orders == DVARA_STRATEGY_COUNT, "an order each");
    uint32_t kept = 0;
    orders[input->strategy](input, ret_order);
    for (uint32_t i = 0; i < input->n; i++) {
        if (input->targets[ret_order[i]].usable)
            ret_order[kept++] = ret_order[i];
    }
    return kept;
}

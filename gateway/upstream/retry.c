/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/retry.h"

/* Another target may do better after these; not after an answer that says the request itself is
 * wrong. */
enum {
    DEFAULT_CLASSES = 1 << DVARA_RETRY_TIMEOUT | 1 << DVARA_RETRY_CONNECT | 1 << DVARA_RETRY_RESET |
                      1 << DVARA_RETRY_STATUS_5XX | 1 << DVARA_RETRY_STATUS_429
};

void retry_init(struct retry *retry, const struct dvara_route_info *route, size_t n_targets)
{
    *retry = (struct retry){.route = route, .n_targets = n_targets};
}

uint32_t retry_classes_of_status(int status)
{
    uint32_t classes = 0;
    if (status >= 400 && status < 500)
        classes |= 1u << DVARA_RETRY_STATUS_4XX;
    if (status == 429)
        classes |= 1u << DVARA_RETRY_STATUS_429;
    if (status == 408)
        classes |= 1u << DVARA_RETRY_TIMEOUT;
    if (status >= 500)
        classes |= 1u << DVARA_RETRY_STATUS_5XX;
    return classes;
}

/* 401, 403 and 404 are about our credential or the target's model: another target has its own. */
static bool is_of_target(int status)
{
    return status == 401 || status == 403 || status == 404 || status == 405;
}

static bool is_listed(const struct dvara_route_info *route, const struct retry_failure *failure)
{
    if (route->retry_on & failure->classes)
        return true;
    for (size_t i = 0; i < route->n_retry_status; i++)
        if (route->retry_status[i] == failure->status)
            return true;
    return false;
}

/* Doubling from the low end to the high one, each less up to a quarter. */
static uint64_t backoff(const struct dvara_route_info *route, uint32_t nth, uint64_t random)
{
    if (route->backoff_low <= 0)
        return 0;
    uint64_t low = (uint64_t)route->backoff_low;
    uint64_t high = route->backoff_high > 0 ? (uint64_t)route->backoff_high : low;
    uint64_t wait = low;
    for (uint32_t i = 1; i < nth && wait < high; i++)
        wait *= 2;
    if (wait > high)
        wait = high;
    return wait - random % (wait / 4 + 1);
}

enum retry_verdict retry_next(struct retry *retry, const struct retry_failure *failure,
                              uint64_t random, uint64_t *ret_wait_ns)
{
    const struct dvara_route_info *route = retry->route;
    *ret_wait_ns = 0;
    if (!route || !route->has_retry) {
        bool may = (failure->classes & DEFAULT_CLASSES) || is_of_target(failure->status);
        if (!may || retry->target + 1 >= retry->n_targets)
            return may ? RETRY_SPENT : RETRY_FINAL;
        retry->target++;
        retry->extra++;
        return RETRY_AGAIN;
    }
    if (!is_listed(route, failure))
        return RETRY_FINAL;
    if (retry->extra >= route->retries)
        return RETRY_SPENT;
    retry->extra++;
    retry->target = (retry->target + 1) % retry->n_targets;
    *ret_wait_ns = backoff(route, retry->extra, random);
    return RETRY_AGAIN;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/turn.h"

#include "gateway/attempt.h"
#include "gateway/relay.h"

struct member {
    struct exchange *x;
    enum turn_kind kind;
    uint64_t seq;
    bool is_recorded;
};

static size_t take_group(struct gateway_worker *gateway, struct member *group)
{
    size_t n = 0;
    for (; n < AUDIT_GROUP_MAX && gateway->parked; n++) {
        struct exchange *x = gateway->parked;
        group[n] = (struct member){.x = x, .kind = x->parked_as};
        turn_unpark(x);
    }
    return n;
}

static bool record_one(struct audit_chain *audit, struct member *member)
{
    if (member->kind == TURN_ANSWERED)
        return exchange_close_books(member->x, EXCHANGE_OUTCOME_RELAYED);
    member->x->view.now_ns = worker_turn_wall_ns(member->x->gateway->worker);
    return !audit || audit_decision(audit, &member->x->view, &member->seq) == DVARA_OK;
}

static void record(struct audit_chain *audit, struct member *group, size_t n)
{
    if (audit)
        audit_group_begin(audit);
    for (size_t i = 0; i < n; i++)
        group[i].is_recorded = record_one(audit, &group[i]);
    bool is_written = !audit || audit_group_end(audit) == DVARA_OK;
    for (size_t i = 0; i < n; i++)
        group[i].is_recorded = group[i].is_recorded && is_written;
}

/* An exchange that ends here ends no other: the group stays valid while it is walked. */
static void on_turn_end(void *user)
{
    struct gateway_worker *gateway = user;
    struct member group[AUDIT_GROUP_MAX];
    (void)worker_refresh_ns(gateway->worker); /* the turn's judging is over: it counts */
    while (gateway->parked) {
        size_t n = take_group(gateway, group);
        record(gateway->audit, group, n);
        for (size_t i = 0; i < n; i++) {
            if (group[i].kind == TURN_DECIDED)
                attempt_recorded(group[i].x, group[i].seq, group[i].is_recorded);
            else
                relay_whole_recorded(group[i].x, group[i].is_recorded);
        }
    }
}

void turn_init(struct gateway_worker *gateway)
{
    gateway->parked_end = &gateway->parked;
    worker_set_turn_end(gateway->worker, on_turn_end, gateway);
}

void turn_unpark(struct exchange *x)
{
    struct exchange **link = &x->gateway->parked;
    if (x->parked_as == TURN_NOT_PARKED)
        return;
    while (*link != x)
        link = &(*link)->next_parked;
    *link = x->next_parked;
    if (!*link)
        x->gateway->parked_end = link;
    x->parked_as = TURN_NOT_PARKED;
}

void turn_park(struct exchange *x, enum turn_kind kind)
{
    struct gateway_worker *gateway = x->gateway;
    if (!gateway->parked)
        worker_ask_turn_end(gateway->worker);
    x->parked_as = kind;
    x->next_parked = NULL;
    *gateway->parked_end = x;
    gateway->parked_end = &x->next_parked;
}

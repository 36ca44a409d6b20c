/* SPDX-License-Identifier: Apache-2.0 */
/* One request to one provider, whatever it speaks. The answer comes back as HTTP in the dialect of
 * the request: a head, bytes, an end. The simulator answers in the same way, so that nothing above
 * can tell it from an upstream. */
#ifndef GATEWAY_PROVIDER_PROVIDER_H
#define GATEWAY_PROVIDER_PROVIDER_H

#include "gateway/config.h"
#include "gateway/upstream/call.h"

struct provider_ops;

/* The first member of every kind's own call. */
struct provider_call {
    const struct provider_ops *ops;
};

/* All of it is borrowed until the call ends. */
struct provider_request {
    const struct config_provider *provider;
    struct dvara_str body;           /* a chat completion request, model already the target's */
    bool stream;                     /* what the body asks for */
    const struct http_field *fields; /* the client's that may pass, and those a rule set */
    size_t field_count;
    struct upstream_timers timers;
};

/* As struct upstream_events: never from within a function of this header; on_done and on_failed end
 * the call, whose pointer is dead after them. */
struct provider_events {
    void (*on_head)(const struct http_head *head, void *user);
    void (*on_body)(struct dvara_str bytes, void *user);
    void (*on_done)(void *user);
    void (*on_failed)(enum upstream_failure failure, bool bytes_sent, void *user);
};

struct provider_ops {
    enum dvara_status (*start)(struct worker *worker, const struct provider_request *request,
                               const struct provider_events *events, void *user,
                               struct provider_call **ret_call);
    void (*pause)(struct provider_call *call);
    void (*resume)(struct provider_call *call);
    void (*cancel)(struct provider_call *call); /* no callback follows */
};

extern const struct provider_ops provider_openai;
extern const struct provider_ops provider_simulator;

/* Fails only for lack of memory. */
DVARA_MUST_CHECK enum dvara_status provider_call_start(struct worker *worker,
                                                       const struct provider_request *request,
                                                       const struct provider_events *events,
                                                       void *user, struct provider_call **ret_call);

#endif

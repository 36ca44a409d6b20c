/* SPDX-License-Identifier: Apache-2.0 */
/* Upstreams that speak OpenAI's API: the request's bytes pass through, under the operator's address
 * and credential. */
#include "gateway/provider/provider.h"

#include "base/buf.h"
#include "gateway/http/head_write.h"

#include <stdlib.h>

enum {
    HEAD_BYTES_MAX = 128 * 1024, /* an operator's headers may be long */
    HEAD_BYTES_MORE = 128        /* what most requests add to them */
};

struct openai_call {
    struct provider_call base;
    struct upstream_call *upstream;
    const struct provider_events *events;
    void *user;
    struct buf head; /* holds the credential */
};

static void end(struct openai_call *call)
{
    if (call->head.p)
        explicit_bzero(call->head.p, call->head.size);
    buf_clear(&call->head);
    free(call);
}

static void write_head(const struct provider_request *request, struct buf *out)
{
    struct dvara_str common = request->provider->chat_head;
    if (!buf_room(out, common.n + HEAD_BYTES_MORE))
        return;
    buf_append(out, common);
    BUF_LIT(out, "accept: ");
    buf_append(out, request->stream ? DVARA_STR("text/event-stream\r\n")
                                    : DVARA_STR("application/json\r\n"));
    http_write_fields(out, request->fields, request->field_count);
    http_end_request_head(out, (int64_t)request->body.n);
}

static void upstream_head(struct upstream_call *upstream, const struct http_head *head, void *user)
{
    (void)upstream;
    struct openai_call *call = user;
    call->events->on_head(head, call->user);
}

static void upstream_body(struct upstream_call *upstream, struct dvara_str bytes, void *user)
{
    (void)upstream;
    struct openai_call *call = user;
    call->events->on_body(bytes, call->user);
}

static void upstream_done(struct upstream_call *upstream, void *user)
{
    (void)upstream;
    struct openai_call *call = user;
    const struct provider_events *events = call->events;
    void *owner = call->user;
    end(call);
    events->on_done(owner);
}

static void upstream_failed(struct upstream_call *upstream, enum upstream_failure failure,
                            bool bytes_sent, void *user)
{
    (void)upstream;
    struct openai_call *call = user;
    const struct provider_events *events = call->events;
    void *owner = call->user;
    end(call);
    events->on_failed(failure, bytes_sent, owner);
}

static const struct upstream_events upstream_events = {
    .on_head = upstream_head,
    .on_body = upstream_body,
    .on_done = upstream_done,
    .on_failed = upstream_failed,
};

static enum dvara_status start(struct worker *worker, const struct provider_request *request,
                               const struct provider_events *events, void *user,
                               struct provider_call **ret_call)
{
    struct openai_call *call = calloc(1, sizeof *call);
    if (!call)
        return DVARA_NO_MEMORY;
    *call = (struct openai_call){.base = {&provider_openai},
                                 .events = events,
                                 .user = user,
                                 .head = {.limit = HEAD_BYTES_MAX}};
    write_head(request, &call->head);
    const struct upstream_request bytes = {.parts = {buf_str(&call->head), request->body},
                                           .part_count = 2};
    enum dvara_status status = DVARA_NO_MEMORY;
    if (!buf_failed(&call->head))
        status = upstream_call_start(worker, &request->provider->target, &bytes, &request->timers,
                                     &upstream_events, call, &call->upstream);
    if (status != DVARA_OK) {
        end(call);
        return status;
    }
    *ret_call = &call->base;
    return DVARA_OK;
}

static void pause_call(struct provider_call *base)
{
    upstream_call_pause(((struct openai_call *)base)->upstream);
}

static void resume_call(struct provider_call *base)
{
    upstream_call_resume(((struct openai_call *)base)->upstream);
}

static void cancel_call(struct provider_call *base)
{
    struct openai_call *call = (struct openai_call *)base;
    upstream_call_cancel(call->upstream);
    end(call);
}

const struct provider_ops provider_openai = {
    .start = start, .pause = pause_call, .resume = resume_call, .cancel = cancel_call};

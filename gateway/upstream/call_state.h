/* SPDX-License-Identifier: Apache-2.0 */
/* What links and pools tell a call. */
#ifndef GATEWAY_UPSTREAM_CALL_STATE_H
#define GATEWAY_UPSTREAM_CALL_STATE_H

#include "gateway/upstream/call.h"

/* Memory of ended calls. */
struct call_spares {
    struct upstream_call *first;
    size_t n;
};
void call_spares_clear(struct call_spares *spares);

/* Does all that can be done now. May free the call. */
void call_run(struct upstream_call *call);
void call_connected(struct upstream_call *call);
void call_connect_failed(struct upstream_call *call, enum upstream_failure failure);

#endif

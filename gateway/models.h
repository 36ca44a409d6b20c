/* SPDX-License-Identifier: Apache-2.0 */
/* GET /v1/models and /v1/models/{id} (G31), /healthz and /readyz: answers without an upstream. */
#ifndef GATEWAY_MODELS_H
#define GATEWAY_MODELS_H

#include "gateway/exchange_state.h"

/* Answer and end the exchange. */
void models_list(struct exchange *x);
void models_get(struct exchange *x);
void models_health(struct exchange *x);
void models_ready(struct exchange *x);

#endif

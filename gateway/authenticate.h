/* SPDX-License-Identifier: Apache-2.0 */
/* AUTHENTICATE: whose key is it, and may it do this? */
#ifndef GATEWAY_AUTHENTICATE_H
#define GATEWAY_AUTHENTICATE_H

#include "gateway/exchange_state.h"

/* Sets x->key, and x->is_authenticated when the key is good, in force and its tenant is not
 * suspended (scopes are checked after that). False: *ret_error says why. */
bool authenticate(struct exchange *x, const struct http_head *head,
                  struct gateway_error *ret_error);

#endif

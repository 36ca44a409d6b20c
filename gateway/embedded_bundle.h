/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle that runs when the config names none: gateway/default.dvp, compiled when the gateway
 * is built. */
#ifndef GATEWAY_EMBEDDED_BUNDLE_H
#define GATEWAY_EMBEDDED_BUNDLE_H

#include "dvara/str.h"

/* Static; empty in a build without dvara-policyc. */
struct dvara_str embedded_bundle(void);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Header fields that are special to us: rows of header_names.def. */
#ifndef GATEWAY_HEADER_NAMES_H
#define GATEWAY_HEADER_NAMES_H

#include "dvara/str.h"

/* Any case. */
bool header_is_credential(struct dvara_str name);
bool header_is_hop(struct dvara_str name);
/* A client's header that may reach a provider that speaks OpenAI's API (G14). */
bool header_is_passed(struct dvara_str name);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a request asks of a model and what it would cost there, by the `model` rows. */
#ifndef ROUTE_ESTIMATE_H
#define ROUTE_ESTIMATE_H

#include "bundle/loaded.h"
#include "dvara/request.h"

/* Bits 1 << enum dvara_capability. */
uint32_t estimate_needs(const struct dvara_facts *facts);

/* Messages that hold an image. */
uint32_t estimate_images(const struct dvara_facts *facts);

/* A model that is not declared (NULL), or declares nothing of `supports`, is taken to do all. */
bool estimate_is_capable(const struct dvara_bundle *bundle, const struct bundle_model *model,
                         uint32_t needs);

/* Micro-dollars: the prompt's tokens, and for each answer `max_tokens`, or the model's `max_output`
 * if that is less, or ESTIMATE_OUTPUT_TOKENS where the request bounds nothing. -1: unpriced. */
enum { ESTIMATE_OUTPUT_TOKENS = 512 };
int64_t estimate_price(const struct dvara_facts *facts, const struct bundle_model *model);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The providers that a policy's requests may be pinned to, declared and built in (R24), and how the
 * model that the client sent and the model that rules read hang together: a pin's provider stands
 * in request.asked_model only. */
#ifndef LANG_LOGIC_PROVIDERS_H
#define LANG_LOGIC_PROVIDERS_H

#include "lang/logic/scene.h"

struct providers {
    struct {
        struct dvara_str name, start; /* "openai", "openai/" */
    } * v;
    size_t n;
    struct dvara_str model; /* as sent, without a pin */
    struct dvara_str asked; /* as sent */
    struct dvara_str pin;   /* number of the provider, from 1; 0: none is named */
};

/* Sets request.model and request.asked_model of the scene. The same terms for programs with the
 * same providers. False: out of memory. */
bool providers_of(struct scene *scene, struct providers *ret_providers);

#endif

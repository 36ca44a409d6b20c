/* SPDX-License-Identifier: Apache-2.0 */
/* The canonical request: what every dialect's body comes down to. Slices point into the body or the
 * exchange's arena. */
#ifndef GATEWAY_CHAT_REQUEST_H
#define GATEWAY_CHAT_REQUEST_H

#include "base/json_edit.h"
#include "gateway/chat/leaves.h"
#include "dvara/request.h"

enum chat_feature {
#define STATEFUL(id, feature, what) CHAT_FEATURE_##id,
#include "gateway/chat/stateful.def"
    CHAT_FEATURE_COUNT
};

enum chat_opaque {
#define OPAQUE(id, name, what) CHAT_OPAQUE_##id,
#include "gateway/chat/opaque.def"
    CHAT_OPAQUE_COUNT
};

struct chat_request {
    const struct json_doc *doc;
    struct dvara_str model; /* as sent */
    bool stream;
    bool include_usage; /* the client asked for the usage chunk */
    struct dvara_opt_int max_tokens, n;
    struct dvara_opt_float temperature, top_p;
    struct dvara_messages messages; /* parts of one message are joined by LF */
    struct dvara_str text;          /* user and tool messages joined by LF; never absent */
    struct dvara_str system;        /* absent if none */
    struct dvara_tools tools;
    struct dvara_str tool_choice, response_format, user; /* absent if none */
    struct dvara_pairs metadata;
    uint32_t feature_set, opaque_set; /* bits 1 << enum chat_feature, chat_opaque */
    struct dvara_strs features, opaque;
    struct chat_leaves leaves;
    /* Nodes of the body that the gateway may splice; JSON_NONE when the client did not send them.
     */
    uint32_t model_node, max_tokens_node, max_completion_tokens_node, temperature_node, user_node;
    uint32_t stream_options_node, include_usage_node, store_node;
};

/* The name in request.features or request.opaque. Static. */
struct dvara_str chat_feature_name(enum chat_feature feature);
struct dvara_str chat_opaque_name(enum chat_opaque opaque);

/* Fills features and opaque from the sets; false when the arena is exhausted. */
struct arena;
bool chat_request_name_sets(struct chat_request *request, struct arena *arena);

/* Fills the members of facts->request that come from the body (endpoint, path, ip and the like are
 * the caller's): model and asked_model, both as sent, to the leaves, body and size. */
void chat_fill_facts(const struct chat_request *request, struct dvara_facts *facts);

#endif

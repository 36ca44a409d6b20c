/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/chat/request.h"

#include "base/arena.h"

struct dvara_str chat_feature_name(enum chat_feature feature)
{
    static const char *const names[CHAT_FEATURE_COUNT] = {
#define STATEFUL(id, feature, what) [CHAT_FEATURE_##id] = (feature),
#include "gateway/chat/stateful.def"
    };
    return dvara_str_from_cstr(names[feature]);
}

struct dvara_str chat_opaque_name(enum chat_opaque opaque)
{
    static const char *const names[CHAT_OPAQUE_COUNT] = {
#define OPAQUE(id, name, what) [CHAT_OPAQUE_##id] = (name),
#include "gateway/chat/opaque.def"
    };
    return dvara_str_from_cstr(names[opaque]);
}

bool chat_request_name_sets(struct chat_request *request, struct arena *arena)
{
    size_t n_features = 0, n_opaque = 0;
    struct dvara_str *features = ARENA_ARRAY(arena, CHAT_FEATURE_COUNT, struct dvara_str);
    struct dvara_str *opaque = ARENA_ARRAY(arena, CHAT_OPAQUE_COUNT, struct dvara_str);
    if (!features || !opaque)
        return false;
    for (unsigned i = 0; i < CHAT_FEATURE_COUNT; i++)
        if (request->feature_set >> i & 1)
            features[n_features++] = chat_feature_name((enum chat_feature)i);
    for (unsigned i = 0; i < CHAT_OPAQUE_COUNT; i++)
        if (request->opaque_set >> i & 1)
            opaque[n_opaque++] = chat_opaque_name((enum chat_opaque)i);
    request->features = (struct dvara_strs){n_features ? features : NULL, n_features};
    request->opaque = (struct dvara_strs){n_opaque ? opaque : NULL, n_opaque};
    return true;
}

void chat_fill_facts(const struct chat_request *request, struct dvara_facts *facts)
{
    facts->request.model = request->model;
    facts->request.asked_model = request->model;
    facts->request.stream = request->stream;
    facts->request.max_tokens = request->max_tokens;
    facts->request.n = request->n;
    facts->request.temperature = request->temperature;
    facts->request.top_p = request->top_p;
    facts->request.messages = request->messages;
    facts->request.text = request->text;
    facts->request.system = request->system;
    facts->request.tools = request->tools;
    facts->request.features = request->features;
    facts->request.opaque = request->opaque;
    facts->request.tool_choice = request->tool_choice;
    facts->request.response_format = request->response_format;
    facts->request.user = request->user;
    facts->request.metadata = request->metadata;
    facts->request.body = request->doc;
    facts->request.size = (int64_t)request->doc->text.n;
    facts->request.leaves = (struct dvara_leaves){.v = request->leaves.v, .n = request->leaves.n};
}

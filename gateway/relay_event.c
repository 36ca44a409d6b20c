/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/attempt.h"
#include "gateway/metrics.h"
#include "gateway/relay_state.h"
#include "gateway/relay_text.h"

/* What becomes of one upstream event. */
struct stream_event {
    struct relay *relay;
    struct json_doc doc;
    struct chat_answer chunk;
    struct chat_editor editor;
    bool is_content; /* something of it is released that a reader would see */
};

static bool fail_attempt(struct relay *relay)
{
    struct attempt_failure failure = upstream_error_bad_answer();
    attempt_fail(relay->x, &failure);
    return false;
}

static bool stop(struct relay *relay, enum relay_verdict verdict)
{
    relay_stop(relay, verdict);
    return false;
}

static void note_id(struct relay *relay, const struct chat_answer *chunk)
{
    struct arena *arena = &relay->x->arena;
    if (relay->has_id || dvara_str_is_absent(chunk->id))
        return;
    relay->has_id = true;
    relay->id = (struct openai_chat_stream_id){.id = arena_copy(arena, chunk->id),
                                               .model = arena_copy(arena, chunk->model),
                                               .created = chunk->created};
}

static bool finishes(const struct stream_event *event, uint32_t choice)
{
    for (size_t i = 0; i < event->chunk.n_choices; i++)
        if (event->chunk.choices[i].index == choice &&
            !dvara_str_is_absent(event->chunk.choices[i].finish_reason))
            return true;
    return false;
}

/* One leaf becomes what may be released of its text now; with the choice's end, all that is held.
 */
static enum relay_verdict edit_text(struct stream_event *event, uint32_t index, struct live_key key)
{
    struct relay *relay = event->relay;
    bool is_known = key.channel != CHAT_CHANNEL_OTHER;
    struct dvara_str text = event->chunk.leaves.v[index].text;
    relay->content_bytes += is_known ? text.n : 0;
    enum relay_verdict verdict = relay_live_note(relay, key, text);
    if (verdict != RELAY_GO_ON)
        return verdict;
    if (!relay->is_live) {
        event->is_content |= text.n > 0;
        return RELAY_GO_ON;
    }
    buf_reset(&relay->scratch->text);
    verdict = relay_live_feed(relay, key, text, &relay->scratch->text);
    if (verdict == RELAY_GO_ON && finishes(event, key.choice))
        verdict = relay_live_finish(relay, key, &relay->scratch->text);
    if (verdict != RELAY_GO_ON || buf_failed(&relay->scratch->text))
        return verdict != RELAY_GO_ON ? verdict : RELAY_UNREADABLE;
    event->is_content |= is_known && relay->scratch->text.n > 0;
    if (dvara_str_eq(buf_str(&relay->scratch->text), text))
        return RELAY_GO_ON;
    struct dvara_str copy = arena_copy(&relay->scratch->event, buf_str(&relay->scratch->text));
    bool ok =
        !dvara_str_is_absent(copy) && chat_edit_leaf_whole(&event->editor, index, copy) == DVARA_OK;
    return ok ? RELAY_GO_ON : RELAY_UNREADABLE;
}

/* Strings that are neither text nor identifiers: judged whole. */
static enum relay_verdict edit_other(struct stream_event *event, uint32_t index)
{
    struct relay *relay = event->relay;
    bool changed = false;
    const struct chat_place *place = &event->chunk.leaves.places[index];
    const struct dvara_leaf *leaf = &event->chunk.leaves.v[index];
    const struct live_key key = {.choice = place->choice,
                                 .channel = (enum chat_channel)place->channel};
    enum relay_verdict verdict = relay_live_note(relay, key, leaf->text);
    if (verdict == RELAY_GO_ON && relay->needs.incremental)
        verdict = relay_live_alone(relay, leaf);
    if (verdict != RELAY_GO_ON || !relay->styles)
        return verdict;
    buf_reset(&relay->scratch->text);
    const struct relay_source source = {
        .leaf = &event->chunk.leaves.v[index], .phase = DVARA_PHASE_RESPONSE, .index = RELAY_ALONE};
    if (!relay_text(relay->x, &source, &relay->scratch->text, &changed))
        return RELAY_UNREADABLE;
    if (!changed)
        return RELAY_GO_ON;
    struct dvara_str copy = arena_copy(&relay->scratch->event, buf_str(&relay->scratch->text));
    bool ok =
        !dvara_str_is_absent(copy) && chat_edit_leaf_whole(&event->editor, index, copy) == DVARA_OK;
    return ok ? RELAY_GO_ON : RELAY_UNREADABLE;
}

/* Which text the leaf is a piece of. A string of a delta that the dialect does not know may be one
 * as well, while texts run. False: too many. */
static bool key_of(const struct stream_event *event, uint32_t index, struct live_key *ret_key)
{
    struct relay *relay = event->relay;
    const struct chat_place *place = &event->chunk.leaves.places[index];
    uint32_t delta = relay->is_live ? relay_member_around(&event->chunk, index) : JSON_NONE;
    *ret_key = (struct live_key){.choice = place->choice,
                                 .channel = (enum chat_channel)place->channel,
                                 .part = place->call,
                                 .is_member = delta != JSON_NONE};
    if (ret_key->is_member)
        ret_key->part = relay_member_number(&relay->members, &event->doc, delta, place->node,
                                            &relay->scratch->event, &relay->x->arena);
    return ret_key->part != UINT32_MAX;
}

static enum relay_verdict edit_leaves(struct stream_event *event)
{
    enum relay_verdict verdict = RELAY_GO_ON;
    for (uint32_t i = 0; i < event->chunk.leaves.n && verdict == RELAY_GO_ON; i++) {
        struct live_key key;
        if (!key_of(event, i, &key))
            verdict = RELAY_UNREADABLE;
        else if (key.is_member || chat_channel_runs(key.channel))
            verdict = edit_text(event, i, key);
        else if (key.channel == CHAT_CHANNEL_OTHER)
            verdict = edit_other(event, i);
    }
    return verdict;
}

/* Token texts spell the answer in pieces that no detector sees whole. */
static bool drop_logprobs(struct stream_event *event)
{
    for (size_t i = 0; i < event->chunk.n_choices && event->relay->is_live; i++) {
        uint32_t node = event->chunk.choices[i].logprobs_node;
        if (node != JSON_NONE &&
            json_edit_replace(&event->editor.body, node, DVARA_STR("null")) != DVARA_OK)
            return false;
    }
    return true;
}

/* The older form is a member of the delta, in no list: it leaves alone. */
static bool cut_function_call(struct stream_event *event, uint32_t node, uint8_t way)
{
    event->is_content |= way != RELAY_CALL_WAITS;
    return way != RELAY_CALL_WAITS ||
           json_edit_remove(&event->editor.body, node - 1) == DVARA_OK; /* its key */
}

/* The list that a call stands in loses those that wait; with none left, the delta loses the list.
 */
static bool cut_list(struct stream_event *event, size_t first, const uint8_t *ways)
{
    const struct chat_call *calls = event->chunk.calls;
    uint32_t list = event->doc.nodes[calls[first].node].parent;
    if (json_kind(&event->doc, list) != JSON_ARRAY)
        return cut_function_call(event, calls[first].node, ways[first]);
    struct buf kept;
    size_t waiting = 0, passing = 0;
    buf_init(&kept, RELAY_EVENT_MAX);
    for (size_t i = first; i < event->chunk.n_calls; i++) {
        if (event->doc.nodes[calls[i].node].parent != list)
            continue;
        waiting += ways[i] == RELAY_CALL_WAITS;
        if (ways[i] == RELAY_CALL_WAITS)
            continue;
        buf_byte(&kept, passing++ ? ',' : '[');
        buf_append(&kept, json_raw(&event->doc, calls[i].node));
    }
    buf_byte(&kept, ']');
    event->is_content |= passing > 0;
    struct dvara_str raw = arena_copy(&event->relay->scratch->event, buf_str(&kept));
    bool ok = !buf_failed(&kept) && !dvara_str_is_absent(raw);
    buf_clear(&kept);
    if (waiting == 0 || !ok)
        return ok;
    if (passing > 0)
        return json_edit_replace(&event->editor.body, list, raw) == DVARA_OK;
    return json_edit_remove(&event->editor.body, list - 1) == DVARA_OK; /* its key stands before */
}

/* Fragments of calls that wait leave the event; the rest of it goes on. */
static bool take_calls(struct stream_event *event)
{
    struct relay *relay = event->relay;
    const struct chat_call *calls = event->chunk.calls;
    size_t n = event->chunk.n_calls;
    uint8_t *ways = ARENA_ARRAY(&relay->scratch->event, n, uint8_t);
    uint32_t list = JSON_NONE;
    for (size_t i = 0; ways && i < n; i++) {
        relay->content_bytes += calls[i].arguments.n;
        ways[i] = (uint8_t)relay_call_way(relay, &calls[i]);
        if (ways[i] == RELAY_CALL_UNREADABLE ||
            (ways[i] == RELAY_CALL_WAITS && !relay_call_hold(relay, &calls[i])))
            return false;
    }
    for (size_t i = 0; ways && i < n; i++) {
        uint32_t parent = event->doc.nodes[calls[i].node].parent;
        if (parent != list && !cut_list(event, i, ways))
            return false;
        list = parent; /* the calls of one list stand together */
    }
    return ways != NULL;
}

/* `"usage":null` is there because we asked for usage; the client did not. */
static bool drop_null_usage(struct stream_event *event)
{
    uint32_t usage = json_find(&event->doc, 0, DVARA_STR("usage"));
    if (event->relay->x->request.include_usage || usage == JSON_NONE ||
        json_kind(&event->doc, usage) != JSON_NULL)
        return true;
    return json_edit_remove(&event->editor.body, usage - 1) == DVARA_OK;
}

static bool end_choices(struct stream_event *event)
{
    struct relay *relay = event->relay;
    for (size_t i = 0; i < event->chunk.n_choices; i++) {
        const struct chat_choice *choice = &event->chunk.choices[i];
        struct relay_choice *state = relay_choice(relay, choice->index);
        if (!state)
            return fail_attempt(relay);
        if (dvara_str_is_absent(choice->finish_reason))
            continue;
        relay->x->view.finish_reason = arena_copy(&relay->x->arena, choice->finish_reason);
        /* What is still held of it goes out before its last event. */
        if (!relay_live_release(relay, choice->index) || !relay_calls_release(relay, choice->index))
            return false;
        state->has_finished = true; /* not before: a denial must still end it */
    }
    return true;
}

static bool write_event(struct stream_event *event, struct dvara_str data)
{
    struct relay *relay = event->relay;
    struct dvara_str out = data;
    if (!chat_editor_is_empty(&event->editor)) {
        buf_reset(&relay->scratch->text);
        if (chat_editor_apply(&event->editor, &relay->scratch->text) != DVARA_OK ||
            buf_failed(&relay->scratch->text)) {
            relay_give_up(relay);
            return false;
        }
        out = buf_str(&relay->scratch->text);
    }
    buf_reset(&relay->scratch->line);
    sse_write(&relay->scratch->line, (struct dvara_str){0}, out);
    return relay_emit(relay, buf_str(&relay->scratch->line), event->is_content);
}

/* False: it is no event of this dialect, and is dropped (G18). */
static bool read_event(struct relay *relay, struct dvara_str data, struct stream_event *ret_event)
{
    *ret_event = (struct stream_event){.relay = relay};
    arena_reset(&relay->scratch->event);
    if (json_parse(data, 0, &relay->scratch->event, &ret_event->doc, NULL) == DVARA_OK &&
        openai_chat_chunk(&ret_event->doc, &relay->scratch->event, &ret_event->chunk) == DVARA_OK)
        return true;
    metrics_add(relay->x->gateway->metrics, METRIC_STREAM_EVENTS_DROPPED, relay->x->view.provider,
                (struct dvara_str){0}, 1);
    return false;
}

bool relay_event(struct relay *relay, struct dvara_str data)
{
    struct stream_event event;
    if (!read_event(relay, data, &event))
        return true;
    if (event.chunk.is_error)
        return fail_attempt(relay);
    note_id(relay, &event.chunk);
    relay_note_usage(relay->x, &event.chunk.usage);
    bool is_usage_alone = event.chunk.usage.has && event.chunk.n_choices == 0;
    if (is_usage_alone && !relay->x->request.include_usage)
        return true;
    chat_editor_init(&event.editor, &event.doc, &event.chunk.leaves, &relay->scratch->event);
    enum relay_verdict verdict = edit_leaves(&event);
    if (verdict == RELAY_GO_ON &&
        (!drop_logprobs(&event) || !take_calls(&event) || !drop_null_usage(&event)))
        verdict = RELAY_UNREADABLE;
    if (verdict != RELAY_GO_ON)
        return stop(relay, verdict);
    return end_choices(&event) && write_event(&event, data);
}

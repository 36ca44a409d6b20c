/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/relay_state.h"
#include "gateway/relay_text.h"

static struct held_call *find(struct relay *relay, const struct chat_call *call)
{
    for (size_t i = 0; i < relay->n_calls; i++)
        if (relay->calls[i].choice == call->choice && relay->calls[i].index == call->index &&
            (relay->calls[i].form == CHAT_CALL_OLDER) == (call->form == CHAT_CALL_OLDER))
            return &relay->calls[i];
    return NULL;
}

static struct held_call *add(struct relay *relay, const struct chat_call *call)
{
    if (!relay->calls)
        relay->calls = ARENA_ARRAY(&relay->x->arena, RELAY_CALLS_MAX, struct held_call);
    if (!relay->calls || relay->n_calls == RELAY_CALLS_MAX)
        return NULL;
    struct held_call *held = &relay->calls[relay->n_calls++];
    *held = (struct held_call){.choice = call->choice, .index = call->index, .form = call->form};
    buf_init(&held->arguments, RELAY_BUFFER_MAX);
    return held;
}

/* False: the name differs from what it was. */
static bool note_name(struct relay *relay, struct held_call *held, struct dvara_str name)
{
    if (name.n == 0)
        return true;
    if (held->name.n > 0)
        return dvara_str_eq(held->name, name);
    held->name = arena_copy(&relay->x->arena, name);
    return !dvara_str_is_absent(held->name);
}

enum relay_call_way relay_call_way(struct relay *relay, const struct chat_call *call)
{
    struct held_call *held = find(relay, call);
    if (relay->edits_calls || (held && !held->passes))
        return RELAY_CALL_WAITS;
    if (!relay->judges_calls)
        return RELAY_CALL_PASSES;
    if (held)
        return note_name(relay, held, call->name) ? RELAY_CALL_PASSES : RELAY_CALL_UNREADABLE;
    if (call->name.n == 0 || dvara_run_tool_may_match(relay->x->run, call->name))
        return RELAY_CALL_WAITS;
    held = add(relay, call);
    if (!held || !note_name(relay, held, call->name))
        return RELAY_CALL_UNREADABLE;
    held->passes = true;
    return RELAY_CALL_PASSES;
}

static size_t held_bytes(const struct relay *relay)
{
    size_t n = relay->pending.n;
    for (size_t i = 0; i < relay->n_calls; i++)
        n += relay->calls[i].arguments.n;
    return n;
}

bool relay_call_hold(struct relay *relay, const struct chat_call *call)
{
    struct held_call *held = find(relay, call);
    if (!held)
        held = add(relay, call);
    if (!held || !note_name(relay, held, call->name))
        return false;
    if (!dvara_str_is_absent(call->id) && dvara_str_is_absent(held->id))
        held->id = arena_copy(&relay->x->arena, call->id);
    if (call->form != CHAT_CALL_FUNCTION)
        held->form = call->form; /* the first fragment may not have said */
    buf_append(&held->arguments, call->arguments);
    return !buf_failed(&held->arguments) && held_bytes(relay) <= RELAY_BUFFER_MAX;
}

static struct chat_call call_of(const struct held_call *held, struct dvara_str arguments)
{
    return (struct chat_call){.choice = held->choice,
                              .index = held->index,
                              .form = held->form,
                              .id = held->id,
                              .name = held->name,
                              .arguments = arguments};
}

static bool edit_leaf(struct relay *relay, const struct chat_answer *answer, uint32_t index,
                      size_t nth, struct chat_editor *editor)
{
    struct exchange *x = relay->x;
    const struct relay_source source = {.leaf = &answer->leaves.v[index],
                                        .phase = DVARA_PHASE_TOOL,
                                        .index = nth,
                                        .restores = dvara_run_restores_tools(x->run)};
    bool changed = false;
    buf_reset(&relay->scratch->text);
    if (!relay_text(x, &source, &relay->scratch->text, &changed))
        return false;
    if (!changed)
        return true;
    struct dvara_str copy = arena_copy(&relay->scratch->call, buf_str(&relay->scratch->text));
    return !dvara_str_is_absent(copy) && chat_edit_leaf_whole(editor, index, copy) == DVARA_OK;
}

/* The call's arguments after redaction and restoring, in *ret_arguments. */
static bool edit_call(struct relay *relay, const struct json_doc *doc,
                      const struct chat_answer *answer, struct dvara_str *ret_arguments)
{
    struct chat_editor editor;
    struct json_doc edited;
    struct chat_answer after;
    chat_editor_init(&editor, doc, &answer->leaves, &relay->scratch->call);
    size_t nth = 0; /* the order in which argument_leaves gave them to the tool rules */
    for (uint32_t i = 0; i < answer->leaves.n; i++)
        if (answer->leaves.places[i].channel == CHAT_CHANNEL_ARGUMENTS &&
            !edit_leaf(relay, answer, i, nth++, &editor))
            return false;
    *ret_arguments = answer->calls[0].arguments;
    if (chat_editor_is_empty(&editor))
        return true;
    buf_reset(&relay->scratch->line);
    if (chat_editor_apply(&editor, &relay->scratch->line) != DVARA_OK ||
        buf_failed(&relay->scratch->line))
        return false;
    struct dvara_str copy = arena_copy(&relay->scratch->call, buf_str(&relay->scratch->line));
    if (dvara_str_is_absent(copy) ||
        json_parse(copy, 0, &relay->scratch->call, &edited, NULL) != DVARA_OK ||
        openai_chat_answer(&edited, &relay->scratch->call, &after) != DVARA_OK)
        return false;
    *ret_arguments = after.calls[0].arguments;
    return true;
}

static struct dvara_leaves argument_leaves(struct relay *relay, const struct chat_answer *answer)
{
    struct dvara_leaf *v = ARENA_ARRAY(&relay->scratch->call, answer->leaves.n, struct dvara_leaf);
    size_t n = 0;
    for (size_t i = 0; v && i < answer->leaves.n; i++)
        if (answer->leaves.places[i].channel == CHAT_CHANNEL_ARGUMENTS)
            v[n++] = answer->leaves.v[i];
    return (struct dvara_leaves){.v = v, .n = n};
}

static bool release(struct relay *relay, const struct held_call *held)
{
    struct json_doc doc;
    struct chat_answer answer;
    struct gateway_error error;
    struct dvara_str arguments;
    struct chat_call call = call_of(held, buf_str(&held->arguments));
    arena_reset(&relay->scratch->call);
    buf_reset(&relay->scratch->line);
    /* Read as a body with this one call, so that its arguments are judged as in a whole answer. */
    openai_chat_write_call_answer(&relay->scratch->line, &call);
    struct dvara_str body = arena_copy(&relay->scratch->call, buf_str(&relay->scratch->line));
    if (buf_failed(&relay->scratch->line) || dvara_str_is_absent(body) ||
        json_parse(body, 0, &relay->scratch->call, &doc, NULL) != DVARA_OK ||
        openai_chat_answer(&doc, &relay->scratch->call, &answer) != DVARA_OK ||
        answer.n_calls != 1) {
        relay_give_up(relay);
        return false;
    }
    if (!relay_judge_call(relay->x, answer.calls[0].name, answer.calls[0].arguments,
                          argument_leaves(relay, &answer), &error)) {
        relay_deny(relay, &error);
        return false;
    }
    if (!edit_call(relay, &doc, &answer, &arguments)) {
        relay_give_up(relay);
        return false;
    }
    call.arguments = arguments;
    buf_reset(&relay->scratch->line);
    openai_chat_write_call_event(&relay->scratch->line, &relay->id, &call);
    return relay_emit(relay, buf_str(&relay->scratch->line), true);
}

static void forget(struct relay *relay, size_t index)
{
    buf_clear(&relay->calls[index].arguments);
    relay->n_calls--;
    memmove(&relay->calls[index], &relay->calls[index + 1],
            (relay->n_calls - index) * sizeof *relay->calls);
}

bool relay_calls_release(struct relay *relay, uint32_t choice)
{
    for (size_t i = 0; i < relay->n_calls;) {
        if (relay->calls[i].passes || (choice != UINT32_MAX && relay->calls[i].choice != choice)) {
            i++;
            continue;
        }
        if (!release(relay, &relay->calls[i]))
            return false;
        forget(relay, i);
    }
    return true;
}

void relay_calls_clear(struct relay *relay)
{
    while (relay->n_calls > 0)
        forget(relay, relay->n_calls - 1);
}

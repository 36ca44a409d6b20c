/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/relay.h"

#include "gateway/answer.h"
#include "gateway/attempt.h"
#include "gateway/dialect/openai_chat.h"
#include "gateway/judge.h"
#include "gateway/relay_member.h"
#include "gateway/relay_text.h"
#include "gateway/turn.h"

#define EDITED_ANSWER_MAX ((size_t)128 * 1024 * 1024)

/* A long answer is judged on another thread, as long requests are. */
enum { LONG_ANSWER_BYTES = 512 * 1024 };

enum answer_verdict { PASSES, DENIED, UNREADABLE, NO_ANSWER, NO_MEMORY };

struct whole {
    struct json_doc doc;
    struct chat_answer answer;
    struct chat_editor editor;
    enum answer_verdict verdict;
    struct gateway_error error; /* DENIED */
};

static bool parse(struct exchange *x, struct whole *whole)
{
    return json_parse(buf_str(&x->attempt.answer), 0, &x->arena, &whole->doc, NULL) == DVARA_OK;
}

/* Some rule reads the answer, or something in it may be replaced. */
static bool is_judged(const struct exchange *x)
{
    uint8_t phases = dvara_bundle_phases(x->snapshot->bundle);
    return (phases & (DVARA_PHASES_TOOL | DVARA_PHASES_RESPONSE)) ||
           relay_text_is_edited(x, DVARA_WHERE_TOOLS) ||
           relay_text_is_edited(x, DVARA_WHERE_RESPONSE);
}

/* The first leaf at the body's `node` or behind it: leaves run in body order. */
static size_t leaf_from(const struct chat_answer *answer, uint32_t node)
{
    const struct chat_leaves *leaves = &answer->leaves;
    size_t low = 0, high = leaves->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct chat_place *place = &leaves->places[middle];
        uint32_t at =
            place->nested == CHAT_OUTER ? place->node : leaves->nested[place->nested].node;
        if (at < node)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The leaves of a call: of them, ARGUMENTS is what it is made with, however that is spelled (JSON
 * in a string, any text, an object). */
struct call_range {
    size_t from, to;
};

static struct call_range range_of(const struct chat_answer *answer, const struct chat_call *call)
{
    return (struct call_range){.from = leaf_from(answer, call->node),
                               .to = leaf_from(answer, answer->doc->nodes[call->node].next)};
}

static struct dvara_leaves leaves_of_call(struct exchange *x, const struct chat_answer *answer,
                                          const struct chat_call *call)
{
    struct call_range range = range_of(answer, call);
    struct dvara_leaf *v = ARENA_ARRAY(&x->arena, range.to - range.from, struct dvara_leaf);
    size_t n = 0;
    for (size_t i = range.from; v && i < range.to; i++)
        if (answer->leaves.places[i].channel == CHAT_CHANNEL_ARGUMENTS)
            v[n++] = answer->leaves.v[i];
    return (struct dvara_leaves){.v = v, .n = n};
}

/* Everything but the arguments of tool calls, which the tool rules read. */
static struct dvara_leaves answer_leaves(struct exchange *x, const struct chat_answer *answer)
{
    struct dvara_leaf *v = ARENA_ARRAY(&x->arena, answer->leaves.n, struct dvara_leaf);
    size_t n = 0;
    for (size_t i = 0; v && i < answer->leaves.n; i++)
        if (answer->leaves.places[i].channel != CHAT_CHANNEL_ARGUMENTS)
            v[n++] = answer->leaves.v[i];
    return (struct dvara_leaves){.v = v, .n = n};
}

static bool edit_leaf(struct exchange *x, struct whole *whole, uint32_t index,
                      const struct relay_source *source, struct buf *text)
{
    bool changed = false;
    buf_reset(text);
    if (!relay_text(x, source, text, &changed))
        return false;
    if (!changed)
        return true;
    struct dvara_str copy = arena_copy(&x->arena, buf_str(text));
    return !dvara_str_is_absent(copy) &&
           chat_edit_leaf_whole(&whole->editor, index, copy) == DVARA_OK;
}

/* The arguments of the call that was just judged: the run still holds what was found in them. */
static bool edit_call(struct exchange *x, struct whole *whole, const struct chat_call *call,
                      struct buf *text)
{
    const struct chat_leaves *leaves = &whole->answer.leaves;
    size_t nth = 0;
    struct call_range range = range_of(&whole->answer, call);
    for (size_t i = range.from; i < range.to; i++) {
        if (leaves->places[i].channel != CHAT_CHANNEL_ARGUMENTS)
            continue;
        const struct relay_source source = {.leaf = &leaves->v[i],
                                            .phase = DVARA_PHASE_TOOL,
                                            .index = nth++,
                                            .restores = dvara_run_restores_tools(x->run)};
        if (!edit_leaf(x, whole, (uint32_t)i, &source, text))
            return false;
    }
    return true;
}

static enum answer_verdict judge_calls(struct exchange *x, struct whole *whole, struct buf *text,
                                       struct gateway_error *ret_error)
{
    const struct chat_answer *answer = &whole->answer;
    for (size_t i = 0; i < answer->n_calls; i++) {
        const struct chat_call *call = &answer->calls[i];
        if (!relay_judge_call(x, call->name, call->arguments, leaves_of_call(x, answer, call),
                              ret_error))
            return DENIED;
        if (relay_text_is_edited(x, DVARA_WHERE_TOOLS) && !edit_call(x, whole, call, text))
            return UNREADABLE;
    }
    return PASSES;
}

static bool edit_texts(struct exchange *x, struct whole *whole, struct buf *text)
{
    const struct chat_leaves *leaves = &whole->answer.leaves;
    size_t nth = 0;
    for (uint32_t i = 0; i < leaves->n; i++) {
        enum chat_channel channel = (enum chat_channel)leaves->places[i].channel;
        if (channel == CHAT_CHANNEL_ARGUMENTS)
            continue;
        bool is_text =
            chat_channel_runs(channel) || relay_member_around(&whole->answer, i) != JSON_NONE;
        const struct relay_source source = {.leaf = &leaves->v[i],
                                            .phase = DVARA_PHASE_RESPONSE,
                                            .index = nth++,
                                            .restores = is_text};
        if (channel != CHAT_CHANNEL_LOGPROBS && !edit_leaf(x, whole, i, &source, text))
            return false;
    }
    return true;
}

/* Token texts of logprobs spell the answer in pieces that no detector sees whole. */
static bool drop_logprobs(struct whole *whole)
{
    for (size_t i = 0; i < whole->answer.n_choices; i++) {
        uint32_t node = whole->answer.choices[i].logprobs_node;
        if (node != JSON_NONE &&
            json_edit_replace(&whole->editor.body, node, DVARA_STR("null")) != DVARA_OK)
            return false;
    }
    return true;
}

static void deliver(struct exchange *x, struct dvara_str body)
{
    x->view.status = 200;
    x->view.response_bytes = body.n;
    x->view.step = EXCHANGE_STEP_RECORD;
    x->reply = body;
    turn_park(x, TURN_ANSWERED);
}

void relay_whole_recorded(struct exchange *x, bool is_recorded)
{
    const struct gateway_error no_record = {.id = GATEWAY_ERROR_AUDIT_UNAVAILABLE};
    struct answer_head head = {.n = 0};
    if (!is_recorded) {
        answer_error(x, &no_record);
    } else {
        answer_common(x, &head, true);
        answer_json(x, 200, &head, x->reply);
    }
    exchange_end(x);
}

static void note_answer(struct exchange *x, const struct chat_answer *answer)
{
    size_t bytes = 0;
    relay_note_usage(x, &answer->usage);
    for (size_t i = 0; i < answer->leaves.n; i++)
        bytes += answer->leaves.v[i].text.n;
    relay_estimate_usage(x, bytes);
    if (answer->n_choices > 0)
        x->view.finish_reason = answer->choices[0].finish_reason;
}

/* Judges and edits; the editor holds the splices afterwards. */
static enum answer_verdict judge_answer(struct exchange *x, struct whole *whole,
                                        struct gateway_error *ret_error)
{
    struct buf text;
    buf_init(&text, EDITED_ANSWER_MAX);
    chat_editor_init(&whole->editor, &whole->doc, &whole->answer.leaves, &x->arena);
    enum answer_verdict result = judge_calls(x, whole, &text, ret_error);
    if (result == PASSES &&
        !relay_judge_answer(x, chat_answer_text(&whole->answer, &x->arena), x->view.finish_reason,
                            answer_leaves(x, &whole->answer))) {
        *ret_error = exchange_denial(x);
        result = DENIED;
    }
    if (result == PASSES && relay_text_is_edited(x, DVARA_WHERE_RESPONSE) &&
        (!edit_texts(x, whole, &text) || !drop_logprobs(whole)))
        result = UNREADABLE;
    if (result == PASSES && arena_is_exhausted(&x->arena)) /* not every leaf was judged */
        result = UNREADABLE;
    buf_clear(&text);
    return result;
}

/* The bytes that the client gets, in attempt.edited when they are not the upstream's. */
static enum answer_verdict edit(struct exchange *x, struct whole *whole)
{
    struct buf *edited = &x->attempt.edited;
    buf_reset(edited);
    edited->limit = EDITED_ANSWER_MAX;
    if (chat_editor_is_empty(&whole->editor))
        return PASSES;
    if (chat_editor_apply(&whole->editor, edited) != DVARA_OK || buf_failed(edited))
        return NO_MEMORY;
    return PASSES;
}

/* True: the answer passes as it came. Without a count of its own its texts are needed for one. */
static bool passes_unread(struct exchange *x, struct whole *whole)
{
    if (is_judged(x) || openai_chat_outline(&whole->doc, &x->arena, &whole->answer) != DVARA_OK ||
        !whole->answer.usage.has)
        return false;
    note_answer(x, &whole->answer);
    whole->verdict = PASSES;
    return true;
}

static void read_answer(struct exchange *x)
{
    struct whole *whole = x->whole;
    whole->verdict = NO_ANSWER;
    if (!parse(x, whole) || passes_unread(x, whole) ||
        openai_chat_answer(&whole->doc, &x->arena, &whole->answer) != DVARA_OK)
        return;
    note_answer(x, &whole->answer);
    whole->verdict = judge_answer(x, whole, &whole->error);
    if (whole->verdict == PASSES)
        whole->verdict = edit(x, whole);
}

static void read_away(struct exchange *x)
{
    if (judge_own_scratch(x))
        read_answer(x);
    else
        x->whole->verdict = NO_MEMORY;
}

static void answer(struct exchange *x)
{
    const struct gateway_error no_memory = {.id = GATEWAY_ERROR_OVERLOADED};
    const struct gateway_error unreadable = {
        .id = GATEWAY_ERROR_POLICY_ERROR,
        .message = DVARA_STR("The answer could not be scanned, so it is withheld.")};
    struct attempt_failure failure;
    const struct buf *edited = &x->attempt.edited;
    switch (x->whole->verdict) {
    case PASSES:
        deliver(x, buf_str(edited->n > 0 ? edited : &x->attempt.answer));
        return;
    case DENIED:
        exchange_refuse(x, &x->whole->error, EXCHANGE_OUTCOME_DENIED);
        return;
    case UNREADABLE:
        exchange_refuse(x, &unreadable, EXCHANGE_OUTCOME_DENIED);
        return;
    case NO_ANSWER:
        failure = upstream_error_bad_answer();
        attempt_fail(x, &failure);
        return;
    case NO_MEMORY:
        exchange_refuse(x, &no_memory, EXCHANGE_OUTCOME_FAILED);
        return;
    }
}

void relay_whole(struct exchange *x)
{
    const struct gateway_error no_memory = {.id = GATEWAY_ERROR_OVERLOADED};
    x->whole = ARENA_NEW(&x->arena, struct whole);
    if (!x->whole) {
        exchange_refuse(x, &no_memory, EXCHANGE_OUTCOME_FAILED);
        return;
    }
    if (x->attempt.answer.n >= LONG_ANSWER_BYTES && exchange_send_away(x, read_away, answer))
        return;
    read_answer(x);
    answer(x);
}

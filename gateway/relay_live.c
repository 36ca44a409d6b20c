/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/decide.h"
#include "gateway/relay_state.h"
#include "gateway/relay_text.h"
#include "gateway/worker.h"

/* Judges the parts of response.text from byte `from` on, and what was found anywhere. */
static bool is_denied(struct relay *relay, struct live_text *text, size_t from)
{
    struct dvara_facts *facts = &relay->x->facts;
    facts->response.text = DVARA_STR("");
    if (text && relay->needs.search && chat_channel_is_answer_text(text->key.channel))
        facts->response.text = dvara_str_slice(buf_str(&text->said), from, text->said.n);
    bool is_denied = dvara_run_response_window(relay->x->run);
    facts->response.text = DVARA_STR("");
    return is_denied;
}

/* What is received is searched, not only what is about to be released: the sooner the better. */
static bool on_feed(void *user, size_t *ret_hold)
{
    struct relay *relay = user;
    struct live_text *text = relay->text_fed;
    size_t from = text->searched > RELAY_SEARCH_BACK ? text->searched - RELAY_SEARCH_BACK : 0;
    if (text->said.n - text->searched_whole >= RELAY_SEARCH_BACK)
        from = 0;
    while (from < text->said.n && ((unsigned char)text->said.p[from] & 0xC0) == 0x80)
        from++; /* not amid a character */
    if (from == 0)
        text->searched_whole = text->said.n;
    text->searched = text->said.n;
    bool denied = is_denied(relay, text, from);
    *ret_hold = dvara_run_response_hold(relay->x->run);
    return denied;
}

/* Its presence also makes the stream hold bytes back for every detector, not only for those that
 * are replaced: a denial may depend on any. */
static void on_span(void *user, const struct dvara_span *span)
{
    struct relay *relay = user;
    dvara_run_response_span(relay->x->run, span);
}

static struct dvara_stream *open_stream(struct relay *relay)
{
    struct exchange *x = relay->x;
    struct dvara_stream *stream = NULL;
    if (relay->styles && !decide_vault(x))
        return NULL;
    struct dvara_stream_options options = {
        .styles = relay->styles,
        .thresholds = dvara_run_thresholds(x->run, DVARA_WHERE_RESPONSE),
        .vault = x->vault,
        .restore_urls = dvara_run_restores_urls(x->run),
        .on_span = relay->needs.incremental ? on_span : NULL,
        .on_feed = relay->needs.incremental ? on_feed : NULL,
        .user = relay,
    };
    return dvara_stream_new(x->scanner, &options, &stream) == DVARA_OK ? stream : NULL;
}

static bool is_same(const struct live_key *a, const struct live_key *b)
{
    return a->choice == b->choice && a->channel == b->channel && a->part == b->part &&
           a->is_member == b->is_member;
}

static struct live_text *find(struct relay *relay, struct live_key key)
{
    for (size_t i = 0; i < relay->n_texts; i++)
        if (is_same(&relay->texts[i].key, &key))
            return &relay->texts[i];
    return NULL;
}

static bool has_room(struct relay *relay)
{
    if (relay->n_texts < relay->texts_size)
        return true;
    size_t size = relay->texts_size ? relay->texts_size * 2 : 4;
    if (size > RELAY_TEXTS_MAX)
        return false;
    struct live_text *texts = ARENA_ARRAY(&relay->x->arena, size, struct live_text);
    if (!texts)
        return false;
    if (relay->n_texts > 0)
        memcpy(texts, relay->texts, relay->n_texts * sizeof *texts);
    relay->texts = texts;
    relay->texts_size = size;
    return true;
}

static struct live_text *find_or_add(struct relay *relay, struct live_key key)
{
    struct live_text *text = find(relay, key);
    if (text || !has_room(relay))
        return text;
    text = &relay->texts[relay->n_texts++];
    *text = (struct live_text){.key = key};
    buf_init(&text->said, RELAY_BUFFER_MAX);
    return text;
}

static enum relay_verdict verdict(enum dvara_status status)
{
    if (status == DVARA_STALE)
        return RELAY_DENIED;
    return status == DVARA_OK ? RELAY_GO_ON : RELAY_UNREADABLE;
}

static void note_wait(struct relay *relay, struct live_text *text, size_t fed)
{
    uint64_t waited =
        relay_held_note(&text->held, fed, dvara_stream_held(text->stream), worker_now_ns());
    if (waited > relay->x->view.held_ns)
        relay->x->view.held_ns = waited;
}

enum relay_verdict relay_live_feed(struct relay *relay, struct live_key key,
                                   struct dvara_str fragment, struct buf *out)
{
    struct live_text *text = find_or_add(relay, key);
    if (text && !text->stream)
        text->stream = open_stream(relay);
    if (!text || !text->stream)
        return RELAY_UNREADABLE;
    relay->text_fed = text;
    enum dvara_status status = dvara_stream_feed(text->stream, fragment, out);
    note_wait(relay, text, fragment.n);
    return verdict(status);
}

enum relay_verdict relay_live_finish(struct relay *relay, struct live_key key, struct buf *out)
{
    struct live_text *text = find(relay, key);
    if (!text || !text->stream)
        return RELAY_GO_ON;
    relay->text_fed = text;
    enum relay_verdict result = verdict(dvara_stream_finish(text->stream, out));
    note_wait(relay, text, 0);
    dvara_stream_free(text->stream);
    text->stream = NULL;
    if (result == RELAY_GO_ON && relay->needs.search && text->searched_whole < text->said.n) {
        text->searched = text->searched_whole = text->said.n;
        result = is_denied(relay, text, 0) ? RELAY_DENIED : RELAY_GO_ON;
    }
    return result;
}

static bool release(struct relay *relay, struct live_key key)
{
    struct relay_scratch *scratch = relay->scratch;
    buf_reset(&scratch->text);
    enum relay_verdict result = relay_live_finish(relay, key, &scratch->text);
    if (result != RELAY_GO_ON) {
        relay_stop(relay, result);
        return false;
    }
    if (scratch->text.n == 0)
        return true;
    buf_reset(&scratch->line);
    if (key.is_member) {
        const struct relay_member *member = &relay->members.v[key.part];
        openai_chat_write_member_event(&scratch->line, &relay->id, key.choice, member->before,
                                       buf_str(&scratch->text), member->after);
    } else {
        openai_chat_write_text_event(&scratch->line, &relay->id, key.choice, key.channel, key.part,
                                     buf_str(&scratch->text));
    }
    return relay_emit(relay, buf_str(&scratch->line), true);
}

bool relay_live_release(struct relay *relay, uint32_t choice)
{
    for (size_t i = 0; i < relay->n_texts; i++) {
        struct live_key key = relay->texts[i].key;
        if ((choice == UINT32_MAX || key.choice == choice) && !release(relay, key))
            return false;
    }
    return true;
}

enum relay_verdict relay_live_note(struct relay *relay, struct live_key key,
                                   struct dvara_str fragment)
{
    if (!relay->reads_text || relay->text_overflowed)
        return RELAY_GO_ON;
    struct live_text *text = find_or_add(relay, key);
    if (text)
        buf_append(&text->said, fragment);
    relay->said += fragment.n;
    relay->text_overflowed = !text || buf_failed(&text->said) || relay->said > RELAY_BUFFER_MAX;
    bool needs_all = relay->needs.buffer || relay->needs.search;
    return relay->text_overflowed && needs_all ? RELAY_TOO_LONG : RELAY_GO_ON;
}

enum relay_verdict relay_live_alone(struct relay *relay, const struct dvara_leaf *leaf)
{
    struct exchange *x = relay->x;
    enum dvara_error_kind error = DVARA_ERROR_NONE;
    struct dvara_spans spans = {0};
    if (x->scanner)
        spans = dvara_scan(x->scanner, NULL, leaf->text, leaf->label, &error);
    if (error != DVARA_ERROR_NONE)
        return RELAY_UNREADABLE;
    for (size_t i = 0; i < spans.n; i++)
        dvara_run_response_span(x->run, &spans.v[i]);
    return is_denied(relay, NULL, 0) ? RELAY_DENIED : RELAY_GO_ON;
}

static bool comes_before(const struct live_text *a, const struct live_text *b)
{
    if (a->key.choice != b->key.choice)
        return a->key.choice < b->key.choice;
    return a->key.channel != b->key.channel ? a->key.channel < b->key.channel
                                            : a->key.part < b->key.part;
}

void relay_live_said(struct relay *relay, struct dvara_str *ret_text,
                     struct dvara_leaves *ret_leaves)
{
    struct arena *arena = &relay->x->arena;
    const struct live_text **order = ARENA_ARRAY(arena, relay->n_texts, const struct live_text *);
    struct dvara_leaf *v = ARENA_ARRAY(arena, relay->n_texts, struct dvara_leaf);
    struct buf joined;
    bool any = false;
    buf_init(&joined, (size_t)RELAY_BUFFER_MAX + RELAY_TEXTS_MAX);
    for (size_t i = 0; order && i < relay->n_texts; i++) {
        size_t at = i;
        for (; at > 0 && comes_before(&relay->texts[i], order[at - 1]); at--)
            order[at] = order[at - 1];
        order[at] = &relay->texts[i];
    }
    for (size_t i = 0; order && v && i < relay->n_texts; i++) {
        v[i] = (struct dvara_leaf){.text = buf_str(&order[i]->said), .where = DVARA_WHERE_RESPONSE};
        if (!chat_channel_is_answer_text(order[i]->key.channel))
            continue;
        if (any)
            buf_byte(&joined, '\n');
        buf_append(&joined, v[i].text);
        any = true;
    }
    *ret_text = arena_copy(arena, buf_str(&joined));
    *ret_leaves = (struct dvara_leaves){.v = v, .n = order && v ? relay->n_texts : 0};
    buf_clear(&joined);
}

void relay_live_clear(struct relay *relay)
{
    for (size_t i = 0; i < relay->n_texts; i++) {
        if (relay->texts[i].stream)
            dvara_stream_free(relay->texts[i].stream);
        buf_clear(&relay->texts[i].said);
    }
    relay->n_texts = 0;
    relay->members.n = 0;
    relay->said = 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/decide.h"
#include "gateway/relay_state.h"

static bool on_window(void *user, struct dvara_str window)
{
    struct relay *relay = user;
    struct dvara_facts *facts = &relay->x->facts;
    facts->response.text = window;
    bool is_denied = dvara_run_response_window(relay->x->run);
    facts->response.text = DVARA_STR("");
    return is_denied;
}

/* Its presence makes the stream hold bytes back for every detector, not only for those that are
 * replaced: a denial may depend on any. */
static void on_span(void *user, const struct dvara_span *span)
{
    (void)user;
    (void)span;
}

static struct dvara_stream *open_stream(struct relay *relay)
{
    struct exchange *x = relay->x;
    struct dvara_stream *stream = NULL;
    if (relay->styles && !decide_vault(x))
        return NULL;
    struct dvara_stream_options options = {
        .styles = relay->styles,
        .vault = x->vault,
        .restore_urls = dvara_run_restores_urls(x->run),
        .on_span = relay->needs.incremental ? on_span : NULL,
        .on_window = relay->needs.incremental ? on_window : NULL,
        .user = relay,
    };
    return dvara_stream_new(x->scanner, &options, &stream) == DVARA_OK ? stream : NULL;
}

static struct live_text *find(struct relay *relay, uint32_t choice, enum chat_channel channel)
{
    for (size_t i = 0; i < relay->n_texts; i++)
        if (relay->texts[i].choice == choice && relay->texts[i].channel == channel)
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

static struct live_text *find_or_open(struct relay *relay, uint32_t choice,
                                      enum chat_channel channel)
{
    struct live_text *text = find(relay, choice, channel);
    if (!text && has_room(relay)) {
        text = &relay->texts[relay->n_texts++];
        *text = (struct live_text){.choice = choice, .channel = channel};
    }
    if (text && !text->stream)
        text->stream = open_stream(relay);
    return text && text->stream ? text : NULL;
}

static enum relay_verdict verdict(enum dvara_status status)
{
    if (status == DVARA_STALE)
        return RELAY_DENIED;
    return status == DVARA_OK ? RELAY_GO_ON : RELAY_UNREADABLE;
}

enum relay_verdict relay_live_feed(struct relay *relay, uint32_t choice, enum chat_channel channel,
                                   struct dvara_str fragment, struct buf *out)
{
    struct live_text *text = find_or_open(relay, choice, channel);
    if (!text)
        return RELAY_UNREADABLE;
    return verdict(dvara_stream_feed(text->stream, fragment, out));
}

enum relay_verdict relay_live_finish(struct relay *relay, uint32_t choice,
                                     enum chat_channel channel, struct buf *out)
{
    struct live_text *text = find(relay, choice, channel);
    if (!text || !text->stream)
        return RELAY_GO_ON;
    enum relay_verdict result = verdict(dvara_stream_finish(text->stream, out));
    dvara_stream_free(text->stream);
    text->stream = NULL;
    return result;
}

void relay_live_clear(struct relay *relay)
{
    for (size_t i = 0; i < relay->n_texts; i++)
        if (relay->texts[i].stream)
            dvara_stream_free(relay->texts[i].stream);
    relay->n_texts = 0;
}

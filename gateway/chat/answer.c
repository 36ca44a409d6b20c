/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/chat/answer.h"

#include "base/arena.h"

bool chat_channel_is_answer_text(enum chat_channel channel)
{
    static const bool in_text[CHAT_CHANNEL_COUNT] = {
#define CHANNEL(id, name, in_answer_text, runs) [CHAT_CHANNEL_##id] = (in_answer_text),
#include "gateway/chat/channels.def"
    };
    return in_text[channel];
}

bool chat_channel_runs(enum chat_channel channel)
{
    static const bool all_run[CHAT_CHANNEL_COUNT] = {
#define CHANNEL(id, name, in_answer_text, runs) [CHAT_CHANNEL_##id] = (runs),
#include "gateway/chat/channels.def"
    };
    return all_run[channel];
}

static bool counts(const struct chat_leaves *leaves, size_t i)
{
    return !leaves->v[i].fixed &&
           chat_channel_is_answer_text((enum chat_channel)leaves->places[i].channel);
}

struct dvara_str chat_answer_text(const struct chat_answer *answer, struct arena *arena)
{
    const struct chat_leaves *leaves = &answer->leaves;
    struct dvara_str only = DVARA_STR("");
    size_t n = 0, bytes = 0;
    for (size_t i = 0; i < leaves->n; i++) {
        if (!counts(leaves, i))
            continue;
        only = leaves->v[i].text;
        bytes += only.n + 1;
        n++;
    }
    if (n < 2)
        return only;
    char *p = arena_alloc(arena, bytes);
    size_t at = 0;
    for (size_t i = 0; p && i < leaves->n; i++) {
        if (!counts(leaves, i))
            continue;
        if (at)
            p[at++] = '\n';
        memcpy(p + at, leaves->v[i].text.p, leaves->v[i].text.n);
        at += leaves->v[i].text.n;
    }
    return dvara_str_from(p, p ? at : 0);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The texts of a body that detectors read: every string leaf but the identifiers and enumerations
 * that the dialect's table lists, object keys outside the dialect's own, and whole numbers of eight
 * digits and more where the dialect has no number. Arguments of tool
 * calls are JSON inside a string: they are parsed, and their string leaves are leaves like the
 * others, their long numbers too. */
#ifndef GATEWAY_CHAT_LEAVES_H
#define GATEWAY_CHAT_LEAVES_H

#include "base/json.h"
#include "dvara/request.h"

#include <stdint.h>

struct arena;

enum chat_channel {
#define CHANNEL(id, name, in_answer_text, runs) CHAT_CHANNEL_##id,
#include "gateway/chat/channels.def"
    CHAT_CHANNEL_COUNT
};

enum {
    CHAT_LEAVES_MAX = 1 << 18, /* 16 MiB of leaves and places; 1024 large tools have a tenth */
    CHAT_NESTED_MAX = 8192     /* tool calls of one body */
};
#define CHAT_OUTER UINT32_MAX

/* Where the leaf of the same index stands. */
struct chat_place {
    uint32_t node;   /* a string, key or number of the body, or of nested[nested].doc */
    uint32_t nested; /* CHAT_OUTER: the body */
    uint32_t choice; /* answers: the choice's `index` */
    uint32_t call;   /* answers: the index of the tool call or the part of reasoning; else 0 */
    uint8_t channel; /* enum chat_channel */
};

/* One tool call's arguments. */
struct chat_nested {
    uint32_t node;       /* the string in the body */
    struct json_doc doc; /* n == 0: they are empty text, and mean {} */
    struct dvara_str text;
};

/* Leaves and places run in body order; leaves[i].ref == i. */
struct chat_leaves {
    struct dvara_leaf *v;
    struct chat_place *places;
    size_t n, size;
    struct chat_nested *nested;
    size_t n_nested, nested_size;
};

#endif

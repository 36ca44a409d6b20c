/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of a message that stand where the dialect says nothing of, in a member that it does not
 * know or in a part of the content: each is a text of its own while an answer runs, and what was
 * held of it leaves in the same place. */
#ifndef GATEWAY_RELAY_MEMBER_H
#define GATEWAY_RELAY_MEMBER_H

#include "gateway/chat/answer.h"

enum { RELAY_MEMBERS_MAX = 128 /* of one answer */ };

struct relay_member {
    struct dvara_str name;          /* its place, "choices[0].delta.odd[1].text" */
    struct dvara_str before, after; /* the JSON of a delta around its string */
};

/* In the order in which they came. */
struct relay_members {
    struct relay_member *v; /* RELAY_MEMBERS_MAX, made when the first comes */
    size_t n;
};

/* The delta, or the message, in which the leaf is such a text. JSON_NONE: it is none, or is told
 * whole (relay_members.def). */
uint32_t relay_member_around(const struct chat_answer *answer, uint32_t leaf);
/* The number of the member that holds the string at `node`, inside of `delta`; when it is new it is
 * added, in `keep`. UINT32_MAX: there are too many, or no memory. */
uint32_t relay_member_number(struct relay_members *members, const struct json_doc *doc,
                             uint32_t delta, uint32_t node, struct arena *scratch,
                             struct arena *keep);

#endif

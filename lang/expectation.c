/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/expectation.h"

#include "lang/list.h"

struct members {
    struct arena *arena;
    struct dvara_str *v;
    size_t n;
    const struct decl **seen; /* groups share members: each is walked once */
    size_t n_seen;
};

static bool was_seen(const struct members *members, const struct decl *decl)
{
    for (size_t i = 0; i < members->n_seen; i++) {
        if (members->seen[i] == decl)
            return true;
    }
    return false;
}

static void add_members(struct members *members, const struct decl *decl)
{
    if (!decl || was_seen(members, decl))
        return;
    LIST_APPEND(members->arena, members->seen, members->n_seen, decl);
    if (decl->kind == DECL_DETECTOR) {
        LIST_APPEND(members->arena, members->v, members->n, decl->name);
        return;
    }
    for (size_t i = 0; i < decl->group.n_members; i++)
        add_members(members, decl->group.members[i].ref.decl);
}

struct expectation expectation_of(struct arena *arena, const struct expect *expect)
{
    struct members members = {.arena = arena};
    if (expect->kind == EXPECT_REDACTED)
        add_members(&members, expect->ref.decl);
    return (struct expectation){.kind = expect->kind,
                                .negated = expect->negated,
                                .text = expect->text.s,
                                .key = expect->key.s,
                                .name = expect->ref.name,
                                .detectors = {members.v, members.n},
                                .number = expect->number.i};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of the chat dialect share: a body parsed, and leaves looked up by their text. */
#ifndef TESTS_UNIT_GATEWAY_DIALECT_CHAT_FIXTURE_H
#define TESTS_UNIT_GATEWAY_DIALECT_CHAT_FIXTURE_H

#include "base/arena.h"
#include "base/buf.h"
#include "gateway/dialect/openai_chat.h"
#include "unit/suite.h"

struct chat_fixture {
    struct arena arena;
    struct json_doc doc;
    struct chat_request request;
    struct chat_refusal refusal;
    struct chat_answer answer;
    struct buf out;
};

static inline void chat_fixture_parse(struct chat_fixture *f, const char *body_cstr)
{
    arena_init(&f->arena, 64 << 20);
    buf_init(&f->out, 64 << 20);
    struct dvara_str body = dvara_str_from_cstr(body_cstr);
    ck_assert_msg(json_parse(body, 0, &f->arena, &f->doc, NULL) == DVARA_OK, "%s", body_cstr);
}

static inline void chat_fixture_end(struct chat_fixture *f)
{
    buf_clear(&f->out);
    arena_clear(&f->arena);
}

#define ck_assert_str_is(s, literal)                                                               \
    ck_assert_msg(dvara_str_eq((s), DVARA_STR(literal)), "%.*s", DVARA_STR_ARG(s))

/* The index of the leaf with this text, or n when there is none. */
static inline size_t chat_fixture_leaf(const struct chat_leaves *leaves, const char *text_cstr)
{
    size_t i = 0;
    while (i < leaves->n && !dvara_str_eq(leaves->v[i].text, dvara_str_from_cstr(text_cstr)))
        i++;
    return i;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/chat/edit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "gateway/dialect/openai_chat.h"
#include "unit/suite.h"

struct fixture {
    struct arena arena;
    struct json_doc doc;
    struct chat_request request;
    struct chat_editor editor;
    struct buf out;
};

static void begin(struct fixture *f, const char *body_cstr)
{
    struct chat_refusal refusal;
    arena_init(&f->arena, 16 << 20);
    buf_init(&f->out, 16 << 20);
    ck_assert_int_eq(json_parse(dvara_str_from_cstr(body_cstr), 0, &f->arena, &f->doc, NULL),
                     DVARA_OK);
    ck_assert_int_eq(openai_chat_request(&f->doc, &f->arena, &f->request, &refusal), DVARA_OK);
    chat_editor_init(&f->editor, &f->doc, &f->request.leaves, &f->arena);
}

static void end(struct fixture *f)
{
    buf_clear(&f->out);
    arena_clear(&f->arena);
}

static const char body[] = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"call "
                           "555-0100 or 555-0101\"},{\"role\":\"assistant\","
                           "\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{"
                           "\"name\":\"f\",\"arguments\":"
                           "\"{\\\"to\\\": [\\\"555-0100\\\", {\\\"x\\\":\\\"caf\\\\u00e9 "
                           "555-0101\\\"}], \\\"n\\\":1.0}\"}},{\"id\":\"d\","
                           "\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]}]}";

TEST(spans_of_text_and_of_arguments_are_replaced_together)
{
    struct fixture f;
    begin(&f, body);
    const struct chat_leaves *leaves = &f.request.leaves;
    for (uint32_t i = 0; i < leaves->n; i++) {
        struct dvara_str text = leaves->v[i].text;
        for (size_t at = 0; !leaves->v[i].fixed && at + 8 <= text.n; at++)
            if (dvara_str_starts_with(dvara_str_slice(text, at, text.n), DVARA_STR("555-010")))
                ck_assert_int_eq(chat_edit_leaf(&f.editor, i, at, at + 8, DVARA_STR("<\"P\">")),
                                 DVARA_OK);
    }
    ck_assert_int_eq(chat_editor_apply(&f.editor, &f.out), DVARA_OK);
    struct dvara_str expected =
        DVARA_STR("{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":\"call "
                  "<\\\"P\\\"> or <\\\"P\\\">\"},{\"role\":"
                  "\"assistant\",\"tool_calls\":[{\"id\":\"c\",\"type\":\"function\",\"function\":{"
                  "\"name\":\"f\",\"arguments\":"
                  "\"{\\\"to\\\": [\\\"<\\\\\\\"P\\\\\\\">\\\", {\\\"x\\\":\\\"caf\\\\u00e9 "
                  "<\\\\\\\"P\\\\\\\">\\\"}], \\\"n\\\":1.0}\"}},"
                  "{\"id\":\"d\",\"function\":{\"name\":\"g\",\"arguments\":\"\"}}]}]}");
    ck_assert_msg(dvara_str_eq(buf_str(&f.out), expected), "%.*s", DVARA_STR_ARG(buf_str(&f.out)));
    end(&f);
}

TEST(keys_and_offsets_off_the_text_are_refused)
{
    struct fixture f;
    begin(&f, body);
    for (uint32_t i = 0; i < f.request.leaves.n; i++) {
        size_t n = f.request.leaves.v[i].text.n;
        if (f.request.leaves.v[i].fixed)
            ck_assert_int_eq(chat_edit_leaf_whole(&f.editor, i, DVARA_STR("x")), DVARA_INVALID);
        ck_assert_int_eq(chat_edit_leaf(&f.editor, i, 0, n + 1, DVARA_STR("x")), DVARA_INVALID);
    }
    ck_assert_int_eq(chat_edit_leaf(&f.editor, 9999, 0, 0, DVARA_STR("x")), DVARA_INVALID);
    ck_assert_int_eq(chat_editor_apply(&f.editor, &f.out), DVARA_OK);
    ck_assert(dvara_str_eq(buf_str(&f.out), f.doc.text));
    end(&f);
}

TEST(an_edit_of_the_body_over_edited_arguments_is_refused)
{
    struct fixture f;
    begin(&f, body);
    uint32_t leaf = 0;
    while (f.request.leaves.places[leaf].nested == CHAT_OUTER || f.request.leaves.v[leaf].fixed)
        leaf++;
    ck_assert_int_eq(chat_edit_leaf_whole(&f.editor, leaf, DVARA_STR("x")), DVARA_OK);
    uint32_t calls = json_pointer(&f.doc, DVARA_STR("/messages/1/tool_calls"));
    ck_assert_int_eq(json_edit_replace(&f.editor.body, calls, DVARA_STR("[]")), DVARA_OK);
    ck_assert_int_eq(chat_editor_apply(&f.editor, &f.out), DVARA_INVALID);
    ck_assert_uint_eq(f.out.n, 0);
    end(&f);
}

SUITE(spans_of_text_and_of_arguments_are_replaced_together,
      keys_and_offsets_off_the_text_are_refused,
      an_edit_of_the_body_over_edited_arguments_is_refused)

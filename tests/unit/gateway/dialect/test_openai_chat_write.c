/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/openai_chat.h"

#include "unit/gateway/dialect/chat_fixture.h"

TEST(an_error_has_every_member_that_clients_read)
{
    struct buf out;
    buf_init(&out, 4096);
    struct chat_error error = {.status = 403,
                               .code = DVARA_STR("policy_denied"),
                               .message = DVARA_STR("no \"way\""),
                               .trace_id = DVARA_STR("t1"),
                               .rule = DVARA_STR("r1")};
    openai_chat_write_error(&out, &error);
    ck_assert_str_is(
        buf_str(&out),
        "{\"error\":{\"message\":\"no \\\"way\\\"\",\"type\":\"permission_error\",\"param\":null,"
        "\"code\":\"policy_denied\",\"trace_id\":\"t1\",\"rule\":\"r1\"}}");
    buf_reset(&out);
    error = (struct chat_error){
        .status = 400, .code = DVARA_STR("c"), .message = DVARA_STR("m"), .param = DVARA_STR("n")};
    openai_chat_write_error_event(&out, &error);
    ck_assert_str_is(
        buf_str(&out),
        "data: {\"error\":{\"message\":\"m\",\"type\":\"invalid_request_error\",\"param\":\"n\","
        "\"code\":\"c\"}}\n\n");
    buf_clear(&out);
}

TEST(our_own_events_are_chunks_like_the_others)
{
    struct chat_fixture f;
    const struct openai_chat_stream_id id = {
        .id = DVARA_STR("i"), .model = DVARA_STR("m"), .created = 5};
    struct buf out;
    buf_init(&out, 4096);
    openai_chat_write_filter_event(&out, &id, 1);
    ck_assert_str_is(
        buf_str(&out),
        "data: {\"id\":\"i\",\"object\":\"chat.completion.chunk\",\"created\":5,\"model\":\"m\","
        "\"choices\":[{\"index\":1,\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n");
    for (unsigned channel = 0; channel < CHAT_CHANNEL_COUNT; channel++) {
        buf_reset(&out);
        openai_chat_write_text_event(&out, &id, 2, (enum chat_channel)channel, 3,
                                     DVARA_STR("te\"xt"));
        out.p[out.n - 2] = '\0';
        chat_fixture_parse(&f, out.p + 6);
        ck_assert_int_eq(openai_chat_chunk(&f.doc, &f.arena, &f.answer), DVARA_OK);
        ck_assert_uint_eq(f.answer.leaves.n, 1);
        ck_assert_str_is(f.answer.leaves.v[0].text, "te\"xt");
        ck_assert_uint_eq(f.answer.leaves.places[0].choice, 2);
        if (channel <= CHAT_CHANNEL_ARGUMENTS || chat_channel_runs((enum chat_channel)channel))
            ck_assert_uint_eq(f.answer.leaves.places[0].channel, channel);
        chat_fixture_end(&f);
    }
    buf_clear(&out);
}

TEST(a_call_of_our_own_is_spelled_in_its_form)
{
    static const char *const deltas[CHAT_CALL_FORM_COUNT] = {
        [CHAT_CALL_FUNCTION] = "{\"tool_calls\":[{\"index\":3,\"id\":\"c\",\"type\":\"function\","
                               "\"function\":{\"name\":\"f\",\"arguments\":\"a\\\"b\"}}]}",
        [CHAT_CALL_CUSTOM] = "{\"tool_calls\":[{\"index\":3,\"id\":\"c\",\"type\":\"custom\","
                             "\"custom\":{\"name\":\"f\",\"input\":\"a\\\"b\"}}]}",
        [CHAT_CALL_OLDER] = "{\"function_call\":{\"name\":\"f\",\"arguments\":\"a\\\"b\"}}"};
    const struct openai_chat_stream_id id = {
        .id = DVARA_STR("i"), .model = DVARA_STR("m"), .created = 5};
    struct chat_fixture f;
    struct buf out;
    buf_init(&out, 4096);
    for (unsigned form = 0; form < CHAT_CALL_FORM_COUNT; form++) {
        const struct chat_call call = {.choice = 1,
                                       .index = 3,
                                       .form = (enum chat_call_form)form,
                                       .id = DVARA_STR("c"),
                                       .name = DVARA_STR("f"),
                                       .arguments = DVARA_STR("a\"b")};
        buf_reset(&out);
        openai_chat_write_call_event(&out, &id, &call);
        out.p[out.n - 2] = '\0';
        chat_fixture_parse(&f, out.p + 6);
        ck_assert_int_eq(openai_chat_chunk(&f.doc, &f.arena, &f.answer), DVARA_OK);
        struct dvara_str delta = json_raw(&f.doc, f.answer.choices[0].message_node);
        ck_assert_msg(dvara_str_eq(delta, dvara_str_from_cstr(deltas[form])), "%.*s",
                      DVARA_STR_ARG(delta));
        ck_assert_int_eq(f.answer.calls[0].form, form);
        chat_fixture_end(&f);
    }
    buf_clear(&out);
}

struct splice_case {
    const char *body, *expected;
};

static const struct splice_case splices[] = {
    {"{\"model\":\"a\",\"messages\":[{\"role\":\"user\"}],\"stream\":true}",
     "{\"stream_options\":{\"include_usage\":true},\"max_completion_tokens\":9,\"temperature\":0.1,"
     "\"user\":\"u\\\"\","
     "\"model\":\"b\",\"messages\":[{\"role\":\"user\"}],\"stream\":true}"},
    {"{\"model\":\"a\",\"messages\":[{\"role\":\"user\"}],\"stream\":true,\"stream_options\":{"
     "\"x\":1},\"max_tokens\":1e4,"
     "\"temperature\":2,\"user\":null}",
     "{\"model\":\"b\",\"messages\":[{\"role\":\"user\"}],\"stream\":true,\"stream_options\":{"
     "\"include_usage\":true,\"x\":1},"
     "\"max_tokens\":9,\"temperature\":0.1,\"user\":\"u\\\"\"}"},
    {"{\"model\":\"a\",\"messages\":[{\"role\":\"user\"}],\"stream_options\":null,\"max_tokens\":1,"
     "\"max_completion_tokens\":2,"
     "\"temperature\":2,\"user\":\"x\"}",
     "{\"model\":\"b\",\"messages\":[{\"role\":\"user\"}],\"stream_options\":null,\"max_tokens\":9,"
     "\"max_completion_tokens\":9,"
     "\"temperature\":0.1,\"user\":\"u\\\"\"}"},
    {"{\"model\":\"a\",\"messages\":[{\"role\":\"user\"}],\"stream\":true,\"stream_options\":{"
     "\"include_usage\":false},"
     "\"max_tokens\":null,\"temperature\":null,\"user\":\"x\"}",
     "{\"max_completion_tokens\":9,\"model\":\"b\",\"messages\":[{\"role\":\"user\"}],\"stream\":"
     "true,\"stream_options\":{\"include_usage\":true},"
     "\"max_tokens\":null,\"temperature\":0.1,\"user\":\"u\\\"\"}"},
    {"{\"model\":\"a\",\"messages\":[{\"role\":\"user\"}],\"stream\":true,\"stream_options\":null,"
     "\"max_tokens\":7,"
     "\"temperature\":null,\"user\":\"x\"}",
     "{\"model\":\"b\",\"messages\":[{\"role\":\"user\"}],\"stream\":true,\"stream_options\":{"
     "\"include_usage\":true},"
     "\"max_tokens\":9,\"temperature\":0.1,\"user\":\"u\\\"\"}"},
};

TEST(the_gateways_splices_set_what_they_name_and_nothing_else)
{
    for (size_t i = 0; i < sizeof splices / sizeof *splices; i++) {
        struct chat_fixture f;
        struct chat_editor editor;
        chat_fixture_parse(&f, splices[i].body);
        ck_assert_int_eq(openai_chat_request(&f.doc, &f.arena, &f.request, &f.refusal), DVARA_OK);
        chat_editor_init(&editor, &f.doc, &f.request.leaves, &f.arena);
        ck_assert_int_eq(openai_chat_set_model(&editor, &f.request, DVARA_STR("b")), DVARA_OK);
        ck_assert_int_eq(openai_chat_ask_usage(&editor, &f.request), DVARA_OK);
        ck_assert_int_eq(openai_chat_set_max_tokens(&editor, &f.request, 9), DVARA_OK);
        ck_assert_int_eq(openai_chat_set_temperature(&editor, &f.request, 0.1), DVARA_OK);
        ck_assert_int_eq(openai_chat_set_user(&editor, &f.request, DVARA_STR("u\"")), DVARA_OK);
        ck_assert_int_eq(chat_editor_apply(&editor, &f.out), DVARA_OK);
        ck_assert_msg(dvara_str_eq(buf_str(&f.out), dvara_str_from_cstr(splices[i].expected)),
                      "%.*s", DVARA_STR_ARG(buf_str(&f.out)));
        chat_fixture_end(&f);
    }
}

SUITE(an_error_has_every_member_that_clients_read, our_own_events_are_chunks_like_the_others,
      a_call_of_our_own_is_spelled_in_its_form,
      the_gateways_splices_set_what_they_name_and_nothing_else)

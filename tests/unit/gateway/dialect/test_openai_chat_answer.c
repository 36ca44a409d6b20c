/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/openai_chat.h"

#include "unit/gateway/dialect/chat_fixture.h"

static void read_answer(struct chat_fixture *f, const char *body)
{
    chat_fixture_parse(f, body);
    ck_assert_msg(openai_chat_answer(&f->doc, &f->arena, &f->answer) == DVARA_OK, "%s", body);
}

static void read_chunk(struct chat_fixture *f, const char *body)
{
    chat_fixture_parse(f, body);
    ck_assert_msg(openai_chat_chunk(&f->doc, &f->arena, &f->answer) == DVARA_OK, "%s", body);
}

static const char whole[] =
    "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":17,\"model\":\"gpt-4o-"
    "2024\",\"choices\":["
    "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"one\",\"refusal\":null,"
    "\"annotations\":[]},"
    "\"logprobs\":null,\"finish_reason\":\"stop\"},"
    "{\"index\":1,\"message\":{\"role\":\"assistant\",\"content\":[{\"type\":\"text\",\"text\":"
    "\"two\"}],"
    "\"reasoning_content\":\"why\",\"tool_calls\":[{\"id\":\"c1\",\"type\":\"function\","
    "\"function\":{\"name\":\"f\","
    "\"arguments\":\"{\\\"a\\\":\\\"v1\\\"}\"}},{\"id\":\"c2\",\"type\":\"function\",\"function\":{"
    "\"name\":\"g\","
    "\"arguments\":\"{bad\"}},{\"id\":\"c3\",\"type\":\"function\",\"function\":{\"name\":\"h\","
    "\"arguments\":\"\"}}]},"
    "\"logprobs\":{\"content\":[{\"token\":\"two\"}]},\"finish_reason\":\"tool_calls\"}],"
    "\"usage\":{\"prompt_tokens\":10,\"completion_tokens\":5,\"total_tokens\":15,\"prompt_tokens_"
    "details\":"
    "{\"cached_tokens\":4,\"cache_write_tokens\":2},\"completion_tokens_details\":{\"reasoning_"
    "tokens\":3}},"
    "\"system_fingerprint\":\"fp\"}";

TEST(a_whole_answer_comes_down_to_its_canonical_form)
{
    struct chat_fixture f;
    read_answer(&f, whole);
    const struct chat_answer *a = &f.answer;
    ck_assert_str_is(a->id, "chatcmpl-1");
    ck_assert_str_is(a->model, "gpt-4o-2024");
    ck_assert_int_eq(a->created, 17);
    ck_assert_uint_eq(a->n_choices, 2);
    ck_assert_str_is(a->choices[0].finish_reason, "stop");
    ck_assert_uint_eq(a->choices[0].logprobs_node, JSON_NONE);
    ck_assert_uint_ne(a->choices[1].logprobs_node, JSON_NONE);
    ck_assert_uint_eq(a->n_calls, 3);
    ck_assert_str_is(a->calls[0].name, "f");
    ck_assert_str_is(a->calls[0].arguments, "{\"a\":\"v1\"}");
    ck_assert_uint_eq(a->calls[0].choice, 1);
    ck_assert_uint_eq(a->calls[0].nested, 0);
    ck_assert_uint_eq(a->calls[1].nested, CHAT_OUTER);
    ck_assert_uint_eq(a->calls[1].index, 1);
    ck_assert_uint_eq(a->calls[2].nested, 1);
    ck_assert(a->has_content && !a->is_error);
    ck_assert(a->usage.has && a->usage.prompt_tokens.value == 10 &&
              a->usage.total_tokens.value == 15);
    ck_assert(a->usage.cached_tokens.value == 4 && a->usage.cache_write_tokens.value == 2);
    ck_assert(a->usage.reasoning_tokens.has && a->usage.reasoning_tokens.value == 3);
    ck_assert_str_is(chat_answer_text(a, &f.arena), "one\ntwo");
    chat_fixture_end(&f);
}

TEST(each_leaf_of_an_answer_knows_its_choice_channel_and_call)
{
    struct chat_fixture f;
    read_answer(&f, whole);
    const struct chat_leaves *leaves = &f.answer.leaves;
    static const struct {
        const char *text;
        uint32_t choice, call;
        enum chat_channel channel;
        enum dvara_where where;
    } rows[] = {{"one", 0, 0, CHAT_CHANNEL_CONTENT, DVARA_WHERE_RESPONSE},
                {"two", 1, 0, CHAT_CHANNEL_CONTENT, DVARA_WHERE_RESPONSE},
                {"why", 1, 0, CHAT_CHANNEL_REASONING, DVARA_WHERE_RESPONSE},
                {"v1", 1, 0, CHAT_CHANNEL_ARGUMENTS, DVARA_WHERE_TOOLS},
                {"{bad", 1, 1, CHAT_CHANNEL_ARGUMENTS, DVARA_WHERE_TOOLS}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t at = chat_fixture_leaf(leaves, rows[i].text);
        ck_assert_msg(at < leaves->n, "%s", rows[i].text);
        ck_assert_uint_eq(leaves->places[at].choice, rows[i].choice);
        ck_assert_uint_eq(leaves->places[at].call, rows[i].call);
        ck_assert_uint_eq(leaves->places[at].channel, rows[i].channel);
        ck_assert_uint_eq(leaves->v[at].where, rows[i].where);
    }
    chat_fixture_end(&f);
}

TEST(leaves_are_replaced_in_place_also_inside_arguments)
{
    struct chat_fixture f;
    struct chat_editor editor;
    read_answer(
        &f,
        "{ \"choices\":[{\"message\":{\"content\":\"my \\u0073sn "
        "1\\u0032\",\"tool_calls\":[{\"function\":"
        "{\"name\":\"f\",\"arguments\":\"{ \\\"a\\\": \\\"x\\\\u002dy\\\" }\"}}]}, \"z\":1.0}] }");
    chat_editor_init(&editor, &f.doc, &f.answer.leaves, &f.arena);
    ck_assert(chat_editor_is_empty(&editor));
    uint32_t content = (uint32_t)chat_fixture_leaf(&f.answer.leaves, "my ssn 12");
    uint32_t argument = (uint32_t)chat_fixture_leaf(&f.answer.leaves, "x-y");
    ck_assert_int_eq(chat_edit_leaf(&editor, content, 7, 9, DVARA_STR("<\"N\">")), DVARA_OK);
    ck_assert_int_eq(chat_edit_leaf(&editor, argument, 0, 2, DVARA_STR("q\"")), DVARA_OK);
    ck_assert(!chat_editor_is_empty(&editor));
    uint32_t key = (uint32_t)chat_fixture_leaf(&f.answer.leaves, "z");
    ck_assert_int_eq(chat_edit_leaf(&editor, key, 0, 1, DVARA_STR("y")), DVARA_INVALID);
    ck_assert_int_eq(chat_editor_apply(&editor, &f.out), DVARA_OK);
    ck_assert_str_is(
        buf_str(&f.out),
        "{ \"choices\":[{\"message\":{\"content\":\"my \\u0073sn "
        "<\\\"N\\\">\",\"tool_calls\":[{\"function\":"
        "{\"name\":\"f\",\"arguments\":\"{ \\\"a\\\": \\\"q\\\\\\\"y\\\" }\"}}]}, \"z\":1.0}] }");
    chat_fixture_end(&f);
}

TEST(stream_events_give_deltas_calls_finish_and_usage)
{
    struct chat_fixture f;
    read_chunk(&f, "{\"id\":\"x\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":"
                   "\"m\",\"choices\":[{\"index\":2,"
                   "\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}],"
                   "\"usage\":null}");
    ck_assert(!f.answer.has_content && f.answer.leaves.n == 0 && !f.answer.usage.has);
    ck_assert_uint_eq(f.answer.choices[0].index, 2);
    chat_fixture_end(&f);
    read_chunk(&f,
               "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"he\",\"reasoning\":\"r\"}}]}");
    ck_assert(f.answer.has_content && f.answer.leaves.n == 2);
    chat_fixture_end(&f);
    read_chunk(&f, "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":1,\"id\":"
                   "\"c\",\"type\":\"function\","
                   "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}}]}");
    ck_assert(f.answer.has_content && f.answer.n_calls == 1 && f.answer.calls[0].index == 1);
    ck_assert_str_is(f.answer.calls[0].name, "f");
    chat_fixture_end(&f);
    read_chunk(&f, "{\"choices\":[{\"index\":3,\"delta\":{\"tool_calls\":[{\"index\":1,"
                   "\"function\":{\"arguments\":\"{\\\"a\"}}]}}]}");
    ck_assert_str_is(f.answer.calls[0].arguments, "{\"a");
    ck_assert(dvara_str_is_absent(f.answer.calls[0].name));
    ck_assert_uint_eq(f.answer.leaves.n, 1);
    ck_assert_uint_eq(f.answer.leaves.places[0].choice, 3);
    ck_assert_uint_eq(f.answer.leaves.places[0].call, 1);
    ck_assert_uint_eq(f.answer.leaves.places[0].channel, CHAT_CHANNEL_ARGUMENTS);
    chat_fixture_end(&f);
    read_chunk(&f, "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}");
    ck_assert_str_is(f.answer.choices[0].finish_reason, "length");
    chat_fixture_end(&f);
    read_chunk(&f, "{\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2}}");
    ck_assert(f.answer.usage.has && f.answer.usage.completion_tokens.value == 2 &&
              !f.answer.usage.total_tokens.has);
    chat_fixture_end(&f);
}

TEST(an_error_object_is_told_from_an_answer)
{
    struct chat_fixture f;
    read_chunk(&f, "{\"error\":{\"message\":\"boom\",\"type\":\"server_error\",\"code\":503}}");
    ck_assert(f.answer.is_error);
    ck_assert_str_is(f.answer.error_message, "boom");
    ck_assert_str_is(f.answer.error_code, "503");
    chat_fixture_end(&f);
    read_chunk(&f, "{\"error\":null,\"choices\":[]}");
    ck_assert(!f.answer.is_error);
    chat_fixture_end(&f);
}

TEST(what_is_no_chat_completion_is_refused)
{
    static const char *const bodies[] = {"[]",
                                         "\"x\"",
                                         "{}",
                                         "{\"choices\":[]}",
                                         "{\"choices\":{}}",
                                         "{\"choices\":[7]}",
                                         "{\"error\":false}"};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        struct chat_fixture f;
        chat_fixture_parse(&f, bodies[i]);
        ck_assert_msg(openai_chat_answer(&f.doc, &f.arena, &f.answer) == DVARA_INVALID, "%s",
                      bodies[i]);
        chat_fixture_end(&f);
    }
}

TEST(an_outline_has_what_an_answer_has_but_texts_and_calls)
{
    struct chat_fixture f;
    chat_fixture_parse(&f, "{\"model\":\"m\",\"choices\":[{\"finish_reason\":\"stop\",\"message\":{"
                           "\"content\":\"t\",\"tool_calls\":[{\"function\":{\"name\":\"f\"}}]}}],"
                           "\"usage\":{\"prompt_tokens\":3}}");
    ck_assert_int_eq(openai_chat_outline(&f.doc, &f.arena, &f.answer), DVARA_OK);
    ck_assert_uint_eq(f.answer.leaves.n, 0);
    ck_assert_uint_eq(f.answer.n_calls, 0);
    ck_assert_uint_eq(f.answer.n_choices, 1);
    ck_assert_str_is(f.answer.choices[0].finish_reason, "stop");
    ck_assert(f.answer.usage.has);
    ck_assert_int_eq(f.answer.usage.prompt_tokens.value, 3);
    chat_fixture_end(&f);
    chat_fixture_parse(&f, "{\"choices\":[]}");
    ck_assert_int_eq(openai_chat_outline(&f.doc, &f.arena, &f.answer), DVARA_INVALID);
    chat_fixture_end(&f);
}

TEST(odd_types_in_an_answer_are_text_and_not_a_crash)
{
    struct chat_fixture f;
    read_answer(&f, "{\"id\":7,\"choices\":[{\"index\":\"a\",\"finish_reason\":3,\"message\":{"
                    "\"content\":{\"x\":\"t1\"},"
                    "\"tool_calls\":{\"function\":\"t2\"},\"function_call\":{\"name\":1,"
                    "\"arguments\":{\"q\":\"t3\"}}}},"
                    "{\"message\":null}],\"usage\":[]}");
    static const char *const texts[] = {"t1", "t2", "t3"};
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_lt(chat_fixture_leaf(&f.answer.leaves, texts[i]), f.answer.leaves.n);
    ck_assert_uint_eq(f.answer.n_calls, 1);
    ck_assert_str_is(f.answer.calls[0].arguments, "{\"q\":\"t3\"}");
    ck_assert_uint_eq(f.answer.calls[0].nested, CHAT_OUTER);
    chat_fixture_end(&f);
}

SUITE(an_outline_has_what_an_answer_has_but_texts_and_calls,
      a_whole_answer_comes_down_to_its_canonical_form,
      each_leaf_of_an_answer_knows_its_choice_channel_and_call,
      leaves_are_replaced_in_place_also_inside_arguments,
      stream_events_give_deltas_calls_finish_and_usage, an_error_object_is_told_from_an_answer,
      what_is_no_chat_completion_is_refused, odd_types_in_an_answer_are_text_and_not_a_crash)

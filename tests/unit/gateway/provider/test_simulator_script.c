/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/provider/simulator_script.h"

#include "gateway/dialect/openai_chat.h"

#include "unit/suite.h"

#include <stdio.h>

static struct simulator_answer ask(struct arena *arena, const struct config_provider *provider,
                                   const char *said_cstr)
{
    struct json_doc doc;
    struct chat_request request;
    struct chat_refusal refusal;
    struct dvara_str body = arena_printf(
        arena, "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":%s}]}", said_cstr);
    ck_assert_int_eq(json_parse(body, 0, arena, &doc, NULL), DVARA_OK);
    ck_assert_int_eq(openai_chat_request(&doc, arena, &request, &refusal), DVARA_OK);
    return simulator_answer_for(provider, &request, arena);
}

TEST(without_a_script_the_last_user_message_is_echoed)
{
    const struct config_provider provider = {.simulator = {.latency_ns = 5000000}};
    struct arena arena;
    arena_init(&arena, 8 << 20);
    struct simulator_answer answer = ask(&arena, &provider, "\"hello\"");
    ck_assert(dvara_str_eq(answer.text, DVARA_STR("hello")));
    ck_assert_int_eq(answer.status, 200);
    ck_assert_int_eq(answer.latency_ms, 5);
    arena_clear(&arena);
}

TEST(a_row_in_the_message_says_everything)
{
    const struct config_provider provider = {.is_private = false};
    struct arena arena;
    arena_init(&arena, 8 << 20);
    struct simulator_answer answer =
        ask(&arena, &provider,
            "\"simulate:{\\\"text\\\":\\\"t\\\",\\\"status\\\":429,\\\"chunk_bytes\\\":0,"
            "\\\"tool_calls\\\":[{\\\"name\\\":\\\"f\\\"}],\\\"no_done\\\":true}\"");
    ck_assert(dvara_str_eq(answer.text, DVARA_STR("t")));
    ck_assert_int_eq(answer.status, 429);
    ck_assert_int_gt(answer.chunk_bytes, 0);
    ck_assert_uint_eq(answer.n_calls, 1);
    ck_assert(dvara_str_eq(answer.calls[0].arguments, DVARA_STR("{}")));
    ck_assert(dvara_str_eq(answer.finish_reason, DVARA_STR("tool_calls")));
    ck_assert(answer.no_done);
    arena_clear(&arena);
}

TEST(a_row_that_cannot_be_read_answers_500)
{
    const struct config_provider provider = {.is_private = false};
    struct arena arena;
    arena_init(&arena, 8 << 20);
    ck_assert_int_eq(ask(&arena, &provider, "\"simulate:{oops\"").status, 500);
    ck_assert_int_eq(ask(&arena, &provider, "\"simulate:{\\\"status\\\":9}\"").status, 500);
    arena_clear(&arena);
}

TEST(the_first_row_of_the_file_that_matches_is_taken)
{
    char folder[64];
    char path_cstr[80];
    scratch_folder(folder, sizeof folder);
    (void)snprintf(path_cstr, sizeof path_cstr, "%s/script.json", folder);
    FILE *file = fopen(path_cstr, "w");
    ck_assert_ptr_nonnull(file);
    fputs("{\"answers\":[{\"match\":\"rain\",\"model\":\"other\",\"text\":\"no\"},"
          "{\"match\":\"rain\",\"text\":\"wet\"},{\"match\":\"\",\"text\":\"dry\"}]}",
          file);
    fclose(file);
    const struct config_provider provider = {.simulator = {.script_file_cstr = path_cstr}};
    struct arena arena;
    arena_init(&arena, 8 << 20);
    ck_assert(dvara_str_eq(ask(&arena, &provider, "\"will it rain\"").text, DVARA_STR("wet")));
    ck_assert(dvara_str_eq(ask(&arena, &provider, "\"hello\"").text, DVARA_STR("dry")));
    arena_clear(&arena);
}

TEST(an_error_rate_of_all_fails_always)
{
    const struct config_provider provider = {.simulator = {.error_rate_ppm = 1000000}};
    struct arena arena;
    arena_init(&arena, 8 << 20);
    ck_assert_int_eq(ask(&arena, &provider, "\"hello\"").status, 503);
    arena_clear(&arena);
}

SUITE(without_a_script_the_last_user_message_is_echoed, a_row_in_the_message_says_everything,
      a_row_that_cannot_be_read_answers_500, the_first_row_of_the_file_that_matches_is_taken,
      an_error_rate_of_all_fails_always)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/provider/simulator_write.h"

#include "gateway/dialect/openai_chat.h"
#include "gateway/http/sse.h"

#include "unit/suite.h"

static struct simulator_answer answer_of(struct dvara_str text)
{
    return (struct simulator_answer){.text = text,
                                     .status = 200,
                                     .finish_reason = DVARA_STR("stop"),
                                     .chunk_bytes = 1,
                                     .prompt_tokens = -1,
                                     .completion_tokens = -1,
                                     .cut_after = -1,
                                     .error_after = -1};
}

static void run(struct simulator_writer *writer, struct buf *out)
{
    buf_init(out, 1 << 20);
    while (simulator_write_next(writer, out))
        continue;
    ck_assert(!buf_failed(out));
}

/* The events' text put together, and how many there were before [DONE]. */
static struct dvara_str text_of(struct buf *stream, struct arena *arena, size_t *ret_events)
{
    struct sse_decoder decoder;
    struct sse_event event;
    struct buf text;
    sse_decoder_init(&decoder, 1 << 20);
    buf_init(&text, 1 << 20);
    *ret_events = 0;
    ck_assert_int_eq(sse_feed(&decoder, buf_str(stream)), DVARA_OK);
    while (sse_next(&decoder, &event) == DVARA_OK &&
           !dvara_str_eq(event.data, DVARA_STR("[DONE]"))) {
        struct json_doc doc;
        struct chat_answer chunk;
        struct dvara_str data = arena_copy(arena, event.data);
        ck_assert_int_eq(json_parse(data, 0, arena, &doc, NULL), DVARA_OK);
        ck_assert_int_eq(openai_chat_chunk(&doc, arena, &chunk), DVARA_OK);
        for (size_t i = 0; i < chunk.leaves.n; i++)
            if (chunk.leaves.places[i].channel == CHAT_CHANNEL_CONTENT)
                buf_append(&text, chunk.leaves.v[i].text);
        ++*ret_events;
    }
    struct dvara_str copy = arena_copy(arena, buf_str(&text));
    buf_clear(&text);
    sse_decoder_clear(&decoder);
    return copy;
}

TEST(a_stream_of_single_code_points_says_the_text)
{
    const struct simulator_answer answer = answer_of(DVARA_STR("h\xc3\xa9\xf0\x9f\x98\x80!"));
    const struct chat_request request = {.model = DVARA_STR("m"), .stream = true};
    struct simulator_writer writer;
    struct arena arena;
    struct buf out;
    size_t events;
    arena_init(&arena, 8 << 20);
    simulator_writer_init(&writer, &answer, &request, 1);
    run(&writer, &out);
    ck_assert(dvara_str_eq(text_of(&out, &arena, &events), answer.text));
    ck_assert_uint_eq(events, 1 + 4 + 1); /* role, four code points, finish */
    buf_clear(&out);
    arena_clear(&arena);
}

TEST(usage_comes_last_when_it_is_asked_for)
{
    const struct simulator_answer answer = answer_of(DVARA_STR("abcdefgh"));
    const struct chat_request request = {
        .model = DVARA_STR("m"), .stream = true, .include_usage = true};
    struct simulator_writer writer;
    struct buf out;
    simulator_writer_init(&writer, &answer, &request, 1);
    ck_assert_int_eq(writer.completion_tokens, 2);
    run(&writer, &out);
    ck_assert_ptr_nonnull(memmem(out.p, out.n, "\"choices\":[],\"usage\":{", 22));
    ck_assert_ptr_nonnull(memmem(out.p, out.n, "\"usage\":null", 12));
    buf_clear(&out);
}

TEST(a_whole_answer_is_a_chat_completion)
{
    struct simulator_answer answer = answer_of(DVARA_STR("a \"quoted\" one"));
    answer.calls[0] = (struct simulator_tool_call){DVARA_STR("c"), DVARA_STR("f"), DVARA_STR("{}")};
    answer.n_calls = 1;
    const struct chat_request request = {.model = DVARA_STR("m"), .n = {.has = true, .value = 99}};
    struct simulator_writer writer;
    struct json_doc doc;
    struct chat_answer parsed;
    struct arena arena;
    struct buf out;
    arena_init(&arena, 8 << 20);
    buf_init(&out, 1 << 20);
    simulator_writer_init(&writer, &answer, &request, 1);
    simulator_write_whole(&writer, &out);
    ck_assert_int_eq(json_parse(buf_str(&out), 0, &arena, &doc, NULL), DVARA_OK);
    ck_assert_int_eq(openai_chat_answer(&doc, &arena, &parsed), DVARA_OK);
    ck_assert_uint_eq(parsed.n_choices, SIMULATOR_CHOICES_MAX);
    ck_assert_uint_eq(parsed.n_calls, SIMULATOR_CHOICES_MAX);
    buf_clear(&out);
    arena_clear(&arena);
}

SUITE(a_stream_of_single_code_points_says_the_text, usage_comes_last_when_it_is_asked_for,
      a_whole_answer_is_a_chat_completion)

/* SPDX-License-Identifier: Apache-2.0 */
/* Megabytes a second and nanoseconds a body, of one thread's processor time: parsing chat bodies,
 * and bringing them to the canonical form. One line a figure; the best of several rounds. */
#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "gateway/dialect/openai_chat.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 7 };

static const char sentence[] = "The quick brown fox asked for a refund of 42 euros, and got it. ";
static const char cjk[] =
    "\xe6\x98\xa5\xe7\x9c\xa0\xe4\xb8\x8d\xe8\xa7\x89\xe6\x99\x93\xef\xbc\x8c";

static void make_chat(struct buf *out, size_t size, const char *prose)
{
    buf_reset(out);
    BUF_LIT(out, "{\"model\":\"gpt-4o\",\"stream\":false,\"temperature\":0.2,\"max_tokens\":256,"
                 "\"messages\":["
                 "{\"role\":\"system\",\"content\":\"You are a careful assistant.\"},"
                 "{\"role\":\"user\",\"content\":\"");
    while (out->n + strlen(prose) + 4 < size)
        buf_append(out, dvara_str_from_cstr(prose));
    BUF_LIT(out, "\"}]}");
}

/* A conversation of short turns, as clients send it: each with line breaks and quotes escaped. */
static void make_turns(struct buf *out, size_t size)
{
    static const char *const turns[] = {
        "{\"role\":\"user\",\"content\":\"Where is order 4711?\\nIt was \\\"express\\\".\"}",
        "{\"role\":\"assistant\",\"content\":\"It left Lyon:\\n\\n- on Monday,\\n- caf\\u00e9 "
        "included.\"}",
    };
    buf_reset(out);
    BUF_LIT(out, "{\"model\":\"gpt-4o\",\"messages\":[");
    for (size_t i = 0; i == 0 || out->n + 100 < size; i++) {
        buf_append(out, i ? DVARA_STR(",") : DVARA_STR(""));
        buf_append(out, dvara_str_from_cstr(turns[i % 2]));
    }
    BUF_LIT(out, "]}");
}

/* Bare structure: the worst case for spans. */
static void make_numbers(struct buf *out, size_t size)
{
    buf_reset(out);
    BUF_LIT(out, "{\"input\":[1");
    for (unsigned i = 0; out->n + 8 < size; i++)
        buf_printf(out, ",%u", 1000 + i % 9000);
    BUF_LIT(out, "]}");
}

static bool run_once(struct dvara_str body, struct arena *arena, bool canonical)
{
    struct json_doc doc;
    struct chat_request request;
    struct chat_refusal refusal;
    arena_reset(arena);
    return json_parse(body, 0, arena, &doc, NULL) == DVARA_OK &&
           (!canonical || openai_chat_request(&doc, arena, &request, &refusal) == DVARA_OK);
}

static const char chunk[] =
    "{\"id\":\"chatcmpl-9\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"gpt-"
    "4o\","
    "\"system_fingerprint\":\"fp_1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\" word\"},"
    "\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}";

static bool run_chunk(struct dvara_str body, struct arena *arena)
{
    struct json_doc doc;
    struct chat_answer answer;
    arena_reset(arena);
    return json_parse(body, 0, arena, &doc, NULL) == DVARA_OK &&
           openai_chat_chunk(&doc, arena, &answer) == DVARA_OK && answer.leaves.n == 1;
}

/* Others may share the machine: their time is not counted. */
static uint64_t processor_ns(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * TIME_NS_PER_S + (uint64_t)t.tv_nsec;
}

enum what { SPANS, CANONICAL, CHUNK };

static bool run(struct dvara_str body, struct arena *arena, enum what what)
{
    return what == CHUNK ? run_chunk(body, arena) : run_once(body, arena, what == CANONICAL);
}

static void report(const char *name, struct dvara_str body, enum what what)
{
    struct arena arena;
    arena_init(&arena, 256 << 20);
    size_t repeats = (64 << 20) / body.n;
    double best = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint64_t start = processor_ns();
        for (size_t i = 0; i < repeats; i++)
            if (!run(body, &arena, what))
                abort();
        double ns = (double)(processor_ns() - start) / (double)repeats;
        best = round == 0 || ns < best ? ns : best;
    }
    printf("%-24s %9zu bytes %12.0f ns %8.0f MB/s\n", name, body.n, best,
           (double)body.n * 1e3 / best);
    arena_clear(&arena);
}

int main(void)
{
    static const size_t sizes[] = {1 << 10, 10 << 10, 1 << 20};
    static const size_t turns_sizes[] = {1 << 10, 10 << 10, 256 << 10}; /* 4096 turns at most */
    struct buf body;
    buf_init(&body, 16 << 20);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        make_chat(&body, sizes[i], sentence);
        report("chat, spans", buf_str(&body), SPANS);
        report("chat, canonical", buf_str(&body), CANONICAL);
    }
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        make_chat(&body, sizes[i], cjk);
        report("chat in Chinese, spans", buf_str(&body), SPANS);
    }
    for (size_t i = 0; i < sizeof turns_sizes / sizeof *turns_sizes; i++) {
        make_turns(&body, turns_sizes[i]);
        report("short turns, spans", buf_str(&body), SPANS);
        report("short turns, canonical", buf_str(&body), CANONICAL);
    }
    make_numbers(&body, 1 << 20);
    report("numbers, spans", buf_str(&body), SPANS);
    report("stream chunk, canonical", dvara_str_from_cstr(chunk), CHUNK);
    buf_clear(&body);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/frozen.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "unit/suite.h"

enum { MEMORY = 16 << 20 };

static const struct dvara_str words[] = {DVARA_STR_INIT("one"), DVARA_STR_INIT(""),
                                         DVARA_STR_INIT("drei ✓")};
static const struct dvara_pair pairs[] = {{DVARA_STR_INIT("x-team"), DVARA_STR_INIT("red")}};
static const struct dvara_message messages[] = {
    {DVARA_STR_INIT("system"), DVARA_STR_INIT("be brief"), false},
    {DVARA_STR_INIT("user"), DVARA_STR_INIT("hi"), true}};
static const struct dvara_tool tools[] = {{DVARA_STR_INIT("fs_read"), DVARA_STR_INIT("reads")}};
static const struct dvara_list_state lists[] = {{DVARA_STR_INIT("closed"), {words, 3}}};
static const struct dvara_budget_state budgets[] = {{DVARA_STR_INIT("team"), 830000, -1}};
static struct given_target targets[] = {
    {DVARA_STR_INIT("openai/gpt-4o"), {.latency_p50 = 300000000, .in_flight = 3}}};
static const struct expectation expects[] = {
    {.kind = EXPECT_DENY, .text = DVARA_STR_INIT("c"), .name = DVARA_STR_INIT("r"), .line = 3},
    {.kind = EXPECT_REDACTED, .negated = true, .detectors = {words, 3}, .col = 7},
    {.kind = EXPECT_MAX_TOKENS, .number = -5}};

/* Every kind of field, none of them as it stands by default. */
static void fill(struct arena *arena, struct given *given)
{
    struct dvara_facts *facts = &given->facts;
    struct json_doc *body = ARENA_NEW(arena, struct json_doc);
    ck_assert_int_eq(json_parse(DVARA_STR("{\"seed\":1}"), 0, arena, body, NULL), DVARA_OK);
    given_start(arena, given);
    facts->request.endpoint = DVARA_STR("");
    facts->request.model = DVARA_STR("gpt-4o");
    facts->request.stream = true;
    facts->request.max_tokens = (struct dvara_opt_int){true, INT64_MIN};
    facts->request.temperature = (struct dvara_opt_float){true, -0.25};
    facts->request.messages = (struct dvara_messages){messages, 2};
    facts->request.tools = (struct dvara_tools){tools, 1};
    facts->request.user = DVARA_STR("");
    facts->request.time = -1;
    facts->request.headers = facts->request.metadata = (struct dvara_pairs){pairs, 1};
    facts->request.body = body;
    facts->tenant.tags = (struct dvara_strs){words, 3};
    facts->tenant.attrs = (struct dvara_pairs){pairs, 1};
    facts->session.cost = 12500000;
    facts->lists = lists;
    facts->n_lists = 1;
    facts->budgets = budgets;
    facts->n_budgets = 1;
    facts->faults = 1u << DVARA_ERROR_JSON;
    given->targets = targets;
    given->n_targets = 1;
    given->has_tool = given->has_response = given->has_stream = true;
    given->stream = (struct dvara_strs){words, 3};
}

static void freeze(struct arena *arena, struct buf *out)
{
    struct given given;
    struct frozen_test test = {.name = DVARA_STR("n"),
                               .row = DVARA_STR("r"),
                               .file = DVARA_STR("a.dvp"),
                               .line = 12,
                               .expects = expects,
                               .n_expects = 3};
    fill(arena, &given);
    buf_init(out, MEMORY);
    frozen_append(out, &test, &given);
    given_start(arena, &given);
    frozen_append(out, &(struct frozen_test){.name = DVARA_STR("empty"), .file = DVARA_STR("b")},
                  &given);
    ck_assert(!buf_failed(out));
}

TEST(reading_gives_what_was_written)
{
    struct arena arena;
    struct buf bytes, again;
    struct frozen_test test;
    struct given given;
    arena_init(&arena, MEMORY);
    freeze(&arena, &bytes);
    buf_init(&again, MEMORY);
    struct frozen_reader reader = {.section = buf_str(&bytes)};
    for (int i = 0; i < 2; i++) {
        ck_assert_int_eq(frozen_next(&reader, &arena, &test, &given), DVARA_OK);
        frozen_append(&again, &test, &given);
    }
    ck_assert_int_eq(frozen_next(&reader, &arena, &test, &given), DVARA_NOT_FOUND);
    ck_assert(dvara_str_eq(buf_str(&bytes), buf_str(&again)));
    buf_clear(&bytes);
    buf_clear(&again);
    arena_clear(&arena);
}

TEST(every_field_comes_back)
{
    struct arena arena;
    struct buf bytes;
    struct frozen_test test;
    struct given given;
    arena_init(&arena, MEMORY);
    freeze(&arena, &bytes);
    struct frozen_reader reader = {.section = buf_str(&bytes)};
    ck_assert_int_eq(frozen_next(&reader, &arena, &test, &given), DVARA_OK);
    ck_assert(dvara_str_eq(test.row, DVARA_STR("r")));
    ck_assert_int_eq(test.line, 12);
    ck_assert_uint_eq(test.n_expects, 3);
    ck_assert(dvara_str_is_absent(test.expects[0].key) && !test.expects[0].negated);
    ck_assert(test.expects[1].negated && test.expects[1].detectors.n == 3);
    ck_assert_int_eq(test.expects[2].number, -5);
    ck_assert_int_eq(given.facts.request.max_tokens.value, INT64_MIN);
    ck_assert(given.facts.request.temperature.value == -0.25);
    ck_assert(!dvara_str_is_absent(given.facts.request.user));
    ck_assert(dvara_str_is_absent(given.facts.tenant.region));
    ck_assert(given.facts.request.messages.v[1].has_image);
    ck_assert(dvara_str_eq(given.facts.request.body->text, DVARA_STR("{\"seed\":1}")));
    ck_assert_int_eq(given.facts.budgets[0].left_microusd, -1);
    ck_assert(!given.targets[0].state.healthy && given.targets[0].state.in_flight == 3 &&
              given.has_tool && given.has_response);
    ck_assert_int_eq(given.facts.faults, 1u << DVARA_ERROR_JSON);
    buf_clear(&bytes);
    arena_clear(&arena);
}

/* Reads all of it; what is no test is refused. */
static enum dvara_status read_all(struct dvara_str section)
{
    struct frozen_reader reader = {.section = section};
    struct frozen_test test;
    struct given given;
    struct arena arena;
    arena_init(&arena, MEMORY);
    enum dvara_status status = DVARA_OK;
    while (status == DVARA_OK)
        status = frozen_next(&reader, &arena, &test, &given);
    arena_clear(&arena);
    return status;
}

TEST(a_section_cut_anywhere_is_refused)
{
    struct arena arena;
    struct buf bytes;
    size_t whole = 0;
    arena_init(&arena, MEMORY);
    freeze(&arena, &bytes);
    for (size_t n = 0; n < bytes.n; n++)
        whole += read_all(dvara_str_slice(buf_str(&bytes), 0, n)) != DVARA_INVALID;
    ck_assert_uint_eq(whole, 2); /* nothing, and the first test alone */
    buf_clear(&bytes);
    arena_clear(&arena);
}

TEST(a_changed_byte_reads_as_a_test_or_is_refused)
{
    struct arena arena;
    struct buf bytes;
    arena_init(&arena, MEMORY);
    freeze(&arena, &bytes);
    for (size_t i = 0; i < bytes.n; i++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes.p[i] ^= (char)(1 << bit);
            enum dvara_status status = read_all(buf_str(&bytes));
            ck_assert(status == DVARA_NOT_FOUND || status == DVARA_INVALID ||
                      status == DVARA_NO_MEMORY);
            bytes.p[i] ^= (char)(1 << bit);
        }
    }
    buf_clear(&bytes);
    arena_clear(&arena);
}

TEST(bytes_that_are_no_text_are_refused)
{
    static const char test[] = "\x0b\x01\xff\x00\x00\x00\x00\x00";
    ck_assert_int_eq(read_all(dvara_str_from(test, sizeof test - 1)), DVARA_INVALID);
}

SUITE(reading_gives_what_was_written, every_field_comes_back, a_section_cut_anywhere_is_refused,
      a_changed_byte_reads_as_a_test_or_is_refused, bytes_that_are_no_text_are_refused)

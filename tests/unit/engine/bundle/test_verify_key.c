/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that fit no rule of the format: each is refused, and the row says which. */
#include "bundle/verify_key.h"

#include "unit/engine/made_bundle.h"
#include "unit/suite.h"

enum { MODEL = DVARA_ATTR_REQUEST_MODEL, TAGS = DVARA_ATTR_TENANT_TAGS };

/* A bundle of one rule with one key: what it says is the test's. */
struct sample {
    struct made made;
    uint32_t text, net;
    uint32_t kept, run, atom; /* blocks: a let (a string), code, and a predicate */
};

static void begin(struct sample *s)
{
    struct bundle_net net = {.word2 = 0xffff, .word3 = 10u << 24, .bits = 104};
    made_init(&s->made);
    s->text = bundle_string(s->made.writer, DVARA_STR("a"));
    s->net = bundle_add(s->made.writer, BUNDLE_TABLE_NET, &net);
    const struct instruction code[] = {{OP_LOAD, 0, DVARA_ATTR_TENANT_ID, 0, 0},
                                       {OP_RETURN, 0, 0, 0, 0}};
    struct bundle_block row = {.kind = BUNDLE_BLOCK_LET, .type = DVARA_TYPE_STRING, .registers = 1};
    s->kept = made_block(&s->made, row, code, 2);
    row.kind = BUNDLE_BLOCK_CODE;
    s->run = made_block(&s->made, row, code, 2);
    const struct instruction stream[] = {{OP_LOAD, 0, DVARA_ATTR_REQUEST_STREAM, 0, 0},
                                         {OP_RETURN, 0, 0, 0, 0}};
    row = (struct bundle_block){.kind = BUNDLE_BLOCK_ATOM, .type = DVARA_TYPE_BOOL, .registers = 1};
    s->atom = made_block(&s->made, row, stream, 2);
}

/* Whether a bundle with this subject and key loads. */
static bool loads(struct sample *s, struct bundle_subject subject, struct bundle_key key)
{
    struct dvara_bundle *bundle = NULL;
    struct bundle_writer *writer = s->made.writer;
    subject.text = s->text;
    key.subject = bundle_add(writer, BUNDLE_TABLE_SUBJECT, &subject);
    struct bundle_rule rule = made_rule(&s->made, "r", BUNDLE_ABSENT);
    rule.flags |= BUNDLE_RULE_INDEXED;
    rule.key_first = bundle_add(writer, BUNDLE_TABLE_KEY, &key);
    rule.key_count = 1;
    bundle_add(writer, BUNDLE_TABLE_RULE, &rule);
    ck_assert_int_eq(bundle_write(writer, &s->made.bytes), DVARA_OK);
    enum dvara_status status = dvara_bundle_load(
        buf_str(&s->made.bytes), &(struct dvara_bundle_options){.now = 1}, &s->made.error, &bundle);
    dvara_bundle_free(bundle);
    made_clear(&s->made);
    return status == DVARA_OK;
}

static bool asks(uint32_t attribute, uint32_t kind, int64_t low, int64_t high)
{
    struct sample s;
    begin(&s);
    return loads(&s, (struct bundle_subject){.attribute = attribute, .block = BUNDLE_ABSENT},
                 (struct bundle_key){0, kind, s.text, low, high, s.net});
}

TEST(keys_ask_what_their_subject_can_answer)
{
    ck_assert(asks(MODEL, BUNDLE_KEY_EQUAL, 0, 0) && asks(MODEL, BUNDLE_KEY_PREFIX, 0, 0) &&
              asks(MODEL, BUNDLE_KEY_SUFFIX, 0, 0) && asks(MODEL, BUNDLE_KEY_OTHER, 0, 0));
    ck_assert(asks(DVARA_ATTR_REQUEST_IP, BUNDLE_KEY_NET, 0, 0));
    ck_assert(asks(TAGS, BUNDLE_KEY_MEMBER, 0, 0));
    ck_assert(asks(DVARA_ATTR_REQUEST_N, BUNDLE_KEY_ABSENT, 0, 0));
    ck_assert(asks(DVARA_ATTR_REQUEST_N, BUNDLE_KEY_RANGE, 1, 2));
    ck_assert(asks(DVARA_ATTR_REQUEST_STREAM, BUNDLE_KEY_RANGE, 1, 1));
}

TEST(a_key_that_its_subject_cannot_answer_is_refused)
{
    ck_assert(!asks(TAGS, BUNDLE_KEY_EQUAL, 0, 0) && !asks(TAGS, BUNDLE_KEY_NET, 0, 0));
    ck_assert(!asks(MODEL, BUNDLE_KEY_MEMBER, 0, 0) && !asks(MODEL, BUNDLE_KEY_RANGE, 0, 1));
    ck_assert(!asks(MODEL, BUNDLE_KEY_PRESENT, 0, 0));
    ck_assert(!asks(DVARA_ATTR_REQUEST_N, BUNDLE_KEY_RANGE, 2, 1));
    ck_assert(!asks(DVARA_ATTR_REQUEST_N, BUNDLE_KEY_EQUAL, 0, 0));
    ck_assert(!asks(DVARA_ATTR_REQUEST_MESSAGES, BUNDLE_KEY_RANGE, 0, 1));
    ck_assert(!asks(DVARA_ATTR_REQUEST_TOOLS, BUNDLE_KEY_MEMBER, 0, 0));
    ck_assert(!asks(MODEL, BUNDLE_KEY_COUNT, 0, 0));
}

TEST(a_key_without_what_it_asks_for_is_refused)
{
    struct sample s;
    struct bundle_subject model = {.attribute = MODEL, .block = BUNDLE_ABSENT};
    begin(&s);
    ck_assert(!loads(&s, model, (struct bundle_key){0, BUNDLE_KEY_EQUAL, BUNDLE_ABSENT, 0, 0, 0}));
    begin(&s);
    ck_assert(!loads(&s, model, (struct bundle_key){0, BUNDLE_KEY_NET, 0, 0, 0, BUNDLE_ABSENT}));
}

TEST(a_subject_is_an_attribute_without_argument_or_a_value_that_is_kept)
{
    struct sample s;
    struct bundle_key key = {0, BUNDLE_KEY_EQUAL, 0, 0, 0, BUNDLE_ABSENT};
    begin(&s);
    ck_assert(loads(&s, (struct bundle_subject){.attribute = 0, .block = s.kept}, key));
    begin(&s);
    ck_assert(!loads(&s, (struct bundle_subject){.attribute = 0, .block = s.run}, key));
    begin(&s);
    ck_assert(!loads(
        &s, (struct bundle_subject){.attribute = DVARA_ATTR_REQUEST_HEADER, .block = BUNDLE_ABSENT},
        key));
}

/* Whether a key of this kind about a block loads; the block by its place in the sample. */
static bool asks_block(uint32_t kind, int which)
{
    struct sample s;
    begin(&s);
    uint32_t blocks[] = {s.kept, s.run, s.atom, BUNDLE_ABSENT};
    return loads(
        &s, (struct bundle_subject){.attribute = DVARA_ATTR_REQUEST_STREAM, .block = blocks[which]},
        (struct bundle_key){0, kind, s.text, 1, 1, s.net});
}

TEST(the_truth_of_a_predicate_is_asked_and_of_nothing_else)
{
    enum { KEPT, RUN, ATOM, ATTRIBUTE };
    ck_assert(asks_block(BUNDLE_KEY_TRUE, ATOM) && asks_block(BUNDLE_KEY_FALSE, ATOM));
    ck_assert(!asks_block(BUNDLE_KEY_TRUE, KEPT) && !asks_block(BUNDLE_KEY_FALSE, RUN));
    ck_assert(!asks_block(BUNDLE_KEY_TRUE, ATTRIBUTE));
    ck_assert(asks_block(BUNDLE_KEY_RANGE, ATTRIBUTE) && !asks_block(BUNDLE_KEY_RANGE, ATOM));
    ck_assert(!asks_block(BUNDLE_KEY_EQUAL, ATOM) && !asks_block(BUNDLE_KEY_PRESENT, ATOM));
}

TEST(what_is_asked_of_each_is_an_element_or_a_field_of_a_list)
{
    static const struct {
        uint32_t attribute, each;
        bool good;
    } rows[] = {
        {TAGS, BUNDLE_EACH_ELEMENT, true},
        {MODEL, BUNDLE_EACH_ELEMENT, false},
        {DVARA_ATTR_REQUEST_TOOLS, BUNDLE_EACH_ELEMENT, false},
        {DVARA_ATTR_REQUEST_TOOLS, BUNDLE_EACH_FIELD + DVARA_FIELD_TOOL_NAME, true},
        {DVARA_ATTR_REQUEST_MESSAGES, BUNDLE_EACH_FIELD + DVARA_FIELD_TOOL_NAME, false},
        {DVARA_ATTR_REQUEST_TOOLS, BUNDLE_EACH_FIELD + DVARA_FIELD_COUNT, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sample s;
        begin(&s);
        bool good =
            loads(&s,
                  (struct bundle_subject){
                      .attribute = rows[i].attribute, .block = BUNDLE_ABSENT, .each = rows[i].each},
                  (struct bundle_key){0, BUNDLE_KEY_EQUAL, s.text, 0, 0, BUNDLE_ABSENT});
        ck_assert_msg(good == rows[i].good, "row %zu", i);
    }
}

SUITE(what_is_asked_of_each_is_an_element_or_a_field_of_a_list,
      keys_ask_what_their_subject_can_answer, a_key_that_its_subject_cannot_answer_is_refused,
      a_key_without_what_it_asks_for_is_refused,
      the_truth_of_a_predicate_is_asked_and_of_nothing_else,
      a_subject_is_an_attribute_without_argument_or_a_value_that_is_kept)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/openai_chat.h"

#include "gateway/dialect/openai_chat_shape.h"
#include "unit/gateway/dialect/chat_fixture.h"

#include <stdio.h>

#define HEAD "{\"model\":\"gpt-4o\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"

static void read_good(struct chat_fixture *f, const char *body)
{
    chat_fixture_parse(f, body);
    enum dvara_status status = openai_chat_request(&f->doc, &f->arena, &f->request, &f->refusal);
    ck_assert_msg(status == DVARA_OK, "%s: %.*s %.*s", body, DVARA_STR_ARG(f->refusal.code),
                  DVARA_STR_ARG(f->refusal.param));
}

TEST(a_full_request_comes_down_to_its_canonical_form)
{
    struct chat_fixture f;
    read_good(
        &f,
        "{\"model\":\"openai/gpt-4o\",\"stream\":true,\"stream_options\":{\"include_usage\":true},"
        "\"max_tokens\":1e2,\"max_completion_tokens\":50,\"temperature\":0.5,\"top_p\":1,\"n\":2,"
        "\"user\":\"u1\",\"metadata\":{\"team\":\"blue\"},\"seed\":-1,\"stop\":[\"END\"],"
        "\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":\"pay\"}},"
        "\"response_format\":{\"type\":\"json_object\"},"
        "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"pay\",\"description\":\"Pays."
        "\","
        "\"parameters\":{\"type\":\"object\",\"properties\":{\"to\":{\"type\":\"string\"}}}}}],"
        "\"messages\":[{\"role\":\"system\",\"content\":\"S1\"},{\"role\":\"developer\","
        "\"content\":\"S2\"},"
        "{\"role\":\"user\",\"content\":[{\"type\":\"text\",\"text\":\"a\\u00e9\"},"
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,AAAA\"}},"
        "{\"type\":\"text\",\"text\":\"b\"}]},"
        "{\"role\":\"assistant\",\"content\":null,\"tool_calls\":[{\"id\":\"call_1\",\"type\":"
        "\"function\","
        "\"function\":{\"name\":\"pay\",\"arguments\":\"{\\\"to\\\":\\\"x@y.z\\\"}\"}}]},"
        "{\"role\":\"tool\",\"tool_call_id\":\"call_1\",\"content\":\"done\"}]}");
    const struct chat_request *q = &f.request;
    ck_assert_str_is(q->model, "openai/gpt-4o");
    ck_assert(q->stream && q->include_usage);
    ck_assert(q->max_tokens.has && q->max_tokens.value == 50);
    ck_assert(q->temperature.has && q->temperature.value == 0.5);
    ck_assert(q->top_p.has && q->n.has && q->n.value == 2);
    ck_assert_str_is(q->user, "u1");
    ck_assert_str_is(q->tool_choice, "pay");
    ck_assert_str_is(q->response_format, "json_object");
    ck_assert_uint_eq(q->messages.n, 5);
    ck_assert_str_is(q->messages.v[2].text, "a\xc3\xa9\nb");
    ck_assert(q->messages.v[2].has_image && !q->messages.v[0].has_image);
    ck_assert_str_is(q->messages.v[3].text, "");
    ck_assert_str_is(q->text, "a\xc3\xa9\nb\ndone");
    ck_assert_str_is(q->system, "S1\nS2");
    ck_assert_uint_eq(q->tools.n, 1);
    ck_assert_str_is(q->tools.v[0].name, "pay");
    ck_assert_str_is(q->tools.v[0].description, "Pays.");
    ck_assert_uint_eq(q->opaque.n, 1);
    ck_assert_str_is(q->opaque.v[0], "image");
    ck_assert_uint_eq(q->features.n, 0);
    ck_assert_uint_eq(q->metadata.n, 1);
    ck_assert_str_is(q->metadata.v[0].value, "blue");
    struct dvara_facts facts = {0};
    chat_fill_facts(q, &facts);
    ck_assert_str_is(facts.request.asked_model, "openai/gpt-4o");
    ck_assert_ptr_eq(facts.request.body, &f.doc);
    ck_assert_uint_eq(facts.request.leaves.n, q->leaves.n);
    chat_fixture_end(&f);
}

TEST(a_small_request_leaves_the_rest_absent)
{
    struct chat_fixture f;
    read_good(&f, HEAD ",\"temperature\":null,\"tools\":null,\"stream\":false}");
    const struct chat_request *q = &f.request;
    ck_assert(!q->stream && !q->include_usage && !q->max_tokens.has && !q->temperature.has);
    ck_assert(dvara_str_is_absent(q->system) && dvara_str_is_absent(q->user));
    ck_assert(dvara_str_is_absent(q->tool_choice) && dvara_str_is_absent(q->response_format));
    ck_assert_uint_eq(q->max_tokens_node, JSON_NONE);
    ck_assert_str_is(q->text, "hi");
    ck_assert_uint_eq(q->leaves.n, 1);
    chat_fixture_end(&f);
}

struct refusal_case {
    const char *body, *code, *param;
};

#define M "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]"
static const struct refusal_case refusals[] = {
    {"[]", "invalid_json", NULL},
    {"{" M "}", "missing_parameter", "model"},
    {"{\"model\":null," M "}", "missing_parameter", "model"},
    {"{\"model\":7," M "}", "invalid_parameter", "model"},
    {"{\"model\":\"m\"}", "missing_parameter", "messages"},
    {"{\"model\":\"m\",\"messages\":[]}", "invalid_parameter", "messages"},
    {"{\"model\":\"m\",\"messages\":{}}", "invalid_parameter", "messages"},
    {"{\"model\":\"m\",\"messages\":[7]}", "invalid_parameter", "messages[0]"},
    {"{\"model\":\"m\",\"messages\":[{\"content\":\"x\"}]}", "missing_parameter",
     "messages[0].role"},
    {"{\"model\":\"m\",\"messages\":[{\"role\":\"boss\"}]}", "invalid_parameter",
     "messages[0].role"},
    {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":7}]}", "invalid_parameter",
     "messages[0].content"},
    {"{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[{\"text\":\"x\"}]}]}",
     "missing_parameter", "messages[0].content[0].type"},
    {HEAD ",\"temperature\":2.5}", "invalid_parameter", "temperature"},
    {HEAD ",\"temperature\":\"1\"}", "invalid_parameter", "temperature"},
    {HEAD ",\"top_p\":-0.1}", "invalid_parameter", "top_p"},
    {HEAD ",\"n\":0}", "invalid_parameter", "n"},
    {HEAD ",\"n\":1.5}", "invalid_parameter", "n"},
    {HEAD ",\"n\":129}", "invalid_parameter", "n"},
    {HEAD ",\"max_tokens\":0}", "invalid_parameter", "max_tokens"},
    {HEAD ",\"max_tokens\":1e30}", "invalid_parameter", "max_tokens"},
    {HEAD ",\"stream\":\"true\"}", "invalid_parameter", "stream"},
    {HEAD ",\"stream_options\":{\"include_usage\":1}}", "invalid_parameter",
     "stream_options.include_usage"},
    {HEAD ",\"stop\":[1]}", "invalid_parameter", "stop[0]"},
    {HEAD ",\"logit_bias\":{\"50256\":101}}", "invalid_parameter", "logit_bias.50256"},
    {HEAD ",\"tools\":[{\"type\":\"function\",\"function\":{}}]}", "missing_parameter",
     "tools[0].function.name"},
    {HEAD ",\"Model\":\"other\"}", "invalid_json", "Model"},
    {HEAD ",\"\xc5\xbftream\":true}", "invalid_json", "\xc5\xbftream"},
    {"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\","
     "\"function\":"
     "{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":1,\\\"a\\\":2}\"}}]}]}",
     "invalid_json", "messages[0].tool_calls[0].function.arguments"},
    {"{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\","
     "\"function\":"
     "{\"name\":\"f\",\"arguments\":\"not json\"}}]}]}",
     "invalid_json", "messages[0].tool_calls[0].function.arguments"},
};

TEST(a_wrong_body_is_refused_with_its_code_and_parameter)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct chat_fixture f;
        chat_fixture_parse(&f, refusals[i].body);
        ck_assert_msg(openai_chat_request(&f.doc, &f.arena, &f.request, &f.refusal) ==
                          DVARA_INVALID,
                      "%s", refusals[i].body);
        ck_assert_msg(dvara_str_eq(f.refusal.code, dvara_str_from_cstr(refusals[i].code)),
                      "%s: %.*s", refusals[i].body, DVARA_STR_ARG(f.refusal.code));
        ck_assert_msg(dvara_str_eq(f.refusal.param, dvara_str_from_cstr(refusals[i].param)),
                      "%s: %.*s", refusals[i].body, DVARA_STR_ARG(f.refusal.param));
        ck_assert_uint_gt(f.refusal.message.n, 0);
        chat_fixture_end(&f);
    }
}

static void expect_items(size_t messages, size_t tools, bool good)
{
    struct chat_fixture f;
    struct buf body;
    buf_init(&body, 16 << 20);
    BUF_LIT(&body, "{\"model\":\"m\",\"messages\":[");
    for (size_t i = 0; i < messages; i++)
        buf_append(&body, i ? DVARA_STR(",{\"role\":\"user\"}") : DVARA_STR("{\"role\":\"user\"}"));
    BUF_LIT(&body, "],\"tools\":[");
    for (size_t i = 0; i < tools; i++)
        buf_append(&body, i ? DVARA_STR(",{}") : DVARA_STR("{}"));
    BUF_LIT(&body, "]}");
    buf_byte(&body, '\0');
    chat_fixture_parse(&f, body.p);
    enum dvara_status status = openai_chat_request(&f.doc, &f.arena, &f.request, &f.refusal);
    ck_assert_int_eq(status, good ? DVARA_OK : DVARA_INVALID);
    if (!good)
        ck_assert_str_is(f.refusal.code, "too_many_items");
    buf_clear(&body);
    chat_fixture_end(&f);
}

TEST(at_most_4096_messages_and_1024_tools_are_read)
{
    expect_items(4096, 1024, true);
    expect_items(4097, 1, false);
    expect_items(1, 1025, false);
}

TEST(every_string_is_a_leaf_but_identifiers_and_words)
{
    struct chat_fixture f;
    read_good(
        &f, "{\"model\":\"m-ident\",\"user\":\"t-user\",\"service_tier\":\"auto\",\"x_new\":{\"k "
            "new\":[\"t-new\"]},"
            "\"metadata\":{\"m-key\":\"t-meta\"},\"tool_choice\":\"not a "
            "word\",\"reasoning_effort\":\"low\","
            "\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f-ident\",\"description\":"
            "\"t-desc\","
            "\"parameters\":{\"type\":\"object\",\"properties\":{\"p-key\":{\"type\":\"string\","
            "\"enum\":[\"t-enum\"]}}}}}],"
            "\"messages\":[{\"role\":\"user\",\"name\":\"t-name\",\"content\":\"t-content\"},"
            "{\"role\":\"assistant\",\"refusal\":\"t-refusal\",\"reasoning_content\":\"t-reason\","
            "\"tool_calls\":[{\"id\":\"id-ident\",\"type\":\"function\",\"function\":{\"name\":\"n-"
            "ident\","
            "\"arguments\":\"{\\\"a-key\\\":[\\\"t\\\\u002darg\\\",5]}\"}}]},"
            "{\"role\":\"tool\",\"tool_call_id\":\"id-ident\",\"content\":[{\"type\":\"text\","
            "\"text\":\"t-part\","
            "\"cache_control\":{\"type\":\"t-cache\"}}]}]}");
    static const char *const texts[] = {"t-user", "t-new",  "t-meta",    "not a word", "t-desc",
                                        "t-enum", "t-name", "t-content", "t-refusal",  "t-reason",
                                        "t-arg",  "t-part", "t-cache"};
    static const char *const keys[] = {"x_new", "k new", "m-key",
                                       "p-key", "a-key", "cache_control"};
    static const char *const never[] = {"m-ident",  "auto",  "low",       "f-ident",  "object",
                                        "string",   "user",  "assistant", "id-ident", "n-ident",
                                        "function", "model", "messages"};
    const struct chat_leaves *leaves = &f.request.leaves;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t at = chat_fixture_leaf(leaves, texts[i]);
        ck_assert_msg(at < leaves->n && !leaves->v[at].fixed && leaves->v[at].ref == at, "%s",
                      texts[i]);
    }
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        size_t at = chat_fixture_leaf(leaves, keys[i]);
        ck_assert_msg(at < leaves->n && leaves->v[at].fixed, "%s", keys[i]);
    }
    for (size_t i = 0; i < sizeof never / sizeof *never; i++)
        ck_assert_msg(chat_fixture_leaf(leaves, never[i]) == leaves->n, "%s", never[i]);
    ck_assert(leaves->v[chat_fixture_leaf(leaves, "t-content")].in_request_text);
    ck_assert(leaves->v[chat_fixture_leaf(leaves, "t-part")].in_request_text);
    ck_assert(!leaves->v[chat_fixture_leaf(leaves, "t-cache")].in_request_text);
    ck_assert(!leaves->v[chat_fixture_leaf(leaves, "t-reason")].in_request_text);
    ck_assert_str_is(leaves->v[chat_fixture_leaf(leaves, "t-meta")].label, "m-key");
    ck_assert_str_is(leaves->v[chat_fixture_leaf(leaves, "t-arg")].label, "a-key");
    ck_assert_str_is(f.request.text, "t-content\nt-part");
    chat_fixture_end(&f);
}

struct set_case {
    const char *tail, *features, *opaque;
};

static const struct set_case sets[] = {
    {"", "", ""},
    {",\"store\":true", "store", ""},
    {",\"store\":false", "", ""},
    {",\"store\":null", "", ""},
    {",\"previous_response_id\":\"r\"", "previous_response", ""},
    {",\"web_search_options\":{}", "web_search", ""},
    {",\"background\":true,\"conversation\":\"c\"", "conversation background", ""},
    {",\"tools\":[{\"type\":\"mcp\",\"server_url\":\"https://x\"}]", "mcp_server", ""},
    {",\"tools\":[{\"type\":\"web_search_preview\"}]", "server_tool web_search", ""},
    {",\"tools\":[{\"type\":\"file_search\",\"vector_store_ids\":[\"v\"]}]",
     "vector_store server_tool", ""},
    {",\"tools\":[{\"type\":\"anything_new\"}]", "server_tool", ""},
    {",\"tools\":[{\"type\":\"custom\",\"custom\":{\"name\":\"c\"}}]", "", ""},
};

static const struct set_case parts[] = {
    {"{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/y.png\"}}", "", "url"},
    {"{\"type\":\"image_url\",\"image_url\":\"data:image/png;base64,AA\"}", "", "image"},
    {"{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"AA\",\"format\":\"wav\"}}", "",
     "audio"},
    {"{\"type\":\"file\",\"file\":{\"file_data\":\"data:application/"
     "pdf;base64,AA\",\"filename\":\"a\"}}",
     "", "file"},
    {"{\"type\":\"file\",\"file\":{\"file_data\":\"plain text\"}}", "", "file"},
    {"{\"type\":\"file\",\"file\":{\"file_id\":\"file-1\"}}", "file", "file"},
    {"{\"type\":\"video_url\",\"video_url\":{\"url\":\"https://x\"}}", "", "file"},
};

static void expect_names(struct dvara_strs names, const char *expected, const char *body)
{
    struct buf text;
    buf_init(&text, 4096);
    for (size_t i = 0; i < names.n; i++) {
        if (i)
            buf_byte(&text, ' ');
        buf_append(&text, names.v[i]);
    }
    ck_assert_msg(dvara_str_eq(buf_str(&text), dvara_str_from_cstr(expected)), "%s: %.*s", body,
                  DVARA_STR_ARG(buf_str(&text)));
    buf_clear(&text);
}

TEST(stateful_features_and_opaque_parts_are_named)
{
    char body[1024];
    for (size_t i = 0; i < sizeof sets / sizeof *sets + sizeof parts / sizeof *parts; i++) {
        struct chat_fixture f;
        size_t n = sizeof sets / sizeof *sets;
        const struct set_case *row = i < n ? &sets[i] : &parts[i - n];
        if (i < n)
            snprintf(body, sizeof body, HEAD "%s}", row->tail);
        else
            snprintf(body, sizeof body,
                     "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}",
                     row->tail);
        read_good(&f, body);
        expect_names(f.request.features, row->features, body);
        expect_names(f.request.opaque, row->opaque, body);
        chat_fixture_end(&f);
    }
}

TEST(empty_arguments_mean_an_empty_object)
{
    struct chat_fixture f;
    read_good(
        &f, "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\","
            "\"function\":{\"name\":\"f\",\"arguments\":\"\"}}]}]}");
    ck_assert_uint_eq(f.request.leaves.n, 0);
    ck_assert_uint_eq(f.request.leaves.n_nested, 1);
    ck_assert_uint_eq(f.request.leaves.nested[0].doc.n, 0);
    chat_fixture_end(&f);
}

TEST(arguments_share_one_allowance_over_all_calls)
{
    struct chat_fixture f;
    struct buf body;
    buf_init(&body, 64 << 20);
    BUF_LIT(&body, "{\"model\":\"m\",\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[");
    for (unsigned call = 0; call < 4; call++) {
        buf_append(&body, call ? DVARA_STR(",") : DVARA_STR(""));
        BUF_LIT(&body, "{\"function\":{\"name\":\"f\",\"arguments\":\"[0");
        for (unsigned i = 0; i < JSON_NODES_DEFAULT / 3; i++)
            BUF_LIT(&body, ",0");
        BUF_LIT(&body, "]\"}}");
    }
    BUF_LIT(&body, "]}]}");
    buf_byte(&body, '\0');
    chat_fixture_parse(&f, body.p);
    arena_clear(&f.arena);
    arena_init(&f.arena, 256 << 20);
    ck_assert_int_eq(json_parse(dvara_str_from(body.p, body.n - 1), 0, &f.arena, &f.doc, NULL),
                     DVARA_OK);
    ck_assert_int_eq(openai_chat_request(&f.doc, &f.arena, &f.request, &f.refusal),
                     DVARA_TOO_LARGE);
    ck_assert_str_is(f.refusal.code, "too_many_items");
    buf_clear(&body);
    chat_fixture_end(&f);
}

TEST(the_words_for_a_body_that_is_no_json_name_the_place)
{
    struct arena arena;
    struct json_doc doc;
    struct json_error error = {0};
    arena_init(&arena, 1 << 20);
    enum dvara_status status =
        json_parse(DVARA_STR("{\"a\":[1,\"\\ud800\"]}"), 0, &arena, &doc, &error);
    struct chat_refusal refusal = chat_refusal_of_json(&error, status, &arena);
    ck_assert_str_is(refusal.code, "invalid_json");
    ck_assert_str_is(refusal.message,
                     "The body is not valid I-JSON: a surrogate stands alone (byte 9, at /a/1).");
    arena_clear(&arena);
}

TEST(text_where_media_should_stand_is_a_leaf)
{
    struct chat_fixture f;
    read_good(
        &f,
        "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":["
        "{\"type\":\"file\",\"file\":{\"file_data\":\"plain text\"}},"
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:text/plain,ssn 1\"}},"
        "{\"type\":\"image_url\",\"image_url\":{\"url\":\"https://x/?q=a b\"}},"
        "{\"type\":\"input_audio\",\"input_audio\":{\"data\":\"A+/b9==\",\"format\":\"wav\"}}]}]}");
    const struct chat_leaves *leaves = &f.request.leaves;
    ck_assert_uint_eq(leaves->n, 3);
    ck_assert_uint_lt(chat_fixture_leaf(leaves, "plain text"), 3);
    ck_assert_uint_lt(chat_fixture_leaf(leaves, "data:text/plain,ssn 1"), 3);
    ck_assert_uint_lt(chat_fixture_leaf(leaves, "https://x/?q=a b"), 3);
    chat_fixture_end(&f);
}

/* A walk looks for required fields only there. */
TEST(the_required_fields_of_a_place_stand_first_in_it)
{
    const struct shape *shape = &openai_chat_shape;
    size_t count = 0;
    for (unsigned place = 0; place < OPENAI_CHAT_PLACE_COUNT; place++)
        for (unsigned i = shape->firsts[place]; i < shape->firsts[place + 1]; i++) {
            if (!(shape->fields[i].types & SHAPE_REQ))
                continue;
            count++;
            ck_assert_msg(i == shape->firsts[place] || shape->fields[i - 1].types & SHAPE_REQ, "%s",
                          shape->fields[i].name.p);
        }
    ck_assert_uint_gt(count, 5);
}

TEST(fields_are_found_in_any_order_and_spelling)
{
    struct chat_fixture f;
    read_good(&f, "{\"user\":\"u\",\"messages\":[{\"content\":\"hi\",\"role\":\"user\"}],"
                  "\"\\u006eumber\":1,\"t\\u006fp_p\":0.5,\"temperature\":1,\"model\":\"m\"}");
    ck_assert_str_is(f.request.model, "m");
    ck_assert_str_is(f.request.user, "u");
    ck_assert(f.request.temperature.has && f.request.top_p.has);
    ck_assert_uint_eq(f.request.messages.n, 1);
    chat_fixture_end(&f);
}

SUITE(the_required_fields_of_a_place_stand_first_in_it, fields_are_found_in_any_order_and_spelling,
      text_where_media_should_stand_is_a_leaf, arguments_share_one_allowance_over_all_calls,
      a_full_request_comes_down_to_its_canonical_form, a_small_request_leaves_the_rest_absent,
      a_wrong_body_is_refused_with_its_code_and_parameter,
      at_most_4096_messages_and_1024_tools_are_read,
      every_string_is_a_leaf_but_identifiers_and_words,
      stateful_features_and_opaque_parts_are_named, empty_arguments_mean_an_empty_object,
      the_words_for_a_body_that_is_no_json_name_the_place)

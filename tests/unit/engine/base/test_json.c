/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_text.h"
#include "unit/suite.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>

static enum dvara_status parse(struct dvara_str text, struct arena *arena, struct json_doc *doc,
                               struct json_error *error)
{
    arena_init(arena, 64 << 20);
    return json_parse(text, 0, arena, doc, error);
}

static enum dvara_status verdict(struct dvara_str text, struct json_error *error)
{
    struct arena arena;
    struct json_doc doc;
    /* A copy that ends exactly at the last byte, so that the sanitizer sees a read past it. */
    char *exact = malloc(text.n ? text.n : 1);
    memcpy(exact, text.p, text.n);
    enum dvara_status status = parse(dvara_str_from(exact, text.n), &arena, &doc, error);
    arena_clear(&arena);
    free(exact);
    return status;
}

TEST(what_i_json_allows_is_accepted)
{
    static const char *const good[] = {"null",
                                       "true",
                                       "false",
                                       "0",
                                       "-0",
                                       "1e3",
                                       "-1.5E-10",
                                       "\"\"",
                                       "[]",
                                       "{}",
                                       " [ 1 , 2 ] ",
                                       "\t\r\n{\"a\":{\"b\":[null,true,false]}}\n",
                                       "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\uD83D\\uDE00\"",
                                       "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
                                       "\"\xef\xbf\xbf\\uFFFE\"",
                                       "\"\x7f\"",
                                       "1e-999",
                                       "1.7976931348623157e308",
                                       "{\"\":1,\"a\":2,\"A\":3}",
                                       "123456789012345678901234567890"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        ck_assert_msg(verdict(dvara_str_from_cstr(good[i]), NULL) == DVARA_OK, "%s", good[i]);
}

struct bad_case {
    const char *text;
    size_t offset;
    const char *pointer;
};

static const struct bad_case bad[] = {
    {"", 0, ""},
    {" ", 1, ""},
    {"nul", 0, ""},
    {"True", 0, ""},
    {"NaN", 0, ""},
    {"+1", 0, ""},
    {"01", 1, ""},
    {"1.", 0, ""},
    {".5", 0, ""},
    {"1e", 0, ""},
    {"1e999", 0, ""},
    {"-1e309", 0, ""},
    {"1.7976931348623159e308", 0, ""},
    {"[1,2", 4, "/1"},
    {"[1,]", 3, "/1"},
    {"[1 2]", 3, "/0"},
    {"[1}", 2, "/0"},
    {"{\"a\"}", 4, "/a"},
    {"{\"a\":}", 5, "/a"},
    {"{\"a\":1,}", 7, "/a"},
    {"{a:1}", 1, ""},
    {"{'a':1}", 1, ""},
    {"[\"a\",\"\x01\"]", 6, "/1"},
    {"\"a\nb\"", 2, ""},
    {"\"abc", 0, ""},
    {"\"\\x\"", 1, ""},
    {"\"\\u12g4\"", 1, ""},
    {"\"\\u12", 1, ""},
    {"{\"a\":[0,\"\\ud800\"]}", 9, "/a/1"},
    {"\"\\udc00\\ud800\"", 1, ""},
    {"\"\\ud800\\u0041\"", 1, ""},
    {"\"\xff\"", 1, ""},
    {"\"\xc0\xaf\"", 1, ""},
    {"\"\xed\xa0\x80\"", 1, ""},
    {"\"\xf4\x90\x80\x80\"", 1, ""},
    {"\"\xe2\x82\"", 1, ""},
    {"\xef\xbb\xbf{}", 0, ""},
    {"{} {}", 3, ""},
    {"[1] x", 4, ""},
    {"/* */ 1", 0, ""},
    {"{\"a\":1,\"a\":1}", 7, "/a"},
    {"{\"x\":[{\"a\":1,\"\\u0061\":2}]}", 13, "/x/0/a"},
    {"{\"~/\":[tru]}", 7, "/~0~1/0"},
    {"[,]", 1, "/0"},
    {"[1,,2]", 3, "/1"},
    {"[", 1, ""},
    {"]", 0, ""},
    {"[]]", 2, ""},
    {"{", 1, ""},
    {"{,}", 1, ""},
    {"{\"a\":1,,}", 7, "/a"},
    {"{\"a\" 1}", 5, "/a"},
    {"{\"a\"::1}", 5, "/a"},
    {"{1:1}", 1, ""},
    {"{null:1}", 1, ""},
    {"{\"a\":1", 6, "/a"},
    {"{\"a\":1]", 6, "/a"},
    {"[\"a\":1]", 4, "/0"},
    {"[nul]", 1, "/0"},
    {"[-]", 1, "/0"},
    {"[--1]", 1, "/0"},
    {"[-01]", 3, "/0"},
    {"[1.e1]", 1, "/0"},
    {"[1e+]", 1, "/0"},
    {"[0x1]", 2, "/0"},
    {"[1_0]", 2, "/0"},
    {"[Infinity]", 1, "/0"},
    {"[\xef\xbc\x91]", 1, "/0"},
    {"[\"\t\"]", 2, "/0"},
    {"[\"\\\"]", 1, "/0"},
    {"['a']", 1, "/0"},
    {"[\"a\" \"b\"]", 5, "/0"},
    {"[1]\x0c", 3, ""},
    {"\xc2\xa0[1]", 0, ""},
    {"[1]//", 3, ""},
    {"{\"a\":{\"b\":{\"c\":1e400}}}", 15, "/a/b/c"},
};

TEST(a_refusal_names_offset_reason_and_pointer)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct json_error error = {0};
        ck_assert_msg(verdict(dvara_str_from_cstr(bad[i].text), &error) == DVARA_INVALID, "%s",
                      bad[i].text);
        ck_assert_msg(error.offset == bad[i].offset, "%s: offset %zu", bad[i].text, error.offset);
        ck_assert_msg(error.reason && *error.reason, "%s", bad[i].text);
        ck_assert_msg(strcmp(error.pointer, bad[i].pointer) == 0, "%s: at %s", bad[i].text,
                      error.pointer);
    }
}

TEST(depth_64_passes_and_65_does_not)
{
    char text[131] = {0};
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    ck_assert_int_eq(verdict(dvara_str_from(text + 1, 128), NULL), DVARA_OK);
    struct json_error error = {0};
    ck_assert_int_eq(verdict(dvara_str_from(text, 130), &error), DVARA_INVALID);
    ck_assert_uint_eq(error.offset, 64);
}

TEST(more_nodes_than_the_limit_are_too_large)
{
    struct arena arena;
    struct json_doc doc;
    arena_init(&arena, 1 << 20);
    struct json_error error;
    ck_assert_int_eq(json_parse(DVARA_STR("[1,2,3]"), 4, &arena, &doc, NULL), DVARA_OK);
    ck_assert_int_eq(json_parse(DVARA_STR("[1,2,3]"), 3, &arena, &doc, &error), DVARA_TOO_LARGE);
    arena_clear(&arena);
}

TEST(thirty_two_megabytes_of_digits_cost_less_than_their_size)
{
    size_t n = 32 << 20;
    char *text = malloc(n);
    for (size_t i = 0; i < n; i++)
        text[i] = i % 2 ? '1' : ',';
    text[0] = '[';
    text[n - 1] = ']';
    struct arena arena;
    struct json_doc doc;
    arena_init(&arena, 64 << 20);
    ck_assert_int_eq(json_parse(dvara_str_from(text, n), 0, &arena, &doc, NULL), DVARA_TOO_LARGE);
    ck_assert_uint_le(arena.held, n + (1 << 20));
    arena_clear(&arena);
    free(text);
}

TEST(four_hundred_thousand_keys_are_checked_in_linear_time)
{
    size_t size = 16 << 20;
    char *text = malloc(size);
    size_t n = 0;
    text[n++] = '{';
    for (unsigned i = 0; i < 400000; i++) {
        int length = snprintf(text + n, size - n, "\"k%u\":0,", i);
        n += (size_t)length;
    }
    memcpy(text + n, "\"\\u006b7\":0}", 12);
    n += 12;
    struct json_error error = {0};
    ck_assert_int_eq(verdict(dvara_str_from(text, n), &error), DVARA_INVALID);
    ck_assert_str_eq(error.pointer, "/k7");
    free(text);
}

TEST(nodes_are_walked_and_found)
{
    struct arena arena;
    struct json_doc doc;
    struct dvara_str text = DVARA_STR(
        "{\"model\":\"gpt\",\"a/b\":{\"~\":[10,[],{\"x\":true}]},\"\\u0065\\n\":\"\\u00e9\"}");
    ck_assert_int_eq(parse(text, &arena, &doc, NULL), DVARA_OK);
    ck_assert_uint_eq(json_count(&doc, 0), 3);
    uint32_t model = json_find(&doc, 0, DVARA_STR("model"));
    ck_assert(dvara_str_eq(json_string(&doc, model, &arena), DVARA_STR("gpt")));
    ck_assert_ptr_eq(json_string(&doc, model, &arena).p, text.p + 10);
    ck_assert(dvara_str_eq(json_raw(&doc, model), DVARA_STR("\"gpt\"")));
    uint32_t e = json_find(&doc, 0, DVARA_STR("e\n"));
    ck_assert(dvara_str_eq(json_string(&doc, e, &arena), DVARA_STR("\xc3\xa9")));
    ck_assert_uint_eq(json_find(&doc, 0, DVARA_STR("x")), JSON_NONE);
    ck_assert_uint_eq(json_find(&doc, model, DVARA_STR("x")), JSON_NONE);
    uint32_t list = json_pointer(&doc, DVARA_STR("/a~1b/~0"));
    ck_assert_int_eq(json_kind(&doc, list), JSON_ARRAY);
    ck_assert_uint_eq(json_count(&doc, list), 3);
    uint32_t x = json_pointer(&doc, DVARA_STR("/a~1b/~0/2/x"));
    ck_assert(json_is_true(&doc, x));
    char path[64];
    json_path(&doc, x, path, sizeof path);
    ck_assert_str_eq(path, "/a~1b/~0/2/x");
    ck_assert_uint_eq(json_path(&doc, x, path, 9), 8);
    ck_assert_str_eq(path, "/a~1b/~0");
    static const char *const absent[] = {
        "x",           "/",          "/model/0",      "/a~1b/~0/3",
        "/a~1b/~0/01", "/a~1b/~0/-", "/a~1b/~0/2/x/", "/a~1b/~0/99999999999"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        ck_assert_msg(json_pointer(&doc, dvara_str_from_cstr(absent[i])) == JSON_NONE, "%s",
                      absent[i]);
    ck_assert_uint_eq(json_pointer(&doc, DVARA_STR("")), 0);
    arena_clear(&arena);
}

TEST(integers_are_known_in_any_spelling)
{
    static const struct {
        const char *text;
        bool is_int;
        int64_t value;
    } rows[] = {{"0", true, 0},
                {"-0", true, 0},
                {"0.0e99", true, 0},
                {"1e3", true, 1000},
                {"10.0", true, 10},
                {"1.50E1", true, 15},
                {"1000e-3", true, 1},
                {"-12", true, -12},
                {"9223372036854775807", true, INT64_MAX},
                {"1.5", false, 0},
                {"1e-1", false, 0},
                {"9223372036854775808", false, 0},
                {"-9223372036854775808", true, INT64_MIN},
                {"1e19", false, 0},
                {"1e18", true, 1000000000000000000},
                {"0.001e3", true, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena;
        struct json_doc doc;
        int64_t value = 0;
        ck_assert_int_eq(parse(dvara_str_from_cstr(rows[i].text), &arena, &doc, NULL), DVARA_OK);
        ck_assert_msg((json_int(&doc, 0, &value) == DVARA_OK) == rows[i].is_int, "%s",
                      rows[i].text);
        if (rows[i].is_int)
            ck_assert_msg(value == rows[i].value, "%s", rows[i].text);
        ck_assert(json_double(&doc, 0) == strtod(rows[i].text, NULL));
        arena_clear(&arena);
    }
}

TEST(a_known_key_in_another_case_is_found)
{
    static const struct dvara_str known[] = {{"model", 5}, {"stream", 6}, {"kind", 4}};
    static const struct {
        const char *text;
        uint32_t clash;
    } rows[] = {{"{\"model\":1,\"stream\":2}", JSON_NONE},
                {"{\"x\":1,\"Model\":1}", 3},
                {"{\"MODE\\u004c\":1}", 1},
                {"{\"\\u017ftream\":1}", 1},
                {"{\"\xe2\x84\xaaind\":1}", 1},
                {"{\"modell\":{\"Model\":1}}", JSON_NONE},
                {"[1]", JSON_NONE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena arena;
        struct json_doc doc;
        ck_assert_int_eq(parse(dvara_str_from_cstr(rows[i].text), &arena, &doc, NULL), DVARA_OK);
        ck_assert_msg(json_case_clash(&doc, known, 3) == rows[i].clash, "%s", rows[i].text);
        arena_clear(&arena);
    }
}

static struct dvara_str read_file(const char *path_cstr, char *out, size_t size)
{
    FILE *file = fopen(path_cstr, "rb");
    ck_assert_ptr_nonnull(file);
    size_t n = fread(out, 1, size, file);
    fclose(file);
    return dvara_str_from(out, n);
}

/* What the suite leaves open (i_), and where I-JSON is stricter than JSON. */
static bool is_accepted_by_us(const char *name)
{
    static const char *const open[] = {
        "i_number_double_huge_neg_exp.json", "i_number_real_underflow.json",
        "i_number_too_big_neg_int.json", "i_number_too_big_pos_int.json",
        "i_number_very_big_negative_int.json"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++)
        if (strcmp(name, open[i]) == 0)
            return true;
    return name[0] == 'y' && !strstr(name, "_duplicated_key");
}

TEST(the_public_suite_gets_its_verdicts_where_it_is_present)
{
    static char text[1 << 20];
    char path[1024];
    DIR *folder = opendir(SOURCE_DIR "/../shared/data/json");
    if (!folder) {
        SKIP_TEST("the public JSON suite is not beside the clone (../shared/data/json)");
    }
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/../shared/data/json/%s", SOURCE_DIR, entry->d_name);
        bool ok = verdict(read_file(path, text, sizeof text), NULL) == DVARA_OK;
        ck_assert_msg(ok == is_accepted_by_us(entry->d_name), "%s", entry->d_name);
        count++;
    }
    closedir(folder);
    ck_assert_uint_gt(count, 300);
}

TEST(a_written_string_reads_back_whatever_byte_stands_where)
{
    struct arena arena;
    struct json_doc doc;
    arena_init(&arena, 1024 * 1024);
    for (size_t n = 1; n <= 17; n++)
        for (size_t at = 0; at < n; at++)
            for (int byte = 0; byte < 128; byte++) {
                char text[17];
                struct buf out;
                memset(text, 'z', sizeof text);
                text[at] = (char)byte;
                buf_init(&out, 200);
                json_write_string(&out, dvara_str_from(text, n));
                arena_reset(&arena);
                ck_assert_int_eq(json_parse(buf_str(&out), 0, &arena, &doc, NULL), DVARA_OK);
                ck_assert(dvara_str_eq(json_string(&doc, 0, &arena), dvara_str_from(text, n)));
                buf_clear(&out);
            }
    arena_clear(&arena);
}

/* An object of `count` keys that share letters and lengths, then one more: key `again`, spelled
 * with an escape or as it is, or (again == count) a new one. */
static enum dvara_status verdict_of_keys(unsigned count, unsigned again, bool escaped)
{
    struct buf out;
    buf_init(&out, 4096);
    buf_byte(&out, '{');
    for (unsigned i = 0; i < count; i++)
        buf_printf(&out, "\"k%c%cy\":%u,", 'a' + (int)(i % 5), 'a' + (int)(i / 5), i);
    buf_printf(&out, escaped ? "\"\\u006b%c%cy\":0}" : "\"k%c%cy\":0}", 'a' + (int)(again % 5),
               'a' + (int)(again / 5));
    enum dvara_status status = verdict(buf_str(&out), NULL);
    buf_clear(&out);
    return status;
}

TEST(a_repeated_key_is_found_in_objects_of_any_size_however_it_is_spelled)
{
    for (unsigned count = 0; count <= 30; count++)
        for (unsigned again = 0; again <= count; again++)
            for (int escaped = 0; escaped < 2; escaped++)
                ck_assert_msg(verdict_of_keys(count, again, escaped) ==
                                  (again < count ? DVARA_INVALID : DVARA_OK),
                              "%u of %u", again, count);
    ck_assert_int_eq(verdict(DVARA_STR("{\"\":1,\"a\":2,\"\":3}"), NULL), DVARA_INVALID);
    ck_assert_int_eq(verdict(DVARA_STR("{\"\\u0061\":1,\"a\":2}"), NULL), DVARA_INVALID);
    ck_assert_int_eq(verdict(DVARA_STR("{\"a\":1,\"b\":{\"a\":2}}"), NULL), DVARA_OK);
}

SUITE(a_repeated_key_is_found_in_objects_of_any_size_however_it_is_spelled,
      a_written_string_reads_back_whatever_byte_stands_where, what_i_json_allows_is_accepted,
      a_refusal_names_offset_reason_and_pointer, depth_64_passes_and_65_does_not,
      more_nodes_than_the_limit_are_too_large,
      thirty_two_megabytes_of_digits_cost_less_than_their_size,
      four_hundred_thousand_keys_are_checked_in_linear_time, nodes_are_walked_and_found,
      integers_are_known_in_any_spelling, a_known_key_in_another_case_is_found,
      the_public_suite_gets_its_verdicts_where_it_is_present)

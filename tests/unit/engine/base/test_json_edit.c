/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_edit.h"

#include "base/arena.h"
#include "base/buf.h"
#include "unit/suite.h"

#include <stdio.h>

struct fixture {
    struct arena arena;
    struct json_doc doc;
    struct json_edits edits;
    struct buf out;
};

static void begin(struct fixture *f, struct dvara_str text)
{
    arena_init(&f->arena, 16 << 20);
    buf_init(&f->out, 16 << 20);
    ck_assert_int_eq(json_parse(text, 0, &f->arena, &f->doc, NULL), DVARA_OK);
    json_edits_init(&f->edits, &f->doc, &f->arena);
}

static void end(struct fixture *f)
{
    buf_clear(&f->out);
    arena_clear(&f->arena);
}

static void expect(struct fixture *f, const char *expected)
{
    struct json_doc again;
    ck_assert_int_eq(json_edits_apply(&f->edits, &f->out), DVARA_OK);
    ck_assert_msg(dvara_str_eq(buf_str(&f->out), dvara_str_from_cstr(expected)), "%.*s",
                  DVARA_STR_ARG(buf_str(&f->out)));
    ck_assert_int_eq(json_parse(buf_str(&f->out), 0, &f->arena, &again, NULL), DVARA_OK);
    end(f);
}

static uint32_t at(struct fixture *f, const char *pointer_cstr)
{
    uint32_t node = json_pointer(&f->doc, dvara_str_from_cstr(pointer_cstr));
    ck_assert_uint_ne(node, JSON_NONE);
    return node;
}

TEST(without_edits_every_byte_stays)
{
    struct fixture f;
    begin(&f, DVARA_STR(" { \"a\" :\t1e3 , \"b\\u0041\":[ ] }\n"));
    ck_assert(json_edits_is_empty(&f.edits));
    expect(&f, " { \"a\" :\t1e3 , \"b\\u0041\":[ ] }\n");
}

TEST(values_and_members_change_and_the_rest_stays)
{
    struct fixture f;
    begin(&f, DVARA_STR("{ \"model\" : \"a\", \"x\":1.50, \"o\":{ } }"));
    ck_assert_int_eq(json_edit_replace_text(&f.edits, at(&f, "/model"), DVARA_STR("b\"\n")),
                     DVARA_OK);
    ck_assert_int_eq(json_edit_insert(&f.edits, at(&f, "/o"), DVARA_STR("k\\"), DVARA_STR("[1]")),
                     DVARA_OK);
    ck_assert_int_eq(json_edit_set(&f.edits, 0, DVARA_STR("x"), DVARA_STR("null")), DVARA_OK);
    ck_assert_int_eq(json_edit_set(&f.edits, 0, DVARA_STR("y"), DVARA_STR("2")), DVARA_OK);
    ck_assert_int_eq(json_edit_set(&f.edits, 0, DVARA_STR("z"), DVARA_STR("3")), DVARA_OK);
    expect(&f, "{\"y\":2,\"z\":3, \"model\" : \"b\\\"\\n\", \"x\":null, \"o\":{\"k\\\\\":[1] } }");
}

/* Every subset of four members removed, with and without an insertion. */
TEST(removals_leave_the_right_commas)
{
    static const char keys[] = "abcd";
    for (unsigned set = 0; set < 32; set++) {
        struct fixture f;
        char expected[64] = "{";
        size_t n = 1;
        bool first = true;
        begin(&f, DVARA_STR("{\"a\":1,\"b\":1,\"c\":1,\"d\":1}"));
        if (set & 16) {
            n += (size_t)snprintf(expected + n, sizeof expected - n, "\"n\":2");
            first = false;
            ck_assert_int_eq(json_edit_insert(&f.edits, 0, DVARA_STR("n"), DVARA_STR("2")),
                             DVARA_OK);
        }
        for (unsigned i = 4; i-- > 0;) {
            uint32_t value = json_find(&f.doc, 0, dvara_str_from(keys + i, 1));
            if (set >> i & 1)
                ck_assert_int_eq(json_edit_remove(&f.edits, value - 1), DVARA_OK);
        }
        for (unsigned i = 0; i < 4; i++) {
            if (set >> i & 1)
                continue;
            n += (size_t)snprintf(expected + n, sizeof expected - n, "%s\"%c\":1", first ? "" : ",",
                                  keys[i]);
            first = false;
        }
        snprintf(expected + n, sizeof expected - n, "}");
        expect(&f, expected);
    }
}

TEST(overlapping_edits_are_refused)
{
    struct fixture f;
    begin(&f, DVARA_STR("{\"a\":{\"b\":\"text\"}}"));
    ck_assert_int_eq(json_edit_replace(&f.edits, at(&f, "/a"), DVARA_STR("1")), DVARA_OK);
    ck_assert_int_eq(json_edit_text(&f.edits, at(&f, "/a/b"), 0, 1, DVARA_STR("T")), DVARA_OK);
    ck_assert_int_eq(json_edits_apply(&f.edits, &f.out), DVARA_INVALID);
    ck_assert_uint_eq(f.out.n, 0);
    end(&f);
    begin(&f, DVARA_STR("[\"text\"]"));
    ck_assert_int_eq(json_edit_text(&f.edits, at(&f, "/0"), 0, 3, DVARA_STR("T")), DVARA_OK);
    ck_assert_int_eq(json_edit_text(&f.edits, at(&f, "/0"), 2, 4, DVARA_STR("T")), DVARA_OK);
    ck_assert_int_eq(json_edits_apply(&f.edits, &f.out), DVARA_INVALID);
    end(&f);
}

TEST(text_is_replaced_through_escapes)
{
    struct fixture f;
    /* decoded: a " é 😀 b (1, 1, 2, 4 and 1 bytes) */
    begin(&f, DVARA_STR("[\"a\\\"\\u00e9\\uD83D\\uDE00b\"]"));
    uint32_t node = at(&f, "/0");
    ck_assert_int_eq(json_edit_text(&f.edits, node, 8, 9, DVARA_STR("B")), DVARA_OK);
    ck_assert_int_eq(json_edit_text(&f.edits, node, 1, 4, DVARA_STR("<\"\x01>")), DVARA_OK);
    ck_assert_int_eq(json_edit_text(&f.edits, node, 9, 9, DVARA_STR("!")), DVARA_OK);
    ck_assert_int_eq(json_edit_text(&f.edits, node, 3, 4, DVARA_STR("")), DVARA_INVALID);
    ck_assert_int_eq(json_edit_text(&f.edits, node, 5, 8, DVARA_STR("")), DVARA_INVALID);
    ck_assert_int_eq(json_edit_text(&f.edits, node, 4, 10, DVARA_STR("")), DVARA_INVALID);
    ck_assert_int_eq(json_edit_text(&f.edits, node, 2, 1, DVARA_STR("")), DVARA_INVALID);
    expect(&f, "[\"a<\\\"\\u0001>\\uD83D\\uDE00B!\"]");
    begin(&f, DVARA_STR("[\"\xc3\xa9x\"]"));
    ck_assert_int_eq(json_edit_text(&f.edits, at(&f, "/0"), 1, 2, DVARA_STR("")), DVARA_INVALID);
    ck_assert_int_eq(json_edit_text(&f.edits, at(&f, "/0"), 0, 2, DVARA_STR("e")), DVARA_OK);
    expect(&f, "[\"ex\"]");
}

/* ---- the property: an edit equals cutting the decoded text and writing it anew ---- */

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static void random_string(struct buf *out, uint32_t *state)
{
    static const char *const pieces[] = {"a",
                                         "bc ",
                                         "\\n",
                                         "\\\"",
                                         "\\u00e9",
                                         "\xc3\xa9",
                                         "\\ud83d\\ude00",
                                         "\xf0\x9f\x98\x80",
                                         "\\/",
                                         "1",
                                         "\\\\",
                                         "\xe2\x82\xac"};
    buf_byte(out, '"');
    for (uint32_t n = next_random(state) % 8; n > 0; n--)
        buf_append(out, dvara_str_from_cstr(
                            pieces[next_random(state) % (sizeof pieces / sizeof *pieces)]));
    buf_byte(out, '"');
}

static void random_value(struct buf *out, uint32_t *state, unsigned depth)
{
    uint32_t kind = next_random(state) % (depth < 4 ? 6 : 4);
    if (kind < 2) {
        random_string(out, state);
    } else if (kind < 4) {
        buf_append(out, kind == 2 ? DVARA_STR("-1.50e+1") : DVARA_STR("null"));
    } else {
        uint32_t n = next_random(state) % 4;
        buf_byte(out, kind == 4 ? '[' : '{');
        for (uint32_t i = 0; i < n; i++) {
            if (i)
                BUF_LIT(out, " , ");
            if (kind == 5)
                buf_printf(out, "\"k%u\": ", i);
            random_value(out, state, depth + 1);
        }
        buf_append(out, kind == 4 ? DVARA_STR("\n]") : DVARA_STR(" }"));
    }
}

/* The document written anew by its nodes, with one value given another text. */
static void rewrite(const struct json_doc *doc, uint32_t node, uint32_t changed,
                    struct dvara_str raw, struct buf *out)
{
    if (node == changed) {
        buf_append(out, raw);
        return;
    }
    enum json_kind kind = json_kind(doc, node);
    if (kind != JSON_ARRAY && kind != JSON_OBJECT) {
        buf_append(out, json_raw(doc, node));
        return;
    }
    buf_byte(out, kind == JSON_ARRAY ? '[' : '{');
    for (uint32_t i = json_first(doc, node); i != JSON_NONE; i = json_next(doc, i)) {
        if (i != json_first(doc, node))
            buf_byte(out, ',');
        if (kind == JSON_OBJECT) {
            buf_append(out, json_raw(doc, i));
            buf_byte(out, ':');
        }
        rewrite(doc, kind == JSON_OBJECT ? i + 1 : i, changed, raw, out);
    }
    buf_byte(out, kind == JSON_ARRAY ? ']' : '}');
}

/* Both texts mean the same: written anew they are equal byte for byte. */
static void expect_same(struct fixture *f, struct dvara_str edited, struct dvara_str expected)
{
    struct json_doc doc;
    struct buf anew;
    buf_init(&anew, 1 << 20);
    ck_assert_msg(json_parse(edited, 0, &f->arena, &doc, NULL) == DVARA_OK, "%.*s",
                  DVARA_STR_ARG(edited));
    rewrite(&doc, 0, JSON_NONE, (struct dvara_str){0}, &anew);
    ck_assert_msg(dvara_str_eq(buf_str(&anew), expected), "%.*s\n%.*s", DVARA_STR_ARG(edited),
                  DVARA_STR_ARG(expected));
    buf_clear(&anew);
}

static void check_replacement(struct fixture *f, uint32_t node)
{
    struct buf expected;
    buf_init(&expected, 1 << 20);
    buf_reset(&f->out);
    json_edits_init(&f->edits, &f->doc, &f->arena);
    ck_assert_int_eq(json_edit_replace(&f->edits, node, DVARA_STR("[true]")), DVARA_OK);
    ck_assert_int_eq(json_edits_apply(&f->edits, &f->out), DVARA_OK);
    rewrite(&f->doc, 0, node, DVARA_STR("[true]"), &expected);
    expect_same(f, buf_str(&f->out), buf_str(&expected));
    buf_clear(&expected);
}

/* Replaces each range of the decoded text and reads the string back. */
static void check_texts(struct fixture *f, uint32_t node)
{
    struct dvara_str text = json_string(&f->doc, node, &f->arena);
    for (size_t from = 0; from <= text.n; from++) {
        for (size_t to = from; to <= text.n; to++) {
            json_edits_init(&f->edits, &f->doc, &f->arena);
            buf_reset(&f->out);
            bool borders = (from == text.n || ((unsigned char)text.p[from] & 0xc0) != 0x80) &&
                           (to == text.n || ((unsigned char)text.p[to] & 0xc0) != 0x80);
            enum dvara_status status = json_edit_text(&f->edits, node, from, to, DVARA_STR("<\\>"));
            ck_assert_int_eq(status, borders ? DVARA_OK : DVARA_INVALID);
            if (!borders)
                continue;
            struct json_doc edited;
            ck_assert_int_eq(json_edits_apply(&f->edits, &f->out), DVARA_OK);
            ck_assert_int_eq(json_parse(buf_str(&f->out), 0, &f->arena, &edited, NULL), DVARA_OK);
            struct dvara_str got = json_string(&edited, node, &f->arena);
            ck_assert_uint_eq(got.n, text.n - (to - from) + 3);
            ck_assert(dvara_str_eq(dvara_str_slice(got, 0, from), dvara_str_slice(text, 0, from)));
            ck_assert(dvara_str_eq(dvara_str_slice(got, from, from + 3), DVARA_STR("<\\>")));
            ck_assert(dvara_str_eq(dvara_str_slice(got, from + 3, got.n),
                                   dvara_str_slice(text, to, text.n)));
        }
    }
}

TEST(an_edit_anywhere_equals_writing_the_document_anew)
{
    uint32_t state = 7;
    for (unsigned round = 0; round < 150; round++) {
        struct buf text;
        struct fixture f;
        buf_init(&text, 1 << 20);
        random_value(&text, &state, 0);
        begin(&f, buf_str(&text));
        for (uint32_t node = 0; node < f.doc.n; node++) {
            if (json_kind(&f.doc, node) == JSON_KEY)
                continue;
            check_replacement(&f, node);
            if (json_kind(&f.doc, node) == JSON_STRING)
                check_texts(&f, node);
        }
        end(&f);
        buf_clear(&text);
    }
}

SUITE(without_edits_every_byte_stays, values_and_members_change_and_the_rest_stays,
      removals_leave_the_right_commas, overlapping_edits_are_refused,
      text_is_replaced_through_escapes, an_edit_anywhere_equals_writing_the_document_anew)

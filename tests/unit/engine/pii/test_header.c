/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/header.h"

#include "fixture.h"
#include "unit/suite.h"

static const char *cell_over(const char *text, const char *value, char room[64])
{
    struct header header = {.asked = 0};
    struct dvara_str s = dvara_str_from_cstr(text);
    size_t start = (size_t)(strstr(text, value) - text);
    struct dvara_str cell;
    if (!header_cell(&header, NULL, s, start, start + strlen(value), &cell))
        return "";
    (void)snprintf(room, 64, "%.*s", DVARA_STR_ARG(cell));
    return room;
}

TEST(a_value_stands_under_the_word_of_its_column)
{
    char room[64];
    ck_assert_str_eq(cell_over("name,ssn,town\nBob,536228726,Rome\n", "536228726", room), "ssn");
    ck_assert_str_eq(cell_over("ssn,name\n536228726,Bob\n", "536228726", room), "ssn");
    ck_assert_str_eq(cell_over("name\tssn\nA\t1\nB\t536228726", "536228726", room), "ssn");
    ck_assert_str_eq(cell_over("| name | ssn |\n|---|---|\n| Bob | 536228726 |", "536228726", room),
                     " ssn ");
    ck_assert_str_eq(cell_over("a,ssn\n\nBob,536228726", "536228726", room), "");
    ck_assert_str_eq(cell_over("ssn 1\n536228726", "536228726", room), "");
    ck_assert_str_eq(cell_over("ssn,536228726", "536228726", room), "");
    ck_assert_str_eq(cell_over("ssn\nBob,536228726", "536228726", room), "");
}
END_TEST

TEST(a_word_over_a_column_counts_as_context)
{
    struct fixture fixture = fixture_new();
    struct buf text;
    enum dvara_error_kind error;
    buf_init(&text, 1 << 20);
    BUF_LIT(&text, "id,name,ssn\n");
    for (unsigned i = 0; i < 200; i++)
        buf_printf(&text, "%u,some longer name of a person,536%06u\n", i, 228000 + i);
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, NULL, buf_str(&text), (struct dvara_str){0}, &error);
    ck_assert_int_eq(error, DVARA_ERROR_NONE);
    ck_assert_uint_eq(spans.n, 200);
    ck_assert(spans.v[199].context);
    struct dvara_explained why =
        dvara_scan_explain(fixture.scanner, buf_str(&text), (struct dvara_str){0}, &spans.v[199]);
    ck_assert_uint_eq(why.word_start, 8);
    ck_assert_uint_eq(why.word_end, 11);
    buf_clear(&text);
    fixture_clear(&fixture);
}
END_TEST

TEST(a_stream_remembers_the_head_of_a_table)
{
    struct fixture fixture = fixture_new();
    uint8_t styles[FIXTURE_COUNT];
    struct dvara_stream_options options = {.styles = styles};
    struct dvara_stream *stream;
    struct buf text;
    struct buf out;
    memset(styles, DVARA_STYLE_LABEL, sizeof styles);
    buf_init(&text, 1 << 20);
    buf_init(&out, 1 << 20);
    BUF_LIT(&text, "No, this is none.\n\n| name | ssn |\n|---|---|\n");
    for (unsigned i = 0; i < 300; i++)
        buf_printf(&text, "| some longer name of a person | 536%06u |\n", 228000 + i);
    ck_assert_int_eq(dvara_stream_new(fixture.scanner, &options, &stream), DVARA_OK);
    for (size_t at = 0; at < text.n; at += 7)
        ck_assert_int_eq(
            dvara_stream_feed(stream, dvara_str_slice(buf_str(&text), at, at + 7), &out), DVARA_OK);
    ck_assert_int_eq(dvara_stream_finish(stream, &out), DVARA_OK);
    buf_byte(&out, '\0');
    ck_assert(!strstr(out.p, "536228"));
    dvara_stream_free(stream);
    buf_clear(&text);
    buf_clear(&out);
    fixture_clear(&fixture);
}
END_TEST

SUITE(a_value_stands_under_the_word_of_its_column, a_word_over_a_column_counts_as_context,
      a_stream_remembers_the_head_of_a_table)

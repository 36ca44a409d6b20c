/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys in PEM, whole and on streams. */
#include "pieces.h"

static const struct dvara_str key_expected = {.p = "Here it is:\n<PRIVATE_KEY>\nand no more of it.",
                                              .n = 44};

/* A key of so many lines, between words. */
static void write_key(struct buf *text, unsigned lines, const char *line_end)
{
    BUF_LIT(text, "Here it is:\n-----BEGIN RSA PRIVATE KEY-----");
    buf_append(text, dvara_str_from_cstr(line_end));
    for (unsigned i = 0; i < lines; i++) {
        BUF_LIT(text, "MIIEpAIBAAKCAQEA7bq6hT4cN0lQvW8sX1rY2uZ3tA5eBdCfGhJkLmNpQrStUvWx");
        buf_append(text, dvara_str_from_cstr(line_end));
    }
    BUF_LIT(text, "-----END RSA PRIVATE KEY-----\nand no more of it.");
}

/* Keys of so many lines, with real line ends and with escaped ones, in pieces of 1, 1 + stride … */
static void check_keys(struct fixture *fixture, const unsigned lines[3], size_t stride)
{
    uint8_t styles[FIXTURE_COUNT];
    fill_styles(styles);
    for (size_t i = 0; i < 6; i++) {
        struct buf text;
        struct buf whole;
        buf_init(&text, 1 << 20);
        buf_init(&whole, 1 << 20);
        write_key(&text, lines[i % 3], i < 3 ? "\n" : "\\n");
        redact_whole(fixture, styles, buf_str(&text), &whole);
        ck_assert_msg(dvara_str_eq(buf_str(&whole), key_expected), "%.*s",
                      DVARA_STR_ARG(buf_str(&whole)));
        for (size_t step = 1; step < 90; step += stride) {
            size_t cuts[32768];
            size_t n = 0;
            for (size_t at = step; at < text.n; at += step)
                cuts[n++] = at;
            redact_pieces(fixture, styles, buf_str(&text), cuts, n, key_expected, "key");
        }
        buf_clear(&text);
        buf_clear(&whole);
    }
}

TEST(a_private_key_of_any_length_is_redacted_from_its_begin_to_its_end)
{
    static const unsigned lines[] = {3, 25, 400};
    struct fixture fixture = fixture_new();
    check_keys(&fixture, lines, 11);
    fixture_clear(&fixture);
}
END_TEST

/* As in the library: beside keys what is left of one whose end is missing. */
static const struct detector_spec key_specs[] = {
    {.name = W("key_line"),
     .patterns = (const struct pattern_source[]){PATTERN(
         "-----BEGIN (?:[A-Z2]{2,9} ){0,2}PRIVATE KEY-----[0-9A-Za-z+/=\\r\\n\\\\]{0,}", 0)},
     .n_patterns = 1,
     .score_low_ppm = 950000,
     .score_high_ppm = 950000,
     .max_span = 4096,
     .mask_none = true},
    {.name = W("private_key"),
     .patterns = (const struct pattern_source[]){PATTERN("-----BEGIN ", 0)},
     .n_patterns = 1,
     .validator = W("pem"),
     .score_low_ppm = 980000,
     .score_high_ppm = 980000,
     .mask_none = true}};

TEST(a_detector_that_gives_up_sooner_does_not_cut_a_key_short)
{
    static const unsigned lines[] = {3, 62, 90};
    struct fixture fixture = fixture_new_of(key_specs, 2);
    check_keys(&fixture, lines, 44);
    fixture_clear(&fixture);
}
END_TEST

/* The first pieces end where the one has given up and the other still reads. */
TEST(a_detector_that_gives_up_much_sooner_waits_for_a_key)
{
    static const size_t cuts[] = {700, 3000, 5000};
    struct detector_spec specs[] = {key_specs[0], key_specs[1]};
    specs[0].max_span = 256;
    struct fixture fixture = fixture_new_of(specs, 2);
    uint8_t styles[FIXTURE_COUNT];
    struct buf text;
    fill_styles(styles);
    buf_init(&text, 1 << 20);
    write_key(&text, 90, "\n");
    for (size_t i = 0; i < 3; i++)
        redact_pieces(&fixture, styles, buf_str(&text), cuts + i, 3 - i, key_expected, "key");
    buf_clear(&text);
    fixture_clear(&fixture);
}
END_TEST

SUITE(a_private_key_of_any_length_is_redacted_from_its_begin_to_its_end,
      a_detector_that_gives_up_sooner_does_not_cut_a_key_short,
      a_detector_that_gives_up_much_sooner_waits_for_a_key)

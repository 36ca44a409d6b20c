/* SPDX-License-Identifier: Apache-2.0 */
/* IPv4 addresses in dotted decimal, with a prefix length where one follows. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { SPAN_MAX = 18 };

/* A decimal without leading zeros up to `most`; false when there is none. */
static bool read_decimal(struct reading *reading, size_t *at, unsigned most)
{
    unsigned value = 0;
    size_t start = *at;
    for (;;) {
        int c = reading_at(reading, *at);
        if (c < 0 || !text_is_digit((unsigned char)c))
            break;
        if (*at - start == 3 || (*at > start && value == 0))
            return false;
        value = value * 10 + (unsigned)(c - '0');
        if (value > most)
            return false;
        ++*at;
    }
    return *at > start;
}

static bool may_start(struct dvara_str text, size_t start)
{
    if (start == 0)
        return true;
    char before = text.p[start - 1];
    if (before == ' ')
        return true; /* most */
    return before != '.' && before != '_' && !text_word_before(text, start);
}

/* Nothing that makes it a longer dotted number or a word; 10.0.0.1-10.0.0.9 is two addresses. */
static bool may_end(struct reading *reading, size_t end)
{
    if (word_goes_on(reading, end))
        return false;
    if (reading_at(reading, end) != '.')
        return true;
    int next = reading_at(reading, end + 1);
    return next == READING_END || !text_is_digit((unsigned char)next);
}

static void read_prefix(struct reading *reading, size_t end)
{
    size_t at = end + 1;
    if (reading_at(reading, end) == '/' && read_decimal(reading, &at, 32) && may_end(reading, at))
        reading->end = at;
}

/* Does the word right before call it something else that has four numbers? A word further off, or
 * behind, says nothing of this one. */
static bool is_version(struct dvara_str text, size_t start)
{
    static const struct dvara_str words[] = {
        DVARA_STR_INIT("version"), DVARA_STR_INIT("build"),    DVARA_STR_INIT("release"),
        DVARA_STR_INIT("section"), DVARA_STR_INIT("firmware"), DVARA_STR_INIT("revision"),
        DVARA_STR_INIT("chapter"), DVARA_STR_INIT("clause"),   DVARA_STR_INIT("ver")};
    size_t end = start;
    for (int i = 0; i < 3 && end > 0 && strchr(" :=\"'-", text.p[end - 1]); i++)
        end--;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = words[i].n;
        if (n > end || (n < end && text_is_alpha((unsigned char)text.p[end - n - 1])))
            continue;
        size_t same = 0;
        while (same < n && text_fold(text.p[end - n + same]) == words[i].p[same])
            same++;
        if (same == n)
            return true;
    }
    return false;
}

/* Is there a point behind three digits or less, or the text's end? */
static bool may_be_octet(const struct reading *reading, size_t start)
{
    struct dvara_str text = reading->text;
    for (size_t at = start; at < text.n && at < start + 4; at++) {
        if (!text_is_digit((unsigned char)text.p[at]))
            return text.p[at] == '.';
    }
    return text.n - start < 4;
}

static enum verdict read_ipv4(struct reading *reading, size_t start)
{
    size_t at = start;
    if (!may_be_octet(reading, start) || !may_start(reading->text, start))
        return VERDICT_INVALID;
    for (unsigned octet = 0; octet < 4; octet++) {
        if (octet && reading_at(reading, at++) != '.')
            return VERDICT_INVALID;
        if (!read_decimal(reading, &at, 255))
            return VERDICT_INVALID;
    }
    if (!may_end(reading, at))
        return VERDICT_INVALID;
    reading->end = at;
    read_prefix(reading, at);
    return is_version(reading->text, start) ? VERDICT_UNKNOWN : VERDICT_VALID;
}

const struct locator locate_ipv4 = {.read = read_ipv4,
                                    .max_span = SPAN_MAX,
                                    .min_digits = 4,
                                    .stop = '.',
                                    .start = "0-9",
                                    .inside = "0-9./"};

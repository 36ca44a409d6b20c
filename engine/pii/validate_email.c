/* SPDX-License-Identifier: Apache-2.0 */
/* E-mail addresses: RFC 5321's dot-atom, as people write it. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { LOCAL_MAX = 64, DOMAIN_MAX = 253, LABEL_MAX = 63, TOP_MIN = 2, TOP_MAX = 24 };

static bool is_word_at(const struct reading *reading, size_t at, size_t *ret_after)
{
    return text_is_word(text_next(reading->text, at, ret_after));
}

static bool is_local_mark(char c)
{
    static const bool marks[256] = {
        ['.'] = true, ['%'] = true, ['+'] = true, ['-'] = true, ['\''] = true,
        ['&'] = true, ['~'] = true, ['!'] = true, ['#'] = true, ['$'] = true};
    return marks[(unsigned char)c];
}

/* Not in the middle of a local part: the run before `start` holds marks only. */
static bool starts_local(struct dvara_str text, size_t start)
{
    size_t floor = start > LOCAL_MAX ? start - LOCAL_MAX : 0;
    for (size_t at = start; at > floor;) {
        char c = text.p[at - 1];
        if (c == '_' || text_word_before(text, at))
            return false;
        if (!is_local_mark(c))
            return true;
        at--;
    }
    return true;
}

/* The end of the local part, or `start` when there is no @ after it. */
static size_t read_local(struct reading *reading, size_t start)
{
    size_t at = start;
    while (at - start <= LOCAL_MAX) {
        int c = reading_at(reading, at);
        if (c == READING_END)
            return start;
        if (c == '@')
            return at;
        size_t after = at + 1;
        if (c >= 0x80 ? !is_word_at(reading, at, &after)
                      : !(c == '_' || text_is_alnum((unsigned char)c) || is_local_mark((char)c)))
            break;
        at = after;
    }
    /* Cut in a sequence: the next bytes may make it a letter. */
    if (reading->text.n - at < 4 && (unsigned char)reading->text.p[at] >= 0xC2)
        (void)reading_at(reading, reading->text.n);
    return start;
}

struct label {
    size_t end;        /* without trailing hyphens */
    size_t stop;       /* the byte that is no part of it */
    bool only_letters; /* or begins with xn-- */
};

static struct label read_label(struct reading *reading, size_t start)
{
    struct label label = {.end = start, .stop = start, .only_letters = true};
    size_t at = start;
    while (at - start <= LABEL_MAX) {
        int c = reading_at(reading, at);
        size_t after = at + 1;
        bool letter =
            c >= 0x80 ? is_word_at(reading, at, &after) : c >= 0 && text_is_alpha((unsigned char)c);
        bool digit = c >= 0 && c < 0x80 && text_is_digit((unsigned char)c);
        if (c >= 0x80 && !letter && reading->text.n - at < 4)
            (void)reading_at(reading, reading->text.n);
        if (!letter && !digit && c != '-')
            break;
        label.only_letters = label.only_letters && letter;
        at = after;
        if (c != '-')
            label.end = at;
    }
    label.stop = at;
    struct dvara_str s = dvara_str_slice(reading->text, start, label.end);
    if (s.n > 4 && text_fold(s.p[0]) == 'x' && text_fold(s.p[1]) == 'n' && s.p[2] == '-')
        label.only_letters = true;
    return label;
}

/* Files that are called name@2x.png are no addresses. */
static bool is_file_ending(struct dvara_str top)
{
    static const char *const endings[] = {"png", "jpg",  "jpeg", "gif",
                                          "svg", "webp", "css",  "html"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t n = strlen(endings[i]);
        size_t same = 0;
        while (same < n && same < top.n && text_fold(top.p[same]) == endings[i][same])
            same++;
        if (same == n && top.n == n)
            return true;
    }
    return false;
}

static size_t read_domain(struct reading *reading, size_t start)
{
    size_t end = start;
    size_t at = start;
    for (unsigned labels = 1; at - start <= DOMAIN_MAX; labels++) {
        struct label label = read_label(reading, at);
        if (label.end == at || reading->text.p[at] == '-')
            break;
        struct dvara_str s = dvara_str_slice(reading->text, at, label.end);
        if (labels > 1 && label.only_letters && s.n >= TOP_MIN && s.n <= TOP_MAX &&
            !is_file_ending(s))
            end = label.end;
        if (label.stop != label.end || reading_at(reading, label.stop) != '.')
            break;
        at = label.stop + 1;
    }
    return end;
}

static enum verdict read_email(struct reading *reading, size_t start)
{
    if (!starts_local(reading->text, start))
        return VERDICT_INVALID;
    size_t at_sign = read_local(reading, start);
    if (at_sign == start)
        return VERDICT_INVALID;
    reading->end = read_domain(reading, at_sign + 1);
    return reading->end > at_sign + 1 ? VERDICT_VALID : VERDICT_INVALID;
}

const struct locator locate_email = {.read = read_email,
                                     .max_span = LOCAL_MAX + 4 + DOMAIN_MAX + LABEL_MAX,
                                     .start = "a-zA-Z0-9_",
                                     .inside = "a-zA-Z0-9_.%+'&~!#$@-",
                                     .wide = true};

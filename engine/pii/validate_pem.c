/* SPDX-License-Identifier: Apache-2.0 */
/* Private keys in PEM (RFC 7468), OpenSSH's and OpenPGP's armour too: from BEGIN to END, however
 * long. Line ends may be escapes, as in JSON, or spaces, as in a variable of the environment. */
#include "pii/validators.h"

#include "dvara/limits.h"
#include "pattern/text.h"

enum {
    LABEL_MAX = 40,
    LINE_MAX_BYTES = 160,
    RUN_MIN = 16, /* of base64 before a space that ends a line */
    BODY_MIN = 32 /* less is a placeholder */
};

/* `s` at `at`, as far as the text goes. */
static bool reads(struct reading *reading, size_t at, struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (reading_at(reading, at + i) != (unsigned char)s.p[i])
            return false;
    }
    return true;
}

/* Capitals, digits and spaces, then five hyphens; their end, or 0. *ret_private: the label says so.
 */
static size_t read_label(struct reading *reading, size_t at, bool *ret_private)
{
    size_t begin = at;
    for (; at - begin <= LABEL_MAX; at++) {
        int c = reading_at(reading, at);
        if (c < 0 ||
            !(text_is_upper((unsigned char)c) || text_is_digit((unsigned char)c) || c == ' '))
            break;
    }
    struct dvara_str label = dvara_str_slice(reading->text, begin, at);
    *ret_private = label.n && memmem(label.p, label.n, "PRIVATE KEY", 11) != NULL;
    return at > begin && reads(reading, at, DVARA_STR("-----")) ? at + 5 : 0;
}

static bool is_break(int c)
{
    return c == '\n' || c == '\r';
}

/* Does the space at `at` stand for a line's end: at a line's beginning, behind a run of base64, or
 * before the hyphens of END? */
static bool ends_line(struct reading *reading, size_t begin, size_t at)
{
    for (size_t i = begin; i < at; i++) {
        int c = reading_at(reading, i);
        if (c >= 0x80 || (!text_is_alnum((unsigned char)c) && !strchr("+/=", c)))
            return false;
    }
    return at == begin || at - begin >= RUN_MIN || reads(reading, at + 1, DVARA_STR("-----"));
}

/* One line of the body from `at`; the next one's start, or 0 when it is none of a key: prose has
 * spaces, a key has none but in its headers (`Proc-Type: 4,ENCRYPTED`). No line is read past
 * `most`: a stream, which holds no more, must judge as a whole text does. */
static size_t read_line(struct reading *reading, size_t at, size_t most)
{
    size_t begin = at;
    bool header = false;
    for (;; at++) {
        int c = reading_at(reading, at);
        if (c == READING_END || at > most)
            return at;
        if (is_break(c))
            return at + 1;
        if (c == '\\' && (reading_at(reading, at + 1) | 2) == ('n' | 2))
            return at + 2;
        if (c == '-' && reads(reading, at, DVARA_STR("-----")))
            return at;
        if (c == ' ' && ends_line(reading, begin, at))
            return at + 1;
        header = header || c == ':';
        if (at - begin > LINE_MAX_BYTES && header)
            return 0;
        if (c >= 0x80 || (!text_is_alnum((unsigned char)c) && !strchr("+/=\\\"'>#|", c) &&
                          !header && !(strchr(" -\t", c) && at - begin < 20)))
            return 0;
    }
}

static enum verdict read_pem(struct reading *reading, size_t start)
{
    static const struct dvara_str begin = {.p = "-----BEGIN ", .n = 11};
    static const struct dvara_str end = {.p = "-----END ", .n = 9};
    bool is_private;
    if ((start && reading->text.p[start - 1] == '-') || !reads(reading, start, begin))
        return VERDICT_INVALID;
    size_t at = read_label(reading, start + begin.n, &is_private);
    if (!at || !is_private)
        return VERDICT_INVALID;
    size_t body = at;
    while (at - start <= DVARA_MAX_SPAN) {
        if (reads(reading, at, end)) {
            if (at - body < BODY_MIN)
                return VERDICT_INVALID;
            at = read_label(reading, at + end.n, &is_private);
            reading->end = at;
            return at ? VERDICT_VALID : VERDICT_INVALID;
        }
        if (reading_at(reading, at) == READING_END)
            return VERDICT_INVALID;
        size_t next = read_line(reading, at, start + DVARA_MAX_SPAN);
        if (next == at && reading_at(reading, at) == '-')
            return VERDICT_INVALID; /* another block begins */
        if (!next)
            return VERDICT_INVALID;
        at = next;
    }
    reading->overlong = true;
    reading->until = "-----END ";
    reading->end = at;
    return VERDICT_VALID;
}

const struct locator locate_pem = {.read = read_pem,
                                   .max_span = DVARA_MAX_SPAN,
                                   .start = "-",
                                   .inside = "A-Z -"}; /* of what leads to the trigger */

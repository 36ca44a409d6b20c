/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/normalise.h"

#include "pattern/text.h"

#include <string.h>

enum kind { SAME, SERIES, DIGITS, DELETED, MARK, DASH };

static const struct normal {
    uint32_t first, last;
    enum kind kind;
    char to;
} normals[] = {
#define NORMAL(first, last, kind, to) {first, last, kind, to},
#include "pii/normal.def"
};

static const struct normal *find(uint32_t c)
{
    size_t low = 0;
    size_t high = sizeof normals / sizeof *normals;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (normals[middle].last < c)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sizeof normals / sizeof *normals && normals[low].first <= c ? &normals[low] : NULL;
}

/* No row of the list begins with these bytes: most letters of most scripts. */
static bool is_never(unsigned char lead)
{
    return lead < 0xC2 || (lead > 0xC2 && lead < 0xC5) || (lead > 0xC5 && lead < 0xCA) ||
           (lead >= 0xCE && lead <= 0xD1) || (lead >= 0xD3 && lead <= 0xD5) || lead == 0xD7 ||
           lead == 0xDA || (lead >= 0xDC && lead <= 0xDE) || (lead >= 0xE4 && lead <= 0xE9) ||
           (lead >= 0xEB && lead <= 0xEE) || lead == 0xF1 || lead == 0xF2 || lead > 0xF3;
}

static size_t skip_ascii(struct dvara_str text, size_t at)
{
    uint64_t eight;
    while (text.n - at >= sizeof eight) {
        memcpy(&eight, text.p + at, sizeof eight);
        if (eight & 0x8080808080808080u)
            break;
        at += sizeof eight;
    }
    while (at < text.n && (unsigned char)text.p[at] < 0x80)
        at++;
    return at;
}

/* The next byte that begins something to replace; `after` is its end. */
static size_t next_normal(struct dvara_str text, size_t at, const struct normal **ret_normal,
                          size_t *ret_after, uint32_t *ret_code_point)
{
    for (at = skip_ascii(text, at); at < text.n; at = skip_ascii(text, *ret_after)) {
        *ret_after = at + 1;
        if (is_never((unsigned char)text.p[at]))
            continue;
        *ret_code_point = text_next(text, at, ret_after);
        *ret_normal = *ret_code_point == TEXT_BAD ? NULL : find(*ret_code_point);
        if (*ret_normal)
            return at;
    }
    return text.n;
}

size_t normalise_first(struct dvara_str text)
{
    const struct normal *normal;
    size_t after;
    uint32_t c;
    return next_normal(text, 0, &normal, &after, &c);
}

/* Nothing is read of it; of many in a row something is, so that it is told near by what stands
 * before them. */
static void hide(struct view *out, size_t at, size_t after, unsigned *hidden)
{
    if (*hidden <= NORMALISE_HIDDEN_MAX)
        return;
    *hidden = 0;
    view_put(out, ' ', at, after);
}

/* Does the mark at `at` strike through a letter or digit, or, alone, what stands between those? */
static bool strikes(const struct view *out, struct dvara_str text, size_t at)
{
    char before = at > 0 ? text.p[at - 1] : '\0';
    return (out->n && text_is_alnum((unsigned char)out->p[out->n - 1])) ||
           (out->n && before && strchr(" -.@+/:_()", before));
}

/* *hidden: so many in a row do not show. */
static void put(struct view *out, const struct normal *normal, uint32_t c, struct dvara_str text,
                size_t at, size_t after, unsigned *hidden)
{
    *hidden = normal->kind == DELETED || normal->kind == MARK ? *hidden + 1 : 0;
    switch (normal->kind) {
    case SAME:
        view_put(out, normal->to, at, after);
        return;
    case SERIES:
        view_put(out, (char)(normal->to + (char)(c - normal->first)), at, after);
        return;
    case DIGITS:
        view_put(out, (char)('0' + (c - normal->first) % 10), at, after);
        return;
    case DELETED:
        hide(out, at, after, hidden);
        return;
    case DASH: /* of katakana a part, after a digit a hyphen */
        if (out->n && text_is_digit((unsigned char)out->p[out->n - 1]))
            view_put(out, normal->to, at, after);
        else
            view_copy(out, text, at, after);
        return;
    case MARK:
        if (strikes(out, text, at))
            hide(out, at, after, hidden);
        else
            view_copy(out, text, at, after);
    }
}

void normalise(struct dvara_str text, size_t from, size_t to, struct view *out)
{
    const struct normal *normal;
    size_t after;
    uint32_t c;
    unsigned hidden = 0;
    text.n = to;
    while (from < to) {
        size_t at = next_normal(text, from, &normal, &after, &c);
        if (at > from)
            hidden = 0;
        view_copy(out, text, from, at);
        if (at == to)
            return;
        put(out, normal, c, text, at, after, &hidden);
        from = after;
    }
}

char normalise_lookalike(uint32_t code_point)
{
    static const struct {
        uint16_t code_point;
        char letter;
    } lookalikes[] = {
        {0x0391, 'A'}, {0x0392, 'B'}, {0x0395, 'E'}, {0x0396, 'Z'}, {0x0397, 'H'}, {0x0399, 'I'},
        {0x039A, 'K'}, {0x039C, 'M'}, {0x039D, 'N'}, {0x039F, 'O'}, {0x03A1, 'P'}, {0x03A4, 'T'},
        {0x03A5, 'Y'}, {0x03A7, 'X'}, {0x03B1, 'a'}, {0x03B5, 'e'}, {0x03B9, 'i'}, {0x03BF, 'o'},
        {0x03C1, 'p'}, {0x03C5, 'u'}, {0x03BD, 'v'}, {0x03C7, 'x'}, {0x03F2, 'c'}, {0x0405, 'S'},
        {0x0406, 'I'}, {0x0408, 'J'}, {0x0410, 'A'}, {0x0412, 'B'}, {0x0415, 'E'}, {0x041A, 'K'},
        {0x041C, 'M'}, {0x041D, 'H'}, {0x041E, 'O'}, {0x0420, 'P'}, {0x0421, 'C'}, {0x0422, 'T'},
        {0x0423, 'Y'}, {0x0425, 'X'}, {0x0417, '3'}, {0x0430, 'a'}, {0x0435, 'e'}, {0x043E, 'o'},
        {0x0440, 'p'}, {0x0441, 'c'}, {0x0443, 'y'}, {0x0445, 'x'}, {0x0455, 's'}, {0x0456, 'i'},
        {0x0458, 'j'}, {0x051B, 'q'}, {0x051D, 'w'}, {0x04BB, 'h'}, {0x0501, 'd'}};
    for (size_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++) {
        if (lookalikes[i].code_point == code_point)
            return lookalikes[i].letter;
    }
    return 0;
}

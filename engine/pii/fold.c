/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/fold.h"

#include "pattern/text.h"

#include <stdbool.h>

/* Runs of capitals: each the same way from its small letter, or every second one (of the first
 * one's parity) right before it. In rising order. */
static const struct run {
    uint16_t first, last;
    int16_t away;
    bool every_second;
} runs[] = {
    {0x41, 0x5A, 32, false},    {0xC0, 0xD6, 32, false},     {0xD8, 0xDE, 32, false},
    {0x100, 0x12E, 1, true},    {0x130, 0x130, -199, false}, {0x132, 0x136, 1, true},
    {0x139, 0x147, 1, true},    {0x14A, 0x176, 1, true},     {0x178, 0x178, -121, false},
    {0x179, 0x17D, 1, true},    {0x386, 0x386, 43, false},   {0x388, 0x388, 45, false},
    {0x389, 0x389, 46, false},  {0x38A, 0x38A, 47, false},   {0x38C, 0x38C, 51, false},
    {0x38E, 0x38E, 55, false},  {0x38F, 0x38F, 58, false},   {0x391, 0x3A1, 32, false},
    {0x3A3, 0x3AB, 32, false},  {0x3AC, 0x3AC, 5, false},    {0x3AD, 0x3AD, 8, false},
    {0x3AE, 0x3AE, 9, false},   {0x3AF, 0x3AF, 10, false},   {0x3C2, 0x3C2, 1, false},
    {0x3CC, 0x3CC, -13, false}, {0x3CD, 0x3CD, -8, false},   {0x3CE, 0x3CE, -5, false},
    {0x400, 0x400, 80, false},  {0x401, 0x401, 52, false},   {0x402, 0x40F, 80, false},
    {0x410, 0x42F, 32, false},  {0x451, 0x451, -28, false},  {0x460, 0x480, 1, true},
    {0x48A, 0x4BE, 1, true},
};

enum { RUNS = sizeof runs / sizeof *runs };

uint32_t fold_code(uint32_t c)
{
    for (size_t i = 0; i < RUNS && c >= runs[i].first; i++) {
        if (c <= runs[i].last && !(runs[i].every_second && (c - runs[i].first) % 2))
            return (uint32_t)((int32_t)c + runs[i].away);
    }
    return c;
}

size_t fold_forms(uint32_t folded, uint32_t forms[FOLD_FORMS])
{
    size_t n = 0;
    forms[n++] = folded;
    for (size_t i = 0; i < RUNS && n < FOLD_FORMS; i++) {
        uint32_t from = (uint32_t)((int32_t)folded - runs[i].away);
        if (from >= runs[i].first && from <= runs[i].last && fold_code(from) == folded)
            forms[n++] = from;
    }
    return n;
}

size_t fold_encode(uint32_t c, char bytes[FOLD_BYTES])
{
    if (c > 0x10FFFF)
        return 0;
    if (c < 0x80) {
        bytes[0] = (char)c;
        return 1;
    }
    size_t n = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n; i-- > 1; c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3F));
    bytes[0] = (char)(leads[n] | c);
    return n;
}

size_t fold_word(struct dvara_str word, char *to)
{
    size_t n = 0;
    for (size_t at = 0; at < word.n;) {
        size_t begin = at;
        char bytes[FOLD_BYTES];
        size_t k = fold_encode(fold_code(text_next(word, at, &at)), bytes);
        for (size_t i = 0; i < k; i++)
            to[n++] = bytes[i];
        if (k == 0)
            to[n++] = word.p[begin];
    }
    return n;
}

/* U+00DF to U+017F without their accents, two letters for each; a blank: nothing. What is none of
 * them or has no letter of ASCII stays. */
static const char bare[] =
    "ssa a a a a a aec e e e e i i i i d n o o o o o   o u u u u y thy " /* 00DF-00FF */
    "a a a a a a c c c c c c c c d d d d e e e e e e e e e e g g g g "   /* 0100-011F */
    "g g g g h h h h i i i i i i i i i i ijijj j k k q l l l l l l l "   /* 0120-013F */
    "l l l n n n n n n n n n o o o o o o oeoer r r r r r s s s s s s "   /* 0140-015F */
    "s s t t t t t t u u u u u u u u u u u u w w y y y z z z z z z s ";  /* 0160-017F */

enum { BARE_FIRST = 0xDF, BARE_LAST = 0x17F };
_Static_assert(sizeof bare == 2 * (BARE_LAST - BARE_FIRST + 1) + 1, "two letters for each");

static const char *bare_of(uint32_t c, enum fold_bare how)
{
    if (how == FOLD_SPELLED && (c == 0xE4 || c == 0xF6 || c == 0xFC))
        return c == 0xE4 ? "ae" : c == 0xF6 ? "oe" : "ue";
    return c >= BARE_FIRST && c <= BARE_LAST ? bare + 2 * (c - BARE_FIRST) : "  ";
}

size_t fold_bare(struct dvara_str word, enum fold_bare how, char *to)
{
    size_t n = 0;
    bool changed = false;
    for (size_t at = 0; at < word.n;) {
        size_t begin = at;
        const char *letters = bare_of(text_next(word, at, &at), how);
        bool accented = letters[0] != ' ';
        changed = changed || accented;
        for (size_t i = begin; i < at && !accented; i++)
            to[n++] = word.p[i];
        for (size_t i = 0; i < 2 && accented && letters[i] != ' '; i++)
            to[n++] = letters[i];
    }
    return changed ? n : 0;
}

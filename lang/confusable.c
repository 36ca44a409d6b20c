/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/confusable.h"

#include "base/utf8.h"

enum script {
    SCRIPT_OTHER,
    SCRIPT_LATIN,
    SCRIPT_GREEK,
    SCRIPT_CYRILLIC,
    SCRIPT_ARMENIAN,
    SCRIPT_CHEROKEE,
    SCRIPT_COPTIC,
    SCRIPT_WIDE,
    SCRIPT_MATHEMATICAL,
    SCRIPT_COUNT
};

struct range {
    uint32_t low, high;
    enum script script;
};

static const struct range scripts[] = {
#define SCRIPT(low, high, script) {low, high, SCRIPT_##script},
#include "lang/scripts.def"
};

static const struct range hidden[] = {
#define HIDDEN(low, high) {low, high, SCRIPT_OTHER},
#include "lang/scripts.def"
};

static const struct {
    uint32_t point;
    char letter;
} lookalikes[] = {
#define LOOKALIKE(point, letter) {point, letter},
#include "lang/scripts.def"
};

static enum script script_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++)
        if (c >= scripts[i].low && c <= scripts[i].high)
            return scripts[i].script;
    return SCRIPT_OTHER;
}

static bool is_hidden(uint32_t c)
{
    for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
        if (c >= hidden[i].low && c <= hidden[i].high)
            return true;
    return false;
}

static char letter_of(uint32_t c)
{
    for (size_t i = 0; i < sizeof lookalikes / sizeof *lookalikes; i++)
        if (lookalikes[i].point == c)
            return lookalikes[i].letter;
    if (c >= 0xff21 && c <= 0xff3a)
        return (char)('A' + (c - 0xff21));
    return c >= 0xff41 && c <= 0xff5a ? (char)('a' + (c - 0xff41)) : 0;
}

/* Scripts of which some letter in the text has no Latin double: there it is plain writing. */
static void find_plain(struct dvara_str text, bool ret_plain[SCRIPT_COUNT])
{
    for (size_t at = 0; at < text.n;) {
        uint32_t c = utf8_next(text, &at);
        enum script script = script_of(c);
        if (script != SCRIPT_OTHER && !letter_of(c))
            ret_plain[script] = true;
    }
}

enum confusable confusable_find(struct dvara_str text, size_t *ret_offset, char *ret_letter)
{
    bool plain[SCRIPT_COUNT] = {false};
    enum script word = SCRIPT_OTHER; /* of the letters before, in the same word */
    find_plain(text, plain);
    for (size_t at = 0; at < text.n;) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        enum script script = script_of(c);
        enum confusable found = CONFUSABLE_NONE;
        if (c >= 0x80 && is_hidden(c))
            found = CONFUSABLE_HIDDEN;
        else if (script == SCRIPT_WIDE || script == SCRIPT_MATHEMATICAL)
            found = CONFUSABLE_FORM;
        else if (script != SCRIPT_OTHER && word != SCRIPT_OTHER && script != word)
            found = CONFUSABLE_MIXED;
        else if (script != SCRIPT_OTHER && script != SCRIPT_LATIN && !plain[script])
            found = CONFUSABLE_LOOKALIKE;
        if (found != CONFUSABLE_NONE) {
            *ret_offset = start;
            *ret_letter = letter_of(c);
            return found;
        }
        bool in_word = c >= 0x80 || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        word = script != SCRIPT_OTHER ? script : in_word ? word : SCRIPT_OTHER;
    }
    return CONFUSABLE_NONE;
}

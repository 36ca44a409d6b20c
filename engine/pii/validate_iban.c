/* SPDX-License-Identifier: Apache-2.0 */
/* International bank account numbers: ISO 13616 lengths by country, ISO 7064 mod 97-10. */
#include "pii/validators.h"

#include "pattern/text.h"

enum { IBAN_MAX = 34, SPAN_MAX = IBAN_MAX * 2 };

/* ISO 13616 registry: country and length. */
static const struct country {
    char code[2];
    uint8_t length;
} countries[] = {
    {"AD", 24}, {"AE", 23}, {"AL", 28}, {"AT", 20}, {"AZ", 28}, {"BA", 20}, {"BE", 16}, {"BG", 22},
    {"BH", 22}, {"BI", 27}, {"BR", 29}, {"BY", 28}, {"CH", 21}, {"CR", 22}, {"CY", 28}, {"CZ", 24},
    {"DE", 22}, {"DJ", 27}, {"DK", 18}, {"DO", 28}, {"EE", 20}, {"EG", 29}, {"ES", 24}, {"FI", 18},
    {"FK", 18}, {"FO", 18}, {"FR", 27}, {"GB", 22}, {"GE", 22}, {"GI", 23}, {"GL", 18}, {"GR", 27},
    {"GT", 28}, {"HR", 21}, {"HU", 28}, {"IE", 22}, {"IL", 23}, {"IQ", 23}, {"IS", 26}, {"IT", 27},
    {"JO", 30}, {"KW", 30}, {"KZ", 20}, {"LB", 28}, {"LC", 32}, {"LI", 21}, {"LT", 20}, {"LU", 20},
    {"LV", 21}, {"LY", 25}, {"MC", 27}, {"MD", 24}, {"ME", 22}, {"MK", 19}, {"MN", 20}, {"MR", 27},
    {"MT", 31}, {"MU", 30}, {"NI", 28}, {"NL", 18}, {"NO", 15}, {"OM", 23}, {"PK", 24}, {"PL", 28},
    {"PS", 29}, {"PT", 25}, {"QA", 29}, {"RO", 24}, {"RS", 22}, {"RU", 33}, {"SA", 24}, {"SC", 31},
    {"SD", 18}, {"SE", 24}, {"SI", 19}, {"SK", 24}, {"SM", 27}, {"SO", 23}, {"ST", 25}, {"SV", 28},
    {"TL", 23}, {"TN", 24}, {"TR", 26}, {"UA", 29}, {"VA", 22}, {"VG", 24}, {"XK", 20}, {"YE", 30},
};

static unsigned upper(int c)
{
    return (unsigned)c & ~32u;
}

static unsigned key_of(const struct country *country)
{
    return (unsigned)(unsigned char)country->code[0] << 8 | (unsigned char)country->code[1];
}

/* The first country at or after the key, by halving: the list is in rising order. */
static size_t find_country(unsigned key)
{
    size_t low = 0;
    for (size_t n = sizeof countries / sizeof *countries; n; n /= 2) {
        size_t middle = low + n / 2;
        if (key_of(&countries[middle]) < key) {
            low = middle + 1;
            n--;
        }
    }
    return low;
}

/* 0: no country of the registry begins so. */
static size_t country_length(int first, int second)
{
    unsigned key = upper(first) << 8 | upper(second);
    size_t i = find_country(key);
    return i < sizeof countries / sizeof *countries && key_of(&countries[i]) == key
               ? countries[i].length
               : 0;
}

static bool may_be_country(int first)
{
    size_t i = find_country(upper(first) << 8);
    return i < sizeof countries / sizeof *countries &&
           (unsigned char)countries[i].code[0] == upper(first);
}

/* The length by the first four characters, 0 when they are none of an IBAN. */
static size_t read_head(struct reading *reading, size_t start)
{
    struct dvara_str text = reading->text;
    if (start + 2 < text.n && !text_is_digit((unsigned char)text.p[start + 2]))
        return 0; /* most places: no check digits */
    if (start && (text.p[start - 1] == '_' || text_word_before(text, start)))
        return 0;
    int first = reading_at(reading, start);
    if (first < 0 || first >= 0x80 || !text_is_alpha((unsigned char)first) ||
        !may_be_country(first))
        return 0;
    int second = reading_at(reading, start + 1);
    size_t length = second < 0 || second >= 0x80 || !text_is_alpha((unsigned char)second)
                        ? 0
                        : country_length(first, second);
    for (size_t i = 2; length && i < 4; i++) {
        int c = reading_at(reading, start + i);
        if (c < 0 || !text_is_digit((unsigned char)c))
            return 0;
    }
    return length;
}

/* One more character of the number whose rest is wanted; kept small now and then. */
static uint64_t add_mod97(uint64_t rest, int c)
{
    if (rest > UINT64_MAX / 1000)
        rest %= 97;
    if (text_is_digit((unsigned char)c))
        return rest * 10 + (unsigned)(c - '0');
    return rest * 100 + upper(c) - 'A' + 10;
}

/* Letters all small or all capital: a word in another case is no part of an account. */
static bool is_one_case(const char *account, size_t length)
{
    bool upper_seen = false;
    bool lower_seen = false;
    for (size_t i = 0; i < length; i++) {
        upper_seen |= text_is_upper((unsigned char)account[i]);
        lower_seen |= account[i] >= 'a' && account[i] <= 'z';
    }
    return !(upper_seen && lower_seen);
}

/* Exactly `length` letters and digits, single spaces, hyphens or dots between; their end, or 0. */
static size_t read_account(struct reading *reading, size_t start, size_t length, char *account)
{
    size_t at = start;
    for (size_t n = 0; n < length; n++) {
        int c = reading_at(reading, at);
        if (n > 0 && (c == ' ' || c == '-' || c == '.'))
            c = reading_at(reading, ++at);
        if (c < 0 || c >= 0x80 || !text_is_alnum((unsigned char)c))
            return 0;
        account[n] = (char)c;
        at++;
    }
    return at;
}

static enum verdict read_iban(struct reading *reading, size_t start)
{
    char account[IBAN_MAX];
    size_t length = read_head(reading, start);
    size_t end = length ? read_account(reading, start, length, account) : 0;
    if (!end || !is_one_case(account, length) || word_goes_on(reading, end))
        return VERDICT_INVALID;
    uint64_t rest = 0;
    for (size_t i = 4; i < length; i++)
        rest = add_mod97(rest, account[i]);
    for (size_t i = 0; i < 4; i++)
        rest = add_mod97(rest, account[i]);
    if (rest % 97 != 1)
        return VERDICT_INVALID;
    reading->end = end;
    return VERDICT_VALID;
}

const struct locator locate_iban = {.read = read_iban,
                                    .max_span = SPAN_MAX,
                                    .start = "a-zA-Z",
                                    .inside = "0-9a-zA-Z .-",
                                    .third = "0-9"};

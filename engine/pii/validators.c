/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/validators.h"

#include "pattern/text.h"

#define ROW_LOCATE(function) .locator = &locate_##function
#define ROW_CHECK(function)  .check = check_##function
#define ROW_RUN(function)    .run = run_##function
#define ROW_SURE(function)   .run = run_##function, .sure = true
static const struct validator validators[] = {
#define VALIDATOR(id, function, kind, text) {.name = #id, ROW_##kind(function), .doc = text},
#include "pii/validators.def"
};

const struct validator *validators_all(size_t *ret_n)
{
    *ret_n = sizeof validators / sizeof *validators;
    return validators;
}

const struct validator *validator_find(struct dvara_str name)
{
    for (size_t i = 0; i < sizeof validators / sizeof *validators; i++) {
        if (dvara_str_eq(name, dvara_str_from_cstr(validators[i].name)))
            return &validators[i];
    }
    return NULL;
}

bool number_may_start_behind(struct dvara_str text, size_t start)
{
    char before = text.p[start - 1];
    if (before == '_' || text_word_before(text, start))
        return false;
    bool joins = before == '-' || before == '.';
    return !(joins && start > 1 && text_is_digit((unsigned char)text.p[start - 2]));
}

/* Does UTF-8 of a code point begin at `at` and run past the end? Then its kind is not known yet. */
static bool is_cut(struct dvara_str text, size_t at)
{
    unsigned char lead = (unsigned char)text.p[at];
    size_t need = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
    return need > text.n - at;
}

bool word_goes_on(struct reading *reading, size_t end)
{
    int c = reading_at(reading, end);
    if (c == READING_END)
        return false;
    if (c < 0x80)
        return c == '_' || text_is_alnum((unsigned char)c);
    if (is_cut(reading->text, end))
        reading->touched = true;
    return text_word_at(reading->text, end);
}

bool number_may_end(struct reading *reading, size_t end)
{
    if (word_goes_on(reading, end))
        return false;
    int c = reading_at(reading, end);
    if (c != '-' && c != '.')
        return true;
    int next = reading_at(reading, end + 1);
    return next == READING_END || !text_is_digit((unsigned char)next);
}

static bool is_hex(int c)
{
    return c >= 0 && (text_is_digit((unsigned char)c) || ((c | 32) >= 'a' && (c | 32) <= 'f'));
}

bool in_uuid(struct reading *reading, size_t start, size_t end)
{
    enum { UUID = 36 };
    static const char shape[UUID + 1] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    struct dvara_str text = reading->text;
    bool joined = (start > 0 && text.p[start - 1] == '-') || reading_at(reading, end) == '-';
    size_t begin = start;
    while (joined && begin > 0 && start - begin < UUID &&
           (is_hex((unsigned char)text.p[begin - 1]) || text.p[begin - 1] == '-'))
        begin--;
    if (!joined || end > begin + UUID)
        return false;
    for (size_t i = 0; i < UUID; i++) {
        int c = reading_at(reading, begin + i);
        if (shape[i] == '-' ? c != '-' : !is_hex(c))
            return false;
    }
    return !is_hex(reading_at(reading, begin + UUID));
}

bool luhn_holds(const uint8_t *digits, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned d = digits[n - 1 - i];
        if (i % 2)
            d = d * 2 > 9 ? d * 2 - 9 : d * 2;
        sum += d;
    }
    return n > 0 && sum % 10 == 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of Italian agencies. */
#include "pii/checks.h"

/* Omocodia: where two people would share a code, letters stand for digits. */
static bool digit_of(char c, unsigned *ret_digit)
{
    static const char letters[] = "LMNPQRSTUV";
    if (c >= '0' && c <= '9') {
        *ret_digit = (unsigned)(c - '0');
        return true;
    }
    const char *place = strchr(letters, c);
    if (!place || !c)
        return false;
    *ret_digit = (unsigned)(place - letters);
    return true;
}

static bool number_at(const struct run *run, size_t at, size_t n, unsigned *ret_number)
{
    *ret_number = 0;
    for (size_t i = at; i < at + n; i++) {
        unsigned digit;
        if (!digit_of(run->c[i], &digit))
            return false;
        *ret_number = *ret_number * 10 + digit;
    }
    return true;
}

/* D.M. 12 March 1974: letters of the names, year, month letter, day (women +40), place, check. */
static bool birth_holds(const struct run *run)
{
    static const char months[] = "ABCDEHLMPRST";
    unsigned year;
    unsigned day;
    unsigned place;
    const char *month = strchr(months, run->c[8]);
    if (!month || !number_at(run, 6, 2, &year) || !number_at(run, 9, 2, &day) ||
        !number_at(run, 12, 3, &place) || !run_has_letters(run, 11, 1))
        return false;
    return short_date_exists(year, (unsigned)(month - months) + 1, day > 40 ? day - 40 : day);
}

enum verdict run_it_fiscal_code(const struct run *run)
{
    /* What characters count in odd places: 0-9 as A-J, then K-Z. */
    static const uint8_t odd[] = {1,  0,  5, 7, 9, 13, 15, 17, 19, 21, 2,  4,  18,
                                  20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23};
    if (run->n != 16 || !run_has_letters(run, 0, 6) || !run_has_letters(run, 15, 1) ||
        !birth_holds(run))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i < 15; i++) {
        unsigned value = run_value(run, i);
        value = value >= 10 ? value - 10 : value;
        sum += i % 2 ? value : odd[value];
    }
    return judge_strong((unsigned)(run->c[15] - 'A') == sum % 26);
}

/* Partita IVA: seven digits, the province's office, Luhn. */
enum verdict run_it_vat(const struct run *run)
{
    size_t at = run_begins(run, "IT") ? 2 : 0;
    if (run->n != at + 11 || !run_has_luhn(run, at, 11) || run_number(run, at, 7) == 0)
        return VERDICT_INVALID;
    unsigned office = (unsigned)run_number(run, at + 7, 3);
    bool used = (office >= 1 && office <= 100) || office == 120 || office == 121 || office == 888 ||
                office == 999;
    return used ? VERDICT_VALID : VERDICT_UNKNOWN;
}

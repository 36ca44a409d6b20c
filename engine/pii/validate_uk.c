/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of British agencies that are no plain weighted sum. */
#include "pii/checks.h"

/* HMRC's NIM39110: letters that are not used, prefixes that are not allocated. The suffix may be
 * missing. */
enum verdict run_uk_nino(const struct run *run)
{
    static const char never[] = "BGGBKNNKNTTNZZ";
    if ((run->n != 8 && run->n != 9) || !run_has_letters(run, 0, 2) || !run_has_digits(run, 2, 6) ||
        (run->n == 9 && !run_is_one(run, 8, "ABCD")))
        return VERDICT_INVALID;
    if (run_is_one(run, 0, "DFIQUV") || run_is_one(run, 1, "DFIOQUV") ||
        run_pair_is_one(run, 0, never))
        return VERDICT_INVALID;
    return run->n == 9 ? VERDICT_VALID : VERDICT_UNKNOWN;
}

/* Unique taxpayer reference: the check digit comes first. */
enum verdict run_uk_utr(const struct run *run)
{
    static const int16_t weights[] = {6, 7, 8, 9, 10, 5, 4, 3, 2};
    static const char checks[] = "21987654321";
    size_t at = run->n == 11 && run->c[10] == 'K' ? 10 : run->n;
    if (at != 10 || !run_has_digits(run, 0, 10) || run_number(run, 0, 10) == 0)
        return VERDICT_INVALID;
    return judge_weak(run, checks[run_weigh(run, 1, weights, 9, 11)] == run->c[0]);
}

/* Value added tax: weights 8 to 2, and two check digits modulo 97, since 2010 with 55 added
 * or, from 100 on, 42. */
enum verdict run_uk_vat(const struct run *run)
{
    static const int16_t weights[] = {8, 7, 6, 5, 4, 3, 2};
    size_t at = run_begins(run, "GB") ? 2 : 0;
    size_t n = run->n - at;
    if ((n != 9 && n != 12) || !run_has_digits(run, at, n))
        return VERDICT_INVALID;
    unsigned rest =
        (run_weigh(run, at, weights, 7, 97) + (unsigned)run_number(run, at + 7, 2)) % 97;
    bool newer = rest == 42 || (rest == 55 && run->c[at] != '0');
    bool holds = (rest == 0 || newer) && run_number(run, at, 7) > 0;
    return at ? judge_strong(holds) : judge_weak(run, holds);
}

/* DVLA: surname in five places filled with 9, decade, month (women +50), day, year's last digit,
 * initials, two check characters of an unpublished kind after an arbitrary digit or letter. */
enum verdict run_uk_driving_licence(const struct run *run)
{
    if ((run->n != 16 && run->n != 18) || !run_has_digits(run, 5, 6) || !run_has_letters(run, 0, 1))
        return VERDICT_INVALID;
    bool filled = false;
    for (size_t i = 1; i < 5; i++) {
        bool nine = run->c[i] == '9';
        if ((filled && !nine) || (!nine && !run_has_letters(run, i, 1)))
            return VERDICT_INVALID;
        filled |= nine;
    }
    for (size_t i = 11; i < 13; i++) {
        if (run->c[i] != '9' && !run_has_letters(run, i, 1))
            return VERDICT_INVALID;
    }
    if ((run->c[11] == '9' && run->c[12] != '9') || !run_has_letters(run, 14, 2))
        return VERDICT_INVALID;
    unsigned month = (unsigned)run_number(run, 6, 2);
    unsigned year = (unsigned)run_number(run, 5, 1) * 10 + (unsigned)run_number(run, 10, 1);
    return judge_strong(
        short_date_exists(year, month > 50 ? month - 50 : month, (unsigned)run_number(run, 8, 2)));
}

/* Registration marks since 1903; a memory tag I or Q and an age of no half-year are none. The
 * current form is valid, older ones are unknown. */
enum verdict run_uk_plate(const struct run *run)
{
    if (run->n == 7 && run_has_letters(run, 0, 2) && run_has_digits(run, 2, 2)) {
        unsigned age = (unsigned)run_number(run, 2, 2);
        bool used = (age >= 2 && age <= 29) || (age >= 51 && age <= 79);
        for (size_t i = 4; i < 7; i++)
            used &= run_has_letters(run, i, 1) && !run_is_one(run, i, "IQ");
        used &= !run_is_one(run, 0, "IQZJTU") && !run_is_one(run, 1, "IQZ");
        return used && !run_is_capital(run) ? VERDICT_UNKNOWN : judge_strong(used);
    }
    size_t letters = 0;
    while (letters < run->n && run_has_letters(run, letters, 1))
        letters++;
    size_t digits = letters;
    while (digits < run->n && run_has_digits(run, digits, 1))
        digits++;
    size_t tail = run->n - digits;
    bool plain = digits - letters >= 1 && digits - letters <= 3 && run->c[letters] != '0' &&
                 run_has_letters(run, digits, tail);
    for (size_t i = 0; i < run->n; i++)
        plain &= run->c[i] != 'Q' || letters == 1;
    bool prefix = letters == 1 && tail == 3 && !run_is_one(run, 0, "IOUZ");
    bool suffix = letters == 3 && tail == 1 && !run_is_one(run, run->n - 1, "IOQUZ");
    return plain && (prefix || suffix) && run->c[run->n - 1] != 'I' ? VERDICT_UNKNOWN
                                                                    : VERDICT_INVALID;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of US agencies that have more than digits or more than a sum. */
#include "pii/checks.h"

/* IRS: 9XX, a group in use for individuals, a serial. 93 is for adoptions (us_atin). */
enum verdict run_us_itin(const struct run *run)
{
    if (!run_is_number(run, 9) || run->c[0] != '9')
        return VERDICT_INVALID;
    unsigned group = (unsigned)run_number(run, 3, 2);
    bool used = (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
                (group >= 90 && group <= 92) || (group >= 94 && group <= 99);
    /* Both separators, and the same one. */
    bool shaped = run->span.n == 11 && run->span.p[3] == run->span.p[6];
    return !used ? VERDICT_INVALID : shaped ? VERDICT_VALID : VERDICT_UNKNOWN;
}

enum verdict run_us_atin(const struct run *run)
{
    return judge_weak(run,
                      run_is_number(run, 9) && run->c[0] == '9' && run_number(run, 3, 2) == 93);
}

/* The prefixes that IRS campuses and the internet assign. */
enum verdict run_us_ein(const struct run *run)
{
    static const char unused[] = "00070809171819282949697879899697";
    return judge_weak(run, run_is_number(run, 9) && !run_pair_is_one(run, 0, unused) &&
                               run_number(run, 2, 7) > 0);
}

/* CMS: ten digits, Luhn over them after the issuer prefix 80840, which adds 24 to the sum. */
enum verdict run_us_npi(const struct run *run)
{
    if (!run_is_number(run, 10) || (run->c[0] != '1' && run->c[0] != '2') ||
        run_number(run, 1, 9) % 111111111 == 0)
        return VERDICT_INVALID;
    uint8_t digits[15] = {8, 0, 8, 4, 0};
    for (size_t i = 0; i < 10; i++)
        digits[5 + i] = (uint8_t)run_value(run, i);
    return judge_weak(run, luhn_holds(digits, 15));
}

/* DEA: type of registrant, first letter of the name (9: a business), seven digits. */
enum verdict run_us_dea(const struct run *run)
{
    static const int16_t weights[] = {1, 2, 1, 2, 1, 2};
    if (run->n != 9 || !run_is_one(run, 0, "ABCDEFGHJKLMPRSTUX") || !run_has_digits(run, 2, 7) ||
        (run->c[1] != '9' && !run_has_letters(run, 1, 1)))
        return VERDICT_INVALID;
    unsigned sum = run_weigh(run, 2, weights, 6, 10);
    return judge_strong(sum == run_value(run, 8));
}

/* Medicare beneficiary identifier: eleven places, each with its alphabet. */
enum verdict run_us_mbi(const struct run *run)
{
    static const char letters[] = "ACDEFGHJKMNPQRTUVWXY";
    static const char kinds[] = "9A#9A#9AA99"; /* 9: digit, A: letter, #: either */
    if (run->n != 11 || run->c[0] == '0')
        return VERDICT_INVALID;
    for (size_t i = 0; i < 11; i++) {
        bool digit = run_has_digits(run, i, 1);
        bool letter = run_is_one(run, i, letters);
        if ((kinds[i] == '9' && !digit) || (kinds[i] == 'A' && !letter) || (!digit && !letter))
            return VERDICT_INVALID;
    }
    return run->grouped ? VERDICT_VALID : VERDICT_UNKNOWN;
}

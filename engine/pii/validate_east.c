/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of central and eastern European agencies that are no plain weighted sum. */
#include "pii/checks.h"

/* Rodné číslo, Czech and Slovak: women add 50 to the month, and 20 more where a day has run out of
 * numbers. Nine digits until 1953, ten since, divisible by 11. */
enum verdict run_cz_birth_number(const struct run *run)
{
    if (!run_is_number(run, 9) && !run_is_number(run, 10))
        return VERDICT_INVALID;
    unsigned year = (unsigned)run_number(run, 0, 2);
    unsigned month = (unsigned)run_number(run, 2, 2);
    month -= month > 70 ? 70 : month > 50 ? 50 : month > 20 ? 20 : 0;
    if (!short_date_exists(year, month, (unsigned)run_number(run, 4, 2)))
        return VERDICT_INVALID;
    if (run->n == 9)
        return year <= 53 && run->c[6] != '0' ? VERDICT_UNKNOWN : VERDICT_INVALID;
    uint64_t value = run_number(run, 0, 10);
    /* Until 1985 a remainder of 10 was written 0. */
    bool holds =
        value % 11 == 0 || (run->c[9] == '0' && value / 10 % 11 == 10 && year >= 54 && year <= 85);
    return judge_weak(run, holds);
}

/* IČO, of which DIČ is CZ and it: weights 8 to 2, modulo 11. */
enum verdict run_cz_ico(const struct run *run)
{
    static const int16_t weights[] = {8, 7, 6, 5, 4, 3, 2};
    size_t at = run_begins(run, "CZ") ? 2 : 0;
    if (run->n != at + 8 || !run_has_digits(run, at, 8) || run_number(run, at, 8) == 0)
        return VERDICT_INVALID;
    unsigned rest = (11 - run_weigh(run, at, weights, 7, 11)) % 11;
    bool holds = (rest == 0 ? 1 : rest % 10) == run_value(run, at + 7);
    return at ? judge_strong(holds) : judge_weak(run, holds);
}

/* The century and sex in the first digit, 1 to 8, birthday, serial; a second row of weights where
 * the first gives 10. Estonia's isikukood and Lithuania's asmens kodas. */
static bool baltic_holds(const struct run *run)
{
    static const int16_t first[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 1};
    static const int16_t second[] = {3, 4, 5, 6, 7, 8, 9, 1, 2, 3};
    if (!run_is_number(run, 11) || !run_is_one(run, 0, "12345678"))
        return false;
    unsigned year = 1800 + (run_value(run, 0) - 1) / 2 * 100 + (unsigned)run_number(run, 1, 2);
    if (!run_is_date(year, (unsigned)run_number(run, 3, 2), (unsigned)run_number(run, 5, 2)))
        return false;
    unsigned check = run_weigh(run, 0, first, 10, 11);
    if (check == 10)
        check = run_weigh(run, 0, second, 10, 11) % 10;
    return check == run_value(run, 10);
}

enum verdict run_ee_isikukood(const struct run *run)
{
    return judge_strong(baltic_holds(run));
}

enum verdict run_lt_asmens_kodas(const struct run *run)
{
    return judge_strong(baltic_holds(run));
}

/* Personas kods: birthday and century with a check digit; those given out since 2017 begin with 32
 * to 39 and tell nothing. */
enum verdict run_lv_personas_kods(const struct run *run)
{
    static const int16_t weights[] = {1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    if (!run_is_number(run, 11))
        return VERDICT_INVALID;
    if (run->c[0] == '3' && run->c[1] >= '2')
        return VERDICT_UNKNOWN;
    if (!run_is_one(run, 6, "012") ||
        !run_is_date(1800 + run_value(run, 6) * 100 + (unsigned)run_number(run, 4, 2),
                     (unsigned)run_number(run, 2, 2), (unsigned)run_number(run, 0, 2)))
        return VERDICT_INVALID;
    unsigned sum = run_weigh(run, 0, weights, 10, 11);
    unsigned check = (1 + 11 - sum) % 11 % 10;
    return judge_strong(check == run_value(run, 10));
}

/* CUI: up to nine digits and a check digit, weights 7 5 3 2 1 7 5 3 2 from the right. */
enum verdict run_ro_cui(const struct run *run)
{
    static const int16_t weights[] = {7, 5, 3, 2, 1, 7, 5, 3, 2};
    size_t at = run_begins(run, "RO") ? 2 : 0;
    size_t n = run->n - at;
    if (n < 4 || n > 10 || !run_has_digits(run, at, n) || run->c[at] == '0')
        return VERDICT_INVALID;
    unsigned sum = run_weigh(run, at, weights + 10 - n, n - 1, 11);
    bool holds = sum * 10 % 11 % 10 == run_value(run, run->n - 1);
    return at ? judge_strong(holds) : judge_weak(run, holds);
}

/* EIK: nine digits, weights 1 to 8, then 3 to 10 where the first gives 10. */
enum verdict run_bg_eik(const struct run *run)
{
    static const int16_t first[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const int16_t second[] = {3, 4, 5, 6, 7, 8, 9, 10};
    size_t at = run_begins(run, "BG") ? 2 : 0;
    if (run->n != at + 9 || !run_has_digits(run, at, 9) || run_number(run, at, 9) == 0)
        return VERDICT_INVALID;
    unsigned check = run_weigh(run, at, first, 8, 11);
    if (check == 10)
        check = run_weigh(run, at, second, 8, 11) % 10;
    bool holds = check == run_value(run, at + 8);
    return at ? judge_strong(holds) : judge_weak(run, holds);
}

/* OIB: ISO 7064 mod 11,10. */
enum verdict run_hr_oib(const struct run *run)
{
    size_t at = run_begins(run, "HR") ? 2 : 0;
    if (run->n != at + 11 || !run_has_digits(run, at, 11))
        return VERDICT_INVALID;
    bool holds = run_mod11_10(run, at, 11);
    return at ? judge_strong(holds) : judge_weak(run, holds);
}

/* AMKA: birthday of six digits, serial, Luhn. */
enum verdict run_gr_amka(const struct run *run)
{
    return judge_strong(run_is_number(run, 11) && run_has_luhn(run, 0, 11) &&
                        short_date_exists((unsigned)run_number(run, 4, 2),
                                          (unsigned)run_number(run, 2, 2),
                                          (unsigned)run_number(run, 0, 2)));
}

/* Dowód osobisty: three letters, six digits of which the first checks; passports: two letters,
 * seven digits of which the first checks. Weights 7 3 1 over the rest, letters from 10 on. */
enum verdict run_pl_id_card(const struct run *run)
{
    static const int16_t weights[] = {7, 3, 1, -1, 7, 3, 1, 7, 3};
    return judge_weak(run, run->n == 9 && run_has_letters(run, 0, 3) && run_has_digits(run, 3, 6) &&
                               run_weigh(run, 0, weights, 9, 10) == 0);
}

enum verdict run_pl_passport(const struct run *run)
{
    static const int16_t weights[] = {7, 3, -1, 1, 7, 3, 1, 7, 3};
    return judge_weak(run, run->n == 9 && run_has_letters(run, 0, 2) && run_has_digits(run, 2, 7) &&
                               run_weigh(run, 0, weights, 9, 10) == 0);
}

/* SNILS: nine digits with weights 9 to 1, two check digits modulo 101. */
enum verdict run_ru_snils(const struct run *run)
{
    static const int16_t weights[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    return judge_strong(run_is_number(run, 11) && run_number(run, 0, 9) > 1001998 &&
                        run_weigh(run, 0, weights, 9, 101) % 100 == run_number(run, 9, 2));
}

/* OGRN: twelve digits modulo 11; OGRNIP: fourteen modulo 13; the last digit of it. */
enum verdict run_ru_ogrn(const struct run *run)
{
    if (!run_is_number(run, 13) && !run_is_number(run, 15))
        return VERDICT_INVALID;
    uint64_t rest = run_number(run, 0, run->n - 1) % (run->n == 13 ? 11 : 13);
    return judge_weak(run, run_is_one(run, 0, run->n == 13 ? "1235" : "34") &&
                               rest % 10 == run_value(run, run->n - 1));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of German agencies and insurers. */
#include "pii/checks.h"

#include <string.h>

/* Steuerliche Identifikationsnummer, § 139b AO: mod 11,10; among the first ten digits exactly one
 * occurs twice or three times, and all others at most once; not three equal in a row. */
enum verdict run_de_tax_id(const struct run *run)
{
    if (!run_is_number(run, 11) || run->c[0] == '0')
        return VERDICT_INVALID;
    unsigned counts[10] = {0};
    unsigned repeated = 0;
    for (size_t i = 0; i < 10; i++)
        counts[run->c[i] - '0']++;
    for (size_t d = 0; d < 10; d++) {
        if (counts[d] > 3)
            return VERDICT_INVALID;
        repeated += counts[d] > 1;
    }
    for (size_t i = 2; i < 10; i++) {
        if (run->c[i] == run->c[i - 1] && run->c[i] == run->c[i - 2])
            return VERDICT_INVALID;
    }
    if (!run_mod11_10(run, 0, 11))
        return VERDICT_INVALID;
    /* Before 2016 one digit had to repeat; what has none is a test number of the authorities. */
    return repeated == 1 ? VERDICT_VALID : repeated == 0 ? VERDICT_UNKNOWN : VERDICT_INVALID;
}

/* Umsatzsteuer-Identifikationsnummer: the check is not official, so a failure is only unknown. */
enum verdict run_de_vat(const struct run *run)
{
    if (run->n != 11 || !run_begins(run, "DE") || !run_has_digits(run, 2, 9) || run->c[2] == '0')
        return VERDICT_INVALID;
    return run_mod11_10(run, 2, 9) ? VERDICT_VALID : VERDICT_UNKNOWN;
}

/* Sum of the digits of each product. */
static unsigned digit_sums(const uint8_t *digits, const uint8_t *weights, size_t n)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned product = (unsigned)digits[i] * weights[i];
        sum += product / 10 + product % 10;
    }
    return sum;
}

/* A letter as the two digits of its place in the alphabet, among digits. */
static void spread(const struct run *run, size_t letter, size_t n, uint8_t *ret_digits)
{
    for (size_t i = 0, at = 0; i < n; i++) {
        unsigned value = run_value(run, i);
        if (i == letter) {
            value -= 9;
            ret_digits[at++] = (uint8_t)(value / 10);
            value %= 10;
        }
        ret_digits[at++] = (uint8_t)value;
    }
}

/* Versicherungsnummer der Rentenversicherung, § 147 SGB VI: area, birthday, initial, serial. */
enum verdict run_de_rvnr(const struct run *run)
{
    static const uint8_t weights[] = {2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1};
    if (run->n != 12 || !run_has_digits(run, 0, 8) || !run_has_letters(run, 8, 1) ||
        !run_has_digits(run, 9, 3) || run_number(run, 0, 2) < 2 || run_number(run, 0, 2) > 89)
        return VERDICT_INVALID;
    unsigned day = (unsigned)run_number(run, 2, 2);
    unsigned month = (unsigned)run_number(run, 4, 2);
    /* Supplementary numbers add 50 to the day. */
    if (!short_date_exists((unsigned)run_number(run, 6, 2), month, day > 50 ? day - 50 : day))
        return VERDICT_INVALID;
    uint8_t digits[12];
    spread(run, 8, 11, digits);
    return judge_strong(digit_sums(digits, weights, 12) % 10 == run_value(run, 11));
}

/* Krankenversichertennummer, § 290 SGB V: a letter, eight digits, a check digit. */
enum verdict run_de_kvnr(const struct run *run)
{
    static const uint8_t weights[] = {1, 2, 1, 2, 1, 2, 1, 2, 1, 2};
    if (run->n != 10 || !run_has_letters(run, 0, 1) || !run_has_digits(run, 1, 9))
        return VERDICT_INVALID;
    uint8_t digits[10];
    spread(run, 0, 9, digits);
    bool holds = digit_sums(digits, weights, 10) % 10 == run_value(run, 9);
    return holds ? VERDICT_VALID : VERDICT_INVALID;
}

/* Betriebsstättennummer: the first two digits are the Kassenärztliche Vereinigung. No checksum. */
enum verdict run_de_bsnr(const struct run *run)
{
    return run_is_number(run, 9) && !run_is_uniform(run) ? VERDICT_UNKNOWN : VERDICT_INVALID;
}

/* ICAO 9303: weights 7, 3, 1 over 0-9 and A-Z. */
static bool icao_holds(const struct run *run, size_t n)
{
    static const int16_t weights[] = {7, 3, 1, 7, 3, 1, 7, 3, 1};
    return run_has_digits(run, n, 1) && run_weigh(run, 0, weights, n, 10) == run_value(run, n);
}

/* The letters and digits of serial numbers of passports and cards since 2007. */
static bool is_serial(const struct run *run)
{
    for (size_t i = 0; i < run->n; i++) {
        if (!run_is_one(run, i, "0123456789CFGHJKLMNPRTVWXYZ"))
            return false;
    }
    return true;
}

/* Nine places with the check digit at the end; ten with it after. */
enum verdict run_de_passport(const struct run *run)
{
    if ((run->n != 9 && run->n != 10) || !is_serial(run) ||
        !run_is_one(run, 0, "CFGHJKLMNPRTVWXYZ"))
        return VERDICT_INVALID;
    return judge_strong(icao_holds(run, run->n - 1));
}

/* Cards since 2010 as above; older and provisional ones are T and eight digits without a check. */
enum verdict run_de_id_card(const struct run *run)
{
    if (run->n == 9 && run->c[0] == 'T' && run_has_digits(run, 1, 8))
        return icao_holds(run, 8) ? VERDICT_VALID : VERDICT_UNKNOWN;
    return run_de_passport(run);
}

/* Steuernummer. Thirteen digits in the unified form: the state's code, a zero in the fifth place. A
 * form that puts the number of the state first is in use too, and unknown. The states' own forms
 * are told by their slashes. */
enum verdict run_de_tax_number(const struct run *run)
{
    static const char states[] = "2811242226232721"
                                 "10";
    if (run->n == 9 && run->grouped)
        return judge_form(run_has_digits(run, 0, 9));
    if (run->n < 10 || !run_is_number(run, run->n) || run_is_uniform(run))
        return VERDICT_INVALID;
    if (run->n == 10 && !memchr(run->span.p, '/', run->span.n))
        return judge_form(run->grouped); /* as telephone numbers are */
    if (run->n == 10 || run->n == 11)
        return judge_strong(run->grouped);
    if (run->n != 13)
        return VERDICT_INVALID;
    bool known = run_pair_is_one(run, 0, states) || run_is_one(run, 0, "3459");
    if (known && run->c[4] == '0') /* and so has one number of thirteen digits in twenty-five */
        return VERDICT_WEAK;
    unsigned state = (unsigned)run_number(run, 0, 2);
    return state >= 1 && state <= 16 ? VERDICT_UNKNOWN : VERDICT_INVALID;
}

/* Führerscheinnummer: office (four), serial (five), check character modulo 11, copy. Two letters
 * and eight digits without it are an older form. */
enum verdict run_de_driving_licence(const struct run *run)
{
    static const int16_t weights[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    if (run->n != 11)
        return VERDICT_INVALID;
    unsigned rest = run_weigh(run, 0, weights, 9, 11);
    if (run_has_digits(run, 1, 2) && run->c[9] == "0123456789X"[rest])
        return VERDICT_VALID;
    return run_has_letters(run, 0, 2) && run_has_digits(run, 2, 8) ? VERDICT_UNKNOWN
                                                                   : VERDICT_INVALID;
}

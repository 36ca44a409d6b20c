/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of the Low Countries, Switzerland and Austria, Ireland, Portugal. */
#include "pii/checks.h"

/* Rijksregisternummer: birthday, serial, 97 minus the number modulo 97, with a 2 before it for
 * births since 2000. Bis numbers add 20 or 40 to the month. */
enum verdict run_be_national(const struct run *run)
{
    if (!run_is_number(run, 11))
        return VERDICT_INVALID;
    unsigned month = (unsigned)run_number(run, 2, 2);
    unsigned day = (unsigned)run_number(run, 4, 2);
    month -= month > 40 ? 40 : month > 20 ? 20 : 0;
    /* An unknown month or day is 00. */
    if (month > 12 || day > 31 || run_number(run, 6, 3) == 0 ||
        (month && day && !short_date_exists((unsigned)run_number(run, 0, 2), month, day)))
        return VERDICT_INVALID;
    uint64_t value = run_number(run, 0, 9);
    uint64_t check = run_number(run, 9, 2);
    return judge_strong(97 - value % 97 == check || 97 - (2000000000 + value) % 97 == check);
}

/* Ondernemingsnummer: 97 minus the first eight digits modulo 97. */
enum verdict run_be_vat(const struct run *run)
{
    size_t at = run_begins(run, "BE") ? 2 : 0;
    if (run->n != at + 10 || !run_has_digits(run, at, 10) || run_value(run, at) > 1 ||
        run_number(run, at, 8) == 0)
        return VERDICT_INVALID;
    return judge_strong((run_number(run, at, 8) + run_number(run, at + 8, 2)) % 97 == 0);
}

/* Btw-identificatienummer: NL, nine digits, B, two digits. Since 2020 sole traders' numbers are 1
 * modulo 97 as ISO 7064; others are a BSN or RSIN. */
enum verdict run_nl_vat(const struct run *run)
{
    static const int16_t weights[] = {9, 8, 7, 6, 5, 4, 3, 2, -1};
    if (run->n != 14 || !run_begins(run, "NL") || !run_has_digits(run, 2, 9) || run->c[11] != 'B' ||
        !run_has_digits(run, 12, 2) || run_number(run, 12, 2) == 0)
        return VERDICT_INVALID;
    return judge_strong(run_weigh(run, 2, weights, 9, 11) == 0 || run_mod97(run, 0, 14) == 1);
}

/* Identifiantennummer nationale: birthday of eight digits, serial, a Luhn digit and a Verhoeff
 * digit, both over the first eleven. */
enum verdict run_lu_national(const struct run *run)
{
    if (!run_is_number(run, 13) ||
        !run_is_date((unsigned)run_number(run, 0, 4), (unsigned)run_number(run, 4, 2),
                     (unsigned)run_number(run, 6, 2)))
        return VERDICT_INVALID;
    char room[12];
    for (size_t i = 0; i < 11; i++)
        room[i] = run->c[i];
    room[11] = run->c[12];
    return judge_strong(run_has_luhn(run, 0, 12) &&
                        check_verhoeff((struct dvara_str){room, sizeof room}) == VERDICT_VALID);
}

/* Unternehmens-Identifikationsnummer: CHE, weights 5 4 3 2 7 6 5 4, modulo 11. */
enum verdict run_ch_uid(const struct run *run)
{
    static const int16_t weights[] = {5, 4, 3, 2, 7, 6, 5, 4, 1};
    return judge_strong(run->n >= 12 && run_begins(run, "CHE") && run_has_digits(run, 3, 9) &&
                        run_number(run, 3, 9) > 0 && run_weigh(run, 3, weights, 9, 11) == 0);
}

/* UID: ATU and eight digits, Luhn's sum with 4 added. */
enum verdict run_at_vat(const struct run *run)
{
    if (run->n != 11 || !run_begins(run, "ATU") || !run_has_digits(run, 3, 8))
        return VERDICT_INVALID;
    unsigned sum = 4;
    for (size_t i = 0; i < 7; i++) {
        unsigned d = run_value(run, 3 + i);
        sum += i % 2 ? d * 2 / 10 + d * 2 % 10 : d;
    }
    return judge_strong((10 - sum % 10) % 10 == run_value(run, 10));
}

/* Personal public service number: weights 8 to 2, a second letter counts nine times, modulo 23. */
enum verdict run_ie_pps(const struct run *run)
{
    static const int16_t weights[] = {8, 7, 6, 5, 4, 3, 2};
    static const char letters[] = "WABCDEFGHIJKLMNOPQRSTUV";
    if ((run->n != 8 && run->n != 9) || !run_has_digits(run, 0, 7) ||
        !run_has_letters(run, 7, run->n - 7))
        return VERDICT_INVALID;
    unsigned sum = run_weigh(run, 0, weights, 7, 23);
    if (run->n == 9) {
        if (!run_is_one(run, 8, "ABHWTX"))
            return VERDICT_INVALID;
        sum += run->c[8] == 'W' ? 0 : 9 * (run_value(run, 8) - 9);
    }
    return judge_strong(letters[sum % 23] == run->c[7]);
}

/* Eircode: a routing key of An Post, four characters without those that mislead. */
enum verdict run_ie_eircode(const struct run *run)
{
    if (run->n != 7 || !run_is_one(run, 0, "ACDEFHKNPRTVWXY") ||
        !(run_has_digits(run, 1, 2) || (run_begins(run, "D6W"))))
        return VERDICT_INVALID;
    for (size_t i = 3; i < 7; i++) {
        if (!run_is_one(run, i, "0123456789ACDEFHKNPRTVWXY"))
            return VERDICT_INVALID;
    }
    return VERDICT_UNKNOWN;
}

/* Cartão de cidadão: eight digits, a check digit, two letters or digits, a check digit; Luhn with
 * letters from 10 on. */
enum verdict run_pt_cc(const struct run *run)
{
    if (run->n != 12 || !run_has_digits(run, 0, 9) || !run_has_digits(run, 11, 1))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i < 12; i++) {
        unsigned value = run_value(run, 11 - i);
        if (i % 2)
            value = value * 2 > 9 ? value * 2 - 9 : value * 2;
        sum += value;
    }
    if (sum % 10 != 0)
        return VERDICT_INVALID;
    return run_has_digits(run, 9, 2) ? VERDICT_WEAK : VERDICT_VALID;
}

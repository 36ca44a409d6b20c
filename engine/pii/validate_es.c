/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of Spanish agencies and banks. */
#include "pii/checks.h"

/* Real Decreto 1553/2005: the number modulo 23 gives the letter. */
static bool letter_holds(uint64_t value, char letter)
{
    return "TRWAGMYFPDXBNJZSQVHLCKE"[value % 23] == letter;
}

/* Documento nacional de identidad: seven or eight digits and the letter. K, L and M numbers of
 * people without a document have a letter before seven digits. */
enum verdict run_es_nif(const struct run *run)
{
    if (run->n < 8 || run->n > 9)
        return VERDICT_INVALID;
    size_t from = run->n == 9 && run_is_one(run, 0, "KLM") ? 1 : 0;
    size_t digits = run->n - 1 - from;
    if (!run_has_digits(run, from, digits) ||
        !letter_holds(run_number(run, from, digits), run->c[run->n - 1]))
        return VERDICT_INVALID;
    /* Before a space the letter may be a word, or a unit. */
    bool apart = run->span.n > 1 && run->span.p[run->span.n - 2] == ' ';
    return apart ? VERDICT_WEAK : VERDICT_VALID;
}

/* Número de identidad de extranjero: X, Y, Z stand for 0, 1, 2. */
enum verdict run_es_nie(const struct run *run)
{
    if (run->n != 9 || !run_is_one(run, 0, "XYZ") || !run_has_digits(run, 1, 7))
        return VERDICT_INVALID;
    uint64_t value = (uint64_t)(run->c[0] - 'X') * 10000000 + run_number(run, 1, 7);
    return judge_strong(letter_holds(value, run->c[8]));
}

/* Companies: a letter, seven digits, and a Luhn digit or the letter for it, by the first letter. */
enum verdict run_es_cif(const struct run *run)
{
    if (run->n != 9 || !run_is_one(run, 0, "ABCDEFGHJNPQRSUVW") || !run_has_digits(run, 1, 7))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 1; i < 8; i++) {
        unsigned d = run_value(run, i);
        sum += i % 2 ? d * 2 / 10 + d * 2 % 10 : d;
    }
    unsigned check = (10 - sum % 10) % 10;
    bool digit = run->c[8] == (char)('0' + check);
    bool letter = run->c[8] == "JABCDEFGHI"[check];
    bool holds =
        run_is_one(run, 0, "PQRSNW") ? letter : digit || (letter && !run_is_one(run, 0, "ABEH"));
    return judge_weak(run, holds);
}

/* Código cuenta cliente: bank and branch, account, a check digit modulo 11 for each. */
enum verdict run_es_ccc(const struct run *run)
{
    static const int16_t weights[] = {1, 2, 4, 8, 5, 10, 9, 7, 3, 6};
    if (!run_is_number(run, 20) || run_is_uniform(run))
        return VERDICT_INVALID;
    unsigned bank = run_weigh(run, 0, weights + 2, 8, 11);
    unsigned account = run_weigh(run, 10, weights, 10, 11);
    unsigned first = bank < 2 ? bank : 11 - bank;
    unsigned second = account < 2 ? account : 11 - account;
    return judge_strong(run_value(run, 8) == first && run_value(run, 9) == second);
}

/* Número de afiliación: province, eight digits (seven count when the first is zero), modulo 97. */
enum verdict run_es_nss(const struct run *run)
{
    if (!run_is_number(run, 12) || run_number(run, 0, 10) == 0)
        return VERDICT_INVALID;
    uint64_t province = run_number(run, 0, 2);
    uint64_t serial = run_number(run, 2, 8);
    uint64_t value = province * (serial < 10000000 ? 10000000 : 100000000) + serial;
    return judge_strong(province >= 1 && province <= 66 && value % 97 == run_number(run, 10, 2));
}

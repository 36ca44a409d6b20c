/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of Latin American agencies that are no plain weighted sum. */
#include "pii/checks.h"

/* CNPJ. Since July 2026 the first twelve places may be letters: their value is the ASCII code
 * less 48. */
enum verdict run_br_cnpj(const struct run *run)
{
    static const uint8_t weights[] = {6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2};
    if (run->n != 14 || !run_has_digits(run, 12, 2) || run_is_uniform(run))
        return VERDICT_INVALID;
    for (size_t check = 12; check < 14; check++) {
        unsigned sum = 0;
        for (size_t i = 0; i < check; i++)
            sum += (unsigned)(run->c[i] - '0') * weights[13 - check + i];
        unsigned rest = sum % 11;
        if (run_value(run, check) != (rest < 2 ? 0 : 11 - rest))
            return VERDICT_INVALID;
    }
    return VERDICT_VALID;
}

/* Carteira nacional de habilitação: two check digits, the second lowered by two where the first
 * came to 10 or more. */
enum verdict run_br_cnh(const struct run *run)
{
    static const int16_t down[] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    static const int16_t up[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    if (!run_is_number(run, 11) || run_is_uniform(run))
        return VERDICT_INVALID;
    unsigned first = run_weigh(run, 0, down, 9, 11);
    unsigned second = run_weigh(run, 0, up, 9, 11);
    if (first >= 10) {
        first = 0;
        second = (second + 11 - 2) % 11;
    }
    second = second >= 10 ? 0 : second;
    return judge_strong(run_value(run, 9) == first && run_value(run, 10) == second);
}

/* Título de eleitor: serial, state 01 to 28, two check digits. */
enum verdict run_br_voter(const struct run *run)
{
    static const int16_t serial[] = {2, 3, 4, 5, 6, 7, 8, 9};
    static const int16_t state[] = {7, 8, 9};
    if (!run_is_number(run, 12) || run_number(run, 8, 2) < 1 || run_number(run, 8, 2) > 28)
        return VERDICT_INVALID;
    bool south = run_number(run, 8, 2) <= 2; /* São Paulo and Minas Gerais: 0 becomes 1 */
    unsigned first = run_weigh(run, 0, serial, 8, 11);
    first = first == 10 ? 0 : first == 0 && south ? 1 : first;
    unsigned second = run_weigh(run, 8, state, 3, 11);
    second = second == 10 ? 0 : second == 0 && south ? 1 : second;
    return judge_strong(first == run_value(run, 10) && second == run_value(run, 11));
}

/* Número de seguridad social of the IMSS: eleven digits, Luhn. */
enum verdict run_mx_nss(const struct run *run)
{
    return judge_weak(run,
                      run_is_number(run, 11) && run_has_luhn(run, 0, 11) && !run_is_uniform(run));
}

/* CURP: letters of the names, birthday, sex, state, consonants, century mark, check digit; weights
 * 18 to 2 over an alphabet with Ñ. */
enum verdict run_mx_curp(const struct run *run)
{
    static const char states[] =
        "ASBCBSCCCLCMCSCHDFDGGTGRHGJCMCMNMSNTNLOCPLQTQRSPSLSRTCTSTLVZYNZSNE";
    if (run->n != 18 || !run_has_letters(run, 0, 4) || !run_has_digits(run, 4, 6) ||
        !run_is_one(run, 10, "HMX") || !run_pair_is_one(run, 11, states) ||
        !run_has_letters(run, 13, 3) || !run_has_digits(run, 17, 1))
        return VERDICT_INVALID;
    unsigned century = run_has_digits(run, 16, 1) ? 1900 : 2000;
    if (!run_is_date(century + (unsigned)run_number(run, 4, 2), (unsigned)run_number(run, 6, 2),
                     (unsigned)run_number(run, 8, 2)))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (unsigned i = 0; i < 17; i++) {
        unsigned value = run_value(run, i);
        sum += (value > 23 ? value + 1 : value) * (18 - i);
    }
    return judge_strong((10 - sum % 10) % 10 == run_value(run, 17));
}

/* RFC: three letters of a company or four of a person (& and Ñ too, which the run lacks), date,
 * homoclave; the last character by modulo 11. */
enum verdict run_mx_rfc(const struct run *run)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ";
    if ((run->n != 12 && run->n != 13) || !run_has_letters(run, 0, run->n - 9) ||
        !run_has_digits(run, run->n - 9, 6) ||
        !short_date_exists((unsigned)run_number(run, run->n - 9, 2),
                           (unsigned)run_number(run, run->n - 7, 2),
                           (unsigned)run_number(run, run->n - 5, 2)))
        return VERDICT_INVALID;
    unsigned sum = run->n == 12 ? 481 : 0; /* a company's name is filled with a blank, worth 37 */
    for (size_t i = 0; i + 1 < run->n; i++) {
        const char *place = strchr(alphabet, run->c[i]);
        sum += (unsigned)(place - alphabet) * (unsigned)(run->n - i);
    }
    unsigned rest = 11 - sum % 11;
    char check = rest == 11 ? '0' : rest == 10 ? 'A' : (char)('0' + rest);
    /* The tax office has issued some that fail. */
    return check == run->c[run->n - 1] ? VERDICT_VALID : VERDICT_RETIRED;
}

/* RUT: weights 2 to 7 from the right, modulo 11, K for 10. */
enum verdict run_cl_rut(const struct run *run)
{
    if ((run->n != 8 && run->n != 9) || !run_has_digits(run, 0, run->n - 1) || run->c[0] == '0' ||
        run_is_uniform(run))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < run->n; i++)
        sum += run_value(run, run->n - 2 - i) * (unsigned)(2 + i % 6);
    return judge_weak(run, "0K987654321"[sum % 11] == run->c[run->n - 1]);
}

/* NIT: primes from the right, modulo 11. */
enum verdict run_co_nit(const struct run *run)
{
    static const uint8_t weights[] = {3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71};
    if (run->n < 9 || run->n > 10 || !run_has_digits(run, 0, run->n) || run->c[0] == '0')
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i + 1 < run->n; i++)
        sum += run_value(run, run->n - 2 - i) * weights[i];
    unsigned rest = sum % 11;
    return judge_weak(run, (rest < 2 ? rest : 11 - rest) == run_value(run, run->n - 1));
}

/* Peru's DNI with its check digit or letter after a hyphen. */
enum verdict run_pe_dni(const struct run *run)
{
    static const int16_t weights[] = {3, 2, 7, 6, 5, 4, 3, 2};
    if (run_is_number(run, 8))
        return VERDICT_UNKNOWN;
    if (run->n != 9 || !run_has_digits(run, 0, 8))
        return VERDICT_INVALID;
    unsigned rest = run_weigh(run, 0, weights, 8, 11);
    return judge_weak(run, run->c[8] == "65432110987"[rest] || run->c[8] == "KJIHGFEDCBA"[rest]);
}

/* Ecuador's cédula: province 01 to 24 or 30, third digit under 6, Luhn. */
enum verdict run_ec_cedula(const struct run *run)
{
    if (!run_is_number(run, 10))
        return VERDICT_INVALID;
    unsigned province = (unsigned)run_number(run, 0, 2);
    return judge_weak(run, ((province >= 1 && province <= 24) || province == 30) &&
                               run->c[2] < '6' && run_has_luhn(run, 0, 10));
}

/* Dominican cédula: eleven digits, Luhn. */
enum verdict run_do_cedula(const struct run *run)
{
    return judge_weak(run,
                      run_is_number(run, 11) && run_has_luhn(run, 0, 11) && !run_is_uniform(run));
}

/* Argentina's DNI, Colombia's cédula and their like: only a count of digits. */
enum verdict run_bare_id(const struct run *run)
{
    return judge_form(run_has_digits(run, 0, run->n) && run->n >= 5 && run->c[0] != '0' &&
                      !run_is_uniform(run));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of French agencies and banks. */
#include "pii/checks.h"

/* Numéro d'inscription au répertoire: sex, year, month, department (2A and 2B are Corsica's),
 * commune, serial, and 97 minus the number modulo 97. */
enum verdict run_fr_nir(const struct run *run)
{
    if (run->n != 15 || !run_is_one(run, 0, "123478") || !run_has_digits(run, 0, 6) ||
        !run_has_digits(run, 7, 8))
        return VERDICT_INVALID;
    bool corsica = run->c[5] == '2' && run_is_one(run, 6, "AB");
    if (!corsica && !run_has_digits(run, 6, 1))
        return VERDICT_INVALID;
    unsigned month = (unsigned)run_number(run, 3, 2);
    bool real = (month >= 1 && month <= 12) || (month >= 20 && month <= 42) || month >= 50;
    unsigned department = !corsica ? (unsigned)run_number(run, 5, 2) : run->c[6] == 'A' ? 19 : 18;
    uint64_t value = (run_number(run, 0, 5) * 100 + department) * 1000000 + run_number(run, 7, 6);
    return judge_strong(real && department > 0 && 97 - value % 97 == run_number(run, 13, 2));
}

/* SIREN: Luhn over nine digits. */
enum verdict run_fr_siren(const struct run *run)
{
    return judge_weak(run, run->n == 9 && run_has_luhn(run, 0, 9) && run_number(run, 0, 9) > 0);
}

/* SIRET: a SIREN and five digits, Luhn over all. La Poste's branches: the sum of the digits is a
 * multiple of five. */
enum verdict run_fr_siret(const struct run *run)
{
    if (!run_is_number(run, 14) || run_number(run, 0, 9) == 0)
        return VERDICT_INVALID;
    if (run_begins(run, "356000000")) {
        unsigned sum = 0;
        for (size_t i = 0; i < 14; i++)
            sum += run_value(run, i);
        return judge_strong(sum % 5 == 0);
    }
    return judge_strong(run_has_luhn(run, 0, 9) && run_has_luhn(run, 0, 14));
}

/* TVA intracommunautaire: FR, a key, the SIREN. Keys with letters are of a form no one has met. */
enum verdict run_fr_vat(const struct run *run)
{
    if (run->n != 13 || !run_begins(run, "FR") || !run_has_digits(run, 4, 9) ||
        !run_has_luhn(run, 4, 9))
        return VERDICT_INVALID;
    if (!run_has_digits(run, 2, 2))
        return run_is_one(run, 2, "IO") || run_is_one(run, 3, "IO") ? VERDICT_INVALID
                                                                    : VERDICT_UNKNOWN;
    uint64_t siren = run_number(run, 4, 9);
    return judge_strong((12 + 3 * (siren % 97)) % 97 == run_number(run, 2, 2));
}

/* Numéro fiscal de référence (SPI): 0 to 3, then the first ten digits modulo 511. */
enum verdict run_fr_tax_id(const struct run *run)
{
    return judge_strong(run_is_number(run, 13) && run_is_one(run, 0, "0123") &&
                        run_number(run, 0, 10) > 0 &&
                        run_number(run, 0, 10) % 511 == run_number(run, 10, 3));
}

/* Relevé d'identité bancaire: bank, branch, account (letters 1 to 9 as on a keypad), key modulo
 * 97. */
enum verdict run_fr_rib(const struct run *run)
{
    if (run->n != 23 || !run_has_digits(run, 0, 10) || !run_has_digits(run, 21, 2))
        return VERDICT_INVALID;
    unsigned rest = 0;
    for (size_t i = 0; i < 23; i++) {
        unsigned value = run_value(run, i);
        if (value >= 10)
            value = value < 28 ? (value - 10) % 9 + 1 : (value - 28) % 9 + 2;
        rest = (rest * 10 + value) % 97;
    }
    return judge_strong(rest == 0 && !run_is_uniform(run));
}

/* Cartes d'identité since 2021 and passports: nine places without I, O, ambiguous ones kept; the
 * old card's twelve digits: year, month, department, serial, without a published check. */
enum verdict run_fr_cni(const struct run *run)
{
    if (!run_is_number(run, 12))
        return VERDICT_INVALID;
    unsigned month = (unsigned)run_number(run, 2, 2);
    return month >= 1 && month <= 12 && !run_is_uniform(run) ? VERDICT_UNKNOWN : VERDICT_INVALID;
}

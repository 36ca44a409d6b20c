/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of Australia, New Zealand, Canada, South Africa and Nigeria that are no plain weighted
 * sum. */
#include "pii/checks.h"

/* Australian business number: one less in the first place, modulo 89. */
enum verdict run_au_abn(const struct run *run)
{
    static const int16_t weights[] = {10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19};
    return judge_strong(run_is_number(run, 11) && run->c[0] != '0' &&
                        run_weigh(run, 0, weights, 11, 89) == 10);
}

/* Inland Revenue number: ten to a hundred and fifty million, a second row of weights where the
 * first gives 10. */
enum verdict run_nz_ird(const struct run *run)
{
    static const int16_t first[] = {3, 2, 7, 6, 5, 4, 3, 2};
    static const int16_t second[] = {7, 4, 3, 2, 5, 2, 7, 6};
    if (!run_is_number(run, 8) && !run_is_number(run, 9))
        return VERDICT_INVALID;
    uint64_t number = run_number(run, 0, run->n);
    if (number <= 10000000 || number >= 150000000)
        return VERDICT_INVALID;
    size_t n = run->n - 1;
    unsigned check = (11 - run_weigh(run, 0, first + 8 - n, n, 11)) % 11;
    if (check == 10)
        check = (11 - run_weigh(run, 0, second + 8 - n, n, 11)) % 11;
    return judge_weak(run, check == run_value(run, n));
}

/* National health index: three letters without I and O, then four digits (weights 7 to 2, modulo
 * 11) or, since 2022, two digits, a letter and a check letter (modulo 23). */
enum verdict run_nz_nhi(const struct run *run)
{
    static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ";
    if (run->n != 7 || !run_has_letters(run, 0, 3) || !run_has_digits(run, 3, 2))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i < 6; i++) {
        const char *place = strchr(alphabet, run->c[i]);
        if (!place && !run_has_digits(run, i, 1))
            return VERDICT_INVALID;
        sum += (place ? (unsigned)(place - alphabet) + 1 : run_value(run, i)) * (unsigned)(7 - i);
    }
    bool holds = false;
    if (run_has_digits(run, 5, 2)) {
        unsigned check = 11 - sum % 11;
        holds = check < 11 && check % 10 == run_value(run, 6);
    } else {
        holds = run_has_letters(run, 5, 2) && alphabet[22 - sum % 23] == run->c[6];
    }
    return holds ? VERDICT_WEAK : VERDICT_INVALID;
}

/* Social insurance number: no first digit 0 or 8, Luhn; the same separator twice, or none. */
enum verdict run_ca_sin(const struct run *run)
{
    return judge_weak(run, run_is_number(run, 9) && !run_is_one(run, 0, "08") &&
                               run_has_luhn(run, 0, 9) && !run_is_uniform(run));
}

/* Ontario health number: ten digits, Luhn, with or without the two letters of the version. */
enum verdict run_ca_ohip(const struct run *run)
{
    return judge_weak(run, (run->n == 10 || (run->n == 12 && run_has_letters(run, 10, 2))) &&
                               run_has_luhn(run, 0, 10) && run->c[0] != '0');
}

/* Québec's health insurance number: four letters, birthday with 50 added to a woman's month. */
enum verdict run_ca_ramq(const struct run *run)
{
    if (run->n != 12 || !run_has_letters(run, 0, 4) || !run_has_digits(run, 4, 8))
        return VERDICT_INVALID;
    unsigned month = (unsigned)run_number(run, 6, 2);
    return judge_strong(short_date_exists((unsigned)run_number(run, 4, 2),
                                          month > 50 ? month - 50 : month,
                                          (unsigned)run_number(run, 8, 2)));
}

/* South African identity: birthday, serial, citizenship 0 to 2, 8 or 9 (numbers with others were
 * called in after 1986), Luhn. */
enum verdict run_za_id(const struct run *run)
{
    return judge_strong(
        run_is_number(run, 13) && run_is_one(run, 10, "012") && run_is_one(run, 11, "89") &&
        short_date_exists((unsigned)run_number(run, 0, 2), (unsigned)run_number(run, 2, 2),
                          (unsigned)run_number(run, 4, 2)) &&
        run_has_luhn(run, 0, 13));
}

/* Nigeria's national identification number: eleven digits, Verhoeff. */
enum verdict run_ng_nin(const struct run *run)
{
    return judge_weak(run, run_is_number(run, 11) && !run_is_uniform(run) &&
                               check_verhoeff((struct dvara_str){run->c, 11}) == VERDICT_VALID);
}

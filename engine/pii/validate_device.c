/* SPDX-License-Identifier: Apache-2.0 */
/* Vehicles, handsets, SIM cards, network cards. */
#include "pii/checks.h"

/* ISO 3779: no I, O, Q; the ninth place checks in North America and China (first place 1 to 5, L).
 * Elsewhere it may be anything, so a failure there is unknown. */
enum verdict run_vin(const struct run *run)
{
    static const int16_t weights[] = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
    /* A-Z; 0 where the letter is not used. */
    static const uint8_t values[] = {1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4,
                                     5, 0, 7, 0, 9, 2, 3, 4, 5, 6, 7, 8, 9};
    if (run->n != 17 || !run_has_digits(run, 14, 3))
        return VERDICT_INVALID;
    unsigned sum = 0;
    size_t letters = 0;
    for (size_t i = 0; i < 17; i++) {
        unsigned value = run_value(run, i);
        if (run_is_one(run, i, "IOQ"))
            return VERDICT_INVALID;
        letters += value > 9;
        sum += (value > 9 ? values[value - 10] : value) * (unsigned)weights[i];
    }
    if (letters == 0 || run_is_one(run, 9, "UZ0"))
        return VERDICT_INVALID;
    if ("0123456789X"[sum % 11] == run->c[8])
        return VERDICT_VALID;
    return run_is_one(run, 0, "12345L") ? VERDICT_INVALID : VERDICT_UNKNOWN;
}

/* 3GPP TS 23.003: eight digits of the type, six of the serial, Luhn. */
enum verdict run_imei(const struct run *run)
{
    if (!run_is_number(run, 15) && !run_is_number(run, 16))
        return VERDICT_INVALID;
    if (run_is_uniform(run) || run_begins(run, "00000000"))
        return VERDICT_INVALID;
    if (run->n == 16) /* software version in place of the check digit */
        return run->grouped ? VERDICT_UNKNOWN : VERDICT_INVALID;
    return judge_weak(run, run_has_luhn(run, 0, 15));
}

/* MEID: fourteen hexadecimal digits that begin with A or more, a check digit base 16 or none. */
enum verdict run_meid(const struct run *run)
{
    if ((run->n != 14 && run->n != 15) || !run_is_one(run, 0, "ABCDEF"))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i < run->n; i++) {
        unsigned value = run_value(run, i);
        if (value > 15)
            return VERDICT_INVALID;
        if (i % 2)
            value = value * 2 / 16 + value * 2 % 16;
        sum += value;
    }
    return run->n == 14 ? VERDICT_UNKNOWN : judge_strong(sum % 16 == 0);
}

/* ITU-T E.118: 89, country, issuer, account, Luhn; some issuers leave the check digit out. */
enum verdict run_iccid(const struct run *run)
{
    if ((run->n != 19 && run->n != 20) || !run_begins(run, "89") ||
        !run_has_digits(run, 2, run->n - 3) ||
        (!run_has_digits(run, run->n - 1, 1) && run->c[run->n - 1] != 'F'))
        return VERDICT_INVALID;
    if (run_has_luhn(run, 0, run->n) || (run->c[run->n - 1] == 'F' && run_luhn(run, 0, 19)))
        return VERDICT_VALID;
    return VERDICT_INVALID;
}

/* ITU-T E.212: mobile country codes begin with 2 to 7 (001 is for tests, 901 for ships and
 * satellites). */
enum verdict run_imsi(const struct run *run)
{
    if ((!run_is_number(run, 14) && !run_is_number(run, 15)) || run_is_uniform(run))
        return VERDICT_INVALID;
    uint64_t country = run_number(run, 0, 3);
    return judge_form((country >= 202 && country <= 750) || country == 901);
}

/* IEEE 802 addresses of 48 bits: neither all zero nor broadcast. */
enum verdict run_mac(const struct run *run)
{
    if (run->n != 12)
        return VERDICT_INVALID;
    for (size_t i = 0; i < 12; i++) {
        if (run_value(run, i) > 15)
            return VERDICT_INVALID;
    }
    return !run_is_uniform(run) || !run_is_one(run, 0, "0F") ? VERDICT_VALID : VERDICT_INVALID;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers of Asian agencies that are no plain weighted sum. */
#include "pii/checks.h"

/* Aadhaar: no first digit 0 or 1, no palindrome, Verhoeff. */
enum verdict run_in_aadhaar(const struct run *run)
{
    if (!run_is_number(run, 12) || run->c[0] < '2')
        return VERDICT_INVALID;
    bool palindrome = true;
    for (size_t i = 0; i < 6; i++)
        palindrome &= run->c[i] == run->c[11 - i];
    bool holds = check_verhoeff((struct dvara_str){run->c, 12}) == VERDICT_VALID;
    return judge_weak(run, !palindrome && holds);
}

/* Permanent account number: the fourth letter is the kind of holder. Others of the form, and those
 * of an older one, are unknown. */
enum verdict run_in_pan(const struct run *run)
{
    if (run->n != 10)
        return VERDICT_INVALID;
    bool current = run_has_letters(run, 0, 5) && run_has_digits(run, 5, 4) &&
                   run_has_letters(run, 9, 1) && run_number(run, 5, 4) > 0;
    if (current && run_is_one(run, 3, "ABCFGHJKLPTE") && run_is_capital(run))
        return VERDICT_VALID;
    return VERDICT_UNKNOWN;
}

/* GSTIN: state, PAN, entity, Z, check character over base 36. A number whose check fails but whose
 * state and PAN stand is kept with the lower score: not all who write one down copy it right. */
enum verdict run_in_gstin(const struct run *run)
{
    if (run->n != 15 || !run_has_digits(run, 0, 2) || !run_has_letters(run, 2, 5) ||
        !run_has_digits(run, 7, 4) || !run_has_letters(run, 11, 1) || run->c[13] != 'Z' ||
        run->c[12] == '0')
        return VERDICT_INVALID;
    unsigned state = (unsigned)run_number(run, 0, 2);
    if (state < 1 || (state > 38 && state != 97 && state != 99) || state == 38)
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i < 14; i++) {
        unsigned product = run_value(run, i) * (i % 2 ? 2 : 1);
        sum += product / 36 + product % 36;
    }
    return (36 - sum % 36) % 36 == run_value(run, 14) ? VERDICT_VALID : VERDICT_RETIRED;
}

/* GB 11643: region, birthday, serial, powers of two modulo 11 with X for 10. */
enum verdict run_cn_resident(const struct run *run)
{
    static const int16_t weights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    static const char regions[] =
        "11121314152122233132333435363741424344454650515253546162636465718"
        "1828391";
    if (run->n != 18 || !run_has_digits(run, 0, 17) || !run_pair_is_one(run, 0, regions) ||
        !run_is_date((unsigned)run_number(run, 6, 4), (unsigned)run_number(run, 10, 2),
                     (unsigned)run_number(run, 12, 2)) ||
        run_number(run, 6, 4) < 1850 || run_number(run, 6, 4) > 2099)
        return VERDICT_INVALID;
    return judge_strong("10X98765432"[run_weigh(run, 0, weights, 17, 11)] == run->c[17]);
}

/* GB 32100: eighteen characters without I O S V Z, powers of three modulo 31. */
enum verdict run_cn_uscc(const struct run *run)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    if (run->n != 18 || !run_is_one(run, 0, "123456789ANY") || !run_has_digits(run, 2, 6))
        return VERDICT_INVALID;
    unsigned sum = 0;
    unsigned weight = 1;
    for (size_t i = 0; i < 18; i++) {
        const char *place = strchr(alphabet, run->c[i]);
        if (!place)
            return VERDICT_INVALID;
        sum += (unsigned)(place - alphabet) * (i < 17 ? weight : 1);
        weight = weight * 3 % 31;
    }
    return judge_strong(sum % 31 == 0);
}

/* Japan's corporate number: the check digit comes first, modulo 9. */
enum verdict run_jp_corporate(const struct run *run)
{
    if (!run_is_number(run, 13) || run_is_uniform(run) || run->c[0] == '0')
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 1; i < 13; i++)
        sum += run_value(run, 13 - i) * (i % 2 ? 1 : 2);
    return judge_weak(run, 9 - sum % 9 == run_value(run, 0));
}

/* Birthday and century of a Korean number; the seventh digit tells sex, century and, from 5 to 8,
 * that the holder is a foreigner. */
static bool korean_birth(const struct run *run, const char *sevenths)
{
    if (!run_is_number(run, 13) || !run_is_one(run, 6, sevenths))
        return false;
    unsigned century = run_is_one(run, 6, "1256") ? 1900 : 2000;
    return run_is_date(century + (unsigned)run_number(run, 0, 2), (unsigned)run_number(run, 2, 2),
                       (unsigned)run_number(run, 4, 2));
}

static unsigned korean_sum(const struct run *run)
{
    static const int16_t weights[] = {2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5};
    return run_weigh(run, 0, weights, 12, 11);
}

/* Resident registration number. Those issued since October 2020 have no check digit. */
enum verdict run_kr_rrn(const struct run *run)
{
    if (!korean_birth(run, "1234"))
        return VERDICT_INVALID;
    return (11 - korean_sum(run)) % 10 == run_value(run, 12) ? VERDICT_VALID : VERDICT_RETIRED;
}

/* Foreigner registration number: two more than a resident's check digit. */
enum verdict run_kr_frn(const struct run *run)
{
    if (!korean_birth(run, "5678"))
        return VERDICT_INVALID;
    return (13 - korean_sum(run)) % 10 == run_value(run, 12) ? VERDICT_VALID : VERDICT_RETIRED;
}

/* Business registration number: the ninth digit's product counts by both its digits. */
enum verdict run_kr_brn(const struct run *run)
{
    static const int16_t weights[] = {1, 3, 7, 1, 3, 7, 1, 3, 5};
    if (!run_is_number(run, 10) || run_number(run, 0, 3) < 101 || run_number(run, 3, 2) == 0)
        return VERDICT_INVALID;
    unsigned sum = run_weigh(run, 0, weights, 9, 10) + run_value(run, 8) * 5 / 10;
    return judge_weak(run, (10 - sum % 10) % 10 == run_value(run, 9));
}

/* Driver's licence: region 11 to 28, year, serial, check of an unpublished kind. */
enum verdict run_kr_driver_licence(const struct run *run)
{
    if (!run_is_number(run, 12))
        return VERDICT_INVALID;
    unsigned region = (unsigned)run_number(run, 0, 2);
    return region < 11 || region > 28 ? VERDICT_INVALID
           : run->grouped             ? VERDICT_VALID
                                      : VERDICT_UNKNOWN;
}

/* NRIC and FIN: weights 2 7 6 5 4 3 2, an offset and a table of letters by the first letter. What
 * fails has the form only, and keeps the lower score. */
enum verdict run_sg_nric(const struct run *run)
{
    static const int16_t weights[] = {2, 7, 6, 5, 4, 3, 2};
    if (run->n != 9 || !run_has_digits(run, 1, 7) || !run_has_letters(run, 8, 1))
        return VERDICT_INVALID;
    const char *letters = run_is_one(run, 0, "ST")   ? "JZIHGFEDCBA"
                          : run_is_one(run, 0, "FG") ? "XWUTRQPNMLK"
                          : run_is_one(run, 0, "M")  ? "XWUTRQPNJLK"
                                                     : NULL;
    if (!letters)
        return run_has_letters(run, 0, 1) ? VERDICT_RETIRED : VERDICT_INVALID;
    unsigned offset = run_is_one(run, 0, "TG") ? 4 : run->c[0] == 'M' ? 3 : 0;
    unsigned sum = run_weigh(run, 1, weights, 7, 11) + offset;
    return letters[sum % 11] == run->c[8] ? VERDICT_VALID : VERDICT_RETIRED;
}

static bool uen_holds(const struct run *run, const int16_t *weights, const char *alphabet,
                      unsigned offset, unsigned modulus, const char *checks)
{
    int sum = 0;
    for (size_t i = 0; i + 1 < run->n; i++) {
        const char *place = strchr(alphabet, run->c[i]);
        if (!place)
            return false;
        sum += weights[i] * (int)(place - alphabet);
    }
    return checks[((unsigned)sum + modulus - offset % modulus) % modulus] == run->c[run->n - 1];
}

/* Unique entity numbers: businesses (nnnnnnnnX), companies (yyyynnnnnX), others (TyyPQnnnnX). */
enum verdict run_sg_uen(const struct run *run)
{
    static const char digits[] = "0123456789";
    static const char others[] = "ABCDEFGHJKLMNPQRSTUVWX0123456789";
    static const int16_t business[] = {10, 4, 9, 3, 8, 2, 7, 1};
    static const int16_t company[] = {10, 8, 6, 4, 9, 7, 5, 3, 1};
    static const int16_t other[] = {4, 3, 5, 3, 10, 2, 2, 5, 7};
    if (run->n < 9 || run->n > 10 || !run_has_letters(run, run->n - 1, 1))
        return VERDICT_INVALID;
    bool holds = false;
    if (run->n == 9)
        holds = uen_holds(run, business, digits, 0, 11, "XMKECAWLJDB");
    else if (run_has_digits(run, 0, 9))
        holds = uen_holds(run, company, digits, 0, 11, "ZKCMDNERGWH");
    else if (run_is_one(run, 0, "RST") && run_has_digits(run, 1, 2) && run_has_letters(run, 3, 2))
        holds = uen_holds(run, other, others, 5, 11, "ABCDEFGHJKL");
    else
        return VERDICT_INVALID;
    return holds ? VERDICT_VALID : VERDICT_RETIRED;
}

/* T.C. kimlik numarası: seven times the odd places less the even ones, then the sum of ten. */
enum verdict run_tr_national_id(const struct run *run)
{
    static const int16_t first[] = {7, -1, 7, -1, 7, -1, 7, -1, 7};
    static const int16_t second[] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
    return judge_strong(run_is_number(run, 11) && run->c[0] != '0' &&
                        run_weigh(run, 0, first, 9, 10) == run_value(run, 9) &&
                        run_weigh(run, 0, second, 10, 10) == run_value(run, 10));
}

/* Vergi kimlik numarası: each digit plus its place, modulo 10, times a power of two modulo 9. */
enum verdict run_tr_tax_id(const struct run *run)
{
    if (!run_is_number(run, 10) || run_is_uniform(run))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (unsigned i = 0; i < 9; i++) {
        unsigned c = (run_value(run, i) + 9 - i) % 10;
        unsigned power = c * (1u << (9 - i)) % 9;
        sum += c && power == 0 ? 9 : power;
    }
    return judge_weak(run, (10 - sum % 10) % 10 == run_value(run, 9));
}

/* Hong Kong identity card: one or two letters, six digits, check digit or A, weights 9 to 2. */
enum verdict run_hk_id(const struct run *run)
{
    if ((run->n != 8 && run->n != 9) || !run_has_letters(run, 0, run->n - 7) ||
        !run_has_digits(run, run->n - 7, 6))
        return VERDICT_INVALID;
    unsigned sum = run->n == 8 ? 36 * 9 : 0; /* a missing first letter is a blank, worth 36 */
    for (size_t i = 0; i + 1 < run->n; i++)
        sum += run_value(run, i) * (unsigned)(run->n - i);
    char check = "0A987654321"[sum % 11];
    return judge_weak(run, run->c[run->n - 1] == check);
}

/* Taiwan: a letter of the place of registration as two digits, sex 1 2, 8 9 or A to D for
 * residents, weights 1 9 8 7 6 5 4 3 2 1 1. */
enum verdict run_tw_id(const struct run *run)
{
    /* The place in this string, plus 10, is the letter's number. */
    static const char places[] = "ABCDEFGHJKLMNPQRSTUVXYWZIO";
    if (run->n != 10 || !run_has_letters(run, 0, 1) || !run_is_one(run, 1, "1289ABCD") ||
        !run_has_digits(run, 2, 8))
        return VERDICT_INVALID;
    unsigned place = (unsigned)(strchr(places, run->c[0]) - places) + 10;
    unsigned sum = place / 10 + place % 10 * 9;
    unsigned sex = run_has_digits(run, 1, 1) ? run_value(run, 1)
                                             : (unsigned)(strchr(places, run->c[1]) - places) % 10;
    sum += sex * 8;
    for (unsigned i = 2; i < 9; i++)
        sum += run_value(run, i) * (9 - i);
    /* The first letter and the sex digit make random hits rare. */
    return judge_strong((sum + run_value(run, 9)) % 10 == 0);
}

/* Taiwan's unified business number: products' digits are summed, divisible by 5; a seventh digit 7
 * leaves two readings. */
enum verdict run_tw_ubn(const struct run *run)
{
    static const uint8_t weights[] = {1, 2, 1, 2, 1, 2, 4, 1};
    if (!run_is_number(run, 8) || run_is_uniform(run))
        return VERDICT_INVALID;
    unsigned sum = 0;
    for (size_t i = 0; i < 8; i++) {
        unsigned product = run_value(run, i) * weights[i];
        sum += product / 10 + product % 10;
    }
    bool holds = sum % 5 == 0 || (run->c[6] == '7' && (sum + 1) % 5 == 0);
    return holds ? VERDICT_WEAK : VERDICT_INVALID;
}

/* MyKad: birthday, place of birth, serial; no checksum. */
enum verdict run_my_kad(const struct run *run)
{
    static const char unused[] = "0017181920697073808194959697";
    if (!run_is_number(run, 12) || run_pair_is_one(run, 6, unused) ||
        !short_date_exists((unsigned)run_number(run, 0, 2), (unsigned)run_number(run, 2, 2),
                           (unsigned)run_number(run, 4, 2)))
        return VERDICT_INVALID;
    return run->grouped ? VERDICT_VALID : VERDICT_UNKNOWN;
}

/* Indonesia's NIK: province, regency, district, birthday with 40 added for women, serial. */
enum verdict run_id_nik(const struct run *run)
{
    static const char provinces[] = "1112131415161718192131323334353651525361626364657172737475768"
                                    "1829192939495969799";
    if (!run_is_number(run, 16) || !run_pair_is_one(run, 0, provinces) ||
        run_number(run, 2, 2) == 0 || run_number(run, 4, 2) == 0 || run_number(run, 12, 4) == 0)
        return VERDICT_INVALID;
    unsigned day = (unsigned)run_number(run, 6, 2);
    return judge_strong(short_date_exists((unsigned)run_number(run, 10, 2),
                                          (unsigned)run_number(run, 8, 2),
                                          day > 40 ? day - 40 : day));
}

/* Indonesia's NPWP: eight digits and a Luhn digit, office, branch. */
enum verdict run_id_npwp(const struct run *run)
{
    return judge_weak(run, run_is_number(run, 15) && run_has_luhn(run, 0, 9) &&
                               run_number(run, 0, 9) > 0);
}

/* Israel: nine digits, Luhn, leading zeros may be missing. */
enum verdict run_il_id(const struct run *run)
{
    return judge_weak(run, run->n >= 8 && run->n <= 9 && run_has_luhn(run, 0, run->n) &&
                               !run_is_uniform(run));
}

/* Saudi national (1) and resident (2) numbers, Luhn. */
enum verdict run_sa_id(const struct run *run)
{
    return judge_weak(run, run_is_number(run, 10) && run_is_one(run, 0, "12") &&
                               run_has_luhn(run, 0, 10));
}

/* Emirates ID: 784, year of birth, serial, Luhn. */
enum verdict run_ae_eid(const struct run *run)
{
    return judge_strong(run_is_number(run, 15) && run_begins(run, "784") &&
                        (run_begins(run, "78419") || run_begins(run, "78420")) &&
                        run_has_luhn(run, 0, 15));
}

/* Pakistan's CNIC: province 1 to 7, no checksum. */
enum verdict run_pk_cnic(const struct run *run)
{
    if (!run_is_number(run, 13) || !run_is_one(run, 0, "1234567") || run->c[12] == '0')
        return VERDICT_INVALID;
    return run->grouped ? VERDICT_VALID : VERDICT_UNKNOWN;
}

/* Vietnam's citizen number: province, century and sex, year, serial. */
enum verdict run_vn_cccd(const struct run *run)
{
    if (!run_is_number(run, 12))
        return VERDICT_INVALID;
    uint64_t province = run_number(run, 0, 3);
    return judge_form(province >= 1 && province <= 96 && run_is_one(run, 3, "0123"));
}

/* Egypt: century 2 or 3, birthday, governorate, serial. */
enum verdict run_eg_id(const struct run *run)
{
    if (!run_is_number(run, 14) || !run_is_one(run, 0, "23"))
        return VERDICT_INVALID;
    uint64_t place = run_number(run, 7, 2);
    return judge_strong(
        run_is_date((run->c[0] == '2' ? 1900 : 2000) + (unsigned)run_number(run, 1, 2),
                    (unsigned)run_number(run, 3, 2), (unsigned)run_number(run, 5, 2)) &&
        ((place >= 1 && place <= 35) || place == 88));
}

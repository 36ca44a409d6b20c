/* SPDX-License-Identifier: Apache-2.0 */
/* Securities, banks and legal entities. */
#include "pii/checks.h"

/* ISO 3166-1 alpha-2, XK for Kosovo, and what ISIN and BIC use besides. */
static const char countries[] =
    "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCM"
    "CNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGY"
    "HKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMF"
    "MGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARE"
    "RORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZ"
    "VAVCVEVGVIVNVUWFWSXKYEYTZAZMZW";

/* Value of 0-9, A-Z doubled in every second place, digits of each product summed. */
static unsigned double_add(const struct run *run, size_t n, size_t doubled)
{
    unsigned sum = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned value = run_value(run, i) * (i % 2 == doubled ? 2 : 1);
        sum += value / 10 + value % 10;
    }
    return (10 - sum % 10) % 10;
}

/* CUSIP: issuer of six, issue of two, check digit. (Those with * @ # are never seen in print.) */
enum verdict run_cusip(const struct run *run)
{
    if (run->n != 9 || !run_has_digits(run, 8, 1) || !run_has_digits(run, 0, 3) ||
        run_is_uniform(run) || double_add(run, 8, 1) != run_value(run, 8))
        return VERDICT_INVALID;
    return run_has_digits(run, 0, 8) ? VERDICT_WEAK : VERDICT_VALID;
}

/* ISO 6166: country or X?, nine places, Luhn over letters as two digits. */
enum verdict run_isin(const struct run *run)
{
    if (run->n != 12 || !run_has_letters(run, 0, 2) || !run_has_digits(run, 11, 1) ||
        (!run_pair_is_one(run, 0, countries) && !run_pair_is_one(run, 0, "XSXAXBXCXDXFQSQTEU")))
        return VERDICT_INVALID;
    uint8_t digits[24];
    size_t n = 0;
    bool any = false;
    for (size_t i = 0; i < 12; i++) {
        unsigned value = run_value(run, i);
        any |= i > 1 && i < 11 && value < 10;
        if (value > 9)
            digits[n++] = (uint8_t)(value / 10);
        digits[n++] = (uint8_t)(value % 10);
    }
    return judge_strong(any && luhn_holds(digits, n));
}

/* SEDOL: digits and consonants, weights 1 3 1 7 3 9 1; those since 2004 begin with a letter. */
enum verdict run_sedol(const struct run *run)
{
    static const int16_t weights[] = {1, 3, 1, 7, 3, 9, 1};
    if (run->n != 7 || !run_has_digits(run, 6, 1) || run_is_uniform(run))
        return VERDICT_INVALID;
    for (size_t i = 0; i < 6; i++) {
        if (run_is_one(run, i, "AEIOU"))
            return VERDICT_INVALID;
    }
    bool holds = run_weigh(run, 0, weights, 7, 10) == 0;
    return holds ? VERDICT_WEAK : VERDICT_INVALID;
}

/* ISO 17442: eighteen letters and digits, two check digits, 1 modulo 97. */
enum verdict run_lei(const struct run *run)
{
    return judge_strong(run->n == 20 && run_has_digits(run, 18, 2) && !run_is_number(run, 20) &&
                        run_mod97(run, 0, 20) == 1);
}

/* FIGI: two consonants that are no country's, G, eight places, check digit. */
enum verdict run_figi(const struct run *run)
{
    if (run->n != 12 || run->c[2] != 'G' || !run_has_letters(run, 0, 2) ||
        !run_has_digits(run, 11, 1) || run_pair_is_one(run, 0, "BSBMGGGBGHKYVG"))
        return VERDICT_INVALID;
    for (size_t i = 0; i < 11; i++) {
        if (run_is_one(run, i, "AEIOU"))
            return VERDICT_INVALID;
    }
    return judge_strong(double_add(run, 11, 1) == run_value(run, 11));
}

/* ISO 9362: four letters, country, place, branch. Any word of eight capitals with a country in it
 * has the form. */
enum verdict run_bic(const struct run *run)
{
    return judge_form((run->n == 8 || run->n == 11) && run_has_letters(run, 0, 6) &&
                      run_pair_is_one(run, 4, countries) && !run_is_one(run, 6, "01"));
}

/* A number that only its count of digits describes, as bank accounts are; not all the same. */
enum verdict run_digits(const struct run *run)
{
    return judge_form(run_has_digits(run, 0, run->n) && run->n >= 4 && !run_is_uniform(run));
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Personal numbers of the Nordic countries that are no plain weighted sum. */
#include "pii/checks.h"

/* Henkilötunnus: birthday, century sign, serial 002 to 899 (900 to 999 for temporary use), check
 * character modulo 31. The sign - U V W X Y is the 1900s, + the 1800s, A to F the 2000s. A sign
 * that is no letter is not part of the run, so the span is read. */
enum verdict run_fi_hetu(const struct run *run)
{
    static const char checks[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    size_t serial = run->n == 11 ? 7 : 6;
    if ((run->n != 11 && run->n != 10) || !run_has_digits(run, 0, 6) ||
        !run_has_digits(run, serial, 3))
        return VERDICT_INVALID;
    char sign = run->n == 11 ? run->c[6] : run->span.n == 11 ? run->span.p[6] : '\0';
    unsigned century = 0;
    if (sign == '+')
        century = 1800;
    else if (sign == '-' || (sign >= 'U' && sign <= 'Y'))
        century = 1900;
    else if (sign >= 'A' && sign <= 'F')
        century = 2000;
    if (!century || !run_is_date(century + (unsigned)run_number(run, 4, 2),
                                 (unsigned)run_number(run, 2, 2), (unsigned)run_number(run, 0, 2)))
        return VERDICT_INVALID;
    uint64_t value = run_number(run, 0, 6) * 1000 + run_number(run, serial, 3);
    return judge_strong(run_number(run, serial, 3) >= 2 &&
                        checks[value % 31] == run->c[serial + 3]);
}

/* Personnummer, and samordningsnummer with 60 added to the day: Luhn over the last ten digits. */
enum verdict run_se_personnummer(const struct run *run)
{
    if (!run_is_number(run, 10) && !run_is_number(run, 12))
        return VERDICT_INVALID;
    size_t at = run->n - 10;
    unsigned month = (unsigned)run_number(run, at + 2, 2);
    unsigned day = (unsigned)run_number(run, at + 4, 2);
    unsigned year = (unsigned)run_number(run, at, 2);
    if (day > 60)
        day -= 60;
    bool date = short_date_exists(year, month, day);
    if (at) {
        unsigned century = (unsigned)run_number(run, 0, 2);
        date = century >= 18 && century <= 20 && run_is_date(century * 100 + year, month, day);
    }
    bool holds = date && run_has_luhn(run, at, 10);
    return at ? judge_strong(holds) : judge_weak(run, holds);
}

/* Organisationsnummer: the third digit is 2 or more, so that none is a personnummer; Luhn. */
enum verdict run_se_orgnr(const struct run *run)
{
    size_t at = run->n == 12 && run_begins(run, "16") ? 2 : 0;
    return judge_weak(run, run->n == at + 10 && run_has_luhn(run, at, 10) &&
                               run_has_digits(run, 0, run->n) && run->c[at] != '0' &&
                               run->c[at + 2] >= '2');
}

/* CPR number: a birthday whose century the seventh digit tells. Modulo 11 does not hold of all
 * numbers since 2007, but one that holds says more. */
enum verdict run_dk_cpr(const struct run *run)
{
    static const int16_t weights[] = {4, 3, 2, 7, 6, 5, 4, 3, 2, 1};
    if (!run_is_number(run, 10))
        return VERDICT_INVALID;
    unsigned day = (unsigned)run_number(run, 0, 2);
    unsigned year = (unsigned)run_number(run, 4, 2);
    unsigned seventh = run_value(run, 6);
    unsigned century = 1900;
    if ((seventh == 4 || seventh == 9) && year <= 36)
        century = 2000;
    else if (seventh >= 5 && seventh <= 8)
        century = year <= 57 ? 2000 : 1800;
    if (!run_is_date(century + year, (unsigned)run_number(run, 2, 2), day > 60 ? day - 60 : day) ||
        run_number(run, 6, 4) == 0)
        return VERDICT_INVALID;
    bool holds = run_weigh(run, 0, weights, 10, 11) == 0;
    return holds && run->grouped ? VERDICT_VALID : holds ? VERDICT_WEAK : VERDICT_RETIRED;
}

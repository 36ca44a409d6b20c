/* SPDX-License-Identifier: Apache-2.0 */
/* Registration marks whose letters or numbers name a state or province. */
#include "pii/checks.h"

/* India: state or union territory, district, series, number; or the BH series. */
enum verdict run_in_plate(const struct run *run)
{
    static const char states[] =
        "ANAPARASBRCHCGDDDNDLGAGJHPHRJHJKKAKLLALDMHMLMNMPMZNLODORPBPYRJSKTN"
        "TGTSTRUKUAUPWB";
    bool current = run->n >= 8 && run_pair_is_one(run, 0, states) && run_has_digits(run, 2, 1) &&
                   run_has_digits(run, run->n - 4, 4);
    bool bharat = run->n >= 9 && run_has_digits(run, 0, 2) && run->c[2] == 'B' && run->c[3] == 'H';
    if (run->n >= 8 && !current && !bharat && !run_is_one(run, run->n > 4 ? run->n - 5 : 0, "CD"))
        return VERDICT_INVALID;
    return (current || bharat) && run_is_capital(run) ? VERDICT_VALID : VERDICT_UNKNOWN;
}

/* Turkey: province 01 to 81, then a letter and four or five digits, two and three or four, three
 * and two to four. */
enum verdict run_tr_plate(const struct run *run)
{
    if (!run_has_digits(run, 0, 2) || run_number(run, 0, 2) < 1 || run_number(run, 0, 2) > 81)
        return VERDICT_INVALID;
    size_t letters = 0;
    while (run_has_letters(run, 2 + letters, 1))
        letters++;
    size_t digits = run->n - 2 - letters;
    if (letters == 3 && digits == 4) /* 23:45 CET 2008 has the form; no plate has it today */
        return run_is_capital(run) ? VERDICT_UNKNOWN : VERDICT_WEAK;
    bool fits = (letters == 1 && (digits == 4 || digits == 5)) ||
                (letters == 2 && (digits == 3 || digits == 4)) ||
                (letters == 3 && (digits == 2 || digits == 3));
    if (!fits || !run_has_digits(run, 2 + letters, digits))
        return VERDICT_INVALID;
    return run_is_capital(run) && run->grouped ? VERDICT_VALID : VERDICT_UNKNOWN;
}

/* Any other: capitals, set off as the plate shows them. */
enum verdict run_capitals(const struct run *run)
{
    return run_is_capital(run) && run->grouped ? VERDICT_VALID : VERDICT_UNKNOWN;
}

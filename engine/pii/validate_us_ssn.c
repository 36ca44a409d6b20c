/* SPDX-License-Identifier: Apache-2.0 */
/* US social security numbers: area, group, serial; there is no checksum. Numbers that were never
 * issued, or are known from advertisements, are none. */
#include "pii/validators.h"

#include "pii/run.h"

enum { DIGITS = 9 };

enum verdict run_us_ssn(const struct run *run)
{
    static const uint32_t never[] = {78051120, 219099999, 457555462};
    if (run->n != DIGITS || !run_is_digits(run, 0, DIGITS))
        return VERDICT_INVALID;
    uint64_t area = run_number(run, 0, 3);
    uint64_t group = run_number(run, 3, 2);
    uint64_t serial = run_number(run, 5, 4);
    uint64_t whole = run_number(run, 0, DIGITS);
    if (area == 0 || area == 666 || area >= 900 || group == 0 || serial == 0 ||
        run_all_same(run, 0, DIGITS))
        return VERDICT_INVALID;
    for (size_t i = 0; i < sizeof never / sizeof *never; i++) {
        if (whole == never[i])
            return VERDICT_INVALID;
    }
    /* 078-051123 and 07805-1123 are slips, or half a ZIP code. */
    return run->span.n == DIGITS + 2 ? VERDICT_VALID : VERDICT_UNKNOWN;
}

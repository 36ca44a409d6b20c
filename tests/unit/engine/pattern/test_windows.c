/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/windows.h"

#include "pattern/needs.h"
#include "unit/suite.h"

/* Is every byte of every run, and the byte on either side, in some window? And nothing twice? */
static void check(struct dvara_str text)
{
    bool covered[512] = {false};
    struct window window;
    size_t last = 0;
    for (size_t at = 0; windows_next(text, at, &window); at = window.end) {
        ck_assert(window.start < window.end && window.end <= text.n);
        ck_assert(at == 0 || window.end > last);
        for (size_t i = window.start; i < window.end; i++)
            covered[i] = true;
        last = window.end;
    }
    for (size_t at = 0, n = 0; at <= text.n; at++) {
        if (at < text.n && needs_is_dense((unsigned char)text.p[at])) {
            n++;
            continue;
        }
        for (size_t i = at - n; n >= NEEDS_RUN_MIN && i < at; i++)
            ck_assert_msg(covered[i], "%zu of %zu", i, text.n);
        if (n >= NEEDS_RUN_MIN) {
            ck_assert(at == text.n || covered[at]);
            ck_assert(at == n || covered[at - n - 1]);
        }
        n = 0;
    }
}

TEST(every_long_run_lies_in_a_window_with_what_stands_around_it)
{
    char text[512];
    for (size_t n = NEEDS_RUN_MIN - 2; n < 90; n += 3) {
        for (size_t at = 0; at < 70; at++) {
            memset(text, ' ', sizeof text);
            memset(text + at, 'a', n);
            memset(text + at + n + 1 + at % 40, 'b', NEEDS_RUN_MIN + at % 3);
            check(dvara_str_from(text, 300));
            check(dvara_str_from(text, at + n));
            check(dvara_str_from(text, at + n + 1 + at % 40 + NEEDS_RUN_MIN));
        }
    }
}
END_TEST

TEST(prose_has_no_window)
{
    struct window window;
    ck_assert(!windows_next(DVARA_STR("most of what people write holds nothing, 2024 or 19.99, "
                                      "that is as long as that"),
                            0, &window));
    ck_assert(!windows_next(DVARA_STR(""), 0, &window));
    ck_assert(!windows_next(DVARA_STR("caf\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9\xc3\xa9"), 0,
                            &window));
}
END_TEST

SUITE(every_long_run_lies_in_a_window_with_what_stands_around_it, prose_has_no_window)

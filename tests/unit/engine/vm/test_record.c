/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/record.h"

#include "unit/suite.h"
#include "vm/machine.h"

enum { DETECTORS = 600 };

/* A run after the request phase, as far as the mark reads it. */
struct ran {
    struct dvara_bundle bundle;
    struct dvara_run run;
    uint8_t styles[2][DETECTORS];
    uint32_t thresholds[2][DETECTORS];
};

static struct ran *ran_new(void)
{
    struct ran *ran = calloc(1, sizeof *ran);
    ck_assert_ptr_nonnull(ran);
    ran->bundle.n_detectors = DETECTORS;
    ran->bundle.detectors_mark = 77;
    ran->run.bundle = &ran->bundle;
    for (int where = 0; where < 2; where++) {
        ran->run.styles[where] = ran->styles[where];
        ran->run.thresholds[where] = ran->thresholds[where];
    }
    return ran;
}

static uint64_t mark_of(const struct ran *ran)
{
    enum dvara_error_kind error;
    return dvara_run_redaction_mark(&ran->run, &error);
}

TEST(nothing_redacted_has_the_mark_0_and_no_error)
{
    struct ran *ran = ran_new();
    enum dvara_error_kind error = DVARA_ERROR_SCAN;
    ran->run.unscanned = DVARA_ERROR_SCAN;
    ck_assert_uint_eq(dvara_run_redaction_mark(&ran->run, &error), 0);
    ck_assert_int_eq(error, DVARA_ERROR_NONE);
    ran->run.styles[0] = ran->run.styles[1] = NULL;
    ck_assert_uint_eq(dvara_run_redaction_mark(&ran->run, &error), 0);
    free(ran);
}

TEST(something_redacted_has_a_mark_and_tells_why_the_prompt_was_not_scanned)
{
    struct ran *ran = ran_new();
    enum dvara_error_kind error;
    ran->run.unscanned = DVARA_ERROR_SCAN;
    ran->styles[0][5] = 1;
    ck_assert_uint_ne(dvara_run_redaction_mark(&ran->run, &error), 0);
    ck_assert_int_eq(error, DVARA_ERROR_SCAN);
    free(ran);
}

TEST(a_mark_hangs_on_the_detectors_of_the_bundle)
{
    struct ran *ran = ran_new();
    ran->styles[0][0] = 1;
    uint64_t before = mark_of(ran);
    ran->bundle.detectors_mark++;
    ck_assert_uint_ne(mark_of(ran), before);
    free(ran);
}

static int by_size(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Of each detector alone: every place, style and some thresholds; and with another beside it. */
static size_t every_redaction(struct ran *ran, uint64_t *marks)
{
    static const uint32_t thresholds[] = {0, 1, 300000, 700000, 1000000};
    size_t n = 0;
    for (uint32_t i = 0; i < 2 * DETECTORS; i++) {
        uint8_t *style = &ran->styles[i % 2][i / 2];
        uint32_t *threshold = &ran->thresholds[i % 2][i / 2];
        for (uint8_t s = DVARA_STYLE_NONE + 1; s < DVARA_STYLE_COUNT; s++) {
            for (size_t t = 0; t < sizeof thresholds / sizeof *thresholds; t++) {
                *style = s;
                *threshold = thresholds[t];
                marks[n++] = mark_of(ran);
            }
        }
        if (i % 7) /* some stay */
            *style = DVARA_STYLE_NONE;
    }
    return n;
}

TEST(other_redactions_have_other_marks)
{
    size_t room = (size_t)2 * DETECTORS * DVARA_STYLE_COUNT * 5;
    uint64_t *marks = calloc(room, sizeof *marks);
    ck_assert_ptr_nonnull(marks);
    struct ran *ran = ran_new();
    size_t n = every_redaction(ran, marks);
    ck_assert_uint_gt(n, 2 * DETECTORS);
    qsort(marks, n, sizeof *marks, by_size);
    for (size_t i = 1; i < n; i++)
        ck_assert_uint_ne(marks[i - 1], marks[i]);
    free(ran);
    free(marks);
}

SUITE(nothing_redacted_has_the_mark_0_and_no_error,
      something_redacted_has_a_mark_and_tells_why_the_prompt_was_not_scanned,
      a_mark_hangs_on_the_detectors_of_the_bundle, other_redactions_have_other_marks)

/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/padded.h"

#include "unit/suite.h"

#include <stdlib.h>
#include <string.h>

enum { PAGE = 4096 };

TEST(a_text_in_the_middle_of_a_page_is_not_copied)
{
    struct padded padded = {0};
    char *page = aligned_alloc(PAGE, (size_t)2 * PAGE);
    memset(page, 'x', (size_t)2 * PAGE);
    for (size_t n = 1; n <= PAGE - PADDED_BYTES; n++)
        ck_assert_ptr_eq(padded_begin(&padded, dvara_str_from(page, n)), page);
    ck_assert_ptr_null(padded.p);
    free(page);
}
END_TEST

TEST(a_text_near_the_end_of_a_page_is_copied_and_its_copy_wiped)
{
    struct padded padded = {0};
    char *page = aligned_alloc(PAGE, PAGE);
    memset(page, 'x', PAGE);
    for (size_t n = PAGE - PADDED_BYTES + 1; n <= PAGE; n++) {
        const char *copy = padded_begin(&padded, dvara_str_from(page, n));
        ck_assert_ptr_ne(copy, page);
        ck_assert_mem_eq(copy, page, n);
        ck_assert_int_eq(copy[n + PADDED_BYTES - 1], 0);
        padded_end(&padded, copy, n);
        ck_assert_int_eq(padded.p[0] | padded.p[n - 1], 0);
    }
    padded_clear(&padded);
    free(page);
}
END_TEST

TEST(the_copy_of_a_large_text_is_not_kept)
{
    struct padded padded = {0};
    size_t n = (size_t)64 * PAGE;
    char *pages = aligned_alloc(PAGE, n);
    memset(pages, 'x', n);
    const char *copy = padded_begin(&padded, dvara_str_from(pages, n));
    ck_assert_mem_eq(copy, pages, n);
    padded_end(&padded, copy, n);
    ck_assert_ptr_null(padded.p);
    free(pages);
}
END_TEST

TEST(an_empty_text_needs_no_memory)
{
    struct padded padded = {0};
    ck_assert_ptr_nonnull(padded_begin(&padded, (struct dvara_str){0}));
    padded_clear(&padded);
}
END_TEST

SUITE(a_text_in_the_middle_of_a_page_is_not_copied,
      a_text_near_the_end_of_a_page_is_copied_and_its_copy_wiped,
      the_copy_of_a_large_text_is_not_kept, an_empty_text_needs_no_memory)

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include "unit/suite.h"

#include <string.h>

static size_t plain(const unsigned char *p, size_t n)
{
    size_t i = 0;
    while (i < n && p[i] >= 0x20 && p[i] < 0x80 && p[i] != '"' && p[i] != '\\')
        i++;
    return i;
}

/* Each byte value at each place of texts of each length, from each alignment. */
TEST(all_forms_agree_with_the_plain_loop)
{
    json_scan *const forms[] = {
        json_scan_portable,
        json_scan_best(),
#if defined(__x86_64__)
        json_scan_sse2
#endif
    };
    for (size_t n = 0; n < 80; n++) {
        char *text = malloc(n ? n : 1); /* exact: a read past the end is seen by the sanitizer */
        for (size_t at = 0; at < n; at++) {
            for (unsigned byte = 0; byte < 256; byte++) {
                memset(text, 'a' + (int)(at % 20), n);
                text[at] = (char)byte;
                size_t want = plain((const unsigned char *)text, n);
                for (size_t k = 0; k < sizeof forms / sizeof *forms; k++)
                    ck_assert_msg(forms[k](text, n) == want, "form %zu: byte %u at %zu of %zu", k,
                                  byte, at, n);
            }
        }
        free(text);
    }
}

TEST(the_first_of_many_stops_counts)
{
    for (unsigned first = 0; first < 256; first++) {
        char text[16] = {'"', '"', '"', '"', '"', '"', '"', '"',
                         '"', '"', '"', '"', '"', '"', '"', '"'};
        for (size_t at = 0; at < 8; at++) {
            memset(text, 'x', at);
            text[at] = (char)first;
            size_t want = plain((const unsigned char *)text, 16);
            ck_assert_uint_eq(json_scan_portable(text, 16), want);
            ck_assert_uint_eq(json_scan_best()(text, 16), want);
        }
    }
}

SUITE(all_forms_agree_with_the_plain_loop, the_first_of_many_stops_counts)

/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "unit/suite.h"

#ifdef __SANITIZE_ADDRESS__
enum { COUNTS = 0 };
static size_t allocations;
#else
enum { COUNTS = 1 };
static size_t allocations;

/* glibc's own, under the names that the program calls. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);

void *malloc(size_t n)
{
    allocations++;
    return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
    allocations++;
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t n)
{
    allocations++;
    return __libc_realloc(p, n);
}
#endif

TEST(a_scan_allocates_nothing_once_it_is_warm)
{
    static const char *const texts[] = {
        "Write to jane.doe@example.com, card 4111 1111 1111 1111, ssn 536228726, 10.0.0.1.",
        "pay \xef\xbc\x94"
        "111 1111 1111 1111 or 4l11 1111 1111 1111 now, caf\xc3\xa9",
        "q=john%40example.com and NDExMTExMTExMTExMTExMQ== and {\\\"n\\\":\\\"\\\\u0034111\\\"}",
        "id,ssn\n1,536228726\n2,536228727\n", "plain words, and nothing that anyone would want"};
    struct fixture fixture = fixture_new();
    enum dvara_error_kind error;
    for (unsigned round = 0; round < 3; round++) {
        size_t before = allocations;
        bool right = true;
        for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
            (void)dvara_scan(fixture.scanner, NULL, dvara_str_from_cstr(texts[i]),
                             (struct dvara_str){0}, &error);
            right = right && error == DVARA_ERROR_NONE;
        }
        size_t after = allocations;
        ck_assert(right);
        if (COUNTS && round > 0)
            ck_assert_uint_eq(after, before);
    }
    if (!COUNTS)
        printf("allocations are not counted under AddressSanitizer\n");
    fixture_clear(&fixture);
}
END_TEST

SUITE(a_scan_allocates_nothing_once_it_is_warm)

/* SPDX-License-Identifier: Apache-2.0 */
/* A borrowed slice of bytes. It owns nothing and is not NUL-terminated; whoever lends it says how
 * long it lives. p == NULL with n == 0 means "absent" where a field is documented as optional. */
#ifndef DVARA_STR_H
#define DVARA_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct dvara_str {
    const char *p;
    size_t n;
};

#define DVARA_STR(lit) ((struct dvara_str){.p = "" lit, .n = sizeof(lit) - 1})
/* The same for static initialisers (a compound literal is no constant). */
#define DVARA_STR_INIT(lit)                                                                        \
    {                                                                                              \
        .p = "" lit, .n = sizeof(lit) - 1                                                          \
    }

/* For printf: printf("%.*s", DVARA_STR_ARG(s)). Lengths over INT_MAX are cut. */
#define DVARA_STR_ARG(s) (int)((s).n > 0x7fffffff ? 0x7fffffff : (s).n), (s).p ? (s).p : ""

static inline struct dvara_str dvara_str_from(const char *p, size_t n)
{
    return (struct dvara_str){.p = p, .n = n};
}

/* A slice over a NUL-terminated string; NULL gives the absent slice. */
static inline struct dvara_str dvara_str_from_cstr(const char *cstr)
{
    return (struct dvara_str){.p = cstr, .n = cstr ? strlen(cstr) : 0};
}

static inline bool dvara_str_is_absent(struct dvara_str s)
{
    return s.p == NULL;
}

/* Whether two runs of n bytes are the same. Inline up to 16 bytes, by loads that overlap: keys and
 * names are short, and calling memcmp costs more than comparing them. */
static inline bool dvara_bytes_eq(const char *a, const char *b, size_t n)
{
    uint64_t a8, b8, a8_last, b8_last;
    uint32_t a4, b4, a4_last, b4_last;
    if (n > 16)
        return memcmp(a, b, n) == 0;
    if (n >= 8) {
        memcpy(&a8, a, 8), memcpy(&b8, b, 8);
        memcpy(&a8_last, a + n - 8, 8), memcpy(&b8_last, b + n - 8, 8);
        return ((a8 ^ b8) | (a8_last ^ b8_last)) == 0;
    }
    if (n >= 4) {
        memcpy(&a4, a, 4), memcpy(&b4, b, 4);
        memcpy(&a4_last, a + n - 4, 4), memcpy(&b4_last, b + n - 4, 4);
        return ((a4 ^ b4) | (a4_last ^ b4_last)) == 0;
    }
    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

static inline bool dvara_str_eq(struct dvara_str a, struct dvara_str b)
{
    return a.n == b.n && dvara_bytes_eq(a.p, b.p, a.n);
}

static inline bool dvara_str_starts_with(struct dvara_str s, struct dvara_str prefix)
{
    return s.n >= prefix.n && (prefix.n == 0 || memcmp(s.p, prefix.p, prefix.n) == 0);
}

static inline bool dvara_str_ends_with(struct dvara_str s, struct dvara_str suffix)
{
    return s.n >= suffix.n &&
           (suffix.n == 0 || memcmp(s.p + (s.n - suffix.n), suffix.p, suffix.n) == 0);
}

/* [from, to) of s; both ends are clamped into s. */
static inline struct dvara_str dvara_str_slice(struct dvara_str s, size_t from, size_t to)
{
    if (to > s.n)
        to = s.n;
    if (from > to)
        from = to;
    return (struct dvara_str){.p = s.p ? s.p + from : NULL, .n = to - from};
}

/* Order by bytes, shorter first on a common prefix: <0, 0, >0. */
static inline int dvara_str_cmp(struct dvara_str a, struct dvara_str b)
{
    size_t n = a.n < b.n ? a.n : b.n;
    int c = n ? memcmp(a.p, b.p, n) : 0;
    return c ? c : (a.n > b.n) - (a.n < b.n);
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* The pages of docs/diagnostics, embedded at build; sorted by code. */
#ifndef LANG_POLICYC_PAGES_H
#define LANG_POLICYC_PAGES_H

#include <stddef.h>

struct page {
    const char *code;
    const unsigned char *text; /* Markdown */
    size_t n;
};

extern const struct page pages[];
extern const size_t n_pages;

#endif

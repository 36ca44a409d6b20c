/* SPDX-License-Identifier: Apache-2.0 */
/* One compile of one set: each pattern by PCRE2, then the searchable ones together by Hyperscan. */
#ifndef PATTERN_BUILD_COMPILER_H
#define PATTERN_BUILD_COMPILER_H

#include "base/buf.h"
#include "pattern/build/build.h"
#include "pattern/compiled.h"

struct compiler {
    const struct pattern_source *sources;
    size_t n;
    char **cstrs; /* sources, NUL-terminated, with (?x) where asked for */
    struct pattern_row *rows;
    pcre2_code **codes;
    bool *matches_empty;
    bool *prefilter;                 /* Hyperscan only takes it as a superset */
    struct buf databases[DATABASES]; /* serialised */
    unsigned n_weak;                 /* patterns that are placed in weak databases */
    bool no_memory;
};

DVARA_MUST_CHECK enum dvara_status compiler_init(struct compiler *compiler,
                                                 const struct pattern_source *sources, size_t n);
void compiler_clear(struct compiler *compiler);
/* PCRE2: whether each source is a pattern at all, and its exact code. */
DVARA_MUST_CHECK enum dvara_status compiler_exact(struct compiler *compiler,
                                                  struct pattern_build_error *ret_error);
/* Hyperscan: chooses a database for each pattern and builds both. */
DVARA_MUST_CHECK enum dvara_status compiler_search(struct compiler *compiler,
                                                   struct pattern_build_error *ret_error);

#endif

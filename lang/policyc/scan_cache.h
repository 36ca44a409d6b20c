/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled detectors kept between runs, in $XDG_CACHE_HOME/dvara or ~/.cache/dvara: compiling a few
 * hundred patterns takes seconds. A file is used only if it and its folder are the caller's alone
 * to write: what it holds is native code in effect. */
#ifndef LANG_POLICYC_SCAN_CACHE_H
#define LANG_POLICYC_SCAN_CACHE_H

#include "dvara/bundle.h"
#include "policyc/front.h"

#include <limits.h>

struct scan_cache {
    char path_cstr[PATH_MAX]; /* empty: there is no place for a cache */
};

/* The place of what the sources read, the detectors chosen and their floors compile to. */
void scan_cache_find(struct scan_cache *cache, const struct program *program,
                     const uint32_t *floors);
/* False: nothing usable is kept there. */
bool scan_cache_load(const struct scan_cache *cache, struct dvara_bundle **ret_bundle);
/* Keeps a bundle with its databases; does nothing if it cannot. */
void scan_cache_store(const struct scan_cache *cache, struct dvara_str bytes);

#endif

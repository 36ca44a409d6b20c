/* SPDX-License-Identifier: Apache-2.0 */
/* The detectors that one scan looks for: the shipped library's or those of the policies given,
 * chosen by names of detectors and groups, compiled without anything else those files declare. */
#ifndef LANG_POLICYC_SCAN_DETECTORS_H
#define LANG_POLICYC_SCAN_DETECTORS_H

#include "dvara/bundle.h"
#include "dvara/pii.h"
#include "policyc/front.h"

struct scan_choice {
    const struct dvara_str *policies; /* files and folders; none: the library's folders */
    size_t n_policies;
    const char *names;     /* "email,financial"; NULL or "all": every detector */
    int64_t threshold_ppm; /* -1: what the groups named say, else 50% */
    bool uncached;         /* compile anew, and keep nothing */
    bool names_only;       /* compile nothing: there will be no bundle */
};

struct scan_detectors {
    struct dvara_bundle *bundle;
    const struct dvara_detectors *detectors;
    struct decl *const *decls; /* by detector number; of the front's program */
    size_t n;
};

/* Reads, checks and compiles. An exit code; what is wrong was printed. The front must outlive what
 * is returned. */
int scan_detectors_load(struct front *front, const struct scan_choice *choice,
                        struct scan_detectors *ret_detectors);
void scan_detectors_clear(struct scan_detectors *detectors);

#endif

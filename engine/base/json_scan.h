/* SPDX-License-Identifier: Apache-2.0 */
/* The inner loop of JSON strings: how many leading bytes are plain ASCII, that is neither a quote,
 * a backslash, a control below 0x20, nor 0x80 and above. Three forms that agree; the best one for
 * this machine is asked for once a document. Reads no byte past n. */
#ifndef BASE_JSON_SCAN_H
#define BASE_JSON_SCAN_H

#include <stddef.h>

typedef size_t json_scan(const char *p, size_t n);

json_scan *json_scan_best(void);

json_scan json_scan_portable;
#if defined(__x86_64__)
json_scan json_scan_sse2; /* part of the architecture */
json_scan json_scan_avx2; /* asks for the feature */
#endif

#endif

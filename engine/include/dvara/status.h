/* SPDX-License-Identifier: Apache-2.0 */
/* How engine and gateway functions fail: one enum, rows in status.def. */
#ifndef DVARA_STATUS_H
#define DVARA_STATUS_H

enum dvara_status {
#define STATUS(name, what) DVARA_##name,
#include "dvara/status.def"
    DVARA_STATUS_COUNT
};

#define DVARA_MUST_CHECK __attribute__((warn_unused_result))

/* The status's row: its name ("CORRUPT") and its sentence. Static storage. */
const char *dvara_status_name(enum dvara_status status);
const char *dvara_status_sentence(enum dvara_status status);

#endif

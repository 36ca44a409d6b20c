/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/status.h"

#include <assert.h>

static const struct {
    const char *name;
    const char *sentence;
} rows[DVARA_STATUS_COUNT] = {
#define STATUS(id, what) [DVARA_##id] = {.name = #id, .sentence = what},
#include "dvara/status.def"
};

const char *dvara_status_name(enum dvara_status status)
{
    assert(status < DVARA_STATUS_COUNT);
    return rows[status].name;
}

const char *dvara_status_sentence(enum dvara_status status)
{
    assert(status < DVARA_STATUS_COUNT);
    return rows[status].sentence;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/databases.h"

#include "base/buf.h"
#include "pattern/wire.h"

void pattern_databases_join(const struct pattern_databases *databases, struct buf *out)
{
    wire_put_str(out, databases->rules);
    wire_put_str(out, databases->detectors);
}

enum dvara_status pattern_databases_split(struct dvara_str section,
                                          struct pattern_databases *ret_databases)
{
    struct wire_reader reader = {.rest = section};
    struct pattern_databases found = {.rules = wire_str(&reader), .detectors = wire_str(&reader)};
    if (reader.failed || reader.rest.n)
        return DVARA_CORRUPT;
    *ret_databases = found;
    return DVARA_OK;
}

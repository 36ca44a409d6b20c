/* SPDX-License-Identifier: Apache-2.0 */
/* How a rule of the response phase is judged on a stream. */
#include "lang/generator.h"

#include "bundle/verify.h"
#include "lang/stream.h"

enum { LATE = BUNDLE_DEPENDS_RESPONSE | BUNDLE_DEPENDS_PHASE };

enum bundle_stream generate_stream(struct generator *generator, const struct rule *rule,
                                   uint32_t depends)
{
    (void)generator;
    if (!(depends & LATE))
        return BUNDLE_STREAM_EARLY;
    if (rule->on_stream_notify)
        return BUNDLE_STREAM_NOTIFY;
    return stream_blocker(rule->when) ? BUNDLE_STREAM_BUFFER : BUNDLE_STREAM_INCREMENTAL;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in place of one value. */
#ifndef PII_REDACT_H
#define PII_REDACT_H

#include "dvara/pii.h"

/* Appends the replacement of `value`, which `detector` claimed. vault may be NULL where nothing is
 * issued: `hash` then means `label`. TOO_LARGE, NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status redact_value(const struct dvara_detectors *detectors,
                                                struct dvara_vault *vault, bool may_issue,
                                                size_t detector, enum dvara_style style,
                                                struct dvara_str value, struct buf *out);

#endif

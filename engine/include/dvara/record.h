/* SPDX-License-Identifier: Apache-2.0 */
/* What a record of a decision keeps beside the decision and its atoms (trace.h), so that replay.h
 * can make the decision again without the content. Ask after the request phase. */
#ifndef DVARA_RECORD_H
#define DVARA_RECORD_H

#include "dvara/request.h"

struct dvara_run;

/* The values that rules may rewrite and a record keeps, as the client sent them. */
struct dvara_sent {
    struct dvara_str model;
    struct dvara_opt_int max_tokens;
    struct dvara_opt_float temperature;
};
struct dvara_sent dvara_run_sent(const struct dvara_run *run);

/* What the request asks of a model: bits 1 << enum dvara_capability, and how many images. */
uint32_t dvara_facts_capabilities(const struct dvara_facts *facts, uint32_t *ret_images);

/* Which detectors are redacted in the prompt, where, how and from which score on, and what all the
 * detectors of the bundle are, as one number: equal numbers replace the same. 0: nothing is
 * redacted. ret_error: why the prompt could not be scanned, or NONE. */
uint64_t dvara_run_redaction_mark(const struct dvara_run *run, enum dvara_error_kind *ret_error);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What a record of a decision keeps beside the decision and its atoms (trace.h), so that replay.h
 * can make the decision again without the content. Ask after the request phase. */
#ifndef DVARA_RECORD_H
#define DVARA_RECORD_H

#include "dvara/request.h"

#include <stddef.h>

struct dvara_run;

/* What of the facts a record keeps (inputs.def): where it stands in struct dvara_facts, and as
 * what. */
enum dvara_input_shape {
    DVARA_INPUT_TEXT,   /* struct dvara_str */
    DVARA_INPUT_TEXTS,  /* struct dvara_strs */
    DVARA_INPUT_PAIRS,  /* struct dvara_pairs */
    DVARA_INPUT_NUMBER, /* int64_t */
    DVARA_INPUT_TIME    /* int64_t, nanoseconds since 1970 */
};
struct dvara_input {
    enum dvara_input_shape shape;
    struct dvara_str path; /* of the attribute: the member's name in the record */
    size_t offset;
};
enum {
    DVARA_INPUT_COUNT = 0
#define INPUT(shape, path, member) +1
#include "dvara/inputs.def"
};
extern const struct dvara_input dvara_inputs[DVARA_INPUT_COUNT];

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

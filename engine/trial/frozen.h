/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of a bundle (SECTION_TESTS): each row of a test with the whole of what is given and all
 * that is expected, so that whoever holds the bundle can judge it again with no parser.
 * bundle/format.md has the bytes. */
#ifndef TRIAL_FROZEN_H
#define TRIAL_FROZEN_H

#include "trial/expectation.h"
#include "trial/given.h"

struct buf;

struct frozen_test {
    struct dvara_str name;
    struct dvara_str row;  /* of a table test; absent: the test has no cases */
    struct dvara_str file; /* as the bundle records it */
    uint32_t line;
    const struct expectation *expects;
    size_t n_expects;
};

/* Appends one test to a section. `given` is not finished. Reading it back gives the same facts. */
void frozen_append(struct buf *out, const struct frozen_test *test, const struct given *given);

/* Walks a section. Zero-initialise with the section's bytes (absent: no tests). */
struct frozen_reader {
    struct dvara_str section;
    size_t at;
};

/* The next test and its facts, not finished; strings are slices of the section, the rest lies in
 * the arena. NOT_FOUND at the end; INVALID: the bytes are not those of a test; NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status frozen_next(struct frozen_reader *reader, struct arena *arena,
                                               struct frozen_test *ret_test,
                                               struct given *ret_given);

#endif

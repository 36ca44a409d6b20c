/* SPDX-License-Identifier: Apache-2.0 */
/* Questions about a text that no index answers, asked one after the other, a nanosecond each: does
 * it end with, does it contain, is it other than. What is compared lies side by side; the text is
 * looked at once. */
#ifndef VM_INDEX_TEST_H
#define VM_INDEX_TEST_H

#include "dvara/str.h"
#include "vm/index_sink.h"

struct arena;

/* A question and the rule that asks it. */
struct index_test {
    struct dvara_str text;
    uint32_t rule;
    uint8_t kind; /* BUNDLE_KEY_SUFFIX, _SUBSTRING or _OTHER */
};

/* One that waits: what can be compared without looking at its text. */
struct index_test_row {
    uint64_t word; /* SUFFIX, OTHER: the text's last bytes, at most 8; SUBSTRING: its pairs' bits */
    uint64_t mask; /* SUFFIX, OTHER: which of them it has */
    uint32_t number;
};

struct index_tests {
    struct index_test_row *rows; /* suffixes, then substrings, then others */
    uint32_t n_suffixes, n_substrings, n_others;
    struct dvara_str *texts; /* by number */
    uint32_t *rules;
};

/* False: out of memory. */
bool index_tests_build(const struct index_test *tests, uint32_t n, struct arena *arena,
                       struct index_tests *ret_tests);
void index_tests_find(const struct index_tests *tests, struct dvara_str text,
                      struct index_sink *sink);

#endif

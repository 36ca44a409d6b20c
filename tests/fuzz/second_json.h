/* SPDX-License-Identifier: Apache-2.0 */
/* A second opinion on a JSON text. Jansson stands behind it in a file of its own: its header and
 * base/json.h share names. */
#ifndef TESTS_FUZZ_SECOND_JSON_H
#define TESTS_FUZZ_SECOND_JSON_H

#include <stdbool.h>
#include <stddef.h>

bool second_json_accepts(const char *text, size_t n);

#endif

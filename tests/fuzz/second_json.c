/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz/second_json.h"

#include <jansson.h>

bool second_json_accepts(const char *text, size_t n)
{
    json_t *tree = json_loadb(
        text, n,
        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, NULL);
    bool accepts = tree != NULL;
    json_decref(tree);
    return accepts;
}

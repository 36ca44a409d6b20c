/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/chain_state.h"

#include <stdio.h>

void chain_path(const struct audit_chain *chain, unsigned number, char path[CHAIN_PATH_BYTES])
{
    snprintf(path, CHAIN_PATH_BYTES, "%s/%s-%06u.jsonl", chain->audit->options.folder_cstr,
             chain->name, number);
}

bool chain_file_name(const char *file_cstr, struct dvara_str *ret_chain, unsigned *ret_number)
{
    static const char suffix[] = ".jsonl";
    size_t n = strlen(file_cstr), digits = 6, tail = digits + sizeof suffix - 1;
    if (n < tail + 2 || n - tail - 1 >= CHAIN_NAME_BYTES ||
        strcmp(file_cstr + n - 6, suffix) != 0 || file_cstr[n - tail - 1] != '-')
        return false;
    unsigned number = 0;
    for (size_t i = n - tail; i < n - 6; i++) {
        if (file_cstr[i] < '0' || file_cstr[i] > '9')
            return false;
        number = number * 10 + (unsigned)(file_cstr[i] - '0');
    }
    *ret_chain = dvara_str_from(file_cstr, n - tail - 1);
    *ret_number = number;
    return number != 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which path the data plane serves: rows of paths.def. */
#ifndef GATEWAY_PATHS_H
#define GATEWAY_PATHS_H

#include "gateway/errors.h"
#include "gateway/keys.h"

enum path_id {
#define PATH(id, method, path, match, endpoint, scope, needs_key) PATH_ID_##id,
#include "gateway/paths.def"
    PATH_ID_COUNT
};

struct path_row {
    enum path_id id;
    struct dvara_str method, path;
    bool is_prefix;
    struct dvara_str endpoint;
    enum key_scope scope; /* KEY_SCOPE_COUNT: none */
    bool needs_key;
};

/* Finds the row for a raw path (without its query) and a method. On true *ret_row is set, and
 * *ret_rest is what follows a PREFIX. On false *ret_error says why, and *ret_row is the row of
 * another method when the error is METHOD_NOT_ALLOWED, else NULL. */
bool path_find(struct dvara_str method, struct dvara_str path, const struct path_row **ret_row,
               struct dvara_str *ret_rest, struct gateway_error *ret_error);

#endif

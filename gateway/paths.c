/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/paths.h"

enum { EXACT, PREFIX };
/* Health needs no key and so no scope. */
#define KEY_SCOPE_NONE KEY_SCOPE_COUNT

static const struct path_row rows[PATH_ID_COUNT] = {
#define PATH(row, verb, text, match, api, needed, key)                                             \
    [PATH_ID_##row] = {.id = PATH_ID_##row,                                                        \
                       .method = {verb, sizeof(verb) - 1},                                         \
                       .path = {text, sizeof(text) - 1},                                           \
                       .is_prefix = match == PREFIX,                                               \
                       .endpoint = {api, sizeof(api) - 1},                                         \
                       .scope = KEY_SCOPE_##needed,                                                \
                       .needs_key = key},
#include "gateway/paths.def"
};

/* Paths of the provider's API that clients may try and that this gateway does not serve. */
static const char *const unserved[] = {
    "/v1/completions", "/v1/responses",   "/v1/embeddings", "/v1/messages",
    "/v1/files",       "/v1/images",      "/v1/audio",      "/v1/batches",
    "/v1/moderations", "/v1/fine_tuning", "/v1/assistants", "/v1/threads",
};

static bool is_plain(struct dvara_str path)
{
    size_t segment = 1;
    for (size_t i = 0; i <= path.n; i++) {
        char c = i < path.n ? path.p[i] : '/';
        if (c == '%' || c == '\\' || c == ';')
            return false;
        if (c != '/' || i == 0)
            continue;
        struct dvara_str part = dvara_str_slice(path, segment, i);
        bool is_empty = part.n == 0 && i < path.n;
        if (is_empty || dvara_str_eq(part, DVARA_STR(".")) || dvara_str_eq(part, DVARA_STR("..")))
            return false;
        segment = i + 1;
    }
    return true;
}

static bool matches(const struct path_row *row, struct dvara_str path, struct dvara_str *ret_rest)
{
    *ret_rest = (struct dvara_str){0};
    if (!row->is_prefix)
        return dvara_str_eq(row->path, path);
    if (path.n <= row->path.n || !dvara_str_starts_with(path, row->path))
        return false;
    *ret_rest = dvara_str_slice(path, row->path.n, path.n);
    return true;
}

static struct gateway_error not_found(struct dvara_str path)
{
    struct gateway_error error = {.id = GATEWAY_ERROR_NOT_FOUND};
    if (path.n > 1 && path.p[path.n - 1] == '/')
        error.message = DVARA_STR("There is no such path here. Leave out the trailing slash.");
    for (size_t i = 0; i < sizeof unserved / sizeof *unserved; i++)
        if (dvara_str_starts_with(path, dvara_str_from_cstr(unserved[i])))
            error.message = DVARA_STR("This gateway does not serve that API. It serves POST "
                                      "/v1/chat/completions and GET /v1/models.");
    return error;
}

bool path_find(struct dvara_str method, struct dvara_str path, const struct path_row **ret_row,
               struct dvara_str *ret_rest, struct gateway_error *ret_error)
{
    *ret_row = NULL;
    *ret_rest = (struct dvara_str){0};
    if (!is_plain(path)) {
        *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_INVALID_PATH};
        return false;
    }
    if (dvara_str_starts_with(path, DVARA_STR("/v1/v1/")))
        path = dvara_str_slice(path, 3, path.n);
    bool is_trailing = path.n > 1 && path.p[path.n - 1] == '/';
    for (size_t i = 0; i < PATH_ID_COUNT && !is_trailing; i++) {
        if (!matches(&rows[i], path, ret_rest))
            continue;
        *ret_row = &rows[i];
        if (dvara_str_eq(rows[i].method, method))
            return true;
    }
    *ret_error =
        *ret_row ? (struct gateway_error){.id = GATEWAY_ERROR_METHOD_NOT_ALLOWED} : not_found(path);
    return false;
}

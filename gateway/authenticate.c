/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/authenticate.h"

#include "base/time.h"
#include "gateway/keys.h"

static const struct dvara_str plain_headers[] = {
    DVARA_STR_INIT("x-api-key"), DVARA_STR_INIT("api-key"), DVARA_STR_INIT("x-goog-api-key")};

/* "Bearer k" is k; another scheme stays as it is, and so is no key of ours. */
static struct dvara_str bearer(struct dvara_str value)
{
    enum { SCHEME = 6 };
    if (value.n <= SCHEME || value.p[SCHEME] != ' ' ||
        !http_name_eq(dvara_str_slice(value, 0, SCHEME), DVARA_STR("bearer")))
        return value;
    size_t at = SCHEME;
    while (at < value.n && value.p[at] == ' ')
        at++;
    return dvara_str_slice(value, at, value.n);
}

static bool is_plain_header(struct dvara_str name)
{
    for (size_t i = 0; i < sizeof plain_headers / sizeof *plain_headers; i++)
        if (http_name_eq(name, plain_headers[i]))
            return true;
    return false;
}

/* Every non-empty value in the four key headers counts (G6). */
static bool find_secret(const struct http_head *head, struct dvara_str *ret_secret)
{
    *ret_secret = (struct dvara_str){0};
    for (size_t i = 0; i < head->field_count; i++) {
        const struct http_field *field = &head->fields[i];
        struct dvara_str value = field->value;
        if (http_name_eq(field->name, DVARA_STR("authorization")))
            value = bearer(value);
        else if (!is_plain_header(field->name))
            continue;
        if (value.n == 0)
            continue;
        if (ret_secret->n > 0 && !dvara_str_eq(*ret_secret, value))
            return false;
        *ret_secret = value;
    }
    return true;
}

static const enum gateway_error_id verdict_errors[] = {
    [KEY_UNKNOWN] = GATEWAY_ERROR_INVALID_API_KEY,
    [KEY_REVOKED] = GATEWAY_ERROR_API_KEY_REVOKED,
    [KEY_EXPIRED] = GATEWAY_ERROR_API_KEY_EXPIRED,
};

static bool check_scope(const struct exchange *x, struct gateway_error *ret_error)
{
    enum key_scope scope = x->path->scope;
    if (scope == KEY_SCOPE_COUNT || key_has_scope(x->key, scope))
        return true;
    *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_API_KEY_SCOPE};
    return false;
}

bool authenticate(struct exchange *x, const struct http_head *head, struct gateway_error *ret_error)
{
    struct dvara_str secret;
    *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_API_KEY_REQUIRED};
    if (!find_secret(head, &secret)) {
        ret_error->id = GATEWAY_ERROR_AMBIGUOUS_CREDENTIALS;
        return false;
    }
    if (secret.n == 0)
        return false;
    const struct config_key *key = NULL;
    enum key_verdict verdict =
        key_check(x->snapshot->config, x->gateway->hasher, secret, (int64_t)x->view.time_ns, &key);
    if (verdict != KEY_GOOD) {
        ret_error->id = verdict_errors[verdict];
        return false;
    }
    x->key = key;
    x->view.key_id = key->id;
    x->view.tenant_id = key->tenant->id;
    x->view.has_usual_scopes = key->has_usual_scopes;
    x->is_authenticated = true;
    if (key->tenant->status == CONFIG_STATUS_SUSPENDED) {
        ret_error->id = GATEWAY_ERROR_TENANT_SUSPENDED;
        return false;
    }
    return check_scope(x, ret_error);
}

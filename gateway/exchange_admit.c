/* SPDX-License-Identifier: Apache-2.0 */
/* HEAD, AUTHENTICATE, ADMIT: what is decided of a request before its body is read. */
#include "gateway/authenticate.h"
#include "gateway/exchange_state.h"
#include "gateway/ids.h"
#include "gateway/judge.h"
#include "gateway/limits.h"
#include "gateway/models.h"
#include "gateway/strangers.h"

static void refuse(struct exchange *x, struct gateway_error error)
{
    exchange_refuse(x, &error, EXCHANGE_OUTCOME_REFUSED);
}

static bool is_json_type(struct dvara_str value)
{
    size_t n = 0;
    while (n < value.n && value.p[n] != ';')
        n++;
    struct dvara_str type = dvara_str_slice(value, 0, n);
    while (type.n > 0 && type.p[type.n - 1] == ' ')
        type.n--;
    return http_name_eq(type, DVARA_STR("application/json"));
}

static bool check_session(struct exchange *x, const struct http_head *head,
                          struct gateway_error *ret_error)
{
    const struct http_field *session = http_head_find(head, DVARA_STR("x-session-id"), 0);
    if (!session)
        return true;
    x->view.session_id = session->value;
    if (ids_session_is_valid(session->value))
        return true;
    x->view.session_id = (struct dvara_str){0};
    *ret_error = (struct gateway_error){
        .id = GATEWAY_ERROR_INVALID_PARAMETER,
        .param = DVARA_STR("X-Session-Id"),
        .message = DVARA_STR("X-Session-Id must be 1 to 128 visible ASCII characters.")};
    return false;
}

static bool admit(struct exchange *x, const struct http_head *head, struct gateway_error *ret_error)
{
    struct dvara_str encoding = http_head_value(head, DVARA_STR("content-encoding"));
    if (!is_json_type(http_head_value(head, DVARA_STR("content-type"))) ||
        !dvara_str_is_absent(encoding)) {
        *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_UNSUPPORTED_MEDIA_TYPE};
        return false;
    }
    if (head->framing == HTTP_FRAMING_LENGTH &&
        head->content_length > x->snapshot->config->limits.body_bytes) {
        *ret_error = (struct gateway_error){.id = GATEWAY_ERROR_INPUT_TOO_LARGE};
        return false;
    }
    return check_session(x, head, ret_error);
}

typedef void answer_function(struct exchange *x);

static answer_function *const get_answers[PATH_ID_COUNT] = {
    [PATH_ID_MODELS] = models_list,
    [PATH_ID_MODEL] = models_get,
    [PATH_ID_HEALTH] = models_health,
    [PATH_ID_READY] = models_ready,
};

/* The address whose key this worker found good last, a moment ago: it is exempt (G1), and its hour
 * need not begin anew for every request. */
static bool is_known(const struct exchange *x)
{
    const struct gateway_worker *gateway = x->gateway;
    return x->head_ns < gateway->known_until_ns &&
           dvara_str_eq(dvara_str_from(gateway->known_ip, gateway->known_ip_length), x->view.ip);
}

static void note_address(struct exchange *x)
{
    struct gateway_worker *gateway = x->gateway;
    struct dvara_str ip = x->view.ip;
    strangers_note(gateway->strangers, ip, x->is_authenticated, x->head_ns);
    if (!x->is_authenticated || ip.n > sizeof gateway->known_ip)
        return;
    memcpy(gateway->known_ip, ip.p, ip.n);
    gateway->known_ip_length = ip.n;
    gateway->known_until_ns = x->head_ns + LIMIT_SECOND_NS;
}

void exchange_admit(struct exchange *x, const struct http_head *head)
{
    struct gateway_error error;
    uint64_t wait_ns;
    bool was_known = is_known(x);
    if (!was_known && !strangers_may_try(x->gateway->strangers, x->view.ip, x->head_ns, &wait_ns)) {
        refuse(x, (struct gateway_error){.id = GATEWAY_ERROR_RATE_LIMIT_EXCEEDED,
                                         .retry_after_ms = wait_ns / 1000000 + 1});
        return;
    }
    if (!path_find(head->method, head->path, &x->path, &x->path_rest, &error)) {
        refuse(x, error);
        return;
    }
    if (!x->path->needs_key) {
        get_answers[x->path->id](x);
        return;
    }
    if (!x->snapshot || !x->snapshot->bundle) {
        refuse(x, (struct gateway_error){.id = GATEWAY_ERROR_OVERLOADED,
                                         .message = DVARA_STR("No policy is loaded yet.")});
        return;
    }
    x->view.step = EXCHANGE_STEP_AUTHENTICATE;
    bool may = authenticate(x, head, &error);
    if (!was_known || !x->is_authenticated)
        note_address(x);
    if (!may) {
        refuse(x, error);
        return;
    }
    x->view.step = EXCHANGE_STEP_ADMIT;
    if (x->path->endpoint.n == 0) {
        judge_headers(x, head);
        get_answers[x->path->id](x);
        return;
    }
    x->view.endpoint = x->path->endpoint;
    if (!admit(x, head, &error)) {
        refuse(x, error);
        return;
    }
    x->view.step = EXCHANGE_STEP_BODY;
    http_conn_accept_body(x->conn, x->snapshot->config->limits.body_bytes);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/answer.h"

#include "base/bytes.h"
#include "gateway/dialect/openai_chat.h"
#include "gateway/http/reply.h"
#include "gateway/keys.h"

enum {
    HEADER_VALUE_MAX = 4096,   /* of one list of rules or one warning */
    ERROR_BODY_MAX = 64 * 1024 /* a reason may show several values of 128 characters */
};

static const char *const verdict_names[] = {
    [DVARA_VERDICT_ALLOW] = "allow",
    [DVARA_VERDICT_DENY] = "deny",
    [DVARA_VERDICT_APPROVAL] = "approval",
};

void answer_add(struct answer_head *head, struct dvara_str name, struct dvara_str value)
{
    if (head->n < ANSWER_FIELDS_MAX && value.n > 0)
        head->v[head->n++] = (struct http_field){.name = name, .value = value};
}

/* A header value is visible ASCII: everything else of a text becomes a question mark. */
static struct dvara_str header_text(struct exchange *x, struct dvara_str text)
{
    size_t n = text.n < HEADER_VALUE_MAX ? text.n : HEADER_VALUE_MAX;
    char *p = arena_alloc(&x->arena, n);
    if (!p)
        return (struct dvara_str){0};
    for (size_t i = 0; i < n; i++)
        p[i] = text.p[i] >= ' ' && text.p[i] <= '~' ? text.p[i] : '?';
    return dvara_str_from(p, n);
}

static struct dvara_str rule_list(struct exchange *x, const struct dvara_decision *decision)
{
    struct buf list;
    buf_init(&list, HEADER_VALUE_MAX);
    for (size_t i = 0; i < decision->n_rules; i++) {
        struct dvara_str name = dvara_bundle_rule(x->snapshot->bundle, decision->rules[i]).name;
        if (list.n + name.n + 1 > HEADER_VALUE_MAX)
            break;
        if (list.n > 0)
            buf_byte(&list, ',');
        buf_append(&list, name);
    }
    struct dvara_str copy = arena_copy(&x->arena, buf_str(&list));
    buf_clear(&list);
    return copy;
}

static struct dvara_str policy_name(struct exchange *x)
{
    struct dvara_bundle_info info = dvara_bundle_info(x->snapshot->bundle);
    struct buf out;
    buf_init(&out, HEADER_VALUE_MAX);
    buf_append(&out, info.name);
    buf_byte(&out, '@');
    bytes_hex(&out, dvara_str_from((const char *)info.digest, 8));
    struct dvara_str copy = arena_copy(&x->arena, buf_str(&out));
    buf_clear(&out);
    return copy;
}

bool answer_shows_all(const struct exchange *x)
{
    return x->snapshot->config->headers == CONFIG_HEADERS_FULL ||
           key_has_scope(x->key, KEY_SCOPE_EXPLAIN);
}

static void add_explanation(struct exchange *x, struct answer_head *head, bool with_target)
{
    const struct dvara_decision *decision = x->view.decision;
    answer_add(head, DVARA_STR("x-dvara-rules"), rule_list(x, decision));
    if (decision->route != DVARA_NO_ROUTE)
        answer_add(head, DVARA_STR("x-dvara-route"),
                   dvara_bundle_route(x->snapshot->bundle, decision->route).name);
    if (with_target && x->view.provider.n > 0)
        answer_add(
            head, DVARA_STR("x-dvara-target"),
            header_text(x, arena_join(&x->arena, x->view.provider, '/', x->view.target_model)));
    answer_add(head, DVARA_STR("x-dvara-policy"), policy_name(x));
    answer_add(head, DVARA_STR("x-dvara-overhead-us"),
               arena_int(&x->arena, (int64_t)(x->view.overhead_ns / 1000)));
}

void answer_common(struct exchange *x, struct answer_head *head, bool with_target)
{
    answer_add(head, DVARA_STR("x-request-id"), x->view.request_id);
    answer_add(head, DVARA_STR("request-id"), x->view.request_id);
    answer_add(head, DVARA_STR("x-trace-id"), x->view.trace_id);
    const struct dvara_decision *decision = x->view.decision;
    if (!x->is_authenticated || !decision)
        return;
    answer_add(head, DVARA_STR("x-dvara-decision"),
               dvara_str_from_cstr(verdict_names[decision->verdict]));
    for (size_t i = 0; i < decision->n_warnings && i < ANSWER_WARNINGS_MAX; i++)
        answer_add(head, DVARA_STR("x-dvara-warning"), header_text(x, decision->warnings[i]));
    if (answer_shows_all(x))
        add_explanation(x, head, with_target);
}

void answer_json(struct exchange *x, int status, struct answer_head *head, struct dvara_str body)
{
    struct http_conn *conn = x->conn;
    answer_add(head, DVARA_STR("content-type"), DVARA_STR("application/json"));
    x->conn = NULL;
    http_reply_send(conn, status, head->v, head->n, body);
}

static void add_retry(struct exchange *x, struct answer_head *head,
                      const struct gateway_error *error)
{
    if (gateway_error_is_final(error))
        answer_add(head, DVARA_STR("x-should-retry"), DVARA_STR("false"));
    if (error->retry_after_ms == 0)
        return;
    unsigned long long ms = error->retry_after_ms;
    answer_add(head, DVARA_STR("retry-after"), arena_printf(&x->arena, "%llu", (ms + 999) / 1000));
    answer_add(head, DVARA_STR("retry-after-ms"), arena_printf(&x->arena, "%llu", ms));
}

void answer_error(struct exchange *x, const struct gateway_error *error)
{
    struct answer_head head = {.n = 0};
    struct buf body;
    buf_init(&body, ERROR_BODY_MAX);
    struct chat_error shape = gateway_error_chat(error, x->view.trace_id);
    openai_chat_write_error(&body, &shape);
    if (buf_failed(&body)) {
        buf_reset(&body);
        shape.message = gateway_error_row(error->id)->message;
        openai_chat_write_error(&body, &shape);
    }
    answer_common(x, &head, true);
    add_retry(x, &head, error);
    if (error->id == GATEWAY_ERROR_METHOD_NOT_ALLOWED && x->path)
        answer_add(&head, DVARA_STR("allow"), x->path->method);
    x->view.response_bytes += body.n;
    answer_json(x, gateway_error_status(error), &head, buf_str(&body));
    buf_clear(&body);
}

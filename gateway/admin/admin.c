/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/admin/admin.h"

#include "base/json_text.h"
#include "gateway/audit/audit.h"
#include "gateway/bundle_slot.h"
#include "gateway/exchange.h"
#include "gateway/http/reply.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/reload.h"
#include "gateway/worker.h"

#include <openssl/crypto.h>
#include <stdlib.h>

enum {
    ANSWER_BYTES = 16 * 1024 * 1024,
    FAILURE_DELAY_MS = 500, /* a guess a connection and half second; 256 bits do the rest */
};

struct admin {
    struct admin_options options;
    struct http_handler handler;
    unsigned char token_hash[32];
    bool has_token;
    struct arena arena;
    struct dvara_strs hosts; /* what the Host field may hold, without port */
};

struct answer {
    int status;
    struct dvara_str content_type;
    struct buf body;
};

/* A refusal that waits its delay out. */
struct refusal {
    struct deadline due;
    struct admin *admin;
    struct http_conn *conn;
};

static void answer_metrics(struct admin *admin, struct answer *answer)
{
    struct buf *out = &answer->body;
    answer->content_type = DVARA_STR("text/plain; version=0.0.4; charset=utf-8");
    metrics_write(admin->options.metrics, admin->options.n_metrics, out);
#define GAUGE(name, help, value)                                                                   \
    BUF_LIT(out, "# HELP " name " " help "\n# TYPE " name " gauge\n" name " ");                    \
    buf_int(out, (int64_t)(value));                                                                \
    buf_byte(out, '\n');
#include "gateway/admin/gauges.def"
    buf_printf(out,
               "# HELP dvara_build_info Version.\n# TYPE dvara_build_info gauge\n"
               "dvara_build_info{version=\"%s\"} 1\n",
               admin->options.version_cstr);
}

static void answer_bundle(struct admin *admin, struct answer *answer)
{
    reload_describe(admin->options.reload, &answer->body);
    buf_byte(&answer->body, '\n');
}

static const struct route {
    struct dvara_str method, path;
    void (*answer)(struct admin *admin, struct answer *answer);
} routes[] = {
#define ROUTE(method_, path_, function, role, audited, what)                                       \
    {DVARA_STR_INIT(method_), DVARA_STR_INIT(path_), answer_##function},
#include "gateway/admin/routes.def"
};

static void write_error(struct answer *answer, int status, struct dvara_str code,
                        struct dvara_str message)
{
    answer->status = status;
    BUF_LIT(&answer->body, "{\"error\":{\"message\":");
    json_write_string(&answer->body, message);
    BUF_LIT(&answer->body, ",\"code\":");
    json_write_string(&answer->body, code);
    BUF_LIT(&answer->body, "}}\n");
}

static void send_answer(struct http_conn *conn, struct answer *answer)
{
    const struct http_field fields[] = {
        {DVARA_STR("content-type"), answer->content_type},
        {DVARA_STR("cache-control"), DVARA_STR("no-store")},
        {DVARA_STR("x-content-type-options"), DVARA_STR("nosniff")},
        {DVARA_STR("www-authenticate"), DVARA_STR("Bearer")},
    };
    size_t count = answer->status == 401 ? 4 : 3;
    http_reply_send(conn, answer->status, fields, count, buf_str(&answer->body));
    buf_clear(&answer->body);
}

static void answer_init(struct answer *answer)
{
    *answer = (struct answer){.status = 200, .content_type = DVARA_STR("application/json")};
    buf_init(&answer->body, ANSWER_BYTES);
}

/* The Host field's name: a DNS rebinding page sends its own. */
static bool is_host_allowed(const struct admin *admin, struct dvara_str host)
{
    bool has_bracket = host.n != 0 && host.p[0] == '[';
    const char *end = host.n ? memchr(host.p, has_bracket ? ']' : ':', host.n) : NULL;
    if (end != NULL)
        host = dvara_str_slice(host, 0, (size_t)(end - host.p) + has_bracket);
    for (size_t i = 0; i < admin->hosts.n; i++)
        if (http_name_eq(admin->hosts.v[i], host))
            return true;
    return false;
}

static bool is_token_right(const struct admin *admin, struct key_hasher *hasher,
                           const struct http_head *head)
{
    struct dvara_str value = http_head_value(head, DVARA_STR("authorization"));
    struct dvara_str prefix = DVARA_STR("Bearer ");
    unsigned char hash[32];
    if (!admin->has_token)
        return true; /* client certificates alone */
    if (value.n <= prefix.n || !http_name_eq(dvara_str_slice(value, 0, prefix.n), prefix))
        return false;
    key_hash(hasher, dvara_str_slice(value, prefix.n, value.n), hash);
    return CRYPTO_memcmp(hash, admin->token_hash, sizeof hash) == 0;
}

static void refuse_late(struct deadline *due)
{
    struct refusal *refusal = (struct refusal *)(void *)due; /* its first member */
    struct answer answer;
    answer_init(&answer);
    write_error(&answer, 401, DVARA_STR("unauthorized"),
                DVARA_STR("Send the admin token as Authorization: Bearer."));
    http_conn_set_request(refusal->conn, NULL);
    send_answer(refusal->conn, &answer);
    free(refusal);
}

static void refuse_token(struct admin *admin, struct http_conn *conn)
{
    struct refusal *refusal = calloc(1, sizeof *refusal);
    if (refusal == NULL) {
        http_conn_abort(conn);
        return;
    }
    refusal->admin = admin;
    refusal->conn = conn;
    deadline_init(&refusal->due, refuse_late);
    http_conn_set_request(conn, refusal);
    worker_deadline_set(http_conn_worker(conn), &refusal->due,
                        worker_now_ns() + FAILURE_DELAY_MS * 1000000ull);
    log_event(LOG_LEVEL_WARN, "admin token missing or wrong",
              LOG_TEXT("method", http_conn_head(conn)->method));
}

static void find_answer(struct admin *admin, const struct http_head *head, struct answer *answer)
{
    bool has_path = false;
    for (size_t i = 0; i < sizeof routes / sizeof *routes; i++) {
        if (!dvara_str_eq(routes[i].path, head->path))
            continue;
        has_path = true;
        if (dvara_str_eq(routes[i].method, head->method)) {
            routes[i].answer(admin, answer);
            return;
        }
    }
    if (has_path)
        write_error(answer, 405, DVARA_STR("method_not_allowed"),
                    DVARA_STR("This path does not take that method."));
    else
        write_error(answer, 404, DVARA_STR("not_found"),
                    DVARA_STR("There are /metrics and /admin/v1/bundle."));
}

static void on_head(struct http_conn *conn, const struct http_head *head, void *user)
{
    struct admin *admin = user;
    struct gateway_worker *gateway = worker_user(http_conn_worker(conn));
    struct answer answer;
    if (is_host_allowed(admin, head->host) && !is_token_right(admin, gateway->hasher, head)) {
        refuse_token(admin, conn);
        return;
    }
    answer_init(&answer);
    if (is_host_allowed(admin, head->host))
        find_answer(admin, head, &answer);
    else
        write_error(&answer, 403, DVARA_STR("host_not_allowed"),
                    DVARA_STR("The Host is not one of admin.hosts."));
    if (buf_failed(&answer.body))
        answer.status = 500;
    send_answer(conn, &answer);
}

static void on_body_done(struct http_conn *conn, struct dvara_str body, void *user)
{
    (void)conn, (void)body, (void)user; /* no route takes a body */
}

static void on_gone(struct http_conn *conn, void *user)
{
    (void)user;
    struct refusal *refusal = http_conn_request(conn);
    if (refusal == NULL)
        return;
    deadline_clear(&refusal->due);
    free(refusal);
}

static void on_refused(struct http_conn *conn, enum http_refusal reason,
                       const struct http_head *head, void *user)
{
    (void)head;
    on_gone(conn, user);
    const struct http_refusal_row *row = http_refusal_row(reason);
    struct answer answer;
    answer_init(&answer);
    write_error(&answer, row->status, row->code, row->sentence);
    send_answer(conn, &answer);
}

static enum dvara_status fill_hosts(struct admin *admin, const struct config *config)
{
    static const struct dvara_str always[] = {DVARA_STR_INIT("localhost"),
                                              DVARA_STR_INIT("127.0.0.1"), DVARA_STR_INIT("[::1]")};
    const size_t n_always = sizeof always / sizeof *always;
    struct dvara_str *hosts =
        ARENA_ARRAY(&admin->arena, n_always + config->admin.hosts.n + 1, struct dvara_str);
    if (hosts == NULL)
        return DVARA_NO_MEMORY;
    memcpy(hosts, always, sizeof always);
    size_t n = n_always;
    for (size_t i = 0; i < config->admin.hosts.n; i++)
        hosts[n++] = arena_copy(&admin->arena, config->admin.hosts.v[i]);
    const char *address_cstr = config->admin.address.host_cstr;
    bool is_ipv6 = strchr(address_cstr, ':') != NULL;
    hosts[n++] = arena_printf(&admin->arena, is_ipv6 ? "[%s]" : "%s", address_cstr);
    admin->hosts = (struct dvara_strs){hosts, n};
    return arena_is_exhausted(&admin->arena) ? DVARA_NO_MEMORY : DVARA_OK;
}

enum dvara_status admin_new(const struct admin_options *options, struct admin **ret_admin)
{
    struct admin *admin = calloc(1, sizeof *admin);
    if (admin == NULL)
        return DVARA_NO_MEMORY;
    admin->options = *options;
    admin->options.config = NULL;
    arena_init(&admin->arena, 1024 * 1024);
    admin->has_token = options->config->admin.has_token;
    memcpy(admin->token_hash, options->config->admin.token_hash, sizeof admin->token_hash);
    admin->handler = (struct http_handler){.on_head = on_head,
                                           .on_body_done = on_body_done,
                                           .on_gone = on_gone,
                                           .on_refused = on_refused,
                                           .user = admin};
    enum dvara_status status = fill_hosts(admin, options->config);
    if (status != DVARA_OK) {
        admin_free(admin);
        return status;
    }
    *ret_admin = admin;
    return DVARA_OK;
}

void admin_free(struct admin *admin)
{
    if (admin == NULL)
        return;
    arena_clear(&admin->arena);
    free(admin);
}

const struct http_handler *admin_handler(const struct admin *admin)
{
    return &admin->handler;
}

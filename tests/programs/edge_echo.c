/* SPDX-License-Identifier: Apache-2.0 */
/* A server on the HTTP edge alone, for tests and measurements.
 *
 *   edge_echo [--port N] [--workers N] [--tls CERT KEY] [--upstream ORIGIN] [--ca FILE] [--private]
 *             [--proxy URL] [--timer NAME MS]... [--max-connections N] [--max-body-bytes N]
 *             [--client-ca FILE] [--upstream-certificate CERT KEY]
 *
 * Prints "port N", then serves until its standard input ends:
 *   /deny...    401 from on_head, the body unread
 *   /late       200 after 300 ms
 *   /never      no answer
 *   /stream/N   N bytes in pieces of 8 KiB, paced by backpressure
 *   /abort      a reply cut in its middle
 *   /proxy...   relayed upstream, request line (without /proxy) and body; /v1/chat... as it is
 *   /stats      what happened so far, as JSON
 *   anything    what was understood of the request, as JSON with hex texts */
#include "base/buf.h"
#include "gateway/http/head_write.h"
#include "gateway/http/reply.h"
#include "gateway/http/tls.h"
#include "gateway/limits.h"
#include "gateway/server.h"
#include "gateway/upstream/call.h"
#include "gateway/worker.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct app {
    struct server *server;
    struct upstream_target target;
    struct upstream_timers timers;
    const char *upstream_host_cstr;
    bool has_upstream; /* --upstream was given */
    atomic_uint requests, gone, refused, replied, upstream_failed, max_queue;
};

struct exchange {
    struct app *app;
    struct http_conn *conn;
    struct deadline deadline;
    struct upstream_call *call;
    struct buf head;
    size_t left; /* of a stream */
    bool whole;  /* the upstream's answer is collected and sent in one piece */
    int status;
    struct buf body;
};

static void exchange_free(struct exchange *exchange)
{
    deadline_clear(&exchange->deadline);
    if (exchange->call)
        upstream_call_cancel(exchange->call);
    buf_clear(&exchange->head);
    buf_clear(&exchange->body);
    free(exchange);
}

static void reply_json(struct http_conn *conn, int status, const struct buf *json)
{
    struct http_field fields[] = {{DVARA_STR("content-type"), DVARA_STR("application/json")}};
    http_reply_send(conn, status, fields, 1, buf_str(json));
}

static void append_hex(struct buf *out, struct dvara_str s)
{
    buf_byte(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        buf_byte(out, "0123456789abcdef"[(unsigned char)s.p[i] >> 4]);
        buf_byte(out, "0123456789abcdef"[(unsigned char)s.p[i] & 15]);
    }
    buf_byte(out, '"');
}

static void reply_echo(struct http_conn *conn, struct dvara_str body)
{
    const struct http_head *head = http_conn_head(conn);
    struct buf out;
    buf_init(&out, 1 << 24);
    BUF_LIT(&out, "{\"method\":");
    append_hex(&out, head->method);
    BUF_LIT(&out, ",\"target\":");
    append_hex(&out, head->target);
    BUF_LIT(&out, ",\"path\":");
    append_hex(&out, head->path);
    buf_printf(&out, ",\"minor\":%d,\"fields\":[", head->minor);
    for (size_t i = 0; i < head->field_count; i++) {
        BUF_LIT(&out, "[");
        append_hex(&out, head->fields[i].name);
        BUF_LIT(&out, ",");
        append_hex(&out, head->fields[i].value);
        buf_append(&out, i + 1 < head->field_count ? DVARA_STR("],") : DVARA_STR("]"));
    }
    buf_printf(&out, "],\"length\":%zu,\"body\":", body.n);
    append_hex(&out, dvara_str_slice(body, 0, 65536));
    BUF_LIT(&out, "}\n");
    reply_json(conn, 200, &out);
    buf_clear(&out);
}

static void reply_stats(struct app *app, struct http_conn *conn)
{
    const struct http_load *load = server_load(app->server);
    struct buf out;
    buf_init(&out, 4096);
    buf_printf(&out,
               "{\"requests\":%u,\"gone\":%u,\"refused\":%u,\"replied\":%u,"
               "\"upstream_failed\":%u,\"max_queue\":%u,\"connections\":%zu,\"body_bytes\":%zu}\n",
               app->requests, app->gone, app->refused, app->replied, app->upstream_failed,
               app->max_queue, load->connections, load->body_bytes);
    reply_json(conn, 200, &out);
    buf_clear(&out);
}

static void on_refused(struct http_conn *conn, enum http_refusal reason,
                       const struct http_head *head, void *user)
{
    (void)head;
    struct app *app = user;
    app->refused++;
    struct exchange *exchange = http_conn_request(conn);
    const struct http_refusal_row *row = http_refusal_row(reason);
    struct buf out;
    buf_init(&out, 4096);
    buf_printf(&out, "{\"error\":{\"code\":\"%.*s\",\"message\":\"%.*s\",\"reason\":\"%s\"}}\n",
               DVARA_STR_ARG(row->code), DVARA_STR_ARG(row->sentence), row->name_cstr);
    reply_json(conn, row->status, &out);
    buf_clear(&out);
    if (exchange)
        exchange_free(exchange);
}

static void on_gone(struct http_conn *conn, void *user)
{
    struct app *app = user;
    app->gone++;
    exchange_free(http_conn_request(conn));
}

/* Pieces until the queue is full. */
static void stream(struct exchange *exchange)
{
    static const char piece[8192] = {0};
    struct http_conn *conn = exchange->conn;
    while (exchange->left) {
        size_t n = exchange->left < sizeof piece ? exchange->left : sizeof piece;
        exchange->left -= n;
        size_t queued = http_reply_write(conn, dvara_str_from(piece, n));
        if (queued > exchange->app->max_queue)
            exchange->app->max_queue = (unsigned)queued;
        if (queued > LIMIT_STREAM_QUEUE_BYTES)
            return;
    }
    exchange_free(exchange);
    http_reply_end(conn);
}

static void on_writable(struct http_conn *conn, void *user)
{
    (void)user;
    struct exchange *exchange = http_conn_request(conn);
    if (exchange->call)
        upstream_call_resume(exchange->call);
    else
        stream(exchange);
}

static struct exchange *from_deadline(struct deadline *deadline)
{
    return (struct exchange *)(void *)((char *)deadline - offsetof(struct exchange, deadline));
}

static void on_late(struct deadline *deadline)
{
    struct exchange *exchange = from_deadline(deadline);
    http_reply_send(exchange->conn, 200, NULL, 0, DVARA_STR("late\n"));
    exchange_free(exchange);
}

static void upstream_head(struct upstream_call *call, const struct http_head *head, void *user)
{
    (void)call;
    struct exchange *exchange = user;
    exchange->status = head->status;
    struct dvara_str type = http_head_value(head, DVARA_STR("content-type"));
    exchange->whole = head->framing == HTTP_FRAMING_LENGTH && head->content_length < 65536;
    if (exchange->whole)
        return;
    struct http_field fields[] = {{DVARA_STR("content-type"), type}};
    http_reply_start(exchange->conn, head->status, fields, type.n ? 1 : 0);
}

static void upstream_body(struct upstream_call *call, struct dvara_str bytes, void *user)
{
    struct exchange *exchange = user;
    if (exchange->whole) {
        buf_append(&exchange->body, bytes);
        return;
    }
    size_t queued = http_reply_write(exchange->conn, bytes);
    if (queued > exchange->app->max_queue)
        exchange->app->max_queue = (unsigned)queued;
    if (queued > LIMIT_STREAM_QUEUE_BYTES)
        upstream_call_pause(call);
}

static void upstream_done(struct upstream_call *call, void *user)
{
    (void)call;
    struct exchange *exchange = user;
    exchange->call = NULL;
    if (exchange->whole || !http_reply_is_started(exchange->conn))
        http_reply_send(exchange->conn, exchange->status, NULL, 0, buf_str(&exchange->body));
    else
        http_reply_end(exchange->conn);
    exchange_free(exchange);
}

static void upstream_failed(struct upstream_call *call, enum upstream_failure failure,
                            bool bytes_sent, void *user)
{
    (void)call;
    struct exchange *exchange = user;
    struct http_conn *conn = exchange->conn;
    exchange->call = NULL;
    exchange->app->upstream_failed++;
    if (http_reply_is_started(conn)) {
        http_conn_abort(conn);
        exchange_free(exchange);
        return;
    }
    struct buf out;
    buf_init(&out, 4096);
    buf_printf(&out, "{\"failure\":\"%s\",\"bytes_sent\":%s}\n", upstream_failure_name(failure),
               bytes_sent ? "true" : "false");
    reply_json(conn, 502, &out);
    buf_clear(&out);
    exchange_free(exchange);
}

static void start_proxy(struct exchange *exchange, struct dvara_str body)
{
    static const struct upstream_events events = {
        .on_head = upstream_head,
        .on_body = upstream_body,
        .on_done = upstream_done,
        .on_failed = upstream_failed,
    };
    struct app *app = exchange->app;
    const struct http_head *head = http_conn_head(exchange->conn);
    struct dvara_str target = head->target;
    if (dvara_str_starts_with(target, DVARA_STR("/proxy")))
        target = dvara_str_slice(target, strlen("/proxy"), target.n);
    struct http_field fields[] = {{DVARA_STR("content-type"), DVARA_STR("application/json")}};
    http_write_request_head(&exchange->head, head->method, target.n ? target : DVARA_STR("/"),
                            dvara_str_from_cstr(app->upstream_host_cstr), fields, 1,
                            (int64_t)body.n);
    struct upstream_request request = {.parts = {buf_str(&exchange->head), body}, .part_count = 2};
    if (upstream_call_start(http_conn_worker(exchange->conn), &app->target, &request, &app->timers,
                            &events, exchange, &exchange->call)) {
        http_conn_abort(exchange->conn);
        exchange_free(exchange);
    }
}

static bool path_is(const struct http_head *head, const char *prefix_cstr)
{
    return dvara_str_starts_with(head->path, dvara_str_from_cstr(prefix_cstr));
}

static void on_body_done(struct http_conn *conn, struct dvara_str body, void *user)
{
    struct app *app = user;
    struct exchange *exchange = http_conn_request(conn);
    const struct http_head *head = http_conn_head(conn);
    app->replied++;
    if (path_is(head, "/proxy") || path_is(head, "/v1/chat/")) {
        start_proxy(exchange, body);
        return;
    }
    if (path_is(head, "/stream/")) {
        struct http_field fields[] = {
            {DVARA_STR("content-type"), DVARA_STR("application/octet-stream")}};
        exchange->left = strtoul(head->path.p + 8, NULL, 10);
        http_reply_start(conn, 200, fields, 1);
        stream(exchange);
        return;
    }
    if (path_is(head, "/late") || path_is(head, "/never")) {
        if (path_is(head, "/late"))
            worker_deadline_set(http_conn_worker(conn), &exchange->deadline,
                                worker_now_ns() + 300000000u);
        return;
    }
    if (path_is(head, "/abort")) {
        http_reply_start(conn, 200, NULL, 0);
        http_reply_write(conn, DVARA_STR("half"));
        http_conn_abort(conn);
    } else if (path_is(head, "/stats")) {
        reply_stats(app, conn);
    } else {
        reply_echo(conn, body);
    }
    exchange_free(exchange);
}

static void on_head(struct http_conn *conn, const struct http_head *head, void *user)
{
    struct app *app = user;
    app->requests++;
    if (path_is(head, "/deny")) {
        http_reply_send(conn, 401, NULL, 0, DVARA_STR("{\"error\":{\"code\":\"denied\"}}\n"));
        return;
    }
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        abort();
    exchange->app = app;
    exchange->conn = conn;
    deadline_init(&exchange->deadline, on_late);
    buf_init(&exchange->head, 65536);
    buf_init(&exchange->body, 1 << 20);
    http_conn_set_request(conn, exchange);
    http_conn_accept_body(conn, path_is(head, "/small") ? 1000 : LIMIT_BODY_BYTES);
}

static bool is_ours(struct dvara_str authority, void *user)
{
    (void)user;
    return dvara_str_eq(authority, DVARA_STR("gateway.test"));
}

static void set_timer(struct app *app, struct http_timers *timers, const char *name_cstr,
                      uint64_t value)
{
    struct {
        const char *name_cstr;
        uint64_t *at;
    } rows[] = {
        {"head", &timers->head_ns},           {"body", &timers->body_ns},
        {"keepalive", &timers->keepalive_ns}, {"write-stall", &timers->write_stall_ns},
        {"connect", &app->timers.connect_ns}, {"first-byte", &app->timers.first_byte_ns},
        {"idle", &app->timers.idle_ns},       {"total", &app->timers.total_ns},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].name_cstr, name_cstr) == 0)
            *rows[i].at = value * 1000000u;
}

struct options {
    struct server_config config;
    uint16_t port;
    const char *cert_cstr;
    const char *key_cstr;
    const char *client_ca_cstr;
};

static void set_upstream(struct app *app, const char *origin_cstr)
{
    app->target.origin_cstr = origin_cstr;
    app->has_upstream = true;
    const char *host = strstr(origin_cstr, "://");
    app->upstream_host_cstr = host ? host + 3 : origin_cstr;
}

/* Takes one option; returns how many arguments it used. */
static int read_option(struct app *app, struct options *options, char **argv, int left)
{
    const char *name = argv[0];
    const char *value = left > 1 ? argv[1] : "";
    const char *second = left > 2 ? argv[2] : "";
    if (strcmp(name, "--port") == 0)
        options->port = (uint16_t)strtoul(value, NULL, 10);
    else if (strcmp(name, "--workers") == 0)
        options->config.workers = (unsigned)strtoul(value, NULL, 10);
    else if (strcmp(name, "--max-connections") == 0)
        options->config.max_connections = strtoul(value, NULL, 10);
    else if (strcmp(name, "--max-body-bytes") == 0)
        options->config.max_body_bytes = strtoul(value, NULL, 10);
    else if (strcmp(name, "--upstream") == 0)
        set_upstream(app, value);
    else if (strcmp(name, "--ca") == 0)
        app->target.ca_file_cstr = value;
    else if (strcmp(name, "--client-ca") == 0)
        options->client_ca_cstr = value;
    else if (strcmp(name, "--proxy") == 0)
        app->target.proxy_cstr = value;
    else if (strcmp(name, "--private") == 0)
        return app->target.is_private = true, 1;
    else if (strcmp(name, "--timer") == 0)
        return set_timer(app, &options->config.timers, value, strtoul(second, NULL, 10)), 3;
    else if (strcmp(name, "--tls") == 0)
        return options->cert_cstr = value, options->key_cstr = second, 3;
    else if (strcmp(name, "--upstream-certificate") == 0)
        return app->target.client_certificate_file_cstr = value,
               app->target.client_key_file_cstr = second, 3;
    else
        return 0;
    return 2;
}

static void wait_for_end_of_input(void)
{
    char byte;
    while (read(0, &byte, 1) > 0)
        continue;
}

int main(int argc, char **argv)
{
    struct app app = {.target = {.id = 1, .origin_cstr = "http://127.0.0.1:9"}};
    app.upstream_host_cstr = "127.0.0.1";
    struct options options = {.config = {.workers = 1, .timers = http_timers_default()}};
    for (int i = 1; i < argc;) {
        int used = read_option(&app, &options, argv + i, argc - i);
        if (!used)
            return fprintf(stderr, "edge_echo: unknown option %s\n", argv[i]), 2;
        i += used;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct tls_server *tls = NULL;
    const char *why = "";
    if (options.cert_cstr &&
        tls_server_new(options.cert_cstr, options.key_cstr, options.client_ca_cstr, &tls, &why))
        return fprintf(stderr, "edge_echo: %s\n", why), 1;
    struct http_handler handler = {.on_head = on_head,
                                   .on_body_done = on_body_done,
                                   .on_gone = on_gone,
                                   .on_writable = on_writable,
                                   .on_refused = on_refused,
                                   .is_ours = is_ours,
                                   .user = &app};
    uint16_t port;
    if (server_new(&options.config, &app.server) ||
        server_listen(app.server, "127.0.0.1", options.port, tls, &handler, &port) ||
        server_start(app.server))
        return fprintf(stderr, "edge_echo: cannot serve\n"), 1;
    printf("port %u\n", port);
    fflush(stdout);
    wait_for_end_of_input();
    server_drain(app.server, worker_now_ns() + 200000000u);
    server_free(app.server);
    tls_server_free(tls);
    curl_global_cleanup();
    return 0;
}

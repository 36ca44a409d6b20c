/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/exchange.h"

#include "gateway/answer.h"
#include "gateway/attempt.h"
#include "gateway/client_ip.h"
#include "gateway/exchange_state.h"
#include "gateway/http/reply.h"
#include "gateway/ids.h"
#include "gateway/judge.h"
#include "gateway/limits.h"
#include "gateway/metrics.h"
#include "gateway/relay.h"
#include "gateway/turn.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

static const struct dvara_str step_names[EXCHANGE_STEP_COUNT] = {
#define STEP(id, name, what) [EXCHANGE_STEP_##id] = {name, sizeof(name) - 1},
#include "gateway/steps.def"
};

static const struct dvara_str outcome_names[EXCHANGE_OUTCOME_COUNT] = {
#define OUTCOME(id, name, what) [EXCHANGE_OUTCOME_##id] = {name, sizeof(name) - 1},
#include "gateway/outcomes.def"
};

struct dvara_str exchange_step_name(enum exchange_step step)
{
    assert(step < EXCHANGE_STEP_COUNT);
    return step_names[step];
}

struct dvara_str exchange_outcome_name(enum exchange_outcome outcome)
{
    assert(outcome < EXCHANGE_OUTCOME_COUNT);
    return outcome_names[outcome];
}

void gateway_worker_init(struct gateway_worker *gateway, struct worker *worker)
{
    *gateway = (struct gateway_worker){.worker = worker};
    turn_init(gateway);
    if (getrandom(gateway->id_seed, sizeof gateway->id_seed, 0) != sizeof gateway->id_seed)
        gateway->id_seed[0] = worker_now_ns();
}

static void release_snapshot(struct gateway_snapshot *snapshot)
{
    if (snapshot && snapshot->retired && snapshot->uses == 0)
        snapshot->on_unused(snapshot);
}

/* A long body is judged on another thread: scanning it takes longer than a stream may wait. */
enum { LONG_BODY_BYTES = 512 * 1024 };

/* ---- The end ---- */

static void unlink_exchange(struct exchange *x)
{
    *x->link = x->next;
    if (x->next)
        x->next->link = x->link;
    x->gateway->exchange_count--;
}

static void release_scratch(struct exchange *x)
{
    if (x->long_body.size > 0)
        http_load_release(x->load, x->long_body.size);
    buf_clear(&x->long_body);
    if (!x->snapshot || x->vm == x->snapshot->vm)
        return;
    dvara_scanner_free(x->scanner);
    dvara_vm_free(x->vm);
}

/* Memory that ended exchanges leave to the next ones: what an ordinary one needs, for as many as
 * run at once. */
enum { SPARES_MAX = 64, SPARE_BUF_BYTES = 16 * 1024 };

static void free_exchange(struct exchange *x)
{
    buf_clear(&x->attempt.body);
    buf_clear(&x->attempt.answer);
    buf_clear(&x->attempt.edited);
    arena_clear(&x->arena);
    free(x);
}

static void trim(struct buf *buf)
{
    if (buf->size > SPARE_BUF_BYTES)
        buf_clear(buf);
    buf_reset(buf);
}

static void keep_or_free(struct exchange *x)
{
    struct gateway_worker *gateway = x->gateway;
    if (gateway->spare_count == SPARES_MAX) {
        free_exchange(x);
        return;
    }
    trim(&x->attempt.body);
    trim(&x->attempt.answer);
    trim(&x->attempt.edited);
    arena_reset(&x->arena);
    x->next = gateway->spares;
    gateway->spares = x;
    gateway->spare_count++;
}

static struct exchange *take_spare(struct gateway_worker *gateway)
{
    struct exchange *x = gateway->spares;
    if (!x)
        return NULL;
    gateway->spares = x->next;
    gateway->spare_count--;
    const struct arena arena = x->arena;
    const struct attempt attempt = {
        .body = x->attempt.body, .answer = x->attempt.answer, .edited = x->attempt.edited};
    memset(x, 0, offsetof(struct exchange, passed));
    x->arena = arena;
    x->attempt = attempt;
    return x;
}

void gateway_worker_clear(struct gateway_worker *gateway)
{
    while (gateway->spares) {
        struct exchange *x = gateway->spares;
        gateway->spares = x->next;
        free_exchange(x);
    }
    gateway->spare_count = 0;
    relay_scratch_free(gateway->relay_scratch);
    gateway->relay_scratch = NULL;
}

void exchange_end(struct exchange *x)
{
    struct gateway_snapshot *snapshot = x->snapshot;
    assert(!x->conn);
    if (x->attempt.call)
        x->attempt.call->ops->cancel(x->attempt.call);
    attempt_over(x);
    turn_unpark(x);
    if (x->is_waiting)
        audit_wait_cancel(x->gateway->audit, &x->wait);
    deadline_clear(&x->backoff);
    deadline_clear(&x->commit);
    deadline_clear(&x->drain);
    deadline_clear(&x->linger);
    relay_stream_free(x);
    if (x->vault)
        dvara_vault_free(x->vault);
    http_work_free(x->kept);
    release_scratch(x);
    unlink_exchange(x);
    keep_or_free(x);
    if (snapshot) {
        snapshot->uses--;
        release_snapshot(snapshot);
    }
}

static enum dvara_status write_records(struct exchange *x)
{
    struct audit_chain *audit = x->gateway->audit;
    if (!audit)
        return DVARA_OK;
    if (!x->is_authenticated)
        return audit_unauthenticated(audit, &x->view);
    if (x->view.decision && !x->has_decision_record) {
        enum dvara_status status = audit_decision(audit, &x->view, NULL);
        if (status != DVARA_OK)
            return status;
        x->has_decision_record = true;
    }
    return audit_response(audit, &x->view, NULL);
}

/* What began and ended in one turn took time too. */
static uint64_t since_head_ns(const struct exchange *x)
{
    uint64_t now_ns = worker_turn_ns(x->gateway->worker);
    if (now_ns == x->head_ns)
        now_ns = worker_refresh_ns(x->gateway->worker);
    return now_ns - x->head_ns;
}

bool exchange_close_books(struct exchange *x, enum exchange_outcome outcome)
{
    if (x->books_closed)
        return true;
    x->books_closed = true;
    x->view.outcome = outcome;
    x->view.duration_ns = since_head_ns(x);
    x->view.now_ns = worker_turn_wall_ns(x->gateway->worker);
    bool is_health = x->path && !x->path->needs_key;
    bool ok = is_health || write_records(x) == DVARA_OK;
    metrics_exchange(x->gateway->metrics, &x->view);
    return ok;
}

void exchange_refuse(struct exchange *x, const struct gateway_error *error,
                     enum exchange_outcome outcome)
{
    const struct gateway_error no_record = {.id = GATEWAY_ERROR_AUDIT_UNAVAILABLE};
    if (x->conn && http_reply_is_started(x->conn)) {
        x->view.outcome = outcome;
        relay_stream_fail(x, error);
        return;
    }
    x->view.status = gateway_error_status(error);
    x->view.code = gateway_error_code(error);
    x->view.rule = error->rule;
    if (!exchange_close_books(x, outcome))
        error = &no_record;
    if (x->conn)
        answer_error(x, error);
    exchange_end(x);
}

struct gateway_error exchange_denial(const struct exchange *x)
{
    const struct dvara_decision *decision = x->view.decision;
    struct gateway_error error = {
        .id = decision->verdict == DVARA_VERDICT_APPROVAL ? GATEWAY_ERROR_APPROVAL_REQUIRED
                                                          : gateway_error_of_code(decision->code),
        .status = decision->status,
        .code = decision->code,
        .message = decision->reason.n > 0 ? decision->reason : (struct dvara_str){0},
    };
    if (gateway_error_row(error.id)->may_retry)
        error.id = GATEWAY_ERROR_POLICY_DENIED; /* the rule's own code, whatever it resembles */
    if (decision->n_rules > 0)
        error.rule = dvara_bundle_rule(x->snapshot->bundle, decision->rules[0]).name;
    return error;
}

void exchange_deny(struct exchange *x)
{
    struct gateway_error error = exchange_denial(x);
    exchange_refuse(x, &error, EXCHANGE_OUTCOME_DENIED);
}

void exchange_failed(struct exchange *x, const struct attempt_failure *failure)
{
    exchange_refuse(x, &failure->error, failure->outcome);
}

/* The client left: nobody is to be told, and the chain counts its own failures. */
static void exchange_gone(struct exchange *x)
{
    (void)exchange_close_books(x, EXCHANGE_OUTCOME_CUT_BY_CLIENT);
    exchange_end(x);
}

static void linger_due(struct deadline *deadline)
{
    exchange_end((struct exchange *)((char *)deadline - offsetof(struct exchange, linger)));
}

void exchange_answered(struct exchange *x)
{
    /* The end of a chunked body comes right after [DONE]: waiting for it keeps the connection. */
    const uint64_t linger_ns = LIMIT_SECOND_NS;
    if (!x->attempt.call) {
        exchange_end(x);
        return;
    }
    deadline_clear(&x->commit);
    worker_deadline_set(x->gateway->worker, &x->linger,
                        worker_turn_ns(x->gateway->worker) + linger_ns);
}

/* An exchange that outlives its bundle by the drain limit is ended. */
static void drain_due(struct deadline *deadline)
{
    struct exchange *x = (struct exchange *)((char *)deadline - offsetof(struct exchange, drain));
    const struct gateway_error error = {
        .id = GATEWAY_ERROR_SHUTTING_DOWN,
        .message = DVARA_STR("The policy was replaced while this answer ran. Ask again.")};
    if (!x->is_away && x->conn)
        exchange_refuse(x, &error, EXCHANGE_OUTCOME_FAILED);
}

void gateway_worker_swap(struct gateway_worker *gateway, struct gateway_snapshot *snapshot)
{
    struct gateway_snapshot *old = gateway->snapshot;
    gateway->snapshot = snapshot;
    if (!old)
        return;
    old->retired = true;
    uint64_t due_ns = worker_turn_ns(gateway->worker) + old->config->stream.drain_limit_ns;
    for (struct exchange *x = gateway->exchanges; x; x = x->next)
        if (x->snapshot == old)
            worker_deadline_set(gateway->worker, &x->drain, due_ns);
    release_snapshot(old);
}

/* ---- The beginning ---- */

static struct exchange *new_exchange(struct http_conn *conn)
{
    struct gateway_worker *gateway = worker_user(http_conn_worker(conn));
    struct exchange *x = take_spare(gateway);
    if (!x) {
        x = calloc(1, sizeof *x);
        if (!x)
            return NULL;
        arena_init(&x->arena, EXCHANGE_ARENA_BYTES);
    }
    x->gateway = gateway;
    x->snapshot = gateway->snapshot;
    if (x->snapshot) {
        x->snapshot->uses++;
        x->vm = x->snapshot->vm;
        x->scanner = x->snapshot->scanner;
    }
    x->next = gateway->exchanges;
    x->link = &gateway->exchanges;
    if (x->next)
        x->next->link = &x->next;
    gateway->exchanges = x;
    gateway->exchange_count++;
    x->conn = conn;
    deadline_init(&x->linger, linger_due);
    deadline_init(&x->drain, drain_due);
    return x;
}

static void fill_view(struct exchange *x, const struct http_head *head)
{
    struct gateway_worker *gateway = x->gateway;
    const struct config *config = x->snapshot ? x->snapshot->config : NULL;
    x->head_ns = worker_turn_ns(gateway->worker);
    x->view.time_ns = (uint64_t)worker_turn_wall_ns(gateway->worker);
    x->view.request_id = ids_request(&x->arena, gateway->id_seed, gateway->id_count++);
    struct dvara_str fresh = dvara_str_slice(x->view.request_id, 4, 36);
    x->view.trace_id = head ? ids_trace(head, fresh) : fresh;
    x->view.ip = client_ip(&x->arena, http_conn_peer(x->conn), head,
                           config ? &config->trusted_proxies : NULL);
    x->view.bundle = x->snapshot ? x->snapshot->bundle : NULL;
    if (!head)
        return;
    x->view.method = head->method;
    x->view.path = head->path;
}

static struct exchange *open_exchange(struct http_conn *conn, const struct http_head *head)
{
    struct exchange *x = new_exchange(conn);
    if (!x) {
        http_conn_abort(conn);
        return NULL;
    }
    http_conn_set_request(conn, x);
    fill_view(x, head);
    return x;
}

static void on_head(struct http_conn *conn, const struct http_head *head, void *user)
{
    (void)user;
    struct exchange *x = open_exchange(conn, head);
    if (x)
        exchange_admit(x, head);
}

/* ---- PARSE, DECIDE, REDACT, PLAN ---- */

static void conclude(struct exchange *x)
{
    if (x->judgement.kind == JUDGEMENT_GO_ON)
        attempt_first(x);
    else if (x->judgement.kind == JUDGEMENT_DENIED)
        exchange_deny(x);
    else
        exchange_refuse(x, &x->judgement.error, x->judgement.outcome);
}

static void come_back(struct worker *worker, void *arg)
{
    (void)worker;
    struct exchange *x = arg;
    x->is_away = false;
    if (x->conn)
        x->back(x);
    else
        exchange_gone(x);
}

static void go_away(struct worker *worker, void *arg)
{
    (void)worker;
    struct exchange *x = arg;
    x->away(x);
    enum dvara_status status = worker_post(x->gateway->worker, come_back, x);
    assert(status == DVARA_OK); /* a post fails only for lack of memory: nothing could be told */
}

bool exchange_send_away(struct exchange *x, exchange_work *away, exchange_work *back)
{
    if (!x->gateway->helper)
        return false;
    x->away = away;
    x->back = back;
    x->is_away = worker_post(x->gateway->helper, go_away, x) == DVARA_OK;
    return x->is_away;
}

/* True: the helper has it. */
static bool send_away(struct exchange *x, struct dvara_str body)
{
    if (!x->gateway->helper || body.n < LONG_BODY_BYTES ||
        !http_conn_take_body(x->conn, &x->long_body, &x->load))
        return false;
    x->body = buf_str(&x->long_body);
    return exchange_send_away(x, judge_with_own_scratch, conclude);
}

static void on_body_done(struct http_conn *conn, struct dvara_str body, void *user)
{
    (void)user;
    struct exchange *x = http_conn_request(conn);
    x->body = body;
    x->body_ns = worker_turn_ns(x->gateway->worker);
    x->view.request_bytes = body.n;
    judge_headers(x, http_conn_head(conn));
    if (send_away(x, body))
        return;
    judge(x);
    conclude(x);
}

/* ---- Other events of the edge ---- */

static void on_gone(struct http_conn *conn, void *user)
{
    (void)user;
    struct exchange *x = http_conn_request(conn);
    if (!x)
        return;
    x->conn = NULL;
    if (x->is_away)
        x->kept = http_conn_keep_work(conn);
    else
        exchange_gone(x);
}

static void on_writable(struct http_conn *conn, void *user)
{
    (void)user;
    struct exchange *x = http_conn_request(conn);
    if (x)
        relay_stream_writable(x);
}

static void on_refused(struct http_conn *conn, enum http_refusal reason,
                       const struct http_head *head, void *user)
{
    (void)user;
    struct exchange *x = http_conn_request(conn);
    if (!x)
        x = open_exchange(conn, head);
    if (!x)
        return;
    const struct http_refusal_row *row = http_refusal_row(reason);
    const struct gateway_error error = {.id = gateway_error_of_code(row->code),
                                        .status = row->status,
                                        .code = row->code,
                                        .message = row->sentence};
    exchange_refuse(x, &error, EXCHANGE_OUTCOME_REFUSED);
}

const struct http_handler exchange_handler = {
    .on_head = on_head,
    .on_body_done = on_body_done,
    .on_gone = on_gone,
    .on_writable = on_writable,
    .on_refused = on_refused,
};

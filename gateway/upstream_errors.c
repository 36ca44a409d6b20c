/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream_errors.h"

#include "base/json.h"
#include "dvara/words.h"
#include "gateway/upstream/retry.h"

#include <assert.h>

enum {
    PARAM_MAX = 128,         /* names of parameters, such as messages[12].content */
    WAIT_MAX_MS = 60 * 1000, /* clients obey any value; a minute is the most we relay */
    WAIT_UNKNOWN_MS = 1000
};

static const struct {
    int from, to;
    enum gateway_error_id error;
} statuses[] = {
#define UPSTREAM_STATUS(low, high, id) {low, high, GATEWAY_ERROR_##id},
#include "gateway/upstream_statuses.def"
};

enum {
    CONNECT = 1 << DVARA_RETRY_CONNECT,
    TIMEOUT = 1 << DVARA_RETRY_TIMEOUT,
    RESET = 1 << DVARA_RETRY_RESET,
    STATUS_5XX = 1 << DVARA_RETRY_STATUS_5XX,
    NONE = 0
};

static const struct {
    enum gateway_error_id error;
    uint32_t classes;
    enum exchange_outcome outcome;
} failures[UPSTREAM_FAILURE_COUNT] = {
#define FAILURE_MAP(failure, id, class, end)                                                       \
    [UPSTREAM_FAILURE_##failure] = {GATEWAY_ERROR_##id, class, EXCHANGE_OUTCOME_##end},
#include "gateway/upstream_failures.def"
};

/* Codes by which providers of this family say why a request was wrong. */
static const struct {
    const char *code_cstr;
    enum gateway_error_id error;
} reasons[] = {
    {"context_length_exceeded", GATEWAY_ERROR_CONTEXT_WINDOW_EXCEEDED},
    {"content_filter", GATEWAY_ERROR_CONTENT_FILTER},
    {"content_policy_violation", GATEWAY_ERROR_CONTENT_FILTER},
};

static enum gateway_error_id error_of_status(int status)
{
    size_t i = 0;
    while (status < statuses[i].from || status > statuses[i].to)
        i++;
    return statuses[i].error;
}

/* Nothing but a parameter's name: a provider may quote a key or a prompt there. */
static struct dvara_str plain_param(struct dvara_str param)
{
    for (size_t i = 0; i < param.n; i++) {
        char c = param.p[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '.' || c == '[' || c == ']';
        if (!ok)
            return (struct dvara_str){0};
    }
    return param.n > 0 && param.n <= PARAM_MAX ? param : (struct dvara_str){0};
}

static struct dvara_str member(const struct json_doc *doc, uint32_t object, struct dvara_str name,
                               struct arena *arena)
{
    uint32_t node = json_find(doc, object, name);
    if (node == JSON_NONE || json_kind(doc, node) != JSON_STRING)
        return (struct dvara_str){0};
    return json_string(doc, node, arena);
}

static void read_details(struct dvara_str body, struct arena *arena, struct gateway_error *error)
{
    struct json_doc doc;
    if (json_parse(body, 0, arena, &doc, NULL) != DVARA_OK)
        return;
    uint32_t object = json_find(&doc, 0, DVARA_STR("error"));
    if (object == JSON_NONE)
        return;
    error->param = plain_param(member(&doc, object, DVARA_STR("param"), arena));
    struct dvara_str code = member(&doc, object, DVARA_STR("code"), arena);
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (dvara_str_eq(code, dvara_str_from_cstr(reasons[i].code_cstr)))
            error->id = reasons[i].error;
}

struct attempt_failure upstream_error_of_status(int status, struct dvara_str body,
                                                uint64_t retry_after_ms, struct arena *arena)
{
    struct attempt_failure failure = {
        .classes = retry_classes_of_status(status),
        .status = status,
        .error = {.id = error_of_status(status)},
        .outcome = EXCHANGE_OUTCOME_FAILED,
    };
    if (failure.error.id == GATEWAY_ERROR_PROVIDER_REJECTED)
        read_details(body, arena, &failure.error);
    if (failure.error.id == GATEWAY_ERROR_PROVIDER_RATE_LIMITED)
        failure.error.retry_after_ms = retry_after_ms ? retry_after_ms : WAIT_UNKNOWN_MS;
    if (failure.error.id == GATEWAY_ERROR_PROVIDER_TIMEOUT)
        failure.outcome = EXCHANGE_OUTCOME_TIMED_OUT;
    return failure;
}

struct attempt_failure upstream_error_of_failure(enum upstream_failure failure)
{
    assert(failure < UPSTREAM_FAILURE_COUNT);
    return (struct attempt_failure){
        .classes = failures[failure].classes,
        .error = {.id = failures[failure].error},
        .outcome = failures[failure].outcome,
    };
}

struct attempt_failure upstream_error_bad_answer(void)
{
    return (struct attempt_failure){
        .classes = STATUS_5XX,
        .error = {.id = GATEWAY_ERROR_PROVIDER_ERROR},
        .outcome = EXCHANGE_OUTCOME_FAILED,
    };
}

struct attempt_failure upstream_error_empty(void)
{
    return (struct attempt_failure){
        .classes = RESET,
        .error = {.id = GATEWAY_ERROR_PROVIDER_ERROR},
        .outcome = EXCHANGE_OUTCOME_FAILED,
    };
}

/* Digits with an optional fraction, which is dropped. */
static bool read_number(struct dvara_str text, uint64_t *ret_value)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < text.n && text.p[i] >= '0' && text.p[i] <= '9' && i < 9; i++)
        value = value * 10 + (uint64_t)(text.p[i] - '0');
    *ret_value = value;
    return i > 0 && (i == text.n || text.p[i] == '.');
}

uint64_t upstream_error_wait_ms(const struct http_head *head)
{
    uint64_t value = 0;
    uint64_t ms = 0;
    if (read_number(http_head_value(head, DVARA_STR("retry-after-ms")), &value))
        ms = value;
    else if (read_number(http_head_value(head, DVARA_STR("retry-after")), &value))
        ms = value * 1000;
    return ms < WAIT_MAX_MS ? ms : WAIT_MAX_MS;
}

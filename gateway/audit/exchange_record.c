/* SPDX-License-Identifier: Apache-2.0 */
/* The payloads of decision and response records, made from what an exchange shows of itself. */
#include "base/bytes.h"
#include "base/json_text.h"
#include "base/number.h"
#include "base/time.h"
#include "dvara/record.h"
#include "dvara/trace.h"
#include "gateway/audit/chain_state.h"
#include "gateway/exchange.h"

#include <stddef.h>

enum {
    CLIENT_TEXT_BYTES = 256, /* of a path or model name: enough to find it again */
    UNAUTHENTICATED_PER_SECOND = 10,
};

static const struct dvara_str phase_names[] = {
#define PHASE(id, spelling) [DVARA_PHASE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str mode_names[] = {
#define MODE(id, spelling) [DVARA_MODE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str style_names[] = {
#define STYLE(id, spelling) [DVARA_STYLE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str where_names[] = {
#define WHERE(id, spelling) [DVARA_WHERE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str error_names[] = {
#define ERROR_KIND(id, spelling, what) [DVARA_ERROR_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str verdict_names[] = {
    [DVARA_VERDICT_ALLOW] = DVARA_STR_INIT("allow"),
    [DVARA_VERDICT_DENY] = DVARA_STR_INIT("deny"),
    [DVARA_VERDICT_APPROVAL] = DVARA_STR_INIT("approval"),
};

/* A member of the object or element of the list that is open: the comma when it is not the first.
 */
static void comma(struct buf *out)
{
    char last = out->n ? out->p[out->n - 1] : '{';
    if (last != '{' && last != '[')
        buf_byte(out, ',');
}

/* In one room: some forty of them are written for a request. */
static void open_member(struct buf *out, struct dvara_str name, char bracket)
{
    char *p = buf_room(out, name.n + 5);
    if (!p)
        return;
    const char *start = p;
    char last = out->n ? p[-1] : '{';
    if (last != '{' && last != '[')
        *p++ = ',';
    *p++ = '"';
    p = bytes_copy(p, name);
    *p++ = '"';
    *p++ = ':';
    if (bracket != '\0')
        *p++ = bracket;
    out->n += (size_t)(p - start);
}

static void put_text(struct buf *out, struct dvara_str name, struct dvara_str text)
{
    if (text.n == 0)
        return;
    open_member(out, name, '\0');
    json_write_string(out, text);
}

/* Cut at a whole code point. */
static void put_client_text(struct buf *out, struct dvara_str name, struct dvara_str text)
{
    if (text.n > CLIENT_TEXT_BYTES) {
        size_t n = CLIENT_TEXT_BYTES;
        while (n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80)
            n--;
        text.n = n;
    }
    put_text(out, name, text);
}

static void put_number(struct buf *out, struct dvara_str name, int64_t number)
{
    open_member(out, name, '\0');
    buf_int(out, number);
}

static void put_input(struct buf *out, const struct dvara_input *input,
                      const struct dvara_facts *facts)
{
    const void *member = (const char *)facts + input->offset;
    struct dvara_str path = input->path;
    switch (input->shape) {
    case DVARA_INPUT_TEXT:
        put_text(out, path, *(const struct dvara_str *)member);
        break;
    case DVARA_INPUT_NUMBER:
        put_number(out, path, *(const int64_t *)member);
        break;
    case DVARA_INPUT_TIME:
        open_member(out, path, '"');
        time_append(out, *(const int64_t *)member, 9);
        buf_byte(out, '"');
        break;
    case DVARA_INPUT_TEXTS: {
        const struct dvara_strs *texts = member;
        if (texts->n == 0)
            break;
        open_member(out, path, '[');
        for (size_t i = 0; i < texts->n; i++) {
            comma(out);
            json_write_string(out, texts->v[i]);
        }
        buf_byte(out, ']');
        break;
    }
    case DVARA_INPUT_PAIRS: {
        const struct dvara_pairs *pairs = member;
        if (pairs->n == 0)
            break;
        open_member(out, path, '{');
        for (size_t i = 0; i < pairs->n; i++) {
            comma(out);
            json_write_string(out, pairs->v[i].name);
            buf_byte(out, ':');
            json_write_string(out, pairs->v[i].value);
        }
        buf_byte(out, '}');
        break;
    }
    }
}

/* What would only repeat what stands beside it (docs/operate/audit.md): a name that is the id, the
 * record's own time, the usual status, the scopes of a key that names none. */
static bool repeats(const struct exchange_view *view, size_t offset)
{
    const struct dvara_facts *facts = view->facts;
    switch (offset) {
    case offsetof(struct dvara_facts, request.time):
        return facts->request.time == view->now_ns;
    case offsetof(struct dvara_facts, tenant.name):
        return dvara_str_eq(facts->tenant.name, facts->tenant.id);
    case offsetof(struct dvara_facts, tenant.status):
        return dvara_str_eq(facts->tenant.status, DVARA_STR("active"));
    case offsetof(struct dvara_facts, key.name):
        return dvara_str_eq(facts->key.name, facts->key.id);
    case offsetof(struct dvara_facts, key.scopes):
        return view->has_usual_scopes;
    default:
        return false;
    }
}

static void put_opt_int(struct buf *out, struct dvara_str name, struct dvara_opt_int number)
{
    if (number.has)
        put_number(out, name, number.value);
}

static void put_opt_float(struct buf *out, struct dvara_str name, struct dvara_opt_float number)
{
    if (!number.has)
        return;
    open_member(out, name, '\0');
    number_write_double(out, number.value);
}

/* The numbers that the client sent, and what the request asks of a model. */
static void put_sent(struct buf *out, const struct exchange_view *view)
{
    static const struct dvara_str words[] = {
#define CAPABILITY(id, spelling, what) [DVARA_CAPABILITY_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
    };
    struct dvara_sent sent = dvara_run_sent(view->run);
    uint32_t images, needs = dvara_facts_capabilities(view->facts, &images);
    if (view->decision->model_was_set && !dvara_str_eq(sent.model, view->asked_model))
        put_client_text(out, DVARA_STR("request.model"), sent.model);
    put_opt_int(out, DVARA_STR("request.max_tokens"), sent.max_tokens);
    put_opt_float(out, DVARA_STR("request.temperature"), sent.temperature);
    put_opt_float(out, DVARA_STR("request.top_p"), view->facts->request.top_p);
    put_opt_int(out, DVARA_STR("request.n"), view->facts->request.n);
    if (images > 0)
        put_number(out, DVARA_STR("images"), images);
    if (needs == 0)
        return;
    open_member(out, DVARA_STR("needs"), '[');
    for (uint32_t i = 0; i < DVARA_CAPABILITY_COUNT; i++) {
        if (!(needs & 1u << i))
            continue;
        comma(out);
        json_write_string(out, words[i]);
    }
    buf_byte(out, ']');
}

static void put_inputs(struct buf *out, const struct exchange_view *view)
{
    open_member(out, DVARA_STR("inputs"), '{');
    if (view->run != NULL)
        put_sent(out, view);
    for (size_t i = 0; i < DVARA_INPUT_COUNT; i++)
        if (!repeats(view, dvara_inputs[i].offset))
            put_input(out, &dvara_inputs[i], view->facts);
    buf_byte(out, '}');
}

static struct dvara_str rule_name(const struct exchange_view *view, uint32_t rule)
{
    return dvara_bundle_rule(view->bundle, rule).name;
}

static void put_rules(struct buf *out, const struct exchange_view *view)
{
    const struct dvara_decision *decision = view->decision;
    open_member(out, DVARA_STR("rules"), '[');
    for (size_t i = 0; i < decision->n_rules; i++) {
        comma(out);
        json_write_string(out, rule_name(view, decision->rules[i]));
    }
    buf_byte(out, ']');
    open_member(out, DVARA_STR("matched"), '[');
    for (size_t i = 0; i < decision->n_matched; i++) {
        const struct dvara_rule_match *match = &decision->matched[i];
        comma(out);
        buf_byte(out, '{');
        put_text(out, DVARA_STR("rule"), rule_name(view, match->rule));
        put_text(out, DVARA_STR("phase"), phase_names[match->phase]);
        put_text(out, DVARA_STR("mode"), mode_names[match->mode]);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_exclusions(struct buf *out, const struct exchange_view *view)
{
    const struct dvara_decision *decision = view->decision;
    if (decision->n_excluded == 0)
        return;
    open_member(out, DVARA_STR("excluded"), '[');
    for (size_t i = 0; i < decision->n_excluded; i++) {
        comma(out);
        buf_byte(out, '{');
        put_text(out, DVARA_STR("target"), decision->excluded[i].target);
        put_text(out, DVARA_STR("rule"), rule_name(view, decision->excluded[i].rule));
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_redactions(struct buf *out, const struct exchange_view *view)
{
    const struct dvara_decision *decision = view->decision;
    if (decision->n_redactions == 0)
        return;
    open_member(out, DVARA_STR("redactions"), '[');
    for (size_t i = 0; i < decision->n_redactions; i++) {
        const struct dvara_redaction *redaction = &decision->redactions[i];
        comma(out);
        buf_byte(out, '{');
        put_text(out, DVARA_STR("detector"),
                 dvara_bundle_detector(view->bundle, redaction->detector).name);
        put_text(out, DVARA_STR("in"), where_names[redaction->where]);
        put_text(out, DVARA_STR("style"), style_names[redaction->style]);
        put_number(out, DVARA_STR("count"), redaction->count);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_errors(struct buf *out, const struct exchange_view *view)
{
    const struct dvara_decision *decision = view->decision;
    if (decision->n_errors == 0)
        return;
    open_member(out, DVARA_STR("errors"), '[');
    for (size_t i = 0; i < decision->n_errors; i++) {
        comma(out);
        buf_byte(out, '{');
        put_text(out, DVARA_STR("rule"), rule_name(view, decision->errors[i].rule));
        put_text(out, DVARA_STR("kind"), error_names[decision->errors[i].kind]);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_targets(struct buf *out, const struct dvara_decision *decision)
{
    open_member(out, DVARA_STR("targets"), '[');
    for (size_t i = 0; i < decision->n_targets; i++) {
        comma(out);
        buf_byte(out, '"');
        json_write_escaped(out, decision->targets[i].provider);
        buf_byte(out, '/');
        json_write_escaped(out, decision->targets[i].model);
        buf_byte(out, '"');
    }
    buf_byte(out, ']');
}

static void put_tags(struct buf *out, const struct dvara_decision *decision)
{
    if (decision->n_tags == 0)
        return;
    open_member(out, DVARA_STR("tags"), '[');
    for (size_t i = 0; i < decision->n_tags; i++) {
        comma(out);
        buf_byte(out, '{');
        put_text(out, DVARA_STR("key"), decision->tags[i].key);
        put_client_text(out, DVARA_STR("value"), decision->tags[i].value);
        buf_byte(out, '}');
    }
    buf_byte(out, ']');
}

static void put_set_name(struct buf *out, bool was_set, struct dvara_str name)
{
    if (!was_set)
        return;
    comma(out);
    json_write_string(out, name);
}

/* What rules rewrote: an atom's truth is of the request as they left it. */
static void put_set(struct buf *out, const struct dvara_decision *decision)
{
    bool sets_user = !dvara_str_is_absent(decision->set_user);
    if (!decision->model_was_set && !decision->max_tokens_was_set &&
        !decision->set_temperature.has && !sets_user && decision->n_headers == 0 &&
        !decision->route_was_set)
        return;
    open_member(out, DVARA_STR("set"), '[');
    put_set_name(out, decision->model_was_set, DVARA_STR("model"));
    put_set_name(out, decision->max_tokens_was_set, DVARA_STR("max_tokens"));
    put_set_name(out, decision->set_temperature.has, DVARA_STR("temperature"));
    put_set_name(out, sets_user, DVARA_STR("user"));
    for (size_t i = 0; i < decision->n_headers; i++) {
        comma(out);
        BUF_LIT(out, "\"header ");
        json_write_escaped(out, decision->headers[i].name);
        buf_byte(out, '"');
    }
    put_set_name(out, decision->route_was_set, DVARA_STR("route"));
    buf_byte(out, ']');
    if (decision->max_tokens_was_set)
        put_opt_int(out, DVARA_STR("max_tokens"), decision->max_tokens);
}

static void put_plan(struct buf *out, const struct exchange_view *view)
{
    static const struct dvara_str words[DVARA_NAMED_COUNT] = {
#define NAMED(id, spelling, what) [DVARA_NAMED_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
    };
    const struct dvara_decision *decision = view->decision;
    if (decision->route != DVARA_NO_ROUTE)
        put_text(out, DVARA_STR("route"), dvara_bundle_route(view->bundle, decision->route).name);
    put_text(out, DVARA_STR("named_by"), words[decision->named]);
    put_targets(out, decision);
    if (decision->n_unhealthy == 0)
        return;
    open_member(out, DVARA_STR("unhealthy"), '[');
    for (size_t i = 0; i < decision->n_unhealthy; i++) {
        comma(out);
        json_write_string(out, decision->unhealthy[i]);
    }
    buf_byte(out, ']');
}

/* 16 digits in hex, as a string. */
static void put_mark(struct buf *out, uint64_t mark)
{
    char bytes[8];
    for (unsigned k = 0; k < sizeof bytes; k++)
        bytes[k] = (char)(mark >> (56 - 8 * k));
    buf_byte(out, '"');
    bytes_hex(out, dvara_str_from(bytes, sizeof bytes));
    buf_byte(out, '"');
}

/* As a number that stands for the detectors and styles, in hex; and why it failed. */
static void put_redaction(struct buf *out, const struct exchange_view *view)
{
    enum dvara_error_kind error;
    uint64_t mark = dvara_run_redaction_mark(view->run, &error);
    if (mark == 0)
        return;
    open_member(out, DVARA_STR("redaction"), '\0');
    put_mark(out, mark);
    if (error != DVARA_ERROR_NONE)
        put_text(out, DVARA_STR("unscanned"), error_names[error]);
}

/* Truths by their marks: what could be replayed though the content is not kept. */
static void put_atoms(struct buf *out, const struct exchange_view *view)
{
    static const struct dvara_str words[] = {
        [DVARA_FALSE] = DVARA_STR_INIT("false"), [DVARA_TRUE] = DVARA_STR_INIT("true")};
    size_t n = dvara_bundle_recorded_atoms(view->bundle);
    bool any = false;
    for (size_t i = 0; i < n; i++) {
        struct dvara_atom_truth atom;
        if (!dvara_run_recorded_atom(view->run, i, &atom))
            continue;
        if (!any)
            open_member(out, DVARA_STR("atoms"), '{');
        any = true;
        comma(out);
        put_mark(out, atom.mark);
        buf_byte(out, ':');
        if (atom.truth == DVARA_ERRED)
            json_write_string(out, error_names[atom.kind]);
        else
            buf_append(out, words[atom.truth]);
    }
    if (any)
        buf_byte(out, '}');
}

static void write_decision(const struct exchange_view *view, struct buf *out)
{
    const struct dvara_decision *decision = view->decision;
    struct dvara_bundle_info bundle = dvara_bundle_info(view->bundle);
    buf_byte(out, '{');
    put_text(out, DVARA_STR("verdict"), verdict_names[decision->verdict]);
    put_text(out, DVARA_STR("code"), decision->code);
    if (decision->status != 0)
        put_number(out, DVARA_STR("status"), decision->status);
    put_client_text(out, DVARA_STR("asked_model"), view->asked_model);
    put_client_text(out, DVARA_STR("model"), decision->model);
    open_member(out, DVARA_STR("stream"), '\0');
    buf_append(out, view->stream ? DVARA_STR("true") : DVARA_STR("false"));
    put_rules(out, view);
    put_exclusions(out, view);
    put_redactions(out, view);
    put_errors(out, view);
    put_tags(out, decision);
    put_set(out, decision);
    put_plan(out, view);
    put_text(out, DVARA_STR("bundle"), bundle.name);
    open_member(out, DVARA_STR("bundle_digest"), '"');
    bytes_hex(out, dvara_str_from((const char *)bundle.digest, sizeof bundle.digest));
    buf_byte(out, '"');
    if (view->facts != NULL)
        put_inputs(out, view);
    if (view->facts != NULL && view->run != NULL) {
        put_redaction(out, view);
        put_atoms(out, view);
    }
    buf_byte(out, '}');
}

static void put_usage(struct buf *out, const struct exchange_view *view)
{
    if (!view->has_usage)
        return;
    open_member(out, DVARA_STR("usage"), '{');
    put_number(out, DVARA_STR("prompt_tokens"), view->prompt_tokens);
    put_number(out, DVARA_STR("completion_tokens"), view->completion_tokens);
    if (view->cached_tokens != 0)
        put_number(out, DVARA_STR("cached_tokens"), view->cached_tokens);
    if (view->reasoning_tokens != 0)
        put_number(out, DVARA_STR("reasoning_tokens"), view->reasoning_tokens);
    if (view->usage_is_estimated)
        BUF_LIT(out, ",\"estimated\":true");
    buf_byte(out, '}');
}

static void put_attempt(struct buf *out, const struct exchange_view *view)
{
    if (view->attempt == 0)
        return;
    put_number(out, DVARA_STR("attempts"), view->attempt);
    put_text(out, DVARA_STR("provider"), view->provider);
    put_text(out, DVARA_STR("kind"), view->provider_kind);
    put_client_text(out, DVARA_STR("model"), view->target_model);
    put_number(out, DVARA_STR("upstream_status"), view->upstream_status);
    put_text(out, DVARA_STR("upstream_failure"), view->upstream_failure);
    put_text(out, DVARA_STR("finish_reason"), view->finish_reason);
    put_usage(out, view);
}

static void write_response(const struct exchange_view *view, struct buf *out)
{
    buf_byte(out, '{');
    put_text(out, DVARA_STR("outcome"), exchange_outcome_name(view->outcome));
    if (view->outcome != EXCHANGE_OUTCOME_RELAYED)
        put_text(out, DVARA_STR("step"), exchange_step_name(view->step));
    put_number(out, DVARA_STR("status"), view->status);
    put_text(out, DVARA_STR("code"), view->code);
    put_text(out, DVARA_STR("rule"), view->rule);
    if (view->decision == NULL) { /* else its record says so */
        put_text(out, DVARA_STR("ip"), view->ip);
        put_client_text(out, DVARA_STR("method"), view->method);
        put_client_text(out, DVARA_STR("path"), view->path);
    }
    put_attempt(out, view);
    put_number(out, DVARA_STR("request_bytes"), (int64_t)view->request_bytes);
    put_number(out, DVARA_STR("response_bytes"), (int64_t)view->response_bytes);
    put_number(out, DVARA_STR("duration_us"), (int64_t)view->duration_ns / 1000);
    if (view->upstream_ns != 0)
        put_number(out, DVARA_STR("upstream_us"), (int64_t)view->upstream_ns / 1000);
    if (view->overhead_ns != 0)
        put_number(out, DVARA_STR("overhead_us"), (int64_t)view->overhead_ns / 1000);
    buf_byte(out, '}');
}

static enum dvara_status append(struct audit_chain *chain, const struct exchange_view *view,
                                enum audit_type type, uint64_t *ret_seq)
{
    if (buf_failed(&chain->payload))
        return DVARA_TOO_LARGE;
    const struct audit_entry entry = {
        .type = type,
        .id = view->request_id,
        .tenant = view->tenant_id,
        .key = view->key_id,
        .session = view->session_id,
        .trace_id = view->trace_id,
        .payload = buf_str(&chain->payload),
        .time_ns = view->now_ns,
    };
    return audit_append(chain, &entry, ret_seq);
}

enum dvara_status audit_decision(struct audit_chain *chain, const struct exchange_view *view,
                                 uint64_t *ret_seq)
{
    buf_reset(&chain->payload);
    write_decision(view, &chain->payload);
    return append(chain, view, AUDIT_DECISION, ret_seq);
}

enum dvara_status audit_response(struct audit_chain *chain, const struct exchange_view *view,
                                 uint64_t *ret_seq)
{
    buf_reset(&chain->payload);
    write_response(view, &chain->payload);
    return append(chain, view, AUDIT_RESPONSE, ret_seq);
}

/* One of the ten records that this second has for callers without a key? */
static bool may_record_unauthenticated(struct audit *audit, int64_t now_ns)
{
    uint64_t second = (uint64_t)(now_ns / TIME_NS_PER_S);
    uint64_t seen = atomic_load(&audit->unauthenticated);
    for (;;) {
        uint64_t count = seen >> 8 == second ? seen & 0xff : 0;
        if (count >= UNAUTHENTICATED_PER_SECOND)
            return false;
        if (atomic_compare_exchange_weak(&audit->unauthenticated, &seen, second << 8 | (count + 1)))
            return true;
    }
}

enum dvara_status audit_unauthenticated(struct audit_chain *chain, const struct exchange_view *view)
{
    int64_t now_ns = time_wall_ns();
    if (may_record_unauthenticated(chain->audit, now_ns))
        return audit_response(chain, view, NULL);
    if (chain->suppressed++ == 0)
        chain->suppressed_since_ns = now_ns;
    return DVARA_OK;
}

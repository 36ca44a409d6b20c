/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/relay_text.h"

#include "gateway/decide.h"
#include "gateway/worker.h"

/* An answer of 32 MiB with every value restored to something longer. */
#define TEXT_MAX ((size_t)64 * 1024 * 1024)
enum { BYTES_PER_TOKEN = 4 };

bool relay_text_is_edited(const struct exchange *x, enum dvara_where where)
{
    return dvara_run_styles(x->run, where) != NULL || (x->vault && !dvara_vault_is_empty(x->vault));
}

static void splice(struct dvara_str text, const struct dvara_replacement *v, size_t n,
                   struct buf *out)
{
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        buf_append(out, dvara_str_slice(text, at, v[i].start));
        buf_append(out, v[i].text);
        at = v[i].end;
    }
    buf_append(out, dvara_str_slice(text, at, text.n));
}

static enum dvara_where where_of(enum dvara_phase phase)
{
    return phase == DVARA_PHASE_TOOL ? DVARA_WHERE_TOOLS : DVARA_WHERE_RESPONSE;
}

static struct dvara_spans find(struct exchange *x, const struct relay_source *source,
                               const uint8_t *styles, enum dvara_error_kind *ret_error)
{
    if (source->index != RELAY_ALONE)
        return dvara_run_spans(x->run, source->phase, source->index, ret_error);
    return dvara_scan(x->scanner, styles, source->leaf->text, source->leaf->label, ret_error);
}

static bool redact(struct exchange *x, const struct relay_source *source, const uint8_t *styles,
                   struct buf *out, bool *changed)
{
    enum dvara_error_kind kind;
    const struct dvara_leaf *leaf = source->leaf;
    struct dvara_spans spans = find(x, source, styles, &kind);
    if (kind != DVARA_ERROR_NONE || (spans.n > 0 && leaf->fixed))
        return false;
    struct dvara_replacement *v = NULL;
    size_t n = 0;
    if (spans.n > 0 && (!decide_vault(x) ||
                        dvara_redact(dvara_bundle_detectors(x->snapshot->bundle), x->vault, false,
                                     styles, leaf->text, spans, &x->arena, &v, &n) != DVARA_OK))
        return false;
    splice(leaf->text, v, n, out);
    *changed |= n > 0;
    return true;
}

bool relay_text(struct exchange *x, const struct relay_source *source, struct buf *out,
                bool *ret_changed)
{
    const uint8_t *styles = dvara_run_styles(x->run, where_of(source->phase));
    struct buf redacted;
    bool ok = true;
    *ret_changed = false;
    buf_init(&redacted, TEXT_MAX);
    if (styles)
        ok = redact(x, source, styles, &redacted, ret_changed);
    struct dvara_str text = styles ? buf_str(&redacted) : source->leaf->text;
    bool restores =
        source->restores && !source->leaf->fixed && x->vault && !dvara_vault_is_empty(x->vault);
    if (restores)
        *ret_changed |= dvara_restore(x->vault, text, dvara_run_restores_urls(x->run), out) > 0;
    else
        buf_append(out, text);
    ok = ok && !buf_failed(&redacted) && !buf_failed(out);
    buf_clear(&redacted);
    return ok;
}

bool relay_judge_call(struct exchange *x, struct dvara_str name, struct dvara_str arguments,
                      struct dvara_leaves leaves, struct gateway_error *ret_error)
{
    x->facts.tool.name = dvara_str_is_absent(name) ? DVARA_STR("") : name;
    x->facts.tool.args = arguments.n > 0 ? arguments : DVARA_STR("{}");
    x->facts.tool.leaves = leaves;
    struct dvara_tool_decision verdict = dvara_run_tool(x->run);
    if (verdict.verdict == DVARA_VERDICT_ALLOW)
        return true;
    *ret_error = (struct gateway_error){
        .id = verdict.verdict == DVARA_VERDICT_APPROVAL ? GATEWAY_ERROR_APPROVAL_REQUIRED
                                                        : GATEWAY_ERROR_POLICY_DENIED,
        .status = verdict.status,
        .code = verdict.code,
        .message = verdict.reason.n > 0 ? verdict.reason : (struct dvara_str){0},
    };
    if (verdict.rule < dvara_bundle_info(x->snapshot->bundle).n_rules)
        ret_error->rule = dvara_bundle_rule(x->snapshot->bundle, verdict.rule).name;
    return false;
}

static void note(struct dvara_opt_int count, int64_t *value)
{
    if (count.has)
        *value = count.value;
}

void relay_note_usage(struct exchange *x, const struct chat_usage *usage)
{
    if (!usage->has)
        return;
    x->view.has_usage = true;
    note(usage->prompt_tokens, &x->view.prompt_tokens);
    note(usage->completion_tokens, &x->view.completion_tokens);
    note(usage->cached_tokens, &x->view.cached_tokens);
    note(usage->reasoning_tokens, &x->view.reasoning_tokens);
}

void relay_estimate_usage(struct exchange *x, size_t text_bytes)
{
    if (x->view.has_usage)
        return;
    x->view.has_usage = true;
    x->view.usage_is_estimated = true;
    x->view.prompt_tokens = x->facts.request.prompt_tokens;
    x->view.completion_tokens = (int64_t)((text_bytes + BYTES_PER_TOKEN - 1) / BYTES_PER_TOKEN);
}

static void fill_response(struct exchange *x, struct dvara_str text, struct dvara_str finish_reason,
                          struct dvara_leaves leaves)
{
    x->facts.response.text = text.p ? text : DVARA_STR("");
    x->facts.response.finish_reason = finish_reason.p ? finish_reason : DVARA_STR("");
    x->facts.response.prompt_tokens = x->view.prompt_tokens;
    x->facts.response.completion_tokens = x->view.completion_tokens;
    x->facts.response.latency = (int64_t)(worker_now_ns() - x->attempt.start_ns);
    x->facts.response.leaves = leaves;
}

bool relay_judge_answer(struct exchange *x, struct dvara_str text, struct dvara_str finish_reason,
                        struct dvara_leaves leaves)
{
    fill_response(x, text, finish_reason, leaves);
    dvara_run_response(x->run);
    return x->view.decision->verdict == DVARA_VERDICT_ALLOW;
}

bool relay_judge_stream(struct exchange *x, struct dvara_str text, struct dvara_leaves leaves,
                        uint32_t *ret_late)
{
    fill_response(x, text, x->view.finish_reason, leaves);
    *ret_late = dvara_run_stream_end(x->run);
    x->facts.response.leaves = (struct dvara_leaves){0};
    return x->view.decision->verdict == DVARA_VERDICT_ALLOW;
}

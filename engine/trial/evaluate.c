/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/evaluate.h"

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/pii.h"
#include "dvara/trace.h"

#include <stdlib.h>

enum { TEXT_MAX = 64 << 20 };

/* R19: `hash` in eval and test is keyed by a constant. */
static const unsigned char fixed_key[32] = {'d', 'v', 'a', 'r', 'a', ' ', 'e', 'v', 'a', 'l'};

struct evaluator {
    const struct dvara_bundle *bundle;
    struct dvara_vm *vm;
    struct dvara_scanner *scanner; /* for streams; NULL: no detectors */
    const struct dvara_trace *trace;
};

/* One evaluation under way. */
struct work {
    struct evaluator *evaluator;
    struct given *given;
    struct dvara_run *run;
    struct dvara_vault *vault;
    struct evaluation *result;
    size_t fed; /* bytes of a streamed answer so far */
};

enum dvara_status evaluator_new(const struct dvara_bundle *bundle, struct evaluator **ret_evaluator)
{
    struct evaluator *evaluator = calloc(1, sizeof *evaluator);
    enum dvara_status status = DVARA_NO_MEMORY;
    if (!evaluator)
        return status;
    evaluator->bundle = bundle;
    status = dvara_vm_new(bundle, &evaluator->vm);
    if (status == DVARA_OK && dvara_bundle_detectors(bundle))
        status = dvara_scanner_new(dvara_bundle_detectors(bundle), &evaluator->scanner);
    if (status != DVARA_OK) {
        evaluator_free(evaluator);
        return status;
    }
    *ret_evaluator = evaluator;
    return DVARA_OK;
}

void evaluator_free(struct evaluator *evaluator)
{
    if (!evaluator)
        return;
    if (evaluator->scanner)
        dvara_scanner_free(evaluator->scanner);
    dvara_vm_free(evaluator->vm);
    free(evaluator);
}

void evaluator_trace(struct evaluator *evaluator, const struct dvara_trace *trace)
{
    evaluator->trace = trace;
}

static struct dvara_str keep(struct work *work, struct buf *out)
{
    struct dvara_str s = arena_copy(work->given->arena, buf_str(out));
    buf_clear(out);
    return s;
}

/* ---- redaction ---- */

/* The text with what stands to be redacted replaced. */
static struct dvara_str redact_leaf(struct work *work, enum dvara_phase phase, size_t index,
                                    const struct dvara_leaf *leaf)
{
    enum dvara_error_kind error;
    struct dvara_replacement *v = NULL;
    struct buf out;
    size_t n = 0, at = 0;
    bool prompt = phase == DVARA_PHASE_REQUEST;
    const uint8_t *styles =
        dvara_run_styles(work->run, prompt ? (enum dvara_where)leaf->where : DVARA_WHERE_RESPONSE);
    struct dvara_spans spans = dvara_run_spans(work->run, phase, index, &error);
    if (spans.n == 0 || !styles ||
        dvara_redact(dvara_bundle_detectors(work->evaluator->bundle), work->vault, prompt, styles,
                     leaf->text, spans, work->given->arena, &v, &n) != DVARA_OK)
        return leaf->text;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < n; i++) {
        buf_append(&out, dvara_str_slice(leaf->text, at, v[i].start));
        buf_append(&out, v[i].text);
        at = v[i].end;
    }
    buf_append(&out, dvara_str_slice(leaf->text, at, leaf->text.n));
    return keep(work, &out);
}

/* All leaves in body order, so that tokens are numbered as the gateway does; request.text of it. */
static void redact_prompt(struct work *work)
{
    const struct dvara_leaves leaves = work->given->facts.request.leaves;
    struct buf out;
    bool any = false;
    buf_init(&out, TEXT_MAX);
    for (size_t i = 0; i < leaves.n; i++) {
        struct dvara_str text = redact_leaf(work, DVARA_PHASE_REQUEST, i, &leaves.v[i]);
        if (!leaves.v[i].in_request_text)
            continue;
        if (any)
            buf_byte(&out, '\n');
        buf_append(&out, text);
        any = true;
    }
    work->result->prompt = keep(work, &out);
}

/* ---- the answer ---- */

static struct dvara_str restore(struct work *work, struct dvara_str text)
{
    struct buf out;
    buf_init(&out, TEXT_MAX);
    (void)dvara_restore(work->vault, text, dvara_run_restores_urls(work->run), &out);
    return keep(work, &out);
}

static bool is_denied(const struct work *work)
{
    return work->result->decision->verdict == DVARA_VERDICT_DENY;
}

/* A whole answer, or a stream that had to wait for its end. */
static void answer_whole(struct work *work)
{
    const struct dvara_leaves *leaves = &work->given->facts.response.leaves;
    dvara_run_response(work->run);
    if (is_denied(work))
        return;
    work->result->text =
        leaves->n == 0 ? DVARA_STR("")
                       : restore(work, redact_leaf(work, DVARA_PHASE_RESPONSE, 0, &leaves->v[0]));
}

static bool on_feed(void *user, size_t *ret_hold)
{
    struct work *work = user;
    struct dvara_str whole = work->given->facts.response.text;
    work->given->facts.response.text = dvara_str_slice(whole, 0, work->fed);
    bool denied = dvara_run_response_window(work->run);
    work->given->facts.response.text = whole;
    *ret_hold = dvara_run_response_hold(work->run);
    return denied;
}

static void on_span(void *user, const struct dvara_span *span)
{
    struct work *work = user;
    dvara_run_response_span(work->run, span);
}

static enum dvara_status feed(struct work *work, const struct dvara_stream_needs *needs,
                              struct buf *out)
{
    struct dvara_stream *stream = NULL;
    struct dvara_stream_options options = {
        .styles = needs->redact ? dvara_run_styles(work->run, DVARA_WHERE_RESPONSE) : NULL,
        .vault = work->vault,
        .restore_urls = dvara_run_restores_urls(work->run),
        .on_span = needs->incremental ? on_span : NULL,
        .on_feed = needs->incremental ? on_feed : NULL,
        .user = work};
    enum dvara_status status = dvara_stream_new(work->evaluator->scanner, &options, &stream);
    for (size_t i = 0; status == DVARA_OK && i < work->given->stream.n; i++) {
        work->fed += work->given->stream.v[i].n;
        status = dvara_stream_feed(stream, work->given->stream.v[i], out);
    }
    if (status == DVARA_OK)
        status = dvara_stream_finish(stream, out);
    if (stream)
        dvara_stream_free(stream);
    return status;
}

static void answer_stream(struct work *work)
{
    struct dvara_stream_needs needs = dvara_run_stream_needs(work->run);
    struct buf out;
    if (is_denied(work))
        return;
    if (needs.buffer) {
        answer_whole(work);
        return;
    }
    buf_init(&out, TEXT_MAX);
    (void)feed(work, &needs, &out); /* cut or failed: what is held is dropped */
    work->result->text = keep(work, &out);
    dvara_run_stream_end(work->run);
}

static void answer(struct work *work)
{
    work->result->has_text = true;
    work->result->text = DVARA_STR("");
    if (work->given->has_stream)
        answer_stream(work);
    else
        answer_whole(work);
}

static void run_phases(struct work *work)
{
    struct dvara_world world = given_world(work->given);
    dvara_run_request(work->run);
    if (!is_denied(work))
        dvara_run_plan(work->run, &world);
    redact_prompt(work);
    if (work->given->has_tool)
        (void)dvara_run_tool(work->run);
    if (work->given->has_response)
        answer(work);
}

enum dvara_status evaluate(struct evaluator *evaluator, struct given *given,
                           struct evaluation *ret_evaluation)
{
    struct work work = {.evaluator = evaluator, .given = given, .result = ret_evaluation};
    *ret_evaluation = (struct evaluation){.has_text = false};
    enum dvara_status status = dvara_vault_new(fixed_key, given->facts.request.text, &work.vault);
    if (status != DVARA_OK)
        return status;
    work.run = dvara_run_new(evaluator->vm, &given->facts, given->arena);
    if (work.run) {
        dvara_run_trace(work.run, evaluator->trace);
        ret_evaluation->decision = dvara_run_decision(work.run);
        run_phases(&work);
    }
    dvara_vault_free(work.vault);
    return work.run && !arena_is_exhausted(given->arena) ? DVARA_OK : DVARA_NO_MEMORY;
}

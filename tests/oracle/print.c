/* SPDX-License-Identifier: Apache-2.0 */
/* Both decisions as sorted lines, so that a difference can be read. */
#include "oracle/judge.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const phase_names[] = {
#define PHASE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const mode_names[] = {
#define MODE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const error_names[] = {
#define ERROR_KIND(id, spelling, what) spelling,
#include "dvara/words.def"
};

static const char *const where_names[] = {
#define WHERE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const style_names[] = {
#define STYLE(id, spelling) spelling,
#include "dvara/words.def"
};

static int by_bytes(const void *a, const void *b)
{
    return dvara_str_cmp(*(const struct dvara_str *)a, *(const struct dvara_str *)b);
}

static void print_sorted(struct notes *notes, struct buf *out)
{
    qsort(notes->v, notes->n, sizeof notes->v[0], by_bytes);
    for (size_t i = 0; i < notes->n; i++) {
        buf_append(out, notes->v[i]);
        buf_byte(out, '\n');
    }
}

/* Denials beat approvals; of these the first by phase and rank gives the reason. */
static void note_verdict(struct judge *judge)
{
    size_t first = 0;
    for (size_t i = 1; i < judge->n_approvals; i++) {
        bool earlier = judge->approvals[i].phase < judge->approvals[first].phase;
        bool same = judge->approvals[i].phase == judge->approvals[first].phase;
        if (earlier ||
            (same && oracle_outranks(judge->approvals[i].by, judge->approvals[first].by)))
            first = i;
    }
    bool asks = judge->n_approvals && !judge->denied;
    if (asks) {
        judge->code = DVARA_STR("approval_required");
        judge->status = 403;
        judge->reason = judge->reasons[first];
    }
    oracle_note(judge, "verdict %s", judge->denied ? "deny" : asks ? "approval" : "allow");
    if (judge->denied || asks)
        oracle_note(judge, "code %.*s %d", DVARA_STR_ARG(judge->code), (int)judge->status);
    if (judge->reason.p)
        oracle_note(judge, "reason %.*s", DVARA_STR_ARG(judge->reason));
}

void oracle_print_judge(struct judge *judge, struct buf *out)
{
    const struct dvara_facts *f = &judge->facts;
    oracle_note_asked(judge);
    note_verdict(judge);
    const struct notes *rules = judge->denied ? &judge->denying : &judge->standing;
    for (size_t i = 0; i < rules->n; i++)
        oracle_note(judge, "rule %.*s", DVARA_STR_ARG(rules->v[i]));
    oracle_note(judge, "model %.*s", DVARA_STR_ARG(f->request.model));
    if (f->request.max_tokens.has)
        oracle_note(judge, "max_tokens %" PRId64, f->request.max_tokens.value);
    if (judge->set[DVARA_EFFECT_SET_TEMPERATURE].by)
        oracle_note(judge, "temperature %.17g", f->request.temperature.value);
    if (judge->set[DVARA_EFFECT_SET_USER].by)
        oracle_note(judge, "user %.*s", DVARA_STR_ARG(f->request.user));
    for (size_t i = 0; i < judge->n_headers; i++)
        oracle_note(judge, "header %.*s %.*s", DVARA_STR_ARG(judge->headers[i].name),
                    DVARA_STR_ARG(judge->headers[i].value));
    print_sorted(&judge->notes, out);
}

/* ---- the VM's ---- */

struct printer {
    const struct dvara_bundle *bundle;
    const struct dvara_decision *d;
    struct arena *arena;
    struct notes notes;
};

static void note(struct printer *p, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void note(struct printer *p, const char *format, ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    size_t length = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    oracle_notes_add(&p->notes, p->arena, dvara_str_from(line, length));
}

static struct dvara_str rule_name(const struct printer *p, uint32_t rule)
{
    return dvara_bundle_rule(p->bundle, rule).name;
}

static void note_rules(struct printer *p)
{
    const struct dvara_decision *d = p->d;
    for (size_t i = 0; i < d->n_rules; i++)
        note(p, "rule %.*s", DVARA_STR_ARG(rule_name(p, d->rules[i])));
    for (size_t i = 0; i < d->n_matched; i++)
        note(p, "matched %s %s %.*s", phase_names[d->matched[i].phase],
             mode_names[d->matched[i].mode], DVARA_STR_ARG(rule_name(p, d->matched[i].rule)));
    for (size_t i = 0; i < d->n_shadow; i++)
        note(p, "shadow %.*s", DVARA_STR_ARG(rule_name(p, d->shadow[i])));
    for (size_t i = 0; i < d->n_errors; i++)
        note(p, "error %s %.*s", error_names[d->errors[i].kind],
             DVARA_STR_ARG(rule_name(p, d->errors[i].rule)));
    for (size_t i = 0; i < d->n_excluded; i++)
        note(p, "excluded %.*s %.*s", DVARA_STR_ARG(d->excluded[i].target),
             DVARA_STR_ARG(rule_name(p, d->excluded[i].rule)));
}

static void note_lists(struct printer *p)
{
    const struct dvara_decision *d = p->d;
    for (size_t i = 0; i < d->n_warnings; i++)
        note(p, "warn %.*s", DVARA_STR_ARG(d->warnings[i]));
    for (size_t i = 0; i < d->n_tags; i++)
        note(p, "tag %.*s %.*s", DVARA_STR_ARG(d->tags[i].key), DVARA_STR_ARG(d->tags[i].value));
    for (size_t i = 0; i < d->n_headers; i++)
        note(p, "header %.*s %.*s", DVARA_STR_ARG(d->headers[i].name),
             DVARA_STR_ARG(d->headers[i].value));
    for (size_t i = 0; i < d->n_targets; i++)
        note(p, "target %02zu %.*s/%.*s", i, DVARA_STR_ARG(d->targets[i].provider),
             DVARA_STR_ARG(d->targets[i].model));
    if (d->route != DVARA_NO_ROUTE)
        note(p, "route %.*s", DVARA_STR_ARG(dvara_bundle_route(p->bundle, d->route).name));
}

static void note_grant(struct printer *p, enum dvara_phase phase, const struct dvara_grant *grant)
{
    bool any = false;
    for (size_t i = 0; i < p->d->n_approvals; i++) {
        const struct dvara_approval *approval = &p->d->approvals[i];
        if (approval->phase != phase)
            continue;
        any = true;
        note(p, "approval %s %.*s %u %" PRId64, phase_names[phase], DVARA_STR_ARG(approval->by),
             approval->quorum, approval->ttl);
    }
    if (any)
        note(p, "grant %s %" PRId64 " %d %d", phase_names[phase], grant->hold, grant->session,
             grant->whole);
    for (size_t i = 0; i < grant->n_binds; i++)
        note(p, "bind %s %.*s", phase_names[phase], DVARA_STR_ARG(grant->binds[i].value));
}

static void note_asked(struct printer *p)
{
    const struct dvara_decision *d = p->d;
    note_grant(p, DVARA_PHASE_REQUEST, &d->request_grant);
    note_grant(p, DVARA_PHASE_TOOL, &d->tool_grant);
    if (d->no_cache)
        note(p, "no cache");
    if (d->cache_ttl.has)
        note(p, "cache %" PRId64 " %d", d->cache_ttl.value, d->cache_any);
    for (size_t i = 0; i < d->n_redactions; i++)
        note(p, "redacted %s %s %.*s %u", where_names[d->redactions[i].where],
             style_names[d->redactions[i].style],
             DVARA_STR_ARG(dvara_bundle_detector(p->bundle, d->redactions[i].detector).name),
             d->redactions[i].count);
}

void oracle_print_decision(const struct dvara_bundle *bundle, const struct dvara_decision *decision,
                           bool with_reason, struct arena *arena, struct buf *out)
{
    struct printer *p = ARENA_NEW(arena, struct printer);
    const struct dvara_decision *d = decision;
    *p = (struct printer){.bundle = bundle, .d = d, .arena = arena};
    static const char *const verdicts[] = {"allow", "deny", "approval"};
    bool denied = d->verdict != DVARA_VERDICT_ALLOW;
    note(p, "verdict %s", verdicts[d->verdict]);
    if (denied)
        note(p, "code %.*s %d", DVARA_STR_ARG(d->code), d->status);
    if (denied && with_reason)
        note(p, "reason %.*s", DVARA_STR_ARG(d->reason));
    note(p, "model %.*s", DVARA_STR_ARG(d->model));
    if (d->max_tokens.has)
        note(p, "max_tokens %" PRId64, d->max_tokens.value);
    if (d->set_temperature.has)
        note(p, "temperature %.17g", d->set_temperature.value);
    if (d->set_user.p)
        note(p, "user %.*s", DVARA_STR_ARG(d->set_user));
    note_rules(p);
    note_lists(p);
    note_asked(p);
    print_sorted(&p->notes, out);
}

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

void oracle_print_judge(struct judge *judge, struct buf *out)
{
    const struct dvara_facts *f = &judge->facts;
    const struct notes *rules = judge->denied ? &judge->denying : &judge->standing;
    for (size_t i = 0; i < rules->n; i++)
        oracle_note(judge, "rule %.*s", DVARA_STR_ARG(rules->v[i]));
    oracle_note(judge, "verdict %s", judge->denied ? "deny" : "allow");
    if (judge->denied)
        oracle_note(judge, "code %.*s %d", DVARA_STR_ARG(judge->code), (int)judge->status);
    if (judge->denied && judge->reason.p)
        oracle_note(judge, "reason %.*s", DVARA_STR_ARG(judge->reason));
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

void oracle_print_decision(const struct dvara_bundle *bundle, const struct dvara_decision *decision,
                           bool with_reason, struct arena *arena, struct buf *out)
{
    struct printer *p = ARENA_NEW(arena, struct printer);
    const struct dvara_decision *d = decision;
    *p = (struct printer){.bundle = bundle, .d = d, .arena = arena};
    bool denied = d->verdict == DVARA_VERDICT_DENY;
    note(p, "verdict %s", denied ? "deny" : "allow");
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
    print_sorted(&p->notes, out);
}

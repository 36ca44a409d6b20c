/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/replay/outcome.h"

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/record.h"

#include <stdlib.h>

static const struct dvara_str aspect_names[] = {
#define ASPECT(id, name, what) [ASPECT_##id] = DVARA_STR_INIT(name),
#include "lang/replay/aspects.def"
};
static const struct dvara_str style_names[] = {
#define STYLE(id, spelling) [DVARA_STYLE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str where_names[] = {
#define WHERE(id, spelling) [DVARA_WHERE_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str verdict_names[] = {
    [DVARA_VERDICT_ALLOW] = DVARA_STR_INIT("allow"),
    [DVARA_VERDICT_DENY] = DVARA_STR_INIT("deny"),
    [DVARA_VERDICT_APPROVAL] = DVARA_STR_INIT("approval"),
};

struct dvara_str aspect_name(enum aspect aspect)
{
    return aspect_names[aspect];
}

enum answer { ALIKE, DIFFERS, UNSURE };

/* ---- sets of texts ---- */

static int by_text(const void *left, const void *right)
{
    return dvara_str_cmp(*(const struct dvara_str *)left, *(const struct dvara_str *)right);
}

static bool same_list(struct dvara_strs a, struct dvara_strs b)
{
    size_t i = 0;
    while (i < a.n && i < b.n && dvara_str_eq(a.v[i], b.v[i]))
        i++;
    return a.n == b.n && i == a.n;
}

static struct dvara_strs sorted(struct dvara_strs list, struct arena *scratch)
{
    struct dvara_str *v = ARENA_ARRAY(scratch, list.n, struct dvara_str);
    if (!v || list.n == 0)
        return (struct dvara_strs){NULL, 0};
    memcpy(v, list.v, list.n * sizeof *v);
    qsort(v, list.n, sizeof *v, by_text);
    return (struct dvara_strs){v, list.n};
}

static enum answer sets(struct dvara_strs a, struct dvara_strs b, struct arena *scratch)
{
    return same_list(sorted(a, scratch), sorted(b, scratch)) ? ALIKE : DIFFERS;
}

/* ---- the decision's lists as texts ---- */

static struct dvara_strs rules_of(const struct outcome *o, struct arena *scratch)
{
    struct dvara_str *v = ARENA_ARRAY(scratch, o->decision->n_rules, struct dvara_str);
    for (size_t i = 0; v && i < o->decision->n_rules; i++)
        v[i] = dvara_bundle_rule(o->bundle, o->decision->rules[i]).name;
    return (struct dvara_strs){v, v ? o->decision->n_rules : 0};
}

static struct dvara_strs targets_of(const struct outcome *o, struct arena *scratch)
{
    struct dvara_str *v = ARENA_ARRAY(scratch, o->decision->n_targets, struct dvara_str);
    for (size_t i = 0; v && i < o->decision->n_targets; i++)
        v[i] = arena_join(scratch, o->decision->targets[i].provider, '/',
                          o->decision->targets[i].model);
    return (struct dvara_strs){v, v ? o->decision->n_targets : 0};
}

static struct dvara_strs excluded_of(const struct outcome *o, struct arena *scratch)
{
    struct dvara_str *v = ARENA_ARRAY(scratch, o->decision->n_excluded, struct dvara_str);
    for (size_t i = 0; v && i < o->decision->n_excluded; i++)
        v[i] = arena_join(scratch, o->decision->excluded[i].target, '\n',
                          dvara_bundle_rule(o->bundle, o->decision->excluded[i].rule).name);
    return (struct dvara_strs){v, v ? o->decision->n_excluded : 0};
}

static struct dvara_strs excluded_then(const struct record *record, struct arena *scratch)
{
    struct dvara_str *v = ARENA_ARRAY(scratch, record->n_excluded, struct dvara_str);
    for (size_t i = 0; v && i < record->n_excluded; i++)
        v[i] = arena_join(scratch, record->excluded[i].target, '\n', record->excluded[i].rule);
    return (struct dvara_strs){v, v ? record->n_excluded : 0};
}

static struct dvara_strs set_of(const struct outcome *o, struct arena *scratch)
{
    const struct dvara_decision *d = o->decision;
    struct dvara_str *v = ARENA_ARRAY(scratch, d->n_headers + 5, struct dvara_str);
    size_t n = 0;
    if (!v)
        return (struct dvara_strs){NULL, 0};
    if (d->model_was_set)
        v[n++] = DVARA_STR("model");
    if (d->max_tokens_was_set)
        v[n++] = DVARA_STR("max_tokens");
    if (d->set_temperature.has)
        v[n++] = DVARA_STR("temperature");
    if (!dvara_str_is_absent(d->set_user))
        v[n++] = DVARA_STR("user");
    for (size_t i = 0; i < d->n_headers; i++)
        v[n++] = arena_join(scratch, DVARA_STR("header"), ' ', d->headers[i].name);
    if (d->route_was_set)
        v[n++] = DVARA_STR("route");
    return (struct dvara_strs){v, n};
}

static struct dvara_str route_of(const struct outcome *o)
{
    if (o->decision->route == DVARA_NO_ROUTE)
        return (struct dvara_str){0};
    return dvara_bundle_route(o->bundle, o->decision->route).name;
}

/* ---- one aspect each ---- */

static bool has_doubt(const struct outcome *o, enum dvara_doubt doubt)
{
    return (o->replay->doubts & 1u << doubt) != 0;
}

static bool are_denied(const struct outcome *o, const struct record *record)
{
    return o->decision->verdict == DVARA_VERDICT_DENY && record->verdict == DVARA_VERDICT_DENY;
}

static enum answer verdict(const struct outcome *o, const struct record *record,
                           struct arena *scratch)
{
    (void)scratch;
    return (uint8_t)o->decision->verdict == record->verdict &&
                   dvara_str_eq(o->decision->code, record->code)
               ? ALIKE
               : DIFFERS;
}

static enum answer rules(const struct outcome *o, const struct record *record,
                         struct arena *scratch)
{
    return sets(rules_of(o, scratch), record->rules, scratch);
}

/* Of what was replaced: is it still, and in the same way? */
static bool is_kept(const struct outcome *o, const struct record_redaction *redaction)
{
    size_t n = dvara_bundle_info(o->bundle).n_detectors;
    for (int where = 0; where < DVARA_WHERE_RESPONSE; where++) {
        const uint8_t *styles = dvara_run_styles(o->run, (enum dvara_where)where);
        for (uint32_t d = 0; styles && d < n; d++) {
            if (dvara_str_eq(where_names[where], redaction->where) &&
                dvara_str_eq(dvara_bundle_detector(o->bundle, d).name, redaction->detector))
                return dvara_str_eq(style_names[styles[d]], redaction->style);
        }
    }
    return false;
}

static enum answer redaction(const struct outcome *o, const struct record *record,
                             struct arena *scratch)
{
    enum dvara_error_kind error;
    uint64_t mark = dvara_run_redaction_mark(o->run, &error);
    (void)scratch;
    if (mark == record->redaction || are_denied(o, record))
        return ALIKE; /* of a denied request no text goes anywhere */
    for (size_t i = 0; i < record->n_redactions; i++) {
        if (!is_kept(o, &record->redactions[i]))
            return DIFFERS;
    }
    if (record->unscanned != DVARA_ERROR_NONE)
        return UNSURE;
    return mark == 0 ? ALIKE : UNSURE; /* what it would find now, nobody kept */
}

static enum answer model(const struct outcome *o, const struct record *record,
                         struct arena *scratch)
{
    (void)scratch;
    if (has_doubt(o, DVARA_DOUBT_MODEL))
        return UNSURE;
    if (record->model_is_cut)
        return dvara_str_starts_with(o->decision->model, record->model) ? UNSURE : DIFFERS;
    return dvara_str_eq(o->decision->model, record->model) ? ALIKE : DIFFERS;
}

static enum answer max_tokens(const struct outcome *o, const struct record *record,
                              struct arena *scratch)
{
    struct dvara_opt_int now = o->decision->max_tokens, then = record->max_tokens;
    (void)scratch;
    if (has_doubt(o, DVARA_DOUBT_TOKENS))
        return UNSURE;
    return now.has == then.has && (!now.has || now.value == then.value) ? ALIKE : DIFFERS;
}

/* A bound that is not known may leave the client's as it is. */
static enum answer set(const struct outcome *o, const struct record *record, struct arena *scratch)
{
    if (has_doubt(o, DVARA_DOUBT_TOKENS))
        return UNSURE;
    return sets(set_of(o, scratch), record->set_names, scratch);
}

static enum answer route(const struct outcome *o, const struct record *record,
                         struct arena *scratch)
{
    (void)scratch;
    return dvara_str_eq(route_of(o), record->route) ? ALIKE : DIFFERS;
}

static enum answer targets(const struct outcome *o, const struct record *record,
                           struct arena *scratch)
{
    struct dvara_strs now = targets_of(o, scratch);
    uint32_t taken = o->decision->route;
    if (same_list(now, record->targets))
        return has_doubt(o, DVARA_DOUBT_ORDER) && now.n > 1 ? UNSURE : ALIKE;
    if (sets(now, record->targets, scratch) == DIFFERS)
        return DIFFERS;
    if (taken != DVARA_NO_ROUTE && dvara_bundle_route_is_measured(o->bundle, taken))
        return ALIKE;
    return has_doubt(o, DVARA_DOUBT_ORDER) ? UNSURE : DIFFERS;
}

static enum answer excluded(const struct outcome *o, const struct record *record,
                            struct arena *scratch)
{
    return sets(excluded_of(o, scratch), excluded_then(record, scratch), scratch);
}

/* A cut value stands for all that begin like it: the gateway cuts at 256 bytes. */
static bool has_tag(const struct record *record, const struct dvara_tag *tag)
{
    for (size_t i = 0; i < record->tags.n; i++) {
        const struct dvara_pair *pair = &record->tags.v[i];
        bool is_cut = pair->value.n >= 253 && dvara_str_starts_with(tag->value, pair->value);
        if (dvara_str_eq(pair->name, tag->key) && (is_cut || dvara_str_eq(pair->value, tag->value)))
            return true;
    }
    return false;
}

static enum answer tags(const struct outcome *o, const struct record *record, struct arena *scratch)
{
    (void)scratch;
    if (has_doubt(o, DVARA_DOUBT_TAG))
        return UNSURE;
    if (o->decision->n_tags != record->tags.n)
        return DIFFERS;
    for (size_t i = 0; i < o->decision->n_tags; i++) {
        if (!has_tag(record, &o->decision->tags[i]))
            return DIFFERS;
    }
    return ALIKE;
}

typedef enum answer answer_function(const struct outcome *, const struct record *, struct arena *);
static answer_function *const answers[] = {
    [ASPECT_VERDICT] = verdict, [ASPECT_RULES] = rules,           [ASPECT_REDACTION] = redaction,
    [ASPECT_MODEL] = model,     [ASPECT_MAX_TOKENS] = max_tokens, [ASPECT_SET] = set,
    [ASPECT_ROUTE] = route,     [ASPECT_TARGETS] = targets,       [ASPECT_EXCLUDED] = excluded,
    [ASPECT_TAGS] = tags};

/* Was the request refused before its plan was made? */
static bool was_refused_early(const struct record *record)
{
    return record->verdict != DVARA_VERDICT_ALLOW && record->n_excluded == 0 &&
           !dvara_str_eq(record->code, DVARA_STR("no_eligible_target")) &&
           !dvara_str_eq(record->code, DVARA_STR("no_provider")) &&
           !dvara_str_eq(record->code, DVARA_STR("policy_error"));
}

/* What may be told of an outcome whose plan is unsure: the request phase, which allows it. */
static uint32_t sure_aspects(const struct record *record)
{
    uint32_t sure = 1u << ASPECT_MODEL | 1u << ASPECT_MAX_TOKENS;
    return was_refused_early(record) ? sure | 1u << ASPECT_VERDICT : sure;
}

struct comparison outcome_compare(const struct outcome *o, const struct record *record,
                                  struct arena *scratch)
{
    struct comparison found = {0, 0};
    uint32_t sure = o->plan_is_unsure ? sure_aspects(record) : UINT32_MAX;
    if (has_doubt(o, DVARA_DOUBT_CONDITION))
        sure = 0;
    if (has_doubt(o, DVARA_DOUBT_MODEL)) /* routes and targets hang on it */
        sure &= 1u << ASPECT_MAX_TOKENS;
    if (has_doubt(o, DVARA_DOUBT_TOKENS)) /* a bound that takes no effect names no rule */
        sure &= ~(1u << ASPECT_RULES | 1u << ASPECT_TARGETS);
    for (int aspect = 0; aspect < ASPECT_COUNT; aspect++) {
        enum answer answer = answers[aspect](o, record, scratch);
        if (!(sure & 1u << aspect) || answer == UNSURE)
            found.unsure |= 1u << aspect;
        else if (answer == DIFFERS)
            found.differs |= 1u << aspect;
    }
    return found;
}

/* ---- printing ---- */

static void print_list(struct dvara_strs list, struct buf *out)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < list.n; i++) {
        if (i > 0)
            BUF_LIT(out, ", ");
        const char *feed = list.v[i].n ? memchr(list.v[i].p, '\n', list.v[i].n) : NULL;
        size_t n = feed ? (size_t)(feed - list.v[i].p) : list.v[i].n;
        buf_append(out, dvara_str_slice(list.v[i], 0, n));
        if (feed) {
            BUF_LIT(out, " by ");
            buf_append(out, dvara_str_slice(list.v[i], n + 1, list.v[i].n));
        }
    }
    buf_byte(out, ']');
}

static void print_verdict(enum dvara_verdict verdict, struct dvara_str code, struct buf *out)
{
    buf_append(out, verdict_names[verdict]);
    if (code.n)
        buf_printf(out, " %.*s", DVARA_STR_ARG(code));
}

static void print_text(struct dvara_str text, struct buf *out)
{
    buf_append(out, text.n ? text : DVARA_STR("none"));
}

static void print_number(struct dvara_opt_int number, struct buf *out)
{
    if (number.has)
        buf_int(out, number.value);
    else
        BUF_LIT(out, "none");
}

static void print_tag(struct dvara_str key, struct dvara_str value, bool first, struct buf *out)
{
    buf_printf(out, "%s%.*s=%.*s", first ? "" : ", ", DVARA_STR_ARG(key), DVARA_STR_ARG(value));
}

void outcome_print_old(const struct record *record, enum aspect aspect, struct buf *out)
{
    struct arena scratch;
    arena_init(&scratch, 1 << 26);
    switch (aspect) {
    case ASPECT_VERDICT:
        print_verdict((enum dvara_verdict)record->verdict, record->code, out);
        break;
    case ASPECT_RULES:
        print_list(record->rules, out);
        break;
    case ASPECT_REDACTION:
        buf_byte(out, '[');
        for (size_t i = 0; i < record->n_redactions; i++)
            buf_printf(out, "%s%.*s as %.*s", i ? ", " : "",
                       DVARA_STR_ARG(record->redactions[i].detector),
                       DVARA_STR_ARG(record->redactions[i].style));
        buf_byte(out, ']');
        break;
    case ASPECT_MODEL:
        print_text(record->model, out);
        break;
    case ASPECT_MAX_TOKENS:
        print_number(record->max_tokens, out);
        break;
    case ASPECT_SET:
        print_list(record->set_names, out);
        break;
    case ASPECT_ROUTE:
        print_text(record->route, out);
        break;
    case ASPECT_TARGETS:
        print_list(record->targets, out);
        break;
    case ASPECT_EXCLUDED:
        print_list(excluded_then(record, &scratch), out);
        break;
    case ASPECT_TAGS:
        buf_byte(out, '[');
        for (size_t i = 0; i < record->tags.n; i++)
            print_tag(record->tags.v[i].name, record->tags.v[i].value, i == 0, out);
        buf_byte(out, ']');
        break;
    case ASPECT_COUNT:
        break;
    }
    arena_clear(&scratch);
}

/* The styles that stand: what they would find is not known. */
static void print_styles(const struct outcome *o, struct buf *out)
{
    size_t n = dvara_bundle_info(o->bundle).n_detectors, shown = 0;
    buf_byte(out, '[');
    for (int where = 0; where < DVARA_WHERE_RESPONSE; where++) {
        const uint8_t *styles = dvara_run_styles(o->run, (enum dvara_where)where);
        for (uint32_t d = 0; styles && d < n; d++) {
            if (styles[d] == DVARA_STYLE_NONE)
                continue;
            if (shown++ < 8)
                buf_printf(out, "%s%.*s as %.*s", shown > 1 ? ", " : "",
                           DVARA_STR_ARG(dvara_bundle_detector(o->bundle, d).name),
                           DVARA_STR_ARG(style_names[styles[d]]));
        }
    }
    if (shown > 8)
        buf_printf(out, " and %zu more", shown - 8);
    buf_byte(out, ']');
}

void outcome_print_new(const struct outcome *o, enum aspect aspect, struct buf *out)
{
    struct arena scratch;
    arena_init(&scratch, 1 << 26);
    switch (aspect) {
    case ASPECT_VERDICT:
        print_verdict(o->decision->verdict, o->decision->code, out);
        break;
    case ASPECT_RULES:
        print_list(rules_of(o, &scratch), out);
        break;
    case ASPECT_REDACTION:
        print_styles(o, out);
        break;
    case ASPECT_MODEL:
        print_text(o->decision->model, out);
        break;
    case ASPECT_MAX_TOKENS:
        print_number(o->decision->max_tokens, out);
        break;
    case ASPECT_SET:
        print_list(set_of(o, &scratch), out);
        break;
    case ASPECT_ROUTE:
        print_text(route_of(o), out);
        break;
    case ASPECT_TARGETS:
        print_list(targets_of(o, &scratch), out);
        break;
    case ASPECT_EXCLUDED:
        print_list(excluded_of(o, &scratch), out);
        break;
    case ASPECT_TAGS:
        buf_byte(out, '[');
        for (size_t i = 0; i < o->decision->n_tags; i++)
            print_tag(o->decision->tags[i].key, o->decision->tags[i].value, i == 0, out);
        buf_byte(out, ']');
        break;
    case ASPECT_COUNT:
        break;
    }
    arena_clear(&scratch);
}

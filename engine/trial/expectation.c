/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/expectation.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/json_text.h"

static struct dvara_str rule_name(const struct dvara_bundle *bundle, uint32_t rule)
{
    return dvara_bundle_rule(bundle, rule).name;
}

static bool is_denied(const struct dvara_decision *d)
{
    return d->verdict == DVARA_VERDICT_DENY;
}

static bool has_rule(const struct dvara_bundle *bundle, const struct dvara_decision *d,
                     struct dvara_str name)
{
    for (size_t i = 0; i < d->n_rules; i++) {
        if (dvara_str_eq(rule_name(bundle, d->rules[i]), name))
            return true;
    }
    return false;
}

static bool holds_deny(const struct dvara_bundle *bundle, const struct evaluation *e,
                       const struct expectation *expect)
{
    const struct dvara_decision *d = e->decision;
    if (!is_denied(d))
        return false;
    if (!dvara_str_is_absent(expect->text) && !dvara_str_eq(d->code, expect->text))
        return false;
    return dvara_str_is_absent(expect->name) || has_rule(bundle, d, expect->name);
}

static bool holds_route(const struct dvara_bundle *bundle, const struct evaluation *e,
                        const struct expectation *expect)
{
    uint32_t route = e->decision->route;
    return route != DVARA_NO_ROUTE &&
           dvara_str_eq(dvara_bundle_route(bundle, route).name, expect->name);
}

static bool is_target(const struct dvara_target *target, struct dvara_str name)
{
    return name.n == target->provider.n + 1 + target->model.n &&
           dvara_str_starts_with(name, target->provider) && name.p[target->provider.n] == '/' &&
           dvara_str_ends_with(name, target->model);
}

static bool holds_target(const struct dvara_bundle *bundle, const struct evaluation *e,
                         const struct expectation *expect)
{
    (void)bundle;
    return e->decision->n_targets > 0 && is_target(&e->decision->targets[0], expect->text);
}

static bool holds_excluded(const struct dvara_bundle *bundle, const struct evaluation *e,
                           const struct expectation *expect)
{
    for (size_t i = 0; i < e->decision->n_excluded; i++) {
        const struct dvara_exclusion *x = &e->decision->excluded[i];
        if (dvara_str_eq(x->target, expect->text) &&
            dvara_str_eq(rule_name(bundle, x->rule), expect->name))
            return true;
    }
    return false;
}

static bool is_among(struct dvara_strs names, struct dvara_str name)
{
    for (size_t i = 0; i < names.n; i++) {
        if (dvara_str_eq(names.v[i], name))
            return true;
    }
    return false;
}

static bool holds_redacted(const struct dvara_bundle *bundle, const struct evaluation *e,
                           const struct expectation *expect)
{
    for (size_t i = 0; i < e->decision->n_redactions; i++) {
        uint32_t detector = e->decision->redactions[i].detector;
        if (is_among(expect->detectors, dvara_bundle_detector(bundle, detector).name))
            return true;
    }
    return false;
}

static bool holds_tag(const struct dvara_bundle *bundle, const struct evaluation *e,
                      const struct expectation *expect)
{
    (void)bundle;
    for (size_t i = 0; i < e->decision->n_tags; i++) {
        const struct dvara_tag *tag = &e->decision->tags[i];
        if (dvara_str_eq(tag->key, expect->key) && dvara_str_eq(tag->value, expect->text))
            return true;
    }
    return false;
}

static bool holds_matched(const struct dvara_bundle *bundle, const struct evaluation *e,
                          const struct expectation *expect)
{
    for (size_t i = 0; i < e->decision->n_matched; i++) {
        if (dvara_str_eq(rule_name(bundle, e->decision->matched[i].rule), expect->name))
            return true;
    }
    return false;
}

static bool holds_approval(const struct dvara_decision *d, const struct expectation *expect)
{
    if (d->verdict != DVARA_VERDICT_APPROVAL || dvara_str_is_absent(expect->text))
        return d->verdict == DVARA_VERDICT_APPROVAL;
    for (size_t i = 0; i < d->n_approvals; i++) {
        if (dvara_str_eq(d->approvals[i].by, expect->text))
            return true;
    }
    return false;
}

static bool holds(const struct dvara_bundle *bundle, const struct evaluation *e,
                  const struct expectation *expect)
{
    const struct dvara_decision *d = e->decision;
    switch (expect->kind) {
    case EXPECT_ALLOW:
        return d->verdict == DVARA_VERDICT_ALLOW;
    case EXPECT_DENY:
        return holds_deny(bundle, e, expect);
    case EXPECT_APPROVAL:
        return holds_approval(d, expect);
    case EXPECT_ROUTE:
        return holds_route(bundle, e, expect);
    case EXPECT_TARGET:
        return holds_target(bundle, e, expect);
    case EXPECT_EXCLUDED:
        return holds_excluded(bundle, e, expect);
    case EXPECT_REDACTED:
        return holds_redacted(bundle, e, expect);
    case EXPECT_PROMPT:
        return dvara_str_eq(e->prompt, expect->text);
    case EXPECT_TEXT:
        return e->has_text && dvara_str_eq(e->text, expect->text);
    case EXPECT_MODEL:
        return dvara_str_eq(d->model, expect->text);
    case EXPECT_MAX_TOKENS:
        return d->max_tokens.has && d->max_tokens.value == expect->number;
    case EXPECT_WARNED:
        return d->n_warnings > 0;
    case EXPECT_TAG:
        return holds_tag(bundle, e, expect);
    case EXPECT_MATCHED:
        return holds_matched(bundle, e, expect);
    case EXPECT_ERRORS:
        return d->n_errors > 0;
    case EXPECT_COUNT:
        break;
    }
    return false;
}

bool expectation_holds(const struct dvara_bundle *bundle, const struct evaluation *evaluation,
                       const struct expectation *expect)
{
    return holds(bundle, evaluation, expect) != expect->negated;
}

/* ---- printing ---- */

static const char *const spellings[] = {
#define EXPECT(id, spelling, what) spelling,
#include "trial/expects.def"
};

void expectation_print(const struct expectation *expect, struct buf *out)
{
    buf_printf(out, "%s%s", expect->negated ? "not " : "", spellings[expect->kind]);
    if (expect->kind == EXPECT_DENY && !dvara_str_is_absent(expect->text))
        BUF_LIT(out, " code");
    if (!dvara_str_is_absent(expect->key)) {
        buf_byte(out, ' ');
        json_write_string(out, expect->key);
    }
    if (!dvara_str_is_absent(expect->text)) {
        buf_byte(out, ' ');
        json_write_string(out, expect->text);
    }
    if (!dvara_str_is_absent(expect->name))
        buf_printf(out, "%s %.*s",
                   expect->kind == EXPECT_DENY || expect->kind == EXPECT_EXCLUDED ? " by" : "",
                   DVARA_STR_ARG(expect->name));
    if (expect->kind == EXPECT_MAX_TOKENS) {
        buf_byte(out, ' ');
        buf_int(out, expect->number);
    }
}

static void print_verdict(const struct dvara_bundle *bundle, const struct dvara_decision *d,
                          struct buf *out)
{
    static const char *const verdicts[] = {"allow", "deny", "approval"};
    buf_append(out, dvara_str_from_cstr(verdicts[d->verdict]));
    if (!is_denied(d))
        return;
    BUF_LIT(out, " code ");
    json_write_string(out, d->code);
    for (size_t i = 0; i < d->n_rules; i++)
        buf_printf(out, "%s%.*s", i ? ", " : " by ", DVARA_STR_ARG(rule_name(bundle, d->rules[i])));
}

static void print_targets(const struct dvara_decision *d, struct buf *out)
{
    for (size_t i = 0; i < d->n_targets; i++)
        buf_printf(out, "%s%.*s/%.*s", i ? ", " : "", DVARA_STR_ARG(d->targets[i].provider),
                   DVARA_STR_ARG(d->targets[i].model));
    if (d->n_targets == 0)
        BUF_LIT(out, "no target");
}

static void print_redactions(const struct dvara_bundle *bundle, const struct dvara_decision *d,
                             struct buf *out)
{
    for (size_t i = 0; i < d->n_redactions; i++)
        buf_printf(out, "%s%.*s", i ? ", " : "",
                   DVARA_STR_ARG(dvara_bundle_detector(bundle, d->redactions[i].detector).name));
    if (d->n_redactions == 0)
        BUF_LIT(out, "nothing redacted");
}

static void print_tags(const struct dvara_decision *d, struct buf *out)
{
    for (size_t i = 0; i < d->n_tags; i++) {
        buf_append(out, i ? DVARA_STR(", tag ") : DVARA_STR("tag "));
        json_write_string(out, d->tags[i].key);
        buf_byte(out, ' ');
        json_write_string(out, d->tags[i].value);
    }
    if (d->n_tags == 0)
        BUF_LIT(out, "no tag");
}

static void print_errors(const struct dvara_bundle *bundle, const struct dvara_decision *d,
                         struct buf *out)
{
    static const char *const kinds[] = {
#define ERROR_KIND(id, spelling, what) spelling,
#include "dvara/words.def"
    };
    for (size_t i = 0; i < d->n_errors; i++)
        buf_printf(out, "%s%s in %.*s", i ? ", " : "errors ", kinds[d->errors[i].kind],
                   DVARA_STR_ARG(rule_name(bundle, d->errors[i].rule)));
    if (d->n_errors == 0)
        BUF_LIT(out, "no errors");
}

static void print_matched(const struct dvara_bundle *bundle, const struct dvara_decision *d,
                          struct buf *out)
{
    for (size_t i = 0; i < d->n_matched; i++)
        buf_printf(out, "%s%.*s", i ? ", " : "matched ",
                   DVARA_STR_ARG(rule_name(bundle, d->matched[i].rule)));
    if (d->n_matched == 0)
        BUF_LIT(out, "no rule matched");
}

static void print_warnings(const struct dvara_decision *d, struct buf *out)
{
    for (size_t i = 0; i < d->n_warnings; i++) {
        buf_append(out, i ? DVARA_STR(", ") : DVARA_STR("warned "));
        json_write_string(out, d->warnings[i]);
    }
    if (d->n_warnings == 0)
        BUF_LIT(out, "no warning");
}

void expectation_print_actual(const struct dvara_bundle *bundle, const struct evaluation *e,
                              const struct expectation *expect, struct buf *out)
{
    const struct dvara_decision *d = e->decision;
    switch (expect->kind) {
    case EXPECT_ROUTE:
        buf_append(out, d->route == DVARA_NO_ROUTE ? DVARA_STR("no route")
                                                   : dvara_bundle_route(bundle, d->route).name);
        return;
    case EXPECT_TARGET:
    case EXPECT_EXCLUDED:
        print_targets(d, out);
        return;
    case EXPECT_REDACTED:
        print_redactions(bundle, d, out);
        return;
    case EXPECT_PROMPT:
        json_write_string(out, e->prompt.p ? e->prompt : DVARA_STR(""));
        return;
    case EXPECT_TEXT:
        json_write_string(out, e->text.p ? e->text : DVARA_STR(""));
        return;
    case EXPECT_MODEL:
        json_write_string(out, d->model.p ? d->model : DVARA_STR(""));
        return;
    case EXPECT_MAX_TOKENS:
        if (d->max_tokens.has)
            buf_int(out, d->max_tokens.value);
        else
            BUF_LIT(out, "none");
        return;
    case EXPECT_TAG:
        print_tags(d, out);
        return;
    case EXPECT_ERRORS:
        print_errors(bundle, d, out);
        return;
    case EXPECT_MATCHED:
        print_matched(bundle, d, out);
        return;
    case EXPECT_WARNED:
        print_warnings(d, out);
        return;
    default:
        print_verdict(bundle, d, out);
    }
}

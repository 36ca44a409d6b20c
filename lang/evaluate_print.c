/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/evaluate_print.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/json_text.h"
#include "vm/template.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const verdicts[] = {"allow", "deny", "approval"};

static const char *const phases[] = {
#define PHASE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const modes[] = {
#define MODE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const styles[] = {
#define STYLE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const wheres[] = {
#define WHERE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const error_kinds[] = {
#define ERROR_KIND(id, spelling, what) spelling,
#include "dvara/words.def"
};

struct printer {
    const struct dvara_bundle *bundle;
    const struct dvara_decision *d;
    struct buf *out;
};

static void key(struct printer *p, const char *name)
{
    if (p->out->n && p->out->p[p->out->n - 1] != '{')
        buf_byte(p->out, ',');
    json_write_string(p->out, dvara_str_from_cstr(name));
    buf_byte(p->out, ':');
}

static void text(struct printer *p, const char *name, struct dvara_str s)
{
    key(p, name);
    json_write_or_null(p->out, s);
}

static void word(struct printer *p, const char *name, const char *value)
{
    text(p, name, dvara_str_from_cstr(value));
}

static void number(struct printer *p, const char *name, bool has, int64_t value)
{
    key(p, name);
    if (has)
        buf_int(p->out, value);
    else
        BUF_LIT(p->out, "null");
}

static void comma(struct printer *p, size_t i)
{
    if (i)
        buf_byte(p->out, ',');
}

static struct dvara_str rule_name(const struct printer *p, uint32_t rule)
{
    return dvara_bundle_rule(p->bundle, rule).name;
}

static void rules(struct printer *p, const char *name, const uint32_t *v, size_t n)
{
    key(p, name);
    buf_byte(p->out, '[');
    for (size_t i = 0; i < n; i++) {
        comma(p, i);
        json_write_string(p->out, rule_name(p, v[i]));
    }
    buf_byte(p->out, ']');
}

static void matched(struct printer *p)
{
    key(p, "matched");
    buf_byte(p->out, '[');
    for (size_t i = 0; i < p->d->n_matched; i++) {
        comma(p, i);
        buf_byte(p->out, '{');
        text(p, "rule", rule_name(p, p->d->matched[i].rule));
        word(p, "mode", modes[p->d->matched[i].mode]);
        word(p, "phase", phases[p->d->matched[i].phase]);
        buf_byte(p->out, '}');
    }
    buf_byte(p->out, ']');
}

/* A duration as the language spells it; 0 is null. */
static void time_text(struct printer *p, const char *name, int64_t ns)
{
    struct buf spelled;
    buf_init(&spelled, 64);
    if (ns)
        template_print(&spelled, DVARA_TYPE_DURATION, value_int(ns));
    text(p, name, ns ? buf_str(&spelled) : (struct dvara_str){0});
    buf_clear(&spelled);
}

static void approvals(struct printer *p)
{
    key(p, "approvals");
    buf_byte(p->out, '[');
    for (size_t i = 0; i < p->d->n_approvals; i++) {
        comma(p, i);
        buf_byte(p->out, '{');
        text(p, "by", p->d->approvals[i].by);
        time_text(p, "ttl", p->d->approvals[i].ttl);
        buf_byte(p->out, '}');
    }
    buf_byte(p->out, ']');
}

static void redactions(struct printer *p)
{
    key(p, "redactions");
    buf_byte(p->out, '[');
    for (size_t i = 0; i < p->d->n_redactions; i++) {
        const struct dvara_redaction *r = &p->d->redactions[i];
        comma(p, i);
        buf_byte(p->out, '{');
        text(p, "detector", dvara_bundle_detector(p->bundle, r->detector).name);
        word(p, "where", wheres[r->where]);
        word(p, "style", styles[r->style]);
        number(p, "count", true, r->count);
        buf_byte(p->out, '}');
    }
    buf_byte(p->out, ']');
}

/* The shortest digits that read back as the same number. */
static void real(struct buf *out, double f)
{
    char digits[40];
    for (int n = 1; n <= 17; n++) {
        (void)snprintf(digits, sizeof digits, "%.*g", n, f);
        double back = strtod(digits, NULL);
        if (memcmp(&back, &f, sizeof f) == 0)
            break;
    }
    buf_append(out, dvara_str_from_cstr(digits));
}

static void settings(struct printer *p)
{
    const struct dvara_decision *d = p->d;
    key(p, "set");
    buf_byte(p->out, '{');
    if (d->n_headers) {
        key(p, "headers");
        buf_byte(p->out, '{');
        for (size_t i = 0; i < d->n_headers; i++) {
            comma(p, i);
            json_write_string(p->out, d->headers[i].name);
            buf_byte(p->out, ':');
            json_write_string(p->out, d->headers[i].value);
        }
        buf_byte(p->out, '}');
    }
    if (d->max_tokens_was_set)
        number(p, "max_tokens", true, d->max_tokens.value);
    if (d->model_was_set)
        text(p, "model", d->model);
    if (d->set_temperature.has) {
        key(p, "temperature");
        real(p->out, d->set_temperature.value);
    }
    if (!dvara_str_is_absent(d->set_user))
        text(p, "user", d->set_user);
    buf_byte(p->out, '}');
}

static void plan(struct printer *p)
{
    const struct dvara_decision *d = p->d;
    struct dvara_str route = {NULL, 0};
    if (d->route != DVARA_NO_ROUTE)
        route = dvara_bundle_route(p->bundle, d->route).name;
    text(p, "route", route);
    key(p, "targets");
    buf_byte(p->out, '[');
    for (size_t i = 0; i < d->n_targets; i++) {
        comma(p, i);
        buf_byte(p->out, '"');
        json_write_escaped(p->out, d->targets[i].provider);
        buf_byte(p->out, '/');
        json_write_escaped(p->out, d->targets[i].model);
        buf_byte(p->out, '"');
    }
    buf_byte(p->out, ']');
    key(p, "excluded");
    buf_byte(p->out, '[');
    for (size_t i = 0; i < d->n_excluded; i++) {
        comma(p, i);
        buf_byte(p->out, '{');
        text(p, "target", d->excluded[i].target);
        text(p, "rule", rule_name(p, d->excluded[i].rule));
        buf_byte(p->out, '}');
    }
    buf_byte(p->out, ']');
}

/* {key: [values]}; tags come sorted by key. */
static void tags(struct printer *p)
{
    const struct dvara_decision *d = p->d;
    key(p, "tags");
    buf_byte(p->out, '{');
    for (size_t i = 0; i < d->n_tags; i++) {
        bool same = i && dvara_str_eq(d->tags[i].key, d->tags[i - 1].key);
        if (!same) {
            buf_append(p->out, i ? DVARA_STR("],") : DVARA_STR(""));
            json_write_string(p->out, d->tags[i].key);
            BUF_LIT(p->out, ":[");
        } else {
            buf_byte(p->out, ',');
        }
        json_write_string(p->out, d->tags[i].value);
    }
    buf_append(p->out, d->n_tags ? DVARA_STR("]}") : DVARA_STR("}"));
}

static void told(struct printer *p)
{
    const struct dvara_decision *d = p->d;
    key(p, "warnings");
    buf_byte(p->out, '[');
    for (size_t i = 0; i < d->n_warnings; i++) {
        comma(p, i);
        json_write_string(p->out, d->warnings[i]);
    }
    buf_byte(p->out, ']');
    tags(p);
    time_text(p, "cache_ttl", d->cache_ttl.has ? d->cache_ttl.value : 0);
    key(p, "errors");
    buf_byte(p->out, '[');
    for (size_t i = 0; i < d->n_errors; i++) {
        comma(p, i);
        buf_byte(p->out, '{');
        text(p, "rule", rule_name(p, d->errors[i].rule));
        word(p, "kind", error_kinds[d->errors[i].kind]);
        buf_byte(p->out, '}');
    }
    buf_byte(p->out, ']');
}

void evaluate_print(const struct dvara_bundle *bundle, const struct evaluation *evaluation,
                    struct buf *out)
{
    const struct dvara_decision *d = evaluation->decision;
    struct printer p = {bundle, d, out};
    bool allowed = d->verdict == DVARA_VERDICT_ALLOW;
    buf_byte(out, '{');
    word(&p, "decision", verdicts[d->verdict]);
    text(&p, "code", !allowed ? d->code : (struct dvara_str){0});
    number(&p, "status", !allowed, d->status);
    text(&p, "reason", !allowed ? d->reason : (struct dvara_str){0});
    rules(&p, "rules", d->rules, d->n_rules);
    matched(&p);
    rules(&p, "shadow", d->shadow, d->n_shadow);
    approvals(&p);
    redactions(&p);
    text(&p, "prompt", evaluation->prompt.p ? evaluation->prompt : DVARA_STR(""));
    text(&p, "text", evaluation->has_text ? evaluation->text : (struct dvara_str){0});
    text(&p, "model", d->model.p ? d->model : DVARA_STR(""));
    number(&p, "max_tokens", d->max_tokens.has, d->max_tokens.value);
    settings(&p);
    plan(&p);
    told(&p);
    key(&p, "cost");
    buf_printf(out, "{\"steps\":%" PRIu64 ",\"scanned_bytes\":%" PRIu64 "}}\n", d->steps,
               d->scanned_bytes);
}

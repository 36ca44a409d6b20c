/* SPDX-License-Identifier: Apache-2.0 */
/* rule = "rule" name "{" { clause | effect } "}" */
#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/parse.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static const char *const phase_words[] = {
#define PHASE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const mode_words[] = {
#define MODE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const style_words[] = {
#define STYLE(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const where_words[] = {
#define WHERE(id, spelling) spelling,
#include "dvara/words.def"
};

/* "on" phase { "," phase } */
static void parse_on(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at;
    do {
        int phase = parse_choice(p, phase_words, COUNT(phase_words), "phase");
        if (phase < 0)
            return;
        decl->rule.phases |= (uint8_t)(1u << phase);
    } while (parser_take_if(p, TOKEN_COMMA));
    decl->rule.phases_span = parser_span_from(p, first);
}

static void parse_when(struct parser *p, struct decl *decl)
{
    decl->rule.when = parse_expr(p);
}

static void parse_priority(struct parser *p, struct decl *decl)
{
    struct number priority = parse_number(p, TOKEN_INT, "a whole number from -1000 to 1000");
    decl->rule.priority_span = priority.span;
    if (priority.has && (priority.i < -1000 || priority.i > 1000)) {
        diag_add(p->diags, priority.span, MESSAGE_OUT_OF_RANGE, DVARA_STR("priority"),
                 DVARA_STR("from -1000 to 1000"));
        decl->failed = true;
    } else {
        decl->rule.priority = (int32_t)priority.i;
    }
}

static void parse_mode(struct parser *p, struct decl *decl)
{
    int mode = parse_choice_or(p, mode_words, COUNT(mode_words), 0, "mode");
    if (mode >= 0)
        decl->rule.mode = (enum dvara_mode)mode;
}

static void parse_once(struct parser *p, struct decl *decl)
{
    decl->rule.once = true;
    decl->rule.once_span = parser_span_from(p, p->at - 1);
}

static void parse_opaque(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"deny", "allow"};
    uint32_t first = p->at - 1;
    int word = parse_choice_or(p, words, COUNT(words), 0, "treatment of opaque parts");
    decl->rule.opaque = word == 0 ? OPAQUE_DENY : word == 1 ? OPAQUE_ALLOW : OPAQUE_UNSET;
    decl->rule.opaque_span = parser_span_from(p, first);
}

static void parse_on_stream(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"notify"};
    uint32_t first = p->at - 1;
    decl->rule.on_stream_notify =
        parse_choice_or(p, words, COUNT(words), 0, "treatment of streams") == 0;
    decl->rule.on_stream_span = parser_span_from(p, first);
}

static void parse_reason(struct parser *p, struct decl *decl)
{
    decl->rule.reason = parse_template(p);
}

/* "meta" word string */
static void parse_meta(struct parser *p, struct decl *decl)
{
    struct meta meta = {0};
    uint32_t first = p->at - 1;
    if (!parser_at(p, TOKEN_WORD)) {
        parser_expected(p, "a word such as `owner`");
        return;
    }
    meta.key = parser_word(p, parser_token(p));
    parser_take(p);
    meta.value = parse_text(p, "a string");
    meta.span = parser_span_from(p, first);
    if (!p->panic)
        LIST_APPEND(p->arena, decl->rule.metas, decl->rule.n_metas, meta);
}

/* An effect that stands; `first` is its first token. */
static void add_effect(struct parser *p, struct decl *decl, struct effect effect, uint32_t first)
{
    if (p->panic)
        return;
    effect.span = parser_span_from(p, first);
    LIST_APPEND(p->arena, decl->rule.effects, decl->rule.n_effects, effect);
}

/* "deny" [ "code" string ] [ "status" int ] */
static void parse_deny(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_DENY};
    for (;;) {
        if (!effect.deny.code.s.p && parser_take_word(p, "code"))
            effect.deny.code = parse_text(p, "the code in quotes");
        else if (!effect.deny.status.has && parser_take_word(p, "status"))
            effect.deny.status = parse_number(p, TOKEN_INT, "an HTTP status such as `429`");
        else
            break;
    }
    add_effect(p, decl, effect, first);
}

static void parse_exclude(struct parser *p, struct decl *decl)
{
    add_effect(p, decl, (struct effect){.kind = DVARA_EFFECT_EXCLUDE}, p->at - 1);
}

static void parse_allow(struct parser *p, struct decl *decl)
{
    add_effect(p, decl, (struct effect){.kind = DVARA_EFFECT_ALLOW}, p->at - 1);
}

static void parse_style(struct parser *p, struct effect *effect)
{
    effect->redact.style_span = parser_span(p);
    int style = parse_choice_or(p, style_words + 1, COUNT(style_words) - 1, 0, "redaction style");
    if (style >= 0)
        effect->redact.style = (enum dvara_style)(style + 1);
}

/* where { "," where } */
static void parse_where(struct parser *p, struct effect *effect)
{
    uint32_t first = p->at;
    effect->redact.has_where = true;
    do {
        int where = parse_choice(p, where_words, COUNT(where_words), "place to redact in");
        if (where < 0)
            return;
        effect->redact.where |= (uint8_t)(1u << where);
    } while (parser_take_if(p, TOKEN_COMMA));
    effect->redact.where_span = parser_span_from(p, first);
}

static void parse_restore(struct parser *p, struct effect *effect)
{
    static const char *const words[] = {"tools", "urls"};
    do {
        int word = parse_choice(p, words, COUNT(words), "place to restore tokens in");
        effect->redact.restore_tools |= word == 0;
        effect->redact.restore_urls |= word == 1;
    } while (parser_take_if(p, TOKEN_COMMA));
}

/* "redact" name [ "with" style ] [ "in" where { "," where } ] [ "restore" ("tools" | "urls") … ] */
static void parse_redact(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_REDACT};
    effect.redact.style = DVARA_STYLE_LABEL;
    effect.redact.group = parse_ref(p, "a detector or a group");
    for (;;) {
        if (!effect.redact.style_span.end && parser_take_word(p, "with"))
            parse_style(p, &effect);
        else if (!effect.redact.has_where && parser_take_word(p, "in"))
            parse_where(p, &effect);
        else if (parser_take_word(p, "restore"))
            parse_restore(p, &effect);
        else
            break;
    }
    add_effect(p, decl, effect, first);
}

/* "cap" "max_tokens" expr */
static void parse_cap(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"max_tokens"};
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_CAP};
    if (parse_choice(p, words, COUNT(words), "thing to cap") == 0)
        effect.value = parse_expr(p);
    add_effect(p, decl, effect, first);
}

static void lower_case(struct parser *p, struct text *text)
{
    char *lower = text->s.n ? arena_alloc(p->arena, text->s.n) : NULL;
    if (!lower)
        return;
    for (size_t i = 0; i < text->s.n; i++)
        lower[i] =
            (char)(text->s.p[i] >= 'A' && text->s.p[i] <= 'Z' ? text->s.p[i] | 0x20 : text->s.p[i]);
    text->s.p = lower;
}

/* "set" ("model" | "temperature" | "user" | "header" string) (expr | template after header) */
static void parse_set(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"model", "temperature", "user", "header"};
    static const enum dvara_effect kinds[] = {DVARA_EFFECT_SET_MODEL, DVARA_EFFECT_SET_TEMPERATURE,
                                              DVARA_EFFECT_SET_USER, DVARA_EFFECT_SET_HEADER};
    uint32_t first = p->at - 1;
    int word = parse_choice(p, words, COUNT(words), "thing to set");
    if (word < 0)
        return;
    struct effect effect = {.kind = kinds[word]};
    if (effect.kind != DVARA_EFFECT_SET_HEADER) {
        effect.value = parse_expr(p);
    } else {
        effect.header.name = parse_text(p, "the header's name in quotes");
        lower_case(p, &effect.header.name);
        if (!p->panic && parser_at(p, TOKEN_STRING))
            effect.header.template = parse_template(p);
        else
            effect.header.value = parse_expr(p);
    }
    add_effect(p, decl, effect, first);
}

/* "use" "route" name */
static void parse_use(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_USE_ROUTE};
    if (parser_expect_word(p, "route"))
        effect.route = parse_ref(p, "the name of a route");
    add_effect(p, decl, effect, first);
}

static void parse_warn(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_WARN};
    effect.warn = parse_template(p);
    add_effect(p, decl, effect, first);
}

/* "tag" string template */
static void parse_tag(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_TAG};
    effect.tag.key = parse_text(p, "the tag's key in quotes");
    effect.tag.value = p->panic ? NULL : parse_template(p);
    add_effect(p, decl, effect, first);
}

static void parse_grant(struct parser *p, struct effect *effect)
{
    static const char *const words[] = {"once", "session"};
    effect->approval.grant_span = parser_span(p);
    effect->approval.session = parse_choice_or(p, words, COUNT(words), 0, "life of a grant") == 1;
}

/* "require" "approval" "by" string { "quorum" int | "ttl" duration | "bind" expr { "," expr }
 *   | "hold" duration | "grant" ( "once" | "session" ) } */
static void parse_require(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"approval"};
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_APPROVAL};
    if (parse_choice(p, words, COUNT(words), "thing to require") < 0 ||
        !parser_expect_word(p, "by"))
        return;
    effect.approval.by = parse_text(p, "who approves, in quotes");
    while (!p->panic) {
        if (!effect.approval.quorum.has && parser_take_word(p, "quorum"))
            effect.approval.quorum =
                parse_number(p, TOKEN_INT, "how many must approve, such as `2`");
        else if (!effect.approval.ttl.has && parser_take_word(p, "ttl"))
            effect.approval.ttl = parse_number(p, TOKEN_DURATION, "a duration such as `15m`");
        else if (!effect.approval.hold.has && parser_take_word(p, "hold"))
            effect.approval.hold = parse_number(p, TOKEN_DURATION, "a duration such as `30s`");
        else if (effect.approval.binds.n == 0 && parser_take_word(p, "bind"))
            parse_exprs(p, &effect.approval.binds);
        else if (!effect.approval.grant_span.end && parser_take_word(p, "grant"))
            parse_grant(p, &effect);
        else
            break;
    }
    add_effect(p, decl, effect, first);
}

/* "no" "cache" */
static void parse_no(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"cache"};
    uint32_t first = p->at - 1;
    if (parse_choice(p, words, COUNT(words), "thing to do without") == 0)
        add_effect(p, decl, (struct effect){.kind = DVARA_EFFECT_NO_CACHE}, first);
}

/* "cache" duration [ "any" ] */
static void parse_cache(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct effect effect = {.kind = DVARA_EFFECT_CACHE};
    effect.cache.ttl = parse_number(p, TOKEN_DURATION, "a duration such as `5m`");
    effect.cache.any = parser_take_word(p, "any");
    add_effect(p, decl, effect, first);
}

static const struct clause rule_clauses[] = {
    {.word = "on", .once = true, .parse = parse_on},
    {.word = "when", .once = true, .parse = parse_when},
    {.word = "priority", .once = true, .parse = parse_priority},
    {.word = "mode", .once = true, .parse = parse_mode},
    {.word = "once", .parse = parse_once},
    {.word = "opaque", .once = true, .parse = parse_opaque},
    {.word = "on_stream", .once = true, .parse = parse_on_stream},
    {.word = "reason", .once = true, .parse = parse_reason},
    {.word = "meta", .parse = parse_meta},
    {.word = "deny", .parse = parse_deny},
    {.word = "require", .parse = parse_require},
    {.word = "exclude", .parse = parse_exclude},
    {.word = "allow", .parse = parse_allow},
    {.word = "redact", .parse = parse_redact},
    {.word = "cap", .parse = parse_cap},
    {.word = "set", .parse = parse_set},
    {.word = "use", .parse = parse_use},
    {.word = "no", .parse = parse_no},
    {.word = "cache", .parse = parse_cache},
    {.word = "warn", .parse = parse_warn},
    {.word = "tag", .parse = parse_tag},
};

static void require_clause(struct parser *p, struct decl *decl, const char *what)
{
    diag_add(p->diags, decl->name_span, MESSAGE_MISSING_CLAUSE, DVARA_STR("rule"), decl->name,
             dvara_str_from_cstr(what));
    decl->failed = true;
}

void parse_rule(struct parser *p, struct decl *decl)
{
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parse_block(p, decl, rule_clauses, COUNT(rule_clauses));
    if (decl->failed || p->panic)
        return; /* what is missing may be what did not parse */
    if (!decl->rule.phases)
        require_clause(p, decl, "`on`");
    if (decl->rule.n_effects == 0)
        require_clause(p, decl, "an effect such as `deny`");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* route = "route" name "{" { clause } "}" */
#include "base/arena.h"
#include "lang/list.h"
#include "lang/parse.h"
#include "lang/suggest.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static const char *const strategy_words[] = {
#define STRATEGY(id, spelling, what) spelling,
#include "dvara/words.def"
};
static const char *const measure_words[] = {
#define MEASURE(id, spelling) spelling,
#include "dvara/words.def"
};

static void parse_match(struct parser *p, struct decl *decl)
{
    decl->route.match = parse_expr(p);
}

static void parse_sticky(struct parser *p, struct decl *decl)
{
    if (parser_expect_word(p, "by"))
        decl->route.sticky_by = parse_expr(p);
}

/* "strategy" word [ "window" duration ] [ "explore" percent ] */
static void parse_strategy(struct parser *p, struct decl *decl)
{
    decl->route.strategy_span = parser_span(p);
    int strategy = parse_choice_or(p, strategy_words, COUNT(strategy_words), 0, "strategy");
    if (strategy < 0)
        return;
    decl->route.strategy = (enum dvara_strategy)strategy;
    decl->route.has_strategy = true;
    for (;;) {
        if (!decl->route.window.has && parser_take_word(p, "window"))
            decl->route.window = parse_number(p, TOKEN_DURATION, "a duration such as `5m`");
        else if (!decl->route.explore.has && parser_take_word(p, "explore"))
            decl->route.explore = parse_number(p, TOKEN_PERCENT, "a percentage such as `2%`");
        else
            break;
    }
}

/* "stable" | "canary" percent */
static void parse_arm(struct parser *p, struct route_target *target)
{
    static const char *const words[] = {"stable", "canary"};
    target->arm_span = parser_span(p);
    int arm = parse_choice(p, words, COUNT(words), "arm of a canary");
    if (arm == 0)
        target->arm = DVARA_ARM_STABLE;
    if (arm != 1)
        return;
    target->arm = DVARA_ARM_CANARY;
    target->share = parse_number(p, TOKEN_PERCENT, "the canary's share such as `5%`");
}

/* "target" string [ "as" ( "stable" | "canary" percent ) ] [ "weight" int ] */
static void parse_target(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct route_target target = {.weight = {.i = 1}};
    target.name = parse_text(p, "`provider/model` in quotes");
    for (;;) {
        if (!target.arm_span.end && parser_take_word(p, "as"))
            parse_arm(p, &target);
        else if (!target.weight.has && parser_take_word(p, "weight"))
            target.weight = parse_number(p, TOKEN_INT, "a whole number from 0 to 1000");
        else
            break;
    }
    if (p->panic)
        return;
    target.span = parser_span_from(p, first);
    LIST_APPEND(p->arena, decl->route.targets, decl->route.n_targets, target);
}

/* "429", "4xx", "5xx" or another status in quotes */
static void parse_retry_status(struct parser *p, struct decl *decl)
{
    struct text text = parse_text(p, "a status");
    const struct {
        struct dvara_str spelling;
        enum dvara_retry_class class;
    } classes[] = {
        {DVARA_STR("4xx"), DVARA_RETRY_STATUS_4XX},
        {DVARA_STR("5xx"), DVARA_RETRY_STATUS_5XX},
        {DVARA_STR("429"), DVARA_RETRY_STATUS_429},
    };
    for (int i = 0; i < COUNT(classes); i++) {
        if (dvara_str_eq(text.s, classes[i].spelling)) {
            decl->route.retry_on |= 1u << classes[i].class;
            return;
        }
    }
    uint16_t status = 0;
    bool is_status = text.s.n == 3;
    for (size_t i = 0; is_status && i < 3; i++) {
        is_status = text.s.p[i] >= '0' && text.s.p[i] <= '9';
        status = (uint16_t)(status * 10 + (text.s.p[i] - '0'));
    }
    if (!is_status || status < 400 || status > 599) {
        diag_add(
            p->diags, text.span, MESSAGE_UNKNOWN_WORD, text.s, DVARA_STR("class of failures"),
            DVARA_STR("a status such as \"429\", \"4xx\", \"5xx\", timeout, connect or reset"));
        decl->failed = true;
        return;
    }
    LIST_APPEND(p->arena, decl->route.retry_status, decl->route.n_retry_status, status);
}

static void parse_retry_class(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"timeout", "connect", "reset"};
    static const enum dvara_retry_class classes[] = {DVARA_RETRY_TIMEOUT, DVARA_RETRY_CONNECT,
                                                     DVARA_RETRY_RESET};
    if (parser_at(p, TOKEN_STRING)) {
        parse_retry_status(p, decl);
    } else if (parser_at(p, TOKEN_INT)) {
        struct dvara_str text = source_slice(p->source, parser_span(p));
        struct diag *diag = diag_add(p->diags, parser_span(p), MESSAGE_EXPECTED,
                                     DVARA_STR("a status in quotes"), text);
        struct dvara_str quoted = arena_printf(p->arena, "\"%.*s\"", DVARA_STR_ARG(text));
        diag_fix(p->diags, diag, parser_span(p), quoted, "write `\"%.*s\"`", DVARA_STR_ARG(text));
        p->panic = true;
    } else {
        int i = parse_choice(p, words, COUNT(words), "class of failures");
        if (i >= 0)
            decl->route.retry_on |= 1u << classes[i];
    }
}

/* "retry" int [ "on" class { "," class } ] [ "backoff" duration [ "to" duration ] ] */
static void parse_retry(struct parser *p, struct decl *decl)
{
    struct route *route = &decl->route;
    route->retry = parse_number(p, TOKEN_INT, "how many more attempts, such as `2`");
    if (parser_take_word(p, "on")) {
        do
            parse_retry_class(p, decl);
        while (!p->panic && parser_take_if(p, TOKEN_COMMA));
    } else if (!p->panic) {
        parser_expected(p, "`on` and what to retry, such as `on \"429\", \"5xx\", timeout`");
    }
    if (!parser_take_word(p, "backoff"))
        return;
    route->backoff_low = parse_number(p, TOKEN_DURATION, "a duration such as `200ms`");
    route->backoff_high = route->backoff_low;
    if (parser_take_word(p, "to"))
        route->backoff_high = parse_number(p, TOKEN_DURATION, "a duration such as `5s`");
}

#define ROUTE_TIMER(clause)                                                                        \
    static void parse_##clause(struct parser *p, struct decl *decl)                                \
    {                                                                                              \
        decl->route.clause = parse_number(p, TOKEN_DURATION, "a duration such as `10s`");          \
    }
ROUTE_TIMER(timeout)
ROUTE_TIMER(connect)
ROUTE_TIMER(first_byte)
ROUTE_TIMER(idle)
#undef ROUTE_TIMER

static void parse_fallback(struct parser *p, struct decl *decl)
{
    decl->route.fallback = parse_ref(p, "the name of a route");
}

static void parse_priority(struct parser *p, struct decl *decl)
{
    struct number priority = parse_number(p, TOKEN_INT, "a whole number from -1000 to 1000");
    decl->route.priority_span = priority.span;
    if (priority.has && (priority.i < -1000 || priority.i > 1000)) {
        diag_add(p->diags, priority.span, MESSAGE_OUT_OF_RANGE, DVARA_STR("priority"),
                 DVARA_STR("from -1000 to 1000"));
        decl->failed = true;
    } else {
        decl->route.priority = (int32_t)priority.i;
    }
}

/* "mirror" string percent */
static void parse_mirror(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    struct route_target mirror = {.weight = {.i = 1}};
    mirror.name = parse_text(p, "`provider/model` in quotes");
    mirror.share = parse_number(p, TOKEN_PERCENT, "the share that is copied, such as `1%`");
    if (p->panic)
        return;
    mirror.span = parser_span_from(p, first);
    decl->route.mirror = mirror;
}

/* measure ">" ( percent | duration ) */
static void parse_abort_when(struct parser *p, struct decl *decl)
{
    int measure = parse_choice(p, measure_words, COUNT(measure_words), "measure of a canary");
    if (measure < 0 || !parser_expect(p, TOKEN_GT))
        return;
    struct abort_when when = {.measure = (enum dvara_measure)measure};
    bool percent = parser_at(p, TOKEN_PERCENT) || when.measure == DVARA_MEASURE_ERRORS;
    when.relative = percent && when.measure != DVARA_MEASURE_ERRORS;
    when.value = percent ? parse_number(p, TOKEN_PERCENT, "a percentage such as `5%`")
                         : parse_number(p, TOKEN_DURATION,
                                        "a duration, or a percentage of the stable arm's");
    if (!p->panic)
        LIST_APPEND(p->arena, decl->route.aborts, decl->route.n_aborts, when);
}

/* "abort" "when" condition { "or" condition } "over" duration [ "min" int ] */
static void parse_abort(struct parser *p, struct decl *decl)
{
    uint32_t first = p->at - 1;
    if (!parser_expect_word(p, "when"))
        return;
    do
        parse_abort_when(p, decl);
    while (!p->panic && parser_take_word(p, "or"));
    if (!parser_expect_word(p, "over"))
        return;
    decl->route.abort_over = parse_number(p, TOKEN_DURATION, "a duration such as `5m`");
    if (parser_take_word(p, "min"))
        decl->route.abort_min = parse_number(p, TOKEN_INT, "a number of requests such as `50`");
    decl->route.abort_span = parser_span_from(p, first);
}

static const struct clause route_clauses[] = {
    {.word = "match", .once = true, .parse = parse_match},
    {.word = "strategy", .once = true, .parse = parse_strategy},
    {.word = "sticky", .once = true, .parse = parse_sticky},
    {.word = "target", .parse = parse_target},
    {.word = "retry", .once = true, .parse = parse_retry},
    {.word = "timeout", .once = true, .parse = parse_timeout},
    {.word = "connect", .once = true, .parse = parse_connect},
    {.word = "first_byte", .once = true, .parse = parse_first_byte},
    {.word = "idle", .once = true, .parse = parse_idle},
    {.word = "fallback", .once = true, .parse = parse_fallback},
    {.word = "priority", .once = true, .parse = parse_priority},
    {.word = "mirror", .once = true, .parse = parse_mirror},
    {.word = "abort", .once = true, .parse = parse_abort},
};

void parse_route(struct parser *p, struct decl *decl)
{
    decl->route.strategy = DVARA_STRATEGY_BALANCED;
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parse_block(p, decl, route_clauses, COUNT(route_clauses));
    if (decl->route.n_targets == 0 && !decl->failed && !p->panic) {
        diag_add(p->diags, decl->name_span, MESSAGE_MISSING_CLAUSE, DVARA_STR("route"), decl->name,
                 DVARA_STR("`target`"));
        decl->failed = true;
    }
}

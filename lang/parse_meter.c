/* SPDX-License-Identifier: Apache-2.0 */
/* limit = "limit" name "{" { clause } "}", budget and invariant likewise. */
#include "base/arena.h"
#include "lang/list.h"
#include "lang/parse.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

static const char *const calendar_words[] = {
#define CALENDAR(id, spelling) spelling,
#include "dvara/words.def"
};
static const char *const failure_words[] = {
#define ON_STORE_FAILURE(id, spelling) spelling,
#include "dvara/words.def"
};

void parse_exprs(struct parser *p, struct exprs *ret_exprs)
{
    do {
        struct expr *expr = parse_expr(p);
        if (p->panic)
            return;
        LIST_APPEND(p->arena, ret_exprs->v, ret_exprs->n, expr);
    } while (parser_take_if(p, TOKEN_COMMA));
}

static void require(struct parser *p, struct decl *decl, const char *what)
{
    diag_add(p->diags, decl->name_span, MESSAGE_MISSING_CLAUSE,
             dvara_str_from_cstr(decl_keyword(decl->kind)), decl->name, dvara_str_from_cstr(what));
    decl->failed = true;
}

/* ---- limit ---- */

static void parse_limit_when(struct parser *p, struct decl *decl)
{
    decl->limit.when = parse_expr(p);
}

static void parse_limit_per(struct parser *p, struct decl *decl)
{
    parse_exprs(p, &decl->limit.per);
}

/* int "per" duration [ "burst" int ] */
static struct rate parse_rate(struct parser *p, const char *what)
{
    struct rate rate = {.amount = parse_number(p, TOKEN_INT, what)};
    if (parser_expect_word(p, "per"))
        rate.per = parse_number(p, TOKEN_DURATION, "a duration such as `1m`");
    if (parser_take_word(p, "burst"))
        rate.burst = parse_number(p, TOKEN_INT, "how many at once, such as `100`");
    return rate;
}

static void parse_requests(struct parser *p, struct decl *decl)
{
    decl->limit.requests = parse_rate(p, "a number of requests such as `600`");
}

static void parse_tokens(struct parser *p, struct decl *decl)
{
    decl->limit.tokens = parse_rate(p, "a number of tokens such as `200k`");
}

static void parse_concurrent(struct parser *p, struct decl *decl)
{
    decl->limit.concurrent = parse_number(p, TOKEN_INT, "a number of requests such as `20`");
}

static int parse_failure(struct parser *p)
{
    return parse_choice_or(p, failure_words, COUNT(failure_words), 0,
                           "answer to a store's failure");
}

static void parse_limit_failure(struct parser *p, struct decl *decl)
{
    int word = parse_failure(p);
    if (word >= 0)
        decl->limit.on_store_failure = (enum dvara_on_store_failure)word;
}

void parse_limit(struct parser *p, struct decl *decl)
{
    static const struct clause clauses[] = {
        {.word = "when", .once = true, .parse = parse_limit_when},
        {.word = "per", .once = true, .parse = parse_limit_per},
        {.word = "requests", .once = true, .parse = parse_requests},
        {.word = "tokens", .once = true, .parse = parse_tokens},
        {.word = "concurrent", .once = true, .parse = parse_concurrent},
        {.word = "on_store_failure", .once = true, .parse = parse_limit_failure},
    };
    decl->limit.on_store_failure = DVARA_ON_STORE_FAILURE_LOCAL;
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parse_block(p, decl, clauses, COUNT(clauses));
    const struct limit *limit = &decl->limit;
    if (!decl->failed && !p->panic && !limit->requests.amount.has && !limit->tokens.amount.has &&
        !limit->concurrent.has)
        require(p, decl, "`requests`, `tokens` or `concurrent`");
}

/* ---- budget ---- */

static void parse_budget_when(struct parser *p, struct decl *decl)
{
    decl->budget.when = parse_expr(p);
}

static void parse_budget_per(struct parser *p, struct decl *decl)
{
    parse_exprs(p, &decl->budget.per);
}

/* money "per" window */
static void parse_amount(struct parser *p, struct decl *decl)
{
    decl->budget.amount = parse_number(p, TOKEN_MONEY, "an amount such as `$500`");
    if (!parser_expect_word(p, "per"))
        return;
    int window = parse_choice_or(p, calendar_words, COUNT(calendar_words), 0, "calendar window");
    if (window >= 0)
        decl->budget.window = (enum dvara_calendar)window;
}

static void parse_budget_zone(struct parser *p, struct decl *decl)
{
    struct text zone = parse_text(p, "a time zone in quotes, such as \"Europe/Berlin\"");
    if (p->panic)
        return;
    decl->budget.zone = expr_new(p, EXPR_STRING, zone.span);
    decl->budget.zone->string = zone.s;
}

static void parse_soft(struct parser *p, struct decl *decl)
{
    decl->budget.soft = parse_number(p, TOKEN_PERCENT, "a percentage such as `80%`");
}

static void parse_budget_failure(struct parser *p, struct decl *decl)
{
    int word = parse_failure(p);
    if (word >= 0)
        decl->budget.on_store_failure = (enum dvara_on_store_failure)word;
}

void parse_budget(struct parser *p, struct decl *decl)
{
    static const struct clause clauses[] = {
        {.word = "when", .once = true, .parse = parse_budget_when},
        {.word = "per", .once = true, .parse = parse_budget_per},
        {.word = "amount", .once = true, .parse = parse_amount},
        {.word = "zone", .once = true, .parse = parse_budget_zone},
        {.word = "soft", .once = true, .parse = parse_soft},
        {.word = "on_store_failure", .once = true, .parse = parse_budget_failure},
    };
    decl->budget.on_store_failure = DVARA_ON_STORE_FAILURE_DENY;
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parse_block(p, decl, clauses, COUNT(clauses));
    if (!decl->failed && !p->panic && !decl->budget.amount.has)
        require(p, decl, "`amount`");
}

/* ---- invariant ---- */

static void parse_invariant_when(struct parser *p, struct decl *decl)
{
    decl->invariant.when = parse_expr(p);
}

/* False: there is already one. */
static bool claim(struct parser *p, struct decl *decl, enum dvara_invariant claim)
{
    struct invariant *invariant = &decl->invariant;
    struct span span = parser_span_from(p, p->at - 1);
    if (invariant->claim_span.end) {
        struct diag *diag = diag_plain(p->diags, span, MESSAGE_TWO_CLAIMS);
        diag_label(p->diags, diag, invariant->claim_span, "the first");
        decl->failed = true;
        return false;
    }
    invariant->claim = claim;
    invariant->claim_span = span;
    return true;
}

/* Is `allow` alone here: the outcome, and no expression that begins with a let of that name? */
static bool at_outcome(const struct parser *p)
{
    const struct token *next = parser_next(p);
    bool ends = next->kind == TOKEN_RBRACE || next->kind == TOKEN_END || next->kind == TOKEN_WORD;
    return parser_at_word(p, "allow") && ends && !(next->flags & TOKEN_RESERVED);
}

/* "never" ( "allow" | expr ) */
static void parse_never(struct parser *p, struct decl *decl)
{
    bool outcome = at_outcome(p);
    bool first = claim(p, decl, outcome ? DVARA_INVARIANT_NEVER_ALLOW : DVARA_INVARIANT_NEVER);
    if (outcome) {
        parser_take(p);
        return;
    }
    struct expr *expr = parse_expr(p);
    if (first)
        decl->invariant.never = expr;
}

/* "always" "redact" name */
static void parse_always(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"redact"};
    bool first = claim(p, decl, DVARA_INVARIANT_ALWAYS_REDACT);
    if (parse_choice(p, words, COUNT(words), "thing that always happens") < 0)
        return;
    struct ref group = parse_ref(p, "a detector or a group");
    if (first)
        decl->invariant.group = group;
}

void parse_invariant(struct parser *p, struct decl *decl)
{
    static const struct clause clauses[] = {
        {.word = "when", .once = true, .parse = parse_invariant_when},
        {.word = "never", .parse = parse_never},
        {.word = "always", .parse = parse_always},
    };
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parse_block(p, decl, clauses, COUNT(clauses));
    if (!decl->failed && !p->panic && !decl->invariant.claim_span.end)
        require(p, decl, "`never` or `always redact`");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Declarations: their keyword, name and documentation; and the small ones whole. */
#include "base/arena.h"
#include "base/buf.h"
#include "dvara/limits.h"
#include "lang/list.h"
#include "lang/parse.h"
#include "lang/suggest.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof *(a)))

/* "openai/gpt-4o" at its first slash. */
static void split_name(struct text name, struct text *ret_provider, struct text *ret_model)
{
    const char *slash = memchr(name.s.p, '/', name.s.n);
    size_t at = slash ? (size_t)(slash - name.s.p) : name.s.n;
    *ret_provider = (struct text){dvara_str_slice(name.s, 0, at), name.span};
    *ret_model = (struct text){dvara_str_slice(name.s, slash ? at + 1 : at, name.s.n), name.span};
}

/* let = "let" name "=" expr */
void parse_let(struct parser *p, struct decl *decl)
{
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parser_expect(p, TOKEN_ASSIGN);
    decl->let.expr = parse_expr(p);
}

/* list = "runtime" "list" name "=" "[" [ string { "," string } ] "]" */
void parse_runtime_list(struct parser *p, struct decl *decl)
{
    parser_expect_word(p, "list");
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parser_expect(p, TOKEN_ASSIGN);
    if (!parser_expect(p, TOKEN_LBRACKET) || parser_take_if(p, TOKEN_RBRACKET))
        return;
    parse_texts(p, "a string: a runtime list holds strings", &decl->list.values);
    if (decl->list.values.n > DVARA_MAX_LIST)
        diag_plain(p->diags, decl->name_span, MESSAGE_LIST_TOO_LONG);
    parser_expect(p, TOKEN_RBRACKET);
}

/* default = "default" ("allow" | "deny") */
void parse_default(struct parser *p, struct decl *decl)
{
    static const char *const words[] = {"allow", "deny"};
    decl->fallback.allow = parse_choice_or(p, words, COUNT(words), 1, "default") == 0;
}

static void parse_zone(struct parser *p, struct decl *decl)
{
    decl->provider.zone = parse_text(p, "the zone in quotes");
}

static void parse_region(struct parser *p, struct decl *decl)
{
    decl->provider.region = parse_text(p, "the region in quotes");
}

/* provider = "provider" name "{" { "zone" string | "region" string } "}" */
void parse_provider(struct parser *p, struct decl *decl)
{
    static const struct clause clauses[] = {
        {.word = "zone", .once = true, .parse = parse_zone},
        {.word = "region", .once = true, .parse = parse_region},
    };
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parse_block(p, decl, clauses, COUNT(clauses));
}

#define MODEL_NUMBER(clause, member, kind, what)                                                   \
    static void parse_model_##clause(struct parser *p, struct decl *decl)                          \
    {                                                                                              \
        decl->model.member = parse_number(p, TOKEN_##kind, what);                                  \
    }
MODEL_NUMBER(input, input, MONEY, "money per million tokens such as `$2.50`")
MODEL_NUMBER(output, output, MONEY, "money per million tokens such as `$10.00`")
MODEL_NUMBER(cached, cached, MONEY, "money per million tokens such as `$1.25`")
MODEL_NUMBER(cache_write, cache_write, MONEY, "money per million tokens such as `$3.75`")
MODEL_NUMBER(request, request, MONEY, "money per request such as `$0.01`")
MODEL_NUMBER(image, image, MONEY, "money per image such as `$0.02`")
MODEL_NUMBER(image_tokens, image_tokens, INT, "a number of tokens such as `1105`")
MODEL_NUMBER(context, context, INT, "a number of tokens such as `128k`")
MODEL_NUMBER(max_output, max_output, INT, "a number of tokens such as `16k`")
#undef MODEL_NUMBER

static void parse_supports(struct parser *p, struct decl *decl)
{
    do {
        struct text word = {0};
        if (!parser_at(p, TOKEN_WORD)) {
            parser_expected(p, "what the model supports, such as `tools`");
            return;
        }
        word.s = parser_word(p, parser_token(p));
        word.span = parser_span(p);
        parser_take(p);
        LIST_APPEND(p->arena, decl->model.supports.v, decl->model.supports.n, word);
    } while (parser_take_if(p, TOKEN_COMMA));
}

static void parse_alias(struct parser *p, struct decl *decl)
{
    parse_texts(p, "the alias in quotes", &decl->model.aliases);
}

static void parse_tier(struct parser *p, struct decl *decl)
{
    struct model_tier tier = {.name = parse_text(p, "the tier's name in quotes")};
    tier.percent = parse_number(p, TOKEN_PERCENT, "a percentage of the price such as `200%`");
    if (!p->panic)
        LIST_APPEND(p->arena, decl->model.tiers, decl->model.n_tiers, tier);
}

/* model = "model" string "{" { clause } "}" */
void parse_model(struct parser *p, struct decl *decl)
{
    static const struct clause clauses[] = {
        {.word = "input", .once = true, .parse = parse_model_input},
        {.word = "output", .once = true, .parse = parse_model_output},
        {.word = "cached", .once = true, .parse = parse_model_cached},
        {.word = "cache_write", .once = true, .parse = parse_model_cache_write},
        {.word = "request", .once = true, .parse = parse_model_request},
        {.word = "image", .once = true, .parse = parse_model_image},
        {.word = "image_tokens", .once = true, .parse = parse_model_image_tokens},
        {.word = "context", .once = true, .parse = parse_model_context},
        {.word = "max_output", .once = true, .parse = parse_model_max_output},
        {.word = "supports", .once = true, .parse = parse_supports},
        {.word = "alias", .parse = parse_alias},
        {.word = "tier", .parse = parse_tier},
    };
    struct text name = parse_text(p, "`provider/model` in quotes");
    decl->name = name.s;
    decl->name_span = name.span;
    if (name.s.p)
        split_name(name, &decl->model.provider, &decl->model.model);
    parse_block(p, decl, clauses, COUNT(clauses));
}

/* group = "group" name "=" member { "," member } ; member = name [ "at" percent ] */
void parse_group(struct parser *p, struct decl *decl)
{
    parse_name(p, "a name", &decl->name, &decl->name_span);
    parser_expect(p, TOKEN_ASSIGN);
    do {
        struct group_member member = {.ref = parse_ref(p, "a detector or a group")};
        member.threshold = (struct number){.i = 500000, .span = member.ref.span};
        if (parser_take_word(p, "at"))
            member.threshold = parse_number(p, TOKEN_PERCENT, "a percentage such as `50%`");
        if (p->panic)
            return;
        LIST_APPEND(p->arena, decl->group.members, decl->group.n_members, member);
    } while (parser_take_if(p, TOKEN_COMMA));
}

static const struct {
    const char *keyword;
    void (*parse)(struct parser *p, struct decl *decl);
} declarations[DECL_COUNT] = {
    [DECL_LET] = {"let", parse_let},
    [DECL_RUNTIME_LIST] = {"runtime", parse_runtime_list},
    [DECL_DEFAULT] = {"default", parse_default},
    [DECL_PROVIDER] = {"provider", parse_provider},
    [DECL_MODEL] = {"model", parse_model},
    [DECL_DETECTOR] = {"detector", parse_detector},
    [DECL_GROUP] = {"group", parse_group},
    [DECL_RULE] = {"rule", parse_rule},
    [DECL_ROUTE] = {"route", parse_route},
    [DECL_TEST] = {"test", parse_test},
    [DECL_LIMIT] = {"limit", parse_limit},
    [DECL_BUDGET] = {"budget", parse_budget},
    [DECL_INVARIANT] = {"invariant", parse_invariant},
};

/* Without the white space around it. */
static struct dvara_str doc_line(struct dvara_str text)
{
    while (text.n && (text.p[0] == ' ' || text.p[0] == '\t'))
        text = dvara_str_slice(text, 1, text.n);
    while (text.n && strchr(" \t\r", text.p[text.n - 1]))
        text.n--;
    return text;
}

/* The `##` lines directly above token number `first`, without their marks. */
static struct dvara_str doc_above(struct parser *p, uint32_t first)
{
    const struct tokens *tokens = p->tokens;
    uint32_t low = 0;
    uint32_t high = tokens->n_comments;
    while (low < high) { /* the first comment behind the token */
        uint32_t middle = low + (high - low) / 2;
        if (tokens->comments[middle].token <= first)
            low = middle + 1;
        else
            high = middle;
    }
    uint32_t line = source_line_number(p->source, tokens->v[first].start);
    uint32_t begin = low;
    while (begin > 0) {
        const struct comment *comment = &tokens->comments[begin - 1];
        struct dvara_str text = dvara_str_slice(p->source->text, comment->start, comment->end);
        uint32_t above = source_line_number(p->source, comment->start);
        if (comment->token != first || !comment->own_line || above + 1 != line ||
            !dvara_str_starts_with(text, DVARA_STR("##")))
            break;
        line = above;
        begin--;
    }
    struct buf buf;
    buf_init(&buf, DVARA_MAX_FILE);
    for (uint32_t i = begin; i < low; i++) {
        struct dvara_str text = dvara_str_slice(p->source->text, tokens->comments[i].start + 2,
                                                tokens->comments[i].end);
        text = doc_line(text);
        if (i > begin)
            BUF_LIT(&buf, "\n");
        buf_append(&buf, text);
    }
    struct dvara_str doc =
        begin < low ? arena_copy(p->arena, buf_str(&buf)) : (struct dvara_str){0};
    buf_clear(&buf);
    return doc;
}

static void report_no_declaration(struct parser *p)
{
    p->unit->failed = true;
    if (!parser_at(p, TOKEN_WORD)) {
        parser_expected(p, "a declaration such as `rule` or `let`");
        return;
    }
    struct dvara_str word = parser_word(p, parser_token(p));
    struct diag *diag = diag_add(p->diags, parser_span(p), MESSAGE_NO_DECLARATION, word);
    struct suggestion suggestion = suggest_for(p->diags, word);
    for (int i = 0; i < DECL_COUNT; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(declarations[i].keyword));
    suggest_offer(&suggestion, DVARA_STR("import"));
    suggest_offer(&suggestion, DVARA_STR("package"));
    if (suggestion.best.p)
        diag_fix(p->diags, diag, parser_span(p), suggestion.best, "did you mean `%.*s`?",
                 DVARA_STR_ARG(suggestion.best));
    p->panic = true;
}

void parse_declaration(struct parser *p)
{
    int kind = 0;
    while (kind < DECL_COUNT && !parser_at_word(p, declarations[kind].keyword))
        kind++;
    if (kind == DECL_COUNT) {
        report_no_declaration(p);
        return;
    }
    struct decl *decl = ARENA_NEW(p->arena, struct decl);
    if (!decl)
        return;
    uint32_t first = p->at;
    decl->kind = (enum decl_kind)kind;
    decl->doc = doc_above(p, first);
    decl->name_span = parser_span(p);
    p->decl = decl;
    parser_take(p);
    declarations[kind].parse(p, decl);
    decl->span = parser_span_from(p, first);
    decl->failed |= p->panic;
    if (!decl->name.p && decl->failed && kind != DECL_DEFAULT)
        p->unit->failed = true;
    LIST_APPEND(p->arena, p->unit->decls, p->unit->n_decls, decl);
}

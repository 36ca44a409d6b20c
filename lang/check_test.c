/* SPDX-License-Identifier: Apache-2.0 */
/* Tests: `given` has the shape of the attributes. */
#include "base/arena.h"
#include "base/time.h"
#include "lang/checker.h"
#include "lang/forms.h"
#include "lang/names.h"
#include "lang/suggest.h"

#include <assert.h>

/* A key of `given` that is not an attribute of the same name. */
struct given_key {
    const char *path;
    void (*check)(struct checker *c, struct expr *value, const char *what); /* NULL: derived */
};

static const struct dvara_str built_in_providers[] = {
#define PROVIDER(name) DVARA_STR_INIT(name),
#include "trial/providers.def"
};

static const struct type string_type = {DVARA_TYPE_STRING, DVARA_SHAPE_ONE};
static const struct type strings_type = {DVARA_TYPE_STRING, DVARA_SHAPE_LIST};

static void report_type(struct checker *c, const struct expr *value, const char *what,
                        struct dvara_str wanted)
{
    struct dvara_str found =
        value->kind == EXPR_RECORD ? DVARA_STR("a record") : type_text(c, value->type);
    if (value->kind != EXPR_ERROR)
        diag_add(c->diags, value->span, MESSAGE_TYPE_MISMATCH, arena_printf(c->arena, "`%s`", what),
                 wanted, found);
}

/* A literal, with a minus perhaps: its type, and no attributes or names. */
static struct type literal_type(struct checker *c, struct expr *value)
{
    const struct expr *bare = value->kind == EXPR_MINUS ? value->operand : value;
    bool is_literal =
        (bare->kind >= EXPR_BOOL && bare->kind <= EXPR_CLOCK) && bare->kind != EXPR_REGEX;
    if (is_literal)
        return check_expr(c, value);
    if (value->kind != EXPR_ERROR)
        diag_add(c->diags, value->span, MESSAGE_NOT_LITERAL, DVARA_STR("what is given"),
                 DVARA_STR("a literal, a list or a record"));
    return type_error(value);
}

static void check_scalar(struct checker *c, struct expr *value, struct type type, const char *what)
{
    if (value->kind == EXPR_RECORD || value->kind == EXPR_LIST) {
        struct dvara_str found =
            value->kind == EXPR_LIST ? DVARA_STR("a list") : DVARA_STR("a record");
        diag_add(c->diags, value->span, MESSAGE_TYPE_MISMATCH, arena_printf(c->arena, "`%s`", what),
                 type_text(c, type), found);
        return;
    }
    struct type found = literal_type(c, value);
    if (type_is_error(found) || type_is(found, type.base))
        return;
    if (type.base == DVARA_TYPE_FLOAT && check_widen(value))
        return;
    struct diag *diag =
        diag_add(c->diags, value->span, MESSAGE_TYPE_MISMATCH, arena_printf(c->arena, "`%s`", what),
                 type_text(c, type), type_text(c, found));
    help_with_literal(c, diag, value, type.base);
}

static bool check_is_list(struct checker *c, struct expr *value, const char *what,
                          const char *wanted)
{
    if (value->kind == EXPR_LIST) {
        value->type = strings_type;
        return true;
    }
    if (value->kind != EXPR_RECORD)
        literal_type(c, value);
    report_type(c, value, what, dvara_str_from_cstr(wanted));
    return false;
}

static bool check_is_record(struct checker *c, struct expr *value, const char *what)
{
    if (value->kind == EXPR_RECORD) {
        for (size_t i = 0; i < value->fields.n; i++)
            for (size_t k = 0; k < i && i < 64; k++)
                if (dvara_str_eq(value->fields.v[i].key, value->fields.v[k].key)) {
                    struct diag *diag = diag_add(c->diags, value->fields.v[i].key_span,
                                                 MESSAGE_DUPLICATE_KEY, value->fields.v[i].key);
                    diag_label(c->diags, diag, value->fields.v[k].key_span, "first here");
                }
        return true;
    }
    if (value->kind == EXPR_LIST)
        value->type = strings_type;
    else
        literal_type(c, value);
    report_type(c, value, what, DVARA_STR("a record"));
    return false;
}

static void check_strings(struct checker *c, struct expr *value, const char *what)
{
    if (!check_is_list(c, value, what, "a list of strings"))
        return;
    for (size_t i = 0; i < value->items.n; i++)
        check_scalar(c, value->items.v[i], string_type, what);
}

static void check_string_map(struct checker *c, struct expr *value, const char *what)
{
    if (!check_is_record(c, value, what))
        return;
    for (size_t i = 0; i < value->fields.n; i++)
        check_scalar(c, value->fields.v[i].value, string_type, what);
}

/* request.body: any shape. */
static void check_body(struct checker *c, struct expr *value, const char *what)
{
    if (value->kind == EXPR_RECORD) {
        if (check_is_record(c, value, what))
            for (size_t i = 0; i < value->fields.n; i++)
                check_body(c, value->fields.v[i].value, what);
    } else if (value->kind == EXPR_LIST) {
        for (size_t i = 0; i < value->items.n; i++)
            check_body(c, value->items.v[i], what);
    } else {
        literal_type(c, value);
    }
}

static void unknown_key(struct checker *c, const struct record_field *field,
                        struct suggestion *suggestion)
{
    struct diag *diag = diag_add(c->diags, field->key_span, MESSAGE_UNKNOWN_KEY, field->key);
    if (suggestion->best.p)
        diag_fix(c->diags, diag, field->key_span, suggestion->best, "did you mean `%.*s`?",
                 DVARA_STR_ARG(suggestion->best));
}

static void check_records(struct checker *c, struct expr *value, const char *what, uint8_t record)
{
    if (!check_is_list(c, value, what, "a list of records"))
        return;
    for (size_t i = 0; i < value->items.n; i++) {
        struct expr *item = value->items.v[i];
        if (!check_is_record(c, item, what))
            continue;
        for (size_t k = 0; k < item->fields.n; k++) {
            struct record_field *field = &item->fields.v[k];
            struct suggestion suggestion = suggest_for(c->diags, field->key);
            const struct field *found = NULL;
            for (int f = 0; f < DVARA_FIELD_COUNT; f++) {
                const struct field *row = field_row((enum dvara_field)f);
                if (row->record != record)
                    continue;
                suggest_offer(&suggestion, row->name);
                found = dvara_str_eq(row->name, field->key) ? row : found;
            }
            if (found)
                check_scalar(c, field->value, found->type, found->name.p);
            else
                unknown_key(c, field, &suggestion);
        }
    }
}

/* A string that is one of a closed set of words. */
static void check_word(struct checker *c, const struct expr *value, const char *const *words,
                       size_t n_words, const char *what, const char *choices)
{
    if (value->kind != EXPR_STRING)
        return;
    struct suggestion suggestion = suggest_for(c->diags, value->string);
    for (size_t i = 0; i < n_words; i++) {
        struct dvara_str word = dvara_str_from_cstr(words[i]);
        if (dvara_str_eq(value->string, word))
            return;
        suggest_offer(&suggestion, word);
    }
    struct diag *diag = diag_add(c->diags, value->span, MESSAGE_UNKNOWN_WORD, value->string,
                                 dvara_str_from_cstr(what), dvara_str_from_cstr(choices));
    if (suggestion.best.p)
        diag_fix(c->diags, diag, value->span,
                 arena_printf(c->arena, "\"%.*s\"", DVARA_STR_ARG(suggestion.best)),
                 "did you mean `%.*s`?", DVARA_STR_ARG(suggestion.best));
}

static void check_endpoint(struct checker *c, struct expr *value, const char *what)
{
    static const char *const endpoints[] = {"chat",     "completions", "responses",
                                            "messages", "embeddings",  "mcp"};
    check_scalar(c, value, string_type, what);
    check_word(c, value, endpoints, sizeof endpoints / sizeof *endpoints, "endpoint",
               "chat, completions, responses, messages, embeddings or mcp");
}

static void check_stream(struct checker *c, struct expr *value, const char *what)
{
    check_strings(c, value, what);
}

static const struct given_key special_keys[] = {
    {"request.endpoint", check_endpoint},
    {"request.headers", check_string_map},
    {"request.metadata", check_string_map},
    {"request.body", check_body},
    {"request.text", NULL},
    {"request.time", NULL},
    {"tenant.attrs", check_string_map},
    {"response.stream", check_stream},
};

static void check_by_type(struct checker *c, struct expr *value, const struct attribute *row)
{
    if (type_is_list(row->type) && row->type.base == DVARA_TYPE_STRING)
        check_strings(c, value, row->path.p);
    else if (type_is_list(row->type))
        check_records(c, value, row->path.p, row->type.base);
    else
        check_scalar(c, value, (struct type){row->type.base, DVARA_SHAPE_ONE}, row->path.p);
}

/* One key of request, tenant, key, session, tool or response. */
static void check_member(struct checker *c, const char *section, struct record_field *field)
{
    struct dvara_str path = arena_printf(c->arena, "%s.%.*s", section,
                                         DVARA_STR_ARG(dvara_str_slice(field->key, 0, 100)));
    struct suggestion suggestion = suggest_for(c->diags, path);
    for (size_t i = 0; i < sizeof special_keys / sizeof *special_keys; i++) {
        const struct given_key *special = &special_keys[i];
        if (dvara_str_eq(path, dvara_str_from_cstr(special->path))) {
            if (special->check)
                special->check(c, field->value, special->path);
            else
                diag_add(c->diags, field->key_span, MESSAGE_DERIVED_KEY, path);
            return;
        }
        suggest_offer(&suggestion, dvara_str_from_cstr(special->path));
    }
    for (int i = 0; i < DVARA_ATTR_COUNT; i++) {
        const struct attribute *row = attribute_row((enum dvara_attribute)i);
        if (row->arg != DVARA_ARG_NONE)
            continue;
        if (dvara_str_eq(row->path, path)) {
            check_by_type(c, field->value, row);
            return;
        }
        suggest_offer(&suggestion, row->path);
    }
    size_t prefix = strlen(section) + 1;
    bool same = dvara_str_starts_with(suggestion.best, dvara_str_slice(path, 0, prefix));
    suggestion.best = same && suggestion.best.p
                          ? dvara_str_slice(suggestion.best, prefix, suggestion.best.n)
                          : (struct dvara_str){0};
    unknown_key(c, field, &suggestion);
}

static const struct record_field *find_field(const struct expr *record, struct dvara_str key)
{
    for (size_t i = 0; i < record->fields.n; i++)
        if (dvara_str_eq(record->fields.v[i].key, key))
            return &record->fields.v[i];
    return NULL;
}

static void check_section(struct checker *c, struct expr *value, const char *what)
{
    if (!check_is_record(c, value, what))
        return;
    for (size_t i = 0; i < value->fields.n; i++)
        check_member(c, what, &value->fields.v[i]);
}

/* An answer is whole, or comes in pieces. */
static void check_response(struct checker *c, struct expr *value, const char *what)
{
    check_section(c, value, what);
    if (value->kind != EXPR_RECORD)
        return;
    const struct record_field *text = find_field(value, DVARA_STR("text"));
    const struct record_field *stream = find_field(value, DVARA_STR("stream"));
    if (!text || !stream)
        return;
    bool first = text->key_span.start < stream->key_span.start;
    struct diag *diag =
        diag_add(c->diags, first ? stream->key_span : text->key_span, MESSAGE_NOT_LITERAL,
                 DVARA_STR("the answer that is given"), DVARA_STR("`text` or `stream`, not both"));
    diag_label(c->diags, diag, first ? text->key_span : stream->key_span, "the other");
}

/* Records by name, each with keys of their own. */
struct state_key {
    const char *key;
    uint8_t type;
};

static void check_states(struct checker *c, struct expr *value, const char *what,
                         const struct state_key *keys, size_t n_keys)
{
    if (!check_is_record(c, value, what))
        return;
    for (size_t i = 0; i < value->fields.n; i++) {
        struct expr *state = value->fields.v[i].value;
        if (!check_is_record(c, state, what))
            continue;
        for (size_t k = 0; k < state->fields.n; k++) {
            struct record_field *field = &state->fields.v[k];
            struct suggestion suggestion = suggest_for(c->diags, field->key);
            const struct state_key *found = NULL;
            for (size_t j = 0; j < n_keys; j++) {
                suggest_offer(&suggestion, dvara_str_from_cstr(keys[j].key));
                if (dvara_str_eq(field->key, dvara_str_from_cstr(keys[j].key)))
                    found = &keys[j];
            }
            if (found)
                check_scalar(c, field->value, (struct type){found->type, 0}, found->key);
            else
                unknown_key(c, field, &suggestion);
        }
    }
}

/* `provider/model`, the provider declared or built in (R24). */
static void check_target_name(struct checker *c, const struct record_field *field)
{
    struct dvara_str name = field->key;
    const char *slash = name.n ? memchr(name.p, '/', name.n) : NULL;
    struct dvara_str provider = dvara_str_slice(name, 0, slash ? (size_t)(slash - name.p) : 0);
    if (suggest_is_probed(c->diags, name) || c->program->incomplete)
        return;
    if (!slash) {
        diag_add(c->diags, field->key_span, MESSAGE_NOT_LITERAL, DVARA_STR("a target"),
                 DVARA_STR("`provider/model`"));
        return;
    }
    struct suggestion suggestion = suggest_for(c->diags, provider);
    for (size_t i = 0; i < sizeof built_in_providers / sizeof *built_in_providers; i++) {
        if (dvara_str_eq(built_in_providers[i], provider))
            return;
        suggest_offer(&suggestion, built_in_providers[i]);
    }
    if (program_find(c->program, DECL_PROVIDER, provider))
        return;
    for (size_t i = 0; i < c->program->by_kind[DECL_PROVIDER].n && i < 1024; i++)
        suggest_offer(&suggestion, c->program->by_kind[DECL_PROVIDER].v[i]->name);
    struct diag *diag = diag_add(c->diags, field->key_span, MESSAGE_UNKNOWN_NAME,
                                 dvara_str_from_cstr(decl_keyword(DECL_PROVIDER)), provider);
    if (suggestion.best.p)
        diag_help(c->diags, diag, "did you mean `%.*s`?", DVARA_STR_ARG(suggestion.best));
}

static void check_targets(struct checker *c, struct expr *value, const char *what)
{
    static const struct state_key keys[] = {{"healthy", DVARA_TYPE_BOOL},
                                            {"latency_p50", DVARA_TYPE_DURATION},
                                            {"uptime", DVARA_TYPE_PERCENT},
                                            {"throughput", DVARA_TYPE_INT},
                                            {"in_flight", DVARA_TYPE_INT}};
    check_states(c, value, what, keys, sizeof keys / sizeof *keys);
    for (size_t i = 0; value->kind == EXPR_RECORD && i < value->fields.n; i++)
        check_target_name(c, &value->fields.v[i]);
}

/* The key names a declaration of that kind. */
static void check_declared(struct checker *c, const struct record_field *field, enum decl_kind kind)
{
    if (program_find(c->program, kind, field->key) || c->program->incomplete)
        return;
    struct diag *diag = diag_add(c->diags, field->key_span, MESSAGE_UNKNOWN_NAME,
                                 dvara_str_from_cstr(decl_keyword(kind)), field->key);
    struct suggestion suggestion = suggest_for(c->diags, field->key);
    for (size_t i = 0; i < c->program->by_kind[kind].n && i < 1024; i++)
        suggest_offer(&suggestion, c->program->by_kind[kind].v[i]->name);
    if (suggestion.best.p)
        diag_fix(c->diags, diag, field->key_span, suggestion.best, "did you mean `%.*s`?",
                 DVARA_STR_ARG(suggestion.best));
}

static void check_lists(struct checker *c, struct expr *value, const char *what)
{
    if (!check_is_record(c, value, what))
        return;
    for (size_t i = 0; i < value->fields.n; i++) {
        struct record_field *field = &value->fields.v[i];
        check_strings(c, field->value, what);
        check_declared(c, field, DECL_RUNTIME_LIST);
    }
}

static void check_time(struct checker *c, struct expr *value, const char *what)
{
    int64_t ns;
    check_scalar(c, value, string_type, what);
    if (value->kind == EXPR_STRING && time_parse(value->string, &ns) != DVARA_OK)
        diag_add(c->diags, value->span, MESSAGE_BAD_TIME, value->string);
}

static void check_faults(struct checker *c, struct expr *value, const char *what)
{
    static const char *const kinds[] = {
#define ERROR_KIND(id, spelling, what) [DVARA_ERROR_##id] = spelling,
#include "dvara/words.def"
    };
    enum { KINDS = DVARA_ERROR_COUNT - 1 }; /* the first is none */
    check_strings(c, value, what);
    for (size_t i = 0; value->kind == EXPR_LIST && i < value->items.n; i++)
        check_word(c, value->items.v[i], kinds + 1, KINDS, "kind of error",
                   "scan, candidates, steps, store, address, json, list or arithmetic");
}

static void check_budgets(struct checker *c, struct expr *value, const char *what)
{
    static const struct state_key keys[] = {{"used", DVARA_TYPE_PERCENT},
                                            {"left", DVARA_TYPE_MONEY}};
    check_states(c, value, what, keys, sizeof keys / sizeof *keys);
    for (size_t i = 0; value->kind == EXPR_RECORD && i < value->fields.n; i++)
        check_declared(c, &value->fields.v[i], DECL_BUDGET);
}

static const struct given_key top_keys[] = {
    {"request", check_section}, {"tenant", check_section}, {"key", check_section},
    {"session", check_section}, {"tool", check_section},   {"response", check_response},
    {"time", check_time},       {"budget", check_budgets}, {"lists", check_lists},
    {"targets", check_targets}, {"faults", check_faults},
};

static void check_given(struct checker *c, struct expr *given)
{
    if (!given || !check_is_record(c, given, "given"))
        return;
    for (size_t i = 0; i < given->fields.n; i++) {
        struct record_field *field = &given->fields.v[i];
        struct suggestion suggestion = suggest_for(c->diags, field->key);
        const struct given_key *found = NULL;
        for (size_t k = 0; k < sizeof top_keys / sizeof *top_keys; k++) {
            struct dvara_str key = dvara_str_from_cstr(top_keys[k].path);
            suggest_offer(&suggestion, key);
            found = dvara_str_eq(key, field->key) ? &top_keys[k] : found;
        }
        if (found)
            found->check(c, field->value, found->path);
        else
            unknown_key(c, field, &suggestion);
    }
}

static void check_case_names(struct checker *c, const struct test *test)
{
    for (size_t i = 0; i < test->n_cases && i < 1024; i++)
        for (size_t k = 0; k < i; k++)
            if (dvara_str_eq(test->cases[i].name.s, test->cases[k].name.s)) {
                struct diag *diag = diag_add(c->diags, test->cases[i].name.span, MESSAGE_DUPLICATE,
                                             DVARA_STR("case"), test->cases[i].name.s);
                diag_label(c->diags, diag, test->cases[k].name.span, "first here");
                break;
            }
}

void check_test(struct checker *c, struct decl *decl)
{
    struct test *test = &decl->test;
    c->phases = 0;
    check_given(c, test->given);
    for (size_t i = 0; i < test->n_cases; i++)
        check_given(c, test->cases[i].given);
    check_case_names(c, test);
}

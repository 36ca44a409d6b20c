/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/record.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_text.h"
#include "base/number.h"
#include "base/utf8.h"
#include "lang/list.h"
#include "lang/literal.h"

enum { SHRINK_TRIES = 400 };

struct expr *record_new(struct arena *arena)
{
    struct expr *record = ARENA_NEW(arena, struct expr);
    if (record)
        record->kind = EXPR_RECORD;
    return record;
}

static struct record_field *find(const struct expr *record, struct dvara_str key)
{
    for (size_t i = 0; i < record->fields.n; i++)
        if (dvara_str_eq(record->fields.v[i].key, key))
            return &record->fields.v[i];
    return NULL;
}

struct expr *record_find(const struct expr *record, struct dvara_str key)
{
    struct record_field *field = record->kind == EXPR_RECORD ? find(record, key) : NULL;
    return field ? field->value : NULL;
}

void record_put(struct arena *arena, struct expr *record, struct dvara_str key, struct expr *value)
{
    struct record_field *field = find(record, key);
    if (!value)
        return;
    if (field)
        field->value = value;
    else
        LIST_APPEND(arena, record->fields.v, record->fields.n,
                    ((struct record_field){.key = key, .value = value}));
}

struct expr *record_under(struct arena *arena, struct expr *record, struct dvara_str key)
{
    struct expr *under = record_find(record, key);
    if (under && under->kind == EXPR_RECORD)
        return under;
    under = record_new(arena);
    record_put(arena, record, key, under);
    return under ? under : record;
}

void record_push(struct arena *arena, struct expr *record, struct dvara_str key,
                 struct expr *element)
{
    struct expr *list = record_find(record, key);
    if (!list) {
        list = ARENA_NEW(arena, struct expr);
        if (!list)
            return;
        list->kind = EXPR_LIST;
        record_put(arena, record, key, list);
    }
    if (element)
        LIST_APPEND(arena, list->items.v, list->items.n, element);
}

struct expr *record_string(struct arena *arena, struct dvara_str text)
{
    struct expr *expr = ARENA_NEW(arena, struct expr);
    if (expr) {
        expr->kind = EXPR_STRING;
        expr->string = text.p ? text : DVARA_STR("");
    }
    return expr;
}

static const uint8_t kinds[DVARA_TYPE_COUNT] = {
    [DVARA_TYPE_BOOL] = EXPR_BOOL,         [DVARA_TYPE_INT] = EXPR_INT,
    [DVARA_TYPE_FLOAT] = EXPR_FLOAT,       [DVARA_TYPE_STRING] = EXPR_STRING,
    [DVARA_TYPE_DURATION] = EXPR_DURATION, [DVARA_TYPE_SIZE] = EXPR_SIZE,
    [DVARA_TYPE_MONEY] = EXPR_MONEY,       [DVARA_TYPE_PERCENT] = EXPR_PERCENT,
    [DVARA_TYPE_TIME] = EXPR_INT,          [DVARA_TYPE_CLOCK] = EXPR_CLOCK,
};

static struct expr *negative(struct arena *arena, struct expr *operand)
{
    struct expr *expr = ARENA_NEW(arena, struct expr);
    if (expr) {
        expr->kind = EXPR_MINUS;
        expr->operand = operand;
    }
    return expr;
}

struct expr *record_number(struct arena *arena, enum dvara_type type, int64_t value)
{
    struct expr *expr = ARENA_NEW(arena, struct expr);
    if (!expr)
        return NULL;
    expr->kind = (enum expr_kind)kinds[type];
    if (type == DVARA_TYPE_BOOL) {
        expr->boolean = value != 0;
        return expr;
    }
    expr->i = value < 0 && value > INT64_MIN ? -value : value == INT64_MIN ? INT64_MAX : value;
    return value < 0 ? negative(arena, expr) : expr;
}

struct expr *record_float(struct arena *arena, double value)
{
    struct expr *expr = ARENA_NEW(arena, struct expr);
    if (!expr)
        return NULL;
    expr->kind = EXPR_FLOAT;
    expr->f = value < 0 ? -value : value;
    return value < 0 ? negative(arena, expr) : expr;
}

/* ---- printing ---- */

static void print(const struct expr *expr, bool json, struct buf *out);

static bool is_name(struct dvara_str key)
{
    bool good = key.n > 0 && !(key.p[0] >= '0' && key.p[0] <= '9');
    for (size_t i = 0; i < key.n && good; i++)
        good = (key.p[i] >= 'a' && key.p[i] <= 'z') || (key.p[i] >= '0' && key.p[i] <= '9') ||
               key.p[i] == '_';
    return good;
}

/* The escapes of a string literal: what is no plain letter is written by its number. */
static void print_string(struct dvara_str text, struct buf *out)
{
    buf_byte(out, '"');
    for (size_t at = 0; at < text.n;) {
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        if (c == '"' || c == '\\')
            buf_printf(out, "\\%c", (int)c);
        else if (c == '\n')
            BUF_LIT(out, "\\n");
        else if (c < ' ' || c == 0x7f || c > 0x24f)
            buf_printf(out, "\\u{%x}", c);
        else
            buf_append(out, dvara_str_slice(text, start, at));
    }
    buf_byte(out, '"');
}

static void print_items(const struct exprs *items, bool json, struct buf *out)
{
    buf_byte(out, '[');
    for (size_t i = 0; i < items->n; i++) {
        if (i)
            BUF_LIT(out, ", ");
        print(items->v[i], json, out);
    }
    buf_byte(out, ']');
}

static void print_fields(const struct record_fields *fields, bool json, struct buf *out)
{
    buf_append(out, json || !fields->n ? DVARA_STR("{") : DVARA_STR("{ "));
    for (size_t i = 0; i < fields->n; i++) {
        if (i)
            BUF_LIT(out, ", ");
        if (json)
            json_write_string(out, fields->v[i].key);
        else if (is_name(fields->v[i].key))
            buf_append(out, fields->v[i].key);
        else
            print_string(fields->v[i].key, out);
        BUF_LIT(out, ": ");
        print(fields->v[i].value, json, out);
    }
    buf_append(out, json || !fields->n ? DVARA_STR("}") : DVARA_STR(" }"));
}

static void print_amount(enum dvara_type type, int64_t value, bool minus, bool json,
                         struct buf *out)
{
    char text[LITERAL_MAX];
    const char *quote = json ? "\"" : "";
    buf_printf(out, "%s%s%s%s", quote, minus ? "-" : "", literal_print((uint8_t)type, value, text),
               quote);
}

static void print(const struct expr *expr, bool json, struct buf *out)
{
    bool minus = expr->kind == EXPR_MINUS;
    expr = minus ? expr->operand : expr;
    for (int type = DVARA_TYPE_DURATION; type <= DVARA_TYPE_PERCENT; type++) {
        if (kinds[type] == expr->kind) {
            print_amount((enum dvara_type)type, expr->i, minus, json, out);
            return;
        }
    }
    if (expr->kind == EXPR_RECORD)
        print_fields(&expr->fields, json, out);
    else if (expr->kind == EXPR_LIST)
        print_items(&expr->items, json, out);
    else if (expr->kind == EXPR_BOOL)
        buf_append(out, expr->boolean ? DVARA_STR("true") : DVARA_STR("false"));
    else if (expr->kind == EXPR_STRING && json)
        json_write_string(out, expr->string);
    else if (expr->kind == EXPR_STRING)
        print_string(expr->string, out);
    else if (expr->kind == EXPR_FLOAT)
        number_write_double(out, minus ? -expr->f : expr->f);
    else
        buf_printf(out, "%s%lld", minus ? "-" : "", (long long)expr->i);
}

void record_print(const struct expr *record, struct buf *out)
{
    print(record, false, out);
}

void record_print_json(const struct expr *record, struct buf *out)
{
    print(record, true, out);
}

/* ---- shrinking ---- */

struct shrinking {
    struct expr *root;
    bool (*holds)(void *user, const struct expr *record);
    void *user;
    unsigned tries;
};

static bool holds(struct shrinking *s)
{
    return s->tries++ < SHRINK_TRIES && s->holds(s->user, s->root);
}

static void shrink_list(struct shrinking *s, struct expr *list)
{
    for (size_t i = list->items.n; i > 0; i--) {
        struct expr *item = list->items.v[i - 1];
        size_t behind = list->items.n - i;
        memmove(&list->items.v[i - 1], &list->items.v[i], behind * sizeof *list->items.v);
        list->items.n--;
        if (holds(s))
            continue;
        memmove(&list->items.v[i], &list->items.v[i - 1], behind * sizeof *list->items.v);
        list->items.v[i - 1] = item;
        list->items.n++;
    }
}

/* A text that need not be what it is becomes one that is easy to read. */
static void soften(struct shrinking *s, struct expr *value)
{
    static const struct dvara_str plain[] = {
        DVARA_STR_INIT("other"), DVARA_STR_INIT("gpt-4o"),
        DVARA_STR_INIT("gpt-4o-with-a-name-of-more-than-forty-characters")};
    struct dvara_str old = value->string;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        value->string = plain[i];
        if (dvara_str_eq(old, plain[i]) || holds(s))
            return;
    }
    value->string = old;
}

/* A field goes if it can; else what is in it. */
static void shrink(struct shrinking *s, struct expr *record, unsigned depth)
{
    for (size_t i = record->fields.n; i > 0; i--) {
        struct record_field field = record->fields.v[i - 1];
        size_t behind = record->fields.n - i;
        memmove(&record->fields.v[i - 1], &record->fields.v[i], behind * sizeof *record->fields.v);
        record->fields.n--;
        if (holds(s))
            continue;
        memmove(&record->fields.v[i], &record->fields.v[i - 1], behind * sizeof *record->fields.v);
        record->fields.v[i - 1] = field;
        record->fields.n++;
        if (field.value->kind == EXPR_RECORD && depth < 3)
            shrink(s, field.value, depth + 1);
        else if (field.value->kind == EXPR_LIST)
            shrink_list(s, field.value);
        else if (field.value->kind == EXPR_STRING)
            soften(s, field.value);
    }
}

void record_shrink(struct expr *record, bool (*holds_still)(void *user, const struct expr *record),
                   void *user)
{
    struct shrinking s = {.root = record, .holds = holds_still, .user = user};

    shrink(&s, record, 0);
}

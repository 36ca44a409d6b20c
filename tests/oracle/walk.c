/* SPDX-License-Identifier: Apache-2.0 */
/* Expressions, straight from the tree. Every operand is always evaluated: what must not depend on
 * evaluation order then cannot. */
#include "oracle/make.h"

#include "base/buf.h"
#include "base/json.h"

#include <math.h>
#include <openssl/sha.h>
#include <regex.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- operators ---- */

static int compare(struct type type, struct value a, struct value b)
{
    if (type.base == DVARA_TYPE_STRING)
        return dvara_str_cmp(a.s, b.s);
    if (type.base == DVARA_TYPE_FLOAT)
        return (a.f > b.f) - (a.f < b.f);
    return (a.i > b.i) - (a.i < b.i);
}

static bool is_equal(struct type type, struct value a, struct value b)
{
    return compare(type, a, b) == 0;
}

/* An int literal may stand where a float is expected. */
static struct value as_type(const struct expr *expr, struct type want, struct value v)
{
    if (want.base == DVARA_TYPE_FLOAT && expr->type.base == DVARA_TYPE_INT)
        v.f = (double)v.i;
    return v;
}

static struct value kleene_and(struct value a, struct value b)
{
    if ((!is_error(a) && !a.i) || (!is_error(b) && !b.i))
        return truth(false);
    return is_error(a) || is_error(b) ? worse(a, b) : truth(true);
}

static struct value kleene_or(struct value a, struct value b)
{
    if ((!is_error(a) && a.i) || (!is_error(b) && b.i))
        return truth(true);
    return is_error(a) || is_error(b) ? worse(a, b) : truth(false);
}

static struct value in_list(struct type type, struct value item, struct value list)
{
    for (size_t i = 0; i < list.n_items; i++)
        if (is_equal(type, item, list.items[i]))
            return truth(true);
    return truth(false);
}

static struct value arithmetic(struct scope *scope, enum binary op, struct type type,
                               struct value a, struct value b)
{
    struct value r = {0};
    bool bad;
    if (type.base == DVARA_TYPE_FLOAT) {
        r.f = op == BINARY_ADD ? a.f + b.f : op == BINARY_SUB ? a.f - b.f : a.f * b.f;
        bad = !isfinite(r.f);
    } else {
        bad = op == BINARY_ADD   ? __builtin_add_overflow(a.i, b.i, &r.i)
              : op == BINARY_SUB ? __builtin_sub_overflow(a.i, b.i, &r.i)
                                 : __builtin_mul_overflow(a.i, b.i, &r.i);
    }
    return bad || faulty(scope, DVARA_ERROR_ARITHMETIC) ? failure(DVARA_ERROR_ARITHMETIC) : r;
}

static struct value matches(const struct regex *regex, struct dvara_str s)
{
    char pattern[256];
    (void)snprintf(pattern, sizeof pattern, "%.*s", DVARA_STR_ARG(regex->text));
    regex_t compiled;
    int flags = REG_EXTENDED | REG_NOSUB | (regex->flags & REGEX_I ? REG_ICASE : 0);
    if (regcomp(&compiled, pattern, flags) != 0)
        abort();
    char *text = strndup(s.p ? s.p : "", s.n);
    bool found = regexec(&compiled, text, 0, NULL, 0) == 0;
    free(text);
    regfree(&compiled);
    return truth(found);
}

static struct value within(struct scope *scope, struct value address, const struct value *nets,
                           size_t n)
{
    if (faulty(scope, DVARA_ERROR_ADDRESS))
        return failure(DVARA_ERROR_ADDRESS);
    bool found = false;
    for (size_t i = 0; i < n; i++) {
        bool is_address;
        found = oracle_within(nets[i].s, address.s, &is_address) || found;
        if (!is_address)
            return failure(DVARA_ERROR_ADDRESS);
    }
    return truth(found);
}

static struct value glob(struct value s, const struct value *patterns, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (oracle_glob(patterns[i].s, s.s))
            return truth(true);
    return truth(false);
}

static bool has_substring(struct dvara_str s, struct dvara_str t)
{
    return t.n == 0 || (s.n >= t.n && memmem(s.p, s.n, t.p, t.n) != NULL);
}

/* The right side of glob and within: one literal or a list of them. */
static struct value over_literals(struct scope *scope, enum binary op, struct value left,
                                  const struct expr *right)
{
    struct value literals = walk(scope, right);
    const struct value *v = type_is_list(right->type) ? literals.items : &literals;
    size_t n = type_is_list(right->type) ? literals.n_items : 1;
    return op == BINARY_GLOB ? glob(left, v, n) : within(scope, left, v, n);
}

static struct value compare_op(enum binary op, struct type type, struct value a, struct value b)
{
    int c = compare(type, a, b);
    switch ((int)op) {
    case BINARY_EQ:
        return truth(c == 0);
    case BINARY_NE:
        return truth(c != 0);
    case BINARY_LT:
        return truth(c < 0);
    case BINARY_LE:
        return truth(c <= 0);
    case BINARY_GT:
        return truth(c > 0);
    case BINARY_GE:
        return truth(c >= 0);
    case BINARY_STARTS_WITH:
        return truth(dvara_str_starts_with(a.s, b.s));
    default:
        return truth(dvara_str_ends_with(a.s, b.s));
    }
}

static struct type common_type(const struct expr *left, const struct expr *right)
{
    struct type type = left->type;
    if (type.base == DVARA_TYPE_INT && right->type.base == DVARA_TYPE_FLOAT)
        type = right->type;
    return type;
}

static struct value coalesce(struct value left, struct value right)
{
    return left.state == VALUE_ABSENT ? right : left;
}

static struct value strict(struct scope *scope, const struct expr *expr, struct value a,
                           struct value b)
{
    const struct expr *left = expr->binary.left;
    const struct expr *right = expr->binary.right;
    enum binary op = expr->binary.op;
    if (is_error(a) || is_error(b))
        return worse(a, b);
    if (op == BINARY_IN || op == BINARY_NOT_IN) {
        struct value in = in_list(left->type, a, b);
        return op == BINARY_IN ? in : truth(!in.i);
    }
    if (op == BINARY_CONTAINS)
        return type_is_list(left->type) ? in_list(right->type, b, a)
                                        : truth(has_substring(a.s, b.s));
    if (op == BINARY_ADD || op == BINARY_SUB || op == BINARY_MUL) {
        struct type type = expr->type;
        return arithmetic(scope, op, type, as_type(left, type, a), as_type(right, type, b));
    }
    struct type type = common_type(left, right);
    return compare_op(op, type, as_type(left, type, a), as_type(right, type, b));
}

static struct value binary_value(struct scope *scope, const struct expr *expr)
{
    enum binary op = expr->binary.op;
    struct value a = walk(scope, expr->binary.left);
    if (op == BINARY_MATCHES)
        return is_error(a) ? a : matches(&expr_bare(expr->binary.right)->regex, a.s);
    if (op == BINARY_GLOB || op == BINARY_WITHIN)
        return is_error(a) ? a : over_literals(scope, op, a, expr->binary.right);
    struct value b = walk(scope, expr->binary.right);
    switch ((int)op) {
    case BINARY_AND:
        return kleene_and(a, b);
    case BINARY_OR:
        return kleene_or(a, b);
    case BINARY_COALESCE:
        return coalesce(a, b);
    default:
        return strict(scope, expr, a, b);
    }
}

static struct value quantifier(struct scope *scope, const struct expr *expr)
{
    struct value list = walk(scope, expr->quantifier.over);
    if (is_error(list))
        return list;
    enum quantifier kind = expr->quantifier.kind;
    struct value any = truth(false);
    struct value all = truth(true);
    struct value error = {0};
    int64_t count = 0;
    for (size_t i = 0; i < list.n_items; i++) {
        scope->bindings[expr->quantifier.binding->depth] = list.items[i];
        struct value v = walk(scope, expr->quantifier.body);
        any = kleene_or(any, v);
        all = kleene_and(all, v);
        if (is_error(v))
            error = worse(error, v);
        else
            count += v.i;
    }
    if (kind == QUANTIFIER_NUMBER)
        return is_error(error) ? error : integer(count);
    if (kind == QUANTIFIER_ALL)
        return all;
    return kind == QUANTIFIER_ANY || is_error(any) ? any : truth(!any.i);
}

/* ---- functions ---- */

static struct tm local_time(const struct scope *scope, struct dvara_str zone)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", DVARA_STR_ARG(zone));
    setenv("TZ", name, 1);
    tzset();
    time_t seconds = (time_t)(scope->facts->request.time / 1000000000);
    struct tm tm;
    localtime_r(&seconds, &tm);
    return tm;
}

static struct value date_part(struct scope *scope, enum function id, struct dvara_str zone)
{
    struct tm tm = local_time(scope, zone);
    char text[16];
    if (id == FUNCTION_HOUR)
        return integer(tm.tm_hour);
    size_t n = strftime(text, sizeof text, id == FUNCTION_DATE ? "%Y-%m-%d" : "%a", &tm);
    if (id == FUNCTION_WEEKDAY)
        text[0] = (char)(text[0] | 0x20);
    return string(arena_copy(scope->arena, dvara_str_from(text, n)));
}

static struct value between(struct scope *scope, struct value start, struct value end,
                            struct dvara_str zone)
{
    struct tm tm = local_time(scope, zone);
    int64_t now = tm.tm_hour * 60 + tm.tm_min;
    if (start.i < end.i)
        return truth(start.i <= now && now < end.i);
    return truth(now >= start.i || now < end.i);
}

int64_t walk_bucket(struct dvara_str s, int64_t n)
{
    unsigned char digest[32];
    SHA256((const unsigned char *)(s.p ? s.p : ""), s.n, digest);
    uint64_t high = 0;
    for (int i = 0; i < 8; i++)
        high = high << 8 | digest[i];
    return (int64_t)(((__extension__(unsigned __int128) high) * (uint64_t)n) >> 64);
}

static struct value json_value(struct scope *scope, struct value text, struct dvara_str pointer)
{
    if (faulty(scope, DVARA_ERROR_JSON))
        return failure(DVARA_ERROR_JSON);
    return oracle_json(scope->arena, text.s, pointer);
}

static struct value change_case(struct scope *scope, struct dvara_str s, bool up)
{
    char *p = arena_alloc(scope->arena, s.n + 1);
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = up ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
        p[i] = letter ? (char)(c ^ 0x20) : c;
    }
    return string(dvara_str_from(p, s.n));
}

static struct value trim(struct dvara_str s)
{
    static const char white[] = " \t\r\n";
    while (s.n && strchr(white, s.p[0]))
        s = dvara_str_slice(s, 1, s.n);
    while (s.n && strchr(white, s.p[s.n - 1]))
        s.n--;
    return string(s);
}

static struct value extreme(struct type type, bool greatest, struct value a, struct value b)
{
    return (compare(type, a, b) < 0) == greatest ? b : a;
}

static struct value absolute(struct scope *scope, struct type type, struct value v)
{
    if (type.base == DVARA_TYPE_FLOAT)
        return faulty(scope, DVARA_ERROR_ARITHMETIC) ? failure(DVARA_ERROR_ARITHMETIC)
                                                     : (struct value){.f = fabs(v.f)};
    if (v.i == INT64_MIN || faulty(scope, DVARA_ERROR_ARITHMETIC))
        return failure(DVARA_ERROR_ARITHMETIC);
    return integer(v.i < 0 ? -v.i : v.i);
}

static struct value length(struct type type, struct value v)
{
    if (type_is_list(type))
        return integer((int64_t)v.n_items);
    int64_t n = 0;
    for (size_t i = 0; i < v.s.n; i++)
        n += ((unsigned char)v.s.p[i] & 0xC0) != 0x80;
    return integer(n);
}

static struct value first_item(struct value list)
{
    return list.n_items ? list.items[0] : (struct value){.state = VALUE_ABSENT};
}

static struct value call(struct scope *scope, const struct expr *expr)
{
    const struct exprs *args = &expr->call.args;
    struct value v[3] = {{0}};
    for (size_t i = 0; i < args->n && i < 3; i++)
        v[i] = as_type(args->v[i], expr->type, walk(scope, args->v[i]));
    for (size_t i = 0; i < args->n && i < 3; i++)
        if (is_error(v[i]))
            return worse(worse(v[0], v[1]), v[2]);
    switch (expr->call.id) {
    case FUNCTION_LEN:
        return length(args->v[0]->type, v[0]);
    case FUNCTION_LOWER:
        return change_case(scope, v[0].s, false);
    case FUNCTION_UPPER:
        return change_case(scope, v[0].s, true);
    case FUNCTION_TRIM:
        return trim(v[0].s);
    case FUNCTION_MIN:
        return extreme(expr->type, false, v[0], v[1]);
    case FUNCTION_MAX:
        return extreme(expr->type, true, v[0], v[1]);
    case FUNCTION_ABS:
        return absolute(scope, expr->type, v[0]);
    case FUNCTION_FIRST:
        return first_item(v[0]);
    case FUNCTION_HOUR:
    case FUNCTION_WEEKDAY:
    case FUNCTION_DATE:
        return date_part(scope, expr->call.id, v[0].s);
    case FUNCTION_BETWEEN:
        return between(scope, v[0], v[1], v[2].s);
    case FUNCTION_BUCKET:
        return integer(walk_bucket(v[0].s, v[1].i));
    case FUNCTION_JSON:
        return json_value(scope, v[0], v[1].s);
    case FUNCTION_COUNT:
        break;
    }
    abort();
}

/* ---- the rest ---- */

static struct value list_literal(struct scope *scope, const struct expr *expr)
{
    struct value *items = ARENA_ARRAY(scope->arena, expr->items.n + 1, struct value);
    for (size_t i = 0; i < expr->items.n; i++)
        items[i] = walk(scope, expr->items.v[i]);
    return (struct value){.items = items, .n_items = expr->items.n};
}

static struct value runtime_list(struct scope *scope, const struct decl *decl)
{
    if (faulty(scope, DVARA_ERROR_LIST))
        return failure(DVARA_ERROR_LIST);
    for (size_t i = 0; i < scope->facts->n_lists; i++)
        if (dvara_str_eq(scope->facts->lists[i].name, decl->name))
            return walk_strings(scope, scope->facts->lists[i].values);
    const struct texts *texts = &decl->list.values;
    struct value *items = ARENA_ARRAY(scope->arena, texts->n + 1, struct value);
    for (size_t i = 0; i < texts->n; i++)
        items[i] = string(texts->v[i].s);
    return (struct value){.items = items, .n_items = texts->n};
}

static struct value negate(struct value v)
{
    return is_error(v) ? v : truth(!v.i);
}

static struct value minus(struct scope *scope, struct type type, struct value v)
{
    return is_error(v) ? v : arithmetic(scope, BINARY_SUB, type, (struct value){.f = -0.0}, v);
}

static struct value has(struct value v)
{
    return is_error(v) ? v : truth(v.state == VALUE_PRESENT);
}

struct value walk(struct scope *scope, const struct expr *expr)
{
    switch (expr->kind) {
    case EXPR_BOOL:
        return truth(expr->boolean);
    case EXPR_INT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_MONEY:
    case EXPR_PERCENT:
    case EXPR_CLOCK:
        return integer(expr->i);
    case EXPR_FLOAT:
        return (struct value){.f = expr->f};
    case EXPR_STRING:
        return string(expr->string);
    case EXPR_LIST:
        return list_literal(scope, expr);
    case EXPR_LET:
        return walk(scope, expr->decl->let.expr);
    case EXPR_RUNTIME_LIST:
        return runtime_list(scope, expr->decl);
    case EXPR_BINDING:
        return scope->bindings[expr->binding->depth];
    case EXPR_FIELD:
        return walk_field(scope, expr);
    case EXPR_ATTRIBUTE:
        return walk_attribute(scope, expr);
    case EXPR_CALL:
        return call(scope, expr);
    case EXPR_NOT:
        return negate(walk(scope, expr->operand));
    case EXPR_MINUS:
        return minus(scope, expr->type, walk(scope, expr->operand));
    case EXPR_HAS:
        return has(walk(scope, expr->operand));
    case EXPR_BINARY:
        return binary_value(scope, expr);
    case EXPR_QUANTIFIER:
        return quantifier(scope, expr);
    case EXPR_PAREN:
        return walk(scope, expr->operand);
    case EXPR_ERROR:
    case EXPR_REGEX:
    case EXPR_RECORD:
    case EXPR_NAME:
    case EXPR_MEMBER:
    case EXPR_APPLY:
    case EXPR_COUNT:
        break;
    }
    abort(); /* no such node after a clean check */
}

struct value walk_condition(struct scope *scope, const struct expr *expr)
{
    return expr ? walk(scope, expr) : truth(true);
}

struct value walk_template(struct scope *scope, const struct template *template)
{
    struct buf out;
    buf_init(&out, 1 << 20);
    struct value r = {0};
    for (size_t i = 0; i < template->n_parts; i++) {
        const struct template_part *part = &template->parts[i];
        struct value v = part->expr ? walk(scope, part->expr) : string(part->text);
        if (is_error(v))
            r = worse(r, v);
        if (part->expr)
            v.s = is_error(v) ? DVARA_STR("?")
                              : oracle_print(scope->arena, part->expr->type, v,
                                             part->expr->taint == DVARA_TAINT_CLIENT);
        buf_append(&out, v.s);
    }
    r.s = arena_copy(scope->arena, buf_str(&out));
    buf_clear(&out);
    return r;
}

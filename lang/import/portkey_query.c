/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions: `{"metadata.plan": {"$eq": "pro"}}`. A value that is absent equals nothing and
 * differs from everything, as it does there. */
#include "base/buf.h"
#include "lang/import/portkey.h"

enum subject_type { SUBJECT_TEXT, SUBJECT_NUMBER, SUBJECT_BOOL };

/* What the left side is in policy text. */
struct subject {
    struct dvara_str text;
    enum subject_type type;
    bool is_optional;
};

static bool subject_of(struct portkey *p, struct dvara_str key, struct subject *ret_subject)
{
    static const struct {
        const char *key, *attribute;
        enum subject_type type;
        bool is_optional;
    } rows[] = {{"params.model", "request.model", SUBJECT_TEXT, false},
                {"params.stream", "request.stream", SUBJECT_BOOL, false},
                {"params.temperature", "request.temperature", SUBJECT_NUMBER, true},
                {"params.max_tokens", "request.max_tokens", SUBJECT_NUMBER, true},
                {"params.top_p", "request.top_p", SUBJECT_NUMBER, true},
                {"params.user", "request.user", SUBJECT_TEXT, true},
                {"url.pathname", "request.path", SUBJECT_TEXT, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (dvara_str_eq(key, dvara_str_from_cstr(rows[i].key))) {
            *ret_subject = (struct subject){dvara_str_from_cstr(rows[i].attribute), rows[i].type,
                                            rows[i].is_optional};
            return true;
        }
    struct dvara_str metadata = DVARA_STR("metadata."), params = DVARA_STR("params.");
    if (dvara_str_starts_with(key, metadata) && key.n > metadata.n) {
        struct dvara_str name = dvp_string(p->im, dvara_str_slice(key, metadata.n, key.n));
        *ret_subject = (struct subject){
            arena_printf(p->im->arena, "request.metadata(%.*s)", DVARA_STR_ARG(name)), SUBJECT_TEXT,
            true};
        return true;
    }
    if (dvara_str_starts_with(key, params) && key.n > params.n) {
        struct dvara_str pointer = arena_printf(
            p->im->arena, "/%.*s", DVARA_STR_ARG(dvara_str_slice(key, params.n, key.n)));
        *ret_subject = (struct subject){arena_printf(p->im->arena, "request.body(%.*s)",
                                                     DVARA_STR_ARG(dvp_string(p->im, pointer))),
                                        SUBJECT_TEXT, true};
        return true;
    }
    return false;
}

/* A literal of the subject's type, or false. */
static bool literal(struct portkey *p, const struct subject *subject, const struct node *node,
                    struct dvara_str *ret_text)
{
    if (subject->type == SUBJECT_TEXT && node->kind == NODE_TEXT)
        *ret_text = dvp_string(p->im, node->text);
    else if (subject->type == SUBJECT_BOOL && node->kind == NODE_BOOL)
        *ret_text = node->is_true ? DVARA_STR("true") : DVARA_STR("false");
    else if (subject->type != SUBJECT_NUMBER || node->kind != NODE_NUMBER ||
             !node_decimal(node, 0, 6, p->im->arena, ret_text))
        return false;
    return true;
}

static bool literals(struct portkey *p, const struct subject *subject, const struct node *list,
                     struct dvara_str *ret_text)
{
    struct dvara_str text = DVARA_STR("["), one;
    for (size_t i = 0; i < list->n; i++) {
        if (!literal(p, subject, list->children[i], &one))
            return false;
        text = arena_printf(p->im->arena, "%.*s%s%.*s", DVARA_STR_ARG(text), i ? ", " : "",
                            DVARA_STR_ARG(one));
    }
    *ret_text = arena_printf(p->im->arena, "%.*s]", DVARA_STR_ARG(text));
    return list->kind == NODE_LIST && list->n > 0;
}

/* One comparison; `absent`: what it is where the value is absent. */
static struct dvara_str compare(struct portkey *p, const struct subject *subject,
                                const char *operator_cstr, struct dvara_str right, bool absent)
{
    struct dvara_str left = subject->text;
    if (!subject->is_optional)
        return arena_printf(p->im->arena, "%.*s %s %.*s", DVARA_STR_ARG(left), operator_cstr,
                            DVARA_STR_ARG(right));
    return arena_printf(
        p->im->arena, absent ? "(not has %.*s or %.*s %s %.*s)" : "(has %.*s and %.*s %s %.*s)",
        DVARA_STR_ARG(left), DVARA_STR_ARG(left), operator_cstr, DVARA_STR_ARG(right));
}

static bool apply(struct portkey *p, const struct subject *subject, struct dvara_str operator,
                  struct node * value, struct dvara_str *ret_text)
{
    static const struct {
        const char *name, *spelling;
        bool absent, is_list, orders;
    } rows[] = {{"$eq", "==", false, false, false}, {"$ne", "!=", true, false, false},
                {"$in", "in", false, true, false},  {"$nin", "not in", true, true, false},
                {"$gt", ">", false, false, true},   {"$gte", ">=", false, false, true},
                {"$lt", "<", false, false, true},   {"$lte", "<=", false, false, true}};
    struct dvara_str right;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!dvara_str_eq(operator, dvara_str_from_cstr(rows[i].name)))
            continue;
        bool ok = rows[i].is_list ? literals(p, subject, value, &right)
                                  : literal(p, subject, value, &right);
        if (!ok || (rows[i].orders && subject->type != SUBJECT_NUMBER))
            return false;
        *ret_text = compare(p, subject, rows[i].spelling, right, rows[i].absent);
        return true;
    }
    if (!dvara_str_eq(operator, DVARA_STR("$regex")) || subject->type != SUBJECT_TEXT ||
        value->kind != NODE_TEXT)
        return false;
    right = dvp_regex(p->im, value->text, "");
    *ret_text = compare(p, subject, "matches", right, false);
    return right.p != NULL;
}

static struct dvara_str join(struct portkey *p, struct dvara_str all, const char *word_cstr,
                             struct dvara_str one)
{
    return all.n ? arena_printf(p->im->arena, "%.*s %s %.*s", DVARA_STR_ARG(all), word_cstr,
                                DVARA_STR_ARG(one))
                 : one;
}

static bool member(struct portkey *p, struct dvara_str key, struct node *value,
                   struct dvara_str *all)
{
    struct subject subject;
    struct dvara_str one;
    if (!subject_of(p, key, &subject))
        return false;
    if (value->kind != NODE_MAP) {
        if (!apply(p, &subject, DVARA_STR("$eq"), value, &one))
            return false;
        *all = join(p, *all, "and", one);
        return true;
    }
    for (size_t i = 0; i < value->n; i++) {
        if (!apply(p, &subject, value->keys[i], value->children[i], &one))
            return false;
        *all = join(p, *all, "and", one);
    }
    return value->n > 0;
}

static bool several(struct portkey *p, struct node *list, bool either, unsigned depth,
                    struct dvara_str *all, const char **why)
{
    struct dvara_str sum = {NULL, 0}, one;
    for (size_t i = 0; i < list->n; i++) {
        if (list->children[i]->kind != NODE_MAP ||
            !portkey_query(p, list->children[i], depth + 1, &one, why))
            return false;
        sum = join(p, sum, either ? "or" : "and",
                   arena_printf(p->im->arena, "(%.*s)", DVARA_STR_ARG(one)));
    }
    *all = join(p, *all, "and", arena_printf(p->im->arena, "(%.*s)", DVARA_STR_ARG(sum)));
    return list->n > 0;
}

bool portkey_query(struct portkey *p, struct node *query, unsigned depth,
                   struct dvara_str *ret_expression, const char **ret_why)
{
    struct dvara_str all = {NULL, 0};
    *ret_why =
        "it asks by a key, an operator or a type of value that conditions of routes do not have";
    if (depth > PORTKEY_DEPTH_MAX)
        return false;
    for (size_t i = 0; i < query->n; i++) {
        bool either = dvara_str_eq(query->keys[i], DVARA_STR("$or")),
             both = dvara_str_eq(query->keys[i], DVARA_STR("$and"));
        struct node *value = query->children[i];
        bool ok = (either || both) && value->kind == NODE_LIST
                      ? several(p, value, either, depth, &all, ret_why)
                      : member(p, query->keys[i], value, &all);
        if (!ok)
            return false;
    }
    if (depth == 0)
        node_take_all(query);
    *ret_expression = all;
    return all.n > 0;
}

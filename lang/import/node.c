/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/import/node.h"

#include "lang/list.h"

struct node *node_new(struct arena *arena, enum node_kind kind, unsigned line)
{
    struct node *node = ARENA_NEW(arena, struct node);
    if (node) {
        node->kind = kind;
        node->line = line;
        node->height = 1;
    }
    return node;
}

bool node_add(struct arena *arena, struct node *parent, struct dvara_str key, struct node *child)
{
    size_t n = parent->n;
    if (parent->kind == NODE_MAP)
        LIST_APPEND(arena, parent->keys, n, key);
    n = parent->n;
    LIST_APPEND(arena, parent->children, n, child);
    if (arena_is_exhausted(arena))
        return false;
    parent->n = n;
    if (child->height >= parent->height)
        parent->height = (uint16_t)(child->height + 1);
    return true;
}

struct node *node_look(struct node *map, const char *key_cstr)
{
    struct dvara_str key = dvara_str_from_cstr(key_cstr);
    if (!map || map->kind != NODE_MAP)
        return NULL;
    for (size_t i = 0; i < map->n; i++)
        if (dvara_str_eq(map->keys[i], key))
            return map->children[i]->kind == NODE_NULL ? NULL : map->children[i];
    return NULL;
}

struct node *node_get(struct node *map, const char *key_cstr)
{
    struct node *node = node_look(map, key_cstr);
    if (node)
        node->taken = true;
    return node;
}

void node_take_all(struct node *node)
{
    if (!node || node->reported)
        return;
    node->taken = node->reported = true;
    for (size_t i = 0; i < node->n; i++)
        node_take_all(node->children[i]);
}

static bool is_scalar(const struct node *node)
{
    return node && node->kind != NODE_LIST && node->kind != NODE_MAP;
}

struct dvara_str node_text(struct node *map, const char *key_cstr)
{
    struct node *node = node_look(map, key_cstr);
    if (!is_scalar(node))
        return (struct dvara_str){NULL, 0};
    node->taken = true;
    return node->text;
}

struct node *node_map(struct node *map, const char *key_cstr)
{
    struct node *node = node_look(map, key_cstr);
    if (!node || node->kind != NODE_MAP)
        return NULL;
    node->taken = true;
    return node;
}

struct node *node_list(struct arena *arena, struct node *map, const char *key_cstr)
{
    struct node *node = node_look(map, key_cstr);
    if (!node || node->kind == NODE_MAP)
        return NULL;
    node->taken = true;
    if (node->kind == NODE_LIST)
        return node;
    struct node *list = node_new(arena, NODE_LIST, node->line);
    return list && node_add(arena, list, DVARA_STR(""), node) ? list : NULL;
}

static bool is_flag(struct node *map, const char *key_cstr, bool wanted)
{
    struct node *node = node_look(map, key_cstr);
    if (!node || node->kind != NODE_BOOL || node->is_true != wanted)
        return false;
    node->taken = true;
    return true;
}

bool node_is_true(struct node *map, const char *key_cstr)
{
    return is_flag(map, key_cstr, true);
}

bool node_is_false(struct node *map, const char *key_cstr)
{
    return is_flag(map, key_cstr, false);
}

bool node_as_whole(const struct node *node, int64_t *ret_value)
{
    int64_t value = 0;
    if (!is_scalar(node) || node->text.n == 0)
        return false;
    for (size_t i = 0; i < node->text.n; i++) {
        char c = node->text.p[i];
        if (c == '_' && i > 0)
            continue;
        if (c < '0' || c > '9' || value > (INT64_MAX - 9) / 10)
            return false;
        value = value * 10 + (c - '0');
    }
    *ret_value = value;
    return true;
}

bool node_whole(struct node *map, const char *key_cstr, int64_t *ret_value)
{
    struct node *node = node_look(map, key_cstr);
    if (!node_as_whole(node, ret_value))
        return false;
    node->taken = true;
    return true;
}

bool node_is(const struct node *node, const char *text_cstr)
{
    return is_scalar(node) && dvara_str_eq(node->text, dvara_str_from_cstr(text_cstr));
}

/* ---- decimal numbers ---- */

enum { DIGITS_MAX = 40, EXPONENT_MAX = 60 };

struct decimal {
    char digits[DIGITS_MAX];
    int n;
    int exponent; /* value = digits * 10^exponent */
};

static bool read_exponent(struct dvara_str text, size_t at, int *exponent)
{
    int value = 0;
    bool negative = at < text.n && text.p[at] == '-';
    at += at < text.n && (text.p[at] == '-' || text.p[at] == '+');
    if (at == text.n)
        return false;
    for (; at < text.n; at++) {
        if (text.p[at] < '0' || text.p[at] > '9' || value > EXPONENT_MAX)
            return false;
        value = value * 10 + (text.p[at] - '0');
    }
    *exponent += negative ? -value : value;
    return true;
}

static bool read_decimal(struct dvara_str text, struct decimal *decimal)
{
    bool point = false;
    size_t i = 0, seen = 0;
    for (; i < text.n && text.p[i] != 'e' && text.p[i] != 'E'; i++) {
        char c = text.p[i];
        if (c == '_' && i > 0)
            continue;
        if (c == '.' && !point) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        seen++;
        decimal->exponent -= point;
        if (decimal->n == 0 && c == '0')
            continue;
        if (decimal->n == DIGITS_MAX)
            return false;
        decimal->digits[decimal->n++] = c;
    }
    return seen && (i == text.n || read_exponent(text, i + 1, &decimal->exponent));
}

/* Cuts off all but `places` digits behind the point. */
static void round_decimal(struct decimal *decimal, int places)
{
    int drop = -places - decimal->exponent;
    if (drop <= 0)
        return;
    bool up = drop <= decimal->n && decimal->digits[decimal->n - drop] >= '5';
    decimal->n = drop < decimal->n ? decimal->n - drop : 0;
    decimal->exponent = -places;
    int i = decimal->n - 1;
    for (; up && i >= 0 && decimal->digits[i] == '9'; i--)
        decimal->digits[i] = '0';
    if (up && i >= 0) {
        decimal->digits[i]++;
    } else if (up) {
        memmove(decimal->digits + 1, decimal->digits, (size_t)decimal->n);
        decimal->digits[0] = '1';
        decimal->n++;
    }
}

static struct dvara_str print_decimal(const struct decimal *decimal, struct arena *arena)
{
    char out[DIGITS_MAX + EXPONENT_MAX + 4];
    int n = 0, whole = decimal->n + decimal->exponent;
    for (int i = 0; i < whole; i++)
        out[n++] = i < decimal->n ? decimal->digits[i] : '0';
    if (whole <= 0)
        out[n++] = '0';
    int last = decimal->n;
    while (last > 0 && decimal->digits[last - 1] == '0')
        last--;
    if (last > whole && last > 0) {
        out[n++] = '.';
        for (int i = whole; i < last; i++)
            out[n++] = i < 0 ? '0' : decimal->digits[i];
    }
    return arena_copy(arena, dvara_str_from(out, (size_t)n));
}

bool node_decimal(const struct node *node, int shift, unsigned places, struct arena *arena,
                  struct dvara_str *ret_text)
{
    struct decimal decimal = {.exponent = shift};
    if (!is_scalar(node) || !read_decimal(node->text, &decimal) || decimal.exponent < -EXPONENT_MAX)
        return false;
    round_decimal(&decimal, (int)places);
    if (decimal.n && decimal.n + decimal.exponent > 15)
        return false;
    if (decimal.n == 0)
        decimal.exponent = 0;
    *ret_text = print_decimal(&decimal, arena);
    return true;
}

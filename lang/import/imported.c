/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/import/imported.h"

#include "base/buf.h"
#include "base/hash.h"
#include "lang/lexer.h"
#include "lang/list.h"

#include <stdarg.h>
#include <stdio.h>

/* A policy is at most 1 MiB, and so many comments leave most of it. */
enum { NAME_BYTES = 60, SHOWN_KEY_BYTES = 80, COMMENTS_MAX = 1000 };

void imported_init(struct imported *im, struct arena *arena, struct dvara_str source,
                   const char *format_cstr)
{
    *im = (struct imported){.arena = arena, .source = source, .format = format_cstr};
    im->last_block = &im->blocks;
    im->last_provider = &im->providers;
    im->last_tenant = &im->tenants;
    im->last_key = &im->keys;
}

/* ---- names ---- */

static struct imported_name *name_find(struct imported *im, enum block_kind kind,
                                       struct dvara_str name)
{
    struct imported_name *at = im->names[hash_fixed(name) % IMPORTED_BUCKETS];
    while (at && (at->kind != kind || !dvara_str_eq(at->name, name)))
        at = at->next;
    return at;
}

static struct dvara_str identifier(struct imported *im, struct dvara_str text)
{
    char out[NAME_BYTES + 4];
    size_t n = 0;
    if (text.n == 0 || (text.p[0] >= '0' && text.p[0] <= '9'))
        out[n++] = 'm', out[n++] = '_';
    for (size_t i = 0; i < text.n && n < NAME_BYTES; i++) {
        char c = text.p[i];
        c = c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (plain)
            out[n++] = c;
        else if (n == 0 || out[n - 1] != '_')
            out[n++] = '_';
    }
    while (n > 1 && out[n - 1] == '_')
        n--;
    return arena_copy(im->arena, dvara_str_from(out, n));
}

static struct dvara_str name_add(struct imported *im, enum block_kind kind, struct dvara_str name)
{
    struct imported_name *row = ARENA_NEW(im->arena, struct imported_name);
    if (row) {
        struct imported_name **bucket = &im->names[hash_fixed(name) % IMPORTED_BUCKETS];
        *row = (struct imported_name){.kind = kind, .name = name, .next = *bucket};
        *bucket = row;
    }
    return name;
}

struct dvara_str imported_name(struct imported *im, enum block_kind kind, struct dvara_str text)
{
    struct dvara_str plain = identifier(im, text), name;
    if (word_is_reserved(plain))
        plain = arena_printf(im->arena, "%.*s_1", DVARA_STR_ARG(plain));
    struct imported_name *first = name_find(im, kind, plain);
    if (!first)
        return name_add(im, kind, plain);
    do
        name = arena_printf(im->arena, "%.*s_%u", DVARA_STR_ARG(plain), ++first->also + 1);
    while (name.p && name_find(im, kind, name));
    return name_add(im, kind, name);
}

/* ---- blocks ---- */

/* Stands in for what there is no memory for, so that callers need not ask. */
static struct block *no_block(struct imported *im)
{
    struct block *block = ARENA_NEW(im->arena, struct block);
    return block;
}

struct block *imported_block(struct imported *im, enum block_kind kind, struct dvara_str name)
{
    struct block *block = no_block(im);
    if (block) {
        block->kind = kind;
        block->name = name;
        *im->last_block = block;
        im->last_block = &block->next;
    }
    return block;
}

struct block *imported_section(struct imported *im, const char *title_cstr)
{
    struct dvara_str title = dvara_str_from_cstr(title_cstr);
    for (struct block *block = im->blocks; block; block = block->next)
        if (block->kind == BLOCK_NOTES && dvara_str_eq(block->name, title))
            return block;
    return imported_block(im, BLOCK_NOTES, arena_copy(im->arena, title));
}

static void add_line(struct imported *im, struct block *block, bool is_note, const char *format,
                     va_list arguments)
{
    va_list again;
    va_copy(again, arguments);
    int n = vsnprintf(NULL, 0, format, again);
    va_end(again);
    char *text = n >= 0 && block ? arena_alloc(im->arena, (size_t)n + 1) : NULL;
    if (!text)
        return;
    (void)vsnprintf(text, (size_t)n + 1, format, arguments);
    struct block_line line = {.text = dvara_str_from(text, (size_t)n), .is_note = is_note};
    LIST_APPEND(im->arena, block->lines, block->n, line);
}

void block_line(struct imported *im, struct block *block, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_line(im, block, false, format, arguments);
    va_end(arguments);
}

void block_comment(struct imported *im, struct block *block, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add_line(im, block, true, format, arguments);
    va_end(arguments);
}

/* ---- notes ---- */

/* Numbers, truth values and names of variables are shown; any other text may be a secret. */
static struct dvara_str shown_value(struct imported *im, const struct node *node)
{
    if (node->kind == NODE_NUMBER || node->kind == NODE_BOOL ||
        (node->kind == NODE_TEXT && dvara_str_starts_with(node->text, DVARA_STR("os.environ/"))))
        return arena_printf(im->arena, " = %.*s", DVARA_STR_ARG(node->text));
    return DVARA_STR("");
}

void imported_note(struct imported *im, struct block *block, struct node *node,
                   struct dvara_str path, const char *why_cstr)
{
    path = path.n ? path : DVARA_STR("the file");
    struct imported_note note = {.path = path, .why = dvara_str_from_cstr(why_cstr)};
    if (node) {
        node_take_all(node);
        node->noted = true;
        note.line = node->line;
    }
    if (node && im->n_notes == COMMENTS_MAX)
        block_comment(im, block, "what else is not carried is told on standard error");
    if (node && im->n_notes < COMMENTS_MAX)
        block_comment(im, block, "not carried: %.*s%.*s (line %u): %s", DVARA_STR_ARG(path),
                      DVARA_STR_ARG(shown_value(im, node)), node->line, why_cstr);
    LIST_APPEND(im->arena, im->notes, im->n_notes, note);
}

void imported_rest(struct imported *im, struct block *block, struct node *node,
                   struct dvara_str path, note_reason *reason, void *user)
{
    if (!node || node->reported)
        return;
    node->reported = true;
    for (size_t i = 0; i < node->n; i++) {
        struct node *child = node->children[i];
        bool is_map = node->kind == NODE_MAP;
        struct dvara_str key = is_map ? node->keys[i] : DVARA_STR("");
        if (child->reported || (child->kind == NODE_NULL && !child->taken))
            continue;
        struct dvara_str at =
            is_map ? arena_printf(im->arena, "%.*s%s%.*s", DVARA_STR_ARG(path), path.n ? "." : "",
                                  DVARA_STR_ARG(dvara_str_slice(key, 0, SHOWN_KEY_BYTES)))
                   : path_element(im, path, i);
        if (child->taken)
            imported_rest(im, block, child, at, reason, user);
        else
            imported_note(im, block, child, at, reason(user, key));
    }
}

static void count(struct imported *im, struct node *node, bool noted)
{
    /* node_take_all and the rest's walk have set `reported`; here `taken` is cleared behind us. */
    if (!node || !node->taken)
        return;
    node->taken = false;
    noted = noted || node->noted;
    if (node->n == 0 && !noted)
        im->carried++;
    for (size_t i = 0; i < node->n; i++)
        count(im, node->children[i], noted);
}

void imported_count(struct imported *im, struct node *root)
{
    if (root)
        root->taken = true;
    count(im, root, false);
}

/* ---- the rest of a policy ---- */

void imported_import(struct imported *im, const char *path_cstr)
{
    struct dvara_str path = dvara_str_from_cstr(path_cstr);
    for (size_t i = 0; i < im->n_imports; i++)
        if (dvara_str_eq(im->imports[i], path))
            return;
    LIST_APPEND(im->arena, im->imports, im->n_imports, arena_copy(im->arena, path));
}

struct dvara_str path_member(struct imported *im, struct dvara_str path, const char *key_cstr)
{
    return arena_printf(im->arena, "%.*s%s%s", DVARA_STR_ARG(path), path.n ? "." : "", key_cstr);
}

struct dvara_str path_element(struct imported *im, struct dvara_str path, size_t index)
{
    return arena_printf(im->arena, "%.*s[%zu]", DVARA_STR_ARG(path), index);
}

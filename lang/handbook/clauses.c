/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/handbook/clauses.h"

#include "lang/list.h"

enum says { SAYS_REST, SAYS_WHOLE };
enum times { TIMES_ONE, TIMES_MANY };

struct row {
    enum decl_kind kind; /* COUNT: any */
    const char *word, *key, *label;
    enum says says;
    enum times times;
};

static const struct row rows[] = {
#define CLAUSE(kind, word, key, label, says, times)                                                \
    {DECL_##kind, word, key, label, SAYS_##says, TIMES_##times},
#include "lang/handbook/clauses.def"
};

enum { ROWS = sizeof rows / sizeof *rows };

static const struct row *row_of(enum decl_kind kind, struct dvara_str word)
{
    const struct row *row = rows;
    for (; row->kind != DECL_COUNT; row++)
        if (row->kind == kind &&
            (!*row->word || dvara_str_eq(dvara_str_from_cstr(row->word), word)))
            break;
    return row;
}

static struct handbook_field *field_of(struct handbook_entry *entry, const struct row *row,
                                       struct arena *arena)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].key, row->key) == 0)
            return &entry->fields[i];
    struct handbook_field field = {.key = row->key,
                                   .label = row->label,
                                   .style = FIELD_CODE,
                                   .many = row->times == TIMES_MANY};
    LIST_APPEND(arena, entry->fields, entry->n_fields, field);
    return arena_is_exhausted(arena) ? NULL : &entry->fields[entry->n_fields - 1];
}

/* Tokens [first, end) of one clause. */
static void add(enum decl_kind kind, const struct spelling *spelling, struct arena *arena,
                uint32_t first, uint32_t end, const struct row *only, struct handbook_entry *entry)
{
    struct dvara_str word = spelling_text(spelling, arena, first, first + 1);
    const struct row *row = row_of(kind, word);
    if (row != only)
        return;
    struct handbook_field *field = field_of(entry, row, arena);
    uint32_t from = row->says == SAYS_REST ? first + 1 : first;
    if (field)
        LIST_APPEND(arena, field->values, field->n, spelling_text(spelling, arena, from, end));
}

static int depth_change(const struct token *token)
{
    switch (token->kind) {
    case TOKEN_LBRACE:
    case TOKEN_LPAREN:
    case TOKEN_LBRACKET:
        return 1;
    case TOKEN_RBRACE:
    case TOKEN_RPAREN:
    case TOKEN_RBRACKET:
        return -1;
    default:
        return 0;
    }
}

/* The clauses that fall to the row, in [first, end): what is between the block's braces. */
static void add_row(enum decl_kind kind, const struct spelling *spelling, struct arena *arena,
                    uint32_t first, uint32_t end, const struct row *row,
                    struct handbook_entry *entry)
{
    uint32_t start = first;
    int depth = 0;
    for (uint32_t i = first; i < end; i++) {
        const struct token *token = &spelling->tokens->v[i];
        if (depth == 0 && i > start && (token->flags & TOKEN_STATEMENT)) {
            add(kind, spelling, arena, start, i, row, entry);
            start = i;
        }
        depth += depth_change(token);
    }
    if (start < end)
        add(kind, spelling, arena, start, end, row, entry);
}

void clauses_add(const struct decl *decl, const struct spelling *spelling, struct arena *arena,
                 struct handbook_entry *entry)
{
    uint32_t first = spelling_token(spelling, decl->span.start);
    uint32_t end = spelling_token(spelling, decl->span.end);
    uint32_t block = first;
    while (block < end && !(spelling->tokens->v[block].flags & TOKEN_BLOCK))
        block++;
    if (block == end) {
        add_row(DECL_COUNT, spelling, arena, first, end, &rows[ROWS - 1], entry);
        return;
    }
    for (size_t i = 0; i < ROWS; i++)
        if (rows[i].kind == decl->kind || rows[i].kind == DECL_COUNT)
            add_row(decl->kind, spelling, arena, block + 1, end - 1, &rows[i], entry);
}

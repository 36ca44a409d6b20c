/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/change/declarations.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/handbook/spelling.h"
#include "lang/list.h"

/* One policy's spellings, by the number of their file. */
struct speller {
    const struct program *program;
    struct arena *arena;
    struct spelling *spellings; /* source NULL: not made yet */
};

static bool speller_init(struct speller *speller, const struct program *program,
                         struct arena *arena)
{
    *speller = (struct speller){.program = program, .arena = arena};
    speller->spellings = ARENA_ARRAY(arena, program->sources.n, struct spelling);
    return speller->spellings != NULL;
}

static struct spelling *spelling_for(struct speller *speller, const struct decl *decl)
{
    uint32_t file = decl->span.file;
    struct spelling *spelling = &speller->spellings[file];
    for (size_t i = 0; !spelling->source && i < speller->program->n_units; i++) {
        const struct unit *unit = speller->program->units[i];
        if (unit->source->number == file && !spelling_of(unit, speller->arena, spelling))
            return NULL;
    }
    return spelling->source ? spelling : NULL;
}

static struct dvara_str spell(struct speller *speller, const struct decl *decl)
{
    const struct spelling *spelling = spelling_for(speller, decl);
    if (!spelling)
        return (struct dvara_str){0};
    return spelling_text(spelling, speller->arena, spelling_token(spelling, decl->span.start),
                         spelling_token(spelling, decl->span.end));
}

static struct dvara_str token_text(const struct spelling *spelling, uint32_t token)
{
    const struct token *at = &spelling->formatted.v[token];
    return dvara_str_slice(spelling->source->text, at->start, at->end);
}

/* Comments and layout are no difference. */
static bool same_tokens(struct speller *old, struct speller *new, const struct decl *a,
                        const struct decl *b)
{
    const struct spelling *x = spelling_for(old, a), *y = spelling_for(new, b);
    if (!x || !y)
        return false;
    uint32_t i = spelling_token(x, a->span.start), end = spelling_token(x, a->span.end);
    uint32_t k = spelling_token(y, b->span.start);
    if (end - i != spelling_token(y, b->span.end) - k)
        return false;
    while (i < end && dvara_str_eq(token_text(x, i), token_text(y, k))) {
        i++;
        k++;
    }
    return i == end;
}

/* ---- sources ---- */

static void add(struct changes *changes, struct arena *arena, struct change change)
{
    change.kind = dvara_str_is_absent(change.old_text)   ? CHANGE_ADDED
                  : dvara_str_is_absent(change.new_text) ? CHANGE_REMOVED
                                                         : CHANGE_CHANGED;
    if (change.kind != CHANGE_CHANGED || !dvara_str_eq(change.old_text, change.new_text))
        LIST_APPEND(arena, changes->v, changes->n, change);
}

static void compare_decls(struct speller *old, struct speller *new, const struct decl *a,
                          const struct decl *b, struct changes *changes)
{
    const struct decl *one = a ? a : b;
    if (a && b && same_tokens(old, new, a, b))
        return;
    struct change change = {.what = dvara_str_from_cstr(decl_keyword(one->kind)),
                            .name = one->name,
                            .old_decl = a,
                            .new_decl = b};
    if (a)
        change.old_text = spell(old, a);
    if (b)
        change.new_text = spell(new, b);
    add(changes, new->arena, change);
}

static void compare_kind(struct speller *old, struct speller *new, enum decl_kind kind,
                         struct changes *changes)
{
    const struct decls *a = &old->program->by_kind[kind], *b = &new->program->by_kind[kind];
    for (size_t i = 0, k = 0; i < a->n || k < b->n;) {
        int order = i == a->n ? 1 : k == b->n ? -1 : dvara_str_cmp(a->v[i]->name, b->v[k]->name);
        compare_decls(old, new, order <= 0 ? a->v[i] : NULL, order >= 0 ? b->v[k] : NULL, changes);
        i += order <= 0;
        k += order >= 0;
    }
}

bool declarations_compare(const struct program *old, const struct program *new, struct arena *arena,
                          struct changes *ret_changes)
{
    struct speller a, b;
    *ret_changes = (struct changes){NULL, 0};
    if (!speller_init(&a, old, arena) || !speller_init(&b, new, arena))
        return false;
    if (old->fallback || new->fallback)
        compare_decls(&a, &b, old->fallback, new->fallback, ret_changes);
    for (int kind = 0; kind < DECL_COUNT; kind++) {
        if (kind != DECL_DEFAULT)
            compare_kind(&a, &b, (enum decl_kind)kind, ret_changes);
    }
    return !arena_is_exhausted(arena);
}

/* ---- a text line by line ---- */

enum { LINES_MAX = 400 };

struct lines {
    struct dvara_str v[LINES_MAX];
    size_t n;
};

static bool split(struct dvara_str text, struct lines *ret)
{
    ret->n = 0;
    for (size_t at = 0, end; at < text.n; at = end + 1) {
        for (end = at; end < text.n && text.p[end] != '\n';)
            end++;
        if (ret->n == LINES_MAX)
            return false;
        ret->v[ret->n++] = dvara_str_slice(text, at, end);
    }
    return true;
}

static void print_line(char mark, struct dvara_str line, struct dvara_str indent, struct buf *out)
{
    buf_append(out, indent);
    buf_byte(out, mark);
    buf_byte(out, ' ');
    buf_append(out, line);
    buf_byte(out, '\n');
}

/* The longest common lines stay (dynamic programming from the ends; declarations are short). */
static void print_merged(const struct lines *a, const struct lines *b, struct dvara_str indent,
                         struct arena *arena, struct buf *out)
{
    size_t width = b->n + 1, i = 0, k = 0;
    uint16_t *common = ARENA_ARRAY(arena, (a->n + 1) * width, uint16_t);
    if (!common)
        return;
    for (size_t x = a->n; x-- > 0;) {
        for (size_t y = b->n; y-- > 0;) {
            uint16_t down = common[(x + 1) * width + y], right = common[x * width + y + 1];
            common[x * width + y] = dvara_str_eq(a->v[x], b->v[y])
                                        ? (uint16_t)(common[(x + 1) * width + y + 1] + 1)
                                    : down > right ? down
                                                   : right;
        }
    }
    while (i < a->n || k < b->n) {
        if (i < a->n && k < b->n && dvara_str_eq(a->v[i], b->v[k])) {
            print_line(' ', a->v[i++], indent, out);
            k++;
        } else if (k == b->n ||
                   (i < a->n && common[(i + 1) * width + k] >= common[i * width + k + 1])) {
            print_line('-', a->v[i++], indent, out);
        } else {
            print_line('+', b->v[k++], indent, out);
        }
    }
}

void declarations_print(const struct change *change, struct dvara_str indent, struct buf *out)
{
    struct arena arena;
    arena_init(&arena, 64 << 20);
    struct lines *a = ARENA_NEW(&arena, struct lines), *b = ARENA_NEW(&arena, struct lines);
    bool fits = a && b && split(change->old_text, a);
    fits = fits && split(change->new_text, b);
    if (fits)
        print_merged(a, b, indent, &arena, out);
    else
        print_line(' ', DVARA_STR("(more lines than are shown)"), indent, out);
    arena_clear(&arena);
}

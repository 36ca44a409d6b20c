/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index_atom.h"

#include "base/arena.h"
#include "vm/set.h"

#include <stdlib.h>
#include <string.h>

enum {
    SHARED = 4, /* rows of one sum that are worth a tree of ranges */
    WORD = 8
};

/* An atom, what its code says, and the rules that want the same of it. */
struct entry {
    struct form form;
    uint32_t block;
    bool wanted;
    struct index_atom_rules led;
};

struct builder {
    const struct bundle_program *program;
    struct arena *arena, *scratch;
};

/* ---- which stand together ---- */

static int compare_words(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int compare_leaves(const struct form_leaf *a, const struct form_leaf *b)
{
    int c = compare_words(a->block, b->block);
    c = c ? c : compare_words(a->attribute, b->attribute);
    c = c ? c : compare_words(a->imm, b->imm);
    c = c ? c : compare_words(a->fallback, b->fallback);
    return c ? c : compare_words(a->is_count, b->is_count);
}

static int compare_screens(const struct form *a, const struct form *b)
{
    int c = compare_words(a->kind, b->kind);
    if (c || a->kind == FORM_CODE)
        return c;
    c = compare_words(a->n_leaves, b->n_leaves);
    for (uint32_t i = 0; c == 0 && i < a->n_leaves; i++)
        c = compare_leaves(&a->leaves[i], &b->leaves[i]);
    return c || a->kind != FORM_LINEAR ? c : compare_words((uint64_t)a->limit, (uint64_t)b->limit);
}

static int compare_factors(const struct form *a, const struct form *b)
{
    int c = 0;
    for (int i = 0; i < FORM_LEAVES && c == 0; i++)
        c = (a->factors[i] > b->factors[i]) - (a->factors[i] < b->factors[i]);
    return c;
}

static int compare_entries(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    int c = compare_screens(&a->form, &b->form);
    c = c ? c : compare_factors(&a->form, &b->form);
    c = c ? c : compare_words(a->block, b->block);
    return c ? c : compare_words(a->wanted, b->wanted);
}

static int compare_atoms(const void *left, const void *right)
{
    const struct index_atom *a = left, *b = right;
    int c = compare_words(a->block, b->block);
    c = c ? c : compare_words(a->wanted, b->wanted);
    return c ? c : compare_words(a->rule, b->rule);
}

/* ---- the kinds ---- */

static bool build_parts(struct builder *b, const struct entry *entries, struct index_screen *ret)
{
    struct dvara_str *parts = ARENA_ARRAY(b->arena, ret->n, struct dvara_str);
    for (uint32_t i = 0; parts && i < ret->n; i++)
        parts[i] = entries[i].form.part;
    return parts && index_parts_build(parts, ret->n, b->arena, &ret->parts);
}

static int compare_texts(const void *left, const void *right)
{
    const struct index_text *a = left, *b = right;
    int c = dvara_str_cmp(a->text, b->text);
    return c ? c : compare_words(a->rule, b->rule);
}

/* The elements of the rows' lists, each with its row. */
static bool build_texts(struct builder *b, const struct entry *entries, struct index_screen *ret)
{
    const struct bundle_tables *t = &b->program->tables;
    size_t n = 0;
    for (uint32_t i = 0; i < ret->n; i++)
        n += t->lists[entries[i].form.row].count;
    struct index_text *v = n < UINT32_MAX ? ARENA_ARRAY(b->scratch, n, struct index_text) : NULL;
    if (!v)
        return false;
    n = 0;
    for (uint32_t i = 0; i < ret->n; i++) {
        const struct bundle_list *list = &t->lists[entries[i].form.row];
        for (uint32_t e = list->first; e < list->first + list->count; e++)
            v[n++] = (struct index_text){
                b->program->strings[t->consts[t->elements[e].constant].bits], i};
    }
    if (n)
        qsort(v, n, sizeof *v, compare_texts);
    return index_texts_build(v, (uint32_t)n, b->arena, &ret->texts);
}

static bool build_numbers(struct builder *b, const struct entry *entries, struct index_screen *ret)
{
    ret->numbers = ARENA_ARRAY(b->arena, ret->n, uint32_t);
    for (uint32_t i = 0; ret->numbers && i < ret->n; i++)
        ret->numbers[i] = entries[i].form.row;
    return ret->numbers != NULL;
}

/* The numbers that lead to the row's rules: its range, or what is beside it. */
static uint32_t ranges_of(const struct entry *entry, bool wanted, struct index_range *ret)
{
    const struct form *f = &entry->form;
    uint32_t n = 0;
    for (uint32_t i = 0; i < entry->led.n; i++) {
        uint32_t rule = entry->led.v[i];
        if (wanted)
            ret[n++] = (struct index_range){f->low, f->high, rule};
        if (!wanted && f->low != INT64_MIN)
            ret[n++] = (struct index_range){INT64_MIN, f->low - 1, rule};
        if (!wanted && f->high != INT64_MAX)
            ret[n++] = (struct index_range){f->high + 1, INT64_MAX, rule};
    }
    return n;
}

static bool build_sum(struct builder *b, const struct entry *entries, uint32_t from, uint32_t to,
                      struct index_screen *ret)
{
    struct index_sum *sum = &ret->sums[ret->n_sums++];
    size_t room = 0;
    uint32_t n = 0;
    for (uint32_t i = from; i < to; i++)
        room += (size_t)entries[i].led.n * 2;
    struct index_range *v = ARENA_ARRAY(b->scratch, room, struct index_range);
    for (uint32_t i = from; v && i < to; i++)
        n += ranges_of(&entries[i], ret->wanted[i] != 0, v + n);
    memcpy(sum->factors, entries[from].form.factors, sizeof sum->factors);
    return v && index_ranges_build(v, n, b->arena, &sum->ranges);
}

/* Where the rows that multiply as row `from` does end. */
static uint32_t sum_end(const struct entry *entries, uint32_t from, uint32_t n)
{
    uint32_t to = from + 1;
    while (to < n && compare_factors(&entries[from].form, &entries[to].form) == 0)
        to++;
    return to;
}

/* Sums that many rows share go to the front. */
static bool share(struct builder *b, struct entry *entries, uint32_t n, uint32_t *ret_shared)
{
    struct entry *sorted = ARENA_ARRAY(b->scratch, n, struct entry);
    uint32_t shared = 0, other = n;
    if (!sorted)
        return false;
    for (uint32_t i = 0, to; i < n; i = to) {
        to = sum_end(entries, i, n);
        bool many = to - i >= SHARED;
        other -= many ? 0 : to - i;
        memcpy(sorted + (many ? shared : other), entries + i, (to - i) * sizeof *sorted);
        shared += many ? to - i : 0;
    }
    memcpy(entries, sorted, n * sizeof *sorted);
    *ret_shared = shared;
    return true;
}

static bool build_linear(struct builder *b, const struct entry *entries, struct index_screen *ret)
{
    ret->lows = ARENA_ARRAY(b->arena, ret->n, int64_t);
    ret->highs = ARENA_ARRAY(b->arena, ret->n, int64_t);
    ret->sums = ARENA_ARRAY(b->arena, ret->n_summed / SHARED, struct index_sum);
    for (int k = 0; k < FORM_LEAVES; k++)
        ret->factors[k] = ARENA_ARRAY(b->arena, ret->n, int64_t);
    if (arena_is_exhausted(b->arena))
        return false;
    for (uint32_t i = 0; i < ret->n; i++) {
        ret->lows[i] = entries[i].form.low;
        ret->highs[i] = entries[i].form.high;
        for (int k = 0; k < FORM_LEAVES; k++)
            ret->factors[k][i] = entries[i].form.factors[k];
    }
    for (uint32_t i = 0, to; i < ret->n_summed; i = to) {
        to = sum_end(entries, i, ret->n_summed);
        if (!build_sum(b, entries, i, to, ret))
            return false;
    }
    return true;
}

/* ---- a screen ---- */

static bool build_rows(struct builder *b, const struct entry *entries, struct index_screen *ret)
{
    ret->blocks = ARENA_ARRAY(b->arena, ret->n, uint32_t);
    ret->led = ARENA_ARRAY(b->arena, ret->n, struct index_atom_rules);
    ret->wanted = ARENA_ARRAY(b->arena, (size_t)ret->n + WORD, uint8_t);
    if (!ret->blocks || !ret->led || !ret->wanted)
        return false;
    for (uint32_t i = 0; i < ret->n; i++) {
        ret->blocks[i] = entries[i].block;
        ret->led[i] = entries[i].led;
        ret->wanted[i] = entries[i].wanted;
    }
    return true;
}

static bool build_screen(struct builder *b, struct entry *entries, uint32_t n,
                         struct index_screen *ret)
{
    const struct form *form = &entries->form;
    *ret = (struct index_screen){.kind = form->kind,
                                 .n_leaves = form->n_leaves,
                                 .limit = form->limit,
                                 .kept = INDEX_UNKEPT,
                                 .n = n};
    memcpy(ret->leaves, form->leaves, sizeof ret->leaves);
    if (ret->kind == FORM_LINEAR && !share(b, entries, n, &ret->n_summed))
        return false;
    if (!build_rows(b, entries, ret))
        return false;
    switch ((enum form_kind)ret->kind) {
    case FORM_CODE:
        return true;
    case FORM_LINEAR:
        return build_linear(b, entries, ret);
    case FORM_SET:
        return build_texts(b, entries, ret);
    case FORM_PART:
        return build_parts(b, entries, ret);
    case FORM_MATCH:
        return build_numbers(b, entries, ret);
    }
    return false;
}

/* One entry for the rules that want the same of an atom; their number. */
static uint32_t make_entries(struct builder *b, struct index_atom *atoms, uint32_t n,
                             struct entry *entries)
{
    uint32_t *rules = ARENA_ARRAY(b->arena, n, uint32_t), made = 0;
    if (!rules)
        return 0;
    if (n)
        qsort(atoms, n, sizeof *atoms, compare_atoms);
    for (uint32_t i = 0; i < n; i++) {
        struct entry *last = made ? &entries[made - 1] : NULL;
        rules[i] = atoms[i].rule;
        if (last && last->block == atoms[i].block && last->wanted == atoms[i].wanted)
            last->led.n++;
        else
            entries[made++] = (struct entry){form_of(b->program, atoms[i].block),
                                             atoms[i].block,
                                             atoms[i].wanted,
                                             {rules + i, 1}};
    }
    return made;
}

bool index_atoms_build(const struct bundle_program *program, struct index_atom *atoms, uint32_t n,
                       struct arena *arena, struct arena *scratch, struct index_atoms *ret_atoms)
{
    struct builder b = {program, arena, scratch};
    struct entry *entries = ARENA_ARRAY(scratch, n, struct entry);
    uint32_t screens = 0;
    *ret_atoms = (struct index_atoms){.n_screens = 0};
    if (!entries)
        return false;
    n = make_entries(&b, atoms, n, entries);
    if (n)
        qsort(entries, n, sizeof *entries, compare_entries);
    for (uint32_t i = 0; i < n; i++)
        screens += i == 0 || compare_screens(&entries[i].form, &entries[i - 1].form) != 0;
    ret_atoms->screens = ARENA_ARRAY(arena, screens, struct index_screen);
    for (uint32_t i = 0, to; ret_atoms->screens && i < n; i = to) {
        for (to = i + 1; to < n && compare_screens(&entries[i].form, &entries[to].form) == 0;)
            to++;
        if (!build_screen(&b, entries + i, to - i, &ret_atoms->screens[ret_atoms->n_screens++]))
            return false;
        ret_atoms->most = to - i > ret_atoms->most ? to - i : ret_atoms->most;
    }
    return !arena_is_exhausted(arena);
}

/* ---- asking ---- */

/* Within the limit nothing overflows. */
static inline int64_t sum_of(const int64_t factors[FORM_LEAVES], const int64_t leaves[FORM_LEAVES])
{
    return factors[0] * leaves[0] + factors[1] * leaves[1];
}

void index_screen_sum(const struct index_screen *screen, const int64_t leaves[FORM_LEAVES],
                      uint8_t *ret_truths, struct index_sink *sink)
{
    const int64_t *first = screen->factors[0], *second = screen->factors[1];
    const int64_t *lows = screen->lows, *highs = screen->highs;
    int64_t x = leaves[0], y = leaves[1];
    for (uint32_t i = 0; i < screen->n_sums; i++)
        index_ranges_find(&screen->sums[i].ranges, sum_of(screen->sums[i].factors, leaves), sink);
    for (uint32_t i = screen->n_summed; i < screen->n; i++) {
        int64_t sum = first[i] * x + second[i] * y;
        ret_truths[i] = (uint8_t)((sum >= lows[i]) & (sum <= highs[i]));
    }
}

bool index_screen_row(const struct index_screen *screen, const void *kept, uint32_t row)
{
    int64_t leaves[FORM_LEAVES];
    if (screen->kind != FORM_LINEAR)
        return ((const uint8_t *)kept)[row] != 0;
    memcpy(leaves, kept, sizeof leaves);
    const int64_t factors[FORM_LEAVES] = {screen->factors[0][row], screen->factors[1][row]};
    int64_t sum = sum_of(factors, leaves);
    return sum >= screen->lows[row] && sum <= screen->highs[row];
}

void index_screen_text(const struct index_screen *screen, struct dvara_str text,
                       uint8_t *ret_truths)
{
    uint32_t n = 0;
    memset(ret_truths, 0, screen->n);
    if (screen->kind == FORM_PART) {
        index_parts_find(&screen->parts, text, ret_truths);
        return;
    }
    const uint32_t *rows =
        screen->texts.n_entries ? index_texts_look(&screen->texts, text, &n) : NULL;
    for (uint32_t i = 0; i < n; i++)
        ret_truths[rows[i]] = 1;
}

void index_screen_lead(const struct index_screen *screen, uint8_t *truths, struct index_sink *sink)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint32_t first = screen->n_summed / WORD * WORD;
    memset(truths + screen->n, 1, WORD - 1); /* and `wanted` is 0 there: none leads */
    for (uint32_t at = first; at < screen->n; at += WORD) {
        uint64_t truth, wanted;
        memcpy(&truth, truths + at, WORD);
        memcpy(&wanted, screen->wanted + at, WORD);
        if ((truth ^ wanted) == ones) /* none of the eight is as wanted */
            continue;
        for (uint32_t i = at; i < at + WORD; i++) {
            if (i >= screen->n_summed && truths[i] == screen->wanted[i])
                index_sink_add(sink, screen->led[i].v, screen->led[i].n);
        }
    }
}

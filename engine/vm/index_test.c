/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index_test.h"

#include "base/arena.h"
#include "bundle/tables.h"

enum { WORD = 8, LONG = 4096 /* every pair occurs in a longer text: nothing is ruled out */ };

/* The last bytes of the text, at most 8, in the low bytes of a word: the last one lowest. */
static uint64_t tail_of(struct dvara_str text)
{
    uint64_t word = 0;
    size_t n = text.n < WORD ? text.n : WORD;
    unsigned char bytes[WORD] = {0};
    if (n)
        memcpy(bytes + WORD - n, text.p + text.n - n, n);
    memcpy(&word, bytes, WORD);
    return __builtin_bswap64(word);
}

static uint64_t tail_mask(size_t n)
{
    return n >= WORD ? UINT64_MAX : (UINT64_C(1) << (8 * n)) - 1;
}

/* One of 64 bits for a pair of neighbouring bytes. */
static uint64_t pair_bit(const char *p)
{
    uint32_t pair = (uint32_t)(unsigned char)p[0] << 8 | (unsigned char)p[1];
    return UINT64_C(1) << (pair * UINT32_C(0x9e3779b1) >> 26);
}

/* The bits of all pairs: a text can only contain another whose bits it has. */
static uint64_t pairs_of(struct dvara_str text)
{
    uint64_t bits = 0;
    if (text.n > LONG)
        return UINT64_MAX;
    for (size_t i = 0; i + 1 < text.n; i++)
        bits |= pair_bit(text.p + i);
    return bits;
}

static struct index_test_row row_of(const struct index_test *test, uint32_t number)
{
    if (test->kind == BUNDLE_KEY_SUBSTRING)
        return (struct index_test_row){pairs_of(test->text), 0, number};
    return (struct index_test_row){tail_of(test->text), tail_mask(test->text.n), number};
}

static uint32_t add_rows(const struct index_test *tests, uint32_t n, uint8_t kind,
                         struct index_tests *ret, uint32_t at)
{
    for (uint32_t i = 0; i < n; i++) {
        if (tests[i].kind != kind)
            continue;
        ret->texts[at] = tests[i].text;
        ret->rules[at] = tests[i].rule;
        ret->rows[at] = row_of(&tests[i], at);
        at++;
    }
    return at;
}

bool index_tests_build(const struct index_test *tests, uint32_t n, struct arena *arena,
                       struct index_tests *ret_tests)
{
    *ret_tests = (struct index_tests){.n_others = 0};
    if (n == 0)
        return true;
    ret_tests->rows = ARENA_ARRAY(arena, n, struct index_test_row);
    ret_tests->texts = ARENA_ARRAY(arena, n, struct dvara_str);
    ret_tests->rules = ARENA_ARRAY(arena, n, uint32_t);
    if (!ret_tests->rows || !ret_tests->texts || !ret_tests->rules)
        return false;
    uint32_t suffixes = add_rows(tests, n, BUNDLE_KEY_SUFFIX, ret_tests, 0);
    uint32_t substrings = add_rows(tests, n, BUNDLE_KEY_SUBSTRING, ret_tests, suffixes);
    uint32_t others = add_rows(tests, n, BUNDLE_KEY_OTHER, ret_tests, substrings);
    ret_tests->n_suffixes = suffixes;
    ret_tests->n_substrings = substrings - suffixes;
    ret_tests->n_others = others - substrings;
    return true;
}

void index_tests_find(const struct index_tests *tests, struct dvara_str text,
                      struct index_sink *sink)
{
    const struct index_test_row *row = tests->rows, *end = row + tests->n_suffixes;
    uint64_t tail = tail_of(text);
    for (; row < end; row++) {
        if (((tail ^ row->word) & row->mask) == 0 &&
            dvara_str_ends_with(text, tests->texts[row->number]))
            index_sink_add(sink, &tests->rules[row->number], 1);
    }
    uint64_t pairs = tests->n_substrings ? pairs_of(text) : 0;
    for (end = row + tests->n_substrings; row < end; row++) {
        const struct dvara_str *part = &tests->texts[row->number];
        if ((row->word & ~pairs) == 0 && part->n <= text.n &&
            memmem(text.p, text.n, part->p, part->n))
            index_sink_add(sink, &tests->rules[row->number], 1);
    }
    for (end = row + tests->n_others; row < end; row++) {
        if (((tail ^ row->word) & row->mask) != 0 || !dvara_str_eq(text, tests->texts[row->number]))
            index_sink_add(sink, &tests->rules[row->number], 1);
    }
}

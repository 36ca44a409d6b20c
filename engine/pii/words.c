/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/words.h"

#include "pattern/text.h"
#include "pii/find.h"

/* The first two bytes, in lower case; of a word of one byte, that and any other. */
static unsigned pair_of(char first, char second)
{
    return (unsigned)(unsigned char)text_fold(first) << 8 | (unsigned char)text_fold(second);
}

static unsigned bucket_of(unsigned pair)
{
    return (pair * 40503u >> 4) % WORDS_BUCKETS;
}

bool words_init(struct words *words, size_t n_detectors, size_t most, struct arena *arena)
{
    words->n = 0;
    words->row = most / 32 + 1;
    words->v = ARENA_ARRAY(arena, most, struct word);
    for (size_t i = 0; i < 2; i++)
        words->lists[i] = ARENA_ARRAY(arena, n_detectors * words->row, uint32_t);
    return words->v && words->lists[0] && words->lists[1];
}

static uint32_t number_of(struct words *words, struct dvara_str text)
{
    uint32_t *bucket = &words->buckets[text.n > 1 ? bucket_of(pair_of(text.p[0], text.p[1])) : 0];
    for (uint32_t i = *bucket; i; i = words->v[i - 1].next) {
        if (dvara_str_eq(words->v[i - 1].text, text))
            return i - 1;
    }
    words->v[words->n++] = (struct word){.text = text, .next = *bucket};
    *bucket = (uint32_t)words->n;
    triples_add(&words->triples, text);
    unsigned char first = (unsigned char)text.p[0];
    words->has_wide = words->has_wide || first >= 0x80;
    words->has_marks = words->has_marks || (first < 0x80 && !text_is_alnum(first));
    return *bucket - 1;
}

void words_add(struct words *words, size_t detector, enum words_list list, struct dvara_str word)
{
    uint32_t number = number_of(words, word);
    words->lists[list][detector * words->row + number / 32] |= 1u << number % 32;
}

/* A plural s is part of the word. */
static bool ends_word(struct dvara_str text, size_t at)
{
    if (!text_word_at(text, at))
        return true;
    return text_fold(text.p[at]) == 's' && !text_word_at(text, at + 1);
}

static bool stands_at(struct dvara_str word, struct dvara_str text, size_t at)
{
    if (word.n > text.n - at)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        if (text_fold(text.p[at + i]) != word.p[i])
            return false;
    }
    return !text_word_before(text, at) && ends_word(text, at + word.n);
}

static bool note_chain(const struct words *words, struct word_places *places, uint32_t first,
                       struct dvara_str text, size_t at)
{
    for (uint32_t i = first; i; i = words->v[i - 1].next) {
        struct dvara_str word = words->v[i - 1].text;
        if (!stands_at(word, text, at))
            continue;
        void *v = places->v;
        if (!find_make_room(&v, places->n, &places->room, sizeof *places->v))
            return false;
        places->v = v;
        places->v[places->n++] = (struct word_place){
            .start = (uint32_t)at, .end = (uint32_t)(at + word.n), .word = i - 1};
    }
    return true;
}

/* Notes what begins at `at`, where no ASCII letter or digit stands before one. */
static inline bool cover_at(const struct words *words, struct word_places *places,
                            struct dvara_str text, size_t at)
{
    if (at + 4 <= text.n && !triples_may_begin(&words->triples, text, at))
        return true;
    char second = at + 1 < text.n ? text.p[at + 1] : 0;
    unsigned bucket = bucket_of(pair_of(text.p[at], second));
    return note_chain(words, places, words->buckets[bucket], text, at) &&
           (!bucket || note_chain(words, places, words->buckets[0], text, at));
}

/* The bytes of text[at, to) that a word may begin with: what no ASCII letter or digit stands
 * before, and of marks only what some word has. `inside`: one stands before `at`. */
static bool cover_slowly(const struct words *words, struct word_places *places,
                         struct dvara_str text, size_t at, size_t to, bool inside)
{
    for (; at < to; at++) {
        bool alnum = text_is_alnum((unsigned char)text.p[at]);
        if (!(inside && alnum) && !cover_at(words, places, text, at))
            return false;
        inside = alnum;
    }
    return true;
}

#ifdef __SSE2__

#include <emmintrin.h>

enum { BLOCK = 16 };

static inline __m128i between(__m128i bytes, char first, char last)
{
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8((char)(first - 1))),
                         _mm_cmplt_epi8(bytes, _mm_set1_epi8((char)(last + 1))));
}

static bool cover(const struct words *words, struct word_places *places, struct dvara_str text,
                  size_t at, size_t to, bool inside)
{
    for (; !words->has_marks && at + BLOCK <= to; at += BLOCK) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(text.p + at));
        __m128i letters = between(_mm_or_si128(bytes, _mm_set1_epi8(32)), 'a', 'z');
        unsigned alnum =
            (unsigned)_mm_movemask_epi8(_mm_or_si128(letters, between(bytes, '0', '9')));
        unsigned starts = alnum & ~(alnum << 1 | (inside ? 1u : 0u));
        starts |= words->has_wide ? (unsigned)_mm_movemask_epi8(bytes) : 0u;
        inside = alnum >> (BLOCK - 1) & 1;
        for (; starts; starts &= starts - 1) {
            if (!cover_at(words, places, text, at + (size_t)__builtin_ctz(starts)))
                return false;
        }
    }
    return cover_slowly(words, places, text, at, to, inside);
}

#else

static bool cover(const struct words *words, struct word_places *places, struct dvara_str text,
                  size_t at, size_t to, bool inside)
{
    return cover_slowly(words, places, text, at, to, inside);
}

#endif

enum { COVERED = 16 };

bool words_cover(const struct words *words, struct word_places *places, struct dvara_str text,
                 size_t from, size_t to)
{
    if (from < places->from || from > places->to) {
        places->n = 0;
        places->from = places->to = from;
    }
    size_t at = places->to;
    bool inside = at > 0 && text_is_alnum((unsigned char)text.p[at - 1]);
    if (to > at) /* a few more: blocks are faster than bytes */
        to = to + COVERED < text.n ? to + COVERED - (to - at) % COVERED : text.n;
    if (!cover(words, places, text, at, to, inside))
        return false;
    if (to > places->to)
        places->to = to;
    return true;
}

const struct word_place *words_within(const struct words *words, const struct word_places *places,
                                      size_t detector, enum words_list list, size_t from, size_t to)
{
    size_t low = 0;
    size_t high = places->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places->v[middle].start < from)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < places->n && places->v[low].start < to; low++) {
        if (places->v[low].end <= to && words_has(words, detector, list, places->v[low].word))
            return &places->v[low];
    }
    return NULL;
}

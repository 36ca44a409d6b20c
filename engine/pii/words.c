/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/words.h"

#include "pattern/text.h"
#include "pii/find.h"
#include "pii/fold.h"

#include <string.h>

enum { EDGE_MIN = 3 /* bytes of a word that another may join, or "number" */ };
#define WORDS_JOINTS " _-.'\n" /* what may stand for a joint of a word */

/* A space of a word, or a hyphen or an apostrophe inside of it: any joint may stand there. */
static bool is_joint(struct dvara_str word, size_t at)
{
    char c = word.p[at];
    return c == ' ' || ((c == '-' || c == '\'') && at > 0 && at + 1 < word.n);
}

/* The first two bytes, in lower case. */
static unsigned pair_of(char first, char second)
{
    return (unsigned)(unsigned char)text_fold(first) << 8 | (unsigned char)text_fold(second);
}

/* The same of a text that begins with what is not ASCII, or has it second. */
static unsigned wide_pair(struct dvara_str text, size_t at)
{
    char bytes[2 * FOLD_BYTES] = {0};
    size_t after = at;
    size_t n = fold_encode(fold_code(text_next(text, at, &after)), bytes);
    if (n == 1)
        (void)fold_encode(fold_code(text_next(text, after, &after)), bytes + 1);
    return pair_of(n ? bytes[0] : text.p[at], bytes[1]);
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
    words->heads = ARENA_ARRAY(arena, most, struct word_head);
    for (size_t i = 0; i < 2; i++)
        words->lists[i] = ARENA_ARRAY(arena, n_detectors * words->row, uint32_t);
    return words->v && words->heads && words->lists[0] && words->lists[1];
}

/* The first bytes of all that is read as the word: `head` holds n of them, of what stands before
 * word.p[at]. */
static void add_heads(struct triples *triples, struct dvara_str word, size_t at, const char *head,
                      size_t n)
{
    if (n >= 3 || at == word.n) {
        triples_add(triples, dvara_str_from(head, n < 3 ? n : 3));
        return;
    }
    char longer[3 + FOLD_BYTES] = {0};
    memcpy(longer, head, n);
    if (is_joint(word, at)) {
        for (const char *joint = WORDS_JOINTS; *joint; joint++) {
            longer[n] = *joint;
            add_heads(triples, word, at + 1, longer, n + 1);
        }
        longer[n] = '.'; /* (longer has room) */
        longer[n + 1] = ' ';
        add_heads(triples, word, at + 1, longer, n + 2);
        add_heads(triples, word, at + 1, head, n);
        return;
    }
    size_t after;
    uint32_t forms[FOLD_FORMS];
    size_t n_forms = fold_forms(text_next(word, at, &after), forms);
    for (size_t i = 0; i < n_forms; i++)
        add_heads(triples, word, after, longer, n + fold_encode(forms[i], longer + n));
}

static uint32_t number_of(struct words *words, struct dvara_str text)
{
    bool paired = text.n > 1 && !is_joint(text, 1);
    uint32_t *bucket = &words->buckets[paired ? bucket_of(pair_of(text.p[0], text.p[1])) : 0];
    for (uint32_t i = *bucket; i; i = words->v[i - 1].next) {
        if (dvara_str_eq(words->v[i - 1].text, text))
            return i - 1;
    }
    words->v[words->n++] = (struct word){.text = text, .next = *bucket};
    *bucket = (uint32_t)words->n;
    add_heads(&words->triples, text, 0, "", 0);
    unsigned char first = (unsigned char)text.p[0];
    words->has_digits = words->has_digits || text_is_digit(first);
    words->has_wide = words->has_wide || first >= 0x80;
    words->has_marks = words->has_marks || (first < 0x80 && !text_is_alnum(first));
    return *bucket - 1;
}

void words_add(struct words *words, size_t detector, enum words_list list, struct dvara_str word)
{
    uint32_t number = number_of(words, word);
    words->lists[list][detector * words->row + number / 32] |= 1u << number % 32;
}

/* Makes letters lower case, and other bytes alike that are not. */
#define HEAD_FOLD 0x20202020u

static struct word_head head_of(struct dvara_str text, uint32_t word)
{
    struct word_head head = {.word = word};
    unsigned char mask[4] = {0};
    unsigned char bytes[4] = {0};
    for (size_t i = 0; i < 4 && i < text.n; i++) {
        if ((unsigned char)text.p[i] >= 0x80 || is_joint(text, i))
            break;
        bytes[i] = (unsigned char)text.p[i];
        mask[i] = 0xFF;
    }
    memcpy(&head.head, bytes, sizeof bytes);
    memcpy(&head.mask, mask, sizeof mask);
    head.head |= HEAD_FOLD;
    return head;
}

void words_finish(struct words *words)
{
    uint32_t n = 0;
    for (size_t b = 0; b < WORDS_BUCKETS; b++) {
        words->firsts[b] = n;
        for (uint32_t i = words->buckets[b]; i; i = words->v[i - 1].next)
            words->heads[n++] = head_of(words->v[i - 1].text, i - 1);
    }
    words->firsts[WORDS_BUCKETS] = n;
}

static bool is_upper_at(struct dvara_str text, size_t at)
{
    return at < text.n && text_is_upper((unsigned char)text.p[at]);
}

static bool is_lower_at(struct dvara_str text, size_t at)
{
    return at < text.n && text.p[at] >= 'a' && text.p[at] <= 'z';
}

/* Does the case say that a word begins inside of one: userSsn, SSNNumber? */
static bool is_hump(struct dvara_str text, size_t at)
{
    if (at == 0 || !is_upper_at(text, at))
        return false;
    return is_lower_at(text, at - 1) || (is_upper_at(text, at - 1) && is_lower_at(text, at + 1));
}

static bool is_edge(struct dvara_str text, size_t at, bool may_join)
{
    return !text_word_at(text, at) || (may_join && is_hump(text, at));
}

/* A plural s is part of the word; of keys, "number" and how it is cut short. */
static bool ends_word(struct dvara_str text, size_t at, bool may_join)
{
    static const char *const suffixes[] = {"number", "no", "nr", "num"};
    if (is_edge(text, at, may_join))
        return true;
    if (text_fold(text.p[at]) == 's' && is_edge(text, at + 1, may_join))
        return true;
    for (size_t i = 0; may_join && i < sizeof suffixes / sizeof *suffixes; i++) {
        size_t k = 0;
        while (suffixes[i][k] && at + k < text.n && text_fold(text.p[at + k]) == suffixes[i][k])
            k++;
        if (!suffixes[i][k] && is_edge(text, at + k, may_join))
            return true;
    }
    return false;
}

/* One code point of the word and of the text, either of them not ASCII. */
static bool match_wide(struct dvara_str word, size_t *k, struct dvara_str text, size_t *at)
{
    size_t from = *k;
    uint32_t wanted = text_next(word, from, k);
    uint32_t found = text_next(text, *at, at);
    if (wanted == TEXT_BAD || found == TEXT_BAD)
        return wanted == found && word.p[from] == text.p[*at - 1];
    return fold_code(found) == wanted;
}

/* A joint is one byte, a full stop and a space, or nothing. */
static size_t behind_joint(struct dvara_str text, size_t at)
{
    if (!text.p[at] || !strchr(WORDS_JOINTS, text.p[at]))
        return at;
    bool shortened = text.p[at] == '.' && at + 1 < text.n && text.p[at + 1] == ' ';
    return at + (shortened ? 2 : 1);
}

/* Where the word ends that stands at text.p[at]; 0: it stands not there. A joint of it is any
 * joint, or nothing; beside a mark that it begins or ends with anything may stand: `zip(`. */
static size_t stands_at(struct dvara_str word, struct dvara_str text, size_t begin)
{
    size_t at = begin;
    for (size_t k = 0; k < word.n;) {
        if (at >= text.n)
            return 0;
        if (is_joint(word, k)) {
            at = behind_joint(text, at);
            k++;
        } else if (((unsigned char)word.p[k] | (unsigned char)text.p[at]) >= 0x80) {
            if (!match_wide(word, &k, text, &at))
                return 0;
        } else if (text_fold(text.p[at++]) != word.p[k++]) {
            return 0;
        }
    }
    bool may_join = word.n >= EDGE_MIN;
    if (text_word_at(word, 0) && text_word_before(text, begin) &&
        !(may_join && is_hump(text, begin)))
        return 0;
    return !text_word_before(word, word.n) || ends_word(text, at, may_join) ? at : 0;
}

static bool note_place(const struct words *words, struct word_places *places, uint32_t word,
                       struct dvara_str text, size_t at)
{
    size_t end = stands_at(words->v[word].text, text, at);
    if (!end)
        return true;
    void *v = places->v;
    if (!find_make_room(&v, places->n, &places->room, sizeof *places->v))
        return false;
    places->v = v;
    places->v[places->n++] =
        (struct word_place){.start = (uint32_t)at, .end = (uint32_t)end, .word = word};
    return true;
}

/* Four bytes as heads are compared with them, and which are known: those of ASCII. */
static uint32_t four_at(struct dvara_str text, size_t at, uint32_t *ret_known)
{
    uint32_t four = 0;
    *ret_known = 0;
    if (at + sizeof four > text.n)
        return 0;
    memcpy(&four, text.p + at, sizeof four);
    *ret_known = four & 0x80808080u ? 0 : UINT32_MAX;
    return four | HEAD_FOLD;
}

/* The words of a bucket that stand at `at`. */
static bool note_bucket(const struct words *words, struct word_places *places, unsigned bucket,
                        struct dvara_str text, size_t at)
{
    uint32_t known;
    uint32_t four = four_at(text, at, &known);
    for (uint32_t i = words->firsts[bucket]; i < words->firsts[bucket + 1]; i++) {
        const struct word_head *head = &words->heads[i];
        if (!((four ^ head->head) & head->mask & known) &&
            !note_place(words, places, head->word, text, at))
            return false;
    }
    return true;
}

/* Notes what begins at `at`, where no ASCII letter or digit stands before one, or a capital. */
static inline bool cover_at(const struct words *words, struct word_places *places,
                            struct dvara_str text, size_t at)
{
    if (at + 4 <= text.n && !triples_may_begin(&words->triples, text, at))
        return true;
    char first = text.p[at];
    char second = at + 1 < text.n ? text.p[at + 1] : 0;
    bool wide = ((unsigned char)first | (unsigned char)second) >= 0x80;
    unsigned bucket = bucket_of(wide ? wide_pair(text, at) : pair_of(first, second));
    return note_bucket(words, places, bucket, text, at) &&
           (!bucket || note_bucket(words, places, 0, text, at));
}

/* The bytes of text[at, to) that a word may begin with: what no ASCII letter or digit stands
 * before, capitals wherever, and of marks only what some word has. `inside`: one stands before
 * `at`. */
static bool cover_slowly(const struct words *words, struct word_places *places,
                         struct dvara_str text, size_t at, size_t to, bool inside)
{
    for (; at < to; at++) {
        bool alnum = text_is_alnum((unsigned char)text.p[at]);
        if (!(inside && alnum && !is_upper_at(text, at)) && !cover_at(words, places, text, at))
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
        starts &= words->has_digits ? starts : (unsigned)_mm_movemask_epi8(letters);
        unsigned upper = (unsigned)_mm_movemask_epi8(between(bytes, 'A', 'Z'));
        starts |= upper & (~(upper << 1) | (alnum & ~upper) >> 1 | 1u << (BLOCK - 1));
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
    if (from >= places->from && to <= places->to)
        return true;
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

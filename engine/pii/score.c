/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/scanner.h"

#include "pattern/text.h"

static bool equals_folded(const char *p, struct dvara_str word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (text_fold(p[i]) != word.p[i])
            return false;
    }
    return true;
}

/* A plural s is part of the word. */
static bool ends_word(struct dvara_str text, size_t at)
{
    if (!text_word_at(text, at))
        return true;
    return text_fold(text.p[at]) == 's' && !text_word_at(text, at + 1);
}

bool words_stand_in(struct dvara_strs words, uint32_t letters, struct dvara_str text, size_t from,
                    size_t to, struct dvara_str *ret_word)
{
    for (size_t at = from; words.n && at < to; at++) {
        if (!(letters & letter_bit(text.p[at])))
            continue;
        if (at > 0 && text_is_alnum((unsigned char)text.p[at - 1]) &&
            text_is_alnum((unsigned char)text.p[at]))
            continue;
        char first = text_fold(text.p[at]);
        for (size_t i = 0; i < words.n; i++) {
            struct dvara_str word = words.v[i];
            if (word.n && word.p[0] == first && word.n <= to - at &&
                equals_folded(text.p + at, word) && !text_word_before(text, at) &&
                ends_word(text, at + word.n)) {
                *ret_word = dvara_str_slice(text, at, at + word.n);
                return true;
            }
        }
    }
    return false;
}

bool words_occur_in(struct dvara_strs words, struct dvara_str text)
{
    for (size_t i = 0; i < words.n; i++) {
        struct dvara_str word = words.v[i];
        for (size_t at = 0; word.n && word.n <= text.n && at <= text.n - word.n; at++) {
            if (text_fold(text.p[at]) == word.p[0] && equals_folded(text.p + at, word))
                return true;
        }
    }
    return false;
}

/* The windows before and after a span. */
struct window {
    size_t before, start, end, after;
};

static bool stands_near(struct dvara_strs words, uint32_t letters, struct dvara_str text,
                        const struct window *window, struct dvara_str *ret_word)
{
    return words.n &&
           (words_stand_in(words, letters, text, window->before, window->start, ret_word) ||
            words_stand_in(words, letters, text, window->end, window->after, ret_word));
}

static uint32_t total(const struct detector_spec *spec, bool raised, bool lowered)
{
    uint32_t ppm = raised ? spec->score_high_ppm : spec->score_low_ppm;
    if (!lowered)
        return ppm;
    return ppm > DETECTOR_AGAINST_PPM ? ppm - DETECTOR_AGAINST_PPM : 0;
}

/* Where the word begins that the text's end may cut. */
static size_t last_word(struct dvara_str text, size_t floor)
{
    size_t at = text.n;
    while (at > floor && text_word_before(text, at))
        (void)text_before(text, at, &at);
    return at;
}

static struct window window_of(const struct detector *detector, struct dvara_str text, size_t start,
                               size_t end)
{
    return (struct window){.before = text_back(text, start, detector->spec.within),
                           .start = start,
                           .end = end,
                           .after = text_forward(text, end, DETECTOR_AFTER)};
}

void explain_words(const struct detector *detector, struct dvara_str text, struct dvara_str label,
                   struct dvara_explained *explained, size_t start, size_t end)
{
    struct window window = window_of(detector, text, start, end);
    struct dvara_str word;
    if (stands_near(detector->spec.context, detector->context_letters, text, &window, &word)) {
        explained->word_start = (uint32_t)(word.p - text.p);
        explained->word_end = (uint32_t)(word.p - text.p + (ptrdiff_t)word.n);
    }
    explained->word_in_label = words_occur_in(detector->spec.context, label);
    if (stands_near(detector->spec.against, detector->against_letters, text, &window, &word)) {
        explained->against_start = (uint32_t)(word.p - text.p);
        explained->against_end = (uint32_t)(word.p - text.p + (ptrdiff_t)word.n);
    }
}

struct scored score_span(const struct detector *detector, struct dvara_str text,
                         struct dvara_str label, size_t start, size_t end, bool valid,
                         bool open_end)
{
    const struct detector_spec *spec = &detector->spec;
    if (valid && spec->against.n == 0)
        return (struct scored){.ppm = spec->score_high_ppm};
    struct window window = window_of(detector, text, start, end);
    /* One more byte than the window: it says where a last word ends. */
    bool open = open_end && window.after + 4 >= text.n;
    if (open) {
        size_t last = last_word(text, end);
        window.after = last < window.after ? last : window.after;
    }
    /* What is valid anyway is not looked at for what else might raise it. */
    struct dvara_str word;
    bool context =
        !valid && (stands_near(spec->context, detector->context_letters, text, &window, &word) ||
                   words_occur_in(spec->context, label));
    bool against = stands_near(spec->against, detector->against_letters, text, &window, &word);
    struct scored scored = {.ppm = total(spec, valid || context, against), .context = context};
    if (open) {
        uint32_t most = total(spec, valid || context || spec->context.n, against);
        uint32_t least = total(spec, valid || context, against || spec->against.n);
        scored.undecided = least < spec->floor_ppm && most >= spec->floor_ppm;
    }
    return scored;
}

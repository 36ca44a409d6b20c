/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_explain.h"

#include "pattern/text.h"
#include "pii/detectors.h"

/* Is the word at `at`, ASCII case ignored? */
static bool stands_at(struct dvara_str text, size_t at, struct dvara_str word)
{
    if (word.n > text.n - at)
        return false;
    for (size_t i = 0; i < word.n; i++) {
        if (text_fold(text.p[at + i]) != text_fold(word.p[i]))
            return false;
    }
    return true;
}

/* A whole word, or its plural. */
static bool is_word(struct dvara_str text, size_t at, size_t end)
{
    bool plural = end < text.n && text_fold(text.p[end]) == 's' && !text_word_at(text, end + 1);
    return !text_word_before(text, at) && (plural || !text_word_at(text, end));
}

static bool stands_in(struct dvara_str text, size_t from, size_t to, struct dvara_str word,
                      bool whole)
{
    for (size_t at = from; word.n && at + word.n <= to; at++) {
        if (stands_at(text, at, word) && (!whole || is_word(text, at, at + word.n)))
            return true;
    }
    return false;
}

struct dvara_str scan_context_word(const struct decl *decl, struct dvara_str text,
                                   struct dvara_str label, size_t start, size_t end)
{
    const struct detector *detector = &decl->detector;
    size_t within =
        detector->within.has ? (size_t)detector->within.i : (size_t)DETECTOR_DEFAULT_WITHIN;
    size_t before = text_back(text, start, within);
    size_t after = text_forward(text, end, DETECTOR_AFTER);
    for (size_t i = 0; i < detector->context.n; i++) {
        struct dvara_str word = detector->context.v[i].s;
        if (stands_in(text, before, start, word, true) || stands_in(text, end, after, word, true) ||
            stands_in(label, 0, label.n, word, false))
            return word;
    }
    return (struct dvara_str){0};
}

struct dvara_str scan_pattern(const struct decl *decl, const struct dvara_span *span)
{
    const struct detector *detector = &decl->detector;
    return span->pattern < detector->n_patterns ? detector->patterns[span->pattern].text
                                                : DVARA_STR("");
}

const char *scan_check_outcome(const struct decl *decl, const struct dvara_span *span)
{
    if (dvara_str_is_absent(decl->detector.validate.s))
        return "none";
    return span->validation > 0 ? "valid" : span->validation < 0 ? "retired" : "unknown";
}

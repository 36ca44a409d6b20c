/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/sample.h"

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/pii.h"
#include "lang/regex.h"
#include "pattern/plain.h"

enum { SAMPLE_MAX = 4096, TRIES = 3000 };

struct samples {
    struct arena *arena;
    const struct dvara_bundle *bundle;
    struct dvara_scanner *scanner; /* NULL: no detectors */
    uint64_t dice;
};

struct samples *samples_new(struct arena *arena, const struct dvara_bundle *bundle)
{
    struct samples *samples = ARENA_NEW(arena, struct samples);
    if (!samples)
        return NULL;
    *samples = (struct samples){.arena = arena, .bundle = bundle, .dice = 1};
    if (dvara_bundle_detectors(bundle) &&
        dvara_scanner_new(dvara_bundle_detectors(bundle), &samples->scanner) != DVARA_OK)
        return NULL;
    return samples;
}

void samples_free(struct samples *samples)
{
    if (samples && samples->scanner)
        dvara_scanner_free(samples->scanner);
}

struct dvara_str sample_of_regex(struct arena *arena, const struct regex *regex)
{
    struct pattern_source source = {.source = regex->text, .flags = regex_pattern_flags(regex)};
    struct dvara_str text = {NULL, 0};
    struct buf out;
    buf_init(&out, SAMPLE_MAX);
    if (plain_sample(&source, &out) && !buf_failed(&out))
        text = arena_copy(arena, buf_str(&out));
    buf_clear(&out);
    return text;
}

/* Knuth's constants of a linear congruential generator; the same samples on every run. */
static uint32_t roll(struct samples *samples, uint32_t n)
{
    samples->dice = samples->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(samples->dice >> 33) % n;
}

/* One place of the text takes another digit or letter of its kind. */
static void change(struct samples *samples, char *p, size_t n)
{
    for (int tries = 0; n && tries < 64; tries++) {
        char *c = &p[roll(samples, (uint32_t)n)];
        char first = *c >= '0' && *c <= '9' ? '0' : *c >= 'a' && *c <= 'z' ? 'a' : 'A';
        if ((*c < '0' || *c > '9') && (*c < 'a' || *c > 'z') && (*c < 'A' || *c > 'Z'))
            continue;
        *c = (char)(first + (int)roll(samples, first == '0' ? 10 : 26));
        return;
    }
}

static size_t number_of(const struct samples *samples, struct dvara_str name)
{
    size_t n = dvara_detectors_count(dvara_bundle_detectors(samples->bundle)), i = 0;
    while (i < n && !dvara_str_eq(dvara_bundle_detector(samples->bundle, (uint32_t)i).name, name))
        i++;
    return i;
}

static bool is_claimed(struct samples *samples, size_t detector, uint32_t least,
                       struct dvara_str text)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(samples->scanner, NULL, text, DVARA_STR("content"), &error);
    for (size_t i = 0; error == DVARA_ERROR_NONE && i < spans.n; i++)
        if (spans.v[i].detector == detector && spans.v[i].score_ppm >= least)
            return true;
    return false;
}

/* "word sample": a keyword or a word of the context before it. */
static struct dvara_str compose(struct samples *samples, const struct detector *detector, int with,
                                struct dvara_str sample)
{
    struct dvara_str word = with == 1 && detector->keywords.n  ? detector->keywords.v[0].s
                            : with == 2 && detector->context.n ? detector->context.v[0].s
                                                               : (struct dvara_str){NULL, 0};
    if (with && dvara_str_is_absent(word))
        return word;
    return with ? arena_join(samples->arena, word, ' ', sample) : sample;
}

static struct dvara_str vary(struct samples *samples, const struct detector *detector,
                             size_t number, uint32_t least, struct dvara_str sample)
{
    struct dvara_str text = arena_copy(samples->arena, sample);
    for (int tries = 0; text.p && tries < TRIES; tries++) {
        for (int with = 0; with < 3; with++) {
            struct dvara_str whole = compose(samples, detector, with, text);
            if (whole.p && is_claimed(samples, number, least, whole))
                return arena_copy(samples->arena, whole);
        }
        change(samples, (char *)(uintptr_t)text.p, text.n);
    }
    return (struct dvara_str){NULL, 0};
}

struct dvara_str sample_of_detector(struct samples *samples, const struct decl *detector,
                                    uint32_t least)
{
    struct dvara_str found = {NULL, 0};
    size_t number = samples->scanner ? number_of(samples, detector->name) : 0;
    if (!samples->scanner ||
        number == dvara_detectors_count(dvara_bundle_detectors(samples->bundle)))
        return found;
    for (size_t i = 0; i < detector->detector.n_patterns && !found.p; i++) {
        struct dvara_str sample = sample_of_regex(samples->arena, &detector->detector.patterns[i]);
        if (sample.p)
            found = vary(samples, &detector->detector, number, least, sample);
    }
    return found;
}

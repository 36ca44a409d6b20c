/* SPDX-License-Identifier: Apache-2.0 */
/* pii_splits BUNDLE [list]: for every pattern of every detector of a bundle, a text that it claims
 * where one can be made, in every cut into two and a grid of cuts into three: what leaves a stream
 * is what the whole text gives, and never ahead of it. Prints how many detectors were shown at
 * work.
 */
#include "base/buf.h"
#include "dvara/pii.h"
#include "pattern/plain.h"
#include "pii/redact.h"
#include "pii/run.h"
#include "pii/table.h"

#include <stdio.h>
#include <stdlib.h>

enum { TRIES = 60000, TEXT_MAX = 2048, GRID = 7 };

struct subject {
    const struct dvara_detectors *detectors;
    struct dvara_scanner *scanner;
    uint8_t *styles;
    unsigned seed;
    size_t shown, failures;
};

static unsigned next_random(struct subject *subject)
{
    return (subject->seed = subject->seed * 1664525 + 1013904223) >> 8;
}

/* Other letters and digits of the same kind: a check may hold for some. */
static void vary(struct subject *subject, struct dvara_str sample, struct buf *out)
{
    for (size_t i = 0; i < sample.n; i++) {
        char c = sample.p[i];
        if (c >= '0' && c <= '9')
            c = (char)('0' + next_random(subject) % 10);
        else if (c >= 'A' && c <= 'Z')
            c = (char)('A' + next_random(subject) % 26);
        else if (c >= 'a' && c <= 'f')
            c = (char)('a' + next_random(subject) % 6);
        buf_byte(out, c);
    }
}

static void compose(const struct detector *detector, struct dvara_str value, struct buf *out)
{
    struct dvara_str word = DVARA_STR("number");
    if (detector->spec.context.n)
        word = detector->spec.context.v[0];
    if (detector->spec.keywords.n)
        buf_append(out, detector->spec.keywords.v[0]);
    buf_byte(out, ' ');
    buf_append(out, word);
    BUF_LIT(out, ": ");
    buf_append(out, value);
    BUF_LIT(out, " and, then some\nmore words.");
}

static bool finds(struct subject *subject, size_t detector, struct dvara_str text)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(subject->scanner, NULL, text, (struct dvara_str){0}, &error);
    for (size_t i = 0; i < spans.n; i++) {
        if (spans.v[i].detector == detector)
            return true;
    }
    return false;
}

/* A text in which the detector finds something, if trying makes one; else one that it might. */
static bool make_text(struct subject *subject, size_t index, const struct pattern_source *source,
                      struct buf *out)
{
    const struct detector *detector = &subject->detectors->v[index];
    struct buf sample;
    struct buf value;
    bool found = false;
    buf_init(&sample, TEXT_MAX);
    buf_init(&value, TEXT_MAX);
    if (plain_sample(source, &sample)) {
        for (unsigned i = 0; i < TRIES && !found && (i == 0 || detector->run || detector->check);
             i++) {
            buf_reset(&value);
            buf_reset(out);
            if (i == 0)
                buf_append(&value, buf_str(&sample));
            else
                vary(subject, buf_str(&sample), &value);
            char room[RUN_MAX];
            struct run run;
            if (i && detector->run &&
                (!run_of(buf_str(&value), room, &run) || detector->run(&run) < VERDICT_UNKNOWN))
                continue;
            compose(detector, buf_str(&value), out);
            found = finds(subject, index, buf_str(out));
        }
    }
    buf_clear(&sample);
    buf_clear(&value);
    return found;
}

static void redact_whole(struct subject *subject, struct dvara_str text, struct buf *out)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(subject->scanner, subject->styles, text, (struct dvara_str){0}, &error);
    size_t at = 0;
    for (size_t i = 0; i < spans.n; i++) {
        buf_append(out, dvara_str_slice(text, at, spans.v[i].start));
        if (redact_value(subject->detectors, NULL, false, spans.v[i].detector, DVARA_STYLE_LABEL,
                         dvara_str_slice(text, spans.v[i].start, spans.v[i].end), out) != DVARA_OK)
            abort();
        at = spans.v[i].end;
    }
    buf_append(out, dvara_str_slice(text, at, text.n));
}

/* Feeds text cut at `first` and `second`; false: something left that should not have. */
static bool cut_agrees(struct subject *subject, struct dvara_str text, size_t first, size_t second,
                       struct dvara_str whole)
{
    struct dvara_stream_options options = {.styles = subject->styles};
    struct dvara_stream *stream;
    struct buf out;
    const size_t ends[] = {first, second, text.n};
    size_t at = 0;
    bool right = true;
    buf_init(&out, 1 << 20);
    if (dvara_stream_new(subject->scanner, &options, &stream) != DVARA_OK)
        abort();
    for (size_t i = 0; i < 3; at = ends[i++]) {
        right = right &&
                dvara_stream_feed(stream, dvara_str_slice(text, at, ends[i]), &out) == DVARA_OK &&
                dvara_str_starts_with(whole, buf_str(&out));
    }
    right = right && dvara_stream_finish(stream, &out) == DVARA_OK &&
            dvara_str_eq(whole, buf_str(&out));
    if (!right && subject->failures < 20)
        printf("cut at %zu and %zu: %.*s\n  whole:  %.*s\n  stream: %.*s\n", first, second,
               DVARA_STR_ARG(text), DVARA_STR_ARG(whole), DVARA_STR_ARG(buf_str(&out)));
    dvara_stream_free(stream);
    buf_clear(&out);
    return right;
}

static void test_text(struct subject *subject, struct dvara_str text)
{
    struct buf whole;
    buf_init(&whole, 1 << 20);
    redact_whole(subject, text, &whole);
    for (size_t first = 0; first <= text.n; first++) {
        size_t step = first % GRID == 0 ? 1 : text.n; /* a grid of cuts into three */
        for (size_t second = first; second <= text.n; second += step) {
            if (!cut_agrees(subject, text, first, second, buf_str(&whole))) {
                subject->failures++;
                buf_clear(&whole);
                return;
            }
        }
    }
    buf_clear(&whole);
}

static bool load(const char *path, struct dvara_bundle **ret_bundle)
{
    const struct dvara_bundle_options trust = {.trust_databases = true};
    struct dvara_bundle_error error = {{0}};
    struct buf bytes;
    char piece[65536];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    buf_init(&bytes, 1 << 30);
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        buf_append(&bytes, dvara_str_from(piece, n));
    (void)fclose(file);
    bool right = dvara_bundle_load(buf_str(&bytes), &trust, &error, ret_bundle) == DVARA_OK;
    if (!right)
        (void)fprintf(stderr, "%s: %s\n", path, error.text);
    buf_clear(&bytes);
    return right;
}

static void list_searched(const struct dvara_detectors *detectors)
{
    for (size_t u = 0; u < detectors->first_use[detectors->n_patterns]; u++) {
        const struct pattern_use *use = &detectors->uses[u];
        const struct detector_spec *spec = &detectors->v[use->detector].spec;
        if (use->found_by == FOUND_BY_PATTERN)
            printf("searched: %.*s /%.*s/%s\n", DVARA_STR_ARG(spec->name),
                   DVARA_STR_ARG(spec->patterns[use->pattern].source), use->led ? "" : " not led");
    }
}

int main(int argc, char **argv)
{
    struct dvara_bundle *bundle;
    struct subject subject = {.seed = 7};
    struct buf text;
    if (argc < 2 || !load(argv[1], &bundle))
        return 2;
    subject.detectors = dvara_bundle_detectors(bundle);
    subject.styles = malloc(subject.detectors->n);
    if (!subject.styles || dvara_scanner_new(subject.detectors, &subject.scanner) != DVARA_OK)
        return 2;
    memset(subject.styles, DVARA_STYLE_LABEL, subject.detectors->n);
    buf_init(&text, TEXT_MAX * 4);
    if (argc > 2)
        list_searched(subject.detectors);
    for (size_t i = 0; i < subject.detectors->n; i++) {
        const struct detector *detector = &subject.detectors->v[i];
        bool shown = false;
        for (size_t k = 0; k < detector->spec.n_patterns; k++) {
            buf_reset(&text);
            shown = make_text(&subject, i, &detector->spec.patterns[k], &text) || shown;
            if (!buf_failed(&text))
                test_text(&subject, buf_str(&text));
        }
        subject.shown += shown ? 1 : 0;
        if (argc > 2 && !shown)
            printf("not shown: %.*s\n", DVARA_STR_ARG(detector->spec.name));
    }
    printf("%zu detectors, %zu shown at work, %zu failures\n", subject.detectors->n, subject.shown,
           subject.failures);
    dvara_scanner_free(subject.scanner);
    dvara_bundle_free(bundle);
    free(subject.styles);
    buf_clear(&text);
    return subject.failures ? 1 : 0;
}

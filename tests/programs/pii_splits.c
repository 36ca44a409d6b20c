/* SPDX-License-Identifier: Apache-2.0 */
/* pii_splits BUNDLE [list | SAMPLES]: texts in every cut into two and a grid of cuts into three:
 * what leaves a stream is what the whole text gives, and never ahead of it, and the whole text with
 * tokens, cut likewise, is restored to what it was. SAMPLES holds the texts: a detector's name, a
 * NUL, a text in which it finds something, a NUL, and so on. Without, they are made up: for every
 * pattern of every detector of the bundle, one that it claims where trying makes one. Prints how
 * many detectors were shown at work, and of SAMPLES those that were not. */
#include "base/buf.h"
#include "dvara/pii.h"
#include "pattern/plain.h"
#include "pii/redact.h"
#include "pii/run.h"
#include "pii/table.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TRIES = 60000,
    TEXT_MAX = 2048,
    GRID = 7,
    CUTS_MAX = 2500, /* into three, about, of one text */
    SAMPLES_MAX = 1 << 22
};

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

/* Among what those of `styles` find; NULL: all. */
static bool finds(struct subject *subject, const uint8_t *styles, size_t detector,
                  struct dvara_str text)
{
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(subject->scanner, styles, text, (struct dvara_str){0}, &error);
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
            found = finds(subject, NULL, index, buf_str(out));
        }
    }
    buf_clear(&sample);
    buf_clear(&value);
    return found;
}

/* With tokens that `vault` issues; NULL: with labels. */
static void redact_whole(struct subject *subject, struct dvara_str text, struct dvara_vault *vault,
                         struct buf *out)
{
    enum dvara_style style = vault ? DVARA_STYLE_TOKEN : DVARA_STYLE_LABEL;
    enum dvara_error_kind error;
    struct dvara_spans spans =
        dvara_scan(subject->scanner, subject->styles, text, (struct dvara_str){0}, &error);
    size_t at = 0;
    for (size_t i = 0; i < spans.n; i++) {
        buf_append(out, dvara_str_slice(text, at, spans.v[i].start));
        if (redact_value(subject->detectors, vault, vault != NULL, spans.v[i].detector, style,
                         dvara_str_slice(text, spans.v[i].start, spans.v[i].end), out) != DVARA_OK)
            abort();
        at = spans.v[i].end;
    }
    buf_append(out, dvara_str_slice(text, at, text.n));
}

/* Feeds text cut at `first` and `second`, to redact it or to restore its tokens of `vault`; false:
 * something left that should not have. */
static bool cut_agrees(struct subject *subject, struct dvara_str text, struct dvara_vault *vault,
                       size_t first, size_t second, struct dvara_str whole)
{
    struct dvara_stream_options options = {
        .styles = vault ? NULL : subject->styles, .vault = vault, .restore_urls = true};
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

/* Every cut into two; into three on a grid, wider in long texts. */
static bool cuts_agree(struct subject *subject, struct dvara_str text, struct dvara_vault *vault,
                       struct dvara_str whole)
{
    size_t grid = text.n * text.n / 2 / CUTS_MAX;
    grid = grid < GRID ? GRID : grid;
    for (size_t first = 0; first <= text.n; first++) {
        size_t step = first % grid == 0 ? 1 : text.n + 1;
        for (size_t second = first; second <= text.n; second += step) {
            if (!cut_agrees(subject, text, vault, first, second, whole))
                return false;
        }
    }
    return true;
}

/* The text with tokens in place of what is found, cut anywhere, is the text again. */
static bool restores(struct subject *subject, struct dvara_str text)
{
    static const unsigned char tenant_key[32] = {7};
    struct dvara_vault *vault;
    struct buf tokens;
    struct buf restored;
    buf_init(&tokens, 1 << 20);
    buf_init(&restored, 1 << 20);
    if (dvara_vault_new(tenant_key, (struct dvara_str){0}, &vault) != DVARA_OK)
        abort();
    redact_whole(subject, text, vault, &tokens);
    (void)dvara_restore(vault, buf_str(&tokens), true, &restored);
    bool right = dvara_str_eq(buf_str(&restored), text);
    if (!right)
        printf("not restored: %.*s\n", DVARA_STR_ARG(buf_str(&tokens)));
    right = right && cuts_agree(subject, buf_str(&tokens), vault, text);
    dvara_vault_free(vault);
    buf_clear(&tokens);
    buf_clear(&restored);
    return right;
}

static void test_text(struct subject *subject, struct dvara_str text)
{
    struct buf whole;
    buf_init(&whole, 1 << 20);
    redact_whole(subject, text, NULL, &whole);
    if (!cuts_agree(subject, text, NULL, buf_str(&whole)) || !restores(subject, text))
        subject->failures++;
    buf_clear(&whole);
}

static bool read_whole(const char *path, struct buf *out)
{
    char piece[65536];
    size_t n;
    FILE *file = fopen(path, "rb");
    if (!file)
        return false;
    while ((n = fread(piece, 1, sizeof piece, file)) > 0)
        buf_append(out, dvara_str_from(piece, n));
    (void)fclose(file);
    return !buf_failed(out);
}

static bool load(const char *path, struct dvara_bundle **ret_bundle)
{
    const struct dvara_bundle_options trust = {.trust_databases = true};
    struct dvara_bundle_error error = {{0}};
    struct buf bytes;
    buf_init(&bytes, 1 << 30);
    bool right = read_whole(path, &bytes) &&
                 dvara_bundle_load(buf_str(&bytes), &trust, &error, ret_bundle) == DVARA_OK;
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

/* Made-up texts of every pattern. */
static void test_made(struct subject *subject, bool listed)
{
    struct buf text;
    buf_init(&text, TEXT_MAX * 4);
    for (size_t i = 0; i < subject->detectors->n; i++) {
        const struct detector *detector = &subject->detectors->v[i];
        bool shown = false;
        for (size_t k = 0; k < detector->spec.n_patterns; k++) {
            buf_reset(&text);
            shown = make_text(subject, i, &detector->spec.patterns[k], &text) || shown;
            if (!buf_failed(&text))
                test_text(subject, buf_str(&text));
        }
        subject->shown += shown ? 1 : 0;
        if (listed && !shown)
            printf("not shown: %.*s\n", DVARA_STR_ARG(detector->spec.name));
    }
    buf_clear(&text);
}

static struct dvara_str next_field(struct dvara_str all, size_t *at)
{
    const char *end = memchr(all.p + *at, 0, all.n - *at);
    struct dvara_str field = dvara_str_slice(all, *at, end ? (size_t)(end - all.p) : all.n);
    *at += field.n + 1;
    return field;
}

static size_t detector_named(const struct subject *subject, struct dvara_str name)
{
    size_t i = 0;
    while (i < subject->detectors->n && !dvara_str_eq(subject->detectors->v[i].spec.name, name))
        i++;
    return i;
}

/* Where another claims the text as surely: with this detector alone. */
static bool shows_alone(struct subject *subject, size_t detector, struct dvara_str text)
{
    size_t n = subject->detectors->n;
    memset(subject->styles, DVARA_STYLE_NONE, n);
    subject->styles[detector] = DVARA_STYLE_LABEL;
    bool shown = finds(subject, subject->styles, detector, text);
    if (shown)
        test_text(subject, text);
    memset(subject->styles, DVARA_STYLE_LABEL, n);
    return shown;
}

static bool test_samples(struct subject *subject, const char *path)
{
    bool *shown = calloc(subject->detectors->n, sizeof *shown);
    struct buf samples;
    buf_init(&samples, SAMPLES_MAX);
    bool right = shown && read_whole(path, &samples);
    struct dvara_str all = buf_str(&samples);
    for (size_t at = 0; right && at < all.n;) {
        struct dvara_str name = next_field(all, &at);
        struct dvara_str text = next_field(all, &at);
        size_t i = detector_named(subject, name);
        right = i < subject->detectors->n;
        if (!right)
            break;
        shown[i] = shown[i] || finds(subject, NULL, i, text) || shows_alone(subject, i, text);
        test_text(subject, text);
    }
    for (size_t i = 0; right && i < subject->detectors->n; i++) {
        subject->shown += shown[i] ? 1 : 0;
        if (!shown[i])
            printf("not shown: %.*s\n", DVARA_STR_ARG(subject->detectors->v[i].spec.name));
    }
    buf_clear(&samples);
    free(shown);
    return right;
}

int main(int argc, char **argv)
{
    struct dvara_bundle *bundle;
    struct subject subject = {.seed = 7};
    if (argc < 2 || !load(argv[1], &bundle))
        return 2;
    subject.detectors = dvara_bundle_detectors(bundle);
    subject.styles = malloc(subject.detectors->n);
    if (!subject.styles || dvara_scanner_new(subject.detectors, &subject.scanner) != DVARA_OK)
        return 2;
    memset(subject.styles, DVARA_STYLE_LABEL, subject.detectors->n);
    bool listed = argc > 2 && strcmp(argv[2], "list") == 0;
    if (listed)
        list_searched(subject.detectors);
    if (argc < 3 || listed)
        test_made(&subject, listed);
    else if (!test_samples(&subject, argv[2]))
        return 2;
    printf("%zu detectors, %zu shown at work, %zu failures\n", subject.detectors->n, subject.shown,
           subject.failures);
    dvara_scanner_free(subject.scanner);
    dvara_bundle_free(bundle);
    free(subject.styles);
    return subject.failures ? 1 : 0;
}

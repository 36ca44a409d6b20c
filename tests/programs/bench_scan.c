/* SPDX-License-Identifier: Apache-2.0 */
/* bench_scan [SECONDS [ROW|all [BUNDLE]]]: megabytes a second, of processor time, of a small
 * identity pack or of a bundle's detectors, validation and resolution included, beside a raw scan
 * of the same database. One row a kind of text; `stream` feeds 4 bytes at a time. */
#include "base/buf.h"
#include "dvara/pii.h"
#include "pattern/set.h"
#include "pii/table.h"
#include "unit/engine/pii/fixture.h"

#include <time.h>

static const char *const words[] = {
    "the",         "of",     "and",      "policy",   "gateway",   "request", "when",     "model",
    "answers",     "a",      "question", "about",    "which",     "nobody",  "had",      "thought",
    "before",      "it",     "was",      "asked,",   "so",        "we",      "write",    "plain",
    "prose",       "with",   "commas,",  "stops.",   "Years",     "like",    "2024",     "and",
    "prices",      "of",     "$19.99",   "occur",    "at",        "10:30",   "in",       "ordinary",
    "text",        "as",     "people",   "send",     "it",        "to",      "a",        "model",
    "all",         "day,",   "with",     "long",     "sentences", "that",    "explain",  "some",
    "background",  "first,", "then",     "ask",      "for",       "a",       "summary,", "a",
    "translation", "or",     "an",       "opinion",  "and",       "rarely",  "mention",  "numbers",
    "at",          "all;",   "so",       "most",     "of",        "what",    "passes",   "holds",
    "nothing",     "that",   "any",      "detector", "would",     "want",    "to",       "look",
    "at",          "twice",  "before",   "letting",  "go."};
static const char *const hits[] = {"jane.doe@example.com", "4111 1111 1111 1111",
                                   "536-22-8726",          "GB82 WEST 1234 5698 7654 32",
                                   "192.168.10.20",        "+44 20 7946 0958"};

static unsigned next_random(unsigned *seed)
{
    return (*seed = *seed * 1664525 + 1013904223) >> 16;
}

/* Prose of about n bytes with a hit every `every` bytes; 0: none. */
static void write_text(struct buf *out, size_t n, size_t every)
{
    unsigned seed = 7;
    size_t last = 0;
    while (out->n < n) {
        if (every && out->n - last >= every) {
            buf_append(out, dvara_str_from_cstr(hits[next_random(&seed) % 6]));
            last = out->n;
        } else {
            buf_append(out, dvara_str_from_cstr(
                                words[next_random(&seed) % (sizeof words / sizeof *words)]));
        }
        buf_byte(out, ' ');
    }
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t); /* others may share the machine */
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool count_end(void *user, uint32_t pattern, uint32_t end)
{
    size_t *count = user;
    *count += pattern + end > 0;
    return true;
}

struct measured {
    double mb_per_second;
    size_t found;
};

enum kind { SCAN, RAW, STREAM };

static size_t run_stream(struct fixture *fixture, struct dvara_str text, const uint8_t *styles,
                         struct buf *out)
{
    struct dvara_stream_options options = {.styles = styles};
    struct dvara_stream *stream;
    buf_reset(out);
    if (dvara_stream_new(fixture->scanner, &options, &stream) != DVARA_OK)
        abort();
    for (size_t at = 0; at < text.n; at += 4) {
        if (dvara_stream_feed(stream, dvara_str_slice(text, at, at + 4), out) != DVARA_OK)
            abort();
    }
    if (dvara_stream_finish(stream, out) != DVARA_OK)
        abort();
    dvara_stream_free(stream);
    return out->n;
}

static struct measured measure(struct fixture *fixture, struct pattern_set *set,
                               struct pattern_scratch *scratch, enum kind kind,
                               struct dvara_str text, double seconds)
{
    uint8_t styles[DETECTORS_MAX];
    struct measured measured = {0};
    struct buf out;
    size_t bytes = 0;
    memset(styles, DVARA_STYLE_LABEL, sizeof styles);
    buf_init(&out, 64 << 20);
    double start = now();
    double end = start;
    while (end - start < seconds) {
        enum dvara_error_kind error;
        for (unsigned i = 0; i < 16; i++) {
            if (kind == SCAN)
                measured.found =
                    dvara_scan(fixture->scanner, NULL, text, (struct dvara_str){0}, &error).n;
            else if (kind == RAW)
                (void)pattern_scan_ends(set, scratch, text, true, count_end, &measured.found);
            else
                measured.found = run_stream(fixture, text, styles, &out);
            bytes += text.n;
        }
        end = now();
    }
    measured.mb_per_second = (double)bytes / (end - start) / 1e6;
    buf_clear(&out);
    return measured;
}

/* The bundle's detectors instead of the fixture's. */
static bool load_bundle(const char *path, struct dvara_bundle **ret_bundle, struct fixture *fixture)
{
    const struct dvara_bundle_options trust = {.trust_databases = true};
    struct dvara_bundle_error error = {{0}};
    struct dvara_detectors *detectors;
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
    buf_clear(&bytes);
    if (!right)
        return false;
    const struct dvara_detectors *loaded = dvara_bundle_detectors(*ret_bundle);
    memcpy(&detectors, &loaded,
           sizeof detectors); /* the fixture's are its own; these are not freed */
    fixture->detectors = detectors;
    return dvara_scanner_new(loaded, &fixture->scanner) == DVARA_OK;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.3;
    const char *only = argc > 2 && strcmp(argv[2], "all") != 0 ? argv[2] : NULL;
    struct dvara_bundle *bundle = NULL;
    struct fixture fixture = {.scanner = NULL};
    struct pattern_scratch *scratch;
    if (argc > 3 && !load_bundle(argv[3], &bundle, &fixture))
        return 2;
    if (!bundle)
        fixture = fixture_new_of(fixture_specs, FIXTURE_SHIPPED);
    struct pattern_set *set = fixture.detectors->set;
    if (pattern_scratch_new(set, &scratch) != DVARA_OK)
        return 1;
    static const struct {
        const char *name;
        size_t n, every;
        enum kind kind;
    } rows[] = {{"prose, 1 KB", 1024, 0, SCAN},
                {"prose, 64 KB", 65536, 0, SCAN},
                {"a hit a KB, 1 KB", 1024, 900, SCAN},
                {"a hit a KB, 64 KB", 65536, 1024, SCAN},
                {"dense, 64 KB", 65536, 40, SCAN},
                {"raw scan of prose, 1 KB", 1024, 0, RAW},
                {"raw scan of prose, 64 KB", 65536, 0, RAW},
                {"raw scan of dense, 64 KB", 65536, 40, RAW},
                {"stream of 4 bytes, prose", 16384, 0, STREAM},
                {"stream of 4 bytes, a hit a KB", 16384, 1024, STREAM}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buf text;
        if (only && strcmp(rows[i].name, only) != 0)
            continue;
        buf_init(&text, 1 << 20);
        write_text(&text, rows[i].n, rows[i].every);
        struct measured measured =
            measure(&fixture, set, scratch, rows[i].kind, buf_str(&text), seconds);
        printf("%-32s %8.0f MB/s  %8.2f us a text\n", rows[i].name, measured.mb_per_second,
               (double)text.n / measured.mb_per_second);
        buf_clear(&text);
    }
    pattern_scratch_free(scratch);
    if (bundle) {
        dvara_scanner_free(fixture.scanner);
        dvara_bundle_free(bundle);
    } else {
        fixture_clear(&fixture);
    }
    return 0;
}

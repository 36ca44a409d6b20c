/* SPDX-License-Identifier: Apache-2.0 */
/* bench_scan [SECONDS [ROW|all [BUNDLE]]]: megabytes a second, of processor time, of a small
 * identity pack or of a bundle's detectors, validation and resolution included. One row a kind of
 * text; `stream` feeds 4 bytes at a time. Beside each whole text, in the same run:
 * - databases: a raw scan with every database of the bundle, with a callback that only counts;
 * - one database: the same of all the patterns as the policies write them, in one database, as a
 *   scanner would have it that knows no more than Hyperscan;
 * and what share of each the scan reaches. A bundle all of whose places are found by tables has no
 * database of its own. Last, how many
 * bytes the heap has grown by since the first sixteen texts: none. */
#include "base/buf.h"
#include "dvara/pii.h"
#include "pattern/build/build.h"
#include "pattern/set.h"
#include "pii/table.h"
#include "unit/engine/pii/fixture.h"

#include <malloc.h>
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
    size_t allocated; /* bytes that the heap had more at the end than after the first round */
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
    size_t in_use = 0;
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
        in_use = in_use ? in_use : mallinfo2().uordblks; /* all rooms have grown by now */
    }
    measured.allocated = mallinfo2().uordblks - in_use;
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

/* All patterns as they are written, each once, in one database. */
static struct pattern_set *build_one(const struct dvara_detectors *detectors)
{
    static struct pattern_source sources[PATTERN_MAX];
    struct pattern_build_error error;
    struct pattern_set *set = NULL;
    struct buf bytes;
    for (size_t p = 0; p < detectors->n_patterns; p++) {
        sources[p] = (struct pattern_source){.source = DVARA_STR("a"), .flags = PATTERN_EXACT_ONLY};
        uint32_t u = detectors->first_use[p];
        if (u == detectors->first_use[p + 1])
            continue; /* an exception's */
        const struct pattern_use *use = &detectors->uses[u];
        sources[p] = detectors->v[use->detector].spec.patterns[use->pattern];
    }
    buf_init(&bytes, 1 << 30);
    if (pattern_build(sources, detectors->n_patterns, &bytes, &error) != DVARA_OK ||
        pattern_set_load(buf_str(&bytes), &set) != DVARA_OK)
        set = NULL;
    buf_clear(&bytes);
    return set;
}

static bool has_database(const struct dvara_detectors *detectors)
{
    return detectors->n_by_pattern > 0;
}

/* A raw scan of the set and the share of it that `scanned` is; a dash where there is none. */
static void print_raw(struct fixture *fixture, struct pattern_set *set, struct dvara_str text,
                      double seconds, double scanned)
{
    struct pattern_scratch *scratch;
    if (!set || pattern_scratch_new(set, &scratch) != DVARA_OK) {
        printf("        –     –");
        return;
    }
    double raw = measure(fixture, set, scratch, RAW, text, seconds).mb_per_second;
    printf(" %8.0f %5.2f", raw, scanned / raw);
    pattern_scratch_free(scratch);
}

static const struct row {
    const char *name;
    size_t n, every;
    enum kind kind;
} rows[] = {{"prose, 1 KB", 1024, 0, SCAN},
            {"prose, 64 KB", 65536, 0, SCAN},
            {"a hit a KB, 1 KB", 1024, 900, SCAN},
            {"a hit a KB, 64 KB", 65536, 1024, SCAN},
            {"dense, 64 KB", 65536, 40, SCAN},
            {"stream of 4 bytes, prose", 16384, 0, STREAM},
            {"stream of 4 bytes, a hit a KB", 16384, 1024, STREAM}};

static void print_row(struct fixture *fixture, const struct row *row, struct pattern_set *one,
                      double seconds)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    write_text(&text, row->n, row->every);
    struct measured measured = measure(fixture, NULL, NULL, row->kind, buf_str(&text), seconds);
    printf("%-30s %6.2f MB/s %9.2f us", row->name, measured.mb_per_second,
           (double)text.n / measured.mb_per_second);
    if (row->kind == SCAN) {
        struct pattern_set *own = has_database(fixture->detectors) ? fixture->detectors->set : NULL;
        print_raw(fixture, own, buf_str(&text), seconds, measured.mb_per_second);
        print_raw(fixture, one, buf_str(&text), seconds, measured.mb_per_second);
        printf(" %6zu", measured.allocated);
    }
    printf("\n");
    buf_clear(&text);
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? strtod(argv[1], NULL) : 0.3;
    const char *only = argc > 2 && strcmp(argv[2], "all") != 0 ? argv[2] : NULL;
    struct dvara_bundle *bundle = NULL;
    struct fixture fixture = {.scanner = NULL};
    if (argc > 3 && !load_bundle(argv[3], &bundle, &fixture))
        return 2;
    if (!bundle)
        fixture = fixture_new_of(fixture_specs, FIXTURE_SHIPPED);
    struct pattern_set *one = build_one(fixture.detectors);
    printf("%-30s %11s %12s %8s %5s %8s %5s %6s\n", "", "scan", "a text", "its own", "share",
           "one db", "share", "bytes");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!only || strcmp(rows[i].name, only) == 0)
            print_row(&fixture, &rows[i], one, seconds);
    }
    pattern_set_free(one);
    if (bundle) {
        dvara_scanner_free(fixture.scanner);
        dvara_bundle_free(bundle);
    } else {
        fixture_clear(&fixture);
    }
    return 0;
}

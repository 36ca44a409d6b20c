/* SPDX-License-Identifier: Apache-2.0 */
/* Any findings, six bytes each: what is kept lies in order and apart, and is what a resolver keeps
 * that takes the best of all that is left, again and again: the longest, then the highest score,
 * then the smallest name, then the leftmost. */
#include "pii/scanner.h"
#include "unit/engine/pii/fixture.h"

#include <assert.h>

enum { BYTES = 6, FINDINGS_MAX = 64, STEP_PPM = 100000 };

static struct fixture fixture;
static struct finding findings[FINDINGS_MAX];
static struct dvara_span best[FINDINGS_MAX];

static size_t read_findings(const uint8_t *data, size_t size)
{
    size_t n = size / BYTES < FINDINGS_MAX ? size / BYTES : FINDINGS_MAX;
    for (size_t i = 0; i < n; i++, data += BYTES) {
        uint32_t start = data[0] + (data[5] & 1u) * 256u;
        findings[i] = (struct finding){.span = {.start = start,
                                                .end = start + 1 + data[1] % 40,
                                                .detector = (uint16_t)(data[2] % FIXTURE_COUNT),
                                                .score_ppm = data[3] % 10 * STEP_PPM},
                                       .dropped = data[4] % 5 == 0};
    }
    return n;
}

static bool is_better(const struct dvara_span *a, const struct dvara_span *b)
{
    if (a->end - a->start != b->end - b->start)
        return a->end - a->start > b->end - b->start;
    if (a->score_ppm != b->score_ppm)
        return a->score_ppm > b->score_ppm;
    int order = dvara_str_cmp(detectors_name(fixture.detectors, a->detector),
                              detectors_name(fixture.detectors, b->detector));
    return order ? order < 0 : a->start < b->start;
}

static bool is_free(const struct dvara_span *span, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (span->start < best[i].end && best[i].start < span->end)
            return false;
    }
    return true;
}

/* Takes the best again and again. */
static size_t resolve_naively(size_t n, const uint8_t *styles)
{
    size_t n_best = 0;
    for (;;) {
        const struct dvara_span *next = NULL;
        for (size_t i = 0; i < n; i++) {
            const struct dvara_span *span = &findings[i].span;
            if (!findings[i].dropped && (!styles || styles[span->detector]) &&
                is_free(span, n_best) && (!next || is_better(span, next)))
                next = span;
        }
        if (!next)
            return n_best;
        best[n_best++] = *next;
    }
}

static bool is_among_best(const struct dvara_span *span, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (best[i].start == span->start && best[i].end == span->end &&
            best[i].detector == span->detector && best[i].score_ppm == span->score_ppm)
            return true;
    }
    return false;
}

static void check(size_t n, const uint8_t *styles)
{
    struct dvara_scanner *scanner = fixture.scanner;
    struct finding room[FINDINGS_MAX];
    struct finding *own = scanner->found;
    memcpy(room, findings, sizeof room);
    scanner->found = room; /* is sorted in place */
    scanner->n_found = n;
    assert(resolve_styled(scanner, styles));
    size_t n_best = resolve_naively(n, styles);
    assert(scanner->n_spans == n_best);
    for (size_t i = 0; i < n_best; i++) {
        assert(i == 0 || scanner->spans[i].start >= scanner->spans[i - 1].end);
        assert(is_among_best(&scanner->spans[i], n_best));
    }
    scanner->found = own;
    scanner->n_found = 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t styles[FIXTURE_COUNT];
    if (!fixture.scanner)
        fixture = fixture_new();
    size_t n = read_findings(data, size);
    for (size_t i = 0; i < FIXTURE_COUNT; i++)
        styles[i] = size ? data[0] >> i % 8 & 1u : 0;
    check(n, NULL);
    check(n, styles);
    return 0;
}

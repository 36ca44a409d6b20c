/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/table.h"

#include "base/buf.h"
#include "pattern/plain.h"

#include <stdio.h>

/* A text that the pattern matches, alone and twice among others that it mostly does not. */
enum { SAMPLE_MAX = 1024 };

static void compose(struct dvara_str sample, struct buf *out)
{
    buf_append(out, sample);
    BUF_LIT(out, " jumps over 13 lazy dogs, 4111-1111 a@b.c 10.0.0.1 x:y:: ");
    buf_append(out, sample);
    BUF_LIT(out, "7z, then (");
    buf_append(out, sample);
    BUF_LIT(out, ")\n");
}

struct seen {
    uint32_t pattern;
    uint8_t *ends;
};

static bool note_end(void *user, uint32_t pattern, uint32_t end)
{
    struct seen *seen = user;
    if (pattern == seen->pattern && end <= PLAIN_MAX_TEXT)
        seen->ends[end] = 1;
    return true;
}

/* An end that the naive matcher finds and Hyperscan does not is a miss; the other way round is
 * wrong too, unless the pattern is searched as a superset. */
static bool agrees(const struct dvara_detectors *detectors, struct pattern_scratch *scratch,
                   const struct pattern_source *source, uint32_t pattern, struct dvara_str text)
{
    uint8_t expected[PLAIN_MAX_TEXT + 1] = {0};
    uint8_t found[PLAIN_MAX_TEXT + 1] = {0};
    struct seen seen = {.pattern = pattern, .ends = found};
    if (!plain_ends(source, text, true, expected))
        return true; /* beyond the naive matcher: PCRE2 confirms every such match */
    if (!pattern_is_searched(detectors->set, pattern, true))
        return true;
    if (!pattern_scan_ends(detectors->set, scratch, text, true, note_end, &seen))
        return false;
    bool superset = pattern_is_superset(detectors->set, pattern);
    for (size_t end = 1; end <= text.n; end++) {
        if (expected[end] > found[end] || (found[end] > expected[end] && !superset))
            return false;
    }
    return true;
}

/* Marks the ends of all layouts of `use` that begin at `start`, by the table of shapes. */
static void mark_ends(const struct shapes *shapes, uint32_t use, struct dvara_str text,
                      size_t start, uint8_t *ends)
{
    char c[LAYOUT_CHARACTERS];
    struct shape_kinds kinds = {0, 0};
    size_t n = 0;
    uint32_t node = 0;
    unsigned char separator = 0;
    for (size_t at = start;; at++) {
        size_t first = n;
        for (; at < text.n && shapes->kinds[(unsigned char)text.p[at]] & SHAPE_ALNUM; at++) {
            if (n == LAYOUT_CHARACTERS)
                return;
            unsigned kind = shapes->kinds[(unsigned char)text.p[at]];
            kinds.digits |= (kind & SHAPE_DIGIT ? UINT64_C(1) : 0) << n;
            kinds.lower |= (kind & SHAPE_LOWER ? UINT64_C(1) : 0) << n;
            c[n++] = text.p[at];
        }
        const struct shape_edge *edge =
            n > first ? shape_edge_find(shapes, node, separator, n - first) : NULL;
        if (!edge)
            return;
        node = edge->node;
        for (uint32_t i = shapes->first_leaf[node]; i < shapes->first_leaf[node + 1]; i++) {
            if (shapes->leaves[i].use == use && shape_fits(shapes, &shapes->leaves[i], c, kinds))
                ends[at] = 1;
        }
        separator = at < text.n ? (unsigned char)text.p[at] : 0;
        if (!(shapes->kinds[separator] & SHAPE_SEPARATOR))
            return;
    }
}

/* Does the table of shapes find what the naive matcher finds, no more and no less? */
static bool shapes_agree(const struct dvara_detectors *detectors, uint32_t use,
                         const struct pattern_source *source, struct dvara_str text)
{
    const struct shapes *shapes = &detectors->shapes;
    uint8_t expected[PLAIN_MAX_TEXT + 1] = {0};
    uint8_t found[PLAIN_MAX_TEXT + 1] = {0};
    if (!plain_ends(source, text, true, expected))
        return true;
    for (size_t at = 0; at < text.n; at++) {
        bool begins = shapes->kinds[(unsigned char)text.p[at]] & SHAPE_ALNUM;
        bool inside = at && (shapes->kinds[(unsigned char)text.p[at - 1]] & SHAPE_ALNUM);
        if (begins && !inside)
            mark_ends(shapes, use, text, at, found);
    }
    return memcmp(expected, found, text.n + 1) == 0;
}

static bool test_uses(const struct dvara_detectors *detectors, uint32_t pattern,
                      const struct pattern_source *source, struct dvara_str text)
{
    for (uint32_t u = detectors->first_use[pattern]; u < detectors->first_use[pattern + 1]; u++) {
        if (detectors->uses[u].found_by == FOUND_BY_LAYOUT &&
            !shapes_agree(detectors, u, source, text))
            return false;
    }
    return true;
}

static bool test_pattern(const struct dvara_detectors *detectors, struct pattern_scratch *scratch,
                         const struct pattern_source *source, uint32_t pattern)
{
    struct buf sample;
    struct buf text;
    buf_init(&sample, SAMPLE_MAX);
    buf_init(&text, PLAIN_MAX_TEXT);
    if (!plain_sample(source, &sample))
        buf_reset(&sample);
    compose(buf_str(&sample), &text);
    bool right =
        buf_failed(&text) || (agrees(detectors, scratch, source, pattern, buf_str(&text)) &&
                              test_uses(detectors, pattern, source, buf_str(&text)));
    buf_clear(&sample);
    buf_clear(&text);
    return right;
}

enum dvara_status table_self_test(const struct dvara_detectors *detectors,
                                  const struct pattern_source *sources,
                                  struct detectors_error *ret_error)
{
    struct pattern_scratch *scratch;
    enum dvara_status status = pattern_scratch_new(detectors->set, &scratch);
    for (uint32_t i = 0; status == DVARA_OK && i < detectors->n_patterns; i++) {
        if (test_pattern(detectors, scratch, &sources[i], i))
            continue;
        (void)snprintf(ret_error->text, sizeof ret_error->text,
                       "self-test: the pattern engine and the naive matcher differ on /%.*s/",
                       sources[i].source.n > 100 ? 100 : (int)sources[i].source.n,
                       sources[i].source.p);
        status = DVARA_CORRUPT;
    }
    if (status != DVARA_NO_MEMORY)
        pattern_scratch_free(scratch);
    return status;
}

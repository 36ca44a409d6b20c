/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_block.h"

#include "base/utf8.h"
#include "lang/list.h"
#include "policyc/scan_json.h"
#include "policyc/scan_windows.h"

enum { RESULT_MEMORY = 1 << 30, LINE_MEMORY = 1 << 30, STRING_MAX = 64 << 20 };

enum dvara_status scan_means_init(struct scan_means *means, const struct dvara_detectors *detectors)
{
    *means = (struct scan_means){0};
    arena_init(&means->arena, LINE_MEMORY);
    buf_init(&means->decoded, STRING_MAX);
    return dvara_scanner_new(detectors, &means->scanner);
}

void scan_means_clear(struct scan_means *means)
{
    dvara_scanner_free(means->scanner);
    arena_clear(&means->arena);
    buf_clear(&means->decoded);
}

static void begin(struct scan_result *result)
{
    *result = (struct scan_result){0};
    arena_init(&result->arena, RESULT_MEMORY);
}

void scan_result_clear(struct scan_result *result)
{
    arena_clear(&result->arena);
}

/* A place in the block. */
struct place {
    struct dvara_str text; /* the block alone */
    size_t at;
    struct scan_point point;
};

static uint64_t code_points(const char *p, size_t n)
{
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++)
        count += !utf8_is_continuation(p[i]);
    return count;
}

static void go_to(struct place *place, size_t to)
{
    while (place->at < to) {
        const char *feed = memchr(place->text.p + place->at, '\n', to - place->at);
        if (!feed)
            break;
        place->at = (size_t)(feed - place->text.p) + 1;
        place->point = (struct scan_point){.line = place->point.line + 1};
    }
    place->point.column += code_points(place->text.p + place->at, to - place->at);
    place->at = to;
}

static void add(struct scan_means *means, struct scan_result *result, struct scan_finding finding,
                const struct scan_seen *seen)
{
    if (means->keep_values)
        finding.value =
            arena_copy(&result->arena, dvara_str_slice(seen->text, seen->start, seen->end));
    if (means->explain) {
        finding.why = seen->why;
        finding.word = arena_copy(&result->arena, seen->word);
        finding.against = arena_copy(&result->arena, seen->against);
    }
    LIST_APPEND(&result->arena, result->v, result->n, finding);
}

static void finish(struct scan_result *result, const struct scan_block *block, struct place *place)
{
    go_to(place, place->text.n);
    result->bytes = block->to - block->from;
    result->lines = place->point.line;
    result->tail = place->point.column;
    result->failed = arena_is_exhausted(&result->arena);
}

/* ---- text ---- */

struct text_scan {
    struct scan_means *means;
    const struct scan_block *block;
    struct scan_result *result;
    struct place place;
};

static void on_text_span(void *user, const struct scan_seen *seen)
{
    struct text_scan *scan = user;
    size_t from = scan->block->from;
    go_to(&scan->place, seen->start - from);
    struct scan_finding finding = {.start = seen->start - from,
                                   .end = seen->end - from,
                                   .from = scan->place.point,
                                   .span = *seen->span};
    struct place place = scan->place;
    place.text = dvara_str_slice(scan->block->text, from, scan->block->text.n);
    go_to(&place, seen->end - from);
    finding.to = place.point;
    add(scan->means, scan->result, finding, seen);
}

void scan_block_text(struct scan_means *means, const struct scan_block *block,
                     struct scan_result *ret_result)
{
    struct text_scan scan = {
        .means = means,
        .block = block,
        .result = ret_result,
        .place = {.text = dvara_str_slice(block->text, block->from, block->to)}};
    begin(ret_result);
    struct scan_request request = {.scanner = means->scanner,
                                   .text = block->text,
                                   .from = block->from,
                                   .to = block->to,
                                   .explain = means->explain,
                                   .on_span = on_text_span,
                                   .user = &scan};
    ret_result->unscanned = scan_windows(&request);
    finish(ret_result, block, &scan.place);
}

/* ---- JSON Lines ---- */

struct line_scan {
    struct scan_means *means;
    struct scan_result *result;
    struct dvara_str line;
    uint64_t number;
};

/* `start` and `end` are places in the line; what was seen may have been decoded from there. */
static void on_leaf_span(void *user, size_t start, size_t end, const struct scan_seen *seen)
{
    struct line_scan *scan = user;
    struct scan_finding finding = {
        .start = start,
        .end = end,
        .from = {.line = scan->number, .column = code_points(scan->line.p, start)},
        .to = {.line = scan->number, .column = code_points(scan->line.p, end)},
        .span = *seen->span};
    add(scan->means, scan->result, finding, seen);
}

static void on_plain_span(void *user, const struct scan_seen *seen)
{
    on_leaf_span(user, seen->start, seen->end, seen);
}

static void scan_line(struct line_scan *scan)
{
    struct scan_json json = {.scanner = scan->means->scanner,
                             .explain = scan->means->explain,
                             .arena = &scan->means->arena,
                             .decoded = &scan->means->decoded,
                             .on_span = on_leaf_span,
                             .user = scan};
    size_t n = scan->line.n;
    while (n > 0 && strchr(" \t\r", scan->line.p[n - 1]))
        n--;
    if (n == 0)
        return;
    scan->line.n = n;
    arena_reset(&scan->means->arena);
    if (scan_json(&json, scan->line)) {
        scan->result->unscanned += json.unscanned;
        return;
    }
    scan->result->plain_lines++;
    struct scan_request request = {.scanner = scan->means->scanner,
                                   .text = scan->line,
                                   .to = n,
                                   .explain = scan->means->explain,
                                   .on_span = on_plain_span,
                                   .user = scan};
    scan->result->unscanned += scan_windows(&request);
}

void scan_block_lines(struct scan_means *means, const struct scan_block *block,
                      struct scan_result *ret_result)
{
    struct place place = {.text = dvara_str_slice(block->text, block->from, block->to)};
    struct line_scan scan = {.means = means, .result = ret_result};
    begin(ret_result);
    while (place.at < place.text.n) {
        const char *from = place.text.p + place.at;
        const char *feed = memchr(from, '\n', place.text.n - place.at);
        size_t length = feed ? (size_t)(feed - from) : place.text.n - place.at;
        scan.line = dvara_str_from(from, length);
        scan.number = place.point.line;
        scan_line(&scan);
        go_to(&place, place.at + length + (feed ? 1 : 0));
    }
    finish(ret_result, block, &place);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Which way each use of a pattern is found, and the table of shapes. */
#include "pii/table.h"

#include "pattern/layout.h"

enum { SCRATCH_MEMORY = 32 << 20, ROWS_MEMORY = 256 << 20 };

enum found_by table_found_by(const struct detector_spec *spec, const struct pattern_source *source,
                             struct arena *scratch)
{
    static const struct {
        struct dvara_str source;
        enum found_by found_by;
    } anchors[] = {{{.p = "[0-9]", .n = 5}, FOUND_BY_DIGITS},
                   {{.p = "@", .n = 1}, FOUND_BY_AT},
                   {{.p = ":", .n = 1}, FOUND_BY_COLON}};
    if (table_is_located(spec)) {
        for (size_t i = 0; i < sizeof anchors / sizeof *anchors; i++) {
            if (dvara_str_eq(source->source, anchors[i].source))
                return anchors[i].found_by;
        }
        return FOUND_BY_PATTERN;
    }
    struct layout *layouts;
    size_t n = layout_parse(source, scratch, &layouts);
    arena_reset(scratch);
    return n ? FOUND_BY_LAYOUT : FOUND_BY_PATTERN;
}

static size_t layouts_of(const struct dvara_detectors *detectors, uint32_t index,
                         struct arena *scratch, struct layout **ret_v)
{
    const struct pattern_use *use = &detectors->uses[index];
    if (use->found_by != FOUND_BY_LAYOUT)
        return 0;
    return layout_parse(&detectors->v[use->detector].spec.patterns[use->pattern], scratch, ret_v);
}

/* Notes how the use is found, and lists it there. */
static void place_use(struct dvara_detectors *detectors, uint32_t index, struct arena *scratch)
{
    struct pattern_use *use = &detectors->uses[index];
    struct detector *detector = &detectors->v[use->detector];
    enum found_by by =
        table_found_by(&detector->spec, &detector->spec.patterns[use->pattern], scratch);
    use->found_by = (uint8_t)by;
    if (by == FOUND_BY_PATTERN) {
        detectors->n_by_pattern++;
        detector->is_searched = true;
    } else if (by != FOUND_BY_LAYOUT) {
        detectors->anchored[by][detectors->n_anchored[by]++] =
            (struct anchor){.use = index,
                            .detector = use->detector,
                            .min_digits = (uint8_t)detector->locator->min_digits,
                            .stop = detector->locator->stop,
                            .bytes = detector->locator_bytes};
    }
}

static bool build_shapes(struct dvara_detectors *detectors, size_t n_uses, struct arena *scratch,
                         struct arena *rows_arena)
{
    struct layout *layouts;
    size_t total = 0;
    for (uint32_t u = 0; u < n_uses; u++) {
        total += layouts_of(detectors, u, scratch, &layouts);
        arena_reset(scratch);
    }
    struct shape_row *rows = ARENA_ARRAY(rows_arena, total, struct shape_row);
    size_t at = 0;
    for (uint32_t u = 0; rows && u < n_uses; u++) {
        size_t n = layouts_of(detectors, u, scratch, &layouts);
        for (size_t i = 0; i < n && at < total; i++)
            rows[at++] = (struct shape_row){.layout = layouts[i], .use = u};
        arena_reset(scratch);
    }
    return rows && at == total && shapes_build(&detectors->shapes, rows, total, &detectors->arena);
}

/* The keywords of all detectors, by their first bytes; `use` is the detector. */
static bool index_keywords(struct dvara_detectors *detectors)
{
    static const struct pattern_source caseless = {.flags = PATTERN_CASELESS};
    size_t n = 0;
    for (size_t i = 0; i < detectors->n; i++)
        n += detectors->v[i].spec.keywords.n;
    if (!leads_init(&detectors->keywords, n, &detectors->arena))
        return false;
    for (size_t i = 0; i < detectors->n; i++) {
        struct dvara_strs keywords = detectors->v[i].spec.keywords;
        for (size_t k = 0; k < keywords.n; k++) {
            struct prefix prefix = {.n = 0};
            while (prefix.n < PREFIX_BYTES && prefix.n < keywords.v[k].n) {
                prefix.p[prefix.n] = keywords.v[k].p[prefix.n];
                prefix.n++;
            }
            detectors->has_short_keyword = detectors->has_short_keyword || prefix.n < 2;
            if (prefix.n > 1)
                leads_add(&detectors->keywords, &prefix, &caseless, (uint32_t)i);
        }
    }
    return true;
}

/* A use without a lead, by what it begins with. False: that is not known. */
static bool add_begin(struct dvara_detectors *detectors, uint32_t use_index, uint32_t pattern)
{
    const struct pattern_use *use = &detectors->uses[use_index];
    const struct detector *detector = &detectors->v[use->detector];
    struct needs_begin begin;
    if (!needs_begin(&detector->spec.patterns[use->pattern], &begin))
        return false;
    begins_add(&detectors->begins, &begin, &detectors->needs[pattern], use_index, pattern);
    if (detector->max_span && detector->max_span < detectors->narrowest)
        detectors->narrowest = detector->max_span;
    return true;
}

/* Uses that a live text is searched for without a lead. */
static bool index_direct(struct dvara_detectors *detectors, size_t n_uses)
{
    detectors->direct = ARENA_ARRAY(&detectors->arena, n_uses, uint32_t);
    detectors->direct_patterns = ARENA_ARRAY(&detectors->arena, n_uses, uint32_t);
    detectors->narrowest = SIZE_MAX;
    if (!detectors->direct || !detectors->direct_patterns ||
        !begins_init(&detectors->begins, n_uses, &detectors->arena))
        return false;
    for (uint32_t p = 0; p < detectors->n_patterns; p++) {
        for (uint32_t u = detectors->first_use[p]; u < detectors->first_use[p + 1]; u++) {
            const struct pattern_use *use = &detectors->uses[u];
            if (use->found_by != FOUND_BY_PATTERN || use->led ||
                (!detectors->v[use->detector].locator && add_begin(detectors, u, p)))
                continue;
            detectors->direct_patterns[detectors->n_direct] = p;
            detectors->direct[detectors->n_direct++] = u;
        }
    }
    begins_finish(&detectors->begins);
    return true;
}

/* What the matches of each searched pattern begin with. */
static bool index_leads(struct dvara_detectors *detectors, size_t n_uses)
{
    struct prefix prefixes[PREFIX_MAX];
    size_t room = detectors->n_by_pattern * PREFIX_MAX;
    if (!leads_init(&detectors->leads, room, &detectors->arena) ||
        !leads_init(&detectors->behind, room, &detectors->arena))
        return false;
    for (uint32_t u = 0; u < n_uses; u++) {
        struct pattern_use *use = &detectors->uses[u];
        struct detector *detector = &detectors->v[use->detector];
        if (use->found_by != FOUND_BY_PATTERN)
            continue;
        const struct pattern_source *source = &detector->spec.patterns[use->pattern];
        size_t n = prefix_list(source, prefixes);
        bool behind = detector->locator && detector->locator->behind;
        for (size_t i = 0; i < n; i++)
            leads_add(behind ? &detectors->behind : &detectors->leads, &prefixes[i], source, u);
        use->led = n > 0;
        if (detector->locator && !use->led)
            detectors->has_triggered = detector->is_triggered = true;
    }
    return index_keywords(detectors) && index_direct(detectors, n_uses);
}

static void add_tail(struct dvara_detectors *detectors, uint32_t use_index)
{
    struct tails *tails = &detectors->tails;
    const struct detector *detector = &detectors->v[detectors->uses[use_index].detector];
    for (size_t i = 0; i < tails->n; i++) {
        if (detectors->uses[tails->uses[i]].detector == detectors->uses[use_index].detector)
            return;
    }
    uint64_t bit = tails->n < TAILS_BITS ? UINT64_C(1) << tails->n : 0;
    for (unsigned c = 0; c < 256; c++) {
        tails->start[c] |= detector->locator_bytes[c] & LOCATOR_START ? bit : 0;
        tails->inside[c] |= detector->locator_bytes[c] ? bit : 0;
        tails->third[c] |= detector->locator_bytes[c] & LOCATOR_THIRD ? bit : 0;
    }
    for (size_t n = 0; n < TAILS_NEAR && n < detector->max_span; n++)
        tails->wide[n] |= bit;
    tails->uses[tails->n++] = use_index;
}

/* Those first that lead a word on: most words wait for one of them, and then nothing else is asked.
 */
static bool index_tails(struct dvara_detectors *detectors, size_t n_uses)
{
    static const enum found_by order[] = {FOUND_BY_AT, FOUND_BY_DIGITS, FOUND_BY_COLON,
                                          FOUND_BY_PATTERN};
    detectors->tails.uses = ARENA_ARRAY(&detectors->arena, n_uses, uint32_t);
    if (!detectors->tails.uses)
        return false;
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        for (uint32_t u = 0; u < n_uses; u++) {
            if (detectors->uses[u].found_by == order[i] &&
                detectors->v[detectors->uses[u].detector].locator)
                add_tail(detectors, u);
        }
    }
    return true;
}

bool table_place_uses(struct dvara_detectors *detectors)
{
    size_t n_uses = detectors->first_use[detectors->n_patterns];
    struct arena scratch;
    struct arena rows_arena;
    arena_init(&scratch, SCRATCH_MEMORY);
    arena_init(&rows_arena, ROWS_MEMORY);
    bool right = true;
    for (size_t by = 0; by < FOUND_BY_COUNT && right; by++) {
        detectors->anchored[by] = ARENA_ARRAY(&detectors->arena, n_uses, struct anchor);
        right = detectors->anchored[by] != NULL;
    }
    for (uint32_t u = 0; right && u < n_uses; u++)
        place_use(detectors, u, &scratch);
    right = right && build_shapes(detectors, n_uses, &scratch, &rows_arena) &&
            index_leads(detectors, n_uses) && index_tails(detectors, n_uses);
    arena_clear(&scratch);
    arena_clear(&rows_arena);
    return right;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/table.h"

#include "base/buf.h"
#include "dvara/limits.h"
#include "pattern/text.h"
#include "pii/fold.h"

#include <stdio.h>
#include <stdlib.h>

enum {
    TABLE_MEMORY = 64 << 20,
    SCRATCH_MEMORY = 32 << 20,
    LEFT_CONTEXT_MIN = 128,
    DISGUISE_CONTEXT = 512
};

static bool same_source(const struct pattern_source *a, const struct pattern_source *b)
{
    return a->flags == b->flags && dvara_str_eq(a->source, b->source);
}

static size_t add_source(struct pattern_source *v, size_t *n, struct pattern_source source)
{
    for (size_t i = 0; i < *n; i++) {
        if (same_source(&v[i], &source))
            return i;
    }
    v[*n] = source;
    return (*n)++;
}

bool table_is_located(const struct detector_spec *spec)
{
    const struct validator *validator = validator_find(spec->validator);
    return validator && validator->locator;
}

/* The flags of pattern k of a detector in the set; its except patterns come after the others. */
static struct pattern_source numbered_source(const struct detector_spec *spec, size_t k,
                                             struct arena *scratch)
{
    struct pattern_source source;
    if (k >= spec->n_patterns) {
        source = spec->except_patterns[k - spec->n_patterns];
        source.flags |= PATTERN_EXACT_ONLY;
        return source;
    }
    source = spec->patterns[k];
    if (!table_is_located(spec))
        source.flags |= PATTERN_SPAN;
    if (table_found_by(spec, &spec->patterns[k], scratch) != FOUND_BY_PATTERN)
        source.flags |= PATTERN_PLACED;
    else
        source.flags |= PATTERN_WINDOWED | (spec->keywords.n ? PATTERN_GATED : 0u);
    return source;
}

enum dvara_status table_number(const struct detector_spec *specs, size_t n, struct arena *arena,
                               struct pattern_source **ret_v, size_t *ret_n, uint16_t **ret_numbers)
{
    size_t most = 0;
    for (size_t i = 0; i < n; i++)
        most += specs[i].n_patterns + specs[i].n_except_patterns;
    struct pattern_source *v = ARENA_ARRAY(arena, most, struct pattern_source);
    uint16_t *numbers = ARENA_ARRAY(arena, most, uint16_t);
    if (!v || !numbers)
        return DVARA_NO_MEMORY;
    struct arena scratch;
    size_t distinct = 0;
    size_t at = 0;
    arena_init(&scratch, SCRATCH_MEMORY);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < specs[i].n_patterns + specs[i].n_except_patterns; k++)
            numbers[at++] =
                (uint16_t)add_source(v, &distinct, numbered_source(&specs[i], k, &scratch));
    }
    arena_clear(&scratch);
    if (distinct > PATTERN_MAX)
        return DVARA_TOO_LARGE;
    *ret_v = v;
    *ret_n = distinct;
    if (ret_numbers)
        *ret_numbers = numbers;
    return DVARA_OK;
}

enum dvara_status detectors_sources(struct dvara_str section, struct arena *arena,
                                    struct pattern_source **ret_v, size_t *ret_n)
{
    struct detector_spec *specs;
    size_t n;
    enum dvara_status status = detectors_decode(section, arena, &specs, &n);
    return status == DVARA_OK ? table_number(specs, n, arena, ret_v, ret_n, NULL) : status;
}

/* The bits of each byte for a locator's `start`, `inside` and `third`. */
static uint8_t *locator_bytes(const struct locator *locator, struct arena *arena)
{
    uint8_t *bytes = ARENA_ARRAY(arena, 256, uint8_t);
    const struct {
        const char *list;
        uint8_t bit;
    } lists[] = {{locator->start, LOCATOR_START},
                 {locator->inside, LOCATOR_INSIDE},
                 {locator->third ? locator->third : locator->inside, LOCATOR_THIRD}};
    for (size_t i = 0; bytes && i < sizeof lists / sizeof *lists; i++) {
        for (const char *p = lists[i].list; *p; p++) {
            unsigned first = (unsigned char)p[0];
            unsigned last = p[1] == '-' && p[2] ? (unsigned char)p[2] : first;
            for (unsigned c = first; c <= last; c++)
                bytes[c] |= lists[i].bit;
            if (last != first)
                p += 2;
        }
    }
    for (unsigned c = 0x80; bytes && locator->wide && c < 256; c++)
        bytes[c] = LOCATOR_START | LOCATOR_INSIDE | LOCATOR_THIRD;
    return bytes;
}

static size_t fold_ascii(struct dvara_str word, char *to)
{
    for (size_t i = 0; i < word.n; i++)
        to[i] = text_fold(word.p[i]);
    return word.n;
}

/* Words in lower case, so that a comparison folds only the text. */
static bool fold_words(struct dvara_strs *words, size_t (*fold)(struct dvara_str, char *),
                       struct arena *arena, uint32_t *longest)
{
    struct dvara_str *v = ARENA_ARRAY(arena, words->n, struct dvara_str);
    if (!v)
        return false;
    for (size_t i = 0; i < words->n; i++) {
        char *p = arena_alloc(arena, words->v[i].n);
        if (!p)
            return false;
        v[i] = dvara_str_from(p, fold(words->v[i], p));
        if (v[i].n > *longest)
            *longest = (uint32_t)v[i].n;
    }
    words->v = v;
    return true;
}

enum { BARE_MIN = 4 /* bytes that tell a word, its accents gone, from others */, WAYS = 3 };

/* The word and the ways to spell it without its accents. False: no memory. */
static bool add_word(struct dvara_detectors *detectors, size_t index, enum words_list list,
                     struct dvara_str word)
{
    words_add(&detectors->words, index, list, word);
    for (int how = FOLD_BARE; how <= FOLD_SPELLED; how++) {
        char *p = arena_alloc(&detectors->arena, word.n);
        if (!p)
            return false;
        size_t n = fold_bare(word, (enum fold_bare)how, p);
        if (n >= BARE_MIN)
            words_add(&detectors->words, index, list, dvara_str_from(p, n));
    }
    return true;
}

static bool add_words(struct dvara_detectors *detectors, size_t index, enum words_list list,
                      struct dvara_strs strs)
{
    for (size_t i = 0; i < strs.n; i++) {
        if (strs.v[i].n && !add_word(detectors, index, list, strs.v[i]))
            return false;
    }
    return true;
}

/* How many words they are at most. */
static size_t ways(struct dvara_strs strs)
{
    size_t n = strs.n;
    for (size_t i = 0; i < strs.n; i++) {
        bool plain = true;
        for (size_t k = 0; k < strs.v[i].n; k++)
            plain = plain && (unsigned char)strs.v[i].p[k] < 0x80;
        n += plain ? 0 : WAYS - 1;
    }
    return n;
}

/* All detectors' words in one table. */
static bool index_words(struct dvara_detectors *detectors)
{
    size_t most = 0;
    for (size_t i = 0; i < detectors->n; i++)
        most += ways(detectors->v[i].spec.context) + ways(detectors->v[i].spec.against);
    if (!words_init(&detectors->words, detectors->n, most, &detectors->arena))
        return false;
    for (size_t i = 0; i < detectors->n; i++) {
        if (!add_words(detectors, i, WORDS_CONTEXT, detectors->v[i].spec.context) ||
            !add_words(detectors, i, WORDS_AGAINST, detectors->v[i].spec.against))
            return false;
    }
    words_finish(&detectors->words);
    return true;
}

/* As wide as declared, else as the validator or the widest pattern can be. */
static uint32_t span_bound(const struct detector *detector, const struct pattern_set *set)
{
    uint32_t widest = 0;
    if (detector->locator)
        return detector->locator->max_span;
    for (size_t i = 0; i < detector->spec.n_patterns; i++) {
        uint32_t width = pattern_set_max_width(set, detector->patterns[i]);
        widest = width > widest ? width : widest;
    }
    if (widest > DVARA_MAX_SPAN)
        widest = DVARA_MAX_SPAN;
    return detector->spec.max_span ? detector->spec.max_span : widest;
}

static enum dvara_status join(struct dvara_detectors *detectors, struct detector *detector,
                              const struct detector_spec *spec, uint16_t *numbers)
{
    const struct validator *validator = validator_find(spec->validator);
    if (spec->validator.n && !validator)
        return DVARA_UNSUPPORTED;
    detector->spec = *spec;
    detector->patterns = numbers;
    detector->except_patterns = numbers + spec->n_patterns;
    if (validator) {
        detector->locator = validator->locator;
        detector->check = validator->check;
        detector->run = validator->run;
        detector->sure = validator->sure;
    }
    if (detector->locator) {
        detector->locator_bytes = locator_bytes(detector->locator, &detectors->arena);
        if (!detector->locator_bytes)
            return DVARA_NO_MEMORY;
    }
    detector->checks = validator != NULL;
    detector->folds = validator && (!detector->locator ||
                                    (detector->locator_bytes[(unsigned char)'0'] & LOCATOR_START));
    uint32_t ignored = 0;
    if (!fold_words(&detector->spec.context, fold_word, &detectors->arena,
                    &detector->longest_word) ||
        !fold_words(&detector->spec.against, fold_word, &detectors->arena,
                    &detector->longest_word) ||
        !fold_words(&detector->spec.keywords, fold_ascii, &detectors->arena, &ignored))
        return DVARA_NO_MEMORY;
    detector->max_span = span_bound(detector, detectors->set);
    return DVARA_OK;
}

/* Which detectors use each pattern, as ranges of one array. */
static enum dvara_status index_uses(struct dvara_detectors *detectors)
{
    size_t total = 0;
    for (size_t i = 0; i < detectors->n; i++)
        total += detectors->v[i].spec.n_patterns;
    detectors->first_use = ARENA_ARRAY(&detectors->arena, detectors->n_patterns + 2, uint32_t);
    detectors->uses = ARENA_ARRAY(&detectors->arena, total, struct pattern_use);
    if (!detectors->first_use || !detectors->uses)
        return DVARA_NO_MEMORY;
    uint32_t *at = detectors->first_use + 1; /* shifted by one while filling */
    for (size_t i = 0; i < detectors->n; i++) {
        for (size_t k = 0; k < detectors->v[i].spec.n_patterns; k++)
            at[detectors->v[i].patterns[k] + 1]++;
    }
    for (size_t p = 1; p < detectors->n_patterns; p++)
        at[p] += at[p - 1];
    for (size_t i = 0; i < detectors->n; i++) {
        for (size_t k = 0; k < detectors->v[i].spec.n_patterns; k++)
            detectors->uses[at[detectors->v[i].patterns[k]]++] =
                (struct pattern_use){.detector = (uint16_t)i, .pattern = (uint8_t)k};
    }
    return DVARA_OK;
}

static bool index_needs(struct dvara_detectors *detectors, const struct pattern_source *sources)
{
    size_t n = detectors->n_patterns;
    detectors->needs = ARENA_ARRAY(&detectors->arena, n, struct pattern_needs);
    detectors->gated = ARENA_ARRAY(&detectors->arena, n, uint32_t);
    if (!detectors->needs || !detectors->gated)
        return false;
    for (size_t p = 0; p < n; p++) {
        detectors->needs[p] = pattern_needs(&sources[p]);
        if (pattern_is_gated(detectors->set, p))
            detectors->gated[detectors->n_gated++] = (uint32_t)p;
    }
    return true;
}

/* The name before a value: as far back as the bytes are kept. */
static void note_lead_reach(struct dvara_detectors *detectors, uint32_t use_index, size_t width)
{
    struct pattern_use *use = &detectors->uses[use_index];
    const struct locator *locator = detectors->v[use->detector].locator;
    enum { CODE_POINT_BYTES = 4, MOST = 1024 };
    if (!use->led || !locator || !locator->behind)
        return;
    use->reach = (uint16_t)(width < MOST / CODE_POINT_BYTES ? width * CODE_POINT_BYTES : MOST);
    detectors->lead_reach = use->reach > detectors->lead_reach ? use->reach : detectors->lead_reach;
}

static void measure(struct dvara_detectors *detectors)
{
    size_t context = LEFT_CONTEXT_MIN;
    for (size_t i = 0; i < detectors->n; i++) {
        const struct detector *detector = &detectors->v[i];
        size_t reach = (size_t)detector->spec.within * 4 + detector->longest_word + 8;
        context = reach > context ? reach : context;
        if (detector->max_span > detectors->max_span)
            detectors->max_span = detector->max_span;
    }
    for (size_t p = 0; p < detectors->n_patterns; p++) {
        for (uint32_t u = detectors->first_use[p]; u < detectors->first_use[p + 1]; u++) {
            note_lead_reach(detectors, u, pattern_set_max_width(detectors->set, p));
            if (detectors->uses[u].found_by == FOUND_BY_PATTERN &&
                !pattern_is_searched(detectors->set, p, false))
                detectors->has_unsearched = true;
        }
        size_t width = pattern_set_max_width(detectors->set, p);
        if (width > detectors->trigger_reach && pattern_is_searched(detectors->set, p, true))
            detectors->trigger_reach = width;
    }
    context = detectors->lead_reach > context ? detectors->lead_reach : context;
    detectors->left_context = context;
    detectors->reach = context + DISGUISE_CONTEXT;
}

static enum dvara_status fill(struct dvara_detectors *detectors, struct dvara_str database,
                              struct detectors_error *ret_error)
{
    struct detector_spec *specs;
    struct pattern_source *sources;
    uint16_t *numbers;
    size_t n;
    enum dvara_status status = detectors_decode(detectors->section, &detectors->arena, &specs, &n);
    if (status == DVARA_OK)
        status =
            table_number(specs, n, &detectors->arena, &sources, &detectors->n_patterns, &numbers);
    if (status == DVARA_OK)
        status = pattern_set_load(database, &detectors->set);
    if (status != DVARA_OK)
        return status;
    if (pattern_set_count(detectors->set) != detectors->n_patterns)
        return DVARA_CORRUPT;
    detectors->v = ARENA_ARRAY(&detectors->arena, n, struct detector);
    if (!detectors->v)
        return DVARA_NO_MEMORY;
    for (; detectors->n < n && status == DVARA_OK; detectors->n++) {
        const struct detector_spec *spec = &specs[detectors->n];
        status = join(detectors, &detectors->v[detectors->n], spec, numbers);
        numbers += spec->n_patterns + spec->n_except_patterns;
    }
    if (status == DVARA_OK)
        status = index_uses(detectors);
    if (status == DVARA_OK && (!index_needs(detectors, sources) || !table_place_uses(detectors) ||
                               !index_words(detectors)))
        status = DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = table_self_test(detectors, sources, ret_error);
    if (status == DVARA_OK)
        measure(detectors);
    return status;
}

enum dvara_status detectors_load(struct dvara_str section, struct dvara_str database,
                                 struct detectors_error *ret_error,
                                 struct dvara_detectors **ret_detectors)
{
    ret_error->text[0] = '\0';
    struct dvara_detectors *detectors = calloc(1, sizeof *detectors);
    if (!detectors)
        return DVARA_NO_MEMORY;
    arena_init(&detectors->arena, TABLE_MEMORY);
    detectors->section = section.n ? arena_copy(&detectors->arena, section) : DVARA_STR("");
    enum dvara_status status = dvara_str_is_absent(detectors->section)
                                   ? DVARA_NO_MEMORY
                                   : fill(detectors, database, ret_error);
    if (status != DVARA_OK) {
        if (!ret_error->text[0])
            (void)snprintf(ret_error->text, sizeof ret_error->text, "detectors: %s",
                           dvara_status_sentence(status));
        detectors_free(detectors);
        return status;
    }
    *ret_detectors = detectors;
    return DVARA_OK;
}

void detectors_free(struct dvara_detectors *detectors)
{
    if (!detectors)
        return;
    pattern_set_free(detectors->set);
    arena_clear(&detectors->arena);
    free(detectors);
}

size_t dvara_detectors_count(const struct dvara_detectors *detectors)
{
    return detectors->n;
}

struct dvara_str detectors_section(const struct dvara_detectors *detectors)
{
    return detectors->section;
}

struct dvara_str detectors_name(const struct dvara_detectors *detectors, size_t index)
{
    return detectors->v[index].spec.name;
}

struct dvara_str detectors_label(const struct dvara_detectors *detectors, size_t index)
{
    return detectors->v[index].spec.label;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Groups, flattened to detectors and thresholds, and the detector section. A detector's number is
 * its place in the order of names. */
#include "lang/generator.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pii/detectors.h"

enum { DETECTOR_SECTION_MAX = 64 << 20, DEFAULT_THRESHOLD = 500000 };

/* Thresholds by detector; 0: not a member (a threshold of 0 is kept as 1 part per million). */
struct collecting {
    uint32_t *detectors;
    uint32_t *groups; /* the lowest that each group was entered with */
};

/* A group that was entered with as low a threshold has nothing new to say: without that, groups of
 * groups of groups would be walked once for every path. */
static void collect(const struct decl *decl, uint32_t threshold, struct collecting *all)
{
    uint32_t *known =
        decl->kind == DECL_DETECTOR ? &all->detectors[decl->order] : &all->groups[decl->order];
    if (*known && *known <= threshold)
        return;
    *known = threshold;
    for (size_t i = 0; decl->kind == DECL_GROUP && i < decl->group.n_members; i++) {
        const struct group_member *member = &decl->group.members[i];
        uint32_t own = member->threshold.has ? (uint32_t)member->threshold.i : threshold;
        if (member->ref.decl)
            collect(member->ref.decl, own ? own : 1, all);
    }
}

void codegen_thresholds(const struct program *program, const struct decl *decl,
                        uint32_t *thresholds)
{
    struct collecting all = {thresholds, thresholds + program->by_kind[DECL_DETECTOR].n};
    collect(decl, DEFAULT_THRESHOLD, &all);
}

uint32_t generate_group(struct generator *generator, const struct decl *decl)
{
    uint32_t *known = decl->kind == DECL_GROUP ? &generator->group_rows[decl->order]
                                               : &generator->detector_rows[decl->order];
    size_t n = generator->program->by_kind[DECL_DETECTOR].n;
    if (*known)
        return *known - 1;
    size_t n_groups = generator->program->by_kind[DECL_GROUP].n;
    uint32_t *thresholds = ARENA_ARRAY(generator->arena, n + n_groups, uint32_t);
    if (!thresholds)
        return 0;
    codegen_thresholds(generator->program, decl, thresholds);
    struct bundle_group row = {.name = bundle_string(generator->writer, decl->name),
                               .first = bundle_count(generator->writer, BUNDLE_TABLE_MEMBER)};
    for (uint32_t i = 0; i < n; i++) {
        if (!thresholds[i])
            continue;
        struct bundle_member member = {i, thresholds[i]};
        bundle_add(generator->writer, BUNDLE_TABLE_MEMBER, &member);
        row.count++;
    }
    *known = bundle_add(generator->writer, BUNDLE_TABLE_GROUP, &row) + 1;
    return *known - 1;
}

static struct dvara_strs words(struct arena *arena, const struct texts *texts)
{
    struct dvara_str *v = ARENA_ARRAY(arena, texts->n, struct dvara_str);
    for (size_t i = 0; v && i < texts->n; i++)
        v[i] = texts->v[i].s;
    return (struct dvara_strs){v, v ? texts->n : 0};
}

static struct pattern_source pattern_of(const struct regex *regex, uint32_t more)
{
    return (struct pattern_source){.source = regex->text,
                                   .flags = more |
                                            (regex->flags & REGEX_I ? PATTERN_CASELESS : 0u) |
                                            (regex->flags & REGEX_S ? PATTERN_DOTALL : 0u) |
                                            (regex->flags & REGEX_X ? PATTERN_EXTENDED : 0u)};
}

static void excepts(struct arena *arena, const struct detector *detector,
                    struct detector_spec *spec)
{
    struct dvara_str *texts = ARENA_ARRAY(arena, detector->n_excepts, struct dvara_str);
    struct pattern_source *patterns =
        ARENA_ARRAY(arena, detector->n_excepts, struct pattern_source);
    for (size_t i = 0; texts && patterns && i < detector->n_excepts; i++) {
        const struct detector_except *except = &detector->excepts[i];
        if (dvara_str_is_absent(except->text))
            patterns[spec->n_except_patterns++] = pattern_of(&except->regex, PATTERN_EXACT_ONLY);
        else
            texts[spec->except.n++] = except->text;
    }
    spec->except.v = texts;
    spec->except_patterns = patterns;
}

/* The lowest threshold that any group gives the detector. */
static uint32_t floor_of(struct generator *generator, uint32_t detector)
{
    uint32_t lowest = 0;
    if (generator->floors)
        return generator->floors[detector];
    for (uint32_t i = 0; i < bundle_count(generator->writer, BUNDLE_TABLE_MEMBER); i++) {
        const struct bundle_member *member = bundle_row(generator->writer, BUNDLE_TABLE_MEMBER, i);
        if (member->detector == detector && (!lowest || member->threshold < lowest))
            lowest = member->threshold;
    }
    return lowest;
}

static struct detector_spec spec_of(struct generator *generator, const struct decl *decl)
{
    const struct detector *detector = &decl->detector;
    struct pattern_source *patterns =
        ARENA_ARRAY(generator->arena, detector->n_patterns, struct pattern_source);
    for (size_t i = 0; patterns && i < detector->n_patterns; i++)
        patterns[i] = pattern_of(&detector->patterns[i], 0);
    struct detector_spec spec = {.name = decl->name,
                                 .patterns = patterns,
                                 .n_patterns = patterns ? detector->n_patterns : 0,
                                 .context = words(generator->arena, &detector->context),
                                 .within = detector->within.has ? (uint32_t)detector->within.i : 0,
                                 .against = words(generator->arena, &detector->against),
                                 .keywords = words(generator->arena, &detector->keywords),
                                 .validator = detector->validate.s,
                                 .entropy_milli = (uint32_t)(detector->entropy * 1000 + 0.5),
                                 .score_low_ppm = (uint32_t)detector->score_low.i,
                                 .score_high_ppm = (uint32_t)detector->score_high.i,
                                 .floor_ppm = floor_of(generator, decl->order),
                                 .max_span = (uint32_t)detector->max_span.i,
                                 .mask_none = detector->mask_none};
    excepts(generator->arena, detector, &spec);
    return spec;
}

/* Which detectors the bundle holds: those of the groups that its code names. A library may declare
 * hundreds beside them. A program without rules is a library itself, and a scan has chosen. */
static void mark_used(struct generator *generator, bool *used, size_t n)
{
    bool all = generator->floors || generator->program->by_kind[DECL_RULE].n == 0;
    for (size_t i = 0; i < n; i++)
        used[i] = all;
    for (uint32_t i = 0; i < bundle_count(generator->writer, BUNDLE_TABLE_MEMBER); i++) {
        const struct bundle_member *member = bundle_row(generator->writer, BUNDLE_TABLE_MEMBER, i);
        used[member->detector] = true;
    }
}

/* Gives members the numbers that the detectors have once the others are left out. */
static void renumber(struct generator *generator, const uint32_t *numbers)
{
    for (uint32_t i = 0; i < bundle_count(generator->writer, BUNDLE_TABLE_MEMBER); i++) {
        struct bundle_member *member = bundle_row(generator->writer, BUNDLE_TABLE_MEMBER, i);
        member->detector = numbers[member->detector];
    }
}

/* The specs of the detectors that are used; their count. */
static size_t select_specs(struct generator *generator, struct detector_spec *specs)
{
    const struct decls *decls = &generator->program->by_kind[DECL_DETECTOR];
    bool *used = ARENA_ARRAY(generator->arena, decls->n, bool);
    uint32_t *numbers = ARENA_ARRAY(generator->arena, decls->n, uint32_t);
    size_t n = 0;
    if (!used || !numbers)
        return 0;
    mark_used(generator, used, decls->n);
    for (size_t i = 0; i < decls->n; i++) {
        numbers[i] = (uint32_t)n;
        if (used[i])
            specs[n++] = spec_of(generator, decls->v[i]);
    }
    renumber(generator, numbers);
    return n;
}

void generate_detectors(struct generator *generator)
{
    const struct decls *decls = &generator->program->by_kind[DECL_DETECTOR];
    struct detector_spec *specs = ARENA_ARRAY(generator->arena, decls->n, struct detector_spec);
    struct buf section;
    buf_init(&section, DETECTOR_SECTION_MAX);
    size_t n = specs ? select_specs(generator, specs) : 0;
    if (n)
        detectors_encode(specs, n, &section);
    if (section.n)
        bundle_section(generator->writer, SECTION_DETECTORS, buf_str(&section));
    buf_reset(&section);
    if (generator->n_patterns)
        pattern_sources_encode(generator->patterns, generator->n_patterns, &section);
    if (section.n)
        bundle_section(generator->writer, SECTION_PATTERNS, buf_str(&section));
    buf_clear(&section);
}

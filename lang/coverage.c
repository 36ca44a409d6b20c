/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/coverage.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/json_text.h"
#include "lang/testrow.h"

#include <inttypes.h>
#include <string.h>

enum { RULE_ATOMS = 256, NAME_WIDTH = 24, NAME_WIDTH_MAX = 48 };

static void on_rule(void *user, uint32_t rule, enum dvara_phase phase, struct dvara_str target,
                    enum dvara_truth truth)
{
    struct coverage *coverage = user;
    (void)phase;
    (void)target;
    coverage->rules[rule].n[truth]++;
}

static void on_atom(void *user, uint32_t index, enum dvara_phase phase, enum dvara_truth truth)
{
    struct coverage *coverage = user;
    (void)phase;
    coverage->atoms[index].n[truth]++;
}

bool coverage_init(struct coverage *coverage, const struct program *program,
                   const struct dvara_bundle *bundle, struct arena *arena)
{
    size_t n_rules = dvara_bundle_info(bundle).n_rules, n_atoms = dvara_bundle_atoms(bundle);
    *coverage = (struct coverage){.program = program,
                                  .bundle = bundle,
                                  .rules = ARENA_ARRAY(arena, n_rules, struct outcomes),
                                  .atoms = ARENA_ARRAY(arena, n_atoms, struct outcomes),
                                  .n_rules = n_rules,
                                  .n_atoms = n_atoms};
    coverage->trace = (struct dvara_trace){
        .user = coverage, .every_rule = true, .rule = on_rule, .atom = on_atom};
    return coverage->rules && coverage->atoms;
}

/* Does an error of the condition make one of the rule's effects apply? */
static bool applies_on_error(const struct coverage *coverage, uint32_t rule)
{
    const struct decl *decl =
        program_find(coverage->program, DECL_RULE, dvara_bundle_rule(coverage->bundle, rule).name);
    for (size_t i = 0; decl && i < decl->rule.n_effects; i++) {
        if (effect_row(decl->rule.effects[i].kind)->on_error != DVARA_ON_ERROR_SKIP)
            return true;
    }
    return false;
}

bool coverage_applied(const struct coverage *coverage, uint32_t rule)
{
    const uint64_t *n = coverage->rules[rule].n;
    return n[DVARA_TRUE] > 0 || (n[DVARA_ERRED] > 0 && applies_on_error(coverage, rule));
}

/* The atoms of a rule that are not lets: those are what their own atoms make them. */
static size_t atoms_of(const struct coverage *coverage, uint32_t rule, uint32_t *atoms)
{
    size_t n = dvara_bundle_rule_atoms(coverage->bundle, rule, atoms, RULE_ATOMS), kept = 0;
    for (size_t i = 0; i < n && i < RULE_ATOMS; i++) {
        if (!dvara_bundle_atom(coverage->bundle, atoms[i]).is_let)
            atoms[kept++] = atoms[i];
    }
    return kept;
}

/* An atom that several rules share is counted with each: each row of the table adds up by itself.
 */
static struct coverage_sums sums_of(const struct coverage *coverage, uint32_t rule)
{
    uint32_t atoms[RULE_ATOMS];
    size_t n = atoms_of(coverage, rule, atoms);
    struct coverage_sums sums = {
        .rules = 1, .matched = coverage_applied(coverage, rule), .outcomes = 2 * n};
    for (size_t i = 0; i < n; i++) {
        const struct outcomes *outcomes = &coverage->atoms[atoms[i]];
        sums.reached += outcomes->n[DVARA_TRUE] > 0;
        sums.reached += outcomes->n[DVARA_FALSE] > 0;
    }
    return sums;
}

struct coverage_sums coverage_sums(const struct coverage *coverage)
{
    struct coverage_sums sums = {.rules = 0};
    for (size_t i = 0; i < coverage->n_rules; i++) {
        struct coverage_sums one = sums_of(coverage, (uint32_t)i);
        sums.rules++;
        sums.matched += one.matched;
        sums.outcomes += one.outcomes;
        sums.reached += one.reached;
    }
    return sums;
}

static unsigned share(size_t part, size_t whole)
{
    return whole ? (unsigned)(100 * part / whole) : 100;
}

unsigned coverage_percent(struct coverage_sums sums)
{
    unsigned rules = share(sums.matched, sums.rules);
    unsigned outcomes = share(sums.reached, sums.outcomes);
    return rules < outcomes ? rules : outcomes;
}

/* ---- for people ---- */

static int name_width(const struct coverage *coverage)
{
    size_t width = NAME_WIDTH;
    for (size_t i = 0; i < coverage->n_rules; i++) {
        size_t n = dvara_bundle_rule(coverage->bundle, (uint32_t)i).name.n;
        if (n > width)
            width = n < NAME_WIDTH_MAX ? n : NAME_WIDTH_MAX;
    }
    return (int)width;
}

static void print_rule(const struct coverage *coverage, uint32_t rule, int width, struct buf *out)
{
    struct dvara_rule_info info = dvara_bundle_rule(coverage->bundle, rule);
    const uint64_t *n = coverage->rules[rule].n;
    struct coverage_sums sums = sums_of(coverage, rule);
    buf_printf(out, "%-*.*s %7" PRIu64 " %7" PRIu64 " %7" PRIu64 "  %zu of %zu\n", width,
               DVARA_STR_ARG(info.name), n[DVARA_TRUE], n[DVARA_FALSE], n[DVARA_ERRED],
               sums.reached, sums.outcomes);
}

static void print_missing(const struct coverage *coverage, uint32_t rule, struct buf *out)
{
    struct dvara_rule_info info = dvara_bundle_rule(coverage->bundle, rule);
    struct test_place place = testrow_rule_place(coverage->program, coverage->bundle, rule);
    uint32_t atoms[RULE_ATOMS];
    size_t n = atoms_of(coverage, rule, atoms);
    const uint64_t *judged = coverage->rules[rule].n;
    if (judged[DVARA_TRUE] == 0)
        buf_printf(out, "%.*s:%u: rule %.*s %s\n", DVARA_STR_ARG(place.path), place.line,
                   DVARA_STR_ARG(info.name),
                   judged[DVARA_ERRED] ? "only erred" : "held in no test");
    for (size_t i = 0; i < n; i++) {
        const struct outcomes *outcomes = &coverage->atoms[atoms[i]];
        bool was_true = outcomes->n[DVARA_TRUE] > 0, was_false = outcomes->n[DVARA_FALSE] > 0;
        if (was_true && was_false)
            continue;
        buf_printf(out, "%.*s:%u: rule %.*s: `%.*s` was never %s\n", DVARA_STR_ARG(place.path),
                   place.line, DVARA_STR_ARG(info.name),
                   DVARA_STR_ARG(dvara_bundle_atom(coverage->bundle, atoms[i]).text),
                   was_true                       ? "false"
                   : was_false                    ? "true"
                   : outcomes->n[DVARA_ERRED] > 0 ? "true or false: it only erred"
                                                  : "judged");
    }
}

void coverage_print(const struct coverage *coverage, struct buf *out)
{
    struct coverage_sums sums = coverage_sums(coverage);
    int width = name_width(coverage);
    buf_printf(out, "%-*s %7s %7s %7s  outcomes of its conditions\n", width, "rule", "true",
               "false", "error");
    for (size_t i = 0; i < coverage->n_rules; i++)
        print_rule(coverage, (uint32_t)i, width, out);
    for (size_t i = 0; i < coverage->n_rules; i++)
        print_missing(coverage, (uint32_t)i, out);
    buf_printf(out, "coverage: %zu of %zu rules (%u%%), %zu of %zu outcomes (%u%%)\n", sums.matched,
               sums.rules, share(sums.matched, sums.rules), sums.reached, sums.outcomes,
               share(sums.reached, sums.outcomes));
}

/* ---- for programs ---- */

static void print_outcomes(const struct outcomes *outcomes, struct buf *out)
{
    buf_printf(out, "\"true\":%" PRIu64 ",\"false\":%" PRIu64 ",\"error\":%" PRIu64,
               outcomes->n[DVARA_TRUE], outcomes->n[DVARA_FALSE], outcomes->n[DVARA_ERRED]);
}

static void print_rule_json(const struct coverage *coverage, uint32_t rule, struct buf *out)
{
    struct test_place place = testrow_rule_place(coverage->program, coverage->bundle, rule);
    uint32_t atoms[RULE_ATOMS];
    size_t n = atoms_of(coverage, rule, atoms);
    BUF_LIT(out, "{\"rule\":");
    json_write_string(out, dvara_bundle_rule(coverage->bundle, rule).name);
    BUF_LIT(out, ",\"file\":");
    json_write_string(out, place.path);
    buf_printf(out, ",\"line\":%u,", place.line);
    print_outcomes(&coverage->rules[rule], out);
    BUF_LIT(out, ",\"conditions\":[");
    for (size_t i = 0; i < n; i++) {
        buf_append(out, i ? DVARA_STR(",{\"text\":") : DVARA_STR("{\"text\":"));
        json_write_string(out, dvara_bundle_atom(coverage->bundle, atoms[i]).text);
        buf_byte(out, ',');
        print_outcomes(&coverage->atoms[atoms[i]], out);
        buf_byte(out, '}');
    }
    BUF_LIT(out, "]}");
}

void coverage_print_json(const struct coverage *coverage, struct buf *out)
{
    struct coverage_sums sums = coverage_sums(coverage);
    buf_printf(out,
               "{\"rules\":%zu,\"matched\":%zu,\"outcomes\":%zu,\"reached\":%zu,\"percent\":%u,"
               "\"by_rule\":[",
               sums.rules, sums.matched, sums.outcomes, sums.reached, coverage_percent(sums));
    for (size_t i = 0; i < coverage->n_rules; i++) {
        if (i)
            buf_byte(out, ',');
        print_rule_json(coverage, (uint32_t)i, out);
    }
    BUF_LIT(out, "]}");
}

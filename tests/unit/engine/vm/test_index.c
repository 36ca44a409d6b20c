/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index.h"

#include "base/arena.h"
#include "unit/suite.h"

#include <stdio.h>

enum { MODEL = 7, TENANT = 9, MANY = 5000 };

struct fixture {
    struct arena arena;
    struct bundle_program program;
    struct dvara_str *strings;
    struct index index;
};

static void fixture_init(struct fixture *f, uint32_t n_rules, uint32_t n_keys)
{
    arena_init(&f->arena, 64 << 20);
    f->program = (struct bundle_program){.n_strings = n_keys};
    f->strings = ARENA_ARRAY(&f->arena, n_keys + 1, struct dvara_str);
    f->program.strings = f->strings;
    f->program.tables.rules = ARENA_ARRAY(&f->arena, n_rules + 1, struct bundle_rule);
    f->program.tables.keys = ARENA_ARRAY(&f->arena, n_keys + 1, struct bundle_key);
    ck_assert(f->strings && f->program.tables.rules && f->program.tables.keys);
}

static struct bundle_rule *add_rule(struct fixture *f, uint32_t phases, uint32_t flags)
{
    struct bundle_tables *t = &f->program.tables;
    t->rules[t->n_rules] =
        (struct bundle_rule){.phases = phases, .flags = flags, .key_first = t->n_keys};
    return &t->rules[t->n_rules++];
}

/* Gives the last rule one key more. */
static void add_key(struct fixture *f, uint32_t attribute, uint32_t kind, struct dvara_str text)
{
    struct bundle_tables *t = &f->program.tables;
    f->strings[t->n_keys] = text;
    t->keys[t->n_keys] = (struct bundle_key){attribute, kind, t->n_keys};
    t->n_keys++;
    t->rules[t->n_rules - 1].key_count++;
    t->rules[t->n_rules - 1].flags |= BUNDLE_RULE_INDEXED;
}

static struct index_rules look(struct fixture *f, enum stratum stratum, uint8_t attribute,
                               uint8_t kind, struct dvara_str text)
{
    struct index_probe probe = {attribute, kind, (uint32_t)text.n};
    return index_find(&f->index, stratum, &probe, text);
}

TEST(strata_follow_phases_and_flags)
{
    struct bundle_rule rule = {.phases = DVARA_PHASES_REQUEST | DVARA_PHASES_RESPONSE};
    ck_assert(index_rule_is_in(&rule, STRATUM_REQUEST));
    ck_assert(index_rule_is_in(&rule, STRATUM_RESPONSE));
    ck_assert(!index_rule_is_in(&rule, STRATUM_TARGET) && !index_rule_is_in(&rule, STRATUM_TOOL));
    ck_assert(!index_rule_is_in(&rule, STRATUM_REWRITE));
    ck_assert(!index_rule_is_in(&rule, STRATUM_REJUDGE));
    rule.flags = BUNDLE_RULE_REJUDGED;
    ck_assert(index_rule_is_in(&rule, STRATUM_REJUDGE));
    rule.flags = BUNDLE_RULE_REWRITE;
    ck_assert(index_rule_is_in(&rule, STRATUM_REWRITE));
    ck_assert(!index_rule_is_in(&rule, STRATUM_REQUEST));
    ck_assert(!index_rule_is_in(&rule, STRATUM_COUNT));
}

TEST(a_rule_without_keys_is_always_a_candidate_and_one_that_never_holds_is_none)
{
    struct fixture f;
    fixture_init(&f, 3, 1);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, BUNDLE_RULE_INDEXED); /* when false */
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    add_key(&f, MODEL, BUNDLE_KEY_EQUAL, DVARA_STR("a"));
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].n_all, 3);
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].n_always, 1);
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].always[0], 0);
    ck_assert_uint_eq(f.index.strata[STRATUM_TOOL].n_all, 0);
    arena_clear(&f.arena);
}

TEST(a_key_leads_to_its_rules_in_its_stratum_attribute_and_kind_only)
{
    struct fixture f;
    struct dvara_str a = DVARA_STR("a");
    fixture_init(&f, 2, 3);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    add_key(&f, MODEL, BUNDLE_KEY_EQUAL, a);
    (void)add_rule(&f, DVARA_PHASES_REQUEST | DVARA_PHASES_TOOL, 0);
    add_key(&f, MODEL, BUNDLE_KEY_EQUAL, a);
    add_key(&f, TENANT, BUNDLE_KEY_MEMBER, a);
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    struct index_rules both = look(&f, STRATUM_REQUEST, MODEL, BUNDLE_KEY_EQUAL, a);
    ck_assert(both.n == 2 && both.v[0] == 0 && both.v[1] == 1);
    struct index_rules one = look(&f, STRATUM_TOOL, MODEL, BUNDLE_KEY_EQUAL, a);
    ck_assert(one.n == 1 && one.v[0] == 1);
    ck_assert_uint_eq(look(&f, STRATUM_REQUEST, TENANT, BUNDLE_KEY_MEMBER, a).n, 1);
    ck_assert_uint_eq(look(&f, STRATUM_REQUEST, TENANT, BUNDLE_KEY_EQUAL, a).n, 0);
    ck_assert_uint_eq(look(&f, STRATUM_RESPONSE, MODEL, BUNDLE_KEY_EQUAL, a).n, 0);
    ck_assert_uint_eq(look(&f, STRATUM_REQUEST, MODEL, BUNDLE_KEY_EQUAL, DVARA_STR("")).n, 0);
    arena_clear(&f.arena);
}

TEST(prefixes_have_one_probe_a_length_and_other_kinds_one_each)
{
    static const char *const texts[] = {"gpt-4", "gpt-5", "o3", "claude-", "gpt-4"};
    struct fixture f;
    fixture_init(&f, 6, 7);
    for (size_t i = 0; i < 5; i++) {
        (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
        add_key(&f, MODEL, BUNDLE_KEY_PREFIX, dvara_str_from_cstr(texts[i]));
    }
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    add_key(&f, MODEL, BUNDLE_KEY_EQUAL, DVARA_STR("x"));
    add_key(&f, MODEL, BUNDLE_KEY_EQUAL, DVARA_STR("longer"));
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].n_probes, 4); /* 2, 5 and 7; equal */
    ck_assert_uint_eq(f.index.strata[STRATUM_RESPONSE].n_probes, 0);
    ck_assert_uint_eq(look(&f, STRATUM_REQUEST, MODEL, BUNDLE_KEY_PREFIX, DVARA_STR("gpt-4")).n, 2);
    arena_clear(&f.arena);
}

TEST(every_key_of_many_is_found_and_no_other)
{
    struct fixture f;
    char text[24];
    fixture_init(&f, MANY, MANY);
    for (int i = 0; i < MANY; i++) {
        int n = snprintf(text, sizeof text, "tenant-%d", i);
        (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
        add_key(&f, TENANT, BUNDLE_KEY_EQUAL,
                arena_copy(&f.arena, dvara_str_from(text, (size_t)n)));
    }
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(f.index.n_entries, MANY);
    for (uint32_t i = 0; i < 2 * MANY; i++) {
        int n = snprintf(text, sizeof text, "tenant-%u", i);
        struct index_rules found =
            look(&f, STRATUM_REQUEST, TENANT, BUNDLE_KEY_EQUAL, dvara_str_from(text, (size_t)n));
        ck_assert_uint_eq(found.n, i < MANY);
        if (found.n)
            ck_assert_uint_eq(found.v[0], i);
    }
    arena_clear(&f.arena);
}

TEST(a_program_without_rules_has_an_index)
{
    struct fixture f;
    fixture_init(&f, 0, 0);
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(look(&f, STRATUM_REQUEST, MODEL, BUNDLE_KEY_EQUAL, DVARA_STR("a")).n, 0);
    arena_clear(&f.arena);
}

TEST(an_exhausted_arena_is_reported)
{
    struct fixture f;
    struct arena small;
    fixture_init(&f, 1, 1);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    add_key(&f, MODEL, BUNDLE_KEY_EQUAL, DVARA_STR("a"));
    arena_init(&small, 1);
    ck_assert(!index_build(&f.program, &small, &f.index));
    arena_clear(&small);
    arena_clear(&f.arena);
}

SUITE(strata_follow_phases_and_flags,
      a_rule_without_keys_is_always_a_candidate_and_one_that_never_holds_is_none,
      a_key_leads_to_its_rules_in_its_stratum_attribute_and_kind_only,
      prefixes_have_one_probe_a_length_and_other_kinds_one_each,
      every_key_of_many_is_found_and_no_other, a_program_without_rules_has_an_index,
      an_exhausted_arena_is_reported)

/* SPDX-License-Identifier: Apache-2.0 */
/* Which rules a subject's value leads to: against asking every key. */
#include "vm/index.h"

#include "base/arena.h"
#include "unit/suite.h"

#include <stdio.h>

enum { MODEL = DVARA_ATTR_REQUEST_MODEL, TAGS = DVARA_ATTR_TENANT_TAGS, MANY = 1000, ROUNDS = 300 };

struct fixture {
    struct arena arena;
    struct bundle_program program;
    struct dvara_str *strings;
    struct index index;
    uint32_t *stamps, *found, round;
    uint64_t dice;
};

static void fixture_init(struct fixture *f, uint32_t n_rules, uint32_t n_keys)
{
    *f = (struct fixture){.dice = 1};
    arena_init(&f->arena, 256 << 20);
    f->strings = ARENA_ARRAY(&f->arena, n_keys + 1, struct dvara_str);
    f->program.strings = f->strings;
    struct bundle_tables *t = &f->program.tables;
    t->rules = ARENA_ARRAY(&f->arena, n_rules + 1, struct bundle_rule);
    t->keys = ARENA_ARRAY(&f->arena, n_keys + 1, struct bundle_key);
    t->nets = ARENA_ARRAY(&f->arena, n_keys + 1, struct bundle_net);
    t->subjects = ARENA_ARRAY(&f->arena, 8, struct bundle_subject);
    f->stamps = ARENA_ARRAY(&f->arena, n_rules + 1, uint32_t);
    f->found = ARENA_ARRAY(&f->arena, n_rules + 1, uint32_t);
    ck_assert(f->strings && t->rules && t->keys && t->nets && t->subjects && f->stamps && f->found);
}

static uint32_t roll(struct fixture *f, uint32_t n)
{
    f->dice = f->dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(f->dice >> 33) % n;
}

static uint32_t add_subject(struct fixture *f, uint32_t attribute)
{
    struct bundle_tables *t = &f->program.tables;
    t->subjects[t->n_subjects] =
        (struct bundle_subject){.attribute = attribute, .block = BUNDLE_ABSENT};
    return t->n_subjects++;
}

static struct bundle_rule *add_rule(struct fixture *f, uint32_t phases, uint32_t flags)
{
    struct bundle_tables *t = &f->program.tables;
    t->rules[t->n_rules] =
        (struct bundle_rule){.phases = phases, .flags = flags, .key_first = t->n_keys};
    return &t->rules[t->n_rules++];
}

/* Gives the last rule one key more. */
static struct bundle_key *add_key(struct fixture *f, uint32_t subject, uint32_t kind,
                                  struct dvara_str text)
{
    struct bundle_tables *t = &f->program.tables;
    f->strings[t->n_keys] = text;
    t->keys[t->n_keys] =
        (struct bundle_key){.subject = subject, .kind = kind, .text = t->n_keys, .net = t->n_keys};
    t->rules[t->n_rules - 1].key_count++;
    t->rules[t->n_rules - 1].flags |= BUNDLE_RULE_INDEXED;
    return &t->keys[t->n_keys++];
}

/* What the value of subject `s` of a stratum leads to, in f->found. */
static uint32_t find(struct fixture *f, enum stratum stratum, uint32_t s, struct value value)
{
    struct index_sink sink = {f->stamps, ++f->round, f->found, 0};
    ck_assert_uint_lt(s, f->index.strata[stratum].n_subjects);
    index_find(&f->index.strata[stratum].subjects[s], value, &sink);
    return sink.n;
}

static struct dvara_str random_text(struct fixture *f, uint32_t longest, uint32_t letters)
{
    uint32_t n = roll(f, longest + 1);
    char *p = arena_alloc(&f->arena, n + 1);
    ck_assert_ptr_nonnull(p);
    for (uint32_t i = 0; i < n; i++)
        p[i] = (char)('a' + roll(f, letters));
    return dvara_str_from(p, n);
}

/* ---- asking every key ---- */

static bool net_holds(const struct bundle_net *net, const unsigned char a[16])
{
    const uint32_t words[4] = {net->word0, net->word1, net->word2, net->word3};
    for (uint32_t bit = 0; bit < net->bits; bit++) {
        uint32_t have = (uint32_t)a[bit / 8] >> (7 - bit % 8) & 1;
        if (have != (words[bit / 32] >> (31 - bit % 32) & 1))
            return false;
    }
    return true;
}

static bool holds(const struct fixture *f, const struct bundle_key *key, struct value v,
                  const unsigned char *address)
{
    struct dvara_str text = f->strings[key->text];
    switch ((enum bundle_key_kind)key->kind) {
    case BUNDLE_KEY_EQUAL:
        return dvara_str_eq(v.s, text);
    case BUNDLE_KEY_OTHER:
        return !dvara_str_eq(v.s, text);
    case BUNDLE_KEY_PREFIX:
        return dvara_str_starts_with(v.s, text);
    case BUNDLE_KEY_SUFFIX:
        return dvara_str_ends_with(v.s, text);
    case BUNDLE_KEY_SUBSTRING:
        return text.n == 0 || (v.s.n >= text.n && memmem(v.s.p, v.s.n, text.p, text.n));
    case BUNDLE_KEY_RANGE:
        return v.i >= key->low && v.i <= key->high;
    case BUNDLE_KEY_NET:
        return net_holds(&f->program.tables.nets[key->net], address);
    default:
        return false;
    }
}

/* The value leads to exactly the rules of which one key holds. */
static void compare(struct fixture *f, struct value v, const unsigned char *address)
{
    const struct bundle_tables *t = &f->program.tables;
    uint32_t n = find(f, STRATUM_REQUEST, 0, v), expected = 0;
    for (uint32_t r = 0; r < t->n_rules; r++) {
        bool held = false;
        for (uint32_t k = 0; k < t->rules[r].key_count; k++)
            held = held || holds(f, &t->keys[t->rules[r].key_first + k], v, address);
        expected += held;
        ck_assert_msg(held == (f->stamps[r] == f->round), "rule %u of %.*s", r, DVARA_STR_ARG(v.s));
    }
    ck_assert_uint_eq(n, expected);
}

static void add_random_texts(struct fixture *f, uint32_t subject, uint32_t longest,
                             uint32_t letters)
{
    static const uint8_t kinds[] = {BUNDLE_KEY_EQUAL, BUNDLE_KEY_PREFIX, BUNDLE_KEY_SUFFIX,
                                    BUNDLE_KEY_SUBSTRING, BUNDLE_KEY_OTHER};
    for (uint32_t r = 0; r < MANY; r++) {
        (void)add_rule(f, DVARA_PHASES_REQUEST, 0);
        for (uint32_t k = 0; k <= roll(f, 2); k++) {
            uint8_t kind = kinds[roll(f, r % 10 ? 4 : 5)];
            (void)add_key(f, subject, kind, random_text(f, longest, letters));
        }
    }
}

/* ---- tests ---- */

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
    uint32_t model = add_subject(&f, MODEL);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, BUNDLE_RULE_INDEXED); /* when false */
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    (void)add_key(&f, model, BUNDLE_KEY_EQUAL, DVARA_STR("a"));
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].n_all, 3);
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].always.n, 1);
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].always.v[0], 0);
    ck_assert_uint_eq(f.index.strata[STRATUM_TOOL].n_all, 0);
    arena_clear(&f.arena);
}

TEST(a_key_leads_to_its_rules_in_their_strata)
{
    struct fixture f;
    struct dvara_str a = DVARA_STR("a"), tags[] = {{"b", 1}, {"a", 1}, {"a", 1}};
    fixture_init(&f, 2, 3);
    uint32_t model = add_subject(&f, MODEL), list = add_subject(&f, TAGS);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    (void)add_key(&f, model, BUNDLE_KEY_EQUAL, a);
    (void)add_rule(&f, DVARA_PHASES_REQUEST | DVARA_PHASES_TOOL, 0);
    (void)add_key(&f, model, BUNDLE_KEY_EQUAL, a);
    (void)add_key(&f, list, BUNDLE_KEY_MEMBER, a);
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(find(&f, STRATUM_REQUEST, 0, value_str(a)), 2);
    ck_assert_uint_eq(find(&f, STRATUM_TOOL, 0, value_str(a)), 1);
    ck_assert_uint_eq(f.found[0], 1);
    ck_assert_uint_eq(find(&f, STRATUM_REQUEST, 1, value_of_list(tags, 3)), 1);
    ck_assert_uint_eq(find(&f, STRATUM_REQUEST, 1, value_of_list(tags, 1)), 0);
    ck_assert_uint_eq(find(&f, STRATUM_REQUEST, 0, value_str(DVARA_STR(""))), 0);
    ck_assert_uint_eq(f.index.strata[STRATUM_RESPONSE].n_subjects, 0);
    arena_clear(&f.arena);
}

TEST(presence_and_absence_lead_apart)
{
    struct fixture f;
    fixture_init(&f, 2, 2);
    uint32_t user = add_subject(&f, DVARA_ATTR_REQUEST_USER);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    (void)add_key(&f, user, BUNDLE_KEY_PRESENT, DVARA_STR(""));
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    (void)add_key(&f, user, BUNDLE_KEY_ABSENT, DVARA_STR(""));
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(find(&f, STRATUM_REQUEST, 0, value_str(DVARA_STR("u"))), 1);
    ck_assert_uint_eq(f.found[0], 0);
    ck_assert_uint_eq(find(&f, STRATUM_REQUEST, 0, (struct value){.state = VALUE_ABSENT}), 1);
    ck_assert_uint_eq(f.found[0], 1);
    arena_clear(&f.arena);
}

TEST(texts_lead_to_the_rules_that_asking_every_key_finds)
{
    struct fixture f;
    fixture_init(&f, MANY, 2 * MANY + 2);
    add_random_texts(&f, add_subject(&f, MODEL), 12, 3);
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    for (int i = 0; i < ROUNDS; i++)
        compare(&f, value_str(random_text(&f, 14, 3)), NULL);
    arena_clear(&f.arena);
}

TEST(prefixes_that_share_their_beginning_are_told_apart)
{
    struct fixture f;
    char text[40];
    fixture_init(&f, MANY, MANY);
    uint32_t model = add_subject(&f, MODEL);
    for (int i = 0; i < MANY; i++) {
        int n = snprintf(text, sizeof text, "a-long-common-beginning-%d", i);
        (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
        (void)add_key(&f, model, BUNDLE_KEY_PREFIX,
                      arena_copy(&f.arena, dvara_str_from(text, (size_t)n)));
    }
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    for (int i = -1; i < ROUNDS; i++) {
        int n = snprintf(text, sizeof text, "a-long-common-beginning-%d0", i * 17);
        compare(&f, value_str(dvara_str_from(text, (size_t)n - (i % 2 == 0))), NULL);
    }
    compare(&f, value_str(DVARA_STR("a-long")), NULL);
    compare(&f, value_str(DVARA_STR("")), NULL);
    compare(&f, value_str(DVARA_STR("z")), NULL);
    arena_clear(&f.arena);
}

TEST(ranges_lead_to_the_rules_that_asking_every_key_finds)
{
    struct fixture f;
    fixture_init(&f, MANY, MANY);
    uint32_t tokens = add_subject(&f, DVARA_ATTR_REQUEST_PROMPT_TOKENS);
    for (uint32_t r = 0; r < MANY; r++) {
        int64_t low = (int64_t)roll(&f, 2000) - 1000, high = low + (int64_t)roll(&f, 50);
        (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
        struct bundle_key *key = add_key(&f, tokens, BUNDLE_KEY_RANGE, DVARA_STR(""));
        key->low = r % 5 == 0 ? INT64_MIN : low;
        key->high = r % 7 == 0 ? INT64_MAX : high;
    }
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    for (int i = 0; i < ROUNDS; i++)
        compare(&f, value_int((int64_t)roll(&f, 2200) - 1100), NULL);
    compare(&f, value_int(INT64_MIN), NULL);
    compare(&f, value_int(INT64_MAX), NULL);
    arena_clear(&f.arena);
}

TEST(doubles_order_as_their_numbers_do)
{
    static const double v[] = {-1e300, -2.5, -1e-300, 0.0, 1e-300, 0.7, 0.70000001, 1e300};
    for (size_t i = 1; i < sizeof v / sizeof *v; i++)
        ck_assert_int_lt(index_order_float(v[i - 1]), index_order_float(v[i]));
    ck_assert_int_eq(index_order_float(-0.0), index_order_float(0.0));
}

TEST(networks_lead_to_the_rules_that_asking_every_key_finds)
{
    struct fixture f;
    char text[24];
    fixture_init(&f, MANY, MANY);
    uint32_t ip = add_subject(&f, DVARA_ATTR_REQUEST_IP);
    for (uint32_t r = 0; r < MANY; r++) {
        (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
        struct bundle_key *key = add_key(&f, ip, BUNDLE_KEY_NET, DVARA_STR(""));
        f.program.tables.nets[key->net] = (struct bundle_net){
            0, 0, 0xffff, 10u << 24 | roll(&f, 1 << 12) << 12, 96 + roll(&f, 33)};
    }
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    for (int i = 0; i < ROUNDS; i++) {
        unsigned char a[16] = {[10] = 0xff, [11] = 0xff};
        a[12] = i % 9 ? 10 : 11;
        for (int k = 13; k < 16; k++)
            a[k] = (unsigned char)roll(&f, 256);
        int n = snprintf(text, sizeof text, "%d.%d.%d.%d", a[12], a[13], a[14], a[15]);
        compare(&f, value_str(dvara_str_from(text, (size_t)n)), a);
    }
    ck_assert_uint_eq(find(&f, STRATUM_REQUEST, 0, value_str(DVARA_STR("no address"))), MANY);
    arena_clear(&f.arena);
}

TEST(a_program_without_rules_has_an_index)
{
    struct fixture f;
    fixture_init(&f, 0, 0);
    ck_assert(index_build(&f.program, &f.arena, &f.index));
    ck_assert_uint_eq(f.index.strata[STRATUM_REQUEST].n_subjects, 0);
    arena_clear(&f.arena);
}

TEST(an_exhausted_arena_is_reported)
{
    struct fixture f;
    struct arena small;
    fixture_init(&f, 1, 1);
    (void)add_rule(&f, DVARA_PHASES_REQUEST, 0);
    (void)add_key(&f, add_subject(&f, MODEL), BUNDLE_KEY_EQUAL, DVARA_STR("a"));
    arena_init(&small, 1);
    ck_assert(!index_build(&f.program, &small, &f.index));
    arena_clear(&small);
    arena_clear(&f.arena);
}

SUITE(strata_follow_phases_and_flags,
      a_rule_without_keys_is_always_a_candidate_and_one_that_never_holds_is_none,
      a_key_leads_to_its_rules_in_their_strata, presence_and_absence_lead_apart,
      texts_lead_to_the_rules_that_asking_every_key_finds,
      prefixes_that_share_their_beginning_are_told_apart,
      ranges_lead_to_the_rules_that_asking_every_key_finds, doubles_order_as_their_numbers_do,
      networks_lead_to_the_rules_that_asking_every_key_finds, a_program_without_rules_has_an_index,
      an_exhausted_arena_is_reported)

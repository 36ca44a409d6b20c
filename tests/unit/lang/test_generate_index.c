/* SPDX-License-Identifier: Apache-2.0 */
/* Which conjunct's keys a rule gets over a whole bundle, and what deciding by them costs. */
#include "base/buf.h"
#include "bundle/loaded.h"
#include "dvara/engine.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

#include <stdio.h>

enum { RULES = 250, MANY = 1000, DECISIONS = 200 };

static size_t *asked(void)
{
    static size_t count;
    return &count;
}

/* This program counts what is asked for: under AddressSanitizer, whose malloc ours would hide, by a
 * hook of its own; under ThreadSanitizer not at all. */
#if defined(__SANITIZE_ADDRESS__)
typedef void malloc_hook(const volatile void *p, size_t size);
typedef void free_hook(const volatile void *p);
int __sanitizer_install_malloc_and_free_hooks(malloc_hook *on_malloc, free_hook *on_free);

static void count_malloc(const volatile void *p, size_t size)
{
    (void)p, (void)size;
    ++*asked();
}

static void ignore_free(const volatile void *p)
{
    (void)p;
}

static bool counting_starts(void)
{
    return __sanitizer_install_malloc_and_free_hooks(count_malloc, ignore_free) > 0;
}
#elif defined(__SANITIZE_THREAD__)
static bool counting_starts(void)
{
    return false;
}
#else
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);

void *malloc(size_t size)
{
    ++*asked();
    return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    ++*asked();
    return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
    ++*asked();
    return __libc_realloc(p, size);
}

static bool counting_starts(void)
{
    return true;
}
#endif

/* What every key asks about, by its source. */
static void expect_subject(const struct compiled *c, const char *expected)
{
    const struct bundle_tables *t = &c->bundle->program.tables;
    ck_assert_uint_gt(t->n_keys, 0);
    for (uint32_t i = 0; i < t->n_keys; i++) {
        struct dvara_str text = bundle_text(c->bundle, t->subjects[t->keys[i].subject].text);
        ck_assert_msg(dvara_str_eq(text, dvara_str_from_cstr(expected)), "%.*s",
                      DVARA_STR_ARG(text));
    }
}

TEST(what_all_rules_ask_gives_way_to_what_tells_them_apart)
{
    static const char *const conditions[][2] = {
        {"request.endpoint == \"chat\" and request.model == \"m-%\"", "request.model"},
        {"request.model == \"m-%\" and request.endpoint == \"chat\"", "request.model"},
        {"\"eu\" in tenant.tags and tenant.id == \"t%\"", "tenant.id"},
        {"request.stream and request.prompt_tokens == %", "request.prompt_tokens"},
        {"request.ip within \"10.0.0.0/8\" and request.model starts_with \"m%-\"", "request.model"},
        {"request.model ends_with \"-%\" and request.endpoint == \"chat\"", "request.model"},
        {"(tenant.attr(\"plan\") ?? \"free\") == \"p%\" and request.endpoint == \"chat\"",
         "tenant.attr(\"plan\")"},
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        struct compiled c;
        compiled_many(&c, "", conditions[i][0], RULES);
        expect_subject(&c, conditions[i][1]);
        compiled_clear(&c);
    }
}

TEST(two_bounds_of_one_subject_are_one_range)
{
    struct compiled c;
    compiled_many(&c, "",
                  "request.prompt_tokens >= % and request.stream and request.prompt_tokens < 9%",
                  RULES);
    const struct bundle_tables *t = &c.bundle->program.tables;
    ck_assert_uint_eq(t->n_keys, RULES);
    for (uint32_t i = 0; i < t->n_keys; i++) {
        ck_assert_uint_eq(t->keys[i].kind, BUNDLE_KEY_RANGE);
        ck_assert_int_ne(t->keys[i].low, INT64_MIN);
        ck_assert_int_ne(t->keys[i].high, INT64_MAX);
    }
    compiled_clear(&c);
}

/* Decides often; the arena keeps the block it has, and nobody else is asked. */
static void decide_without_memory(const char *condition, int rules, const struct dvara_facts *facts)
{
    struct compiled c;
    struct arena arena;
    struct dvara_vm *vm = NULL;
    size_t held = 0, allocations = 0, denied = 0;
    compiled_many(&c, "", condition, rules);
    arena_init(&arena, 64 << 20);
    ck_assert_int_eq(dvara_vm_new(c.bundle, &vm), DVARA_OK);
    for (int i = 0; i < DECISIONS; i++) {
        struct dvara_facts own = *facts;
        size_t before = *asked();
        arena_reset(&arena);
        struct dvara_run *run = dvara_run_new(vm, &own, &arena);
        dvara_run_request(run);
        denied += dvara_run_decision(run)->verdict == DVARA_VERDICT_DENY;
        size_t more = *asked() - before;
        /* The first fetches the arena's block, and shows that the counter counts. */
        ck_assert(i > 0 || more > 0);
        allocations += i ? more : 0;
        held = i ? held : arena.held;
        ck_assert_uint_eq(arena.held, held);
    }
    ck_assert_uint_eq(denied, DECISIONS);
    ck_assert_msg(allocations == 0, "%zu times: %s", allocations, condition);
    dvara_vm_free(vm);
    arena_clear(&arena);
    compiled_clear(&c);
}

TEST(a_decision_asks_the_system_for_no_memory)
{
    if (!counting_starts())
        SKIP_TEST("allocations cannot be counted under ThreadSanitizer");
    struct dvara_str tags[] = {{"eu", 2}, {"team-7", 6}};
    struct dvara_facts facts = {.request = {.endpoint = DVARA_STR("chat"),
                                            .model = DVARA_STR("m-7"),
                                            .prompt_tokens = 7,
                                            .ip = DVARA_STR("10.0.7.1"),
                                            .text = DVARA_STR("a word-7"),
                                            .size = 100},
                                .tenant = {.id = DVARA_STR("t"), .tags = {tags, 2}}};
    decide_without_memory("request.model == \"m-%\"", MANY, &facts);
    decide_without_memory("request.prompt_tokens == %", MANY, &facts);
    decide_without_memory("request.ip within \"10.0.%.0/24\"", RULES, &facts);
    decide_without_memory("request.model glob \"m-%*\"", MANY, &facts);
    decide_without_memory("\"team-%\" in tenant.tags", MANY, &facts);
    decide_without_memory("request.model ends_with \"-%\"", MANY, &facts);
    decide_without_memory("request.text contains \"word-%\"", MANY, &facts);
    decide_without_memory("request.prompt_tokens * 2 == % + request.prompt_tokens", MANY, &facts);
}

TEST(rules_judged_again_for_a_target_are_found_by_its_model)
{
    struct compiled c;
    compiled_init(&c,
                  "dvp 1\ndefault allow\nprovider openai {}\n"
                  "rule no_big { on request when request.model == \"big\" deny }\n"
                  "rule no_huge { on request when request.model in [\"huge\", \"vast\"] deny }\n"
                  "rule others { on request when request.model == \"other\" deny }\n"
                  "route r { match request.model == \"small\"\n"
                  "target \"openai/big\" target \"openai/vast\" target \"openai/tiny\" }\n");
    const struct dvara_decision *d = compiled_decide(&c, "{\"request\":{\"model\":\"small\"}}");
    ck_assert_int_eq(d->verdict, DVARA_VERDICT_ALLOW);
    ck_assert_uint_eq(d->n_excluded, 2);
    ck_assert_uint_eq(d->n_targets, 1);
    ck_assert(dvara_str_eq(d->targets[0].model, DVARA_STR("tiny")));
    ck_assert_uint_eq(c.bundle->index.strata[STRATUM_REJUDGE].always.n, 0);
    compiled_clear(&c);
}

SUITE(what_all_rules_ask_gives_way_to_what_tells_them_apart,
      two_bounds_of_one_subject_are_one_range, a_decision_asks_the_system_for_no_memory,
      rules_judged_again_for_a_target_are_found_by_its_model)

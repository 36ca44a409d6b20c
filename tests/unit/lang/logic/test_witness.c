/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/witness.h"

#include "lang/logic/record.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

#define OLD                                                                                        \
    "dvp 1\ndefault allow\nrule r { on request when tenant.id == \"a\" deny }\n"                   \
    "rule t { on target when target.provider == \"openai\" exclude }\n"

struct pair {
    struct compiled old, new;
    struct witness_policy a, b;
    struct witness_options options;
};

static void begin(struct pair *p, const char *old, const char *new)
{
    compiled_init(&p->old, old);
    compiled_init(&p->new, new);
    p->a = (struct witness_policy){p->old.program, p->old.bundle};
    p->b = (struct witness_policy){p->new.program, p->new.bundle};
    p->options = (struct witness_options){.tries = 0};
}

static void end(struct pair *p, struct witness_finder *finder)
{
    witness_free(finder);
    compiled_clear(&p->old);
    compiled_clear(&p->new);
}

static enum dvara_verdict verdict(struct compiled *c, const struct expr *given)
{
    struct buf json;
    buf_init(&json, 1 << 20);
    record_print_json(given, &json);
    buf_byte(&json, 0);
    enum dvara_verdict verdict = compiled_decide(c, json.p)->verdict;
    buf_clear(&json);
    return verdict;
}

static struct witness_finder *rules(struct pair *p, const char *name)
{
    struct dvara_str s = dvara_str_from_cstr(name);
    struct witness_finder *finder = witness_rules_differ(
        &p->new.arena, &p->options, &p->a, program_find(p->a.program, DECL_RULE, s), &p->b,
        program_find(p->b.program, DECL_RULE, s));
    ck_assert_ptr_nonnull(finder);
    return finder;
}

TEST(the_same_policy_decides_alike)
{
    const struct expr *given;
    struct pair p;
    begin(&p, OLD, OLD);
    struct witness_finder *finder = witness_verdicts_differ(&p.new.arena, &p.options, &p.a, &p.b);
    ck_assert_int_eq(witness_next(finder, &given), WITNESS_NONE);
    end(&p, finder);
}

TEST(a_request_that_two_policies_judge_differently_is_found)
{
    const struct expr *given;
    struct pair p;
    begin(&p, OLD,
          "dvp 1\ndefault allow\nrule r { on request when tenant.id in [\"a\", \"b\"] deny }\n");
    struct witness_finder *finder = witness_verdicts_differ(&p.new.arena, &p.options, &p.a, &p.b);
    ck_assert_int_eq(witness_next(finder, &given), WITNESS_FOUND);
    ck_assert_int_eq(verdict(&p.new, given), DVARA_VERDICT_DENY);
    const struct expr *tenant = record_find(given, DVARA_STR("tenant"));
    ck_assert_ptr_nonnull(tenant);
    ck_assert(dvara_str_eq(record_find(tenant, DVARA_STR("id"))->string, DVARA_STR("b")));
    end(&p, finder);
}

TEST(a_rule_written_in_other_words_is_the_same)
{
    const struct expr *given;
    struct pair p;
    begin(&p, OLD,
          "dvp 1\ndefault allow\nrule r { on request when not (tenant.id != \"a\") deny }\n"
          "rule t { on target when target.provider starts_with \"open\" exclude }\n");
    struct witness_finder *finder = rules(&p, "r");
    ck_assert_int_eq(witness_next(finder, &given), WITNESS_NONE);
    witness_free(finder);
    finder = rules(&p, "t");
    ck_assert_int_eq(witness_next(finder, &given), WITNESS_FOUND);
    end(&p, finder);
}

TEST(an_error_is_a_difference)
{
    const struct expr *given;
    struct pair p;
    begin(&p, "dvp 1\ndefault allow\nrule r { on request when session.requests >= 0 deny }\n",
          "dvp 1\ndefault allow\nrule r { on request when true deny }\n");
    struct witness_finder *finder = rules(&p, "r");
    ck_assert_int_eq(witness_next(finder, &given), WITNESS_FOUND);
    const struct expr *faults = record_find(given, DVARA_STR("faults"));
    ck_assert_ptr_nonnull(faults);
    ck_assert(dvara_str_eq(faults->items.v[0]->string, DVARA_STR("store")));
    end(&p, finder);
}

static bool refuse(void *user, const struct expr *given)
{
    (void)given;
    ++*(unsigned *)user;
    return false;
}

TEST(what_is_never_confirmed_is_unknown)
{
    const struct expr *given;
    unsigned asked = 0;
    struct pair p;
    begin(&p, OLD, "dvp 1\ndefault allow\n");
    struct witness_finder *finder = witness_verdicts_differ(&p.new.arena, &p.options, &p.a, &p.b);
    witness_confirm_by(finder, refuse, &asked);
    ck_assert_int_eq(witness_next(finder, &given), WITNESS_UNKNOWN);
    ck_assert(asked > 0 && asked <= WITNESS_TRIES);
    ck_assert(witness_why(finder).n > 0);
    end(&p, finder);
}

TEST(the_next_one_is_another)
{
    const struct expr *first, *second;
    struct pair p;
    begin(&p, OLD, "dvp 1\ndefault allow\nrule r { on request when tenant.name == \"a\" deny }\n");
    struct witness_finder *finder = rules(&p, "r");
    ck_assert_int_eq(witness_next(finder, &first), WITNESS_FOUND);
    ck_assert_int_eq(witness_next(finder, &second), WITNESS_FOUND);
    struct buf a, b;
    buf_init(&a, 1 << 20);
    buf_init(&b, 1 << 20);
    record_print(first, &a);
    record_print(second, &b);
    ck_assert(!dvara_str_eq(buf_str(&a), buf_str(&b)));
    buf_clear(&a);
    buf_clear(&b);
    end(&p, finder);
}

SUITE(the_same_policy_decides_alike, a_request_that_two_policies_judge_differently_is_found,
      a_rule_written_in_other_words_is_the_same, an_error_is_a_difference,
      what_is_never_confirmed_is_unknown, the_next_one_is_another)

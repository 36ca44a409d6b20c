/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/witness.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/list.h"
#include "lang/logic/decision.h"
#include "lang/logic/example.h"
#include "lang/logic/inquiry.h"
#include "lang/logic/sample.h"

#include <stdlib.h>

enum { BLOCKED_MAX = 16 << 20 };

struct witness_finder {
    struct arena *arena;
    struct witness_options options;
    const struct witness_policy *policy; /* whose samples are made */
    struct script own;                   /* when nobody brought one */
    struct script *script;
    struct samples *samples;
    struct inquiry inquiry;
    struct buf blocked; /* models that are done with */
    enum level level;
    unsigned failed; /* models in a row that were not confirmed */
    bool missed;     /* some model never was */
    bool asked;      /* the first question was put */
    witness_confirm *confirm;
    void *user;
    struct dvara_str why;
};

struct witness_finder *witness_of_script(struct arena *arena, const struct witness_options *options,
                                         const struct witness_policy *policy, struct script *script)
{
    struct witness_finder *finder = ARENA_NEW(arena, struct witness_finder);
    if (!finder)
        return NULL;
    *finder = (struct witness_finder){
        .arena = arena, .options = *options, .script = script, .level = LEVEL_CALM};
    finder->policy = policy;
    if (!finder->options.tries)
        finder->options.tries = WITNESS_TRIES;
    buf_init(&finder->blocked, BLOCKED_MAX);
    finder->samples = policy->bundle ? samples_new(arena, policy->bundle) : NULL;
    return finder;
}

void witness_free(struct witness_finder *finder)
{
    if (!finder)
        return;
    buf_clear(&finder->blocked);
    if (finder->asked)
        inquiry_clear(&finder->inquiry);
    samples_free(finder->samples);
    if (finder->script == &finder->own)
        script_clear(&finder->own);
}

void witness_confirm_by(struct witness_finder *finder, witness_confirm *confirm, void *user)
{
    finder->confirm = confirm;
    finder->user = user;
}

/* ---- questions about policies ---- */

static struct witness_finder *begin(struct arena *arena, const struct witness_options *options,
                                    const struct witness_policy *policy)
{
    struct witness_finder *finder = witness_of_script(arena, options, policy, NULL);
    if (!finder)
        return NULL;
    finder->script = &finder->own;
    script_init(&finder->own, arena);
    return finder;
}

static struct dvara_str differ(struct script *script, struct dvara_str a, struct dvara_str b)
{
    return script_not(script, script_equal(script, a, b));
}

/* The client sends one model, whatever each policy takes for a pin. */
static struct dvara_str one_model(struct script *script, const struct decision *a,
                                  const struct decision *b)
{
    return script_same(script, a->sent.set[DVARA_ATTR_REQUEST_ASKED_MODEL].value,
                       b->sent.set[DVARA_ATTR_REQUEST_ASKED_MODEL].value);
}

/* A rule's condition where its phase judges it, and that it is judged at all. */
static struct formula judged_condition(struct decision *decision, const struct decl *rule,
                                       struct dvara_str *ret_judged)
{
    struct scene *scene = rule->rule.is_rewrite ? &decision->sent : &decision->judged;
    struct scene later;
    uint8_t phases = rule->rule.phases;
    *ret_judged = SCRIPT_TRUE;
    if (phases & DVARA_PHASES_REQUEST)
        return scene_condition(scene, rule->rule.when);
    if (!decision_target(decision))
        return formula_of(false);
    scene = &decision->target;
    *ret_judged = decision->reached;
    if (phases & DVARA_PHASES_TARGET)
        return scene_condition(scene, rule->rule.when);
    bool tool = (phases & DVARA_PHASES_TOOL) != 0;
    if (!scene_copy(&later, scene, tool ? DVARA_PHASE_TOOL : DVARA_PHASE_RESPONSE))
        return formula_of(false);
    return scene_condition(&later, rule->rule.when);
}

struct witness_finder *
witness_rules_differ(struct arena *arena, const struct witness_options *options,
                     const struct witness_policy *old, const struct decl *old_rule,
                     const struct witness_policy *new, const struct decl *new_rule)
{
    struct witness_finder *finder = begin(arena, options, new);
    struct decision a, b;
    struct dvara_str judged_a, judged_b;
    if (!finder || !decision_request(&a, finder->script, old->program, 0) ||
        !decision_request(&b, finder->script, new->program, 1))
        return NULL;
    struct script *script = finder->script;
    struct formula x = judged_condition(&a, old_rule, &judged_a);
    struct formula y = judged_condition(&b, new_rule, &judged_b);
    bool of_target = a.target.script && b.target.script;
    if (of_target) { /* one and the same target */
        script_assert(script, LEVEL_ALL,
                      script_same(script, a.target.set[DVARA_ATTR_TARGET_PROVIDER].value,
                                  b.target.set[DVARA_ATTR_TARGET_PROVIDER].value));
        script_assert(script, LEVEL_ALL,
                      script_same(script, a.target.set[DVARA_ATTR_TARGET_MODEL].value,
                                  b.target.set[DVARA_ATTR_TARGET_MODEL].value));
    }
    script_assert(script, LEVEL_ALL, one_model(script, &a, &b));
    struct dvara_str truths = differ(script, x.holds, y.holds);
    script_assert(script, LEVEL_ALL, script_or(script, truths, differ(script, x.errs, y.errs)));
    script_assert(script, LEVEL_ALL, script_or(script, judged_a, judged_b));
    return finder;
}

struct witness_finder *witness_holds(struct arena *arena, const struct witness_options *options,
                                     const struct witness_policy *policy,
                                     const struct expr *condition)
{
    struct witness_finder *finder = begin(arena, options, policy);
    struct decision decision;
    if (!finder || !decision_request(&decision, finder->script, policy->program, 0))
        return NULL;
    script_assert(finder->script, LEVEL_ALL, scene_condition(&decision.judged, condition).holds);
    return finder;
}

struct witness_finder *witness_verdicts_differ(struct arena *arena,
                                               const struct witness_options *options,
                                               const struct witness_policy *old,
                                               const struct witness_policy *new)
{
    struct witness_finder *finder = begin(arena, options, new);
    struct decision a, b;
    if (!finder || !decision_request(&a, finder->script, old->program, 0) ||
        !decision_request(&b, finder->script, new->program, 1))
        return NULL;
    struct script *script = finder->script;
    script_assert(
        script, LEVEL_ALL,
        script_or(script, differ(script, a.denied, b.denied), differ(script, a.asks, b.asks)));
    return finder;
}

/* ---- asking ---- */

/* Which part of a model makes another one worth a look: what it is about, or after a model that
 * nothing confirmed, what was left free. */
static bool tells_apart(const struct asked *asked, bool of_free)
{
    bool free = asked->kind == ASKED_FREE || asked->kind == ASKED_MATCH;
    bool plain = asked->kind == ASKED_VALUE || asked->kind == ASKED_PRESENT ||
                 asked->kind == ASKED_PIN || asked->kind == ASKED_MEMBER ||
                 asked->kind == ASKED_SCORE || asked->kind == ASKED_FAULT ||
                 asked->kind == ASKED_CLOCK || asked->kind == ASKED_WEEKDAY;
    return of_free ? free && asked->sort == SORT_BOOL : plain;
}

static bool has_free(const struct script *script)
{
    for (size_t i = 0; i < script->n_asked; i++)
        if (tells_apart(&script->asked[i], true))
            return true;
    return false;
}

static void block(struct witness_finder *finder, const struct answer *answer, bool of_free)
{
    BUF_LIT(&finder->blocked, "(assert (not (and true");
    for (size_t i = 0; i < finder->script->n_asked; i++) {
        const struct asked *asked = &finder->script->asked[i];
        if (tells_apart(asked, of_free))
            buf_printf(&finder->blocked, " (= %.*s %.*s)", DVARA_STR_ARG(asked->term),
                       DVARA_STR_ARG(answer->values[i].text));
    }
    BUF_LIT(&finder->blocked, ")))\n");
}

static enum witness_answer unknown(struct witness_finder *finder)
{
    if (!finder->why.p)
        finder->why = DVARA_STR("no request was found that shows what the solver sees");
    return WITNESS_UNKNOWN;
}

/* The example of a model, if it is confirmed. */
static bool try_model(struct witness_finder *finder, const struct answer *answer,
                      const struct expr **ret_given)
{
    struct expr *given = example_of(finder->arena, finder->script, answer, finder->samples);
    bool good = given && (!finder->confirm || finder->confirm(finder->user, given));
    block(finder, answer, !good && has_free(finder->script) && finder->failed % 2 == 0);
    finder->failed = good ? 0 : finder->failed + 1;
    finder->missed = finder->missed || !good;
    if (good)
        *ret_given = given;
    return good;
}

enum witness_answer witness_next(struct witness_finder *finder, const struct expr **ret_given)
{
    if (!finder->asked && finder->options.smt)
        script_print(finder->script, SCRIPT_FULL, LEVEL_ALL, DVARA_STR(""), finder->options.smt);
    if (!finder->asked)
        inquiry_init(&finder->inquiry, finder->arena, finder->script, &finder->options.solver);
    finder->asked = true;
    finder->failed = 0;
    while (finder->failed < finder->options.tries && !arena_is_exhausted(finder->arena)) {
        struct answer answer =
            inquiry_ask(&finder->inquiry, buf_str(&finder->blocked), finder->level);
        if (answer.verdict == VERDICT_UNKNOWN)
            finder->why = inquiry_why(&finder->inquiry);
        if (answer.verdict == VERDICT_SAT) {
            if (try_model(finder, &answer, ret_given))
                return WITNESS_FOUND;
        } else if (finder->level == LEVEL_CALM) {
            finder->level = LEVEL_ALL; /* nothing likely is left: look at everything */
            finder->why = (struct dvara_str){NULL, 0};
        } else {
            bool none = answer.verdict == VERDICT_UNSAT && !finder->missed;
            return none ? WITNESS_NONE : unknown(finder);
        }
    }
    return unknown(finder);
}

struct dvara_str witness_why(const struct witness_finder *finder)
{
    return finder->why.p ? finder->why : DVARA_STR("");
}

static bool is_listed(const struct dvara_str *v, size_t n, struct dvara_str text)
{
    for (size_t i = 0; i < n; i++)
        if (dvara_str_eq(v[i], text))
            return true;
    return false;
}

struct dvara_strs witness_free_atoms(const struct witness_finder *finder)
{
    struct dvara_str *v = NULL;
    size_t n = 0;
    for (size_t i = 0; i < finder->script->n_asked; i++) {
        struct dvara_str label = finder->script->asked[i].label;
        if (label.n && !is_listed(v, n, label))
            LIST_APPEND(finder->arena, v, n, label);
    }
    return (struct dvara_strs){v, n};
}

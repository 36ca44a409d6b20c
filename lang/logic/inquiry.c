/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/inquiry.h"

#include "base/arena.h"
#include "base/time.h"

enum { QUESTION_MAX = 256 << 20, STEPS_MAX = 200, LIKELY_SHARE = 4 };

void inquiry_init(struct inquiry *inquiry, struct arena *arena, const struct script *script,
                  const struct solver_options *options)
{
    *inquiry = (struct inquiry){
        .arena = arena, .script = script, .options = *options, .level = LEVEL_COUNT};
    buf_init(&inquiry->learned, QUESTION_MAX);
    if (!inquiry->options.timeout_ns)
        inquiry->options.timeout_ns = SOLVER_TIMEOUT_NS;
}

void inquiry_clear(struct inquiry *inquiry)
{
    buf_clear(&inquiry->learned);
}

/* A run of the solver; what it printed lives in the arena. */
static struct dvara_str run(struct inquiry *inquiry, enum script_form form, struct dvara_str more,
                            uint64_t deadline)
{
    struct buf question, printed;
    struct dvara_str text = {NULL, 0};
    struct solver_options options = inquiry->options;
    uint64_t now = time_monotonic_ns();
    inquiry->status = DVARA_AGAIN;
    if (now >= deadline)
        return text;
    options.timeout_ns = deadline - now;
    buf_init(&question, QUESTION_MAX);
    buf_init(&printed, SOLVER_ANSWER_MAX * 2);
    script_print(inquiry->script, form, inquiry->level, more, &question);
    inquiry->status = buf_failed(&question) ? DVARA_TOO_LARGE : DVARA_OK;
    if (inquiry->status == DVARA_OK)
        inquiry->status = solver_run(&options, buf_str(&question), &printed);
    if (inquiry->status == DVARA_OK)
        text = arena_copy(inquiry->arena, buf_str(&printed));
    buf_clear(&question);
    buf_clear(&printed);
    return text;
}

/* The truths as assertions with names. */
static void hold(const struct script *script, const struct answer *answer, struct buf *out)
{
    for (size_t i = 0; i < script->n_atoms; i++) {
        struct dvara_str atom = script->atoms[i];
        bool holds = answer->atoms[i];
        buf_printf(out, "(assert (! %s%.*s%s :named |held %.*s|))\n", holds ? "" : "(not ",
                   DVARA_STR_ARG(atom), holds ? "" : ")", DVARA_STR_ARG(atom));
    }
}

/* They cannot all be; those that the solver blames, or all when it blames none. */
static void learn(struct inquiry *inquiry, const struct answer *truths,
                  const struct answer *refused)
{
    const struct script *script = inquiry->script;
    BUF_LIT(&inquiry->learned, "(assert (or false");
    for (size_t i = 0; i < script->n_atoms; i++) {
        if (refused->has_core && !refused->core[i])
            continue;
        buf_printf(&inquiry->learned, truths->atoms[i] ? " (not %.*s)" : " %.*s",
                   DVARA_STR_ARG(script->atoms[i]));
    }
    BUF_LIT(&inquiry->learned, "))\n");
}

static struct dvara_str both(struct inquiry *inquiry, struct dvara_str more)
{
    struct buf out;
    buf_init(&out, QUESTION_MAX);
    buf_append(&out, more);
    buf_append(&out, buf_str(&inquiry->learned));
    struct dvara_str text = arena_copy(inquiry->arena, buf_str(&out));
    buf_clear(&out);
    return text;
}

static struct answer ask_core(struct inquiry *inquiry, const struct buf *held, uint64_t deadline)
{
    uint64_t soon = time_monotonic_ns() + inquiry->options.timeout_ns / LIKELY_SHARE;
    struct dvara_str text =
        run(inquiry, SCRIPT_CORE, buf_str(held), soon < deadline ? soon : deadline);
    return answer_read(inquiry->arena, inquiry->script, SCRIPT_CORE, text);
}

/* One step: UNSAT and SAT are answers, `ret_again` asks for another step. */
static struct answer step(struct inquiry *inquiry, struct dvara_str more, uint64_t deadline,
                          bool *ret_again)
{
    const struct script *script = inquiry->script;
    struct buf held;
    *ret_again = false;
    struct dvara_str text = run(inquiry, SCRIPT_ABSTRACT, both(inquiry, more), deadline);
    struct answer truths = answer_read(inquiry->arena, script, SCRIPT_ABSTRACT, text);
    if (truths.verdict != VERDICT_SAT)
        return truths;
    buf_init(&held, QUESTION_MAX);
    buf_append(&held, more);
    hold(script, &truths, &held);
    struct answer answer = ask_core(inquiry, &held, deadline);
    if (answer.verdict == VERDICT_UNKNOWN) { /* a small world is searched sooner */
        script_print_domain(script, &held);
        struct answer small = ask_core(inquiry, &held, deadline);
        answer = small.verdict == VERDICT_SAT ? small : answer;
    }
    buf_clear(&held);
    if (answer.verdict != VERDICT_UNSAT)
        return answer;
    learn(inquiry, &truths, &answer);
    *ret_again = true;
    return answer;
}

struct answer inquiry_ask(struct inquiry *inquiry, struct dvara_str more, enum level level)
{
    struct answer answer = {.verdict = VERDICT_UNKNOWN};
    uint64_t time = inquiry->options.timeout_ns;
    bool again = true;
    if (level != inquiry->level) /* what was learned under more assumptions may not be so */
        buf_reset(&inquiry->learned);
    inquiry->level = level;
    if (level != LEVEL_ALL) /* what only makes examples likelier may not take all the time */
        time /= 2;
    uint64_t deadline = time_monotonic_ns() + time;
    for (int i = 0; i < STEPS_MAX && again && !arena_is_exhausted(inquiry->arena); i++)
        answer = step(inquiry, more, deadline, &again);
    if (again)
        answer.verdict = VERDICT_UNKNOWN;
    if (answer.verdict != VERDICT_UNKNOWN || inquiry->status == DVARA_NOT_FOUND)
        return answer;
    struct dvara_str text =
        run(inquiry, SCRIPT_FULL, both(inquiry, more), time_monotonic_ns() + time);
    return answer_read(inquiry->arena, inquiry->script, SCRIPT_FULL, text);
}

struct dvara_str inquiry_why(const struct inquiry *inquiry)
{
    switch (inquiry->status) {
    case DVARA_OK:
        return DVARA_STR("the solver does not know");
    case DVARA_AGAIN:
        return DVARA_STR("the solver ran out of time");
    case DVARA_NOT_FOUND:
        return DVARA_STR("the solver cannot be started");
    case DVARA_TOO_LARGE:
        return DVARA_STR("the question is too large");
    default:
        return DVARA_STR("the solver gave no answer");
    }
}

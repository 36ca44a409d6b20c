/* SPDX-License-Identifier: Apache-2.0 */
/* Routes, detectors, groups and models. */
#include "base/arena.h"
#include "dvara/limits.h"
#include "lang/checker.h"
#include "lang/names.h"
#include "lang/regex.h"
#include "pii/detectors.h"

#include <stdlib.h>

void check_range(struct checker *c, const struct number *number, int64_t low, int64_t high,
                 const char *clause, const char *what)
{
    if (number->has && (number->i < low || number->i > high))
        diag_add(c->diags, number->span, MESSAGE_OUT_OF_RANGE, dvara_str_from_cstr(clause),
                 dvara_str_from_cstr(what));
}

static void check_targets(struct checker *c, struct decl *decl)
{
    struct route *route = &decl->route;
    bool weighted = route->strategy == DVARA_STRATEGY_WEIGHTED;
    int64_t sum = 0;
    if (route->n_targets > DVARA_MAX_TARGETS)
        diag_plain(c->diags, route->targets[DVARA_MAX_TARGETS].span, MESSAGE_TOO_MANY_TARGETS);
    for (size_t i = 0; i < route->n_targets; i++) {
        const struct number *weight = &route->targets[i].weight;
        check_range(c, weight, 0, 1000, "weight", "from 0 to 1000");
        if (weight->has && !weighted)
            diag_add(c->diags, weight->span, MESSAGE_NO_SCANNED_EFFECT, DVARA_STR("weight"),
                     DVARA_STR("needs `strategy weighted`"));
        sum += weight->i;
    }
    if (weighted && sum == 0 && route->n_targets)
        diag_add(c->diags, decl->name_span, MESSAGE_OUT_OF_RANGE, DVARA_STR("weight"),
                 DVARA_STR("over 0 for one target at least"));
}

static void needs(struct checker *c, struct span span, const char *clause, const char *what)
{
    diag_add(c->diags, span, MESSAGE_NO_SCANNED_EFFECT, dvara_str_from_cstr(clause),
             dvara_str_from_cstr(what));
}

static void check_arms(struct checker *c, struct decl *decl)
{
    const struct route *route = &decl->route;
    bool canary = route->strategy == DVARA_STRATEGY_CANARY;
    size_t canaries = 0;
    for (size_t i = 0; i < route->n_targets; i++) {
        const struct route_target *target = &route->targets[i];
        check_range(c, &target->share, 0, 1000000, "canary", "from 0% to 100%");
        if (target->arm_span.end && !canary)
            needs(c, target->arm_span, "as", "needs `strategy canary`");
        canaries += target->arm == DVARA_ARM_CANARY;
    }
    if (canary && canaries == 0)
        diag_add(c->diags, decl->name_span, MESSAGE_MISSING_CLAUSE, DVARA_STR("route"), decl->name,
                 DVARA_STR("a target `as canary 5%`, since its strategy is canary"));
    if (route->n_aborts && !canary)
        needs(c, route->abort_span, "abort", "needs `strategy canary`");
}

static void check_abort(struct checker *c, const struct route *route)
{
    const int64_t day = INT64_C(86400) * 1000000000;
    for (size_t i = 0; i < route->n_aborts; i++) {
        const struct abort_when *when = &route->aborts[i];
        bool errors = when->measure == DVARA_MEASURE_ERRORS;
        if (errors)
            check_range(c, &when->value, 0, 999999, "errors", "from 0% to under 100%");
        else
            check_range(c, &when->value, 1, INT64_MAX, "abort", "over 0");
    }
    check_range(c, &route->abort_over, 1, day, "over", "over 0s and at most 1d");
    check_range(c, &route->abort_min, 1, 1000000000, "min", "at least 1");
}

static void check_strategy(struct checker *c, const struct route *route)
{
    const int64_t day = INT64_C(86400) * 1000000000;
    bool latency = route->strategy == DVARA_STRATEGY_LATENCY;
    if (route->window.has && !latency)
        needs(c, route->window.span, "window", "needs `strategy latency`");
    if (route->explore.has && !latency)
        needs(c, route->explore.span, "explore", "needs `strategy latency`");
    check_range(c, &route->window, 1, day, "window", "over 0s and at most 1d");
    check_range(c, &route->explore, 0, 1000000, "explore", "from 0% to 100%");
    check_range(c, &route->mirror.share, 0, 1000000, "mirror", "from 0% to 100%");
}

void check_route(struct checker *c, struct decl *decl)
{
    struct route *route = &decl->route;
    const int64_t hour = 3600 * INT64_C(1000000000);
    if (route->match)
        check_condition(c, route->match, DVARA_PHASES_REQUEST, "`match`");
    c->facts = NULL;
    c->phases = DVARA_PHASES_REQUEST;
    if (route->sticky_by)
        check_typed(c, route->sticky_by, DVARA_TYPE_STRING, "`sticky by`");
    check_targets(c, decl);
    check_arms(c, decl);
    check_strategy(c, route);
    check_abort(c, route);
    check_range(c, &route->retry, 0, 100, "retry", "from 0 to 100");
    check_range(c, &route->backoff_low, 0, hour, "backoff", "from 0s to 1h");
    check_range(c, &route->backoff_high, 0, hour, "backoff", "from 0s to 1h");
    if (route->backoff_low.has && route->backoff_high.i < route->backoff_low.i)
        diag_add(c->diags, route->backoff_high.span, MESSAGE_OUT_OF_RANGE, DVARA_STR("backoff"),
                 DVARA_STR("a rising range: the second not below the first"));
    check_range(c, &route->timeout, 1, 24 * hour, "timeout", "over 0s and at most 1d");
    check_range(c, &route->connect, 1, 24 * hour, "connect", "over 0s and at most 1d");
    check_range(c, &route->first_byte, 1, 24 * hour, "first_byte", "over 0s and at most 1d");
    check_range(c, &route->idle, 1, 24 * hour, "idle", "over 0s and at most 1d");
}

struct validator {
    const char *name;
    bool locates; /* finds the span itself, so the pattern's width does not matter */
};

static const struct validator validators[] = {
#define CHECK                                 false
#define RUN                                   false
#define SURE                                  false
#define LOCATE                                true
#define VALIDATOR(name_, function, kind, doc) {.name = #name_, .locates = kind},
#include "pii/validators.def"
#undef CHECK
#undef RUN
#undef SURE
#undef LOCATE
};

static const struct validator *check_validator(struct checker *c, const struct text *name)
{
    struct suggestion suggestion = suggest_for(c->diags, name->s);
    for (size_t i = 0; i < sizeof validators / sizeof *validators; i++) {
        if (dvara_str_eq(dvara_str_from_cstr(validators[i].name), name->s))
            return &validators[i];
        suggest_offer(&suggestion, dvara_str_from_cstr(validators[i].name));
    }
    struct diag *diag =
        diag_add(c->diags, name->span, MESSAGE_UNKNOWN_NAME, DVARA_STR("check"), name->s);
    if (suggestion.best.p)
        diag_fix(c->diags, diag, name->span, suggestion.best, "did you mean `%.*s`?",
                 DVARA_STR_ARG(suggestion.best));
    return NULL;
}

/* The widest match in bytes; UINT32_MAX: unbounded; 0: not known. */
uint32_t check_regex(struct checker *c, const struct regex *regex)
{
    struct pattern_facts facts = {0};
    struct pattern_build_error error = {0};
    enum dvara_status status = regex_check(regex, &facts, &error);
    if (status == DVARA_INVALID || status == DVARA_TOO_LARGE)
        diag_add(c->diags, regex->span, MESSAGE_BAD_REGEX, dvara_str_from_cstr(error.text));
    return status == DVARA_OK ? facts.max_width : 0;
}

static void check_words(struct checker *c, const struct texts *words)
{
    if (words->n > DETECTOR_MAX_WORDS)
        diag_add(c->diags, words->v[DETECTOR_MAX_WORDS].span, MESSAGE_OUT_OF_RANGE,
                 DVARA_STR("a list of words"), DVARA_STR("of 256 at most"));
    for (size_t i = 0; i < words->n; i++)
        if (words->v[i].s.n == 0)
            diag_add(c->diags, words->v[i].span, MESSAGE_BAD_NAME, words->v[i].s,
                     DVARA_STR("a word: it is empty"));
}

static void check_patterns(struct checker *c, struct decl *decl)
{
    struct detector *detector = &decl->detector;
    const struct validator *validator =
        detector->validate.s.p ? check_validator(c, &detector->validate) : NULL;
    detector->located = validator && validator->locates;
    if (detector->n_patterns > DETECTOR_MAX_PATTERNS)
        diag_add(c->diags, detector->patterns[DETECTOR_MAX_PATTERNS].span, MESSAGE_OUT_OF_RANGE,
                 DVARA_STR("pattern"), DVARA_STR("given 64 times at most"));
    for (size_t i = 0; i < detector->n_patterns; i++) {
        uint32_t width = check_regex(c, &detector->patterns[i]);
        bool bounded = detector->max_span.has || detector->located;
        if (width == UINT32_MAX && !bounded) {
            struct diag *diag =
                diag_add(c->diags, detector->patterns[i].span, MESSAGE_MISSING_CLAUSE,
                         DVARA_STR("detector"), decl->name, DVARA_STR("`max_span`"));
            diag_help(c->diags, diag,
                      "this pattern matches text of any length: bound it, or say `max_span 256`");
        }
    }
    for (size_t i = 0; i < detector->n_excepts; i++)
        if (!detector->excepts[i].text.p)
            check_regex(c, &detector->excepts[i].regex);
}

void check_detector(struct checker *c, struct decl *decl)
{
    struct detector *detector = &decl->detector;
    check_patterns(c, decl);
    check_words(c, &detector->context);
    check_words(c, &detector->against);
    check_words(c, &detector->keywords);
    check_range(c, &detector->within, 1, DVARA_MAX_SPAN, "within", "from 1 to 4096");
    check_range(c, &detector->max_span, 1, DVARA_MAX_SPAN, "max_span", "from 1 to 4096");
    check_range(c, &detector->score_low, 0, 1000000, "score", "from 0% to 100%");
    check_range(c, &detector->score_high, 0, 1000000, "score", "from 0% to 100%");
    if (detector->score_low.has && detector->score_high.i < detector->score_low.i)
        diag_add(c->diags, detector->score_high.span, MESSAGE_OUT_OF_RANGE, DVARA_STR("score"),
                 DVARA_STR("a rising range: the second not below the first"));
    if (detector->entropy < 0 || detector->entropy > 8)
        diag_add(c->diags, detector->entropy_span, MESSAGE_OUT_OF_RANGE, DVARA_STR("entropy"),
                 DVARA_STR("from 0 to 8 bits a character"));
    if (!detector->within.has)
        detector->within.i = DETECTOR_DEFAULT_WITHIN;
    if (!detector->score_low.has)
        detector->score_low.i = detector->score_high.i = DETECTOR_DEFAULT_SCORE_PPM;
}

void check_group(struct checker *c, struct decl *decl)
{
    for (size_t i = 0; i < decl->group.n_members; i++)
        check_range(c, &decl->group.members[i].threshold, 0, 1000000, "at", "from 0% to 100%");
}

void check_model(struct checker *c, struct decl *decl)
{
    struct model *model = &decl->model;
    if (model->provider.s.n == 0 || model->model.s.n == 0)
        diag_add(c->diags, decl->name_span, MESSAGE_BAD_NAME, decl->name,
                 DVARA_STR("a model such as `openai/gpt-4o`"));
    check_range(c, &model->context, 1, INT64_MAX, "context", "at least 1");
    check_range(c, &model->max_output, 1, INT64_MAX, "max_output", "at least 1");
    check_range(c, &model->image_tokens, 0, INT64_MAX, "image_tokens", "at least 0");
    for (size_t i = 0; i < model->aliases.n; i++)
        if (model->aliases.v[i].s.n == 0)
            diag_add(c->diags, model->aliases.v[i].span, MESSAGE_BAD_NAME, model->aliases.v[i].s,
                     DVARA_STR("an alias: it is empty"));
}

static int by_text_and_place(const void *left, const void *right)
{
    const struct text *a = left;
    const struct text *b = right;
    int order = dvara_str_cmp(a->s, b->s);
    if (order == 0)
        order = (a->span.file > b->span.file) - (a->span.file < b->span.file);
    if (order == 0)
        order = (a->span.start > b->span.start) - (a->span.start < b->span.start);
    return order;
}

void check_aliases(struct checker *c)
{
    const struct decls *models = &c->program->by_kind[DECL_MODEL];
    size_t n = 0;
    for (size_t i = 0; i < models->n; i++)
        n += models->v[i]->model.aliases.n;
    struct text *all = ARENA_ARRAY(c->arena, n, struct text);
    if (!all)
        return;
    n = 0;
    for (size_t i = 0; i < models->n; i++)
        for (size_t k = 0; k < models->v[i]->model.aliases.n; k++)
            all[n++] = models->v[i]->model.aliases.v[k];
    if (n)
        qsort(all, n, sizeof *all, by_text_and_place);
    for (size_t i = 1; i < n; i++) {
        if (!dvara_str_eq(all[i].s, all[i - 1].s))
            continue;
        struct diag *diag = diag_add(c->diags, all[i].span, MESSAGE_DUPLICATE_ALIAS, all[i].s);
        diag_label(c->diags, diag, all[i - 1].span, "first here");
    }
}

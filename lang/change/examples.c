/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/change/examples.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/hash.h"
#include "base/json.h"
#include "lang/evaluate_print.h"
#include "lang/given.h"
#include "lang/list.h"
#include "lang/logic/record.h"
#include "trial/frozen.h"

#include "bundle/loaded.h"

enum {
    TRY_MEMORY = 256 << 20,
    PRINTED_MAX = 64 << 20,
    RULES_ASKED = 256,
    OLD = 0,
    NEW = 1,
    SIDES = 2
};

/* What is compared of `eval`'s object: not what a rule in mode shadow would do, nor the cost. Of
 * some the values say what kind of a difference it is. */
static const struct {
    struct dvara_str name;
    bool is_kind;
} members[] = {{DVARA_STR_INIT("decision"), true},    {DVARA_STR_INIT("code"), true},
               {DVARA_STR_INIT("status"), false},     {DVARA_STR_INIT("reason"), false},
               {DVARA_STR_INIT("rules"), true},       {DVARA_STR_INIT("approvals"), false},
               {DVARA_STR_INIT("redactions"), false}, {DVARA_STR_INIT("prompt"), false},
               {DVARA_STR_INIT("text"), false},       {DVARA_STR_INIT("model"), false},
               {DVARA_STR_INIT("max_tokens"), false}, {DVARA_STR_INIT("set"), false},
               {DVARA_STR_INIT("route"), false},      {DVARA_STR_INIT("targets"), false},
               {DVARA_STR_INIT("excluded"), false},   {DVARA_STR_INIT("warnings"), false},
               {DVARA_STR_INIT("tags"), false},       {DVARA_STR_INIT("cache_ttl"), false}};
enum { MEMBERS = sizeof members / sizeof *members };

struct search {
    const struct example_side *sides[SIDES];
    struct evaluator *evaluators[SIDES];
    const struct example_options *options;
    struct arena *arena; /* of the result */
    struct arena scratch[SIDES];
    struct examples *found;
    struct dvara_str from;    /* who asks now */
    bool is_search;           /* what is tried is not kept yet */
    uint64_t kind;            /* of the difference that was found last; 0: none */
    uint64_t wanted;          /* while an example is made smaller: the kind that it shows */
    enum dvara_status status; /* of what could not be decided or compared: the first */
};

/* Whoever reads "alike" must know that all was compared. */
static void fail(struct search *s, enum dvara_status status)
{
    if (s->status == DVARA_OK)
        s->status = status;
}

/* ---- one request ---- */

static bool decide(struct search *s, int side, struct given *given, struct buf *out)
{
    struct evaluation evaluation;
    enum dvara_status status = evaluate(s->evaluators[side], given, &evaluation);
    if (status == DVARA_OK) {
        evaluate_print(s->sides[side]->bundle, &evaluation, out);
        status = buf_failed(out) ? DVARA_TOO_LARGE : DVARA_OK;
    }
    while (out->n && out->p[out->n - 1] == '\n')
        out->n--;
    fail(s, status);
    return status == DVARA_OK;
}

static struct dvara_str member(const struct json_doc *doc, struct dvara_str name)
{
    uint32_t at = json_find(doc, 0, name);
    return at == JSON_NONE ? (struct dvara_str){0} : json_raw(doc, at);
}

/* Fills what differs of the two objects; nothing: the decisions are alike. */
static void note_differences(struct search *s, struct dvara_str old, struct dvara_str new,
                             struct example *example)
{
    struct json_doc a, b;
    struct dvara_str *v = ARENA_ARRAY(s->arena, MEMBERS, struct dvara_str);
    struct buf key, kind;
    size_t n = 0;
    enum dvara_status status = v ? DVARA_OK : DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = json_parse(old, 0, &s->scratch[OLD], &a, NULL);
    if (status == DVARA_OK)
        status = json_parse(new, 0, &s->scratch[NEW], &b, NULL);
    fail(s, status);
    if (status != DVARA_OK)
        return;
    buf_init(&key, PRINTED_MAX);
    buf_init(&kind, PRINTED_MAX);
    for (size_t i = 0; i < MEMBERS; i++) {
        struct dvara_str was = member(&a, members[i].name), is = member(&b, members[i].name);
        if (dvara_str_eq(was, is))
            continue;
        size_t begin = key.n;
        v[n++] = members[i].name;
        buf_printf(&key, "%zu %.*s -> %.*s\n", i, DVARA_STR_ARG(was), DVARA_STR_ARG(is));
        buf_printf(&kind, "%zu ", i);
        if (members[i].is_kind)
            buf_append(&kind, dvara_str_slice(buf_str(&key), begin, key.n));
    }
    s->kind = n > 0 ? hash_fixed(buf_str(&kind)) | 1 : 0;
    if (n > 0 && !s->is_search)
        example->what = arena_copy(s->arena, buf_str(&key));
    buf_clear(&key);
    buf_clear(&kind);
    example->differs = (struct dvara_strs){v, n};
}

/* One example is enough of each thing that becomes another. */
static bool was_found(const struct search *s, const struct example *example)
{
    for (size_t i = 0; i < s->found->n; i++) {
        if (dvara_str_eq(s->found->v[i].what, example->what))
            return true;
    }
    return false;
}

/* Decides what both sides were given; keeps it when they differ. */
static bool compare(struct search *s, struct given givens[SIDES], const struct expr *record)
{
    struct example example = {.from = s->from, .given = record};
    struct buf texts[SIDES];
    bool ok = true;
    for (int side = 0; side < SIDES; side++) {
        buf_init(&texts[side], PRINTED_MAX);
        ok = ok && decide(s, side, &givens[side], &texts[side]);
    }
    if (ok)
        note_differences(s, buf_str(&texts[OLD]), buf_str(&texts[NEW]), &example);
    bool differ = example.differs.n > 0;
    s->found->tried += ok && !s->is_search;
    s->found->differ += differ && !s->is_search;
    if (differ && !s->is_search && s->found->n < s->options->most && !was_found(s, &example)) {
        example.old_json = arena_copy(s->arena, buf_str(&texts[OLD]));
        example.new_json = arena_copy(s->arena, buf_str(&texts[NEW]));
        LIST_APPEND(s->arena, s->found->v, s->found->n, example);
    }
    buf_clear(&texts[OLD]);
    buf_clear(&texts[NEW]);
    return differ;
}

static void forget(struct search *s)
{
    arena_reset(&s->scratch[OLD]);
    arena_reset(&s->scratch[NEW]);
}

/* A witness_confirm: do the policies decide otherwise? */
static bool differs(void *user, const struct expr *record)
{
    struct search *s = user;
    struct given givens[SIDES];
    forget(s);
    for (int side = 0; side < SIDES; side++) {
        if (!given_read(&s->scratch[side], s->sides[side]->bundle, record, &givens[side])) {
            s->found->passed_over += !s->is_search;
            return false;
        }
    }
    return compare(s, givens, record);
}

/* The same, in the same way. */
static bool differs_alike(void *user, const struct expr *record)
{
    struct search *s = user;
    return differs(s, record) && s->kind == s->wanted;
}

/* ---- the requests of tests ---- */

static void try_case(struct search *s, const struct example_side *side, const struct decl *decl,
                     const struct test_case *row)
{
    const struct source *source = side->program->sources.v[decl->name_span.file];
    const struct expr *record =
        row ? given_merge(s->arena, decl->test.given, row->given) : decl->test.given;
    s->from = arena_printf(s->arena, "test \"%.*s\"%s%.*s (%.*s:%u)", DVARA_STR_ARG(decl->name),
                           row ? ", case " : "", (int)(row ? row->name.s.n : 0),
                           row && row->name.s.n ? row->name.s.p : "", DVARA_STR_ARG(source->path),
                           source_position(source, decl->name_span.start).line);
    (void)differs(s, record ? record : record_new(s->arena));
}

static void try_tests(struct search *s, const struct example_side *side)
{
    const struct decls *tests = &side->program->by_kind[DECL_TEST];
    for (size_t i = 0; i < tests->n; i++) {
        const struct test *test = &tests->v[i]->test;
        for (size_t k = 0; k < test->n_cases; k++)
            try_case(s, side, tests->v[i], &test->cases[k]);
        if (test->n_cases == 0)
            try_case(s, side, tests->v[i], NULL);
    }
}

/* A bundle's own tests, read once for each side: a decision rewrites what it is given. */
static void try_frozen(struct search *s, const struct example_side *side)
{
    struct frozen_reader readers[SIDES] = {{.section = side->bundle->tests},
                                           {.section = side->bundle->tests}};
    for (;;) {
        struct given givens[SIDES];
        struct frozen_test test;
        bool readable = true;
        forget(s);
        for (int i = 0; i < SIDES; i++) {
            enum dvara_status status = frozen_next(&readers[i], &s->scratch[i], &test, &givens[i]);
            fail(s, status == DVARA_NOT_FOUND ? DVARA_OK : status);
            if (status != DVARA_OK)
                return;
            readable = given_finish(&givens[i], s->sides[i]->bundle) && readable;
        }
        s->from = arena_printf(s->arena, "test \"%.*s\" (%.*s:%u)", DVARA_STR_ARG(test.name),
                               DVARA_STR_ARG(test.file), test.line);
        if (readable)
            (void)compare(s, givens, NULL);
        else
            s->found->passed_over++;
    }
}

/* ---- the solver's ---- */

/* Requests have a model: one that a reader knows, where it matters so little that none was left. */
static void name_model(struct search *s, struct expr *record)
{
    struct expr *request = record_under(s->arena, record, DVARA_STR("request"));
    if (!request || record_find(request, DVARA_STR("model")))
        return;
    record_put(s->arena, request, DVARA_STR("model"), record_string(s->arena, DVARA_STR("gpt-4o")));
    if (!differs(s, record))
        request->fields.n--;
}

/* What is found is made smaller while it still shows the difference: what is left is kept. */
static enum witness_answer take_first(struct search *s, struct witness_finder *finder)
{
    const struct expr *found = NULL;
    if (!finder)
        return WITNESS_UNKNOWN;
    witness_confirm_by(finder, differs, s);
    s->is_search = true;
    enum witness_answer answer = witness_next(finder, &found);
    struct expr *record = (struct expr *)(uintptr_t)found; /* of our own arena */
    if (answer == WITNESS_FOUND) {
        s->wanted = s->kind;
        record_shrink(record, differs_alike, s);
        name_model(s, record);
    }
    s->is_search = false;
    if (answer == WITNESS_FOUND)
        (void)differs(s, record);
    return answer;
}

static void take_and_free(struct search *s, struct witness_finder *finder)
{
    (void)take_first(s, finder);
    if (finder)
        witness_free(finder);
}

static void ask_rule(struct search *s, const struct change *change)
{
    const struct witness_options *options = &s->options->witness;
    struct witness_policy old = {s->sides[OLD]->program, s->sides[OLD]->bundle};
    struct witness_policy new = {s->sides[NEW]->program, s->sides[NEW]->bundle};
    const struct decl *one = change->new_decl ? change->new_decl : change->old_decl;
    s->from = arena_printf(s->arena, "rule %.*s", DVARA_STR_ARG(change->name));
    size_t before = s->found->differ;
    if (change->old_decl && change->new_decl)
        take_and_free(s, witness_rules_differ(s->arena, options, &old, change->old_decl, &new,
                                              change->new_decl));
    if (s->found->differ > before || change->is_part) /* its condition, not its effects */
        return;
    if (one->rule.phases & DVARA_PHASES_REQUEST && one->rule.when)
        take_and_free(
            s, witness_holds(s->arena, options, change->new_decl ? &new : &old, one->rule.when));
    else
        (void)differs(s, record_new(s->arena));
}

static void ask_verdicts(struct search *s)
{
    struct witness_policy old = {s->sides[OLD]->program, s->sides[OLD]->bundle};
    struct witness_policy new = {s->sides[NEW]->program, s->sides[NEW]->bundle};
    struct witness_finder *finder =
        witness_verdicts_differ(s->arena, &s->options->witness, &old, &new);
    s->from = DVARA_STR("another verdict");
    if (!finder)
        return;
    enum witness_answer answer = take_first(s, finder);
    s->found->verdicts = answer == WITNESS_FOUND  ? PROOF_DIFFER
                         : answer == WITNESS_NONE ? PROOF_ALIKE
                                                  : PROOF_OPEN;
    if (answer == WITNESS_UNKNOWN)
        s->found->why = arena_copy(s->arena, witness_why(finder));
    witness_free(finder);
}

static bool has_solver(const struct search *s)
{
    struct buf out;
    buf_init(&out, SOLVER_ANSWER_MAX);
    enum dvara_status status =
        solver_run(&s->options->witness.solver, DVARA_STR("(check-sat)\n(exit)\n"), &out);
    buf_clear(&out);
    return status != DVARA_NOT_FOUND;
}

/* What rules are made of changed, and so may they have, though their text did not. */
static bool has_changed_parts(const struct changes *changes)
{
    bool any = false;
    for (size_t i = 0; i < changes->n; i++) {
        const struct change *change = &changes->v[i];
        const struct decl *one = change->new_decl ? change->new_decl : change->old_decl;
        any = any || (one && (one->kind == DECL_LET || one->kind == DECL_GROUP ||
                              one->kind == DECL_DETECTOR || one->kind == DECL_RUNTIME_LIST));
    }
    return any;
}

static void ask_common_rules(struct search *s)
{
    const struct decls *rules = &s->sides[NEW]->program->by_kind[DECL_RULE];
    for (size_t i = 0; i < rules->n && i < RULES_ASKED && s->found->n < s->options->most; i++) {
        struct decl *old = program_find(s->sides[OLD]->program, DECL_RULE, rules->v[i]->name);
        const struct change change = {
            .name = rules->v[i]->name, .old_decl = old, .new_decl = rules->v[i]};
        if (old)
            ask_rule(s, &change);
    }
}

static void ask_solver(struct search *s, const struct changes *changes)
{
    s->found->verdicts = PROOF_NO_SOLVER;
    if (!has_solver(s))
        return;
    ask_verdicts(s);
    for (size_t i = 0; i < changes->n && s->found->n < s->options->most; i++) {
        const struct change *change = &changes->v[i];
        const struct decl *one = change->new_decl ? change->new_decl : change->old_decl;
        if (one && one->kind == DECL_RULE)
            ask_rule(s, change);
    }
    if (has_changed_parts(changes))
        ask_common_rules(s);
}

/* ---- all ---- */

static void search_all(struct search *s, const struct changes *changes)
{
    for (int side = 0; side < SIDES; side++) {
        if (s->sides[side]->program)
            try_tests(s, s->sides[side]);
        else
            try_frozen(s, s->sides[side]);
    }
    if (s->options->without_solver || !s->sides[OLD]->program || !s->sides[NEW]->program)
        return;
    ask_solver(s, changes);
}

enum dvara_status examples_find(const struct example_side *old, const struct example_side *new,
                                const struct changes *changes,
                                const struct example_options *options, struct arena *arena,
                                struct examples *ret_examples)
{
    struct search s = {
        .sides = {old, new}, .options = options, .arena = arena, .found = ret_examples};
    *ret_examples = (struct examples){.verdicts = PROOF_NOT_TRIED};
    arena_init(&s.scratch[OLD], TRY_MEMORY);
    arena_init(&s.scratch[NEW], TRY_MEMORY);
    enum dvara_status status = evaluator_new(old->bundle, &s.evaluators[OLD]);
    if (status == DVARA_OK)
        status = evaluator_new(new->bundle, &s.evaluators[NEW]);
    if (status == DVARA_OK)
        search_all(&s, changes);
    if (status == DVARA_OK)
        status = s.status;
    evaluator_free(s.evaluators[OLD]);
    evaluator_free(s.evaluators[NEW]);
    arena_clear(&s.scratch[OLD]);
    arena_clear(&s.scratch[NEW]);
    return status == DVARA_OK && arena_is_exhausted(arena) ? DVARA_NO_MEMORY : status;
}

/* ---- a test ---- */

static bool holds(const struct json_doc *doc, uint32_t list, struct dvara_str raw)
{
    uint32_t at = list == JSON_NONE ? JSON_NONE : json_first(doc, list);
    while (at != JSON_NONE && !dvara_str_eq(json_raw(doc, at), raw))
        at = json_next(doc, at);
    return at != JSON_NONE;
}

/* The verdict, and the first rule and target that only the new policy has. */
static void print_expectations(const struct json_doc *old, const struct json_doc *new,
                               struct arena *arena, struct buf *out)
{
    uint32_t decision = json_find(new, 0, DVARA_STR("decision"));
    uint32_t code = json_find(new, 0, DVARA_STR("code"));
    uint32_t rules = json_find(new, 0, DVARA_STR("rules"));
    uint32_t targets = json_find(new, 0, DVARA_STR("targets"));
    struct dvara_str word =
        decision == JSON_NONE ? DVARA_STR("allow") : json_string(new, decision, arena);
    buf_printf(out, "\n  expect %.*s", DVARA_STR_ARG(word));
    if (dvara_str_eq(word, DVARA_STR("deny")) && code != JSON_NONE &&
        json_kind(new, code) == JSON_STRING)
        buf_printf(out, " code %.*s", DVARA_STR_ARG(json_raw(new, code)));
    uint32_t rule = rules == JSON_NONE ? JSON_NONE : json_first(new, rules);
    while (rule != JSON_NONE &&
           holds(old, json_find(old, 0, DVARA_STR("rules")), json_raw(new, rule)))
        rule = json_next(new, rule);
    if (rule != JSON_NONE)
        buf_printf(out, "\n  expect matched %.*s", DVARA_STR_ARG(json_string(new, rule, arena)));
    if (targets != JSON_NONE && json_first(new, targets) != JSON_NONE &&
        !dvara_str_eq(member(old, DVARA_STR("targets")), json_raw(new, targets)))
        buf_printf(out, "\n  expect target %.*s",
                   DVARA_STR_ARG(json_raw(new, json_first(new, targets))));
}

void example_print_test(const struct example *example, struct dvara_str name, struct buf *out)
{
    struct arena arena;
    struct json_doc old, new;
    arena_init(&arena, TRY_MEMORY);
    buf_printf(out, "test \"%.*s\" {\n  given ", DVARA_STR_ARG(name));
    record_print(example->given, out);
    if (json_parse(example->old_json, 0, &arena, &old, NULL) == DVARA_OK &&
        json_parse(example->new_json, 0, &arena, &new, NULL) == DVARA_OK)
        print_expectations(&old, &new, &arena, out);
    BUF_LIT(out, "\n}\n");
    arena_clear(&arena);
}

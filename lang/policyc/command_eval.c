/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/buf.h"
#include "lang/evaluate_print.h"
#include "lang/given.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"
#include "bundle/format.h"

#include <stdio.h>
#include <stdlib.h>

enum { OUTPUT_MAX = 256 << 20, EVALUATION_MEMORY = 1 << 30 };

struct eval {
    const char *input;
    bool explain;
    struct front front;
    struct arena arena;
    struct buf bytes, json, out;
};

static int complain(struct dvara_str what)
{
    (void)fprintf(stderr, "dvara-policyc eval: %.*s\n", DVARA_STR_ARG(what));
    return EXIT_USAGE;
}

/* Each rule that matched or erred, with its place. */
static void explain(const struct dvara_bundle *bundle, const struct dvara_decision *d)
{
    for (size_t i = 0; i < d->n_matched; i++) {
        struct dvara_rule_info rule = dvara_bundle_rule(bundle, d->matched[i].rule);
        (void)fprintf(stderr, "%.*s:%u: rule %.*s matched\n", DVARA_STR_ARG(rule.file), rule.line,
                      DVARA_STR_ARG(rule.name));
    }
    for (size_t i = 0; i < d->n_errors; i++) {
        struct dvara_rule_info rule = dvara_bundle_rule(bundle, d->errors[i].rule);
        (void)fprintf(stderr, "%.*s:%u: rule %.*s erred\n", DVARA_STR_ARG(rule.file), rule.line,
                      DVARA_STR_ARG(rule.name));
    }
}

static int print(struct eval *eval, const struct dvara_bundle *bundle,
                 const struct evaluation *evaluation)
{
    static const int codes[] = {EXIT_CLEAN, EXIT_DENY, EXIT_APPROVAL};
    evaluate_print(bundle, evaluation, &eval->out);
    if (!file_print(&eval->out))
        return EXIT_USAGE;
    if (eval->explain)
        explain(bundle, evaluation->decision);
    return codes[evaluation->decision->verdict];
}

static int decide(struct eval *eval, const struct dvara_bundle *bundle)
{
    struct evaluator *evaluator = NULL;
    struct evaluation evaluation;
    struct given given;
    struct dvara_str error;
    const struct expr *record = given_from_json(&eval->arena, buf_str(&eval->json), &error);
    if (!record)
        return complain(error);
    if (!given_read(&eval->arena, bundle, record, &given))
        return complain(given.error.p ? given.error : DVARA_STR("out of memory"));
    if (evaluator_new(bundle, &evaluator) != DVARA_OK)
        return EXIT_INTERNAL;
    int code = EXIT_INTERNAL;
    if (evaluate(evaluator, &given, &evaluation) == DVARA_OK)
        code = print(eval, bundle, &evaluation);
    evaluator_free(evaluator);
    return code;
}

static bool reads_input_twice(const struct eval *eval)
{
    bool policy = false;
    for (size_t i = 0; i < eval->front.operands.n; i++)
        policy = policy || dvara_str_eq(eval->front.operands.v[i], DVARA_STR("-"));
    return policy && strcmp(eval->input, "-") == 0;
}

static int read_all(struct eval *eval, int argc, char **argv)
{
    const struct option_row rows[] = {{.name = "--input", .value = &eval->input},
                                      {.name = "--explain", .flag = &eval->explain}};
    int code = front_arguments(&eval->front, argc, argv, rows, sizeof rows / sizeof *rows);
    if (code == EXIT_CLEAN && !eval->input)
        code = complain(DVARA_STR("say what to decide on: --input FILE, or - for standard input"));
    if (code == EXIT_CLEAN && reads_input_twice(eval))
        code = complain(DVARA_STR("standard input cannot be both the policy and --input"));
    if (code == EXIT_CLEAN && !file_read(dvara_str_from_cstr(eval->input), &eval->json))
        code = EXIT_USAGE;
    if (code == EXIT_CLEAN)
        code = bundle_bytes(&eval->front, &eval->bytes);
    return code;
}

static int run(int argc, char **argv)
{
    struct eval *eval = calloc(1, sizeof *eval);
    struct dvara_bundle *bundle = NULL;
    if (!eval)
        return EXIT_INTERNAL;
    front_init(&eval->front);
    arena_init(&eval->arena, EVALUATION_MEMORY);
    buf_init(&eval->bytes, FORMAT_MAX_BUNDLE);
    buf_init(&eval->json, POLICYC_FILE_MAX);
    buf_init(&eval->out, OUTPUT_MAX);
    int code = read_all(eval, argc, argv);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&eval->bytes), &bundle);
    if (code == EXIT_CLEAN)
        code = decide(eval, bundle);
    dvara_bundle_free(bundle);
    buf_clear(&eval->bytes);
    buf_clear(&eval->json);
    buf_clear(&eval->out);
    arena_clear(&eval->arena);
    front_clear(&eval->front);
    free(eval);
    return code;
}

const struct command command_eval = {
    .name = "eval",
    .synopsis = "eval --input FILE [options] BUNDLE|PATH…",
    .summary = "Makes one decision and prints it as JSON",
    .help = FRONT_HELP
    "  --input FILE        what to decide on: JSON in the shape of a test's `given`; - is standard "
    "input\n"
    "  --explain           also the rules that matched or erred, with file and line\n"
    "Exit code: 0 allow, 10 deny, 11 approval.\n",
    .run = run,
};

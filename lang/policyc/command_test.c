/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "bundle/format.h"
#include "dvara/tests.h"
#include "lang/literal.h"
#include "lang/testreport.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"
#include "policyc/mutation.h"

#include <stdio.h>
#include <stdlib.h>

enum { OUTPUT_MAX = 256 << 20, JOBS_MAX = 64 };
static const int64_t within_default = INT64_C(600) * 1000000000;

struct test_command {
    struct front front;
    const char *only, *coverage_min, *mutate_min, *jobs, *within;
    bool coverage, mutate;
    struct mutate_options mutants;
    unsigned least_coverage, least_mutants, n_jobs; /* the values of the options */
    int64_t within_ns;
    struct buf bytes, out;
};

static bool complain(const char *option, const char *value, const char *wanted)
{
    (void)fprintf(stderr, "dvara-policyc test: %s is %s, not `%s`\n", option, wanted, value);
    return false;
}

/* "90" or "90%". */
static bool read_percent(const char *option, const char *value, unsigned *ret_percent)
{
    char *end = NULL;
    unsigned long percent = value[0] >= '0' && value[0] <= '9' ? strtoul(value, &end, 10) : 101;
    if (percent > 100 || (*end && strcmp(end, "%") != 0))
        return complain(option, value, "a percentage from 0 to 100");
    *ret_percent = (unsigned)percent;
    return true;
}

static bool read_jobs(struct test_command *test)
{
    char *end = NULL;
    const char *value = test->jobs;
    unsigned long jobs = value[0] >= '0' && value[0] <= '9' ? strtoul(value, &end, 10) : 0;
    if (jobs < 1 || jobs > JOBS_MAX || *end)
        return complain("--jobs", value, "a number from 1 to 64");
    test->n_jobs = (unsigned)jobs;
    return true;
}

static bool read_within(struct test_command *test)
{
    struct dvara_str text = dvara_str_from_cstr(test->within);
    struct number_literal number = number_read(text);
    if (number.problem || number.kind != TOKEN_DURATION || number.length != text.n)
        return complain("--within", test->within, "a duration such as 30s or 5m");
    test->within_ns = number.i;
    return true;
}

/* What an option asks for is asked for, too, by its least value. */
static bool read_options(struct test_command *test)
{
    test->coverage = test->coverage || test->coverage_min;
    test->mutate =
        test->mutate || test->mutate_min || test->jobs || test->within || test->mutants.with_values;
    test->within_ns = within_default;
    if (test->front.report.format == REPORT_SARIF) {
        (void)fprintf(stderr, "dvara-policyc test: sarif holds no test results; use junit\n");
        return false;
    }
    return (!test->coverage_min ||
            read_percent("--coverage-min", test->coverage_min, &test->least_coverage)) &&
           (!test->mutate_min ||
            read_percent("--mutate-min", test->mutate_min, &test->least_mutants)) &&
           (!test->jobs || read_jobs(test)) && (!test->within || read_within(test));
}

/* ---- the tests of a bundle ---- */

static bool is_bundle(const struct front *front)
{
    return front->operands.n == 1 && dvara_str_ends_with(front->operands.v[0], DVARA_STR(".dvb"));
}

static void say_no_tests(void)
{
    (void)fprintf(stderr, "dvara-policyc test: there are no tests; one is written "
                          "`test \"name\" { given { … } expect deny }`\n");
}

static int run_frozen(struct test_command *test, const struct dvara_bundle *bundle)
{
    struct dvara_tests_result result;
    if (test->only || test->coverage || test->mutate || test->front.format) {
        (void)fprintf(stderr, "dvara-policyc test: a bundle's tests take no options\n");
        return EXIT_USAGE;
    }
    if (dvara_bundle_test(bundle, &test->out, &result) != DVARA_OK)
        return EXIT_INTERNAL;
    buf_printf(&test->out, "%zu passed, %zu failed\n", result.passed, result.failed);
    if (result.passed + result.failed == 0)
        say_no_tests();
    return result.failed ? EXIT_DIAGNOSTICS : EXIT_CLEAN;
}

/* ---- the tests of sources ---- */

/* Mutants tell something only of tests that pass. */
static enum dvara_status try_mutants(struct test_command *test, struct mutants *ret_mutants)
{
    struct mutation mutation = {.front = &test->front,
                                .like = buf_str(&test->bytes),
                                .only = dvara_str_from_cstr(test->only),
                                .jobs = test->n_jobs,
                                .within_ns = (uint64_t)test->within_ns};
    *ret_mutants = mutate(test->front.program, &test->mutants, &test->front.arena);
    return mutation_run(&mutation, ret_mutants);
}

/* What was not tried was not noticed either. */
static bool has_enough_mutants(const struct test_command *test, const struct testreport *report)
{
    struct mutant_sums sums = {{0}};
    if (report->mutants)
        sums = mutant_sums(report->mutants);
    size_t killed = sums.by_state[MUTANT_KILLED], untried = sums.by_state[MUTANT_NOT_TRIED];
    size_t all = killed + sums.by_state[MUTANT_SURVIVED] + untried;
    bool none = test->mutate && !report->mutants; /* without tests, or where one fails */
    unsigned percent = all ? (unsigned)(100 * killed / all) : none ? 0 : 100;
    if (percent >= test->least_mutants)
        return true;
    (void)fprintf(stderr, "dvara-policyc test: %u%% of the mutants are killed, less than %u%%",
                  percent, test->least_mutants);
    if (untried)
        (void)fprintf(stderr, "; %zu were not tried (--within)", untried);
    (void)fputs("\n", stderr);
    return false;
}

static int verdict(const struct test_command *test, const struct testreport *report)
{
    if (test->only && report->results->n == 0) {
        (void)fprintf(stderr, "dvara-policyc test: no test's name contains `%s`\n", test->only);
        return EXIT_USAGE;
    }
    if (report->results->n == 0)
        say_no_tests();
    int code = report->results->failed ? EXIT_DIAGNOSTICS : EXIT_CLEAN;
    if (report->coverage) {
        unsigned percent = coverage_percent(coverage_sums(report->coverage));
        if (percent < test->least_coverage) {
            (void)fprintf(stderr, "dvara-policyc test: coverage is %u%%, less than %u%%\n", percent,
                          test->least_coverage);
            code = EXIT_DIAGNOSTICS;
        }
    }
    return has_enough_mutants(test, report) ? code : EXIT_DIAGNOSTICS;
}

static int run_sources(struct test_command *test, const struct dvara_bundle *bundle)
{
    struct testrun_results results;
    struct coverage coverage;
    struct mutants mutants;
    struct testreport report = {.results = &results, .tool = test->front.report.tool};
    enum dvara_status status = DVARA_OK;
    if (test->coverage &&
        !coverage_init(&coverage, test->front.program, bundle, &test->front.arena))
        return EXIT_INTERNAL;
    report.coverage = test->coverage ? &coverage : NULL;
    status = testrun(test->front.program, bundle, dvara_str_from_cstr(test->only),
                     test->coverage ? &coverage : NULL, &test->front.arena, &results);
    if (status == DVARA_OK && test->mutate && results.failed == 0 && results.n > 0) {
        status = try_mutants(test, &mutants);
        report.mutants = &mutants;
    }
    if (status != DVARA_OK) {
        (void)fprintf(stderr, "dvara-policyc test: %s\n", dvara_status_sentence(status));
        return EXIT_INTERNAL;
    }
    (void)testreport_print(&report, test->front.report.format, &test->out);
    if (test->mutate && !report.mutants)
        (void)fprintf(stderr, "dvara-policyc test: mutants wait until all tests pass\n");
    return verdict(test, &report);
}

static int run_tests(struct test_command *test)
{
    struct dvara_bundle *bundle = NULL;
    bool frozen = is_bundle(&test->front);
    int code = bundle_bytes(&test->front, &test->bytes);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&test->bytes), &bundle);
    if (code == EXIT_CLEAN)
        code = frozen ? run_frozen(test, bundle) : run_sources(test, bundle);
    dvara_bundle_free(bundle);
    if (!file_print(&test->out))
        code = EXIT_USAGE;
    return code;
}

static int run(int argc, char **argv)
{
    struct test_command *test = calloc(1, sizeof *test);
    if (!test)
        return EXIT_INTERNAL;
    const struct option_row rows[] = {
        {.name = "-k", .value = &test->only},
        {.name = "--coverage", .flag = &test->coverage},
        {.name = "--coverage-min", .value = &test->coverage_min},
        {.name = "--mutate", .flag = &test->mutate},
        {.name = "--mutate-min", .value = &test->mutate_min},
        {.name = "--mutate-library", .flag = &test->mutants.with_library},
        {.name = "--mutate-values", .flag = &test->mutants.with_values},
        {.name = "--jobs", .value = &test->jobs},
        {.name = "--within", .value = &test->within}};
    front_init(&test->front);
    buf_init(&test->bytes, FORMAT_MAX_BUNDLE);
    buf_init(&test->out, OUTPUT_MAX);
    int code = front_arguments(&test->front, argc, argv, rows, sizeof rows / sizeof *rows);
    if (code == EXIT_CLEAN)
        code = read_options(test) ? run_tests(test) : EXIT_USAGE;
    buf_clear(&test->bytes);
    buf_clear(&test->out);
    front_clear(&test->front);
    free(test);
    return code;
}

const struct command command_test = {
    .name = "test",
    .synopsis = "test [-k NAME] [--coverage] [--mutate] [options] BUNDLE|PATH…",
    .summary = "Runs the policies' `test` blocks",
    .help = FRONT_HELP
    "  -k NAME             only tests whose name contains NAME\n"
    "  --coverage          which rules held, and which outcomes of their conditions came about\n"
    "  --coverage-min N    exit 1 below N percent of rules, or of true and false outcomes\n"
    "  --mutate            change the policy in one place at a time: which changes no test "
    "notices\n"
    "  --mutate-min N      exit 1 below N percent noticed\n"
    "  --mutate-library    change imported library files too\n"
    "  --mutate-values     change numbers, texts and amounts too\n"
    "  --jobs N            so many changes at once (default: one a processor)\n"
    "  --within D          leave the rest untried after this time (default 10m)\n"
    "A bundle's own tests are run as `dvara-gateway --check` runs them.\n"
    "Exit code: 1 when a test fails or a least value is not reached.\n",
    .run = run,
};

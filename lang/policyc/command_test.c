/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "bundle/format.h"
#include "lang/testrun.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"

#include <stdio.h>
#include <stdlib.h>

enum { OUTPUT_MAX = 256 << 20 };

static int run_tests(struct front *front, const struct dvara_bundle *bundle, const char *only)
{
    struct testrun_result result;
    struct buf out;
    buf_init(&out, OUTPUT_MAX);
    enum dvara_status status =
        testrun(front->program, bundle, dvara_str_from_cstr(only), &out, &result);
    (void)fwrite(out.p ? out.p : "", 1, out.n, stdout);
    buf_clear(&out);
    if (status != DVARA_OK) {
        (void)fprintf(stderr, "dvara-policyc test: %s\n", dvara_status_sentence(status));
        return EXIT_INTERNAL;
    }
    (void)printf("%zu passed, %zu failed\n", result.passed, result.failed);
    if (only && result.passed + result.failed == 0) {
        (void)fprintf(stderr, "dvara-policyc test: no test's name contains `%s`\n", only);
        return EXIT_USAGE;
    }
    return result.failed ? EXIT_DIAGNOSTICS : EXIT_CLEAN;
}

static int run(int argc, char **argv)
{
    const char *only = NULL;
    const struct option_row rows[] = {{.name = "-k", .value = &only}};
    struct codegen_options options = {.compiler = DVARA_STR("dvara-policyc " DVARA_VERSION)};
    struct front *front = malloc(sizeof *front);
    struct dvara_bundle *bundle = NULL;
    struct buf bytes;
    if (!front)
        return EXIT_INTERNAL;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    front_init(front);
    int code = front_arguments(front, argc, argv, rows, sizeof rows / sizeof *rows);
    if (code == EXIT_CLEAN)
        code = bundle_compile(front, &options, &bytes);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&bytes), &bundle);
    if (code == EXIT_CLEAN)
        code = run_tests(front, bundle, only);
    dvara_bundle_free(bundle);
    buf_clear(&bytes);
    front_clear(front);
    free(front);
    return code;
}

const struct command command_test = {
    .name = "test",
    .synopsis = "test [-k NAME] [options] PATH…",
    .summary = "Runs the policies' `test` blocks",
    .help = FRONT_HELP "  -k NAME             only tests whose name contains NAME\n"
                       "Exit code: 1 when a test fails.\n",
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "lang/emit.h"
#include "bundle/format.h"
#include "policyc/arguments.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>

static int build(struct dvara_str path, const char *output, struct buf *bytes, struct buf *out)
{
    struct dvara_bundle_error error = {.text = ""};
    if (!file_read(path, bytes))
        return EXIT_USAGE;
    enum dvara_status status = emit_databases(buf_str(bytes), &error, out);
    if (status != DVARA_OK) {
        (void)fprintf(stderr, "dvara-policyc build-patterns: %s\n",
                      error.text[0] ? error.text : dvara_status_sentence(status));
        return status == DVARA_NO_MEMORY ? EXIT_INTERNAL : EXIT_DIAGNOSTICS;
    }
    return file_write(dvara_str_from_cstr(output), buf_str(out), 0644) ? EXIT_CLEAN : EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    const char *output = "-";
    const struct option_row rows[] = {{.name = "-o", .value = &output},
                                      {.name = "--output", .value = &output}};
    struct operands *operands = calloc(1, sizeof *operands);
    struct buf bytes, out;
    int code = EXIT_USAGE;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    buf_init(&out, FORMAT_MAX_BUNDLE);
    if (operands && arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, operands)) {
        if (operands->n == 1)
            code = build(operands->v[0], output, &bytes, &out);
        else
            (void)fprintf(stderr, "dvara-policyc build-patterns: give one bundle\n");
    }
    buf_clear(&bytes);
    buf_clear(&out);
    free(operands);
    return code;
}

const struct command command_build_patterns = {
    .name = "build-patterns",
    .synopsis = "build-patterns [-o FILE] BUNDLE",
    .summary = "Compiles a bundle's patterns for this machine",
    .help = "  -o FILE             where the bundle with databases goes; default: standard output\n"
            "Reads only BUNDLE; the policy, its digest and its signatures stay as they are.\n",
    .run = run,
};

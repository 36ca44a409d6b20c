/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/time.h"
#include "bundle/sign.h"
#include "lang/tree.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"
#include "policyc/show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct settings {
    const char *output, *sign, *name, *sequence, *not_after, *stop_after;
};

static int complain(const char *what)
{
    (void)fprintf(stderr, "dvara-policyc compile: %s\n", what);
    return EXIT_USAGE;
}

static int read_settings(const struct settings *settings, struct codegen_options *options)
{
    if (!settings->output && !settings->stop_after)
        return complain("say where the bundle goes: -o FILE");
    if (settings->stop_after && (settings->output || settings->sign))
        return complain("--stop-after writes no bundle: leave -o and --sign out");
    if (settings->name)
        options->name = dvara_str_from_cstr(settings->name);
    if (settings->sequence) {
        char *end;
        errno = 0;
        options->sequence = strtoll(settings->sequence, &end, 10);
        if (errno || *end || end == settings->sequence || options->sequence < 0)
            return complain("--sequence takes a number that is not negative");
    }
    if (settings->not_after &&
        (time_parse(dvara_str_from_cstr(settings->not_after), &options->not_after) != DVARA_OK ||
         options->not_after <= 0))
        return complain("--not-after takes a time such as 2027-01-01T00:00:00Z");
    return EXIT_CLEAN;
}

static int sign(const char *key_path, struct buf *bytes)
{
    unsigned char key[SIGN_KEY];
    struct dvara_bundle_error error = {.text = "the key is not an Ed25519 private key in PEM"};
    struct buf pem, signed_bytes;
    buf_init(&pem, 1 << 20); /* file_read asks for room in large steps */
    buf_init(&signed_bytes, FORMAT_MAX_BUNDLE);
    int code = EXIT_USAGE;
    if (file_read(dvara_str_from_cstr(key_path), &pem)) {
        enum dvara_status status = sign_read_private(buf_str(&pem), key);
        if (status == DVARA_OK)
            status = sign_bundle(buf_str(bytes), key, &error, &signed_bytes);
        explicit_bzero(key, sizeof key);
        explicit_bzero(pem.p, pem.n);
        code = status == DVARA_OK ? EXIT_CLEAN : complain(error.text);
    }
    buf_clear(&pem);
    if (code == EXIT_CLEAN) {
        struct buf old = *bytes;
        *bytes = signed_bytes;
        signed_bytes = old;
    }
    buf_clear(&signed_bytes);
    return code;
}

enum { TREE_BYTES_MAX = 1 << 30 };

/* What the phase made, then what is wrong: a tree is there also where it has errors. */
static int print_tree(struct front *front, bool checked)
{
    struct buf out;
    int code = checked ? front_compile(front) : front_parse(front);
    if (code != EXIT_CLEAN)
        return code;
    buf_init(&out, TREE_BYTES_MAX);
    tree_print(front->program, checked, &out);
    bool ok = file_print(&out);
    buf_clear(&out);
    int reported = front_report(front);
    return ok ? reported : EXIT_USAGE;
}

static void print_code(const struct bundle_file *file, const struct bundle_program *program,
                       struct buf *out)
{
    (void)file;
    disasm_code(program, out);
}

static int stop_after(struct front *front, const char *phase_cstr,
                      const struct codegen_options *options, struct buf *bytes)
{
    if (strcmp(phase_cstr, "parse") == 0 || strcmp(phase_cstr, "check") == 0)
        return print_tree(front, *phase_cstr == 'c');
    if (strcmp(phase_cstr, "code") != 0)
        return complain("--stop-after takes parse, check or code");
    int code = bundle_compile(front, options, bytes);
    return code == EXIT_CLEAN ? show_bytes(buf_str(bytes), &front->arena, print_code) : code;
}

/* The bundle, signed and written. */
static int write_bundle(struct front *front, const struct settings *settings,
                        const struct codegen_options *options, struct buf *bytes)
{
    int code = bundle_compile(front, options, bytes);
    if (code == EXIT_CLEAN && settings->sign)
        code = sign(settings->sign, bytes);
    if (code == EXIT_CLEAN &&
        !file_write(dvara_str_from_cstr(settings->output), buf_str(bytes), 0644))
        code = EXIT_USAGE;
    return code;
}

static int run(int argc, char **argv)
{
    struct settings settings = {NULL};
    const struct option_row rows[] = {
        {.name = "-o", .value = &settings.output},
        {.name = "--output", .value = &settings.output},
        {.name = "--sign", .value = &settings.sign},
        {.name = "--name", .value = &settings.name},
        {.name = "--sequence", .value = &settings.sequence},
        {.name = "--not-after", .value = &settings.not_after},
        {.name = "--stop-after", .value = &settings.stop_after},
    };
    struct codegen_options options = {.compiler = DVARA_STR("dvara-policyc " DVARA_VERSION)};
    struct front *front = malloc(sizeof *front);
    struct buf bytes;
    if (!front)
        return EXIT_INTERNAL;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    front_init(front);
    int code = front_arguments(front, argc, argv, rows, sizeof rows / sizeof *rows);
    if (code == EXIT_CLEAN)
        code = read_settings(&settings, &options);
    if (code == EXIT_CLEAN && settings.stop_after)
        code = stop_after(front, settings.stop_after, &options, &bytes);
    else if (code == EXIT_CLEAN)
        code = write_bundle(front, &settings, &options, &bytes);
    buf_clear(&bytes);
    front_clear(front);
    free(front);
    return code;
}

const struct command command_compile = {
    .name = "compile",
    .synopsis = "compile -o FILE [options] PATH…",
    .summary = "Compiles policies and all they import into one bundle",
    .help = FRONT_HELP
    "  -o FILE             where the bundle goes; `-` is standard output\n"
    "  --sign KEY.pem      sign it with an Ed25519 private key (see keygen)\n"
    "  --name S            the bundle's name; default: the package\n"
    "  --sequence N        refuse to go back below it; default: 0\n"
    "  --not-after TIME    not loaded after it; default: never\n"
    "  --stop-after PHASE  write no bundle; print the tree as parsed (`parse`), the tree\n"
    "                      with types and phases (`check`), or the code (`code`)\n",
    .run = run,
};

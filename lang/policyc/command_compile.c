/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/time.h"
#include "bundle/sign.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct settings {
    const char *output, *sign, *name, *sequence, *not_after;
};

static int complain(const char *what)
{
    (void)fprintf(stderr, "dvara-policyc compile: %s\n", what);
    return EXIT_USAGE;
}

static int read_settings(const struct settings *settings, struct codegen_options *options)
{
    if (!settings->output)
        return complain("say where the bundle goes: -o FILE");
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
    if (code == EXIT_CLEAN)
        code = bundle_compile(front, &options, &bytes);
    if (code == EXIT_CLEAN && settings.sign)
        code = sign(settings.sign, &bytes);
    if (code == EXIT_CLEAN &&
        !file_write(dvara_str_from_cstr(settings.output), buf_str(&bytes), 0644))
        code = EXIT_USAGE;
    buf_clear(&bytes);
    front_clear(front);
    free(front);
    return code;
}

const struct command command_compile = {
    .name = "compile",
    .synopsis = "compile -o FILE [options] PATH…",
    .summary = "Compiles policies and all they import into one bundle",
    .help = FRONT_HELP "  -o FILE             where the bundle goes; `-` is standard output\n"
                       "  --sign KEY.pem      sign it with an Ed25519 private key (see keygen)\n"
                       "  --name S            the bundle's name; default: the package\n"
                       "  --sequence N        refuse to go back below it; default: 0\n"
                       "  --not-after TIME    not loaded after it; default: never\n",
    .run = run,
};

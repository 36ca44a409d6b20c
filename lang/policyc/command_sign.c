/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "bundle/sign.h"
#include "policyc/arguments.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>

static int complain(const char *what)
{
    (void)fprintf(stderr, "dvara-policyc sign: %s\n", what);
    return EXIT_USAGE;
}

static int sign(struct dvara_str path, const char *key_path, const char *output, struct buf *pem,
                struct buf *bytes, struct buf *out)
{
    unsigned char key[SIGN_KEY];
    struct dvara_bundle_error error = {.text = "the bundle could not be signed"};
    if (!file_read(dvara_str_from_cstr(key_path), pem) || !file_read(path, bytes))
        return EXIT_USAGE;
    if (sign_read_private(buf_str(pem), key) != DVARA_OK)
        return complain("the key is not an Ed25519 private key in PEM");
    enum dvara_status status = sign_bundle(buf_str(bytes), key, &error, out);
    explicit_bzero(key, sizeof key);
    if (status != DVARA_OK) {
        (void)complain(error.text);
        return EXIT_DIAGNOSTICS;
    }
    return file_write(output ? dvara_str_from_cstr(output) : path, buf_str(out), 0644) ? EXIT_CLEAN
                                                                                       : EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    const char *key = NULL, *output = NULL;
    const struct option_row rows[] = {{.name = "--key", .value = &key},
                                      {.name = "-o", .value = &output},
                                      {.name = "--output", .value = &output}};
    struct operands *operands = calloc(1, sizeof *operands);
    struct buf pem, bytes, out;
    buf_init(&pem, 1 << 20); /* file_read asks for room in large steps */
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    buf_init(&out, FORMAT_MAX_BUNDLE);
    int code = EXIT_USAGE;
    if (operands && arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, operands)) {
        if (!key || operands->n != 1)
            code = complain("give a bundle and --key KEY.pem");
        else
            code = sign(operands->v[0], key, output, &pem, &bytes, &out);
    }
    if (pem.p)
        explicit_bzero(pem.p, pem.n);
    buf_clear(&pem);
    buf_clear(&bytes);
    buf_clear(&out);
    free(operands);
    return code;
}

const struct command command_sign = {
    .name = "sign",
    .synopsis = "sign --key KEY.pem [-o FILE] BUNDLE",
    .summary = "Adds a signature to a bundle",
    .help = "  --key KEY.pem       Ed25519 private key\n"
            "  -o FILE             where the signed bundle goes; default: in place\n"
            "The signature vouches for the policy, and for the pattern databases in the bundle.\n",
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/bytes.h"
#include "bundle/sign.h"
#include "policyc/arguments.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <limits.h>

enum { PEM_MAX = 1 << 16 };

static void print_id(struct dvara_str public_pem)
{
    unsigned char key[SIGN_KEY], id[FORMAT_KEY_ID];
    struct buf hex;
    buf_init(&hex, 2 * sizeof id + 1);
    if (sign_read_public(public_pem, key) == DVARA_OK) {
        sign_key_id(key, id);
        bytes_hex(&hex, dvara_str_from((const char *)id, sizeof id));
        (void)printf("%.*s\n", DVARA_STR_ARG(buf_str(&hex)));
    }
    buf_clear(&hex);
}

static int write_pair(const char *path, struct dvara_str private_pem, struct dvara_str public_pem)
{
    char public_cstr[PATH_MAX];
    struct stat info;
    int n = snprintf(public_cstr, sizeof public_cstr, "%s.pub", path);
    if (n < 0 || n >= PATH_MAX) {
        (void)fprintf(stderr, "dvara-policyc keygen: the path is too long\n");
        return EXIT_USAGE;
    }
    bool taken = lstat(path, &info) == 0;
    if (taken || lstat(public_cstr, &info) == 0) {
        (void)fprintf(stderr, "dvara-policyc keygen: %s is there already\n",
                      taken ? path : public_cstr);
        return EXIT_USAGE;
    }
    if (!file_write(dvara_str_from_cstr(path), private_pem, 0600) ||
        !file_write(dvara_str_from_cstr(public_cstr), public_pem, 0644))
        return EXIT_USAGE;
    print_id(public_pem);
    return EXIT_CLEAN;
}

static int run(int argc, char **argv)
{
    const char *output = NULL;
    const struct option_row rows[] = {{.name = "-o", .value = &output},
                                      {.name = "--output", .value = &output}};
    struct operands *operands = calloc(1, sizeof *operands);
    struct buf private_pem, public_pem;
    buf_init(&private_pem, PEM_MAX);
    buf_init(&public_pem, PEM_MAX);
    int code = EXIT_USAGE;
    if (operands && arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, operands)) {
        if (!output || operands->n)
            (void)fprintf(stderr, "dvara-policyc keygen: say where the key goes: -o FILE\n");
        else if (sign_keygen(&private_pem, &public_pem) != DVARA_OK)
            code = EXIT_INTERNAL;
        else
            code = write_pair(output, buf_str(&private_pem), buf_str(&public_pem));
    }
    if (private_pem.p)
        explicit_bzero(private_pem.p, private_pem.n);
    buf_clear(&private_pem);
    buf_clear(&public_pem);
    free(operands);
    return code;
}

const struct command command_keygen = {
    .name = "keygen",
    .synopsis = "keygen -o FILE",
    .summary = "Makes an Ed25519 key pair for signing bundles",
    .help =
        "  -o FILE             the private key (PEM, mode 0600); the public one goes to FILE.pub\n"
        "Prints the key's id. An existing file is not overwritten.\n",
    .run = run,
};

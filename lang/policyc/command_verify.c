/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/time.h"
#include "bundle/sign.h"
#include "dvara/bundle.h"
#include "policyc/arguments.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { KEYS_MAX = 64 };

struct input {
    struct dvara_str key_paths[KEYS_MAX];
    size_t n_keys;
    struct dvara_trusted_key keys[KEYS_MAX];
    struct operands operands;
};

static bool read_keys(struct input *in)
{
    for (size_t i = 0; i < in->n_keys; i++) {
        struct buf pem;
        buf_init(&pem, 1 << 20);
        bool good = file_read(in->key_paths[i], &pem);
        if (good && sign_read_public(buf_str(&pem), in->keys[i].public_key) != DVARA_OK) {
            (void)fprintf(stderr,
                          "dvara-policyc verify: %.*s is not an Ed25519 public key in PEM\n",
                          DVARA_STR_ARG(in->key_paths[i]));
            good = false;
        }
        buf_clear(&pem);
        if (!good)
            return false;
    }
    return true;
}

static int verify(struct input *in, struct buf *bytes)
{
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle = NULL;
    struct dvara_bundle_options options = {.keys = in->keys,
                                           .n_keys = in->n_keys,
                                           .require_signature = in->n_keys > 0,
                                           .now = time_wall_ns()};
    if (!read_keys(in) || !file_read(in->operands.v[0], bytes))
        return EXIT_USAGE;
    enum dvara_status status = dvara_bundle_load(buf_str(bytes), &options, &error, &bundle);
    if (status == DVARA_OK) {
        struct dvara_bundle_info info = dvara_bundle_info(bundle);
        (void)printf("good%s%.*s\n", info.signed_by.n ? ", signed by " : ", not signed",
                     DVARA_STR_ARG(info.signed_by));
        dvara_bundle_free(bundle);
        return EXIT_CLEAN;
    }
    if (status ==
        DVARA_NOT_FOUND) { /* all is right but native code we do not trust or cannot use */
        (void)printf("good, but its pattern databases are not usable here: %s\n", error.text);
        return EXIT_CLEAN;
    }
    (void)fprintf(stderr, "dvara-policyc verify: %s: %s\n", dvara_status_name(status), error.text);
    return EXIT_DIAGNOSTICS;
}

static int run(int argc, char **argv)
{
    struct input *in = calloc(1, sizeof *in);
    struct buf bytes;
    int code = EXIT_USAGE;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    if (in) {
        const struct option_row rows[] = {
            {.name = "--key", .list = in->key_paths, .n_list = &in->n_keys, .list_max = KEYS_MAX}};
        bool read = arguments_read(argc, argv, rows, 1, &in->operands);
        if (read && in->operands.n == 1)
            code = verify(in, &bytes);
        else if (read)
            (void)fprintf(stderr, "dvara-policyc verify: give one bundle\n");
    }
    buf_clear(&bytes);
    free(in);
    return code;
}

const struct command command_verify = {
    .name = "verify",
    .synopsis = "verify [--key PUBLIC.pem]… BUNDLE",
    .summary = "Checks a bundle as the gateway does when it loads it",
    .help = "  --key PUBLIC.pem    a trusted key (may repeat); with one, a signature is required\n",
    .run = run,
};

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "gateway/cli/command.h"
#include "gateway/keys.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { KEY_BYTES_MIN = 32, KEY_BYTES_MAX = 4096 };

static const char usage[] =
    "Usage: dvara keys new           a new key of 256 random bits, and the hash for dvara.yaml\n"
    "       dvara keys hash < FILE   the hash of a key that you have\n"
    "\n"
    "dvara.yaml holds hashes alone: keys: [{id: …, tenant: …, hash: \"sha256:…\"}], and for the "
    "admin\n"
    "port admin: {token_hash: \"sha256:…\"}.\n";

static int tell_usage(const char *word_cstr)
{
    bool is_asked = strcmp(word_cstr, "--help") == 0;
    fprintf(is_asked ? stdout : stderr, "%s", usage);
    return is_asked ? CLI_OK : CLI_USAGE;
}

static int print_hash(struct dvara_str secret, const char *before_cstr)
{
    unsigned char hash[32];
    struct buf hex;
    struct key_hasher *hasher = key_hasher_new();
    if (hasher == NULL)
        return CLI_BAD;
    key_hash(hasher, secret, hash);
    key_hasher_free(hasher);
    buf_init(&hex, 128);
    bytes_hex(&hex, dvara_str_from((const char *)hash, sizeof hash));
    printf("%ssha256:%.*s\n", before_cstr, DVARA_STR_ARG(buf_str(&hex)));
    buf_clear(&hex);
    return CLI_OK;
}

int command_keys_new(int argc, char **argv)
{
    char key[KEY_TEXT_BYTES];
    if (argc > 1)
        return tell_usage(argv[1]);
    if (key_new("dvk_", key) != DVARA_OK) {
        fprintf(stderr, "dvara: the system gives no random bytes\n");
        return CLI_BAD;
    }
    printf("key: %s\n", key);
    return print_hash(dvara_str_from_cstr(key), "hash: ");
}

int command_keys_hash(int argc, char **argv)
{
    char key[KEY_BYTES_MAX + 2];
    if (argc > 1)
        return tell_usage(argv[1]);
    size_t n = fread(key, 1, sizeof key, stdin);
    while (n != 0 && (key[n - 1] == '\n' || key[n - 1] == '\r'))
        n--;
    /* Of a short key the hash could be guessed back. */
    if (n < KEY_BYTES_MIN || n > KEY_BYTES_MAX) {
        fprintf(stderr, "dvara: a key has %d to %d characters; `dvara keys new` makes one\n",
                (int)KEY_BYTES_MIN, (int)KEY_BYTES_MAX);
        return CLI_USAGE;
    }
    return print_hash(dvara_str_from(key, n), "");
}

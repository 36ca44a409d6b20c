/* SPDX-License-Identifier: Apache-2.0 */
/* Checks a folder of audit chains and its checkpoints, streaming: memory does not grow with the
 * number of records. Trusts nothing in the folder; what it trusts are the keys and, where given,
 * the first and last checkpoint that somebody outside wrote down. */
#ifndef GATEWAY_AUDIT_VERIFY_H
#define GATEWAY_AUDIT_VERIFY_H

#include "dvara/status.h"
#include "gateway/audit/checkpoint.h"

#include <stdbool.h>

enum { VERIFY_KEYS_MAX = 8 };

/* A checkpoint as somebody knows it. seq 0: none is known. */
struct verify_known {
    uint64_t seq;
    unsigned char digest[CHECKPOINT_DIGEST_BYTES];
};

struct verify_options {
    const char *folder_cstr;
    unsigned char keys[VERIFY_KEYS_MAX][AUDIT_KEY_BYTES]; /* chosen by each record's kid */
    size_t n_keys;
    EVP_PKEY *checkpoint_keys[VERIFY_KEYS_MAX]; /* public halves suffice */
    size_t n_checkpoint_keys;
    bool no_checkpoints; /* do not ask for any */
    struct verify_known first, last;
    void (*on_note)(void *user, const char *line_cstr); /* what is no error: torn tails */
    void *user;
};

struct verify_report {
    uint64_t records, checkpoints;
    size_t chains;
    struct verify_known last; /* the last checkpoint found */
    bool is_bad;
    char why[1024]; /* the first bad record, file or checkpoint */
};

/* OK: the report tells. IO: the folder cannot be read. */
enum dvara_status audit_verify(const struct verify_options *options,
                               struct verify_report *ret_report) DVARA_MUST_CHECK;

#endif

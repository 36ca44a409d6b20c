/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints: the heads of all chains at one moment, signed with Ed25519, one line of
 * checkpoints.jsonl each, bound to the one before by its digest. The format is
 * docs/operate/audit.md. */
#ifndef GATEWAY_AUDIT_CHECKPOINT_H
#define GATEWAY_AUDIT_CHECKPOINT_H

#include "base/buf.h"
#include "dvara/status.h"
#include "gateway/audit/mac.h"

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

enum { CHECKPOINT_DIGEST_BYTES = 32, CHECKPOINT_SIGNATURE_BYTES = 64, CHECKPOINT_HEADS_MAX = 1024 };

#define CHECKPOINT_FILE "checkpoints.jsonl"

struct checkpoint_head {
    struct dvara_str chain;
    uint64_t seq;
    unsigned char mac[AUDIT_MAC_BYTES];
};

struct checkpoint {
    uint64_t seq; /* from 1 */
    int64_t time_ns;
    struct checkpoint_head *heads; /* sorted by chain */
    size_t n_heads;
    unsigned char prev[CHECKPOINT_DIGEST_BYTES]; /* digest of the one before; zeros for the first */
    struct dvara_str kid;                        /* of the signing key */
    unsigned char signature[CHECKPOINT_SIGNATURE_BYTES];
};

/* Signs, appends the line to `out` and tells the digest (SHA-256 of what is signed). */
enum dvara_status
checkpoint_write(struct checkpoint *checkpoint, EVP_PKEY *key, struct buf *out,
                 unsigned char ret_digest[CHECKPOINT_DIGEST_BYTES]) DVARA_MUST_CHECK;

/* Reads a line (without its end). INVALID: it is none. Slices are of the line or the arena. */
struct arena;
enum dvara_status checkpoint_read(struct dvara_str line, struct arena *arena,
                                  struct checkpoint *ret_checkpoint) DVARA_MUST_CHECK;
/* UNTRUSTED: not signed by that key. Tells the digest too. */
enum dvara_status
checkpoint_verify(const struct checkpoint *checkpoint, EVP_PKEY *key,
                  unsigned char ret_digest[CHECKPOINT_DIGEST_BYTES]) DVARA_MUST_CHECK;

/* The private key in a PEM file, made when missing with its public half beside it (…pub). */
enum dvara_status checkpoint_key_open(const char *path_cstr, EVP_PKEY **ret_key) DVARA_MUST_CHECK;
/* A private or public key from a PEM file. */
enum dvara_status checkpoint_key_read(const char *path_cstr, EVP_PKEY **ret_key) DVARA_MUST_CHECK;
/* The first 16 hex digits of SHA-256 of the raw public key. */
enum dvara_status checkpoint_key_kid(EVP_PKEY *key, char ret_kid[AUDIT_KID_BYTES]) DVARA_MUST_CHECK;

#endif

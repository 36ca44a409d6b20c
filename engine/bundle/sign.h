/* SPDX-License-Identifier: Apache-2.0 */
/* Ed25519 keys and signatures of bundles. What is signed is "dvara-bundle-v1\0" and the digest; a
 * second signature, over "dvara-bundle-databases-v1\0" and a digest that also covers the native
 * pattern databases, vouches for those (the first leaves them out, so that compiling is
 * reproducible). */
#ifndef BUNDLE_SIGN_H
#define BUNDLE_SIGN_H

#include "bundle/read.h"

struct buf;

enum { SIGN_KEY = 32 };

/* A new key pair as PEM: PKCS#8, and SubjectPublicKeyInfo. */
DVARA_MUST_CHECK enum dvara_status sign_keygen(struct buf *ret_private_pem,
                                               struct buf *ret_public_pem);

/* INVALID: not an Ed25519 key in PEM. */
DVARA_MUST_CHECK enum dvara_status sign_read_private(struct dvara_str pem,
                                                     unsigned char ret_key[SIGN_KEY]);
DVARA_MUST_CHECK enum dvara_status sign_read_public(struct dvara_str pem,
                                                    unsigned char ret_key[SIGN_KEY]);
DVARA_MUST_CHECK enum dvara_status sign_public_of(const unsigned char private_key[SIGN_KEY],
                                                  unsigned char ret_public[SIGN_KEY]);

/* First 8 bytes of SHA-256 of the public key. */
void sign_key_id(const unsigned char public_key[SIGN_KEY], unsigned char ret_id[FORMAT_KEY_ID]);

/* Appends the bundle with one signature more (an older one by the same key is replaced). */
DVARA_MUST_CHECK enum dvara_status sign_bundle(struct dvara_str bytes,
                                               const unsigned char private_key[SIGN_KEY],
                                               struct dvara_bundle_error *ret_error,
                                               struct buf *out);

/* Appends the bundle with this section of databases (absent: none). The signatures' first half
 * stays; the second no longer holds, so it is cleared. */
DVARA_MUST_CHECK enum dvara_status bundle_with_databases(struct dvara_str bytes,
                                                         struct dvara_str databases,
                                                         struct dvara_bundle_error *ret_error,
                                                         struct buf *out);

/* The trusted key that signed the file, or NULL. ret_databases: it vouches for the databases too.
 * ret_forged: a signature in a trusted key's name is not of these bytes. */
const struct dvara_trusted_key *sign_verify(const struct bundle_file *file,
                                            const struct dvara_trusted_key *keys, size_t n_keys,
                                            bool *ret_databases, bool *ret_forged);

#endif

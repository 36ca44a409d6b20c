/* SPDX-License-Identifier: Apache-2.0 */
/* The public keys that may sign bundles, read from PEM files. */
#ifndef GATEWAY_BUNDLE_KEYS_H
#define GATEWAY_BUNDLE_KEYS_H

#include "dvara/bundle.h"
#include "dvara/request.h"

struct bundle_keys {
    struct dvara_trusted_key *v; /* owned */
    size_t n;
    char *ids; /* owned: 16 digits each */
};

/* INVALID: a file is no Ed25519 key. */
enum dvara_status bundle_keys_read(const struct dvara_strs *files,
                                   struct bundle_keys *ret_keys) DVARA_MUST_CHECK;
void bundle_keys_clear(struct bundle_keys *keys);

#endif

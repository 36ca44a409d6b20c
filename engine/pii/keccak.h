/* SPDX-License-Identifier: Apache-2.0 */
/* Keccak-256 as Ethereum uses it: the sponge of FIPS 202 with the padding of the contest's
 * submission, which OpenSSL has only since 3.2. */
#ifndef PII_KECCAK_H
#define PII_KECCAK_H

#include "dvara/str.h"

#include <stdint.h>

enum { KECCAK_BYTES = 32, KECCAK_MAX_INPUT = 135 };

/* `input` is at most one block: KECCAK_MAX_INPUT bytes. */
void keccak_256(struct dvara_str input, uint8_t ret_hash[KECCAK_BYTES]);

#endif

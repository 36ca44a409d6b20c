/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of a vault: tokens by value, values by token, the tenant's keyed hash. Not for other
 * folders. */
#ifndef PII_VAULT_H
#define PII_VAULT_H

#include "dvara/pii.h"

enum {
    VAULT_MAX_TOKENS = 65536,   /* of one exchange; past it redaction fails closed */
    VAULT_MAX_BYTES = 64 << 20, /* of values */
    VAULT_NUMBER_DIGITS = 5,
    VAULT_LABEL_MAX = 128,
    VAULT_HASH_CHARACTERS = 13 /* 65 bits: no two values of a tenant are likely to share one */
};

/* The number of the token for `value` of a detector: the same bytes, the same number. `label` must
 * outlive the vault. TOO_LARGE, NO_MEMORY. */
DVARA_MUST_CHECK enum dvara_status vault_number(struct dvara_vault *vault, struct dvara_str label,
                                                struct dvara_str value, uint32_t *ret_number);

/* The value behind a token; absent when it was not issued. `label` in any case. */
struct dvara_str vault_value(const struct dvara_vault *vault, struct dvara_str label,
                             uint32_t number);

/* Could more characters after `prefix` (of `LABEL_12`, in any case) make an issued token's text? */
bool vault_may_begin(const struct dvara_vault *vault, struct dvara_str prefix);

/* Does an issued token's label begin with this capital? */
bool vault_has_initial(const struct dvara_vault *vault, char initial);

/* Crockford's base 32 of the value's HMAC-SHA256 under the tenant's key. */
DVARA_MUST_CHECK enum dvara_status vault_hash(struct dvara_vault *vault, struct dvara_str value,
                                              char ret_hash[VAULT_HASH_CHARACTERS]);

#endif

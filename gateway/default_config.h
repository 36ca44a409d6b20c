/* SPDX-License-Identifier: Apache-2.0 */
/* A start without a config file: the simulator, every provider whose usual variable is set
 * (default_providers.def), one tenant, and a key and an admin token made at the first start, of
 * which only hashes are kept. */
#ifndef GATEWAY_DEFAULT_CONFIG_H
#define GATEWAY_DEFAULT_CONFIG_H

#include "gateway/config.h"
#include "gateway/keys.h"

struct default_secrets {
    bool are_new; /* made now: show them, this once */
    char key[KEY_TEXT_BYTES], token[KEY_TEXT_BYTES];
};

/* Relative paths start from the working folder; the store is the folder given. */
enum dvara_status default_config_load(const char *store_cstr, struct config_problems *problems,
                                      struct default_secrets *ret_secrets,
                                      struct config **ret_config) DVARA_MUST_CHECK;

#endif

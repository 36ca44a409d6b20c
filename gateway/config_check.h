/* SPDX-License-Identifier: Apache-2.0 */
/* What no single row of options.def can say: references, pairs, uniqueness; and the values derived
 * from others (targets, credentials, default paths). */
#ifndef GATEWAY_CONFIG_CHECK_H
#define GATEWAY_CONFIG_CHECK_H

#include "gateway/config.h"

enum dvara_status config_check(struct config *config, const char *name_cstr,
                               struct config_problems *problems) DVARA_MUST_CHECK;

/* The references alone, for a config of which some values are wrong: so that both are told at once.
 * What may follow from the wrong values is not told. */
void config_check_names(const struct config *config, const char *name_cstr,
                        struct config_problems *problems);

/* Of one provider: credential, target, header fields (config_provider.c). */
void config_check_provider(struct config *config, struct config_provider *provider,
                           const char *name_cstr, struct config_problems *problems);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* From the tree to struct config by the rows of options.def: every key is known, of its type and in
 * its range, or there is a problem with its place and, where one is near, the key that was meant.
 */
#ifndef GATEWAY_CONFIG_BIND_H
#define GATEWAY_CONFIG_BIND_H

#include "gateway/config_tree.h"

/* `folder_cstr` is what relative paths start from. */
enum dvara_status config_bind(const struct config_node *root, const char *name_cstr,
                              const char *folder_cstr, struct config *config,
                              struct config_problems *problems) DVARA_MUST_CHECK;

/* The word of an option's `limits` by its enum's number. */
struct dvara_str config_word(struct dvara_str words, int index);

#endif

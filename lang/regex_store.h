/* SPDX-License-Identifier: Apache-2.0 */
/* What the pattern compiler said of regular expressions, kept from one compile to the next: a
 * language server compiles the same files again and again. One thread's. */
#ifndef LANG_REGEX_STORE_H
#define LANG_REGEX_STORE_H

#include "dvara/str.h"

struct regex_facts;
struct regex_store;

struct regex_store *regex_store_new(void); /* NULL: out of memory */
void regex_store_free(struct regex_store *store);

/* Where the facts of the expression with REGEX_* flags stand as long as the store: found again, or
 * new and not known yet. NULL: it holds all that it may. */
struct regex_facts *regex_store_facts(struct regex_store *store, struct dvara_str text,
                                      unsigned flags);

#endif

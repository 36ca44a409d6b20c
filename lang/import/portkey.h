/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of Portkey's importer share. */
#ifndef LANG_IMPORT_PORTKEY_H
#define LANG_IMPORT_PORTKEY_H

#include "lang/import/format.h"

enum { PORTKEY_DEPTH_MAX = 8, PORTKEY_TARGETS_MAX = 64, PORTKEY_ROUTES_MAX = 512 };

/* A leaf of a config's tree of targets. */
struct portkey_target {
    struct dvara_str name; /* "openai/gpt-4o" */
    int64_t weight;        /* thousandths; -1: not given */
};

struct portkey_targets {
    struct portkey_target *v;
    size_t n;
};

struct portkey {
    struct imported *im;
    struct dvara_str stem; /* of the names of routes */
    size_t n_routes;
};

void portkey_rest(struct imported *im, struct block *block, struct node *node,
                  struct dvara_str path, const char *section_cstr);

/* portkey_target.c: the target of a config that has none of its own. False: a note says why. */
bool portkey_target(struct portkey *p, struct node *config, struct dvara_str path,
                    struct block *block, struct dvara_str *ret_name);

/* portkey_query.c: a condition's query as an expression. False: it asks what no rule can;
 * *ret_why says what. */
bool portkey_query(struct portkey *p, struct node *query, unsigned depth,
                   struct dvara_str *ret_expression, const char **ret_why);

/* portkey_guardrails.c: input and output guardrails of the config. */
void portkey_guardrails(struct portkey *p, struct node *config, struct dvara_str path);

#endif

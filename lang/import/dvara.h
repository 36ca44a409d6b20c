/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the DVARA product's importer share. */
#ifndef LANG_IMPORT_DVARA_H
#define LANG_IMPORT_DVARA_H

#include "lang/import/format.h"

enum { DVARA_ROWS_MAX = 4096 };

struct dvara_provider {
    struct dvara_str name; /* theirs */
    struct imported_provider *provider;
};

struct dvara_import {
    struct imported *im;
    struct node *root;
    struct dvara_str path; /* of the root's members */
    struct dvara_provider *providers;
    size_t n_providers;
};

/* A member in snake_case, or in the camelCase of exports; NULL as node_look. */
struct node *dvara_look(struct node *map, const char *key_cstr);
struct dvara_str dvara_text(struct node *map, const char *key_cstr);
struct node *dvara_list(struct node *map, const char *key_cstr);
void dvara_rest(struct dvara_import *d, struct block *block, struct node *node,
                struct dvara_str path, const char *section_cstr);
/* A list of texts as `"a", "b"`; absent if it is none, or has other elements. Taken. */
struct dvara_str dvara_texts(struct dvara_import *d, struct node *list);

void dvara_routes(struct dvara_import *d);
void dvara_workspaces(struct dvara_import *d);
void dvara_policies(struct dvara_import *d);
void dvara_limits(struct dvara_import *d);
/* The provider of that name: of the file, or the upstream that it names by itself. NULL: none. */
struct imported_provider *dvara_provider_find(struct dvara_import *d, struct dvara_str name);

#endif

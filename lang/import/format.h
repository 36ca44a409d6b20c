/* SPDX-License-Identifier: Apache-2.0 */
/* What a source format is: a function that reads its tree, and reasons by a table. */
#ifndef LANG_IMPORT_FORMAT_H
#define LANG_IMPORT_FORMAT_H

#include "lang/import/imported.h"

/* False: it is no such configuration; *ret_problem says why. */
typedef bool import_function(struct imported *im, struct node *root,
                             struct node_problem *ret_problem);

#define FORMAT(name, reads, what) import_function import_##name;
#include "lang/import/formats.def"

/* False, with the problem filled. */
bool import_refuse(struct node_problem *problem, const struct node *node, const char *why_cstr);

/* A row of a format's table: why a setting is not carried, or that it is. */
struct import_reason {
    const char *section, *key, *says;
};

struct import_reasons {
    const struct import_reason *rows;
    size_t n;
    const char *section;
};

/* A note_reason over struct import_reasons. */
const char *import_reason(void *user, struct dvara_str key);

/* ---- upstreams, shared by the formats ---- */

struct upstream_row {
    const char *name;     /* ours */
    const char *litellm;  /* prefixes of LiteLLM's model names, '|' between */
    const char *portkey;  /* Portkey's names */
    const char *dvara;    /* the DVARA product's types */
    const char *base_url; /* "": it must be given; NULL: there is no OpenAI-compatible interface */
    const char *key_env;  /* "": none is needed */
    const char *suffix;   /* appended to a base URL that is given */
};

enum upstream_column { UPSTREAM_LITELLM, UPSTREAM_PORTKEY, UPSTREAM_DVARA };

/* NULL: none has that name. */
const struct upstream_row *upstream_find(enum upstream_column column, struct dvara_str name);

/* What a deployment says of its upstream; absent texts are left out of the input. */
struct upstream_wish {
    const struct upstream_row *row;
    struct dvara_str name;     /* preferred: the provider's in the policy */
    struct dvara_str base_url; /* as given, or "os.environ/NAME" */
    struct dvara_str api_key;  /* literal, or "os.environ/NAME" */
    struct dvara_str more;     /* what else makes it another provider */
};

/* The provider, made when there is none alike; NULL with a reason in *ret_why. */
struct imported_provider *upstream_provider(struct imported *im, const struct upstream_wish *wish,
                                            const char **ret_why);

/* ---- guardrails, shared ---- */

/* The detector or group for an entity's name (any case), with its import made; NULL: we have none.
 */
const char *entity_detector(struct imported *im, struct dvara_str entity);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of LiteLLM's importer share. */
#ifndef LANG_IMPORT_LITELLM_H
#define LANG_IMPORT_LITELLM_H

#include "lang/import/format.h"

enum { LITELLM_MODELS_MAX = 4096, LITELLM_CHAIN_MAX = 5 };

struct litellm_deployment {
    struct imported_provider *provider;
    struct dvara_str target; /* "openai/gpt-4o" */
    int64_t weight;          /* 0: not given */
    int64_t order;           /* INT64_MAX: not given */
};

/* The deployments of one model_name. */
struct litellm_group {
    struct dvara_str name;
    struct dvara_str *aliases;
    size_t n_aliases;
    struct litellm_deployment *deployments;
    size_t n;
    struct block *block;
    struct dvara_str route;      /* its name */
    int64_t timeout_ms, retries; /* -1: not given */
    size_t *chain;               /* groups to fall back to, in order */
    size_t n_chain;
    bool is_wildcard;
};

struct litellm {
    struct imported *im;
    struct node *root, *router, *settings, *general;
    struct litellm_group *groups;
    size_t n_groups;
    struct litellm_group **by_name; /* sorted; NULL while groups are still read */
    struct node **fallbacks;        /* by group: the list that it names, or NULL */
    struct node *default_fallbacks;
};

/* The reasons of a section of litellm.def. */
void litellm_rest(struct imported *im, struct block *block, struct node *node,
                  struct dvara_str path, const char *section_cstr);

/* After the last group was read: from here on they are found by bisection. */
void litellm_sort(struct litellm *l);
/* NULL: there is none. */
struct litellm_group *litellm_group_find(struct litellm *l, struct dvara_str name);

/* model_list: groups with their deployments, providers, models. */
bool litellm_models(struct litellm *l, struct node_problem *problem);
/* Strategies, retries, time-outs, fallbacks: the routes' clauses; and the list of models. */
void litellm_routes(struct litellm *l);
void litellm_guardrails(struct litellm *l);

#endif

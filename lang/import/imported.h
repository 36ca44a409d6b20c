/* SPDX-License-Identifier: Apache-2.0 */
/* What an import makes: declarations of a policy, sections of a dvara.yaml, and a note for each
 * setting that could not be carried, at the declaration that it would have stood in. Texts live in
 * the arena. When memory is out nothing happens; the arena's flag is asked once, at the end. */
#ifndef LANG_IMPORT_IMPORTED_H
#define LANG_IMPORT_IMPORTED_H

#include "lang/import/node.h"

#include <stdint.h>

/* Declarations in the order in which a policy shows them; LIMITS and BUDGETS go to a file of their
 * own. */
enum block_kind {
    BLOCK_NOTES, /* of a section of the input: comments alone */
    BLOCK_PROVIDER,
    BLOCK_MODEL,
    BLOCK_LIST,
    BLOCK_DETECTOR,
    BLOCK_GROUP,
    BLOCK_RULE,
    BLOCK_ROUTE,
    BLOCK_LIMIT,
    BLOCK_BUDGET,
    BLOCK_COUNT
};

struct block_line {
    struct dvara_str text;
    bool is_note; /* a comment of it */
};

struct block {
    enum block_kind kind;
    struct dvara_str name;  /* an identifier; a model's text; a NOTES' title */
    struct dvara_str doc;   /* absent if none */
    struct dvara_str whole; /* not a block of clauses: what stands behind the name */
    struct block_line *lines;
    size_t n;
    bool withdrawn; /* printed as comments: it cannot be carried */
    struct block *next;
};

struct yaml_pair {
    struct dvara_str name, value;
};

struct imported_provider {
    struct dvara_str name;
    struct dvara_str base_url; /* absent: the kind's own */
    struct dvara_str key_env;  /* absent: auth: none */
    struct dvara_str identity; /* what makes it one: compared, never printed */
    struct yaml_pair *headers;
    size_t n_headers;
    bool is_private;
    struct block *block; /* its declaration */
    struct dvara_str *notes;
    size_t n_notes;
    struct imported_provider *next;
};

struct imported_tenant {
    struct dvara_str id, name, region;
    bool suspended;
    struct yaml_pair *attrs;
    size_t n_attrs;
    struct imported_tenant *next;
};

struct imported_key {
    struct dvara_str id, tenant, hash; /* hash: "sha256:…", or "${VARIABLE}" */
    struct dvara_str *scopes;
    size_t n_scopes;
    struct imported_key *next;
};

/* A setting that is not carried. */
struct imported_note {
    unsigned line;
    struct dvara_str path, why;
};

enum { IMPORTED_BUCKETS = 4096 }; /* of names: thousands of routes may be made */

struct imported_name {
    enum block_kind kind;
    struct dvara_str name;
    unsigned also; /* how often it was asked for again */
    struct imported_name *next;
};

struct imported {
    struct arena *arena;
    struct dvara_str source; /* the file, for messages */
    const char *format;      /* "litellm" */
    bool denies;             /* `default deny` */
    struct dvara_str *imports;
    size_t n_imports;
    struct block *blocks, **last_block;
    struct imported_provider *providers, **last_provider;
    struct imported_tenant *tenants, **last_tenant;
    struct imported_key *keys, **last_key;
    struct imported_name *names[IMPORTED_BUCKETS];
    struct yaml_pair *variables; /* environment: name, what for */
    struct dvara_str *secrets;   /* beside them: the literals they stand for; never printed */
    size_t n_variables;
    struct dvara_str default_provider;
    struct imported_note *notes;
    size_t n_notes;
    size_t carried; /* settings */
};

void imported_init(struct imported *im, struct arena *arena, struct dvara_str source,
                   const char *format_cstr);

/* An identifier made of the text that no other declaration of that kind has. */
struct dvara_str imported_name(struct imported *im, enum block_kind kind, struct dvara_str text);

/* A new declaration, `name` as imported_name gave it. */
struct block *imported_block(struct imported *im, enum block_kind kind, struct dvara_str name);
/* The NOTES block of that title, made when missing. */
struct block *imported_section(struct imported *im, const char *title_cstr);
void block_line(struct imported *im, struct block *block, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Into the declaration as a comment; it is not counted. */
void block_comment(struct imported *im, struct block *block, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The node is not carried: a comment in the block (NULL: of the provider, or none) and a line of
 * the report. What is in the node is dealt with. */
void imported_note(struct imported *im, struct block *block, struct node *node,
                   struct dvara_str path, const char *why_cstr);
/* Why a setting that nobody takes is not carried; the word is the key's. */
typedef const char *note_reason(void *user, struct dvara_str key);
/* The same for whatever in the node nobody has taken. */
void imported_rest(struct imported *im, struct block *block, struct node *node,
                   struct dvara_str path, note_reason *reason, void *user);
/* Counts what was carried of the whole tree. */
void imported_count(struct imported *im, struct node *root);

void imported_import(struct imported *im, const char *path_cstr);
/* A variable that the environment must have. `secret`: the literal value it stands for, absent if
 * the input names the variable itself; another secret under the same name gets another variable. */
struct dvara_str imported_variable(struct imported *im, struct dvara_str name,
                                   struct dvara_str secret, const char *purpose_cstr);

struct imported_provider *imported_provider(struct imported *im, struct dvara_str identity,
                                            struct dvara_str name);
void provider_header(struct imported *im, struct imported_provider *provider, const char *name_cstr,
                     struct dvara_str value);
void provider_comment(struct imported *im, struct imported_provider *provider,
                      const char *text_cstr);
struct imported_tenant *imported_tenant(struct imported *im, struct dvara_str id);
struct imported_key *imported_key(struct imported *im, struct dvara_str id, struct dvara_str tenant,
                                  struct dvara_str hash);

/* "a.b", "a[3]". */
struct dvara_str path_member(struct imported *im, struct dvara_str path, const char *key_cstr);
struct dvara_str path_element(struct imported *im, struct dvara_str path, size_t index);

/* A string literal of the text; a template's (braces doubled). */
struct dvara_str dvp_string(struct imported *im, struct dvara_str text);
struct dvara_str dvp_template(struct imported *im, struct dvara_str text);
/* `/…/`, or absent when the text cannot stand in one (a line break, a control). */
struct dvara_str dvp_regex(struct imported *im, struct dvara_str text, const char *flags_cstr);
/* A duration of so many thousandths of a second: "1500ms", "2s". */
struct dvara_str dvp_milliseconds(struct imported *im, int64_t value);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Keys of conditions, and which of them the bundle's index gets. A key is a question about a
 * subject (bundle/keys.def); a rule can hold only if one of its keys does. A conjunction offers the
 * keys of any one operand, a disjunction those of all operands together: every rule's keys are
 * counted first, and then the operand is taken whose keys hold least often over the bundle. */
#ifndef LANG_GENERATE_KEY_H
#define LANG_GENERATE_KEY_H

#include "lang/generator.h"

struct key {
    uint32_t subject; /* number in generator->subjects */
    uint8_t kind;     /* enum bundle_key_kind */
    struct dvara_str text;
    int64_t low, high;
    struct bundle_net net;
};

struct keys {
    struct key *v;
    size_t n;
};

enum {
    KEYS_MAX = 1024,  /* of one rule: a longer list is cheaper to test than to index */
    VISITS_MAX = 4096 /* lets of lets are a graph: give up rather than walk it as a tree */
};

/* What keys ask about, and how they are spread over the bundle. */
struct subject {
    uint32_t attribute, block; /* as in struct bundle_subject */
    uint32_t each;
    struct type type;
    struct dvara_str text;
    uint32_t row;          /* in the bundle, BUNDLE_ABSENT until a key is chosen */
    uint32_t n_keys;       /* counted, over all rules */
    int64_t *lows, *highs; /* of ranges, sorted once all are counted */
    size_t n_lows, n_highs;
    bool is_dear; /* of a predicate: it reads content, or runs long */
};

/* generate_subject.c. False: the expression is no subject. */
bool subject_of(struct generator *generator, const struct expr *expr, uint32_t *ret_subject);
/* The same of `x ?? default`, with the constant that stands for an absent x. */
bool subject_with_default(struct generator *generator, const struct expr *expr,
                          uint32_t *ret_subject, struct constant *ret_default, bool *ret_has);
/* A predicate whose truth is asked, or (`ret_negated`) its opposite's. Outside of quantifiers.
 * False: what it reads is there only because of what stands beside it. */
bool subject_of_truth(struct generator *generator, const struct expr *expr, uint32_t *ret_subject,
                      bool *ret_negated);
/* The subject's row in the bundle. */
uint32_t subject_row(struct generator *generator, uint32_t subject);

/* generate_key.c: appends the keys of one predicate, or of its negation. False: it has none that an
 * index reaches, or that are tested without running code. */
bool key_of_predicate(struct generator *generator, const struct expr *expr, bool negated,
                      struct keys *keys);

#endif

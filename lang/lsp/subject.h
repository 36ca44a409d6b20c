/* SPDX-License-Identifier: Apache-2.0 */
/* What stands at a place of a program. */
#ifndef LANG_LSP_SUBJECT_H
#define LANG_LSP_SUBJECT_H

#include "lang/lsp/server.h"

/* A declaration or a quantifier's element; at most one of the two is set. */
struct subject {
    struct span span; /* of the name where it was found */
    const struct decl *decl;
    const struct binding *binding;
};

/* False: nothing that has a name of its own. */
bool subject_at(const struct spot *spot, struct subject *ret_subject);

/* Every place that names it, its declaration first. */
struct spans {
    struct span *v;
    size_t n;
};
struct spans subject_places(const struct analysis *analysis, struct arena *arena,
                            const struct subject *subject, bool with_declaration);

struct dvara_str subject_name(const struct subject *subject);

/* The token that holds or ends at the offset, or NULL. */
const struct token *token_at(const struct unit *unit, uint32_t offset);
/* `a.b.c` around the token, which is a word. */
struct span path_at(const struct unit *unit, const struct token *token);

#endif

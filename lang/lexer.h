/* SPDX-License-Identifier: Apache-2.0 */
/* Text to tokens. Tokens do not depend on context. Every byte is in a token, a comment or white
 * space; what is wrong is reported here, once, and a token of the intended kind stands in for it.
 */
#ifndef LANG_LEXER_H
#define LANG_LEXER_H

#include "lang/source.h"

#include <stdbool.h>

struct arena;
struct diags;

enum token_kind {
#define TOKEN(id, what) TOKEN_##id,
#include "lang/tokens.def"
#define PUNCTUATION(id, spelling) TOKEN_##id,
#include "lang/tokens.def"
    TOKEN_COUNT
};

enum {
    TOKEN_RAW = 1,      /* STRING written r"…" */
    TOKEN_BROKEN = 2,   /* reported: its value is a stand-in */
    TOKEN_UPPER = 4,    /* WORD with upper case, reported */
    TOKEN_RESERVED = 8, /* WORD */
    TOKEN_NEWLINE = 16, /* first on its line */
    /* The parser's marks, for format.h. */
    TOKEN_STATEMENT = 32, /* first of a declaration, clause or case */
    TOKEN_BLOCK = 64,     /* `{` of a block of clauses or cases */
    TOKEN_TOP = 128       /* STATEMENT of the file itself */
};

struct token {
    uint8_t kind; /* enum token_kind */
    uint8_t flags;
    uint32_t start; /* byte offsets */
    uint32_t end;
    union {
        int64_t i; /* numbers, in the unit of types.def */
        double f;  /* FLOAT */
    };
};

/* From `#` to the end of the line. */
struct comment {
    uint32_t start;
    uint32_t end;
    uint32_t token; /* number of the token that follows */
    bool own_line;  /* nothing but white space before it */
};

struct tokens {
    struct token *v; /* the last is END */
    uint32_t n;
    struct comment *comments;
    uint32_t n_comments;
};

/* A broken source gives END alone, without a further report. False: out of memory. */
bool lex(struct arena *arena, const struct source *source, struct diags *diags,
         struct tokens *ret_tokens);

/* "`request`", "a string", "`==`": how a message names the token. */
struct dvara_str token_name(struct arena *arena, const struct source *source,
                            const struct token *token);
const char *token_kind_name(enum token_kind kind);
bool word_is_reserved(struct dvara_str word);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What an import prints. */
#ifndef LANG_IMPORT_WRITE_H
#define LANG_IMPORT_WRITE_H

#include "lang/import/imported.h"

struct buf;

/* Where a block stands in a text. */
struct block_place {
    struct block *block;
    size_t start, end;
};

struct block_places {
    struct block_place *v;
    size_t n;
};

enum written { WRITTEN_POLICY, WRITTEN_LIMITS, WRITTEN_BOTH };

/* Policy text, not formatted yet: the policy, the limits and budgets, or both in one. */
void write_policy(const struct imported *im, enum written which, struct buf *out,
                  struct block_places *places);
bool has_limits(const struct imported *im);
void write_config(const struct imported *im, struct buf *out);
void write_report(const struct imported *im, struct buf *out);
/* The text without what could end a comment or hide in one. */
void write_comment_text(struct buf *out, struct dvara_str text);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Whether two expressions mean the same by their form: through parentheses and lets, constants by
 * value, quantifiers up to the name of their element. True only if certain. After fold. */
#ifndef LANG_SAME_H
#define LANG_SAME_H

#include "lang/expr.h"

bool expr_same(const struct expr *a, const struct expr *b);
/* Equal for expressions that are the same. */
uint64_t expr_hash(const struct expr *expr);
/* Through parentheses and lets. */
const struct expr *expr_seen(const struct expr *expr);

#endif

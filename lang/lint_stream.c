/* SPDX-License-Identifier: Apache-2.0 */
/* L0311: denials on responses that cannot be decided on a growing text. */
#include "lang/linter.h"
#include "lang/stream.h"

void lint_stream(struct linter *l, const struct decl *decl)
{
    const struct rule *rule = &decl->rule;
    if (!(rule->phases & DVARA_PHASES_RESPONSE) || !rule->when || rule->on_stream_notify ||
        rule->mode != DVARA_MODE_ENFORCE)
        return;
    for (size_t i = 0; i < rule->n_effects; i++) {
        if (rule->effects[i].kind != DVARA_EFFECT_DENY)
            continue;
        const struct expr *found = stream_blocker(rule->when);
        if (!found)
            return;
        struct diag *diag = lint_add(l, rule->effects[i].span, LINT_STREAM_BUFFERED,
                                     dvara_str_from_cstr(stream_reason(found)));
        diag_label(l->diags, diag, found->span, "this is not known before the end");
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
/* For unit tests: one text through the front half of the compiler. */
#ifndef TESTS_UNIT_LANG_FRONT_H
#define TESTS_UNIT_LANG_FRONT_H

#include "base/arena.h"
#include "lang/compile.h"

#include <check.h>

struct front {
    struct arena arena;
    struct diags diags;
    struct program *program;
};

/* Binds, checks and folds "dvp 1\ndefault allow\n" and the text. */
static inline void front_open(struct front *front, const char *text_cstr)
{
    const struct compile_options options = {.n_paths = 0};
    arena_init(&front->arena, COMPILE_ARENA_LIMIT);
    ck_assert(diags_init(&front->diags, &front->arena));
    struct dvara_str text = arena_printf(&front->arena, "dvp 1\ndefault allow\n%s", text_cstr);
    front->program =
        closure_from_text(&front->arena, DVARA_STR("t.dvp"), text, &options, &front->diags);
    ck_assert_ptr_nonnull(front->program);
    bind_names(front->program, &front->diags);
    check(front->program, &front->diags);
    if (!diags_has_errors(&front->diags))
        fold(front->program, &front->diags);
}

static inline void front_close(struct front *front)
{
    arena_clear(&front->arena);
}

/* The expression of `let a`. */
static inline const struct expr *front_let(const struct front *front)
{
    ck_assert_uint_eq(front->diags.n_errors, 0);
    const struct decl *let = program_find(front->program, DECL_LET, DVARA_STR("a"));
    ck_assert_ptr_nonnull(let);
    return let->let.expr;
}

#endif

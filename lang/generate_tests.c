/* SPDX-License-Identifier: Apache-2.0 */
/* The tests a bundle carries. Tests stand in the order of their names, rows as written. */
#include "lang/generator.h"

#include "base/arena.h"
#include "base/buf.h"
#include "lang/testrow.h"

enum { SECTION_MAX = 64 << 20, ROW_MEMORY = 256 << 20 };

static void add_row(struct generator *generator, const struct decl *decl,
                    const struct test_case *row, struct buf *out)
{
    struct arena arena;
    struct frozen_test test;
    struct given given;
    arena_init(&arena, ROW_MEMORY);
    if (testrow_make(&arena, generator->program, decl, row, &test, &given))
        frozen_append(out, &test, &given);
    else
        diag_add(generator->diags, decl->name_span, MESSAGE_TESTS_TOO_LARGE,
                 given.error.p ? given.error : DVARA_STR("out of memory"));
    arena_clear(&arena);
}

void generate_tests(struct generator *generator)
{
    const struct decls *tests = &generator->program->by_kind[DECL_TEST];
    struct buf section;
    buf_init(&section, SECTION_MAX);
    for (size_t i = 0; i < tests->n; i++) {
        const struct decl *decl = tests->v[i];
        if (decl->test.n_cases == 0)
            add_row(generator, decl, NULL, &section);
        for (size_t k = 0; k < decl->test.n_cases; k++)
            add_row(generator, decl, &decl->test.cases[k], &section);
    }
    if (buf_failed(&section))
        diag_add(generator->diags, tests->v[0]->name_span, MESSAGE_TESTS_TOO_LARGE,
                 DVARA_STR("they are over 64 MiB"));
    else if (section.n)
        bundle_section(generator->writer, SECTION_TESTS, buf_str(&section));
    buf_clear(&section);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/testrow.h"

#include "base/arena.h"
#include "lang/expectation.h"
#include "lang/given.h"

static void add(struct arena *arena, const struct source *source, const struct expect *expects,
                size_t n, struct expectation *v, size_t *at)
{
    for (size_t i = 0; i < n; i++) {
        struct position place = source_position(source, expects[i].span.start);
        v[*at] = expectation_of(arena, &expects[i]);
        v[*at].line = place.line;
        v[*at].col = place.col;
        ++*at;
    }
}

bool testrow_make(struct arena *arena, const struct program *program, const struct decl *decl,
                  const struct test_case *row, struct frozen_test *ret_test,
                  struct given *ret_given)
{
    const struct test *test = &decl->test;
    const struct source *source = program->sources.v[decl->name_span.file];
    size_t n = test->n_expects + (row ? row->n_expects : 0), at = 0;
    struct expectation *v = ARENA_ARRAY(arena, n, struct expectation);
    *ret_test = (struct frozen_test){.name = decl->name,
                                     .row = row ? row->name.s : (struct dvara_str){NULL, 0},
                                     .file = source_recorded_path(source),
                                     .line = source_position(source, decl->name_span.start).line,
                                     .expects = v,
                                     .n_expects = v ? n : 0};
    if (v)
        add(arena, source, test->expects, test->n_expects, v, &at);
    if (v && row)
        add(arena, source, row->expects, row->n_expects, v, &at);
    return given_fill(arena, given_merge(arena, test->given, row ? row->given : NULL), ret_given) &&
           v;
}

struct test_place testrow_rule_place(const struct program *program,
                                     const struct dvara_bundle *bundle, uint32_t rule)
{
    struct dvara_rule_info info = dvara_bundle_rule(bundle, rule);
    const struct decl *decl = program_find(program, DECL_RULE, info.name);
    if (!decl)
        return (struct test_place){info.file, info.line};
    const struct source *source = program->sources.v[decl->name_span.file];
    return (struct test_place){source->path, info.line};
}

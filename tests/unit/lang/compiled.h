/* SPDX-License-Identifier: Apache-2.0 */
/* A policy's text to a decision, for tests of what the compiler makes. */
#ifndef TESTS_UNIT_LANG_COMPILED_H
#define TESTS_UNIT_LANG_COMPILED_H

#include "base/arena.h"
#include "base/buf.h"
#include "bundle/format.h"
#include "lang/compile.h"
#include "lang/emit.h"
#include "lang/given.h"
#include "trial/evaluate.h"

#include <check.h>

struct compiled {
    struct arena arena;
    struct buf bytes;
    struct program *program;
    struct dvara_bundle *bundle;
    struct evaluator *evaluator;
    struct evaluation result;
};

/* Fails the test when the text does not compile. */
static inline void compiled_init(struct compiled *c, const char *text)
{
    struct codegen_options options = {.compiler = DVARA_STR("test")};
    struct compile_options none = {.n_paths = 0};
    struct dvara_bundle_options trust = {.trust_databases = true};
    struct dvara_bundle_error error = {.text = ""};
    struct diags diags;
    arena_init(&c->arena, 256 << 20);
    buf_init(&c->bytes, FORMAT_MAX_BUNDLE);
    c->bundle = NULL;
    c->evaluator = NULL;
    ck_assert(diags_init(&diags, &c->arena));
    c->program = closure_from_text(&c->arena, DVARA_STR("test.dvp"), dvara_str_from_cstr(text),
                                   &none, &diags);
    bind_names(c->program, &diags);
    check(c->program, &diags);
    struct dvara_str first = diags.n ? diags.v[0]->text : DVARA_STR("");
    ck_assert_msg(!diags_has_errors(&diags), "%.*s\n%s", DVARA_STR_ARG(first), text);
    fold(c->program, &diags);
    enum dvara_status status = emit_bundle(c->program, &options, &diags, &error, &c->bytes);
    ck_assert_msg(status == DVARA_OK, "%s\n%s", error.text, text);
    status = dvara_bundle_load(buf_str(&c->bytes), &trust, &error, &c->bundle);
    ck_assert_msg(status == DVARA_OK, "%s\n%s", error.text, text);
    ck_assert_int_eq(evaluator_new(c->bundle, &c->evaluator), DVARA_OK);
}

/* Compiles `lets` and n rules of one condition each: a % of `format` is the rule's number. */
static inline void compiled_many(struct compiled *c, const char *lets, const char *format, int n)
{
    struct buf text;
    buf_init(&text, 1 << 20);
    BUF_LIT(&text, "dvp 1\ndefault allow\n");
    buf_append(&text, dvara_str_from_cstr(lets));
    for (int i = 0; i < n; i++) {
        buf_printf(&text, "rule r%d { on request when ", i);
        for (const char *p = format; *p; p++) {
            if (*p == '%')
                buf_int(&text, i);
            else
                buf_byte(&text, *p);
        }
        BUF_LIT(&text, " deny }\n");
    }
    buf_byte(&text, 0);
    ck_assert(!buf_failed(&text));
    compiled_init(c, text.p);
    buf_clear(&text);
}

/* Decides on JSON in the shape of `given`. */
static inline const struct dvara_decision *compiled_decide(struct compiled *c, const char *json)
{
    struct dvara_str error = {NULL, 0};
    struct given *given = ARENA_NEW(&c->arena, struct given);
    const struct expr *record = given_from_json(&c->arena, dvara_str_from_cstr(json), &error);
    ck_assert_msg(record, "%.*s", DVARA_STR_ARG(error));
    bool good = given_read(&c->arena, c->bundle, record, given);
    ck_assert_msg(good, "%.*s", DVARA_STR_ARG(given->error));
    ck_assert_int_eq(evaluate(c->evaluator, given, &c->result), DVARA_OK);
    return c->result.decision;
}

static inline void compiled_clear(struct compiled *c)
{
    evaluator_free(c->evaluator);
    dvara_bundle_free(c->bundle);
    buf_clear(&c->bytes);
    arena_clear(&c->arena);
}

#endif

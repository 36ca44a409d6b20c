/* SPDX-License-Identifier: Apache-2.0 */
/* What atoms are called, and what of them a record keeps. */
#include "lang/generator.h"

#include "dvara/trace.h"
#include "unit/lang/compiled.h"
#include "unit/suite.h"

#include <stdio.h>

#define HEAD                                                                                       \
    "dvp 1\ndefault allow\ndetector d { pattern /E-[0-9]+/ max_span 8 }\ngroup g = d at 60%%\n"

/* The marks of the recorded atoms of one rule's condition, in order. */
struct marks {
    uint64_t v[8];
    size_t n;
};

static struct marks marks_of(const char *before, const char *condition)
{
    struct compiled c;
    struct marks marks = {.n = 0};
    char text[2048];
    (void)snprintf(text, sizeof text, HEAD "%srule r { on request when %s deny }\n", before,
                   condition);
    compiled_init(&c, text);
    compiled_decide(
        &c, "{\"request\":{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"text\":\"x\"}]}}");
    struct dvara_vm *vm = NULL;
    /* Every condition of these tests holds: what the index rules out is not asked. */
    const struct dvara_pair headers[] = {{DVARA_STR("x"), DVARA_STR("a")},
                                         {DVARA_STR("y"), DVARA_STR("a")}};
    const struct dvara_tool tools[] = {{DVARA_STR("fs_read"), DVARA_STR("")}};
    struct dvara_facts facts = {.request = {.model = DVARA_STR("t1"),
                                            .text = DVARA_STR("ab t1"),
                                            .user = DVARA_STR("a"),
                                            .headers = {headers, 2},
                                            .tools = {tools, 1}}};
    ck_assert_int_eq(dvara_vm_new(c.bundle, &vm), DVARA_OK);
    struct dvara_run *run = dvara_run_new(vm, &facts, &c.arena);
    dvara_run_request(run);
    for (size_t i = 0; i < dvara_bundle_recorded_atoms(c.bundle) && marks.n < 8; i++) {
        struct dvara_atom_truth truth;
        if (dvara_run_recorded_atom(run, i, &truth))
            marks.v[marks.n++] = truth.mark;
    }
    dvara_vm_free(vm);
    compiled_clear(&c);
    return marks;
}

TEST(an_atom_is_called_by_its_source_in_one_line)
{
    struct compiled c;
    compiled_init(&c, "dvp 1\ndefault allow\nlet who = tenant.id ==\n  # a comment\n  \"t1\"\n"
                      "rule r { on request when who and request.model   != \"m\" deny }\n");
    ck_assert_uint_eq(dvara_bundle_atoms(c.bundle), 3);
    for (uint32_t i = 0; i < 3; i++) {
        struct dvara_atom_info atom = dvara_bundle_atom(c.bundle, i);
        const char *text = atom.is_let       ? "who"
                           : atom.is_content ? "request.model == \"m\""
                                             : "tenant.id == \"t1\"";
        ck_assert(dvara_str_eq(atom.text, dvara_str_from_cstr(text)));
    }
    compiled_clear(&c);
}

TEST(what_an_atom_says_has_one_mark_in_every_bundle)
{
    static const char *const conditions[] = {
        "request.text contains \"a\"",
        "request.text matches /a+/i",
        "pii.found(g)",
        "(request.header(\"x\") ?? \"\") in [\"a\", \"b\"]",
        "any t in request.tools { t.name glob \"fs_*\" }",
        "(json(request.text, \"/a\") ?? \"\") == \"1\"",
    };
    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
        struct marks alone = marks_of("", conditions[i]);
        struct marks after = marks_of("rule a { on request when request.text matches /b/ and "
                                      "(request.header(\"x\") ?? \"\") == \"q\" deny }\n"
                                      "let l = request.text contains \"z\"\n",
                                      conditions[i]);
        ck_assert_uint_ge(alone.n, 1);
        bool found = false;
        for (size_t k = 0; k < after.n; k++)
            found = found || after.v[k] == alone.v[0];
        ck_assert_msg(found, "%s", conditions[i]);
    }
}

TEST(what_says_something_else_has_another_mark)
{
    static const char *const pairs[][2] = {
        {"request.text contains \"a\"", "request.text contains \"b\""},
        {"request.text matches /a+/", "request.text matches /a+/i"},
        {"pii.found(g)", "pii.found(d)"},
        {"(request.header(\"x\") ?? \"\") == \"a\"", "(request.header(\"y\") ?? \"\") == \"a\""},
        {"(request.user ?? \"\") in [\"a\", \"b\"]", "(request.user ?? \"\") in [\"a\", \"c\"]"},
        {"request.text glob \"a*\"", "request.text glob \"ab*\""},
        {"len(request.text) > 1", "len(request.text) > 0"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct marks one = marks_of("", pairs[i][0]), other = marks_of("", pairs[i][1]);
        ck_assert_uint_eq(one.n, 1);
        ck_assert_uint_eq(other.n, 1);
        ck_assert_msg(one.v[0] != other.v[0], "%s", pairs[i][0]);
    }
}

TEST(a_record_keeps_no_atom_of_operators_or_of_the_model)
{
    ck_assert_uint_eq(marks_of("", "tenant.id == \"t1\"").n, 0);
    ck_assert_uint_eq(marks_of("", "request.model == \"t1\"").n, 0);
    ck_assert_uint_eq(marks_of("", "request.text contains \"t1\"").n, 1);
}

TEST(an_atom_that_nothing_asked_is_not_kept)
{
    ck_assert_uint_eq(marks_of("", "tenant.id == \"t1\" and request.text contains \"t1\"").n, 0);
}

SUITE(an_atom_is_called_by_its_source_in_one_line, what_an_atom_says_has_one_mark_in_every_bundle,
      what_says_something_else_has_another_mark,
      a_record_keeps_no_atom_of_operators_or_of_the_model, an_atom_that_nothing_asked_is_not_kept)

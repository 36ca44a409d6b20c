/* SPDX-License-Identifier: Apache-2.0 */
#include "dvara/str.h"

#include "unit/suite.h"

#include <string.h>

static const char *const kept[] = {
#define INPUT(shape, path, member) path,
#include "dvara/inputs.def"
};

static const struct {
    const char *path, *taint, *phases, *member;
} attributes[] = {
#define ATTR(id, path, type, shape, taint, phases, arg, member, doc)                               \
    {path, #taint, #phases, #member},
#include "dvara/attributes.def"
};

static int is_kept(const char *path_cstr)
{
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (strcmp(kept[i], path_cstr) == 0)
            return 1;
    return 0;
}

/* The request's id is a field of the record itself; this version keeps no sessions. */
static int is_elsewhere(const char *path_cstr)
{
    return strcmp(path_cstr, "request.id") == 0 || strncmp(path_cstr, "session.", 8) == 0;
}

TEST(a_decision_record_keeps_every_input_that_the_operator_wrote)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (strcmp(attributes[i].taint, "OPERATOR") == 0 &&
            strcmp(attributes[i].phases, "ALL") == 0 &&
            strcmp(attributes[i].member, "derived") != 0 && !is_elsewhere(attributes[i].path))
            ck_assert_msg(is_kept(attributes[i].path), "%s is not in inputs.def",
                          attributes[i].path);
}

TEST(a_decision_record_keeps_nothing_that_a_client_or_a_model_wrote)
{
    for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
        if (strcmp(attributes[i].taint, "OPERATOR") != 0)
            ck_assert_msg(!is_kept(attributes[i].path), "%s is in inputs.def", attributes[i].path);
}

SUITE(a_decision_record_keeps_every_input_that_the_operator_wrote,
      a_decision_record_keeps_nothing_that_a_client_or_a_model_wrote)

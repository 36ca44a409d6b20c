/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/compile.h"

#include "unit/suite.h"
#include "unit/lang/front.h"

static const struct constant *value_of(struct front *front, const char *text)
{
    front_open(front, text);
    return front_let(front)->value;
}

static void expect_int(const char *text, int64_t wanted)
{
    struct front front;
    const struct constant *value = value_of(&front, text);
    ck_assert_msg(value != NULL, "%s is not constant", text);
    ck_assert_int_eq(value->i, wanted);
    front_close(&front);
}

static void expect_unknown(const char *text)
{
    struct front front;
    ck_assert_msg(value_of(&front, text) == NULL, "%s is constant", text);
    front_close(&front);
}

TEST(arithmetic_of_constants_is_done)
{
    expect_int("let a = 1 + 2 * 3 - 4", 3);
    expect_int("let a = -(2 * 3)", -6);
    expect_int("let a = 2 * $1.50", 3000000);
    expect_int("let a = max(1h, 90m) - 30m", INT64_C(3600000000000));
    expect_int("let a = len([1, 2, 3])", 3);
}

TEST(lets_are_seen_through)
{
    expect_int("let b = 2\nlet a = b + b", 4);
    expect_int("let a = c in b\nlet b = [\"x\"]\nlet c = \"x\"", 1);
}

TEST(logic_follows_kleene)
{
    expect_int("let a = request.stream and false", 0);
    expect_int("let a = true or request.stream", 1);
    expect_int("let a = not (1 < 2)", 0);
    expect_unknown("let a = request.stream and true");
    expect_unknown("let a = request.stream or false");
}

TEST(quantifiers_over_nothing_are_known)
{
    expect_int("let a = any x in [] { x == \"y\" }", 0);
    expect_int("let a = none x in [] { x == \"y\" }", 1);
    expect_int("let a = count x in [] { x == \"y\" }", 0);
}

SUITE(arithmetic_of_constants_is_done, lets_are_seen_through, logic_follows_kleene,
      quantifiers_over_nothing_are_known)

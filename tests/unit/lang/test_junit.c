/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/junit.h"

#include "base/buf.h"
#include "unit/suite.h"

static void expect_case(const struct junit_case *row, const char *wanted)
{
    struct buf out;
    buf_init(&out, 4096);
    junit_case(&out, row);
    BUF_LIT(&out, "");
    buf_byte(&out, 0);
    ck_assert(!buf_failed(&out));
    ck_assert_str_eq(out.p, wanted);
    buf_clear(&out);
}

TEST(a_case_that_passes_is_one_element)
{
    struct junit_case row = {.name = DVARA_STR("a"), .group = DVARA_STR("b")};
    expect_case(&row, "    <testcase name=\"a\" classname=\"b\"/>\n");
}

TEST(a_failure_has_its_line_and_its_length)
{
    struct junit_case row = {.name = DVARA_STR("a"),
                             .group = DVARA_STR("b"),
                             .file = DVARA_STR("f.dvp"),
                             .line = 3,
                             .problem = DVARA_STR("no"),
                             .detail = DVARA_STR("at length")};
    expect_case(&row, "    <testcase name=\"a\" classname=\"b\" file=\"f.dvp\" line=\"3\">"
                      "<failure message=\"no\">at length</failure></testcase>\n");
}

TEST(a_skipped_case_says_why)
{
    struct junit_case row = {.name = DVARA_STR("a"),
                             .group = DVARA_STR("b"),
                             .problem = DVARA_STR("no network"),
                             .is_skipped = true};
    expect_case(&row, "    <testcase name=\"a\" classname=\"b\"><skipped message=\"no network\">"
                      "</skipped></testcase>\n");
}

TEST(what_xml_cannot_hold_is_replaced)
{
    struct junit_case row = {.name = DVARA_STR("<\"&>\n\x01\xff"),
                             .group = DVARA_STR("\xef\xbf\xbe")};
    expect_case(&row, "    <testcase name=\"&lt;&quot;&amp;&gt;&#10;\xef\xbf\xbd\xef\xbf\xbd\" "
                      "classname=\"\xef\xbf\xbd\"/>\n");
}

SUITE(a_case_that_passes_is_one_element, a_failure_has_its_line_and_its_length,
      a_skipped_case_says_why, what_xml_cannot_hold_is_replaced)

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/forms.h"

#include "unit/suite.h"

static bool is_range(const char *text)
{
    bool host_bits;
    return cidr_problem(dvara_str_from_cstr(text), &host_bits) == NULL;
}

TEST(ranges_are_addresses_with_a_prefix)
{
    ck_assert(is_range("10.0.0.0/8"));
    ck_assert(is_range("10.0.0.1"));
    ck_assert(is_range("::/0"));
    ck_assert(is_range("2001:db8::/32"));
    ck_assert(!is_range("10.0.0/8"));
    ck_assert(!is_range("10.0.0.0/33"));
    ck_assert(!is_range("10.0.0.0/08"));
    ck_assert(!is_range("10.0.0.0/"));
    ck_assert(!is_range("::/129"));
    ck_assert(!is_range(""));
}

TEST(host_bits_are_told)
{
    bool host_bits;
    ck_assert_ptr_null(cidr_problem(DVARA_STR("10.0.0.1/8"), &host_bits));
    ck_assert(host_bits);
    ck_assert_ptr_null(cidr_problem(DVARA_STR("10.0.0.0/8"), &host_bits));
    ck_assert(!host_bits);
    ck_assert_ptr_null(cidr_problem(DVARA_STR("2001:db8::1/64"), &host_bits));
    ck_assert(host_bits);
}

TEST(globs_close_what_they_open)
{
    ck_assert_ptr_null(glob_problem(DVARA_STR("gpt-4o*")));
    ck_assert_ptr_null(glob_problem(DVARA_STR("{a,{b,c}}")));
    ck_assert_ptr_null(glob_problem(DVARA_STR("[!a-z][]]")));
    ck_assert_ptr_null(glob_problem(DVARA_STR("")));
    ck_assert_ptr_nonnull(glob_problem(DVARA_STR("[")));
    ck_assert_ptr_nonnull(glob_problem(DVARA_STR("[!")));
    ck_assert_ptr_nonnull(glob_problem(DVARA_STR("[]")));
    ck_assert_ptr_nonnull(glob_problem(DVARA_STR("{a,{b,{c}}}")));
    ck_assert_ptr_nonnull(glob_problem(DVARA_STR("}")));
    ck_assert_ptr_nonnull(glob_problem(DVARA_STR("[z-a]")));
}

TEST(pointers_begin_with_a_slash)
{
    ck_assert_ptr_null(pointer_problem(DVARA_STR("")));
    ck_assert_ptr_null(pointer_problem(DVARA_STR("/a/~0/~1")));
    ck_assert_ptr_nonnull(pointer_problem(DVARA_STR("a")));
    ck_assert_ptr_nonnull(pointer_problem(DVARA_STR("/~")));
    ck_assert_ptr_nonnull(pointer_problem(DVARA_STR("/~2")));
}

TEST(zones_do_not_leave_their_folder)
{
    ck_assert(!zone_exists(DVARA_STR("../../etc/passwd")));
    ck_assert(!zone_exists(DVARA_STR("/etc/localtime")));
    ck_assert(!zone_exists(DVARA_STR("tzdata.zi")));
    ck_assert(!zone_exists(DVARA_STR("Europe")));
    ck_assert(!zone_exists(DVARA_STR("")));
    ck_assert(zone_exists(DVARA_STR("UTC")));
}

TEST(credential_headers_are_known_in_lower_case)
{
    ck_assert(is_credential_header(DVARA_STR("x-api-key")));
    ck_assert(!is_credential_header(DVARA_STR("x-team")));
    ck_assert(is_header_name(DVARA_STR("x-team")));
    ck_assert(!is_header_name(DVARA_STR("x team")));
    ck_assert(!is_header_name(DVARA_STR("x:")));
    ck_assert(!is_header_name(DVARA_STR("")));
}

SUITE(ranges_are_addresses_with_a_prefix, host_bits_are_told, globs_close_what_they_open,
      pointers_begin_with_a_slash, zones_do_not_leave_their_folder,
      credential_headers_are_known_in_lower_case)

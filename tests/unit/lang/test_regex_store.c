/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/regex_store.h"

#include "lang/regex.h"
#include "unit/suite.h"

#include <stdio.h>

TEST(an_expression_is_found_again_with_its_flags)
{
    struct regex_store *store = regex_store_new();
    struct regex_facts *facts = regex_store_facts(store, DVARA_STR("a+"), 0);
    ck_assert_ptr_nonnull(facts);
    ck_assert(!facts->known);
    char text[] = "a+"; /* the store keeps its own copy */
    ck_assert_ptr_eq(regex_store_facts(store, dvara_str_from_cstr(text), 0), facts);
    ck_assert_ptr_ne(regex_store_facts(store, DVARA_STR("a+"), REGEX_I), facts);
    ck_assert_ptr_ne(regex_store_facts(store, DVARA_STR("a"), 0), facts);
    regex_store_free(store);
}
END_TEST

TEST(what_was_asked_once_is_known_to_the_next_compile)
{
    struct regex_store *store = regex_store_new();
    struct pattern_facts facts;
    struct pattern_build_error error;
    for (int i = 0; i < 2; i++) {
        struct regex regex = {.text = DVARA_STR("[0-9]{4}")};
        regex.facts = regex_store_facts(store, regex.text, regex.flags);
        ck_assert_int_eq(regex.facts->known, i);
        ck_assert_int_eq(regex_check(&regex, &facts, &error), DVARA_OK);
        ck_assert_uint_eq(facts.max_width, 4);
    }
    regex_store_free(store);
}
END_TEST

TEST(a_full_store_says_so)
{
    struct regex_store *store = regex_store_new();
    char text[16];
    for (int i = 0; i < 20000; i++) {
        (void)snprintf(text, sizeof text, "%d", i);
        if (!regex_store_facts(store, dvara_str_from_cstr(text), 0))
            break;
    }
    ck_assert_ptr_null(regex_store_facts(store, DVARA_STR("another"), 0));
    ck_assert_ptr_nonnull(regex_store_facts(store, DVARA_STR("1"), 0));
    regex_store_free(store);
}
END_TEST

SUITE(an_expression_is_found_again_with_its_flags, what_was_asked_once_is_known_to_the_next_compile,
      a_full_store_says_so)

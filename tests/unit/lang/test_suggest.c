/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/suggest.h"

#include "unit/suite.h"

static struct dvara_str best_of(const char *word, const char *first, const char *second)
{
    struct suggestion suggestion = suggest_start(dvara_str_from_cstr(word));
    suggest_offer(&suggestion, dvara_str_from_cstr(first));
    suggest_offer(&suggestion, dvara_str_from_cstr(second));
    return suggestion.best;
}

TEST(the_nearest_word_is_suggested)
{
    ck_assert(dvara_str_eq(best_of("reqest", "request", "reset"), DVARA_STR("request")));
    ck_assert(dvara_str_eq(best_of("reqest", "reset", "request"), DVARA_STR("request")));
    ck_assert(dvara_str_eq(best_of("fronteir", "frontier", "front"), DVARA_STR("frontier")));
}

TEST(nothing_far_is_suggested)
{
    ck_assert(dvara_str_is_absent(best_of("route", "detector", "group")));
    ck_assert(dvara_str_is_absent(best_of("x", "y", "z")));
    ck_assert(dvara_str_is_absent(best_of("", "a", "b")));
}

TEST(ties_do_not_depend_on_the_order)
{
    ck_assert(dvara_str_eq(best_of("cat", "car", "cap"), DVARA_STR("cap")));
    ck_assert(dvara_str_eq(best_of("cat", "cap", "car"), DVARA_STR("cap")));
}

SUITE(the_nearest_word_is_suggested, nothing_far_is_suggested, ties_do_not_depend_on_the_order)

/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/value.h"

#include "unit/suite.h"

enum truth { TRUE, FALSE, ERROR };

struct row {
    enum truth left, right, and, or ;
};

static const struct row rows[] = {
#define KLEENE(left, right, and, or) {left, right, and, or },
#include "vm/kleene.def"
};

static struct value of(enum truth truth)
{
    return truth == ERROR ? value_error(DVARA_ERROR_JSON) : value_bool(truth == TRUE);
}

static enum truth truth_of(struct value v)
{
    return value_is_error(v) ? ERROR : value_is_true(v) ? TRUE : FALSE;
}

TEST(and_and_or_are_the_rows_of_the_table)
{
    ck_assert_uint_eq(sizeof rows / sizeof *rows, 9);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct value left = of(rows[i].left), right = of(rows[i].right);
        ck_assert_int_eq(truth_of(value_and(left, right)), rows[i].and);
        ck_assert_int_eq(truth_of(value_or(left, right)), rows[i].or);
    }
}

TEST(the_table_is_commutative_and_by_de_morgan_one_half_gives_the_other)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            if (rows[i].left != rows[k].right || rows[i].right != rows[k].left)
                continue;
            ck_assert_int_eq(rows[i].and, rows[k].and);
            ck_assert_int_eq(rows[i].or, rows[k].or);
        }
        struct value left = value_not(of(rows[i].left)), right = value_not(of(rows[i].right));
        ck_assert_int_eq(truth_of(value_not(value_and(left, right))), rows[i].or);
    }
}

TEST(not_leaves_an_error_and_turns_the_rest_around)
{
    ck_assert_int_eq(truth_of(value_not(of(TRUE))), FALSE);
    ck_assert_int_eq(truth_of(value_not(of(FALSE))), TRUE);
    ck_assert_int_eq(value_not(value_error(DVARA_ERROR_LIST)).kind, DVARA_ERROR_LIST);
}

TEST(of_two_errors_the_first_of_the_list_shows_whichever_side_it_is_on)
{
    for (int a = 1; a < DVARA_ERROR_COUNT; a++)
        for (int b = 1; b < DVARA_ERROR_COUNT; b++) {
            struct value left = value_error((enum dvara_error_kind)a);
            struct value right = value_error((enum dvara_error_kind)b);
            int first = a < b ? a : b;
            ck_assert_int_eq(value_and(left, right).kind, first);
            ck_assert_int_eq(value_or(left, right).kind, first);
        }
}

SUITE(and_and_or_are_the_rows_of_the_table,
      the_table_is_commutative_and_by_de_morgan_one_half_gives_the_other,
      not_leaves_an_error_and_turns_the_rest_around,
      of_two_errors_the_first_of_the_list_shows_whichever_side_it_is_on)

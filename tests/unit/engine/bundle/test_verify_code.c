/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/verify_code.h"

#include "unit/engine/made_bundle.h"
#include "unit/suite.h"

enum {
    B = DVARA_TYPE_BOOL,
    I = DVARA_TYPE_INT,
    S = DVARA_TYPE_STRING,
    ONE = DVARA_SHAPE_ONE,
    /* The constants that every made program has. */
    TRUE_CONST = 0,
    INT_CONST = 1,
    STR_CONST = 2,
    FLOAT_CONST = 3,
    MODEL = DVARA_ATTR_REQUEST_MODEL,
    TAGS = DVARA_ATTR_TENANT_TAGS,
    REGION = DVARA_ATTR_TENANT_REGION,
    TOOLS = DVARA_ATTR_REQUEST_TOOLS,
    MESSAGES = DVARA_ATTR_REQUEST_MESSAGES,
    NAME = DVARA_ATTR_TENANT_NAME,
    HEADER = DVARA_ATTR_REQUEST_HEADER,
    FOUND = DVARA_ATTR_PROMPT_PII_FOUND
};

#define TRUE_TO(r)                                                                                 \
    {                                                                                              \
        OP_CONST, r, 0, 0, TRUE_CONST                                                              \
    }
#define INT_TO(r)                                                                                  \
    {                                                                                              \
        OP_CONST, r, 0, 0, INT_CONST                                                               \
    }
#define STR_TO(r)                                                                                  \
    {                                                                                              \
        OP_CONST, r, 0, 0, STR_CONST                                                               \
    }
#define RETURN(r)                                                                                  \
    {                                                                                              \
        OP_RETURN, r, 0, 0, 0                                                                      \
    }

struct row {
    const char *what;
    const char *reason; /* "" when the program is right */
    struct instruction code[10];
    uint8_t type;
    uint32_t registers, depends;
};

static const struct row rows[] = {
    {"a constant", "", {TRUE_TO(0), RETURN(0)}, B, 1, 0},
    {"a jump over", "", {TRUE_TO(0), {OP_JUMP_FALSE, 0, 0, 0, 3}, TRUE_TO(0), RETURN(0)}, B, 1, 0},
    {"a loop",
     "",
     {{OP_LOAD, 1, TAGS, 0, 0},
      {OP_ANY, 0, 1, 2, 5},
      STR_TO(3),
      {OP_EQ, 3, 2, 3, 0},
      {OP_AND, 0, 3, 3, 0},
      RETURN(0)},
     B,
     4,
     0},
    {"no code", "outside its section", {{0}}, B, 1, 0},
    {"no return", "must return", {TRUE_TO(0)}, B, 1, 0},
    {"an early return", "only the last", {TRUE_TO(0), RETURN(0), RETURN(0)}, B, 1, 0},
    {"a read before a write", "before it is written", {RETURN(0)}, B, 1, 0},
    {"a result of another type", "wrong type", {INT_TO(0), RETURN(0)}, B, 1, 0},
    {"a register out of range", "out of range", {TRUE_TO(1), RETURN(1)}, B, 1, 0},
    {"a result register out of range", "out of range", {TRUE_TO(0), RETURN(9)}, B, 1, 0},
    {"not of an int", "wrong type", {INT_TO(0), {OP_NOT, 0, 0, 0, 0}, RETURN(0)}, B, 1, 0},
    {"and of an int",
     "wrong type",
     {TRUE_TO(0), INT_TO(1), {OP_AND, 0, 0, 1, 0}, RETURN(0)},
     B,
     2,
     0},
    {"or of a string",
     "wrong type",
     {TRUE_TO(0), STR_TO(1), {OP_OR, 0, 1, 0, 0}, RETURN(0)},
     B,
     2,
     0},
    {"an unused operand that is set",
     "not 0",
     {{OP_CONST, 0, 1, 0, TRUE_CONST}, RETURN(0)},
     B,
     1,
     0},
    {"an unused immediate that is set",
     "not 0",
     {TRUE_TO(0), {OP_NOT, 0, 0, 0, 7}, RETURN(0)},
     B,
     1,
     0},
    {"no such constant", "no such constant", {{OP_CONST, 0, 0, 0, 99}, RETURN(0)}, B, 1, 0},
    {"no such list", "no such list", {{OP_LIST, 0, 0, 0, 99}, TRUE_TO(0), RETURN(0)}, B, 1, 0},
    {"no such runtime list",
     "no such runtime",
     {{OP_RUNTIME, 0, 0, 0, 9}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"no such attribute",
     "no such attribute",
     {{OP_LOAD, 0, 250, 0, 0}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"an argument that is not taken",
     "takes no argument",
     {{OP_LOAD, 0, NAME, 0, 1}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a header's name that is no string",
     "no such string",
     {{OP_LOAD, 0, HEADER, 0, 9999}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     BUNDLE_DEPENDS_REWRITE},
    {"no such group", "no such group", {{OP_LOAD, 0, FOUND, 0, 5}, RETURN(0)}, B, 1, 0},
    {"no such field",
     "no such field",
     {{OP_LOAD, 1, TOOLS, 0, 0},
      {OP_ANY, 0, 1, 2, 4},
      {OP_FIELD, 3, 2, 99, 0},
      {OP_AND, 0, 3, 3, 0},
      RETURN(0)},
     B,
     4,
     0},
    {"a field of another record",
     "no such field",
     {{OP_LOAD, 1, TOOLS, 0, 0},
      {OP_ANY, 0, 1, 2, 4},
      {OP_FIELD, 3, 2, DVARA_FIELD_MESSAGE_HAS_IMAGE, 0},
      {OP_AND, 0, 3, 3, 0},
      RETURN(0)},
     B,
     4,
     0},
    {"a field of a string",
     "wrong type",
     {STR_TO(0), {OP_FIELD, 0, 0, 0, 0}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"an equality of two types",
     "wrong type",
     {STR_TO(0), INT_TO(1), {OP_EQ, 0, 0, 1, 0}, RETURN(0)},
     B,
     2,
     0},
    {"an equality of an optional",
     "wrong type",
     {{OP_LOAD, 0, REGION, 0, 0}, {OP_EQ, 0, 0, 0, 0}, RETURN(0)},
     B,
     1,
     0},
    {"an equality of lists",
     "wrong type",
     {{OP_LOAD, 0, TAGS, 0, 0}, {OP_EQ, 0, 0, 0, 0}, RETURN(0)},
     B,
     1,
     0},
    {"an order of bools", "wrong type", {TRUE_TO(0), {OP_LT, 0, 0, 0, 0}, RETURN(0)}, B, 1, 0},
    {"a sum of strings",
     "wrong type",
     {STR_TO(0), {OP_ADD, 0, 0, 0, 0}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a sum of two types",
     "wrong type",
     {INT_TO(0), {OP_CONST, 1, 0, 0, FLOAT_CONST}, {OP_ADD, 0, 0, 1, 0}, TRUE_TO(0), RETURN(0)},
     B,
     2,
     0},
    {"a scale of an int",
     "wrong type",
     {INT_TO(0), {OP_SCALE, 0, 0, 0, 0}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"has of what cannot be absent",
     "wrong type",
     {STR_TO(0), {OP_HAS, 0, 0, 0, 0}, RETURN(0)},
     B,
     1,
     0},
    {"unwrap of what cannot be absent",
     "wrong type",
     {STR_TO(0), {OP_UNWRAP, 0, 0, 0, 0}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a default of another type",
     "wrong type",
     {{OP_LOAD, 0, REGION, 0, 0}, INT_TO(1), {OP_COALESCE, 0, 0, 1, 0}, TRUE_TO(0), RETURN(0)},
     B,
     2,
     0},
    {"a substring of a list",
     "wrong type",
     {{OP_LOAD, 0, TAGS, 0, 0}, STR_TO(1), {OP_CONTAINS, 0, 0, 1, 0}, RETURN(0)},
     B,
     2,
     0},
    {"membership in a string",
     "wrong type",
     {STR_TO(0), {OP_IN_LIST, 0, 0, 0, 0}, RETURN(0)},
     B,
     1,
     0},
    {"membership of another type",
     "another type",
     {INT_TO(0), {OP_LOAD, 1, TAGS, 0, 0}, {OP_IN_LIST, 0, 0, 1, 0}, RETURN(0)},
     B,
     2,
     0},
    {"a set of another type",
     "another type",
     {INT_TO(0), {OP_IN_SET, 0, 0, 0, 0}, RETURN(0)},
     B,
     1,
     0},
    {"no such globs", "no such globs", {STR_TO(0), {OP_GLOB, 0, 0, 0, 3}, RETURN(0)}, B, 1, 0},
    {"no such networks",
     "no such networks",
     {STR_TO(0), {OP_WITHIN, 0, 0, 0, 3}, RETURN(0)},
     B,
     1,
     0},
    {"no such expression",
     "no such regular",
     {STR_TO(0), {OP_MATCHES, 0, 0, 0, 0}, RETURN(0)},
     B,
     1,
     0},
    {"no such zone", "no such zone", {{OP_HOUR, 0, 0, 0, 0}, TRUE_TO(0), RETURN(0)}, B, 1, 0},
    {"no such period", "no such period", {{OP_BETWEEN, 0, 0, 0, 0}, RETURN(0)}, B, 1, 0},
    {"a pointer that is no string",
     "no such string",
     {STR_TO(0), {OP_JSON, 0, 0, 0, 999}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a modulus of 0",
     "modulus",
     {STR_TO(0), {OP_BUCKET, 0, 0, 0, 0}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a modulus over a million",
     "modulus",
     {STR_TO(0), {OP_BUCKET, 0, 0, 0, 1000001}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a jump back", "go forward", {TRUE_TO(0), {OP_JUMP_TRUE, 0, 0, 0, 0}, RETURN(0)}, B, 1, 0},
    {"a jump to itself",
     "go forward",
     {TRUE_TO(0), {OP_JUMP_TRUE, 0, 0, 0, 1}, RETURN(0)},
     B,
     1,
     0},
    {"a jump past the end",
     "go forward",
     {TRUE_TO(0), {OP_JUMP_TRUE, 0, 0, 0, 3}, RETURN(0)},
     B,
     1,
     0},
    {"a jump on an int",
     "wrong type",
     {INT_TO(0), {OP_JUMP_TRUE, 0, 0, 0, 2}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a write on one path only",
     "before it is written",
     {TRUE_TO(0), {OP_JUMP_TRUE, 0, 0, 0, 3}, TRUE_TO(1), {OP_AND, 0, 0, 1, 0}, RETURN(0)},
     B,
     2,
     0},
    {"two types on two paths",
     "before it is written",
     {TRUE_TO(0),
      TRUE_TO(1),
      {OP_JUMP_TRUE, 0, 0, 0, 4},
      INT_TO(1),
      {OP_AND, 0, 0, 1, 0},
      RETURN(0)},
     B,
     2,
     0},
    {"a call of itself", "smaller number", {{OP_ATOM, 0, 0, 0, 1}, RETURN(0)}, B, 1, 0},
    {"a call of a later block",
     "smaller number",
     {{OP_LET, 0, 0, 0, 5}, TRUE_TO(0), RETURN(0)},
     B,
     1,
     0},
    {"a call of the wrong kind", "wrong kind", {{OP_LET, 0, 0, 0, 0}, RETURN(0)}, B, 1, 0},
    {"a loop over a string",
     "wrong type",
     {STR_TO(1), {OP_ANY, 0, 1, 2, 3}, TRUE_TO(0), RETURN(0)},
     B,
     3,
     0},
    {"an empty body",
     "body is out of range",
     {{OP_LOAD, 1, TAGS, 0, 0}, {OP_ANY, 0, 1, 2, 2}, TRUE_TO(0), RETURN(0)},
     B,
     3,
     0},
    {"a body past the end",
     "body is out of range",
     {{OP_LOAD, 1, TAGS, 0, 0}, {OP_ANY, 0, 1, 2, 9}, TRUE_TO(0), RETURN(0)},
     B,
     3,
     0},
    {"a body that gives nothing",
     "must give a bool",
     {{OP_LOAD, 1, TAGS, 0, 0}, {OP_ANY, 0, 1, 2, 3}, TRUE_TO(3), RETURN(0)},
     B,
     4,
     0},
    {"a body that gives an int",
     "must give a bool",
     {{OP_LOAD, 1, TAGS, 0, 0}, {OP_ANY, 0, 1, 2, 3}, INT_TO(0), RETURN(0)},
     B,
     3,
     0},
    {"a loop with two registers",
     "three registers",
     {{OP_LOAD, 1, TAGS, 0, 0}, {OP_ANY, 1, 1, 2, 3}, TRUE_TO(1), RETURN(1)},
     B,
     3,
     0},
    {"a jump out of a body",
     "stay in its body",
     {{OP_LOAD, 1, TAGS, 0, 0},
      {OP_ANY, 0, 1, 2, 4},
      TRUE_TO(0),
      {OP_JUMP_TRUE, 0, 0, 0, 5},
      TRUE_TO(0),
      RETURN(0)},
     B,
     3,
     0},
    {"a jump into a body",
     "into a loop's body",
     {{OP_LOAD, 1, TAGS, 0, 0},
      TRUE_TO(4),
      {OP_JUMP_TRUE, 4, 0, 0, 5},
      {OP_ANY, 0, 1, 2, 6},
      TRUE_TO(0),
      TRUE_TO(0),
      TRUE_TO(0),
      RETURN(0)},
     B,
     5,
     0},
    {"a body that changes a type",
     "changes the type",
     {{OP_LOAD, 1, TAGS, 0, 0}, TRUE_TO(3), {OP_ANY, 0, 1, 2, 5}, INT_TO(3), TRUE_TO(0), RETURN(0)},
     B,
     4,
     0},
    {"an element after its loop",
     "before it is written",
     {{OP_LOAD, 1, TAGS, 0, 0}, {OP_ANY, 0, 1, 2, 3}, TRUE_TO(0), {OP_EQ, 0, 2, 2, 0}, RETURN(0)},
     B,
     3,
     0},
    {"a body's register after its loop",
     "before it is written",
     {{OP_LOAD, 1, TAGS, 0, 0},
      {OP_ANY, 0, 1, 2, 4},
      TRUE_TO(3),
      TRUE_TO(0),
      {OP_AND, 0, 0, 3, 0},
      RETURN(0)},
     B,
     4,
     0},
    {"a count that is taken for a bool",
     "wrong type",
     {{OP_LOAD, 1, TAGS, 0, 0}, {OP_COUNT, 0, 1, 2, 3}, TRUE_TO(0), RETURN(0)},
     B,
     3,
     0},
    {"a dependence that is kept secret",
     "depends on",
     {{OP_LOAD, 0, MODEL, 0, 0}, STR_TO(1), {OP_EQ, 0, 0, 1, 0}, RETURN(0)},
     B,
     2,
     0},
    {"a dependence that is made up",
     "depends on",
     {TRUE_TO(0), RETURN(0)},
     B,
     1,
     BUNDLE_DEPENDS_TARGET},
};

static uint32_t length_of(const struct row *row)
{
    uint32_t n = sizeof row->code / sizeof *row->code;
    while (n > 0 && row->code[n - 1].op == 0 && row->code[n - 1].a == 0 && row->code[n - 1].b == 0)
        n--;
    return n;
}

static void add_constants(struct made *made)
{
    double one = 1;
    int64_t bits;
    memcpy(&bits, &one, sizeof bits);
    made_const(made, DVARA_TYPE_BOOL, 1);
    made_const(made, DVARA_TYPE_INT, 7);
    made_const(made, DVARA_TYPE_STRING, bundle_string(made->writer, DVARA_STR("s")));
    made_const(made, DVARA_TYPE_FLOAT, bits);
    struct bundle_element element = {STR_CONST};
    bundle_add(made->writer, BUNDLE_TABLE_ELEMENT, &element);
    struct bundle_list list = {.type = DVARA_TYPE_STRING, .first = 0, .count = 1};
    bundle_add(made->writer, BUNDLE_TABLE_LIST, &list);
}

TEST(every_ill_formed_program_is_refused_with_its_reason)
{
    const struct instruction atom[] = {TRUE_TO(0), RETURN(0)};
    const struct row *row = &rows[_i];
    struct made made;
    struct dvara_bundle *bundle = NULL;
    made_init(&made);
    add_constants(&made);
    made_block(&made, (struct bundle_block){.kind = BUNDLE_BLOCK_ATOM, .type = B, .registers = 1},
               atom, 2);
    made_block(&made,
               (struct bundle_block){.kind = BUNDLE_BLOCK_CODE,
                                     .type = row->type,
                                     .shape = ONE,
                                     .registers = row->registers,
                                     .depends = row->depends},
               row->code, length_of(row));
    enum dvara_status status = made_load(&made, &bundle);
    if (row->reason[0]) {
        ck_assert_msg(status == DVARA_INVALID, "%s: accepted", row->what);
        ck_assert_msg(strstr(made.error.text, row->reason), "%s: %s", row->what, made.error.text);
    } else {
        ck_assert_msg(status == DVARA_OK, "%s: %s", row->what, made.error.text);
    }
    dvara_bundle_free(bundle);
    made_clear(&made);
}

TEST(an_unknown_opcode_is_refused)
{
    const struct instruction code[] = {{250, 0, 0, 0, 0}, RETURN(0)};
    struct made made;
    struct dvara_bundle *bundle = NULL;
    made_init(&made);
    made_block(&made, (struct bundle_block){.kind = BUNDLE_BLOCK_CODE, .type = B, .registers = 1},
               code, 2);
    ck_assert_int_eq(made_load(&made, &bundle), DVARA_UNSUPPORTED);
    made_clear(&made);
}

TEST(code_that_two_blocks_share_is_refused)
{
    const struct instruction code[] = {TRUE_TO(0), RETURN(0)};
    struct made made;
    struct dvara_bundle *bundle = NULL;
    made_init(&made);
    add_constants(&made);
    struct bundle_block row = {.kind = BUNDLE_BLOCK_CODE, .type = B, .registers = 1};
    made_block(&made, row, code, 2);
    row.code_count = 2;
    row.text = BUNDLE_ABSENT;
    bundle_add(made.writer, BUNDLE_TABLE_BLOCK, &row);
    ck_assert_int_eq(made_load(&made, &bundle), DVARA_INVALID);
    ck_assert_ptr_nonnull(strstr(made.error.text, "does not begin where"));
    made_clear(&made);
}

int main(void)
{
    Suite *suite = suite_create(__FILE__);
    TCase *tcase = tcase_create("all");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, every_ill_formed_program_is_refused_with_its_reason, 0,
                        sizeof rows / sizeof *rows);
    tcase_add_test(tcase, an_unknown_opcode_is_refused);
    tcase_add_test(tcase, code_that_two_blocks_share_is_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

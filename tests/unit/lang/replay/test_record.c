/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/replay/record.h"

#include "base/arena.h"

#include "unit/suite.h"

#define LINE(payload)                                                                              \
    "{\"chain\":\"w0\",\"seq\":7,\"id\":\"r1\",\"time\":\"2026-01-05T10:00:00Z\",\"tenant\":"      \
    "\"t\","                                                                                       \
    "\"key\":\"k\",\"session\":null,\"trace_id\":\"x\",\"type\":\"decision\",\"payload\":" payload \
    "}"
#define HEAD  "\"verdict\":\"allow\",\"asked_model\":\"sim/m\",\"model\":\"m\",\"rules\":[]"
#define INPUT "\"inputs\":{\"request.endpoint\":\"chat\",\"tenant.id\":\"t\",\"key.id\":\"k\"}"

/* The arena is the caller's to clear. */
static enum dvara_status read_line(struct arena *arena, const char *line_cstr, struct record *ret)
{
    struct dvara_str error = {0};
    arena_init(arena, 1 << 24);
    return record_read(dvara_str_from_cstr(line_cstr), arena, ret, &error);
}

TEST(what_a_record_leaves_out_is_as_usual)
{
    struct record record;
    struct arena arena;
    ck_assert_int_eq(read_line(&arena, LINE("{" HEAD "," INPUT "}"), &record), DVARA_OK);
    ck_assert(dvara_str_eq(record.facts.tenant.name, DVARA_STR("t")));
    ck_assert(dvara_str_eq(record.facts.tenant.status, DVARA_STR("active")));
    ck_assert_uint_eq(record.facts.key.scopes.n, 3);
    ck_assert_int_eq(record.facts.request.time, INT64_C(1767607200) * 1000000000);
    ck_assert(dvara_str_is_absent(record.facts.session.id));
    arena_clear(&arena);
}

TEST(what_the_client_wrote_is_not_known)
{
    struct record record;
    struct arena arena;
    ck_assert_int_eq(read_line(&arena, LINE("{" HEAD "," INPUT "}"), &record), DVARA_OK);
    ck_assert(record.known[DVARA_ATTR_REQUEST_MODEL] && record.known[DVARA_ATTR_REQUEST_N]);
    ck_assert(!record.known[DVARA_ATTR_REQUEST_TEXT] && !record.known[DVARA_ATTR_REQUEST_USER]);
    ck_assert(!record.known[DVARA_ATTR_REQUEST_HEADER] && !record.known[DVARA_ATTR_PII_FOUND]);
    ck_assert(!record.known[DVARA_ATTR_BUDGET_USED] && !record.known[DVARA_ATTR_TARGET_HEALTHY]);
    arena_clear(&arena);
}

TEST(a_rewritten_model_is_the_asked_one_unless_the_record_says_otherwise)
{
    struct record record;
    struct arena arena;
    ck_assert_int_eq(read_line(&arena, LINE("{" HEAD ",\"set\":[\"model\"]," INPUT "}"), &record),
                     DVARA_OK);
    ck_assert(dvara_str_eq(record.facts.request.model, DVARA_STR("sim/m")));
    arena_clear(&arena);
    ck_assert_int_eq(read_line(&arena,
                               LINE("{" HEAD ",\"set\":[\"model\"],\"inputs\":"
                                    "{\"request.model\":\"n\"}}"),
                               &record),
                     DVARA_OK);
    ck_assert(dvara_str_eq(record.facts.request.model, DVARA_STR("n")));
    arena_clear(&arena);
}

TEST(atoms_are_true_false_or_a_kind_of_error)
{
    struct record record;
    struct arena arena;
    ck_assert_int_eq(read_line(&arena,
                               LINE("{" HEAD ",\"atoms\":{\"00000000000000ff\":true,"
                                    "\"8000000000000000\":\"json\"}}"),
                               &record),
                     DVARA_OK);
    ck_assert(!record.has_inputs);
    ck_assert_uint_eq(record.n_atoms, 2);
    ck_assert(record.atoms[0].mark == 0xff && record.atoms[0].truth == DVARA_TRUE);
    ck_assert(record.atoms[1].truth == DVARA_ERRED && record.atoms[1].kind == DVARA_ERROR_JSON);
    arena_clear(&arena);
    ck_assert_int_eq(
        read_line(&arena, LINE("{" HEAD ",\"atoms\":{\"00000000000000ff\":\"odd\"}}"), &record),
        DVARA_INVALID);
    arena_clear(&arena);
    ck_assert_int_eq(read_line(&arena, LINE("{" HEAD ",\"atoms\":{\"ff\":true}}"), &record),
                     DVARA_INVALID);
    arena_clear(&arena);
}

TEST(a_member_of_another_type_is_refused)
{
    static const char *const lines[] = {"[1]",
                                        "{\"chain\":\"w0\"}",
                                        LINE("[]"),
                                        LINE("{}"),
                                        LINE("{" HEAD ",\"rules\":7}"),
                                        LINE("{" HEAD ",\"targets\":[7]}"),
                                        LINE("{" HEAD ",\"excluded\":[{\"rule\":1}]}"),
                                        LINE("{" HEAD ",\"set\":[\"nothing\"]}"),
                                        LINE("{" HEAD ",\"redaction\":\"0000000000000000\"}"),
                                        LINE("{" HEAD ",\"inputs\":{\"images\":-1}}"),
                                        LINE("{" HEAD ",\"inputs\":{\"request.n\":1.5}}")};
    struct record record;
    struct arena arena;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        ck_assert_msg(read_line(&arena, lines[i], &record) == DVARA_INVALID, "%s", lines[i]);
        arena_clear(&arena);
    }
}

TEST(a_line_that_was_cut_is_told_from_one_that_is_no_record)
{
    static const char whole[] = LINE("{" HEAD "}");
    struct record record;
    struct arena arena;
    for (size_t n = 1; n < sizeof whole - 1; n++) {
        char cut[sizeof whole] = {0};
        memcpy(cut, whole, n);
        ck_assert_msg(read_line(&arena, cut, &record) == DVARA_INVALID, "%s", cut);
        ck_assert(!record.is_json);
        arena_clear(&arena);
    }
    ck_assert_int_eq(read_line(&arena, LINE("5"), &record), DVARA_INVALID);
    ck_assert(record.is_json);
    arena_clear(&arena);
}

SUITE(what_a_record_leaves_out_is_as_usual, what_the_client_wrote_is_not_known,
      a_rewritten_model_is_the_asked_one_unless_the_record_says_otherwise,
      atoms_are_true_false_or_a_kind_of_error, a_member_of_another_type_is_refused,
      a_line_that_was_cut_is_told_from_one_that_is_no_record)

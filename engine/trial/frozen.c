/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/frozen.h"

#include "base/arena.h"
#include "base/buf.h"
#include "trial/frozen_bytes.h"
#include "trial/frozen_given.h"

enum { TEST_MAX = 256 << 20, PLACE_MAX = INT32_MAX };

/* ---- writing ---- */

static void put_expectation(struct buf *out, const struct expectation *expect)
{
    frozen_put_number(out, (uint64_t)expect->kind << 1 | expect->negated);
    frozen_put_opt_text(out, expect->text);
    frozen_put_opt_text(out, expect->key);
    frozen_put_opt_text(out, expect->name);
    frozen_put_number(out, expect->detectors.n);
    for (size_t i = 0; i < expect->detectors.n; i++)
        frozen_put_text(out, expect->detectors.v[i]);
    frozen_put_signed(out, expect->number);
    frozen_put_number(out, expect->line);
    frozen_put_number(out, expect->col);
}

void frozen_append(struct buf *out, const struct frozen_test *test, const struct given *given)
{
    struct buf one;
    buf_init(&one, TEST_MAX);
    frozen_put_text(&one, test->name);
    frozen_put_opt_text(&one, test->row);
    frozen_put_text(&one, test->file);
    frozen_put_number(&one, test->line);
    frozen_put_given(&one, given);
    frozen_put_number(&one, test->n_expects);
    for (size_t i = 0; i < test->n_expects; i++)
        put_expectation(&one, &test->expects[i]);
    frozen_put_text(out, buf_str(&one));
    if (buf_failed(&one))
        out->failed = true;
    buf_clear(&one);
}

/* ---- reading ---- */

static struct expectation expectation(struct frozen_bytes *bytes, struct arena *arena)
{
    uint64_t kind = frozen_bounded(bytes, 2 * EXPECT_COUNT - 1);
    struct expectation expect = {.kind = (enum expect_kind)(kind >> 1),
                                 .negated = kind & 1,
                                 .text = frozen_opt_text(bytes),
                                 .key = frozen_opt_text(bytes),
                                 .name = frozen_opt_text(bytes)};
    expect.detectors = frozen_texts(bytes, arena);
    expect.number = frozen_signed(bytes);
    expect.line = (uint32_t)frozen_bounded(bytes, PLACE_MAX);
    expect.col = (uint32_t)frozen_bounded(bytes, PLACE_MAX);
    return expect;
}

static void expectations(struct frozen_bytes *bytes, struct arena *arena, struct frozen_test *test)
{
    size_t n = frozen_count(bytes);
    struct expectation *v = ARENA_ARRAY(arena, n, struct expectation);
    for (size_t i = 0; v && i < n && !bytes->failed; i++)
        v[i] = expectation(bytes, arena);
    test->expects = v;
    test->n_expects = v ? n : 0;
}

enum dvara_status frozen_next(struct frozen_reader *reader, struct arena *arena,
                              struct frozen_test *ret_test, struct given *ret_given)
{
    struct frozen_bytes outer = {.text = reader->section, .at = reader->at};
    if (reader->at >= reader->section.n)
        return DVARA_NOT_FOUND;
    size_t n = frozen_count(&outer);
    struct frozen_bytes bytes = {.text = dvara_str_slice(reader->section, outer.at, outer.at + n),
                                 .failed = outer.failed};
    *ret_test = (struct frozen_test){.name = frozen_text(&bytes)};
    ret_test->row = frozen_opt_text(&bytes);
    ret_test->file = frozen_text(&bytes);
    ret_test->line = (uint32_t)frozen_bounded(&bytes, PLACE_MAX);
    given_start(arena, ret_given);
    frozen_get_given(&bytes, ret_given);
    expectations(&bytes, arena, ret_test);
    if (arena_is_exhausted(arena))
        return DVARA_NO_MEMORY;
    if (bytes.failed || bytes.at != bytes.text.n)
        return DVARA_INVALID;
    reader->at = outer.at + n;
    return DVARA_OK;
}

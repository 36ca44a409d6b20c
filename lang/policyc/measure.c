/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/measure.h"

#include "base/buf.h"
#include "bundle/format.h"
#include "bundle/tables.h"
#include "bundle/write.h"
#include "lang/emit.h"
#include "lang/testrun.h"
#include "policyc/bundle_input.h"

/* Codegen's own diagnostics are `compile`'s to print. */
static bool open_diags(struct front *front, struct diags *ret_diags)
{
    return diags_init(ret_diags, &front->arena);
}

static void find_indexed(struct front *front, struct lint_facts *facts)
{
    size_t n = front->program->by_kind[DECL_RULE].n;
    struct codegen_options options = {.compiler = DVARA_STR("")};
    struct bundle_writer *writer = bundle_writer_new();
    bool *indexed = ARENA_ARRAY(&front->arena, n, bool);
    struct diags diags;
    if (!writer || !indexed || !open_diags(front, &diags)) {
        bundle_writer_free(writer);
        return;
    }
    codegen(front->program, &options, writer, &diags);
    if (!diags_has_errors(&diags) && bundle_count(writer, BUNDLE_TABLE_RULE) == n) {
        for (uint32_t i = 0; i < n; i++) {
            const struct bundle_rule *row = bundle_row(writer, BUNDLE_TABLE_RULE, i);
            indexed[i] = bundle_rule_is_reached(
                row, row->key_count ? bundle_row(writer, BUNDLE_TABLE_KEY, row->key_first) : NULL);
        }
        facts->indexed = indexed;
    }
    bundle_writer_free(writer);
}

static void run_tests(struct front *front, const struct dvara_bundle *bundle,
                      struct lint_facts *facts)
{
    struct coverage coverage;
    struct testrun_results results;
    size_t n = front->program->by_kind[DECL_RULE].n;
    bool *matched = ARENA_ARRAY(&front->arena, n, bool);
    if (!matched || !coverage_init(&coverage, front->program, bundle, &front->arena) ||
        coverage.n_rules != n ||
        testrun(front->program, bundle, (struct dvara_str){0}, &coverage, &front->arena,
                &results) != DVARA_OK)
        return;
    for (size_t i = 0; i < n; i++)
        matched[i] = coverage_applied(&coverage, (uint32_t)i);
    facts->matched = matched;
}

static void find_matched(struct front *front, struct lint_facts *facts)
{
    struct codegen_options options = {.compiler = DVARA_STR("")};
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle = NULL;
    struct dvara_bundle_options trust = {.trust_databases = true};
    struct diags diags;
    struct buf bytes;
    if (!open_diags(front, &diags))
        return;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    if (emit_bundle(front->program, &options, &diags, &error, &bytes) == DVARA_OK &&
        !diags_has_errors(&diags) &&
        dvara_bundle_load(buf_str(&bytes), &trust, &error, &bundle) == DVARA_OK)
        run_tests(front, bundle, facts);
    dvara_bundle_free(bundle);
    buf_clear(&bytes);
}

void measure(struct front *front, struct lint_facts *ret_facts)
{
    *ret_facts = (struct lint_facts){.indexed = NULL};
    if (front->program->by_kind[DECL_RULE].n == 0)
        return;
    find_indexed(front, ret_facts);
    if (front->program->by_kind[DECL_TEST].n > 0)
        find_matched(front, ret_facts);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "trial/bundle_tests.h"

#include "base/arena.h"
#include "bundle/loaded.h"
#include "trial/trial.h"

enum dvara_status bundle_tests_verify(struct dvara_str section,
                                      struct dvara_bundle_error *ret_error)
{
    struct frozen_reader reader = {.section = section};
    struct frozen_test test;
    struct given given;
    struct arena arena;
    arena_init(&arena, TRIAL_MEMORY);
    enum dvara_status status = DVARA_OK;
    for (uint32_t i = 0; status == DVARA_OK; i++) {
        arena_reset(&arena);
        status = frozen_next(&reader, &arena, &test, &given);
        if (status == DVARA_INVALID)
            bundle_refuse(ret_error, status, "test %u is not whole", i);
    }
    arena_clear(&arena);
    return status == DVARA_NOT_FOUND ? DVARA_OK : status;
}

enum dvara_status dvara_bundle_test(const struct dvara_bundle *bundle, struct buf *out,
                                    struct dvara_tests_result *ret_result)
{
    struct frozen_reader reader = {.section = bundle->tests};
    struct evaluator *evaluator = NULL;
    struct frozen_test test;
    struct given given;
    struct trial trial;
    struct arena arena;
    arena_init(&arena, TRIAL_MEMORY);
    *ret_result = (struct dvara_tests_result){.passed = 0};
    enum dvara_status status = evaluator_new(bundle, &evaluator);
    while (status == DVARA_OK) {
        arena_reset(&arena);
        status = frozen_next(&reader, &arena, &test, &given);
        if (status != DVARA_OK)
            break;
        status = given_finish(&given, bundle) ? DVARA_OK : DVARA_NO_MEMORY;
        if (status == DVARA_OK)
            status = trial_judge(evaluator, bundle, &test, &given, &trial);
        if (status != DVARA_OK)
            break;
        trial_print(bundle, &trial, out);
        ret_result->passed += trial.n_failed == 0;
        ret_result->failed += trial.n_failed > 0;
    }
    evaluator_free(evaluator);
    arena_clear(&arena);
    return status == DVARA_NOT_FOUND ? DVARA_OK : status;
}

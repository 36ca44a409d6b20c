/* SPDX-License-Identifier: Apache-2.0 */
/* Why a span was claimed: read again at leisure, so that finding keeps no books. */
#include "dvara/pii.h"

#include "pii/run.h"
#include "pii/scanner.h"

static enum dvara_validation validation_of(enum verdict verdict)
{
    static const enum dvara_validation validations[] = {
        [VERDICT_INVALID] = DVARA_VALIDATION_UNKNOWN, /* not of a span that was found */
        [VERDICT_RETIRED] = DVARA_VALIDATION_RETIRED,
        [VERDICT_UNKNOWN] = DVARA_VALIDATION_UNKNOWN,
        [VERDICT_WEAK] = DVARA_VALIDATION_WEAK,
        [VERDICT_VALID] = DVARA_VALIDATION_VALID};
    return validations[verdict];
}

static enum verdict judge_value(const struct detector *detector, struct dvara_str text,
                                const struct dvara_span *span)
{
    struct dvara_str value = dvara_str_slice(text, span->start, span->end);
    char room[RUN_MAX];
    struct run run;
    if (detector->run)
        return run_of(value, room, &run) ? detector->run(&run) : VERDICT_UNKNOWN;
    if (detector->check)
        return detector->check(value);
    struct reading reading = {.text = text};
    return detector->locator->read(&reading, span->start);
}

static enum verdict judge_again(const struct detector *detector, struct dvara_str text,
                                const struct dvara_span *span)
{
    enum verdict verdict = judge_value(detector, text, span);
    struct dvara_str value = dvara_str_slice(text, span->start, span->end);
    return verdict == VERDICT_VALID && is_lone(detector, value, verdict) ? VERDICT_WEAK : verdict;
}

struct dvara_explained dvara_scan_explain(struct dvara_scanner *scanner, struct dvara_str text,
                                          struct dvara_str label, const struct dvara_span *span)
{
    const struct detector *detector = &scanner->detectors->v[span->detector];
    struct dvara_explained explained = {.pattern = detector->spec.patterns[span->pattern].source,
                                        .validator = detector->spec.validator};
    if (detector->run || detector->check || detector->locator)
        explained.validation = validation_of(judge_again(detector, text, span));
    explain_words(scanner, text, label, &explained, span);
    return explained;
}

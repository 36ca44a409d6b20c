/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/scanner.h"

#include <stdlib.h>

static bool fill(struct dvara_scanner *scanner)
{
    const struct dvara_detectors *detectors = scanner->detectors;
    size_t uses = detectors->first_use[detectors->n_patterns];
    scanner->open_trigger = calloc(detectors->n_patterns + 1, sizeof *scanner->open_trigger);
    scanner->resume = calloc(uses + 1, sizeof *scanner->resume);
    scanner->resumed = calloc(uses + 1, sizeof *scanner->resumed);
    scanner->keyword_seen = calloc(detectors->n + 1, 1);
    scanner->part_seen = calloc(detectors->n + 1, 1);
    return scanner->open_trigger && scanner->resume && scanner->resumed && scanner->keyword_seen &&
           scanner->part_seen && pattern_scratch_new(detectors->set, &scanner->scratch) == DVARA_OK;
}

enum dvara_status dvara_scanner_new(const struct dvara_detectors *detectors,
                                    struct dvara_scanner **ret_scanner)
{
    struct dvara_scanner *scanner = calloc(1, sizeof *scanner);
    if (!scanner)
        return DVARA_NO_MEMORY;
    scanner->detectors = detectors;
    if (!fill(scanner)) {
        dvara_scanner_free(scanner);
        return DVARA_NO_MEMORY;
    }
    *ret_scanner = scanner;
    return DVARA_OK;
}

void dvara_scanner_free(struct dvara_scanner *scanner)
{
    if (!scanner)
        return;
    pattern_scratch_free(scanner->scratch);
    free(scanner->triggers);
    free(scanner->open_trigger);
    free(scanner->found);
    free(scanner->spans);
    free(scanner->resume);
    free(scanner->resumed);
    free(scanner->keyword_seen);
    free(scanner->part_seen);
    free(scanner->suspects);
    free(scanner->words.v);
    free(scanner->header_words.v);
    free(scanner->label_words.v);
    view_clear(&scanner->cell);
    for (size_t i = 0; i < SEARCH_DEPTH; i++)
        view_clear(&scanner->views[i]);
    free(scanner);
}

struct dvara_spans dvara_scan(struct dvara_scanner *scanner, const uint8_t *wanted,
                              struct dvara_str text, struct dvara_str label,
                              enum dvara_error_kind *ret_error)
{
    struct search search = {.wanted = wanted, .text = text, .label = label};
    if (!find_all(scanner, &search) || (scanner->n_found && !resolve(scanner))) {
        *ret_error = scanner->error;
        return (struct dvara_spans){0};
    }
    *ret_error = DVARA_ERROR_NONE;
    if (scanner->n_found == 0)
        return (struct dvara_spans){.v = scanner->spans};
    return (struct dvara_spans){.v = scanner->spans, .n = scanner->n_spans};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What `replay` says: a line for each decision, and how many went how. */
#ifndef LANG_POLICYC_REPLAY_PRINT_H
#define LANG_POLICYC_REPLAY_PRINT_H

#include "base/buf.h"
#include "lang/replay/replayer.h"

enum { REPLAY_NAMES = 1024 }; /* rules that are counted one by one */

struct replay_name {
    struct dvara_str name;
    uint64_t gained, lost;
};

struct replay_tally {
    uint64_t results[REPLAY_RESULTS];
    uint64_t aspects[ASPECT_COUNT]; /* of changed decisions */
    uint64_t other, bad, torn;      /* records of other types; lines that are no record */
    uint64_t lacking, gave_up;      /* of unknown ones: no inputs; too many branches */
    uint64_t unsure[ASPECT_COUNT];
    struct replay_name names[REPLAY_NAMES];
    size_t n_names;
    uint64_t uncounted; /* times that others came or went */
    uint64_t *atoms;    /* by atom of the bundle: unknown ones that turn on it */
    struct arena *arena;
};

struct replay_print {
    const struct dvara_bundle *bundle;
    bool json;
};

struct dvara_str replay_result_name(enum replay_result result);

void replay_tally_add(struct replay_tally *tally, const struct record *record,
                      const struct replayed *replayed);

/* One line. */
void replay_print_one(const struct replay_print *print, const struct record *record,
                      const struct replayed *replayed, struct buf *out);
void replay_print_summary(const struct replay_print *print, const struct replay_tally *tally,
                          struct buf *out);

#endif

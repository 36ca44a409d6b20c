/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of the verifier, for its .c files alone. */
#ifndef GATEWAY_AUDIT_VERIFY_STATE_H
#define GATEWAY_AUDIT_VERIFY_STATE_H

#include "base/arena.h"
#include "gateway/audit/verify.h"

/* The heads that one checkpoint vouches for; copied out of its line. */
struct heads {
    struct arena arena;
    struct checkpoint_head *v;
    size_t n;
    uint64_t checkpoint_seq; /* 0: no checkpoint */
};

struct verifier {
    const struct verify_options *options;
    struct verify_report *report;
    struct audit_mac *macs[VERIFY_KEYS_MAX];
    char checkpoint_kids[VERIFY_KEYS_MAX][AUDIT_KID_BYTES];
    struct heads first; /* options->first's, when it is given */
    struct heads last;
};

/* Sets report->is_bad and why, once: the first is what counts. Returns false. */
bool verify_fail(struct verifier *verifier, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void verify_note(struct verifier *verifier, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* NULL when the chain is not in it. */
const struct checkpoint_head *heads_find(const struct heads *heads, struct dvara_str chain);

/* checkpoints.jsonl: signatures, order, links; fills first and last. False: bad. */
bool verify_checkpoints(struct verifier *verifier);
/* One chain, all its files. `is_present`: the folder has files of it. */
bool verify_chain(struct verifier *verifier, const char *name_cstr, unsigned first_file,
                  unsigned last_file);

#endif

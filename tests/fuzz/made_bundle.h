/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles for the targets that spoil them: made by the compiler from the oracle's programs, taken
 * apart into sections, and sealed again once their bytes were changed. */
#ifndef TESTS_FUZZ_MADE_BUNDLE_H
#define TESTS_FUZZ_MADE_BUNDLE_H

#include "base/buf.h"
#include "bundle/format.h"

struct dvara_bundle;
struct dvara_run;

/* The text of the oracle's program number `seed`: every operator, effect and declaration it knows.
 */
void made_text(uint64_t seed, struct buf *out);
/* `text` compiled; it has no errors. */
void made_bundle(struct dvara_str text, struct buf *out);

struct made_sections {
    struct section v[SECTION_END];
    uint32_t n;
};
/* The directory of a bundle that made_bundle made. */
void made_sections(const struct buf *bundle, struct made_sections *ret_sections);
/* The digests of the sections and of the whole, as they must be for the bytes that stand there. */
void made_seal(struct buf *bundle, struct made_sections *sections);

/* Random facts, every phase and every fallback, `times` times over; `look` (or NULL) is shown each
 * run at its end. */
void made_run(const struct dvara_bundle *bundle, uint64_t seed, int times,
              void (*look)(const struct dvara_bundle *bundle, const struct dvara_run *run));

#endif

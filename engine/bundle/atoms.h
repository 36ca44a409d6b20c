/* SPDX-License-Identifier: Apache-2.0 */
/* The atoms of a bundle by number, made at load. */
#ifndef BUNDLE_ATOMS_H
#define BUNDLE_ATOMS_H

#include "bundle/loaded.h"

/* Fills bundle->atoms, once blocks are numbered. False: out of memory. */
bool atoms_build(struct dvara_bundle *bundle);

/* atom_mark.c: fills bundle->recorded, once detectors are loaded. False: out of memory. */
bool atoms_mark(const struct bundle_file *file, struct dvara_bundle *bundle);

#endif

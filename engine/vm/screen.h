/* SPDX-License-Identifier: Apache-2.0 */
/* Asking a stratum's atoms which rules could hold (index_atom.h). */
#ifndef VM_SCREEN_H
#define VM_SCREEN_H

#include "vm/index_sink.h"
#include "vm/machine.h"

/* Adds every rule that an atom leads to, or whose atom errs. What is asked together is asked so
 * where it is certain to say what the atoms' code would: of leaves that are there, are no errors
 * and lie within bounds, while nobody traces and no fault is set. Over the parts of a live answer,
 * which add up, all are added. */
void screen_atoms(struct dvara_run *run, const struct index_atoms *atoms, struct index_sink *sink);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What inspect and disasm share: a bundle (or sources, compiled) taken apart, not loaded. */
#ifndef LANG_POLICYC_SHOW_H
#define LANG_POLICYC_SHOW_H

#include "bundle/disasm.h"

/* Reads the command line, takes the bundle apart, prints what `print` appends. An exit code. */
typedef void show_print(const struct bundle_file *file, const struct bundle_program *program,
                        struct buf *out);
int show(int argc, char **argv, show_print *print);
/* The same of a bundle's bytes. */
int show_bytes(struct dvara_str bytes, struct arena *arena, show_print *print);

#endif

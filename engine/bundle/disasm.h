/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle as text: its header and tables (inspect), its code (disasm). One line a row or
 * instruction; made from the same tables as the loader and the verifier. */
#ifndef BUNDLE_DISASM_H
#define BUNDLE_DISASM_H

#include "bundle/read.h"

struct buf;

void disasm_header(const struct bundle_file *file, struct buf *out);
void disasm_tables(const struct bundle_program *program, struct buf *out);
void disasm_code(const struct bundle_program *program, struct buf *out);

#endif

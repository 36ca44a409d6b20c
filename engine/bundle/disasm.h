/* SPDX-License-Identifier: Apache-2.0 */
/* A bundle as text, made from the same tables as the loader and the verifier: its header and tables
 * (inspect), its code (disasm), and how its index reaches its rules (explain). The program has been
 * read, not verified: numbers that code carries are checked before they are followed. */
#ifndef BUNDLE_DISASM_H
#define BUNDLE_DISASM_H

#include "bundle/read.h"

struct buf;

void disasm_header(const struct bundle_file *file, struct buf *out);
void disasm_tables(const struct bundle_program *program, struct buf *out);

/* disasm_code.c: each block with its registers, operands and jump targets, and beside every
 * instruction what it means here. */
void disasm_code(const struct bundle_program *program, struct buf *out);

/* disasm_index.c: by rule, what leads to it; then the rules that nothing leads to. */
void disasm_index(const struct bundle_program *program, struct buf *out);

/* Quoted, with controls and bytes that are not ASCII escaped. */
void disasm_quoted(struct buf *out, struct dvara_str s);
/* "10.0.0.0/8" */
void disasm_net(struct buf *out, const struct bundle_net *net);
/* A number of this type as the language writes it, or nearly: a double by its digits, times and
 * amounts as their unit. */
void disasm_number(struct buf *out, uint32_t type, int64_t bits);

#endif

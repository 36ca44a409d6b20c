/* SPDX-License-Identifier: Apache-2.0 */
/* One diagnostic as the protocol has it. */
#ifndef LANG_LSP_DIAGNOSTIC_H
#define LANG_LSP_DIAGNOSTIC_H

#include "lang/diag.h"

struct buf;
struct lsp;

/* Of the server's analysis. */
void write_diagnostic(struct buf *out, const struct lsp *lsp, const struct diag *diag);

#endif

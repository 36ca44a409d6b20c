/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LANG_LSP_HIGHLIGHT_H
#define LANG_LSP_HIGHLIGHT_H

struct buf;

/* The legend of semantic tokens. */
void write_legend(struct buf *out);

#endif

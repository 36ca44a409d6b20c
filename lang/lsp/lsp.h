/* SPDX-License-Identifier: Apache-2.0 */
/* The server of the Language Server Protocol 3.17 for .dvp files: one client, whole messages in,
 * framed messages out. Single-threaded; a message that is not understood is answered with an error
 * and changes nothing. */
#ifndef LANG_LSP_LSP_H
#define LANG_LSP_LSP_H

#include "dvara/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;
struct lsp;

struct lsp_options {
    const struct dvara_str *libraries; /* as of compile_options; borrowed */
    size_t n_libraries;
    /* Runs the test of that name in the program of `path`; appends what it printed. False: it
     * failed. NULL: this server runs no tests. */
    bool (*run_test)(void *user, struct dvara_str path, struct dvara_str name, struct buf *out);
    void *user;
};

/* NULL: out of memory. */
struct lsp *lsp_new(const struct lsp_options *options);
void lsp_free(struct lsp *lsp);

/* Takes one message (without its header) and appends what there is to answer. */
void lsp_receive(struct lsp *lsp, struct dvara_str message, struct buf *out);
/* Appends the diagnostics of what changed since. Call it when no message is waiting. */
void lsp_publish(struct lsp *lsp, struct buf *out);
bool lsp_has_changes(const struct lsp *lsp);

/* After `exit`: the process ends, with status 0 only if `shutdown` came before. */
bool lsp_is_over(const struct lsp *lsp);
int lsp_status(const struct lsp *lsp);

/* The next whole message in `in`. Its header and body are *ret_used bytes. False: more bytes are
 * needed, or (*ret_used is SIZE_MAX) what stands there is no message and never will be. */
bool lsp_frame(struct dvara_str in, struct dvara_str *ret_message, size_t *ret_used);
enum { LSP_MESSAGE_MAX = 16 << 20 };

#endif

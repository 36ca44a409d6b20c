/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what an editor sends, after it introduced itself and opened a policy. */
#include "base/buf.h"
#include "lang/lsp/lsp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const hello[] = {
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{}}",
    "{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/"
    "didOpen\",\"params\":{\"textDocument\":{\"uri\":"
    "\"file:///nowhere/a.dvp\",\"version\":1,\"text\":\"dvp 1\\nlet a = request.model == "
    "\\\"m\\\"\\n"
    "rule r { on request when a deny }\\ntest \\\"t\\\" { expect allow }\\n\"}}}"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvara_str in = dvara_str_from((const char *)data, size);
    struct dvara_str message;
    struct buf out;
    size_t used;
    const struct lsp_options options = {.n_libraries = 0};
    struct lsp *lsp = lsp_new(&options);
    buf_init(&out, 64 << 20);
    for (size_t i = 0; lsp && i < sizeof hello / sizeof *hello; i++)
        lsp_receive(lsp, dvara_str_from_cstr(hello[i]), &out);
    while (lsp && !lsp_is_over(lsp) && lsp_frame(in, &message, &used)) {
        lsp_receive(lsp, message, &out);
        lsp_publish(lsp, &out);
        buf_reset(&out);
        in = dvara_str_slice(in, used, in.n);
    }
    lsp_free(lsp);
    buf_clear(&out);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* The first two bytes say where to cut: any cuts give the events of the whole, and what is written
 * of them is read back. */
#include "gateway/http/sse.h"

#include <assert.h>

enum { MAX_EVENT = 256 };

/* Feeds in steps of `step` bytes after the first `first`; false when refused. */
static bool decode(struct dvara_str in, size_t first, size_t step, struct buf *out)
{
    struct sse_decoder decoder;
    struct sse_event event;
    enum dvara_status status = DVARA_AGAIN;
    sse_decoder_init(&decoder, MAX_EVENT);
    for (size_t from = 0, to = first; from < in.n && status == DVARA_AGAIN; from = to, to += step) {
        assert(sse_feed(&decoder, dvara_str_slice(in, from, to)) == DVARA_OK);
        while ((status = sse_next(&decoder, &event)) == DVARA_OK)
            sse_write(out, event.type, event.data);
        to = to > in.n ? in.n : to;
    }
    assert(status == DVARA_AGAIN || status == DVARA_TOO_LARGE);
    sse_decoder_clear(&decoder);
    return status == DVARA_AGAIN;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, cut, again;
    if (size < 3)
        return 0;
    struct dvara_str in = dvara_str_from((const char *)data + 2, size - 2);
    buf_init(&whole, 64 << 20);
    buf_init(&cut, 64 << 20);
    buf_init(&again, 64 << 20);
    bool good = decode(in, in.n, 1, &whole);
    bool cut_good = decode(in, data[0], (size_t)data[1] + 1, &cut);
    assert(good == cut_good);
    assert(dvara_str_eq(buf_str(&whole), buf_str(&cut)));
    if (decode(buf_str(&whole), 7, 5, &again))
        assert(dvara_str_eq(buf_str(&whole), buf_str(&again)));
    buf_clear(&whole);
    buf_clear(&cut);
    buf_clear(&again);
    return 0;
}

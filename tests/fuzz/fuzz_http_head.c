/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the start of a connection: the first says request or answer. Whatever is accepted
 * lies inside the head, which http_head_find_end finds at the same place whole and in two parts. */
#include "gateway/http/head.h"

#include <assert.h>

static void assert_inside(struct dvara_str part, struct dvara_str whole)
{
    assert(part.n == 0 || (part.p >= whole.p && part.p + part.n <= whole.p + whole.n));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct dvara_str bytes = {(const char *)data + 2, size - 2};
    size_t scanned = 0;
    size_t end;
    if (http_head_find_end(bytes, HTTP_MAX_HEAD_BYTES, &scanned, &end) || !end)
        return 0;
    size_t part_scanned = 0;
    size_t part_end;
    struct dvara_str part = dvara_str_slice(bytes, 0, data[1]);
    enum http_refusal refusal =
        http_head_find_end(part, HTTP_MAX_HEAD_BYTES, &part_scanned, &part_end);
    if (!refusal && !part_end)
        refusal = http_head_find_end(bytes, HTTP_MAX_HEAD_BYTES, &part_scanned, &part_end);
    assert(!refusal && part_end == end);
    struct dvara_str whole = dvara_str_slice(bytes, 0, end);
    struct http_head head = {0};
    if (data[0] & 1 ? http_head_parse_response(whole, data[0] & 2, &head)
                    : http_head_parse_request(whole, &head))
        return 0;
    assert_inside(head.target, whole);
    assert_inside(head.query, whole);
    assert_inside(head.authority, whole);
    assert(head.field_count <= HTTP_MAX_FIELDS);
    for (size_t i = 0; i < head.field_count; i++) {
        assert_inside(head.fields[i].name, whole);
        assert_inside(head.fields[i].value, whole);
    }
    return 0;
}

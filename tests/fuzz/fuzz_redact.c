/* SPDX-License-Identifier: Apache-2.0 */
/* Any text: replacing what is found by tokens and restoring them gives the text back, unless a
 * token stood where none is restored; and no bytes make the detector table's decoder read astray.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "unit/engine/pii/fixture.h"

#include <assert.h>

static struct fixture fixture;

static void decode(struct dvara_str bytes)
{
    struct arena arena;
    struct detector_spec *specs;
    struct pattern_source *sources;
    size_t n;
    arena_init(&arena, 16 << 20);
    if (detectors_decode(bytes, &arena, &specs, &n) == DVARA_OK)
        assert(detectors_sources(bytes, &arena, &sources, &n) != DVARA_CORRUPT);
    arena_clear(&arena);
}

static void redact(struct dvara_vault *vault, struct dvara_str text, struct buf *out)
{
    uint8_t styles[FIXTURE_COUNT];
    struct arena arena;
    struct dvara_replacement *v;
    enum dvara_error_kind error;
    size_t n = 0;
    size_t at = 0;
    memset(styles, DVARA_STYLE_TOKEN, sizeof styles);
    arena_init(&arena, 1 << 20);
    struct dvara_spans spans =
        dvara_scan(fixture.scanner, NULL, text, (struct dvara_str){0}, &error);
    assert(dvara_redact(fixture.detectors, vault, true, styles, text, spans, &arena, &v, &n) ==
           DVARA_OK);
    for (size_t i = 0; i < n; i++) {
        assert(v[i].start >= at && v[i].end <= text.n);
        buf_append(out, dvara_str_slice(text, at, v[i].start));
        buf_append(out, v[i].text);
        at = v[i].end;
    }
    buf_append(out, dvara_str_slice(text, at, text.n));
    arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[32] = "a key of one tenant, 32 bytes..";
    struct dvara_str text = dvara_str_from((const char *)data, size);
    struct dvara_vault *vault;
    struct buf redacted;
    struct buf restored;
    if (!fixture.scanner)
        fixture = fixture_new();
    decode(text);
    buf_init(&redacted, 1 << 20);
    buf_init(&restored, 1 << 20);
    assert(dvara_vault_new(key, text, &vault) == DVARA_OK);
    redact(vault, text, &redacted);
    (void)dvara_restore(vault, buf_str(&redacted), true, &restored);
    /* A backslash before a value looks like markdown's escape of the token's bracket, and goes. */
    assert(dvara_str_eq(buf_str(&restored), text) || memchr(text.p, '\\', text.n));
    dvara_vault_free(vault);
    buf_clear(&redacted);
    buf_clear(&restored);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/redact.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pattern/text.h"
#include "pii/table.h"
#include "pii/vault.h"

enum { MASK_SHOWN = 4, MASK_SHARE = 4, MASK_MIN = 8, REPLACEMENT_MAX = 1 << 20 };

static void write_label(struct dvara_str label, struct buf *out)
{
    buf_byte(out, '<');
    buf_append(out, label);
    buf_byte(out, '>');
}

/* Stars for all but the last few code points, and never more than a quarter shown. */
static void write_mask(const struct detector *detector, struct dvara_str value, struct buf *out)
{
    size_t n = text_code_points(value);
    size_t shown = n / MASK_SHARE < MASK_SHOWN ? n / MASK_SHARE : MASK_SHOWN;
    if (n < MASK_MIN || detector->spec.mask_none)
        shown = 0;
    for (size_t i = shown; i < n; i++)
        buf_byte(out, '*');
    size_t from = text_back(value, value.n, shown);
    buf_append(out, dvara_str_slice(value, from, value.n));
}

static enum dvara_status write_hash(struct dvara_vault *vault, struct dvara_str label,
                                    struct dvara_str value, struct buf *out)
{
    char hash[VAULT_HASH_CHARACTERS];
    enum dvara_status status = vault_hash(vault, value, hash);
    if (status != DVARA_OK)
        return status;
    buf_byte(out, '<');
    buf_append(out, label);
    buf_byte(out, ':');
    buf_append(out, dvara_str_from(hash, sizeof hash));
    buf_byte(out, '>');
    return DVARA_OK;
}

static enum dvara_status write_token(struct dvara_vault *vault, struct dvara_str label,
                                     struct dvara_str value, struct buf *out)
{
    uint32_t number = 0;
    enum dvara_status status = vault_number(vault, label, value, &number);
    if (status != DVARA_OK)
        return status;
    buf_byte(out, '<');
    buf_append(out, label);
    buf_byte(out, '_');
    buf_int(out, number);
    buf_byte(out, '>');
    return DVARA_OK;
}

enum dvara_status redact_value(const struct dvara_detectors *detectors, struct dvara_vault *vault,
                               bool may_issue, size_t index, enum dvara_style style,
                               struct dvara_str value, struct buf *out)
{
    const struct detector *detector = &detectors->v[index];
    struct dvara_str label = detector->spec.label;
    enum dvara_status status = DVARA_OK;
    if (style == DVARA_STYLE_TOKEN && vault && may_issue)
        status = write_token(vault, label, value, out);
    else if (style == DVARA_STYLE_HASH && vault)
        status = write_hash(vault, label, value, out);
    else if (style == DVARA_STYLE_MASK)
        write_mask(detector, value, out);
    else if (style != DVARA_STYLE_REMOVE)
        write_label(label, out);
    if (status == DVARA_OK && buf_failed(out))
        status = DVARA_NO_MEMORY;
    return status;
}

enum dvara_status dvara_redact(const struct dvara_detectors *detectors, struct dvara_vault *vault,
                               bool may_issue, const uint8_t *styles, struct dvara_str text,
                               struct dvara_spans spans, struct arena *arena,
                               struct dvara_replacement **ret_v, size_t *ret_n)
{
    struct dvara_replacement *v = ARENA_ARRAY(arena, spans.n, struct dvara_replacement);
    struct buf out;
    size_t n = 0;
    enum dvara_status status = v ? DVARA_OK : DVARA_NO_MEMORY;
    buf_init(&out, REPLACEMENT_MAX);
    for (size_t i = 0; i < spans.n && status == DVARA_OK; i++) {
        const struct dvara_span *span = &spans.v[i];
        enum dvara_style style = styles[span->detector];
        if (style == DVARA_STYLE_NONE)
            continue;
        buf_reset(&out);
        status = redact_value(detectors, vault, may_issue, span->detector, style,
                              dvara_str_slice(text, span->start, span->end), &out);
        if (status != DVARA_OK)
            break;
        v[n] = (struct dvara_replacement){
            .start = span->start, .end = span->end, .text = arena_copy(arena, buf_str(&out))};
        if (dvara_str_is_absent(v[n++].text))
            status = DVARA_NO_MEMORY;
    }
    buf_clear(&out);
    if (status == DVARA_OK) {
        *ret_v = v;
        *ret_n = n;
    }
    return status;
}

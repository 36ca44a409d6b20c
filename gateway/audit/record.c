/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/record.h"

#include "base/bytes.h"
#include "base/json_text.h"
#include "base/time.h"

static const struct dvara_str type_names[AUDIT_TYPE_COUNT] = {
#define AUDIT_TYPE(id, name, what) [AUDIT_##id] = DVARA_STR_INIT(name),
#include "gateway/audit/types.def"
};

struct dvara_str audit_type_name(enum audit_type type)
{
    return type_names[type];
}

enum audit_type audit_type_find(struct dvara_str name)
{
    int type = 0;
    while (type < AUDIT_TYPE_COUNT && !dvara_str_eq(type_names[type], name))
        type++;
    return (enum audit_type)type;
}

void audit_append_part(struct buf *out, struct dvara_str part)
{
    uint32_t n = dvara_str_is_absent(part) ? UINT32_MAX : (uint32_t)part.n;
    size_t size = dvara_str_is_absent(part) ? 0 : part.n;
    char *p = buf_room(out, size + 4);
    if (!p)
        return;
    p[0] = (char)(n >> 24);
    p[1] = (char)(n >> 16 & 0xff);
    p[2] = (char)(n >> 8 & 0xff);
    p[3] = (char)(n & 0xff);
    bytes_copy(p + 4, dvara_str_from(part.p, size));
    out->n += size + 4;
}

void audit_append_number(struct buf *out, uint64_t number)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number != 0);
    audit_append_part(out, dvara_str_from(digits + at, sizeof digits - at));
}

void audit_append_hex(struct buf *out, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    char text[2 * AUDIT_MAC_BYTES];
    for (size_t i = 0; i < n && i < AUDIT_MAC_BYTES; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    audit_append_part(out, dvara_str_from(text, 2 * n));
}

void audit_append_time(struct buf *out, int64_t time_ns)
{
    char text[TIME_RFC3339_SIZE];
    audit_append_part(out, dvara_str_from(text, time_format(time_ns, 9, text)));
}

enum { HEX_BYTES = 2 * AUDIT_MAC_BYTES };

static struct dvara_str time_of(const struct audit_record *record, char text[TIME_RFC3339_SIZE])
{
    if (!dvara_str_is_absent(record->time_text))
        return record->time_text;
    return dvara_str_from(text, time_format(record->time_ns, 9, text));
}

static struct dvara_str hex_of(struct dvara_str known, const unsigned char mac[AUDIT_MAC_BYTES],
                               char text[HEX_BYTES])
{
    if (!dvara_str_is_absent(known))
        return known;
    bytes_hex_text(dvara_str_from((const char *)mac, AUDIT_MAC_BYTES), text);
    return dvara_str_from(text, HEX_BYTES);
}

void audit_record_canonical(const struct audit_record *record, struct buf *out)
{
    char time[TIME_RFC3339_SIZE], prev[HEX_BYTES];
    audit_append_part(out, DVARA_STR("dvara-audit-v1"));
    audit_append_part(out, record->chain);
    audit_append_number(out, record->seq);
    audit_append_part(out, record->id);
    audit_append_part(out, time_of(record, time));
    audit_append_part(out, record->tenant);
    audit_append_part(out, record->key);
    audit_append_part(out, record->session);
    audit_append_part(out, record->trace_id);
    audit_append_part(out, record->type);
    audit_append_part(out, record->payload);
    audit_append_part(out, hex_of(record->prev_text, record->prev, prev));
    audit_append_part(out, record->kid);
}

void audit_record_line(const struct audit_record *record, struct buf *out)
{
    char time[TIME_RFC3339_SIZE], prev[HEX_BYTES], mac[HEX_BYTES];
    BUF_LIT(out, "{\"chain\":");
    json_write_or_null(out, record->chain);
    BUF_LIT(out, ",\"seq\":");
    buf_int(out, (int64_t)record->seq);
    BUF_LIT(out, ",\"id\":");
    json_write_or_null(out, record->id);
    BUF_LIT(out, ",\"time\":\"");
    buf_append(out, time_of(record, time));
    BUF_LIT(out, "\",\"tenant\":");
    json_write_or_null(out, record->tenant);
    BUF_LIT(out, ",\"key\":");
    json_write_or_null(out, record->key);
    BUF_LIT(out, ",\"session\":");
    json_write_or_null(out, record->session);
    BUF_LIT(out, ",\"trace_id\":");
    json_write_or_null(out, record->trace_id);
    BUF_LIT(out, ",\"type\":");
    json_write_or_null(out, record->type);
    BUF_LIT(out, ",\"payload\":");
    buf_append(out, record->payload);
    BUF_LIT(out, ",\"prev\":\"");
    buf_append(out, hex_of(record->prev_text, record->prev, prev));
    BUF_LIT(out, "\",\"mac\":\"");
    buf_append(out, hex_of(record->mac_text, record->mac, mac));
    BUF_LIT(out, "\",\"kid\":");
    json_write_or_null(out, record->kid);
    BUF_LIT(out, "}\n");
}

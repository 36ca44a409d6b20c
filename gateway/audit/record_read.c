/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/time.h"
#include "gateway/audit/record.h"

enum { RECORD_FIELDS = 13, RECORD_NODES = 1 << 18 };

/* The value of a field: a string, or null where it may be absent. */
static bool read_text(const struct json_doc *doc, struct dvara_str name, bool may_be_null,
                      struct arena *arena, struct dvara_str *ret_text)
{
    uint32_t node = json_find(doc, 0, name);
    if (node == JSON_NONE)
        return false;
    if (json_kind(doc, node) == JSON_NULL && may_be_null) {
        *ret_text = (struct dvara_str){NULL, 0};
        return true;
    }
    if (json_kind(doc, node) != JSON_STRING)
        return false;
    *ret_text = json_string(doc, node, arena);
    if (ret_text->p == NULL)
        *ret_text = DVARA_STR("");
    return true;
}

static bool read_mac(const struct json_doc *doc, struct dvara_str name, struct arena *arena,
                     unsigned char ret_mac[AUDIT_MAC_BYTES])
{
    struct dvara_str text;
    return read_text(doc, name, false, arena, &text) &&
           bytes_from_hex(text, ret_mac, AUDIT_MAC_BYTES) == DVARA_OK;
}

static bool read_seq(const struct json_doc *doc, uint64_t *ret_seq)
{
    int64_t seq;
    uint32_t node = json_find(doc, 0, DVARA_STR("seq"));
    if (node == JSON_NONE || json_kind(doc, node) != JSON_NUMBER ||
        json_int(doc, node, &seq) != DVARA_OK || seq < 1)
        return false;
    *ret_seq = (uint64_t)seq;
    return true;
}

static bool read_payload(const struct json_doc *doc, struct dvara_str *ret_payload)
{
    uint32_t node = json_find(doc, 0, DVARA_STR("payload"));
    if (node == JSON_NONE || json_kind(doc, node) != JSON_OBJECT)
        return false;
    *ret_payload = json_raw(doc, node);
    return true;
}

enum dvara_status audit_record_read(struct dvara_str line, struct arena *arena,
                                    struct audit_record *ret_record)
{
    struct json_doc doc;
    struct audit_record record = {.seq = 0};
    struct dvara_str time;
    enum dvara_status status = json_parse(line, RECORD_NODES, arena, &doc, NULL);
    if (status != DVARA_OK)
        return status == DVARA_NO_MEMORY ? status : DVARA_INVALID;
    bool ok = json_kind(&doc, 0) == JSON_OBJECT && json_count(&doc, 0) == RECORD_FIELDS &&
              read_text(&doc, DVARA_STR("chain"), false, arena, &record.chain) &&
              read_seq(&doc, &record.seq) &&
              read_text(&doc, DVARA_STR("id"), true, arena, &record.id) &&
              read_text(&doc, DVARA_STR("time"), false, arena, &time) &&
              read_text(&doc, DVARA_STR("tenant"), true, arena, &record.tenant) &&
              read_text(&doc, DVARA_STR("key"), true, arena, &record.key) &&
              read_text(&doc, DVARA_STR("session"), true, arena, &record.session) &&
              read_text(&doc, DVARA_STR("trace_id"), true, arena, &record.trace_id) &&
              read_text(&doc, DVARA_STR("type"), false, arena, &record.type) &&
              read_payload(&doc, &record.payload) &&
              read_mac(&doc, DVARA_STR("prev"), arena, record.prev) &&
              read_mac(&doc, DVARA_STR("mac"), arena, record.mac) &&
              read_text(&doc, DVARA_STR("kid"), false, arena, &record.kid) &&
              time_parse(time, &record.time_ns) == DVARA_OK &&
              audit_type_find(record.type) != AUDIT_TYPE_COUNT;
    if (arena_is_exhausted(arena))
        return DVARA_NO_MEMORY;
    if (!ok)
        return DVARA_INVALID;
    *ret_record = record;
    return DVARA_OK;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* One audit record: its fields, the bytes its MAC is over, and its line of JSON. The format is
 * docs/operate/audit.md. */
#ifndef GATEWAY_AUDIT_RECORD_H
#define GATEWAY_AUDIT_RECORD_H

#include "base/buf.h"
#include "dvara/status.h"
#include "dvara/str.h"

#include <stdint.h>

enum audit_type {
#define AUDIT_TYPE(id, name, what) AUDIT_##id,
#include "gateway/audit/types.def"
    AUDIT_TYPE_COUNT
};
struct dvara_str audit_type_name(enum audit_type type);
/* AUDIT_TYPE_COUNT when there is none of that name. */
enum audit_type audit_type_find(struct dvara_str name);

enum {
    AUDIT_MAC_BYTES = 32,
    AUDIT_KEY_BYTES = 32,
    AUDIT_MAX_LINE = 1024 * 1024, /* a record is facts, not content: a few KiB */
};

struct audit_record {
    struct dvara_str chain; /* names the file: "w0" */
    uint64_t seq;           /* from 1, without gaps */
    struct dvara_str id;    /* of the request; absent = null, as the next four */
    struct dvara_str tenant, key, session, trace_id;
    int64_t time_ns; /* since the epoch */
    struct dvara_str type;
    struct dvara_str payload; /* a JSON object, one line, exactly as it stands in the file */
    unsigned char prev[AUDIT_MAC_BYTES]; /* mac of the record before; zeros for the first */
    unsigned char mac[AUDIT_MAC_BYTES];
    struct dvara_str kid; /* which audit key: the first 16 hex digits of SHA-256 of it */

    /* Time, prev and mac as they stand in the line, for a writer that has them: both forms below
     * take them from here. Absent: they are made. */
    struct dvara_str time_text, prev_text, mac_text;
};

/* Appends what the MAC is over: every field but mac, each with its length before it. */
void audit_record_canonical(const struct audit_record *record, struct buf *out);
/* Appends the record's line of JSON, its end included. */
void audit_record_line(const struct audit_record *record, struct buf *out);

struct arena;
/* Reads a line (without its end) back; slices are of the line or the arena. INVALID: it is no
 * record: not I-JSON, a field missing, unknown or of the wrong kind. */
enum dvara_status audit_record_read(struct dvara_str line, struct arena *arena,
                                    struct audit_record *ret_record) DVARA_MUST_CHECK;

/* The parts of canonical forms: four bytes of length, big-endian (all ones for null), and the
 * bytes; numbers in decimal, digests in lower-case hex, times as RFC 3339 with nine decimals. */
void audit_append_part(struct buf *out, struct dvara_str part);
void audit_append_number(struct buf *out, uint64_t number);
void audit_append_hex(struct buf *out, const unsigned char *bytes, size_t n); /* n <= 32 */
void audit_append_time(struct buf *out, int64_t time_ns);

#endif

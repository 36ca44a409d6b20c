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
};

/* Appends what the MAC is over: every field but mac, each with its length before it. */
void audit_record_canonical(const struct audit_record *record, struct buf *out);

#endif

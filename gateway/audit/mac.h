/* SPDX-License-Identifier: Apache-2.0 */
/* HMAC-SHA256 with the audit key: one context, keyed once and reused (fetching and keying it for
 * every record would cost more than the MAC). One a thread. */
#ifndef GATEWAY_AUDIT_MAC_H
#define GATEWAY_AUDIT_MAC_H

#include "dvara/status.h"
#include "gateway/audit/record.h"

struct audit_mac;

enum { AUDIT_KID_BYTES = 16 };

enum dvara_status audit_mac_new(const unsigned char key[AUDIT_KEY_BYTES],
                                struct audit_mac **ret_mac) DVARA_MUST_CHECK;
void audit_mac_free(struct audit_mac *mac);

/* The first 16 hex digits of SHA-256 of the key; lives as long as `mac`. */
struct dvara_str audit_mac_kid(const struct audit_mac *mac);

/* The MAC over the record's canonical form. */
void audit_mac_record(struct audit_mac *mac, const struct audit_record *record,
                      unsigned char ret_mac[AUDIT_MAC_BYTES]);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* Spellings of config values to numbers and addresses. Each returns INVALID for what it cannot
 * read. */
#ifndef GATEWAY_CONFIG_VALUES_H
#define GATEWAY_CONFIG_VALUES_H

#include "gateway/config.h"

/* "250ms", "30s", "1h30m": whole numbers with ms s m h d, in falling order; "0" too. Nanoseconds.
 */
enum dvara_status config_read_duration(struct dvara_str text, uint64_t *ret_ns) DVARA_MUST_CHECK;
/* "64KiB": B KB KiB MB MiB GB GiB TiB. */
enum dvara_status config_read_size(struct dvara_str text, uint64_t *ret_bytes) DVARA_MUST_CHECK;
enum dvara_status config_read_count(struct dvara_str text, uint64_t *ret_count) DVARA_MUST_CHECK;
/* "0.25%": at most 4 decimals; parts per million. */
enum dvara_status config_read_percent(struct dvara_str text, uint32_t *ret_ppm) DVARA_MUST_CHECK;
/* "127.0.0.1:80", "[::1]:80"; the host is copied into the arena. */
enum dvara_status config_read_address(struct dvara_str text, struct arena *arena,
                                      struct config_address *ret_address) DVARA_MUST_CHECK;
/* "10.0.0.0/8", "::1", "fd00::/8". */
enum dvara_status config_read_network(struct dvara_str text,
                                      struct config_network *ret_network) DVARA_MUST_CHECK;
/* "sha256:" and 64 hex digits. */
enum dvara_status config_read_hash(struct dvara_str text,
                                   unsigned char ret_hash[32]) DVARA_MUST_CHECK;

/* An http or https URL without user, query and fragment, in parts; slices of text. `port` is absent
 * when not written; `path` keeps its slashes. */
struct config_url {
    bool is_https;
    struct dvara_str origin; /* scheme, host and port */
    struct dvara_str host;   /* host and port, as in a Host field */
    struct dvara_str path;
};
enum dvara_status config_read_url(struct dvara_str text,
                                  struct config_url *ret_url) DVARA_MUST_CHECK;

#endif

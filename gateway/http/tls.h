/* SPDX-License-Identifier: Apache-2.0 */
/* TLS for listeners: OpenSSL, versions 1.2 and 1.3, ALPN http/1.1. */
#ifndef GATEWAY_HTTP_TLS_H
#define GATEWAY_HTTP_TLS_H

#include "dvara/status.h"

struct tls_server;

/* PEM files. client_ca_file_cstr: NULL, or the CA of required client certificates. INVALID when a
 * file is not what it should be or key and certificate do not fit; *ret_why_cstr then says which
 * (static text). */
enum dvara_status tls_server_new(const char *certificate_file_cstr, const char *key_file_cstr,
                                 const char *client_ca_file_cstr, struct tls_server **ret_tls,
                                 const char **ret_why_cstr) DVARA_MUST_CHECK;
void tls_server_free(struct tls_server *tls);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
/* What tls.h hides, for io.c alone. */
#ifndef GATEWAY_HTTP_TLS_CONTEXT_H
#define GATEWAY_HTTP_TLS_CONTEXT_H

#include "gateway/http/tls.h"

struct ssl_ctx_st;

struct ssl_ctx_st *tls_server_context(const struct tls_server *tls);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/tls.h"

#include "gateway/http/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls_server {
    SSL_CTX *context;
};

struct ssl_ctx_st *tls_server_context(const struct tls_server *tls)
{
    return tls->context;
}

/* HTTP/1.1 or nothing: a client that offers only others is served all the same, as one that offers
 * none is. */
static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_n,
                           const unsigned char *in, unsigned in_n, void *user)
{
    (void)ssl;
    (void)user;
    static const unsigned char ours[] = "\x08http/1.1";
    unsigned char *chosen = NULL;
    if (SSL_select_next_proto(&chosen, out_n, ours, sizeof ours - 1, in, in_n) !=
        OPENSSL_NPN_NEGOTIATED)
        return SSL_TLSEXT_ERR_NOACK;
    *out = chosen;
    return SSL_TLSEXT_ERR_OK;
}

static const char *load(SSL_CTX *context, const char *certificate_file_cstr,
                        const char *key_file_cstr, const char *client_ca_file_cstr)
{
    if (SSL_CTX_use_certificate_chain_file(context, certificate_file_cstr) != 1)
        return "the certificate file cannot be read as PEM";
    if (SSL_CTX_use_PrivateKey_file(context, key_file_cstr, SSL_FILETYPE_PEM) != 1)
        return "the key file cannot be read as PEM, or is not the key of the certificate";
    if (SSL_CTX_check_private_key(context) != 1)
        return "the key is not the key of the certificate";
    if (!client_ca_file_cstr)
        return NULL;
    if (SSL_CTX_load_verify_locations(context, client_ca_file_cstr, NULL) != 1)
        return "the file of client CAs cannot be read as PEM";
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(client_ca_file_cstr));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
    return NULL;
}

static void configure(SSL_CTX *context)
{
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE |
                                     SSL_OP_IGNORE_UNEXPECTED_EOF);
    /* The queue may move between two tries of a write; idle connections keep no buffers. */
    SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                  SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"dvara", 5);
    SSL_CTX_set_alpn_select_cb(context, choose_protocol, NULL);
}

enum dvara_status tls_server_new(const char *certificate_file_cstr, const char *key_file_cstr,
                                 const char *client_ca_file_cstr, struct tls_server **ret_tls,
                                 const char **ret_why_cstr)
{
    *ret_why_cstr = "out of memory";
    struct tls_server *tls = calloc(1, sizeof *tls);
    if (!tls)
        return DVARA_NO_MEMORY;
    tls->context = SSL_CTX_new(TLS_server_method());
    if (!tls->context) {
        free(tls);
        return DVARA_NO_MEMORY;
    }
    configure(tls->context);
    const char *why = load(tls->context, certificate_file_cstr, key_file_cstr, client_ca_file_cstr);
    ERR_clear_error();
    if (why) {
        *ret_why_cstr = why;
        tls_server_free(tls);
        return DVARA_INVALID;
    }
    *ret_why_cstr = "";
    *ret_tls = tls;
    return DVARA_OK;
}

void tls_server_free(struct tls_server *tls)
{
    if (!tls)
        return;
    SSL_CTX_free(tls->context);
    free(tls);
}

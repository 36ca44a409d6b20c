/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/connect.h"

#include "gateway/upstream/egress.h"
#include "gateway/upstream/link.h"
#include "gateway/upstream/multi.h"

#include <assert.h>
#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct connector_share {
    CURLSH *share;
    struct event_base *base;
    struct multi *multi; /* of plain connections, until they are connected */
};

struct connector {
    struct multi *multi;
    CURL *easy;
    connector_end *on_end;
    void *user;
    bool is_private;
    bool is_tls;
    bool egress_denied;
    bool released;
    bool owns_multi;
};

static void on_done(void *user, CURLcode code);

struct connector_share *connector_share_new(struct event_base *base)
{
    struct connector_share *share = calloc(1, sizeof *share);
    if (!share)
        return NULL;
    share->base = base;
    share->share = curl_share_init();
    share->multi = multi_new(base, true, on_done);
    if (!share->share || !share->multi) {
        connector_share_free(share);
        return NULL;
    }
    /* No lock functions: the share is one thread's. */
    curl_share_setopt(share->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_DNS);
    curl_share_setopt(share->share, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    return share;
}

void connector_share_free(struct connector_share *share)
{
    if (!share)
        return;
    multi_free(share->multi);
    if (share->share)
        curl_share_cleanup(share->share);
    free(share);
}

static curl_socket_t open_socket(void *user, curlsocktype purpose, struct curl_sockaddr *address)
{
    (void)purpose;
    struct connector *connector = user;
    if (!egress_is_allowed(&address->addr, connector->is_private)) {
        connector->egress_denied = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static int close_socket(void *user, curl_socket_t fd)
{
    struct connector *connector = user;
    return connector->released ? 0 : close(fd);
}

static enum upstream_failure failure_of(const struct connector *connector, CURLcode code)
{
    if (connector->egress_denied)
        return UPSTREAM_FAILURE_EGRESS;
    switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
        return UPSTREAM_FAILURE_UNRESOLVED;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED:
    case CURLE_SSL_INVALIDCERTSTATUS:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
    case CURLE_SSL_CLIENTCERT:
        return UPSTREAM_FAILURE_TLS;
    case CURLE_OPERATION_TIMEDOUT:
        return UPSTREAM_FAILURE_TIMEOUT_CONNECT;
    case CURLE_OUT_OF_MEMORY:
        return UPSTREAM_FAILURE_NO_MEMORY;
    default:
        return UPSTREAM_FAILURE_REFUSED;
    }
}

/* May free the connector. */
static void on_done(void *user, CURLcode code)
{
    struct connector *connector = user;
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (code == CURLE_OK)
        curl_easy_getinfo(connector->easy, CURLINFO_ACTIVESOCKET, &fd);
    enum upstream_failure failure = failure_of(connector, code);
    connector->on_end(connector->user, fd == CURL_SOCKET_BAD ? -1 : fd, failure);
}

/* Every option of a handle, each with its reason. */
static CURLcode set_options(struct connector *connector, struct connector_share *share,
                            const struct upstream_target *target)
{
    CURL *easy = connector->easy;
    CURLcode failed = CURLE_OK;
    const char *proxy_cstr = target->proxy_cstr ? target->proxy_cstr : "";
#define SET(option, value)                                                                         \
    do {                                                                                           \
        if (!failed)                                                                               \
            failed = curl_easy_setopt(easy, option, value);                                        \
    } while (0)
    SET(CURLOPT_URL, target->origin_cstr);
    SET(CURLOPT_CONNECT_ONLY, 1L);                          /* the HTTP is ours */
    SET(CURLOPT_PROTOCOLS_STR, "http,https");               /* no file, no gopher */
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1); /* ALPN without h2 */
    SET(CURLOPT_NOSIGNAL, 1L);                              /* threads */
    SET(CURLOPT_QUICK_EXIT, 1L);      /* do not wait for a slow name look-up */
    SET(CURLOPT_PROXY, proxy_cstr);   /* "": none, whatever the environment says */
    SET(CURLOPT_NOPROXY, "");         /* nor its exceptions */
    SET(CURLOPT_HTTPPROXYTUNNEL, 1L); /* a proxy sees no request */
    SET(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED); /* no credentials from files */
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_TCP_KEEPALIVE, 1L);               /* a silent answer outlives a NAT's patience */
    SET(CURLOPT_FRESH_CONNECT, 1L);               /* the pool is ours */
    SET(CURLOPT_OPENSOCKETFUNCTION, open_socket); /* egress: the resolved address */
    SET(CURLOPT_OPENSOCKETDATA, connector);
    SET(CURLOPT_CLOSESOCKETFUNCTION, close_socket); /* a plain socket is taken over */
    SET(CURLOPT_CLOSESOCKETDATA, connector);
    SET(CURLOPT_SHARE, share->share);
    SET(CURLOPT_PRIVATE, connector);
    if (target->ca_file_cstr)
        SET(CURLOPT_CAINFO, target->ca_file_cstr);
    if (target->ca_file_cstr)
        SET(CURLOPT_CAPATH, NULL); /* that file alone */
    if (target->client_certificate_file_cstr)
        SET(CURLOPT_SSLCERT, target->client_certificate_file_cstr);
    if (target->client_key_file_cstr)
        SET(CURLOPT_SSLKEY, target->client_key_file_cstr);
#undef SET
    return failed;
}

static bool set_up(struct connector *connector, struct connector_share *share,
                   const struct upstream_target *target)
{
    connector->owns_multi = connector->is_tls;
    connector->multi =
        connector->owns_multi ? multi_new(share->base, false, on_done) : share->multi;
    connector->easy = curl_easy_init();
    return connector->multi && connector->easy &&
           set_options(connector, share, target) == CURLE_OK &&
           multi_add(connector->multi, connector->easy);
}

enum dvara_status connector_new(struct connector_share *share, const struct upstream_target *target,
                                connector_end *on_end, void *user, struct connector **ret_connector)
{
    struct connector *connector = calloc(1, sizeof *connector);
    if (!connector)
        return DVARA_NO_MEMORY;
    connector->on_end = on_end;
    connector->user = user;
    connector->is_private = target->is_private;
    connector->is_tls =
        strncmp(target->origin_cstr, "https:", 6) == 0 || target->proxy_cstr != NULL;
    if (!set_up(connector, share, target)) {
        connector_free(connector);
        return DVARA_NO_MEMORY;
    }
    *ret_connector = connector;
    return DVARA_OK;
}

void connector_free(struct connector *connector)
{
    if (!connector)
        return;
    if (connector->easy && connector->multi)
        multi_remove(connector->multi, connector->easy);
    if (connector->owns_multi)
        multi_free(connector->multi);
    if (connector->easy)
        curl_easy_cleanup(connector->easy);
    free(connector);
}

bool connector_is_tls(const struct connector *connector)
{
    return connector->is_tls;
}

void connector_release(struct connector *connector)
{
    assert(!connector->is_tls);
    connector->released = true;
}

ssize_t connector_read(struct connector *connector, char *p, size_t n)
{
    size_t got = 0;
    CURLcode code = curl_easy_recv(connector->easy, p, n, &got);
    if (code == CURLE_OK)
        return (ssize_t)got;
    return code == CURLE_AGAIN ? LINK_AGAIN : LINK_BROKEN;
}

ssize_t connector_write(struct connector *connector, const char *p, size_t n)
{
    size_t put = 0;
    CURLcode code = curl_easy_send(connector->easy, p, n, &put);
    if (code == CURLE_OK && put > 0)
        return (ssize_t)put;
    return code == CURLE_AGAIN || code == CURLE_OK ? LINK_AGAIN : LINK_BROKEN;
}

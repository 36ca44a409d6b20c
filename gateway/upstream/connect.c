/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/connect.h"

#include "gateway/upstream/egress.h"
#include "gateway/upstream/link.h"

#include <assert.h>
#include <curl/curl.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct connector_share {
    CURLSH *share;
};

struct connector {
    struct event_base *base;
    CURLM *multi;
    CURL *easy;
    struct event *timer;
    connector_end *on_end;
    void *user;
    bool is_private;
    bool is_tls;
    bool egress_denied;
    bool released;
    bool ended;
};

struct connector_share *connector_share_new(void)
{
    struct connector_share *share = calloc(1, sizeof *share);
    if (!share)
        return NULL;
    share->share = curl_share_init();
    if (!share->share) {
        free(share);
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

/* Called when libcurl has returned, never from within it. May free the connector. */
static void look_for_end(struct connector *connector)
{
    int left;
    CURLMsg *message = curl_multi_info_read(connector->multi, &left);
    if (!message || message->msg != CURLMSG_DONE || connector->ended)
        return;
    connector->ended = true;
    CURLcode code = message->data.result;
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (code == CURLE_OK)
        curl_easy_getinfo(connector->easy, CURLINFO_ACTIVESOCKET, &fd);
    enum upstream_failure failure = failure_of(connector, code);
    connector->on_end(connector->user, fd == CURL_SOCKET_BAD ? -1 : fd, failure);
}

static void on_socket_event(evutil_socket_t fd, short what, void *user)
{
    struct connector *connector = user;
    int mask = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    int running;
    curl_multi_socket_action(connector->multi, fd, mask, &running);
    look_for_end(connector);
}

static void on_timer(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct connector *connector = user;
    int running;
    curl_multi_socket_action(connector->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    look_for_end(connector);
}

/* libcurl says which of its sockets to watch. */
static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *user, void *socket_user)
{
    (void)easy;
    struct connector *connector = user;
    struct event *event = socket_user;
    if (event)
        event_free(event);
    event = NULL;
    if (what != CURL_POLL_REMOVE) {
        short events = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
                               (what & CURL_POLL_OUT ? EV_WRITE : 0));
        event = event_new(connector->base, fd, events, on_socket_event, connector);
        if (!event || event_add(event, NULL))
            return -1;
    }
    curl_multi_assign(connector->multi, fd, event);
    return 0;
}

static int set_timer(CURLM *multi, long wait_ms, void *user)
{
    (void)multi;
    struct connector *connector = user;
    if (wait_ms < 0) {
        event_del(connector->timer);
        return 0;
    }
    struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = (wait_ms % 1000) * 1000};
    return event_add(connector->timer, &wait);
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
    connector->timer = event_new(connector->base, -1, 0, on_timer, connector);
    connector->multi = curl_multi_init();
    connector->easy = curl_easy_init();
    if (!connector->timer || !connector->multi || !connector->easy ||
        set_options(connector, share, target) != CURLE_OK)
        return false;
    curl_multi_setopt(connector->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(connector->multi, CURLMOPT_SOCKETDATA, connector);
    curl_multi_setopt(connector->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(connector->multi, CURLMOPT_TIMERDATA, connector);
    return curl_multi_add_handle(connector->multi, connector->easy) == CURLM_OK;
}

enum dvara_status connector_new(struct event_base *base, struct connector_share *share,
                                const struct upstream_target *target, connector_end *on_end,
                                void *user, struct connector **ret_connector)
{
    struct connector *connector = calloc(1, sizeof *connector);
    if (!connector)
        return DVARA_NO_MEMORY;
    connector->base = base;
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
    connector->ended = true;
    if (connector->easy && connector->multi)
        curl_multi_remove_handle(connector->multi, connector->easy);
    if (connector->multi)
        curl_multi_cleanup(connector->multi);
    if (connector->easy)
        curl_easy_cleanup(connector->easy);
    if (connector->timer)
        event_free(connector->timer);
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

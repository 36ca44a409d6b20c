/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/server.h"

#include "gateway/http/pool.h"
#include "gateway/limits.h"
#include "gateway/worker.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    BACKLOG = 1024,
    ACCEPT_TURN = 64,     /* accepted before other listeners have a turn */
    ACCEPT_PAUSE_MS = 50, /* when the process is out of descriptors */
    DRAIN_STEP_US = 5000,
    MAX_WORKERS = 256,
};

struct listener {
    struct listener *next;
    struct server *server;
    int fd;
    struct event *event;
    struct tls_server *tls;
    const struct http_handler *handler;
};

struct server {
    struct http_timers timers;
    struct http_load load;
    struct worker **workers;
    unsigned worker_count;
    struct listener *listeners;
    struct event_base *base; /* the acceptor's */
    struct event *stop_event;
    int stop_fd;
    pthread_t acceptor;
    bool is_accepting;
};

static unsigned core_count(void)
{
    long n = sysconf(_SC_NPROCESSORS_ONLN);
    return n < 1 ? 1 : n > MAX_WORKERS ? MAX_WORKERS : (unsigned)n;
}

static enum dvara_status start_workers(struct server *server, unsigned count)
{
    server->workers = calloc(count, sizeof *server->workers);
    if (!server->workers)
        return DVARA_NO_MEMORY;
    for (unsigned i = 0; i < count; i++) {
        enum dvara_status status = worker_new(i, &server->workers[i]);
        if (status)
            return status;
        server->worker_count = i + 1;
    }
    return DVARA_OK;
}

static void on_stop(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct server *server = user;
    event_base_loopbreak(server->base);
}

static enum dvara_status set_up(struct server *server, unsigned workers)
{
    server->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    server->base = event_base_new();
    if (server->stop_fd < 0 || !server->base)
        return DVARA_NO_MEMORY;
    server->stop_event =
        event_new(server->base, server->stop_fd, EV_READ | EV_PERSIST, on_stop, server);
    if (!server->stop_event || event_add(server->stop_event, NULL))
        return DVARA_NO_MEMORY;
    return start_workers(server, workers ? workers : core_count());
}

enum dvara_status server_new(const struct server_config *config, struct server **ret_server)
{
    struct server *server = calloc(1, sizeof *server);
    if (!server)
        return DVARA_NO_MEMORY;
    signal(SIGPIPE, SIG_IGN); /* TLS writes with write(2) */
    server->stop_fd = -1;
    server->timers = config->timers;
    http_load_init(&server->load);
    if (config->max_connections)
        server->load.max_connections = config->max_connections;
    if (config->max_body_bytes)
        server->load.max_body_bytes = config->max_body_bytes;
    enum dvara_status status = set_up(server, config->workers);
    if (status) {
        server_free(server);
        return status;
    }
    *ret_server = server;
    return DVARA_OK;
}

static struct worker *least_loaded(const struct server *server)
{
    struct worker *best = server->workers[0];
    size_t best_load = http_pool_load(worker_http_pool(best));
    for (unsigned i = 1; i < server->worker_count; i++) {
        size_t load = http_pool_load(worker_http_pool(server->workers[i]));
        if (load < best_load) {
            best = server->workers[i];
            best_load = load;
        }
    }
    return best;
}

static void adopt(struct worker *worker, void *arg)
{
    http_pool_adopt(worker_http_pool(worker), arg);
    free(arg);
}

/* Over the ceiling a connection gets its 503; well over it, nothing. */
static void hand_over(struct listener *listener, int fd, const struct sockaddr_storage *peer)
{
    struct http_load *load = &listener->server->load;
    size_t count = atomic_fetch_add(&load->connections, 1);
    bool overloaded = count >= load->max_connections;
    struct http_arrival *arrival = NULL;
    if (count < load->max_connections + load->max_connections / 8 + 8)
        arrival = malloc(sizeof *arrival);
    if (!arrival)
        goto refuse;
    *arrival = (struct http_arrival){.fd = fd,
                                     .overloaded = overloaded,
                                     .peer = *peer,
                                     .tls = listener->tls,
                                     .handler = listener->handler,
                                     .timers = &listener->server->timers,
                                     .load = load};
    struct worker *worker = least_loaded(listener->server);
    http_pool_expect(worker_http_pool(worker));
    if (worker_post(worker, adopt, arrival) == DVARA_OK)
        return;
    http_pool_unexpect(worker_http_pool(worker));
refuse:
    atomic_fetch_sub(&load->connections, 1);
    free(arrival);
    close(fd);
}

static void on_accept(evutil_socket_t listen_fd, short what, void *user)
{
    (void)what;
    struct listener *listener = user;
    for (int i = 0; i < ACCEPT_TURN; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t n = sizeof peer;
        int fd = accept4(listen_fd, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM))
            usleep(ACCEPT_PAUSE_MS * 1000);
        if (fd < 0)
            return;
        hand_over(listener, fd, &peer);
    }
}

static bool read_address(const char *address_cstr, uint16_t port, struct sockaddr_storage *ret,
                         socklen_t *ret_n)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    *ret = (struct sockaddr_storage){0};
    if (inet_pton(AF_INET, address_cstr, &v4.sin_addr) == 1) {
        memcpy(ret, &v4, sizeof v4);
        *ret_n = sizeof v4;
        return true;
    }
    if (inet_pton(AF_INET6, address_cstr, &v6.sin6_addr) == 1) {
        memcpy(ret, &v6, sizeof v6);
        *ret_n = sizeof v6;
        return true;
    }
    return false;
}

static uint16_t bound_port(int fd)
{
    struct sockaddr_storage address = {0};
    socklen_t n = sizeof address;
    if (getsockname(fd, (struct sockaddr *)&address, &n))
        return 0;
    uint16_t port;
    if (address.ss_family == AF_INET6)
        memcpy(&port, (char *)&address + offsetof(struct sockaddr_in6, sin6_port), sizeof port);
    else
        memcpy(&port, (char *)&address + offsetof(struct sockaddr_in, sin_port), sizeof port);
    return ntohs(port);
}

/* An accepted socket inherits what is set on the listener: no calls for each. */
static int open_listener(const struct sockaddr_storage *address, socklen_t n)
{
    int fd = socket(address->ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (address->ss_family == AF_INET6)
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)address, n) || listen(fd, BACKLOG)) {
        close(fd);
        return -1;
    }
    return fd;
}

enum dvara_status server_listen(struct server *server, const char *address_cstr, uint16_t port,
                                struct tls_server *tls, const struct http_handler *handler,
                                uint16_t *ret_port)
{
    assert(!server->is_accepting);
    struct sockaddr_storage address;
    socklen_t n;
    if (!read_address(address_cstr, port, &address, &n))
        return DVARA_INVALID;
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener)
        return DVARA_NO_MEMORY;
    *listener = (struct listener){.server = server, .tls = tls, .handler = handler};
    listener->fd = open_listener(&address, n);
    if (listener->fd < 0) {
        free(listener);
        return DVARA_IO;
    }
    listener->event =
        event_new(server->base, listener->fd, EV_READ | EV_PERSIST, on_accept, listener);
    if (!listener->event) {
        close(listener->fd);
        free(listener);
        return DVARA_NO_MEMORY;
    }
    listener->next = server->listeners;
    server->listeners = listener;
    *ret_port = bound_port(listener->fd);
    return DVARA_OK;
}

static void *accept_loop(void *arg)
{
    struct server *server = arg;
    event_base_loop(server->base, EVLOOP_NO_EXIT_ON_EMPTY);
    return NULL;
}

enum dvara_status server_start(struct server *server)
{
    for (struct listener *listener = server->listeners; listener; listener = listener->next)
        if (event_add(listener->event, NULL))
            return DVARA_NO_MEMORY;
    if (pthread_create(&server->acceptor, NULL, accept_loop, server))
        return DVARA_IO;
    server->is_accepting = true;
    return DVARA_OK;
}

unsigned server_worker_count(const struct server *server)
{
    return server->worker_count;
}

struct worker *server_worker(const struct server *server, unsigned index)
{
    assert(index < server->worker_count);
    return server->workers[index];
}

const struct http_load *server_load(const struct server *server)
{
    return &server->load;
}

static void stop_accepting(struct server *server)
{
    if (server->is_accepting) {
        uint64_t one = 1;
        while (write(server->stop_fd, &one, sizeof one) < 0 && errno == EINTR)
            continue;
        pthread_join(server->acceptor, NULL);
        server->is_accepting = false;
    }
    while (server->listeners) {
        struct listener *listener = server->listeners;
        server->listeners = listener->next;
        event_free(listener->event);
        close(listener->fd);
        free(listener);
    }
}

static void drain(struct worker *worker, void *arg)
{
    (void)arg;
    http_pool_drain(worker_http_pool(worker));
}

static void cut(struct worker *worker, void *arg)
{
    size_t count;
    http_pool_cut(worker_http_pool(worker), &count);
    *(size_t *)arg += count;
}

static void on_every_worker(struct server *server, void (*fn)(struct worker *, void *), void *arg)
{
    for (unsigned i = 0; i < server->worker_count; i++)
        while (worker_call(server->workers[i], fn, arg))
            usleep(1000);
}

bool server_drain(struct server *server, uint64_t deadline_ns)
{
    stop_accepting(server);
    on_every_worker(server, drain, NULL);
    while (atomic_load(&server->load.connections) > 0 && worker_now_ns() < deadline_ns)
        usleep(DRAIN_STEP_US);
    size_t count = 0;
    on_every_worker(server, cut, &count);
    return count == 0;
}

void server_free(struct server *server)
{
    if (!server)
        return;
    if (server->worker_count)
        server_drain(server, 0);
    else
        stop_accepting(server);
    for (unsigned i = 0; i < server->worker_count; i++)
        worker_free(server->workers[i]);
    free(server->workers);
    if (server->stop_event)
        event_free(server->stop_event);
    if (server->base)
        event_base_free(server->base);
    if (server->stop_fd >= 0)
        close(server->stop_fd);
    free(server);
}

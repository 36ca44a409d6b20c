/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/link.h"

#include "gateway/upstream/call_state.h"
#include "gateway/upstream/connect.h"
#include "gateway/upstream/pool.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

enum { JOINED_MAX = 4096 };

static void on_event(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    struct upstream_link *link = user;
    if (what & EV_READ)
        link->readable = true;
    if (what & EV_WRITE)
        link->blocked = false;
    if (what & EV_CLOSED)
        link->peer_closed = link->readable = true;
    if (link->call)
        call_run(link->call);
    else if (what & (EV_READ | EV_CLOSED))
        pool_drop(link);
}

enum dvara_status link_open(struct upstream_link *link, struct event_base *base, int fd)
{
    link->fd = fd;
    event_assign(&link->event, base, fd, EV_READ | EV_WRITE | EV_CLOSED | EV_ET | EV_PERSIST,
                 on_event, link);
    if (event_add(&link->event, NULL))
        return DVARA_NO_MEMORY;
    link->has_event = true;
    return DVARA_OK;
}

void link_close(struct upstream_link *link)
{
    if (link->has_event)
        event_del(&link->event);
    bool owns_fd = link->fd >= 0 && !link->is_tls;
    connector_free(link->connector);
    if (owns_fd)
        close(link->fd);
    free(link);
}

static int socket_error(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? LINK_AGAIN : LINK_BROKEN;
}

static void advance(const struct upstream_request *request, size_t *part, size_t *offset, size_t n)
{
    while (*part < request->part_count && n >= request->parts[*part].n - *offset) {
        n -= request->parts[*part].n - *offset;
        (*part)++;
        *offset = 0;
    }
    *offset += n;
}

/* What is left of the parts, as much as fits, in one run of bytes. */
static size_t join(const struct upstream_request *request, size_t part, size_t offset,
                   char *scratch, size_t scratch_n)
{
    size_t n = 0;
    for (; part < request->part_count && n < scratch_n; part++, offset = 0) {
        struct dvara_str rest =
            dvara_str_slice(request->parts[part], offset, offset + scratch_n - n);
        if (rest.n)
            memcpy(scratch + n, rest.p, rest.n);
        n += rest.n;
    }
    return n;
}

static size_t left(const struct upstream_request *request, size_t part, size_t offset)
{
    size_t n = 0;
    for (; part < request->part_count; part++, offset = 0)
        n += request->parts[part].n - offset;
    return n;
}

/* One record rather than one a part. */
static ssize_t write_tls(struct upstream_link *link, const struct upstream_request *request,
                         size_t part, size_t offset, char *scratch, size_t scratch_n)
{
    struct dvara_str first = request->parts[part];
    if (first.n - offset >= scratch_n || part + 1 == request->part_count)
        return connector_write(link->connector, first.p + offset, first.n - offset);
    return connector_write(link->connector, scratch,
                           join(request, part, offset, scratch, scratch_n));
}

static ssize_t put_parts(const struct upstream_link *link, const struct upstream_request *request,
                         size_t part, size_t offset)
{
    struct iovec vectors[UPSTREAM_MAX_PARTS];
    size_t count = 0;
    for (; part < request->part_count; part++, offset = 0) {
        vectors[count].iov_base = (void *)(uintptr_t)(request->parts[part].p + offset);
        vectors[count++].iov_len = request->parts[part].n - offset;
    }
    struct msghdr message = {.msg_iov = vectors, .msg_iovlen = count};
    return sendmsg(link->fd, &message, MSG_NOSIGNAL);
}

/* A short message is copied together: cheaper than a vector for the kernel to read. */
static ssize_t write_plain(const struct upstream_link *link, const struct upstream_request *request,
                           size_t part, size_t offset, char *scratch, size_t scratch_n)
{
    size_t joined_max = scratch_n < JOINED_MAX ? scratch_n : JOINED_MAX;
    ssize_t put;
    if (left(request, part, offset) <= joined_max)
        put =
            send(link->fd, scratch, join(request, part, offset, scratch, scratch_n), MSG_NOSIGNAL);
    else
        put = put_parts(link, request, part, offset);
    return put >= 0 ? put : socket_error();
}

ssize_t link_write(struct upstream_link *link, const struct upstream_request *request, size_t *part,
                   size_t *offset, char *scratch, size_t scratch_n)
{
    ssize_t put = link->is_tls ? write_tls(link, request, *part, *offset, scratch, scratch_n)
                               : write_plain(link, request, *part, *offset, scratch, scratch_n);
    if (put > 0)
        advance(request, part, offset, (size_t)put);
    return put;
}

ssize_t link_read(struct upstream_link *link, char *p, size_t n)
{
    if (link->is_tls)
        return connector_read(link->connector, p, n);
    ssize_t got = recv(link->fd, p, n, 0);
    return got >= 0 ? got : socket_error();
}

bool link_is_stale(const struct upstream_link *link)
{
    char byte;
    return !(recv(link->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
             (errno == EAGAIN || errno == EWOULDBLOCK));
}

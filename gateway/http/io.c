/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/io.h"

#include "gateway/http/tls_context.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

bool http_io_init(struct http_io *io, int fd, struct tls_server *tls)
{
    *io = (struct http_io){.fd = fd};
    if (!tls)
        return true;
    io->ssl = SSL_new(tls_server_context(tls));
    if (!io->ssl)
        return false;
    if (SSL_set_fd(io->ssl, fd) != 1) {
        SSL_free(io->ssl);
        return false;
    }
    SSL_set_accept_state(io->ssl);
    return true;
}

void http_io_close(struct http_io *io)
{
    if (io->ssl) {
        if (SSL_is_init_finished(io->ssl))
            (void)SSL_shutdown(io->ssl);
        SSL_free(io->ssl);
        ERR_clear_error();
    }
    close(io->fd);
    *io = (struct http_io){.fd = -1};
}

/* What an SSL_ call that returned `result` <= 0 means. */
static int ssl_result(struct http_io *io, int result)
{
    int error = SSL_get_error(io->ssl, result);
    if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)
        return HTTP_IO_AGAIN;
    ERR_clear_error();
    return error == SSL_ERROR_ZERO_RETURN ? 0 : HTTP_IO_BROKEN;
}

int http_io_handshake(struct http_io *io)
{
    if (!io->ssl)
        return 0;
    int result = SSL_accept(io->ssl);
    if (result == 1)
        return 0;
    return ssl_result(io, result) == HTTP_IO_AGAIN ? HTTP_IO_AGAIN : HTTP_IO_BROKEN;
}

static int socket_error(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? HTTP_IO_AGAIN
                                                                     : HTTP_IO_BROKEN;
}

ssize_t http_io_read(struct http_io *io, char *p, size_t n)
{
    if (io->ssl) {
        int got = SSL_read(io->ssl, p, n > INT_MAX ? INT_MAX : (int)n);
        return got > 0 ? got : ssl_result(io, got);
    }
    ssize_t got = recv(io->fd, p, n, 0);
    return got >= 0 ? got : socket_error();
}

ssize_t http_io_write(struct http_io *io, struct dvara_str bytes)
{
    if (io->ssl) {
        int put = SSL_write(io->ssl, bytes.p, bytes.n > INT_MAX ? INT_MAX : (int)bytes.n);
        if (put > 0)
            return put;
        return ssl_result(io, put) == HTTP_IO_AGAIN ? HTTP_IO_AGAIN : HTTP_IO_BROKEN;
    }
    ssize_t put = send(io->fd, bytes.p, bytes.n, MSG_NOSIGNAL);
    return put >= 0 ? put : socket_error();
}

void http_io_end_writing(struct http_io *io)
{
    if (io->ssl && SSL_is_init_finished(io->ssl)) {
        (void)SSL_shutdown(io->ssl);
        ERR_clear_error();
    }
    shutdown(io->fd, SHUT_WR);
}

bool http_io_is_gone(const struct http_io *io)
{
    struct pollfd asked = {.fd = io->fd, .events = POLLRDHUP};
    return poll(&asked, 1, 0) > 0 && (asked.revents & (POLLRDHUP | POLLHUP | POLLERR));
}

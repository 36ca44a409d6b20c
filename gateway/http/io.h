/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing a non-blocking socket, plain or through TLS. */
#ifndef GATEWAY_HTTP_IO_H
#define GATEWAY_HTTP_IO_H

#include "dvara/str.h"
#include "gateway/http/tls.h"

#include <sys/types.h>

struct ssl_st;

struct http_io {
    int fd;
    struct ssl_st *ssl; /* NULL: plain */
};

/* What the functions return when they move no byte. */
enum { HTTP_IO_AGAIN = -1, HTTP_IO_BROKEN = -2 };

/* Takes over fd. tls may be NULL. False when out of memory (fd is then still the caller's). */
bool http_io_init(struct http_io *io, int fd, struct tls_server *tls);
/* Says goodbye (TLS) and closes. */
void http_io_close(struct http_io *io);

/* The TLS handshake: 0 done, AGAIN, BROKEN. Done at once for plain. */
int http_io_handshake(struct http_io *io);
/* Bytes read, 0 at the end of the stream, AGAIN, BROKEN. */
ssize_t http_io_read(struct http_io *io, char *p, size_t n);
/* Bytes written (at least 1), AGAIN, BROKEN. n > 0. */
ssize_t http_io_write(struct http_io *io, struct dvara_str bytes);
/* No more is written; the peer may go on. */
void http_io_end_writing(struct http_io *io);
/* The peer reset or closed (half is enough), whatever bytes still wait to be read. */
bool http_io_is_gone(const struct http_io *io);

#endif

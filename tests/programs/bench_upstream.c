/* SPDX-License-Identifier: Apache-2.0 */
/* bench_upstream PORT [--bytes N] [--chunks N] [--interval-us N]
 * A mock of an OpenAI-compatible upstream on 127.0.0.1:PORT, lean enough not to be what is
 * measured: one thread, plain events, keep-alive. Any request with `"stream":true` in its body is
 * answered with `chunks` events `interval` apart (0: at once); any other with a completion whose
 * text has `bytes` bytes. Prints "ready" once it listens. */
#include <errno.h>
#include <event2/event.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, LISTEN_BACKLOG = 4096 };

struct upstream {
    struct event_base *base;
    char *answer; /* head and body */
    size_t answer_n;
    char *chunk; /* one framed event */
    size_t chunk_n;
    long chunks;
    struct timeval interval;
};

struct connection {
    struct upstream *upstream;
    int fd;
    struct event *readable, *timer;
    size_t head_n;    /* bytes of the head kept in `head` */
    size_t body_left; /* of the request being read */
    bool in_body, wants_stream;
    long chunks_left;
    char head[8192];
};

static const char stream_head[] = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
                                  "transfer-encoding: chunked\r\n\r\n";
static const char stream_end[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

static void close_connection(struct connection *connection)
{
    event_free(connection->readable);
    event_free(connection->timer);
    close(connection->fd);
    free(connection);
}

/* Sockets of a bench take what we write; one that does not is given up. */
static bool send_all(struct connection *connection, const char *bytes, size_t n)
{
    while (n > 0) {
        ssize_t sent = send(connection->fd, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            usleep(50);
            continue;
        }
        if (sent <= 0)
            return false;
        bytes += sent;
        n -= (size_t)sent;
    }
    return true;
}

static bool send_chunks(struct connection *connection)
{
    const struct upstream *upstream = connection->upstream;
    bool paced = upstream->interval.tv_sec > 0 || upstream->interval.tv_usec > 0;
    while (connection->chunks_left > 0) {
        connection->chunks_left--;
        if (!send_all(connection, upstream->chunk, upstream->chunk_n))
            return false;
        if (paced) {
            event_add(connection->timer, &upstream->interval);
            return true;
        }
    }
    return send_all(connection, stream_end, sizeof stream_end - 1);
}

static void on_timer(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct connection *connection = user;
    if (!send_chunks(connection))
        close_connection(connection);
}

static bool answer(struct connection *connection)
{
    const struct upstream *upstream = connection->upstream;
    if (!connection->wants_stream)
        return send_all(connection, upstream->answer, upstream->answer_n);
    connection->chunks_left = upstream->chunks;
    return send_all(connection, stream_head, sizeof stream_head - 1) && send_chunks(connection);
}

static size_t length_of(const char *head)
{
    static const char name[] = "\r\ncontent-length:";
    for (const char *at = strchr(head, '\r'); at; at = strchr(at + 1, '\r'))
        if (strncasecmp(at, name, sizeof name - 1) == 0)
            return (size_t)strtoul(at + sizeof name - 1, NULL, 10);
    return 0;
}

/* Takes bytes of the body; true when the request is complete. */
static bool take_body(struct connection *connection, const char *bytes, size_t n)
{
    if (memmem(bytes, n, "\"stream\":true", 13) || memmem(bytes, n, "\"stream\": true", 14))
        connection->wants_stream = true;
    connection->body_left -= n < connection->body_left ? n : connection->body_left;
    return connection->body_left == 0;
}

/* Takes bytes that were read; false ends the connection. */
static bool take(struct connection *connection, const char *bytes, size_t n)
{
    if (connection->in_body) {
        if (!take_body(connection, bytes, n))
            return true;
    } else {
        if (n > sizeof connection->head - 1 - connection->head_n)
            n = sizeof connection->head - 1 - connection->head_n;
        memcpy(connection->head + connection->head_n, bytes, n);
        connection->head_n += n;
        connection->head[connection->head_n] = '\0';
        const char *end = strstr(connection->head, "\r\n\r\n");
        if (!end)
            return connection->head_n < sizeof connection->head - 1;
        connection->body_left = length_of(connection->head);
        connection->wants_stream = false;
        connection->in_body = true;
        size_t rest = connection->head_n - (size_t)(end + 4 - connection->head);
        if (!take_body(connection, end + 4, rest))
            return true;
    }
    connection->in_body = false;
    connection->head_n = 0;
    return answer(connection);
}

static void on_readable(evutil_socket_t fd, short what, void *user)
{
    (void)what;
    struct connection *connection = user;
    char bytes[READ_BYTES];
    /* A head is taken in pieces that fit its buffer; heads and bodies of a bench are small. */
    size_t most =
        connection->in_body ? sizeof bytes : sizeof connection->head - 1 - connection->head_n;
    ssize_t n = recv(fd, bytes, most, 0);
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0 || !take(connection, bytes, (size_t)n))
        close_connection(connection);
}

static void on_accept(evutil_socket_t listener, short what, void *user)
{
    (void)what;
    struct upstream *upstream = user;
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0)
        return;
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) {
        close(fd);
        return;
    }
    connection->upstream = upstream;
    connection->fd = fd;
    connection->readable =
        event_new(upstream->base, fd, EV_READ | EV_PERSIST, on_readable, connection);
    connection->timer = evtimer_new(upstream->base, on_timer, connection);
    event_add(connection->readable, NULL);
}

static int listen_on(int port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(fd, LISTEN_BACKLOG) < 0) {
        perror("bench_upstream");
        exit(1);
    }
    return fd;
}

static char *prose(size_t n)
{
    static const char words[] = "the quarterly figures were read by the whole team and sent on ";
    char *text = malloc(n + 1);
    for (size_t i = 0; i < n; i++)
        text[i] = words[i % (sizeof words - 1)];
    text[n] = '\0';
    return text;
}

static void make_answers(struct upstream *upstream, size_t bytes)
{
    char *text = prose(bytes), *body = NULL, *answer_text = NULL, *event = NULL, *chunk = NULL;
    int body_n = asprintf(
        &body,
        "{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion\",\"created\":1,\"model\":\"gpt-4o\","
        "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"%s\"},"
        "\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":200,"
        "\"completion_tokens\":50,\"total_tokens\":250}}",
        text);
    int n = asprintf(
        &answer_text,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s", body_n,
        body);
    int event_n = asprintf(
        &event, "data: {\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1,"
                "\"model\":\"gpt-4o\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"word \"},"
                "\"finish_reason\":null}]}\n\n");
    int chunk_n = asprintf(&chunk, "%x\r\n%s\r\n", (unsigned)event_n, event);
    upstream->answer = answer_text;
    upstream->answer_n = (size_t)n;
    upstream->chunk = chunk;
    upstream->chunk_n = (size_t)chunk_n;
    free(event);
    free(body);
    free(text);
}

int main(int argc, char **argv)
{
    struct upstream upstream = {.chunks = 50};
    long bytes = 400, interval_us = 0;
    if (argc < 2) {
        fprintf(stderr, "usage: bench_upstream PORT [--bytes N] [--chunks N] [--interval-us N]\n");
        return 2;
    }
    for (int i = 2; i + 1 < argc; i += 2) {
        long value = strtol(argv[i + 1], NULL, 10);
        if (strcmp(argv[i], "--bytes") == 0)
            bytes = value;
        else if (strcmp(argv[i], "--chunks") == 0)
            upstream.chunks = value;
        else if (strcmp(argv[i], "--interval-us") == 0)
            interval_us = value;
    }
    upstream.interval =
        (struct timeval){.tv_sec = interval_us / 1000000, .tv_usec = interval_us % 1000000};
    signal(SIGPIPE, SIG_IGN);
    make_answers(&upstream, (size_t)bytes);
    upstream.base = event_base_new();
    int listener = listen_on((int)strtol(argv[1], NULL, 10));
    struct event *accepting =
        event_new(upstream.base, listener, EV_READ | EV_PERSIST, on_accept, &upstream);
    event_add(accepting, NULL);
    printf("ready\n");
    fflush(stdout);
    event_base_dispatch(upstream.base);
    return 0;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* bench_load PORT BODY_FILE [--connections N] [--seconds S] [--rate R] [--burst N] [--key K]
 *            [--hold S]
 * Posts a body to 127.0.0.1:PORT/v1/chat/completions over keep-alive connections, one thread.
 *   without --rate   closed loop: each connection posts again as soon as it has its answer
 *   --rate R         open loop: R requests a second are due in bursts of --burst (30), whatever the
 *                    answers do; latency counts from the time a request was due
 *   --hold S         one request a connection (a stream), then stay S seconds: for memory figures
 * Prints one line of JSON: requests, errors, seconds, rps, and latencies in microseconds. */
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
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, HEAD_BYTES = 8192, TAIL_BYTES = 8, MAX_SAMPLES = 4000000 };

struct load {
    struct event_base *base;
    struct sockaddr_in address;
    char *request;
    size_t request_n;
    long connections, rate, burst;
    double seconds, hold;
    uint64_t start_ns, end_ns;

    struct connection *all;
    struct connection **idle;
    size_t idle_n;
    uint64_t *due; /* ring of due times without a connection yet */
    size_t due_head, due_n, due_capacity;
    uint64_t bursts;

    uint32_t *samples; /* microseconds */
    size_t samples_n;
    uint64_t requests, errors;
    bool over;
};

struct connection {
    struct load *load;
    int fd;
    struct event *readable;
    uint64_t due_ns;
    size_t head_n, left;
    bool in_body, is_chunked, is_waiting;
    char tail[TAIL_BYTES]; /* last bytes of a chunked body, to see its end */
    size_t tail_n;
    char head[HEAD_BYTES];
};

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void on_readable(evutil_socket_t fd, short what, void *user);

static void reconnect(struct connection *connection)
{
    struct load *load = connection->load;
    if (connection->readable)
        event_free(connection->readable);
    if (connection->fd >= 0)
        close(connection->fd);
    int on = 1;
    connection->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(connection->fd, (struct sockaddr *)&load->address, sizeof load->address) < 0) {
        perror("bench_load: connect");
        exit(1);
    }
    evutil_make_socket_nonblocking(connection->fd);
    setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->readable =
        event_new(load->base, connection->fd, EV_READ | EV_PERSIST, on_readable, connection);
    event_add(connection->readable, NULL);
}

static void post(struct connection *connection, uint64_t due_ns)
{
    const struct load *load = connection->load;
    connection->due_ns = due_ns;
    connection->head_n = 0;
    connection->in_body = false;
    connection->is_waiting = true;
    const char *bytes = load->request;
    size_t n = load->request_n;
    while (n > 0) {
        ssize_t sent = send(connection->fd, bytes, n, MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            usleep(20);
            continue;
        }
        if (sent <= 0)
            return; /* the read side sees it and counts an error */
        bytes += sent;
        n -= (size_t)sent;
    }
}

static void finish_one(struct connection *connection, bool good)
{
    struct load *load = connection->load;
    uint64_t now = now_ns();
    connection->is_waiting = false;
    load->requests += good;
    load->errors += !good;
    if (good && load->samples_n < MAX_SAMPLES)
        load->samples[load->samples_n++] = (uint32_t)((now - connection->due_ns) / 1000);
    if (load->over || load->hold > 0)
        return;
    if (load->rate == 0) {
        post(connection, now);
    } else if (load->due_n > 0) {
        uint64_t due_ns = load->due[load->due_head];
        load->due_head = (load->due_head + 1) % load->due_capacity;
        load->due_n--;
        post(connection, due_ns);
    } else {
        load->idle[load->idle_n++] = connection;
    }
}

/* True when the body is complete. */
static bool take_body(struct connection *connection, const char *bytes, size_t n)
{
    if (!connection->is_chunked) {
        connection->left -= n < connection->left ? n : connection->left;
        return connection->left == 0;
    }
    for (size_t i = n > 5 ? n - 5 : 0; i < n; i++) {
        if (connection->tail_n == 5) {
            memmove(connection->tail, connection->tail + 1, 4);
            connection->tail_n = 4;
        }
        connection->tail[connection->tail_n++] = bytes[i];
    }
    return connection->tail_n == 5 && memcmp(connection->tail, "0\r\n\r\n", 5) == 0;
}

static const char *field(const char *head, const char *name)
{
    size_t n = strlen(name);
    for (const char *at = strstr(head, "\r\n"); at; at = strstr(at + 2, "\r\n"))
        if (strncasecmp(at + 2, name, n) == 0)
            return at + 2 + n;
    return NULL;
}

/* True when the answer is complete. */
static bool take(struct connection *connection, const char *bytes, size_t n)
{
    if (connection->in_body)
        return take_body(connection, bytes, n);
    memcpy(connection->head + connection->head_n, bytes, n);
    connection->head_n += n;
    connection->head[connection->head_n] = '\0';
    const char *end = strstr(connection->head, "\r\n\r\n");
    if (!end)
        return false;
    const char *length = field(connection->head, "content-length:");
    connection->in_body = true;
    connection->is_chunked = length == NULL;
    connection->left = length ? (size_t)strtoul(length, NULL, 10) : 0;
    connection->tail_n = 0;
    size_t rest = connection->head_n - (size_t)(end + 4 - connection->head);
    return take_body(connection, end + 4, rest);
}

static void on_readable(evutil_socket_t fd, short what, void *user)
{
    (void)what;
    struct connection *connection = user;
    char bytes[READ_BYTES];
    size_t most = connection->in_body ? sizeof bytes : HEAD_BYTES - 1 - connection->head_n;
    ssize_t n = most > 0 ? recv(fd, bytes, most, 0) : 0;
    if (n < 0 && errno == EAGAIN)
        return;
    if (n <= 0) {
        bool waited = connection->is_waiting;
        reconnect(connection);
        if (waited)
            finish_one(connection, false);
        return;
    }
    if (take(connection, bytes, (size_t)n))
        finish_one(connection, strncmp(connection->head, "HTTP/1.1 200", 12) == 0);
}

static void on_tick(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct load *load = user;
    uint64_t now = now_ns();
    if (now >= load->end_ns) {
        load->over = true;
        event_base_loopbreak(load->base);
        return;
    }
    if (load->rate == 0)
        return;
    uint64_t between = 1000000000u / (uint64_t)load->rate * (uint64_t)load->burst;
    while (load->start_ns + load->bursts * between <= now) {
        uint64_t due_ns = load->start_ns + load->bursts++ * between;
        for (long i = 0; i < load->burst; i++) {
            if (load->idle_n > 0)
                post(load->idle[--load->idle_n], due_ns);
            else if (load->due_n < load->due_capacity)
                load->due[(load->due_head + load->due_n++) % load->due_capacity] = due_ns;
            else
                load->errors++;
        }
    }
}

static void read_request(struct load *load, const char *file, const char *key)
{
    FILE *in = fopen(file, "rb");
    static char body[40 * 1024 * 1024];
    size_t n = in ? fread(body, 1, sizeof body, in) : 0;
    if (n == 0) {
        fprintf(stderr, "bench_load: cannot read %s\n", file);
        exit(2);
    }
    fclose(in);
    char head[1024];
    int head_n = snprintf(head, sizeof head,
                          "POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\n"
                          "content-type: application/json\r\nauthorization: Bearer %s\r\n"
                          "content-length: %zu\r\n\r\n",
                          key, n);
    load->request = malloc((size_t)head_n + n);
    memcpy(load->request, head, (size_t)head_n);
    memcpy(load->request + head_n, body, n);
    load->request_n = (size_t)head_n + n;
}

static void open_connections(struct load *load)
{
    size_t n = (size_t)load->connections;
    load->all = calloc(n, sizeof *load->all);
    load->idle = calloc(n, sizeof(struct connection *));
    load->due_capacity = 1000000;
    load->due = calloc(load->due_capacity, sizeof *load->due);
    load->samples = malloc(MAX_SAMPLES * sizeof *load->samples);
    for (size_t i = 0; i < n; i++) {
        load->all[i].load = load;
        load->all[i].fd = -1;
        reconnect(&load->all[i]);
        load->idle[load->idle_n++] = &load->all[i];
    }
}

static int by_value(const void *a, const void *b)
{
    const uint32_t *left = a, *right = b;
    return (*left > *right) - (*left < *right);
}

static void report(struct load *load)
{
    double seconds = (double)(now_ns() - load->start_ns) / 1e9;
    size_t n = load->samples_n;
    qsort(load->samples, n, sizeof *load->samples, by_value);
    const double quantiles[] = {0.5, 0.99, 0.999};
    uint32_t at[3] = {0};
    for (size_t i = 0; n > 0 && i < 3; i++)
        at[i] = load->samples[(size_t)((double)(n - 1) * quantiles[i])];
    printf("{\"requests\":%lu,\"errors\":%lu,\"seconds\":%.3f,\"rps\":%.1f,\"p50_us\":%u,"
           "\"p99_us\":%u,\"p999_us\":%u,\"late\":%zu}\n",
           load->requests, load->errors, seconds, (double)load->requests / seconds, at[0], at[1],
           at[2], load->due_n);
}

static const char *option(int argc, char **argv, const char *name, const char *otherwise)
{
    for (int i = 3; i + 1 < argc; i += 2)
        if (strcmp(argv[i], name) == 0)
            return argv[i + 1];
    return otherwise;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fprintf(stderr,
                "usage: bench_load PORT BODY_FILE [--connections N] [--seconds S] [--rate R] "
                "[--burst N] [--key K] [--hold S]\n");
        return 2;
    }
    struct event_config *config = event_config_new();
    /* Else ticks are whole milliseconds. */
    event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
    struct load load = {.base = event_base_new_with_config(config)};
    event_config_free(config);
    load.address = (struct sockaddr_in){.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)strtol(argv[1], NULL, 10))};
    load.address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    load.connections = strtol(option(argc, argv, "--connections", "64"), NULL, 10);
    load.seconds = strtod(option(argc, argv, "--seconds", "5"), NULL);
    load.rate = strtol(option(argc, argv, "--rate", "0"), NULL, 10);
    load.burst = strtol(option(argc, argv, "--burst", "30"), NULL, 10);
    load.hold = strtod(option(argc, argv, "--hold", "0"), NULL);
    signal(SIGPIPE, SIG_IGN);
    read_request(&load, argv[2], option(argc, argv, "--key", "none"));
    open_connections(&load);
    load.start_ns = now_ns();
    load.end_ns = load.start_ns + (uint64_t)((load.hold > 0 ? load.hold : load.seconds) * 1e9);
    while (load.rate == 0 && load.idle_n > 0)
        post(load.idle[--load.idle_n], now_ns());
    struct event *tick = event_new(load.base, -1, EV_PERSIST, on_tick, &load);
    event_add(tick, &(struct timeval){.tv_usec = load.rate > 0 ? 100 : 5000});
    event_base_dispatch(load.base);
    report(&load);
    return load.errors > 0;
}

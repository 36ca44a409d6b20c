/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/multi.h"

#include "unit/suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int watched, of_nothing;

/* libevent's calls come here: how many sockets are watched, and what is said of closed ones. */
int epoll_ctl(int epoll, int operation, int fd, struct epoll_event *event)
{
    int status = (int)syscall(SYS_epoll_ctl, epoll, operation, fd, event);
    watched += operation == EPOLL_CTL_ADD;
    of_nothing += status != 0 && errno == EBADF;
    return status;
}

/* A server that accepts nobody, its queue full: who connects to it now waits. */
static int full_server(char *ret_url_cstr, size_t n)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t address_n = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    ck_assert_int_eq(bind(server, (struct sockaddr *)&address, address_n), 0);
    ck_assert_int_eq(listen(server, 0), 0);
    ck_assert_int_eq(getsockname(server, (struct sockaddr *)&address, &address_n), 0);
    for (int i = 0; i < 4; i++) {
        int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(client, (struct sockaddr *)&address, address_n);
    }
    snprintf(ret_url_cstr, n, "http://127.0.0.1:%d/", ntohs(address.sin_port));
    return server;
}

static void never_done(void *user, CURLcode code)
{
    (void)user;
    ck_abort_msg("done: %s", curl_easy_strerror(code));
}

TEST(a_socket_that_libcurl_closed_is_not_spoken_of)
{
    char url_cstr[64];
    int server = full_server(url_cstr, sizeof url_cstr);
    struct event_base *base = event_base_new();
    struct multi *multi = multi_new(base, true, never_done);
    CURL *easy = curl_easy_init();
    curl_easy_setopt(easy, CURLOPT_URL, url_cstr);
    curl_easy_setopt(easy, CURLOPT_CONNECT_ONLY, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    ck_assert(multi_add(multi, easy));
    int before = watched;
    while (watched == before)
        event_base_loop(base, EVLOOP_ONCE);
    multi_remove(multi, easy);
    ck_assert_int_eq(of_nothing, 0);
    ck_assert_int_eq(event_base_get_num_events(base, EVENT_BASE_COUNT_ADDED), 0);
    curl_easy_cleanup(easy);
    multi_free(multi);
    event_base_free(base);
    close(server);
}
END_TEST

SUITE(a_socket_that_libcurl_closed_is_not_spoken_of)

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/upstream/multi.h"

#include <event2/event.h>
#include <event2/event_struct.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

struct multi {
    struct event_base *base;
    CURLM *handle;
    struct event *timer;
    multi_done *on_done;
    bool is_shared;
};

static void report(struct multi *multi)
{
    bool is_shared = multi->is_shared;
    do {
        int left;
        CURLMsg *message = curl_multi_info_read(multi->handle, &left);
        if (!message)
            return;
        if (message->msg != CURLMSG_DONE)
            continue;
        CURLcode code = message->data.result;
        void *user = NULL;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &user);
        multi->on_done(user, code);
    } while (is_shared); /* one that is not may be gone now */
}

/* A socket of libcurl's, watched under a number of our own: libcurl (7.88) closes a socket that is
 * not connected yet before it says so, when the number may be another thread's connection already.
 */
struct watch {
    struct multi *multi;
    curl_socket_t socket; /* libcurl's */
    struct event event;   /* of our number */
};

static void on_socket_event(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    struct watch *watch = user;
    struct multi *multi = watch->multi;
    int mask = (what & EV_READ ? CURL_CSELECT_IN : 0) | (what & EV_WRITE ? CURL_CSELECT_OUT : 0);
    int running;
    curl_multi_socket_action(multi->handle, watch->socket, mask, &running); /* may end the watch */
    report(multi);
}

static void watch_end(struct watch *watch)
{
    if (!watch)
        return;
    event_del(&watch->event);
    close(event_get_fd(&watch->event));
    free(watch);
}

/* NULL when there is no memory or no number left. */
static struct watch *watch_begin(struct multi *multi, curl_socket_t socket, short events)
{
    struct watch *watch = malloc(sizeof *watch);
    int fd = watch ? fcntl(socket, F_DUPFD_CLOEXEC, 0) : -1;
    if (fd < 0) {
        free(watch);
        return NULL;
    }
    watch->multi = multi;
    watch->socket = socket;
    event_assign(&watch->event, multi->base, fd, events, on_socket_event, watch);
    if (event_add(&watch->event, NULL) == 0)
        return watch;
    watch_end(watch);
    return NULL;
}

static void on_timer(evutil_socket_t fd, short what, void *user)
{
    (void)fd;
    (void)what;
    struct multi *multi = user;
    int running;
    curl_multi_socket_action(multi->handle, CURL_SOCKET_TIMEOUT, 0, &running);
    report(multi);
}

/* libcurl says which of its sockets to watch. One that cannot be watched waits for the deadline of
 * its call: to answer -1 would end every handle of the multi. */
static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *user, void *socket_user)
{
    (void)easy;
    struct multi *multi = user;
    watch_end(socket_user);
    if (what == CURL_POLL_REMOVE)
        return 0;
    short events = (short)(EV_PERSIST | (what & CURL_POLL_IN ? EV_READ : 0) |
                           (what & CURL_POLL_OUT ? EV_WRITE : 0));
    curl_multi_assign(multi->handle, socket, watch_begin(multi, socket, events));
    return 0;
}

static int set_timer(CURLM *handle, long wait_ms, void *user)
{
    (void)handle;
    struct multi *multi = user;
    if (wait_ms < 0) {
        event_del(multi->timer);
        return 0;
    }
    struct timeval wait = {.tv_sec = wait_ms / 1000, .tv_usec = (wait_ms % 1000) * 1000};
    return event_add(multi->timer, &wait);
}

struct multi *multi_new(struct event_base *base, bool is_shared, multi_done *on_done)
{
    struct multi *multi = calloc(1, sizeof *multi);
    if (!multi)
        return NULL;
    *multi = (struct multi){.base = base, .is_shared = is_shared, .on_done = on_done};
    multi->timer = event_new(base, -1, 0, on_timer, multi);
    multi->handle = curl_multi_init();
    if (!multi->timer || !multi->handle) {
        multi_free(multi);
        return NULL;
    }
    curl_multi_setopt(multi->handle, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(multi->handle, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->handle, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(multi->handle, CURLMOPT_TIMERDATA, multi);
    return multi;
}

void multi_free(struct multi *multi)
{
    if (!multi)
        return;
    if (multi->handle)
        curl_multi_cleanup(multi->handle);
    if (multi->timer)
        event_free(multi->timer);
    free(multi);
}

bool multi_add(struct multi *multi, CURL *easy)
{
    return curl_multi_add_handle(multi->handle, easy) == CURLM_OK;
}

void multi_remove(struct multi *multi, CURL *easy)
{
    curl_multi_remove_handle(multi->handle, easy);
}

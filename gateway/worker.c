/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/worker.h"

#include "base/time.h"
#include "gateway/http/pool.h"
#include "gateway/upstream/pool.h"

#include <event2/event.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

struct message {
    struct message *next;
    void (*fn)(struct worker *, void *);
    void *arg;
};

struct worker {
    unsigned index;
    pthread_t thread;
    bool has_thread;
    struct event_base *base;
    struct deadline_wheel *wheel;
    struct http_pool *http_pool;
    struct upstream *upstream;
    void *user;
    uint64_t turn_ns;     /* 0: not read in this turn */
    int64_t turn_wall_ns; /* likewise */
    bool is_over;
    int mailbox_fd;
    struct event *mailbox_event;
    struct event *turn_event;
    void (*on_turn_end)(void *user);
    void *turn_user;
    pthread_mutex_t mailbox_lock; /* guards the list only; held over no call */
    struct message *first;
    struct message **last;
    char scratch[WORKER_SCRATCH_BYTES];
};

uint64_t worker_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t worker_turn_ns(struct worker *worker)
{
    return worker->turn_ns ? worker->turn_ns : worker_refresh_ns(worker);
}

uint64_t worker_refresh_ns(struct worker *worker)
{
    worker->turn_ns = worker_now_ns();
    return worker->turn_ns;
}

int64_t worker_turn_wall_ns(struct worker *worker)
{
    if (!worker->turn_wall_ns)
        worker->turn_wall_ns = time_wall_ns();
    return worker->turn_wall_ns;
}

static struct message *take_all(struct worker *worker)
{
    pthread_mutex_lock(&worker->mailbox_lock);
    struct message *list = worker->first;
    worker->first = NULL;
    worker->last = &worker->first;
    pthread_mutex_unlock(&worker->mailbox_lock);
    return list;
}

static void on_mail(evutil_socket_t fd, short what, void *user)
{
    (void)what;
    struct worker *worker = user;
    uint64_t count;
    if (read(fd, &count, sizeof count) < 0)
        return; /* nothing there: a wake-up that another turn has served */
    struct message *message = take_all(worker);
    while (message) {
        struct message *next = message->next;
        message->fn(worker, message->arg);
        free(message);
        message = next;
    }
}

enum dvara_status worker_post(struct worker *worker, void (*fn)(struct worker *, void *), void *arg)
{
    struct message *message = malloc(sizeof *message);
    if (!message)
        return DVARA_NO_MEMORY;
    *message = (struct message){.fn = fn, .arg = arg};
    pthread_mutex_lock(&worker->mailbox_lock);
    bool was_empty = worker->first == NULL;
    *worker->last = message;
    worker->last = &message->next;
    pthread_mutex_unlock(&worker->mailbox_lock);
    uint64_t one = 1;
    if (was_empty && write(worker->mailbox_fd, &one, sizeof one) < 0) {
        /* The counter is at its top: the worker is awake anyway. */
    }
    return DVARA_OK;
}

struct waiting {
    void (*fn)(struct worker *, void *);
    void *arg;
    pthread_mutex_t lock;
    pthread_cond_t cond;
    bool done;
};

static void run_waiting(struct worker *worker, void *arg)
{
    struct waiting *waiting = arg;
    waiting->fn(worker, waiting->arg);
    pthread_mutex_lock(&waiting->lock);
    waiting->done = true;
    pthread_cond_signal(&waiting->cond);
    pthread_mutex_unlock(&waiting->lock);
}

enum dvara_status worker_call(struct worker *worker, void (*fn)(struct worker *, void *), void *arg)
{
    struct waiting waiting = {
        .fn = fn, .arg = arg, .lock = PTHREAD_MUTEX_INITIALIZER, .cond = PTHREAD_COND_INITIALIZER};
    enum dvara_status status = worker_post(worker, run_waiting, &waiting);
    if (status)
        return status;
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.done)
        pthread_cond_wait(&waiting.cond, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    return DVARA_OK;
}

static void *run(void *arg)
{
    struct worker *worker = arg;
    while (!worker->is_over) {
        worker->turn_ns = 0;
        worker->turn_wall_ns = 0;
        if (event_base_loop(worker->base, EVLOOP_ONCE | EVLOOP_NO_EXIT_ON_EMPTY) < 0)
            break;
    }
    return NULL;
}

static struct event_base *new_base(void)
{
    struct event_config *config = event_config_new();
    if (!config)
        return NULL;
    /* Only the worker's own thread touches its base; others write to the eventfd. */
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    event_config_require_features(config, EV_FEATURE_ET | EV_FEATURE_EARLY_CLOSE);
    struct event_base *base = event_base_new_with_config(config);
    event_config_free(config);
    return base;
}

static void run_turn_end(evutil_socket_t fd, short what, void *user)
{
    (void)fd, (void)what;
    struct worker *worker = user;
    if (worker->on_turn_end)
        worker->on_turn_end(worker->turn_user);
}

void worker_set_turn_end(struct worker *worker, void (*fn)(void *user), void *user)
{
    worker->on_turn_end = fn;
    worker->turn_user = user;
}

/* libevent runs what is made active here after the events it is serving. */
void worker_ask_turn_end(struct worker *worker)
{
    event_active(worker->turn_event, EV_TIMEOUT, 1);
}

static void release(struct worker *worker)
{
    for (struct message *message = take_all(worker); message;) {
        struct message *next = message->next;
        free(message);
        message = next;
    }
    upstream_free(worker->upstream);
    http_pool_free(worker->http_pool);
    deadline_wheel_free(worker->wheel);
    if (worker->mailbox_event)
        event_free(worker->mailbox_event);
    if (worker->turn_event)
        event_free(worker->turn_event);
    if (worker->base)
        event_base_free(worker->base);
    if (worker->mailbox_fd >= 0)
        close(worker->mailbox_fd);
    pthread_mutex_destroy(&worker->mailbox_lock);
    free(worker);
}

static enum dvara_status set_up(struct worker *worker)
{
    worker->mailbox_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (worker->mailbox_fd < 0)
        return DVARA_IO;
    worker->base = new_base();
    if (!worker->base)
        return DVARA_NO_MEMORY;
    worker->wheel = deadline_wheel_new(worker->base);
    worker->http_pool = worker->wheel ? http_pool_new(worker) : NULL;
    worker->upstream = worker->http_pool ? upstream_new(worker) : NULL;
    worker->mailbox_event =
        event_new(worker->base, worker->mailbox_fd, EV_READ | EV_PERSIST, on_mail, worker);
    worker->turn_event = event_new(worker->base, -1, 0, run_turn_end, worker);
    if (!worker->upstream || !worker->turn_event || !worker->mailbox_event ||
        event_add(worker->mailbox_event, NULL))
        return DVARA_NO_MEMORY;
    if (pthread_create(&worker->thread, NULL, run, worker))
        return DVARA_IO;
    worker->has_thread = true;
    return DVARA_OK;
}

enum dvara_status worker_new(unsigned index, struct worker **ret_worker)
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return DVARA_NO_MEMORY;
    worker->index = index;
    worker->mailbox_fd = -1;
    worker->last = &worker->first;
    pthread_mutex_init(&worker->mailbox_lock, NULL);
    enum dvara_status status = set_up(worker);
    if (status) {
        release(worker);
        return status;
    }
    *ret_worker = worker;
    return DVARA_OK;
}

static void leave_loop(struct worker *worker, void *arg)
{
    (void)arg;
    worker->is_over = true;
    event_base_loopbreak(worker->base);
}

void worker_free(struct worker *worker)
{
    if (!worker)
        return;
    if (worker->has_thread) {
        while (worker_post(worker, leave_loop, NULL))
            usleep(1000);
        pthread_join(worker->thread, NULL);
    }
    release(worker);
}

void worker_set_user(struct worker *worker, void *user)
{
    worker->user = user;
}
void *worker_user(const struct worker *worker)
{
    return worker->user;
}
unsigned worker_index(const struct worker *worker)
{
    return worker->index;
}
struct event_base *worker_base(const struct worker *worker)
{
    return worker->base;
}
struct deadline_wheel *worker_wheel(const struct worker *worker)
{
    return worker->wheel;
}
struct upstream *worker_upstream(const struct worker *worker)
{
    return worker->upstream;
}
struct http_pool *worker_http_pool(const struct worker *worker)
{
    return worker->http_pool;
}
char *worker_scratch(struct worker *worker)
{
    return worker->scratch;
}

void worker_deadline_set(struct worker *worker, struct deadline *deadline, uint64_t due_ns)
{
    deadline_set(worker->wheel, deadline, due_ns);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/child.h"

#include "base/time.h"
#include "gateway/child_cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READ_BYTES = 64 * 1024, FILE_LIMIT = 0, WALL_FACTOR = 2 };

/* Sanitizers reserve terabytes of addresses, and the leak check needs ptrace. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { CAN_LIMIT_MEMORY = 0 };
static const char *const environment[] = {"ASAN_OPTIONS=detect_leaks=0:disable_coredump=0",
                                          "TSAN_OPTIONS=disable_coredump=0", NULL};
#else
enum { CAN_LIMIT_MEMORY = 1 };
static const char *const environment[] = {NULL};
#endif

/* All that the child needs, made before the fork: after it only system calls are allowed. */
struct child {
    const struct child_job *job;
    struct cage cage;
    int program_fd;
    int in[2], out[2], err[2]; /* pipes: [0] reads */
    const char *arguments_cstr[CHILD_ARGUMENTS_MAX + 2];
    pid_t pid;
    size_t sent;
};

static bool make_pipes(struct child *child)
{
    return pipe2(child->in, O_CLOEXEC) == 0 && pipe2(child->out, O_CLOEXEC) == 0 &&
           pipe2(child->err, O_CLOEXEC) == 0 && fcntl(child->in[1], F_SETFL, O_NONBLOCK) == 0;
}

static void close_pair(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        if (pair[i] >= 0)
            close(pair[i]);
        pair[i] = -1;
    }
}

static void limit(int resource, unsigned long long most)
{
    const struct rlimit rlimit = {most, most};
    if (setrlimit((__rlimit_resource_t)resource, &rlimit) != 0)
        _exit(127);
}

static void set_limits(const struct child_job *job)
{
    limit(RLIMIT_CPU, job->time_ns / (uint64_t)TIME_NS_PER_S + 1);
    if (CAN_LIMIT_MEMORY)
        limit(RLIMIT_AS, job->memory_bytes);
    limit(RLIMIT_FSIZE, FILE_LIMIT);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_NOFILE, CAGE_DESCRIPTORS);
}

/* In the child: never returns. */
static void become(struct child *child)
{
    union {
        const char *const *lent;
        char *const *taken;
    } arguments = {.lent = child->arguments_cstr}, variables = {.lent = environment};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || setsid() < 0 || chdir("/") != 0 ||
        dup2(child->in[0], 0) != 0 || dup2(child->out[1], 1) != 1 || dup2(child->err[1], 2) != 2)
        _exit(127);
    if (dup3(child->cage.ruleset_fd, CAGE_RULESET_FD, O_CLOEXEC) < 0 ||
        dup3(child->program_fd, CAGE_EXEC_FD, O_CLOEXEC) < 0 ||
        syscall(__NR_close_range, 3u, (unsigned)CAGE_EXEC_FD - 1, 0) != 0 ||
        syscall(__NR_close_range, (unsigned)CAGE_RULESET_FD + 1, ~0u, 0) != 0)
        _exit(127);
    child->cage.ruleset_fd = CAGE_RULESET_FD;
    set_limits(child->job);
    if (!cage_enter(&child->cage))
        _exit(126);
    syscall(__NR_execveat, CAGE_EXEC_FD, "", arguments.taken, variables.taken, AT_EMPTY_PATH);
    _exit(127);
}

static void append_cut(struct buf *out, const char *bytes, size_t n)
{
    size_t room = out->limit - out->n;
    buf_append(out, dvara_str_from(bytes, n < room ? n : room));
}

/* Reads what is there. False: the end, or more than may be. */
static bool drain(int fd, struct buf *out, bool may_cut, bool *ret_too_large)
{
    char bytes[READ_BYTES];
    ssize_t n = read(fd, bytes, sizeof bytes);
    if (n < 0 && errno == EINTR)
        return true;
    if (n <= 0)
        return false;
    if (may_cut)
        append_cut(out, bytes, (size_t)n);
    else
        buf_append(out, dvara_str_from(bytes, (size_t)n));
    *ret_too_large = !may_cut && buf_failed(out);
    return !*ret_too_large;
}

/* Sends more of the input; false when all is sent or the child reads no more. */
static bool feed(struct child *child)
{
    struct dvara_str rest = dvara_str_slice(child->job->input, child->sent, child->job->input.n);
    if (rest.n == 0)
        return false;
    ssize_t n = write(child->in[1], rest.p, rest.n);
    if (n > 0)
        child->sent += (size_t)n;
    return n > 0 || errno == EINTR || errno == EAGAIN;
}

/* Moves bytes until the child has closed its ends, within the deadline. */
static enum dvara_status converse(struct child *child, struct buf *output, struct buf *errors)
{
    uint64_t deadline = time_monotonic_ns() + child->job->time_ns * WALL_FACTOR;
    bool too_large = false;
    while (child->out[0] >= 0 || child->err[0] >= 0) {
        uint64_t now = time_monotonic_ns();
        if (now >= deadline)
            return DVARA_TOO_LARGE;
        struct pollfd polls[] = {
            {child->out[0], POLLIN, 0}, {child->err[0], POLLIN, 0}, {child->in[1], POLLOUT, 0}};
        int timeout_ms = (int)((deadline - now) / (uint64_t)TIME_NS_PER_MS) + 1;
        if (poll(polls, 3, timeout_ms) < 0 && errno != EINTR)
            return DVARA_IO;
        if (polls[2].revents != 0 && !feed(child)) {
            close(child->in[1]);
            child->in[1] = -1;
        }
        if (polls[0].revents != 0 && !drain(child->out[0], output, false, &too_large)) {
            close(child->out[0]);
            child->out[0] = -1;
        }
        if (polls[1].revents != 0 && !drain(child->err[0], errors, true, &too_large)) {
            close(child->err[0]);
            child->err[0] = -1;
        }
        if (too_large)
            return DVARA_TOO_LARGE;
    }
    return DVARA_OK;
}

static enum dvara_status reap(struct child *child, enum dvara_status status, int *ret_exit)
{
    int how = 0;
    if (status != DVARA_OK)
        kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &how, 0) < 0)
        if (errno != EINTR)
            return DVARA_IO;
    if (status != DVARA_OK)
        return status;
    if (WIFSIGNALED(how))
        return WTERMSIG(how) == SIGXCPU || WTERMSIG(how) == SIGKILL ? DVARA_TOO_LARGE : DVARA_IO;
    *ret_exit = WEXITSTATUS(how);
    return *ret_exit == 126 ? DVARA_UNSUPPORTED : *ret_exit == 127 ? DVARA_IO : DVARA_OK;
}

static bool move_up(int *fd)
{
    int high = fcntl(*fd, F_DUPFD_CLOEXEC, CAGE_RULESET_FD + 1);
    if (high < 0)
        return false;
    close(*fd);
    *fd = high;
    return true;
}

static enum dvara_status prepare(struct child *child)
{
    child->program_fd = open(child->job->program_cstr, O_PATH | O_CLOEXEC);
    if (child->program_fd < 0)
        return errno == ENOENT ? DVARA_NOT_FOUND : DVARA_IO;
    if (!make_pipes(child))
        return DVARA_IO;
    child->arguments_cstr[0] = child->job->program_cstr;
    for (size_t i = 0; i < CHILD_ARGUMENTS_MAX && child->job->arguments_cstr[i] != NULL; i++)
        child->arguments_cstr[i + 1] = child->job->arguments_cstr[i];
    enum dvara_status status =
        cage_new(child->job->readable_cstr, child->job->program_cstr, &child->cage);
    /* Out of the way of the numbers that they get in the child. */
    if (status == DVARA_OK && !(move_up(&child->program_fd) && move_up(&child->cage.ruleset_fd)))
        status = DVARA_IO;
    return status;
}

enum dvara_status child_run(const struct child_job *job, struct buf *output, struct buf *errors,
                            int *ret_exit)
{
    struct child child = {.job = job,
                          .cage = {.ruleset_fd = -1},
                          .program_fd = -1,
                          .in = {-1, -1},
                          .out = {-1, -1},
                          .err = {-1, -1}};
    enum dvara_status status = prepare(&child);
    if (status == DVARA_OK) {
        child.pid = fork();
        if (child.pid == 0)
            become(&child);
        status = child.pid > 0 ? DVARA_OK : DVARA_IO;
    }
    if (status == DVARA_OK) {
        close(child.in[0]);
        close(child.out[1]);
        close(child.err[1]);
        child.in[0] = child.out[1] = child.err[1] = -1;
        status = reap(&child, converse(&child, output, errors), ret_exit);
    }
    close_pair(child.in);
    close_pair(child.out);
    close_pair(child.err);
    cage_clear(&child.cage);
    if (child.program_fd >= 0)
        close(child.program_fd);
    return status;
}

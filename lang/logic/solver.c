/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/solver.h"

#include "base/buf.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_NO_PROGRAM = 127, CHUNK = 64 << 10 };

/* How each solver is told to read its standard input, by the beginning of its name. */
static const struct {
    struct dvara_str name;
    const char *arguments[4];
} solvers[] = {
    {DVARA_STR_INIT("z3"), {"-in", "-smt2", NULL}},
    {DVARA_STR_INIT("cvc5"), {"--lang=smt2", "--produce-models", "--strings-exp", NULL}},
};

struct child {
    pid_t pid;
    int output;
};

static struct dvara_str base_name(struct dvara_str path)
{
    size_t start = path.n;
    while (start > 0 && path.p[start - 1] != '/')
        start--;
    return dvara_str_slice(path, start, path.n);
}

/* In the child: nothing here may allocate. */
static _Noreturn void become(const char *path_cstr, int input, int output, pid_t parent)
{
    const char *argv[8] = {path_cstr};
    struct dvara_str name = base_name(dvara_str_from_cstr(path_cstr));
    struct rlimit memory = {(rlim_t)SOLVER_MEMORY_MAX << 20, (rlim_t)SOLVER_MEMORY_MAX << 20};
    struct rlimit none = {0, 0};
    for (size_t i = 0; i < sizeof solvers / sizeof *solvers; i++)
        for (size_t k = 0; dvara_str_starts_with(name, solvers[i].name) && solvers[i].arguments[k];
             k++)
            argv[k + 1] = solvers[i].arguments[k];
    int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
    bool ready = nothing >= 0 && dup2(input, 0) == 0 && dup2(output, 1) == 1 &&
                 dup2(nothing, 2) == 2 && setpgid(0, 0) == 0 &&
                 prctl(PR_SET_PDEATHSIG, SIGKILL) == 0 && getppid() == parent &&
                 setrlimit(RLIMIT_AS, &memory) == 0 && setrlimit(RLIMIT_CORE, &none) == 0;
    if (ready)
        (void)execvp(path_cstr, (char *const *)(uintptr_t)argv);
    _exit(EXIT_NO_PROGRAM);
}

/* The script as a file that nobody else sees, so that writing it never waits for the reader. */
static int file_of(struct dvara_str script)
{
    int file = memfd_create("dvara-question", MFD_CLOEXEC);
    while (file >= 0 && script.n) {
        ssize_t n = write(file, script.p, script.n);
        if (n <= 0 && errno != EINTR) {
            (void)close(file);
            return -1;
        }
        script = dvara_str_slice(script, n > 0 ? (size_t)n : 0, script.n);
    }
    if (file >= 0 && lseek(file, 0, SEEK_SET) != 0) {
        (void)close(file);
        return -1;
    }
    return file;
}

static enum dvara_status start(const char *path_cstr, struct dvara_str script,
                               struct child *ret_child)
{
    int ends[2];
    pid_t parent = getpid();
    int input = file_of(script);
    if (input < 0)
        return DVARA_NO_MEMORY;
    if (pipe2(ends, O_CLOEXEC) != 0) {
        (void)close(input);
        return DVARA_IO;
    }
    pid_t pid = fork();
    if (pid == 0)
        become(path_cstr, input, ends[1], parent);
    (void)close(input);
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return DVARA_IO;
    }
    *ret_child = (struct child){pid, ends[0]};
    return DVARA_OK;
}

static int left_ms(uint64_t deadline)
{
    uint64_t now = time_monotonic_ns();
    uint64_t ms = now < deadline ? (deadline - now) / 1000000 + 1 : 0;
    return ms > INT_MAX ? INT_MAX : (int)ms;
}

/* Until its end, or the deadline. */
static enum dvara_status read_all(int output, uint64_t deadline, struct buf *out)
{
    size_t most = out->n + SOLVER_ANSWER_MAX;
    for (;;) {
        struct pollfd wait = {.fd = output, .events = POLLIN};
        int ready = poll(&wait, 1, left_ms(deadline));
        if (ready == 0)
            return DVARA_AGAIN;
        if (ready < 0 && errno != EINTR)
            return DVARA_IO;
        if (ready < 0)
            continue;
        char *room = buf_room(out, CHUNK);
        if (!room)
            return DVARA_NO_MEMORY;
        ssize_t n = read(output, room, CHUNK);
        if (n == 0)
            return DVARA_OK;
        out->n += n > 0 ? (size_t)n : 0;
        if ((n < 0 && errno != EINTR) || out->n > most)
            return DVARA_IO;
    }
}

static int reap(const struct child *child)
{
    int status = 0;
    (void)kill(-child->pid, SIGKILL); /* what it started, too */
    (void)kill(child->pid, SIGKILL);
    while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

enum dvara_status solver_run(const struct solver_options *options, struct dvara_str script,
                             struct buf *out)
{
    struct child child;
    char path_cstr[PATH_MAX] = "z3";
    uint64_t timeout = options->timeout_ns ? options->timeout_ns : SOLVER_TIMEOUT_NS;
    uint64_t deadline = time_monotonic_ns() + timeout;
    size_t before = out->n;
    if (options->path.n >= sizeof path_cstr)
        return DVARA_NOT_FOUND;
    if (options->path.n) {
        memcpy(path_cstr, options->path.p, options->path.n);
        path_cstr[options->path.n] = 0;
    }
    enum dvara_status status = start(path_cstr, script, &child);
    if (status != DVARA_OK)
        return status;
    status = read_all(child.output, deadline, out);
    (void)close(child.output);
    siginfo_t info = {0};
    bool ended = status == DVARA_OK && out->n == before &&
                 waitid(P_PID, (id_t)child.pid, &info, WEXITED | WNOWAIT) == 0;
    bool missing = ended && info.si_code == CLD_EXITED && info.si_status == EXIT_NO_PROGRAM;
    (void)reap(&child);
    if (status == DVARA_OK && out->n == before)
        status = missing ? DVARA_NOT_FOUND : DVARA_IO;
    return status;
}

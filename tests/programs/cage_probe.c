/* SPDX-License-Identifier: Apache-2.0 */
/* Tries, one after another, what a confined compiler must not be able to do, and prints a line for
 * each: "NAME allowed" or "NAME denied". Arguments: a file it may read, one it may not, a folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static void say(const char *what_cstr, int is_allowed)
{
    printf("%s %s\n", what_cstr, is_allowed ? "allowed" : "denied");
}

static void try_open(const char *what_cstr, const char *path_cstr, int flags)
{
    int fd = open(path_cstr, flags, 0600);
    say(what_cstr, fd >= 0);
    if (fd >= 0)
        close(fd);
}

static void try_processes(void)
{
    char *arguments[] = {(char[]){"true"}, NULL};
    say("fork", fork() >= 0);
    say("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
    say("kill parent", kill(getppid(), 0) == 0);
    execve("/usr/bin/true", arguments, environ);
    say("execve", 0);
    syscall(SYS_execveat, open("/usr/bin/true", O_PATH), "", arguments, environ, AT_EMPTY_PATH);
    say("execveat", 0);
}

int main(int argc, char **argv)
{
    char path[4096];
    struct rlimit more = {1024, 1024};
    if (argc != 4)
        return 2;
    if (strcmp(argv[1], "spin") == 0)
        for (;;)
            continue;
    if (strcmp(argv[1], "flood") == 0)
        for (;;)
            puts("0123456789012345678901234567890123456789012345678901234567890123456789");
    if (strcmp(argv[1], "eat") == 0)
        for (size_t n = 1;; n++)
            if (memset(malloc(1 << 20) ? malloc(1 << 20) : (exit(9), (void *)0), 1, 1 << 20) ==
                NULL)
                return 9;
    say("socket", socket(AF_INET, SOCK_STREAM, 0) >= 0);
    say("unix socket", socket(AF_UNIX, SOCK_STREAM, 0) >= 0);
    int pair[2];
    say("socketpair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
    try_open("read input", argv[1], O_RDONLY);
    try_open("write input", argv[1], O_WRONLY);
    try_open("read config", argv[2], O_RDONLY);
    try_open("read /etc/passwd", "/etc/passwd", O_RDONLY);
    try_open("read parent memory", "/proc/1/environ", O_RDONLY);
    snprintf(path, sizeof path, "%s/new", argv[3]);
    try_open("make file", path, O_WRONLY | O_CREAT);
    say("raise limit", setrlimit(RLIMIT_NOFILE, &more) == 0);
    say("descriptors",
        fcntl(3, F_GETFD) >= 0 || fcntl(200, F_GETFD) >= 0 || fcntl(201, F_GETFD) >= 0);
    say("environment", environ[0] != NULL && strncmp(environ[0] + 1, "SAN_OPTIONS", 11) != 0);
    try_processes();
    return 0;
}

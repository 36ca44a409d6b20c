/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/child_cage.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if !defined(__x86_64__)
#error "the filter is written for x86-64: add the architecture's numbers here"
#endif

enum { ALL_RIGHTS_BITS = 13, REFER_BIT = 13, TRUNCATE_BIT = 14 };

static const int allowed[] = {
#define CHILD_SYSCALL(name) __NR_##name,
#include "gateway/child_syscalls.def"
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    __NR_open, __NR_stat, __NR_lstat, __NR_mincore, __NR_personality, /* sanitizers' own */
#endif
};

/* What a dynamically linked program needs to begin, and the time zones that policies may name. */
static const char *const system_paths[] = {
    "/lib",  "/lib64", "/usr/lib", "/usr/lib64", "/etc/ld.so.cache", "/usr/share/zoneinfo",
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    "/proc", /* where sanitizers read their options and the stack's bounds */
#endif
};

static bool allow_path(int ruleset_fd, const char *path_cstr, unsigned long long rights)
{
    struct stat stat_of;
    int fd = open(path_cstr, O_PATH | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT;
    bool ok = fstat(fd, &stat_of) == 0;
    if (ok && !S_ISDIR(stat_of.st_mode))
        rights &= ~(unsigned long long)LANDLOCK_ACCESS_FS_READ_DIR;
    const struct landlock_path_beneath_attr attribute = {.allowed_access = rights, .parent_fd = fd};
    ok = ok && syscall(__NR_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &attribute,
                       0) == 0;
    close(fd);
    return ok;
}

/* Every right that this kernel knows is withheld; those added after these headers are to networks
 * and devices, which the filter refuses. */
static unsigned long long handled_rights(long abi)
{
    unsigned long long rights = (1ull << ALL_RIGHTS_BITS) - 1;
    if (abi >= 2)
        rights |= 1ull << REFER_BIT;
    if (abi >= 3)
        rights |= 1ull << TRUNCATE_BIT;
    return rights;
}

static enum dvara_status make_ruleset(const char *const *readable_cstr, const char *program_cstr,
                                      int *ret_fd)
{
    const unsigned long long read = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
    const unsigned long long execute = read | LANDLOCK_ACCESS_FS_EXECUTE;
    long abi = syscall(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (abi < 1)
        return DVARA_UNSUPPORTED;
    const struct landlock_ruleset_attr attribute = {.handled_access_fs = handled_rights(abi)};
    int fd = (int)syscall(__NR_landlock_create_ruleset, &attribute, sizeof attribute, 0);
    if (fd < 0)
        return DVARA_UNSUPPORTED;
    bool ok = allow_path(fd, program_cstr, execute);
    for (size_t i = 0; ok && i < sizeof system_paths / sizeof *system_paths; i++)
        ok = allow_path(fd, system_paths[i], execute);
    for (size_t i = 0; ok && readable_cstr[i] != NULL; i++)
        ok = allow_path(fd, readable_cstr[i], read);
    if (!ok) {
        close(fd);
        return DVARA_IO;
    }
    *ret_fd = fd;
    return DVARA_OK;
}

static void add(struct cage *cage, struct sock_filter instruction)
{
    if (cage->filter_count < CAGE_FILTER_MAX)
        cage->filter[cage->filter_count++] = instruction;
}

/* Goes on when argument `index` is `value`, else refuses. 6 instructions. */
static void require_argument(struct cage *cage, unsigned index, unsigned value)
{
    const unsigned offset = (unsigned)(offsetof(struct seccomp_data, args) + index * 8);
    const unsigned words[] = {value, 0}; /* low, high: x86-64 is little-endian */
    for (unsigned i = 0; i < 2; i++) {
        add(cage, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset + 4 * i));
        add(cage, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, words[i], 1, 0));
        add(cage, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    }
}

/* The call, if its argument is that; the number must be loaded, and still is where it is another.
 */
static void allow_with(struct cage *cage, int number, unsigned index, unsigned value)
{
    const unsigned rest = 7; /* the instructions below */
    add(cage, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)number, 0, rest));
    require_argument(cage, index, value);
    add(cage, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
}

static void load_number(struct cage *cage)
{
    add(cage,
        (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)));
}

static void make_filter(struct cage *cage)
{
    const unsigned permit = SECCOMP_RET_ALLOW;
    cage->filter_count = 0;
    add(cage, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                           offsetof(struct seccomp_data, arch)));
    add(cage, (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0));
    add(cage, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    load_number(cage);
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed; i++) {
        add(cage,
            (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)allowed[i], 0, 1));
        add(cage, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, permit));
    }
    /* prlimit64 to read the stack's limit, never to set one: its third argument is NULL. */
    allow_with(cage, __NR_prlimit64, 2, 0);
    allow_with(cage, __NR_execveat, 0, CAGE_EXEC_FD);
    add(cage, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
}

enum dvara_status cage_new(const char *const *readable_cstr, const char *program_cstr,
                           struct cage *ret_cage)
{
    enum dvara_status status = make_ruleset(readable_cstr, program_cstr, &ret_cage->ruleset_fd);
    if (status == DVARA_OK)
        make_filter(ret_cage);
    return status;
}

void cage_clear(struct cage *cage)
{
    if (cage->ruleset_fd >= 0)
        close(cage->ruleset_fd);
    cage->ruleset_fd = -1;
}

_Bool cage_enter(const struct cage *cage)
{
    union {
        const struct sock_filter *lent;
        struct sock_filter *taken; /* the kernel's struct is not const; it only reads */
    } filter = {.lent = cage->filter};
    const struct sock_fprog program = {.len = cage->filter_count, .filter = filter.taken};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           syscall(__NR_landlock_restrict_self, cage->ruleset_fd, 0) == 0 &&
           syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) == 0;
}

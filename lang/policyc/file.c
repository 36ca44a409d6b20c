/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 64 << 10 };

static bool complain(struct dvara_str path)
{
    (void)fprintf(stderr, "dvara-policyc: %.*s: %s\n", DVARA_STR_ARG(path), strerror(errno));
    return false;
}

static bool to_cstr(struct dvara_str path, const char *suffix, char out_cstr[PATH_MAX])
{
    int n = snprintf(out_cstr, PATH_MAX, "%.*s%s", DVARA_STR_ARG(path), suffix);
    errno = ENAMETOOLONG;
    return n >= 0 && n < PATH_MAX;
}

bool file_read(struct dvara_str path, struct buf *out)
{
    char name_cstr[PATH_MAX];
    bool input = dvara_str_eq(path, DVARA_STR("-"));
    if (!to_cstr(path, "", name_cstr))
        return complain(path);
    int fd = input ? STDIN_FILENO : open(name_cstr, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : 1;
    while (n > 0) {
        char *room = buf_room(out, CHUNK);
        errno = EFBIG;
        n = room ? read(fd, room, CHUNK) : -1;
        out->n += n > 0 ? (size_t)n : 0;
    }
    int error = errno;
    if (fd >= 0 && !input)
        (void)close(fd);
    errno = error;
    return n == 0 || complain(path);
}

bool file_print(const struct buf *bytes)
{
    if (buf_failed(bytes))
        (void)fputs("dvara-policyc: what is to be printed is too long, or memory is out\n", stderr);
    return !buf_failed(bytes) && fwrite(bytes->p ? bytes->p : "", 1, bytes->n, stdout) == bytes->n;
}

static bool write_all(int fd, struct dvara_str bytes)
{
    while (bytes.n) {
        ssize_t n = write(fd, bytes.p, bytes.n);
        if (n < 0 && errno != EINTR)
            return false;
        bytes = dvara_str_slice(bytes, n > 0 ? (size_t)n : 0, bytes.n);
    }
    return true;
}

/* What stands there is no plain file, such as /dev/null or a pipe: written to, never replaced. */
static bool write_special(const char *name_cstr, struct dvara_str bytes)
{
    int fd = open(name_cstr, O_WRONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    bool good = write_all(fd, bytes);
    return close(fd) == 0 && good;
}

/* The file that a name leads to: a link stays and its target is written, if there is one. */
static bool follow(struct dvara_str path, char out_cstr[PATH_MAX])
{
    char given_cstr[PATH_MAX];
    if (!to_cstr(path, "", given_cstr))
        return false;
    return realpath(given_cstr, out_cstr) || (errno == ENOENT && to_cstr(path, "", out_cstr));
}

bool file_write(struct dvara_str path, struct dvara_str bytes, unsigned mode)
{
    char name_cstr[PATH_MAX], temporary_cstr[PATH_MAX];
    if (dvara_str_eq(path, DVARA_STR("-")))
        return write_all(STDOUT_FILENO, bytes) || complain(path);
    struct stat info;
    if (!follow(path, name_cstr))
        return complain(path);
    if (stat(name_cstr, &info) == 0 && !S_ISREG(info.st_mode))
        return write_special(name_cstr, bytes) || complain(path);
    if (!to_cstr(dvara_str_from_cstr(name_cstr), ".XXXXXX", temporary_cstr))
        return complain(path);
    int fd = mkstemp(temporary_cstr);
    if (fd < 0)
        return complain(path);
    bool good = write_all(fd, bytes) && fchmod(fd, (mode_t)mode) == 0 && fsync(fd) == 0;
    good = close(fd) == 0 && good && rename(temporary_cstr, name_cstr) == 0;
    if (!good) {
        int error = errno;
        (void)unlink(temporary_cstr);
        errno = error;
        return complain(path);
    }
    return true;
}

bool file_replace(struct dvara_str path, struct dvara_str bytes)
{
    char name_cstr[PATH_MAX];
    struct stat info;
    if (!to_cstr(path, "", name_cstr) || stat(name_cstr, &info) != 0)
        return complain(path);
    return file_write(path, bytes, info.st_mode & 07777);
}

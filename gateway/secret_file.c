/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/secret_file.h"

#include "base/bytes.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECRET_BYTES_MAX = 64, READ_BYTES = 64 * 1024 };

static enum dvara_status write_all(int fd, struct dvara_str text)
{
    while (text.n != 0) {
        ssize_t n = write(fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return DVARA_IO;
        text = dvara_str_slice(text, (size_t)n, text.n);
    }
    return DVARA_OK;
}

static enum dvara_status read_all(int fd, struct buf *out)
{
    for (;;) {
        char *room = buf_room(out, READ_BYTES);
        if (room == NULL)
            return DVARA_TOO_LARGE;
        ssize_t n = read(fd, room, READ_BYTES);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n == 0 ? DVARA_OK : DVARA_IO;
        out->n += (size_t)n;
    }
}

enum dvara_status file_read(const char *path_cstr, struct buf *out)
{
    int fd = open(path_cstr, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return errno == ENOENT || errno == ENOTDIR ? DVARA_NOT_FOUND : DVARA_IO;
    struct stat stat;
    enum dvara_status status = DVARA_IO;
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode))
        status = (size_t)stat.st_size > out->limit ? DVARA_TOO_LARGE : read_all(fd, out);
    close(fd);
    return status;
}

const char *file_sentence(enum dvara_status status)
{
    return status == DVARA_NOT_FOUND ? "there is no such file" : dvara_status_sentence(status);
}

/* The folder's own entry must be on the disk too, else a crash loses the new name. */
static enum dvara_status sync_folder_of(const char *path_cstr)
{
    char copy[PATH_MAX];
    if (snprintf(copy, sizeof copy, "%s", path_cstr) >= (int)sizeof copy)
        return DVARA_IO;
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return DVARA_IO;
    int result = fsync(fd);
    close(fd);
    return result == 0 ? DVARA_OK : DVARA_IO;
}

enum dvara_status secret_file_make(const char *path_cstr, struct dvara_str text)
{
    int fd = open(path_cstr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return DVARA_IO;
    enum dvara_status status = write_all(fd, text);
    if (status == DVARA_OK && fsync(fd) != 0)
        status = DVARA_IO;
    if (close(fd) != 0)
        status = DVARA_IO;
    if (status == DVARA_OK)
        status = sync_folder_of(path_cstr);
    if (status != DVARA_OK)
        unlink(path_cstr);
    return status;
}

enum dvara_status file_replace(const char *path_cstr, struct dvara_str text)
{
    char temporary[PATH_MAX];
    if (snprintf(temporary, sizeof temporary, "%s.new", path_cstr) >= (int)sizeof temporary)
        return DVARA_IO;
    unlink(temporary); /* left by a crash */
    enum dvara_status status = secret_file_make(temporary, text);
    if (status != DVARA_OK)
        return status;
    if (rename(temporary, path_cstr) != 0) {
        unlink(temporary);
        return DVARA_IO;
    }
    return sync_folder_of(path_cstr);
}

enum dvara_status secret_file_check(const char *path_cstr)
{
    struct stat stat_of;
    if (stat(path_cstr, &stat_of) != 0)
        return errno == ENOENT ? DVARA_NOT_FOUND : DVARA_IO;
    return (stat_of.st_mode & 077) != 0 ? DVARA_UNTRUSTED : DVARA_OK;
}

enum dvara_status secret_file_read(const char *path_cstr, unsigned char *ret_secret, size_t size)
{
    enum dvara_status status = secret_file_check(path_cstr);
    if (status != DVARA_OK)
        return status;
    struct buf text;
    buf_init(&text, READ_BYTES * 2);
    status = file_read(path_cstr, &text);
    if (status == DVARA_OK) {
        struct dvara_str hex = buf_str(&text);
        while (hex.n != 0 && (hex.p[hex.n - 1] == '\n' || hex.p[hex.n - 1] == '\r'))
            hex.n--;
        status = bytes_from_hex(hex, ret_secret, size);
    }
    if (text.p != NULL)
        explicit_bzero(text.p, text.size);
    buf_clear(&text);
    return status;
}

static enum dvara_status make_random(const char *path_cstr, unsigned char *ret_secret, size_t size)
{
    if (size > SECRET_BYTES_MAX || RAND_bytes(ret_secret, (int)size) != 1)
        return DVARA_IO;
    struct buf text;
    buf_init(&text, SECRET_BYTES_MAX * 2 + 1);
    bytes_hex(&text, dvara_str_from((const char *)ret_secret, size));
    buf_byte(&text, '\n');
    enum dvara_status status =
        buf_failed(&text) ? DVARA_NO_MEMORY : secret_file_make(path_cstr, buf_str(&text));
    if (text.p != NULL)
        explicit_bzero(text.p, text.size);
    buf_clear(&text);
    return status;
}

enum dvara_status secret_file_open(const char *path_cstr, unsigned char *ret_secret, size_t size)
{
    enum dvara_status status = secret_file_read(path_cstr, ret_secret, size);
    return status == DVARA_NOT_FOUND ? make_random(path_cstr, ret_secret, size) : status;
}

enum dvara_status folder_make(const char *path_cstr)
{
    char path[PATH_MAX];
    int length = snprintf(path, sizeof path, "%s", path_cstr);
    if (length <= 0 || length >= (int)sizeof path)
        return DVARA_IO;
    for (char *slash = path + 1; (slash = strchr(slash, '/')) != NULL; slash++) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            return DVARA_IO;
        *slash = '/';
    }
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return DVARA_IO;
    struct stat stat_of;
    return stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode) ? DVARA_OK : DVARA_IO;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/replay_lines.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lang/list.h"

enum { CHUNK = 1 << 20 };

static bool complain(const char *path_cstr, const char *why)
{
    (void)fprintf(stderr, "dvara-policyc replay: %s: %s\n", path_cstr, why);
    return false;
}

static int is_chain(const struct dirent *entry)
{
    struct dvara_str name = dvara_str_from_cstr(entry->d_name);
    return dvara_str_ends_with(name, DVARA_STR(".jsonl")) &&
           !dvara_str_eq(name, DVARA_STR("checkpoints.jsonl"));
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static bool add_file(struct replay_files *files, const char *path_cstr)
{
    struct stat info;
    bool is_input = strcmp(path_cstr, "-") == 0;
    if (!is_input && stat(path_cstr, &info) != 0)
        return complain(path_cstr, strerror(errno));
    if (!is_input && S_ISREG(info.st_mode))
        files->bytes += (uint64_t)info.st_size;
    LIST_APPEND(files->arena, files->v, files->n, path_cstr);
    return true;
}

static bool add_folder(struct replay_files *files, const char *folder_cstr)
{
    struct dirent **entries = NULL;
    bool ok = true;
    int n = scandir(folder_cstr, &entries, is_chain, by_bytes);
    if (n < 0)
        return complain(folder_cstr, strerror(errno));
    for (int i = 0; i < n; i++) {
        const char *path_cstr =
            arena_printf(files->arena, "%s/%s", folder_cstr, entries[i]->d_name).p;
        ok = ok && path_cstr && add_file(files, path_cstr);
        free(entries[i]);
    }
    free(entries);
    return n == 0 ? complain(folder_cstr, "the folder holds no chain (NAME.jsonl)") : ok;
}

bool replay_files_add(struct replay_files *files, struct dvara_str path)
{
    const char *path_cstr = arena_copy(files->arena, path).p;
    struct stat info;
    if (!path_cstr)
        return false;
    if (strcmp(path_cstr, "-") != 0 && stat(path_cstr, &info) == 0 && S_ISDIR(info.st_mode))
        return add_folder(files, path_cstr);
    return add_file(files, path_cstr);
}

/* ---- reading ---- */

struct reading {
    struct replay_reader *reader;
    const char *path_cstr;
    int fd;
    struct buf bytes;
    uint64_t number;
    bool skips; /* the rest of a line that is too long */
};

static bool tell(struct reading *r, struct dvara_str text, bool is_torn, bool too_long)
{
    struct replay_line line = {r->path_cstr, r->number, text, is_torn, too_long};
    if (text.n && text.p[text.n - 1] == '\r')
        line.text.n--;
    return line.text.n == 0 || r->reader->on_line(r->reader->user, &line);
}

/* The whole lines in the buffer; what is left begins one. */
static bool take_lines(struct reading *r)
{
    size_t at = 0;
    bool ok = true;
    for (;;) {
        const char *start = r->bytes.p + at;
        const char *feed = r->bytes.n > at ? memchr(start, '\n', r->bytes.n - at) : NULL;
        if (!ok || !feed)
            break;
        r->number++;
        if (!r->skips)
            ok = tell(r, dvara_str_from(start, (size_t)(feed - start)), false, false);
        r->skips = false;
        at += (size_t)(feed - start) + 1;
    }
    buf_consume(&r->bytes, at);
    if (ok && !r->skips && r->bytes.n > REPLAY_LINE_MAX) {
        r->number++;
        ok = tell(r, dvara_str_from(r->bytes.p, 64), false, true);
        r->number--; /* its end counts */
        r->skips = true;
    }
    if (r->skips)
        buf_reset(&r->bytes);
    return ok;
}

static bool read_all(struct reading *r)
{
    for (;;) {
        char *room = buf_room(&r->bytes, CHUNK);
        if (!room)
            return complain(r->path_cstr, "out of memory");
        ssize_t n = read(r->fd, room, CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain(r->path_cstr, strerror(errno));
        if (n == 0)
            break;
        r->bytes.n += (size_t)n;
        r->reader->bytes += (uint64_t)n;
        if (!take_lines(r))
            return false;
        r->reader->on_chunk(r->reader->user, r->reader->bytes);
    }
    r->number++;
    return r->skips || r->bytes.n == 0 || tell(r, buf_str(&r->bytes), true, false);
}

bool replay_read(struct replay_reader *reader, const char *path_cstr)
{
    struct reading r = {.reader = reader, .path_cstr = path_cstr};
    bool is_input = strcmp(path_cstr, "-") == 0;
    r.fd = is_input ? STDIN_FILENO : open(path_cstr, O_RDONLY | O_CLOEXEC);
    if (r.fd < 0)
        return complain(path_cstr, strerror(errno));
    buf_init(&r.bytes, (size_t)REPLAY_LINE_MAX + 4 * (size_t)CHUNK);
    bool ok = read_all(&r);
    buf_clear(&r.bytes);
    if (!is_input)
        (void)close(r.fd);
    return ok;
}

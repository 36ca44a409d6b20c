/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/bytes.h"
#include "gateway/audit/chain_state.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECORD_ARENA_BYTES = 32 * 1024 * 1024 };

static enum dvara_status last_file(const struct audit_chain *chain, unsigned *ret_number)
{
    DIR *folder = opendir(chain->audit->options.folder_cstr);
    if (folder == NULL)
        return DVARA_IO;
    unsigned last = 0, number;
    struct dvara_str name;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        if (chain_file_name(entry->d_name, &name, &number) && number > last &&
            dvara_str_eq(name, dvara_str_from_cstr(chain->name)))
            last = number;
    closedir(folder);
    *ret_number = last;
    return DVARA_OK;
}

/* The last record of the file's tail, and how much of the file is whole lines. */
struct tail {
    struct dvara_str last_line; /* absent: no whole line in the tail */
    off_t whole;
};

static struct tail split_tail(struct dvara_str text, off_t offset)
{
    struct tail tail = {{NULL, 0}, offset};
    const char *end = text.n ? memrchr(text.p, '\n', text.n) : NULL;
    if (end == NULL)
        return tail;
    size_t n = (size_t)(end - text.p);
    const char *before = n ? memrchr(text.p, '\n', n) : NULL;
    size_t from = before ? (size_t)(before - text.p) + 1 : 0;
    tail.last_line = dvara_str_slice(text, from, n);
    tail.whole = offset + (off_t)n + 1;
    return tail;
}

static enum dvara_status read_tail(int fd, char *text, struct stat *stat_of, struct tail *ret_tail)
{
    off_t offset =
        stat_of->st_size > AUDIT_MAX_LINE * 2 ? stat_of->st_size - AUDIT_MAX_LINE * 2 : 0;
    size_t n = (size_t)(stat_of->st_size - offset), have = 0;
    while (have < n) {
        ssize_t got = pread(fd, text + have, n - have, offset + (off_t)have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return DVARA_IO;
        have += (size_t)got;
    }
    *ret_tail = split_tail(dvara_str_from(text, n), offset);
    return DVARA_OK;
}

static enum dvara_status read_head(struct audit_chain *chain, struct dvara_str line,
                                   struct audit_problem *ret_problem, struct chain_head *ret_head)
{
    struct arena arena;
    struct audit_record record;
    unsigned char mac[AUDIT_MAC_BYTES];
    arena_init(&arena, RECORD_ARENA_BYTES);
    enum dvara_status status = audit_record_read(line, &arena, &record);
    if (status == DVARA_OK) {
        audit_mac_record(chain->mac, &record, mac);
        bool is_ours = dvara_str_eq(record.kid, audit_mac_kid(chain->mac));
        if (is_ours && memcmp(mac, record.mac, sizeof mac) != 0)
            status = DVARA_CORRUPT;
        ret_head->seq = record.seq;
        memcpy(ret_head->mac, record.mac, sizeof record.mac);
    }
    if (status != DVARA_OK)
        snprintf(ret_problem->text, sizeof ret_problem->text,
                 "the last record of audit chain %s does not verify: see `dvara audit verify %s`, "
                 "then move the folder away to begin anew",
                 chain->name, chain->audit->options.folder_cstr);
    arena_clear(&arena);
    return status == DVARA_OK || status == DVARA_NO_MEMORY ? status : DVARA_CORRUPT;
}

/* Of one file. A file without any whole line leaves the head as it is. */
static enum dvara_status file_end(struct audit_chain *chain, unsigned number,
                                  struct audit_problem *ret_problem, struct chain_end *end,
                                  bool *ret_has_record)
{
    char path[CHAIN_PATH_BYTES];
    struct stat stat_of;
    struct tail tail = {{NULL, 0}, 0};
    chain_path(chain, number, path);
    char *text = malloc(AUDIT_MAX_LINE * 2);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum dvara_status status = text == NULL ? DVARA_NO_MEMORY : DVARA_IO;
    if (text != NULL && fd >= 0 && fstat(fd, &stat_of) == 0)
        status = read_tail(fd, text, &stat_of, &tail);
    *ret_has_record = !dvara_str_is_absent(tail.last_line);
    if (status == DVARA_IO)
        snprintf(ret_problem->text, sizeof ret_problem->text, "%.400s cannot be read", path);
    if (status == DVARA_OK && end->file_number == number) {
        end->size = tail.whole;
        end->torn_bytes = (size_t)(stat_of.st_size - tail.whole);
    }
    if (status == DVARA_OK && *ret_has_record)
        status = read_head(chain, tail.last_line, ret_problem, &end->head);
    if (fd >= 0)
        close(fd);
    free(text);
    return status;
}

enum dvara_status chain_find_end(struct audit_chain *chain, struct audit_problem *ret_problem,
                                 struct chain_end *ret_end)
{
    struct chain_end end = {0};
    enum dvara_status status = last_file(chain, &end.file_number);
    bool has_record = false;
    for (unsigned number = end.file_number; status == DVARA_OK && number > 0 && !has_record;
         number--)
        status = file_end(chain, number, ret_problem, &end, &has_record);
    *ret_end = end;
    return status;
}

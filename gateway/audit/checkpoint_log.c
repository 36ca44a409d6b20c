/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/checkpoint_log.h"

#include "base/arena.h"
#include "base/time.h"
#include "gateway/audit/checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_BYTES = 256 * 1024, LOG_ARENA_BYTES = 16 * 1024 * 1024 };

/* No chain may end before the checkpoint says. */
static enum dvara_status check_heads(const struct audit *audit, const struct checkpoint *checkpoint,
                                     struct audit_problem *ret_problem)
{
    for (size_t i = 0; i < checkpoint->n_heads; i++) {
        const struct checkpoint_head *head = &checkpoint->heads[i];
        const struct audit_chain *chain = audit->chains;
        while (chain != NULL && !dvara_str_eq(dvara_str_from_cstr(chain->name), head->chain))
            chain = chain->next;
        uint64_t seq = chain ? chain->head.seq : 0;
        if (seq >= head->seq)
            continue;
        snprintf(ret_problem->text, sizeof ret_problem->text,
                 "audit chain %.*s ends at record %llu, and checkpoint %llu has %llu: records were "
                 "removed; move %.200s away to begin anew",
                 DVARA_STR_ARG(head->chain), (unsigned long long)seq,
                 (unsigned long long)checkpoint->seq, (unsigned long long)head->seq,
                 audit->options.folder_cstr);
        return DVARA_CORRUPT;
    }
    return DVARA_OK;
}

static enum dvara_status take_last(struct audit *audit, struct dvara_str line,
                                   struct audit_problem *ret_problem)
{
    struct arena arena;
    struct checkpoint checkpoint;
    arena_init(&arena, LOG_ARENA_BYTES);
    enum dvara_status status = checkpoint_read(line, &arena, &checkpoint);
    if (status == DVARA_OK) {
        status = checkpoint_verify(&checkpoint, audit->checkpoint_key, audit->checkpoint_digest);
        bool is_ours =
            dvara_str_eq(checkpoint.kid, dvara_str_from(audit->checkpoint_kid, AUDIT_KID_BYTES));
        if (status == DVARA_UNTRUSTED && !is_ours)
            status = DVARA_OK; /* the key was changed since: the digest links on */
    }
    if (status == DVARA_OK) {
        audit->checkpoint_seq = checkpoint.seq;
        status = check_heads(audit, &checkpoint, ret_problem);
    } else {
        snprintf(ret_problem->text, sizeof ret_problem->text,
                 "the last line of %.300s/" CHECKPOINT_FILE " is no checkpoint of ours",
                 audit->options.folder_cstr);
        status = DVARA_CORRUPT;
    }
    arena_clear(&arena);
    return status;
}

/* Reads the end of the file; sets checkpoints_size to its whole lines. */
static enum dvara_status read_last(struct audit *audit, struct audit_problem *ret_problem)
{
    struct stat stat_of;
    if (fstat(audit->checkpoints_fd, &stat_of) != 0)
        return DVARA_IO;
    off_t offset = stat_of.st_size > LINE_BYTES ? stat_of.st_size - LINE_BYTES : 0;
    size_t n = (size_t)(stat_of.st_size - offset);
    char *text = malloc(LINE_BYTES);
    if (text == NULL)
        return DVARA_NO_MEMORY;
    enum dvara_status status =
        pread(audit->checkpoints_fd, text, n, offset) == (ssize_t)n ? DVARA_OK : DVARA_IO;
    const char *end = n ? memrchr(text, '\n', n) : NULL;
    audit->checkpoints_size = end ? offset + (end - text) + 1 : 0;
    if (status == DVARA_OK && end != NULL) {
        const char *before = memrchr(text, '\n', (size_t)(end - text));
        const char *from = before ? before + 1 : text;
        status = take_last(audit, dvara_str_from(from, (size_t)(end - from)), ret_problem);
    }
    if (status == DVARA_OK && audit->checkpoints_size != stat_of.st_size &&
        ftruncate(audit->checkpoints_fd, audit->checkpoints_size) != 0)
        status = DVARA_IO;
    free(text);
    return status;
}

enum dvara_status checkpoint_log_open(struct audit *audit, struct audit_problem *ret_problem)
{
    char path[CHAIN_PATH_BYTES];
    snprintf(path, sizeof path, "%s/" CHECKPOINT_FILE, audit->options.folder_cstr);
    audit->checkpoints_fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (audit->checkpoints_fd < 0)
        return DVARA_IO;
    if (audit->options.copy_file_cstr != NULL) {
        audit->copy_fd =
            open(audit->options.copy_file_cstr, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (audit->copy_fd < 0) {
            snprintf(ret_problem->text, sizeof ret_problem->text,
                     "audit.checkpoint_copy %.300s cannot be opened",
                     audit->options.copy_file_cstr);
            return DVARA_IO;
        }
    }
    return read_last(audit, ret_problem);
}

static bool append_line(int fd, struct dvara_str line)
{
    ssize_t written;
    do
        written = write(fd, line.p, line.n);
    while (written < 0 && errno == EINTR);
    return written == (ssize_t)line.n && fdatasync(fd) == 0;
}

enum dvara_status checkpoint_log_append(struct audit *audit, struct checkpoint_head *heads,
                                        size_t count)
{
    struct checkpoint checkpoint = {
        .seq = audit->checkpoint_seq + 1,
        .time_ns = time_wall_ns(),
        .heads = heads,
        .n_heads = count,
        .kid = dvara_str_from(audit->checkpoint_kid, AUDIT_KID_BYTES),
    };
    unsigned char digest[CHECKPOINT_DIGEST_BYTES];
    struct buf line;
    memcpy(checkpoint.prev, audit->checkpoint_digest, sizeof checkpoint.prev);
    buf_init(&line, LINE_BYTES);
    enum dvara_status status = checkpoint_write(&checkpoint, audit->checkpoint_key, &line, digest);
    if (status == DVARA_OK && !append_line(audit->checkpoints_fd, buf_str(&line))) {
        status = DVARA_IO;
        if (ftruncate(audit->checkpoints_fd, audit->checkpoints_size) != 0)
            audit->is_failing =
                true; /* said by audit_sync; the torn line is cut at the next start */
    }
    if (status == DVARA_OK) {
        audit->checkpoints_size += (off_t)line.n;
        audit->checkpoint_seq = checkpoint.seq;
        memcpy(audit->checkpoint_digest, digest, sizeof digest);
        if (audit->copy_fd >= 0 && !append_line(audit->copy_fd, buf_str(&line)))
            status = DVARA_IO;
    }
    buf_clear(&line);
    return status;
}

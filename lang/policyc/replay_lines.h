/* SPDX-License-Identifier: Apache-2.0 */
/* The lines of audit chains, file after file, in the memory of one of them. */
#ifndef LANG_POLICYC_REPLAY_LINES_H
#define LANG_POLICYC_REPLAY_LINES_H

#include "base/arena.h"
#include "base/buf.h"

enum { REPLAY_LINE_MAX = 64 << 20 };

struct replay_files {
    struct arena *arena;
    const char **v; /* "-" is standard input */
    size_t n;
    uint64_t bytes; /* of them, as far as it is known */
};

/* Appends the file, or the chains of the folder (NAME.jsonl, not the checkpoints) in the order of
 * their names. False: a message was printed. */
bool replay_files_add(struct replay_files *files, struct dvara_str path);

struct replay_line {
    const char *path_cstr;
    uint64_t number; /* from 1 */
    struct dvara_str text;
    bool is_torn;  /* the last of its file, without an end */
    bool too_long; /* over REPLAY_LINE_MAX: text is its beginning */
};

/* Calls `on_line` for each line that is not empty, and `on_chunk` with the bytes read so far.
 * False: the file cannot be read (a message was printed), or on_line returned false. */
struct replay_reader {
    bool (*on_line)(void *user, const struct replay_line *line);
    void (*on_chunk)(void *user, uint64_t bytes);
    void *user;
    uint64_t bytes;
};
bool replay_read(struct replay_reader *reader, const char *path_cstr);

#endif

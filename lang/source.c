/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/source.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "dvara/limits.h"
#include "lang/diag.h"
#include "lang/list.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static bool is_bidi_control(uint32_t c)
{
    return (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0x200e ||
           c == 0x200f || c == 0x061c;
}

static struct span place(const struct source *source, size_t start, size_t end)
{
    return (struct span){source->number, (uint32_t)start, (uint32_t)end};
}

static void find_lines(struct arena *arena, struct source *source)
{
    size_t count = 1;
    for (size_t i = 0; i < source->text.n; i++)
        count += source->text.p[i] == '\n';
    source->lines = ARENA_ARRAY(arena, count, uint32_t);
    if (!source->lines)
        return;
    source->n_lines = 1;
    for (size_t i = 0; i < source->text.n; i++)
        if (source->text.p[i] == '\n')
            source->lines[source->n_lines++] = (uint32_t)(i + 1);
}

/* The first byte that is not text ends the check: what follows is probably not a policy at all. */
static bool check_bytes(const struct source *source, struct diags *diags)
{
    struct dvara_str text = source->text;
    if (dvara_str_starts_with(text, DVARA_STR("\xef\xbb\xbf"))) {
        struct diag *diag = diag_plain(diags, place(source, 0, 3), MESSAGE_BOM);
        diag_fix(diags, diag, place(source, 0, 3), DVARA_STR(""), "remove the first three bytes");
        return false;
    }
    for (size_t at = 0; at < text.n;) {
        unsigned length = utf8_sequence(text.p + at, text.n - at);
        enum message message = MESSAGE_COUNT;
        if (length == 0)
            message = MESSAGE_BAD_UTF8;
        else if (text.p[at] == 0)
            message = MESSAGE_NUL;
        else if (text.p[at] == '\r' && (at + 1 == text.n || text.p[at + 1] != '\n'))
            message = MESSAGE_LONE_CR;
        if (message != MESSAGE_COUNT) {
            diag_plain(diags, place(source, at, at + 1), message);
            return false;
        }
        at += length;
    }
    return true;
}

static void report_bidi(const struct source *source, struct diags *diags)
{
    struct dvara_str text = source->text;
    for (size_t at = 0; at < text.n;) {
        if ((unsigned char)text.p[at] < 0x80) {
            at++;
            continue;
        }
        size_t start = at;
        uint32_t c = utf8_next(text, &at);
        if (is_bidi_control(c)) {
            char name[16];
            (void)snprintf(name, sizeof name, "U+%04X", (unsigned)c);
            struct diag *diag =
                diag_add(diags, place(source, start, at), MESSAGE_BIDI, dvara_str_from_cstr(name));
            diag_help(diags, diag, "in a string, write it as an escape: `\\u{%04X}`", (unsigned)c);
        }
    }
}

/* Takes over `text`, which lives in the arena. */
static struct source *append(struct arena *arena, struct sources *sources, struct dvara_str path,
                             struct dvara_str text, struct diags *diags)
{
    struct source *source = ARENA_NEW(arena, struct source);
    if (!source)
        return NULL;
    source->path = arena_copy(arena, path);
    source->number = sources->n;
    source->text = text;
    LIST_APPEND(arena, sources->v, sources->n, source);
    if (source->text.n > DVARA_MAX_FILE) {
        source->broken = true;
        source->text.n = 0;
        find_lines(arena, source);
        diag_plain(diags, place(source, 0, 0), MESSAGE_FILE_TOO_LARGE);
        return source;
    }
    find_lines(arena, source);
    source->broken = !check_bytes(source, diags);
    if (!source->broken)
        report_bidi(source, diags);
    return arena_is_exhausted(arena) ? NULL : source;
}

/* Reads at most one byte more than a file may have. */
static bool read_all(int fd, struct buf *buf)
{
    for (;;) {
        size_t left = DVARA_MAX_FILE + 1 - buf->n;
        if (left == 0)
            return true;
        size_t want = left < 65536 ? left : 65536;
        char *p = buf_room(buf, want);
        if (!p) {
            errno = ENOMEM;
            return false;
        }
        ssize_t got = read(fd, p, want);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            return true;
        buf->n += (size_t)got;
    }
}

static struct dvara_str real_path(struct arena *arena, const char *path_cstr)
{
    char resolved[PATH_MAX];
    return realpath(path_cstr, resolved) ? arena_copy(arena, dvara_str_from_cstr(resolved))
                                         : (struct dvara_str){0};
}

struct source *source_read(struct arena *arena, struct sources *sources, struct dvara_str path,
                           struct diags *diags)
{
    struct dvara_str path_cstr = arena_copy(arena, path);
    if (!path_cstr.p)
        return NULL;
    bool is_stdin = dvara_str_eq(path, DVARA_STR("-"));
    int fd = is_stdin ? STDIN_FILENO : open(path_cstr.p, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return NULL;
    struct source *source = NULL;
    struct buf buf;
    buf_init(&buf, DVARA_MAX_FILE + 1);
    bool ok = read_all(fd, &buf);
    int error = errno;
    if (ok) {
        struct dvara_str name = is_stdin ? DVARA_STR("<stdin>") : path;
        source = append(arena, sources, name, arena_copy(arena, buf_str(&buf)), diags);
        if (source && !is_stdin)
            source->real_path = real_path(arena, path_cstr.p);
    }
    buf_clear(&buf);
    if (!is_stdin)
        (void)close(fd);
    errno = error;
    return source;
}

struct source *source_from_text(struct arena *arena, struct sources *sources, struct dvara_str path,
                                struct dvara_str text, struct diags *diags)
{
    struct dvara_str shortened = dvara_str_slice(text, 0, DVARA_MAX_FILE + 1);
    if (!shortened.p)
        shortened = DVARA_STR("");
    return append(arena, sources, path, arena_copy(arena, shortened), diags);
}

/* The last line that starts at or before the offset. */
static uint32_t line_of(const struct source *source, uint32_t offset)
{
    uint32_t low = 0;
    uint32_t high = source->n_lines;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (source->lines[middle] <= offset)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint32_t source_line_number(const struct source *source, uint32_t offset)
{
    return source->n_lines ? line_of(source, offset) + 1 : 1;
}

struct position source_position(const struct source *source, uint32_t offset)
{
    if (source->n_lines == 0)
        return (struct position){1, 1};
    if (offset > source->text.n)
        offset = (uint32_t)source->text.n;
    uint32_t line = line_of(source, offset);
    uint32_t col = 1;
    for (uint32_t i = source->lines[line]; i < offset; i++)
        col += !utf8_is_continuation(source->text.p[i]);
    return (struct position){line + 1, col};
}

struct dvara_str source_line(const struct source *source, uint32_t line)
{
    if (line == 0 || line > source->n_lines)
        return DVARA_STR("");
    size_t start = source->lines[line - 1];
    size_t end = line < source->n_lines ? source->lines[line] - 1 : source->text.n;
    if (end > start && source->text.p[end - 1] == '\r')
        end--;
    return dvara_str_slice(source->text, start, end);
}

struct dvara_str source_slice(const struct source *source, struct span span)
{
    return dvara_str_slice(source->text, span.start, span.end);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_read.h"

#include "policyc/scan_windows.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    CHUNK = 1 << 20,
    LARGE = 2 * SCAN_SLICE, /* a file from here on is read in slices */
    READ_MAX = 1 << 30      /* one line of JSON Lines */
};

enum dvara_status scan_reader_init(struct scan_reader *reader, struct scan_pool *pool)
{
    reader->pool = pool;
    buf_init(&reader->bytes, READ_MAX);
    enum dvara_status status = scan_means_init(&reader->means, pool->plan->detectors);
    reader->means.keep_values = pool->plan->keep_values;
    reader->means.explain = pool->plan->explain;
    return status;
}

void scan_reader_clear(struct scan_reader *reader)
{
    scan_means_clear(&reader->means);
    buf_clear(&reader->bytes);
}

static void scan_and_put(struct scan_reader *reader, size_t file, size_t number,
                         const struct scan_block *block)
{
    const struct scan_plan *plan = reader->pool->plan;
    struct scan_result result;
    if (scan_reads_lines(plan, &plan->paths[file]))
        scan_block_lines(&reader->means, block, &result);
    else
        scan_block_text(&reader->means, block, &result);
    scan_pool_put(reader->pool, file, number, &result);
}

/* ---- from the beginning to the end ---- */

struct stream {
    int fd;
    size_t lead; /* bytes in the buffer that were scanned already: context */
    bool ended;
    int error;
};

/* Reads until the buffer holds n bytes, or to the end. */
static void fill(struct scan_reader *reader, struct stream *stream, size_t n)
{
    struct buf *bytes = &reader->bytes;
    while (!stream->ended && bytes->n < n) {
        char *room = buf_room(bytes, CHUNK);
        errno = EFBIG;
        ssize_t got = room ? read(stream->fd, room, CHUNK) : -1;
        if (got < 0 && room && errno == EINTR)
            continue;
        bytes->n += got > 0 ? (size_t)got : 0;
        stream->ended = got <= 0;
        stream->error = got < 0 ? errno : 0;
    }
}

static size_t last_line_end(struct dvara_str text, size_t from)
{
    size_t at = text.n;
    while (at > from && text.p[at - 1] != '\n')
        at--;
    return at;
}

/* Where the next block ends. */
static size_t block_end(struct scan_reader *reader, struct stream *stream, bool lines)
{
    fill(reader, stream, stream->lead + SCAN_SLICE + SCAN_MARGIN);
    size_t end = lines ? last_line_end(buf_str(&reader->bytes), stream->lead) : stream->lead;
    while (lines && end == stream->lead && !stream->ended) {
        fill(reader, stream, reader->bytes.n + CHUNK);
        end = last_line_end(buf_str(&reader->bytes), stream->lead);
    }
    if (stream->ended)
        return reader->bytes.n;
    return lines ? end : reader->bytes.n - SCAN_MARGIN;
}

static void scan_stream(struct scan_reader *reader, size_t file, struct stream *stream)
{
    const struct scan_plan *plan = reader->pool->plan;
    bool lines = scan_reads_lines(plan, &plan->paths[file]);
    for (size_t number = 0, end = 0; !stream->ended || end < reader->bytes.n; number++) {
        end = block_end(reader, stream, lines);
        struct scan_block block = {
            .text = buf_str(&reader->bytes), .from = stream->lead, .to = end};
        scan_and_put(reader, file, number, &block);
        if (end == reader->bytes.n && stream->ended)
            break;
        size_t drop = end > SCAN_MARGIN ? end - SCAN_MARGIN : 0;
        buf_consume(&reader->bytes, drop);
        stream->lead = end - drop;
        end = stream->lead;
    }
}

static bool is_binary(struct dvara_str head)
{
    return head.n && memchr(head.p, 0, head.n < SCAN_SNIFFED ? head.n : SCAN_SNIFFED);
}

static void scan_whole(struct scan_reader *reader, size_t file, int fd)
{
    struct stream stream = {.fd = fd};
    enum scan_outcome outcome = SCAN_READ;
    buf_reset(&reader->bytes);
    fill(reader, &stream, SCAN_SNIFFED);
    if (!reader->pool->plan->paths[file].given && is_binary(buf_str(&reader->bytes)))
        outcome = SCAN_BINARY;
    else
        scan_stream(reader, file, &stream);
    scan_pool_end(reader->pool, file, stream.error ? SCAN_FAILED : outcome, stream.error);
}

/* Of a large file that was met in a folder; it is left to scan_whole, which looks again. */
static bool is_binary_file(const struct scan_reader *reader, size_t file, int fd)
{
    char head[SCAN_SNIFFED];
    ssize_t n = pread(fd, head, sizeof head, 0);
    return !reader->pool->plan->paths[file].given && n > 0 &&
           is_binary(dvara_str_from(head, (size_t)n));
}

static void scan_file(struct scan_reader *reader, size_t file)
{
    const char *path_cstr = reader->pool->plan->paths[file].path_cstr;
    bool input = strcmp(path_cstr, "-") == 0;
    int fd = input ? STDIN_FILENO : open(path_cstr, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat info;
    if (fd < 0 || fstat(fd, &info) != 0) {
        scan_pool_opened(reader->pool);
        scan_pool_end(reader->pool, file, SCAN_FAILED, errno);
    } else if (!input && S_ISREG(info.st_mode) && info.st_size >= LARGE &&
               !is_binary_file(reader, file, fd)) {
        scan_pool_share(reader->pool, file, fd, (uint64_t)info.st_size);
        return;
    } else {
        scan_pool_opened(reader->pool);
        scan_whole(reader, file, fd);
    }
    if (fd >= 0 && !input)
        (void)close(fd);
}

/* ---- slices of a large file ---- */

/* Appends [from, from + n) of the file, or less at its end. The errno of a failure, or 0. */
static int read_at(struct buf *bytes, int fd, uint64_t from, size_t n)
{
    while (n > 0) {
        char *room = buf_room(bytes, n);
        if (!room)
            return EFBIG;
        ssize_t got = pread(fd, room, n, (off_t)from);
        if (got < 0 && errno != EINTR)
            return errno;
        if (got == 0)
            return 0;
        if (got > 0) {
            bytes->n += (size_t)got;
            from += (uint64_t)got;
            n -= (size_t)got;
        }
    }
    return 0;
}

static int slice_text(struct scan_reader *reader, const struct scan_large *large, uint64_t from,
                      struct scan_block *ret_block)
{
    size_t lead = from > SCAN_MARGIN ? SCAN_MARGIN : (size_t)from;
    size_t length = SCAN_SLICE;
    int error = read_at(&reader->bytes, large->fd, from - lead, lead + length + SCAN_MARGIN);
    struct dvara_str text = buf_str(&reader->bytes);
    if (lead > text.n) /* the file has become shorter */
        lead = text.n;
    *ret_block = (struct scan_block){
        .text = text, .from = lead, .to = lead + length < text.n ? lead + length : text.n};
    return error;
}

/* The place behind the first line feed at or after `at`; the text's end if there is none. */
static size_t behind_feed(struct dvara_str text, size_t at)
{
    const char *feed = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
    return feed ? (size_t)(feed - text.p) + 1 : text.n;
}

/* The lines that begin in the slice. */
static int slice_lines(struct scan_reader *reader, const struct scan_large *large, uint64_t from,
                       struct scan_block *ret_block)
{
    size_t lead = from ? 1 : 0;
    uint64_t left = large->size - from;
    size_t length = left < SCAN_SLICE ? (size_t)left : SCAN_SLICE;
    int error = read_at(&reader->bytes, large->fd, from - lead, lead + length);
    struct dvara_str text = buf_str(&reader->bytes);
    size_t begin = from ? behind_feed(text, 0) : 0;
    size_t end = text.n ? behind_feed(text, text.n - 1) : 0;
    bool open = begin < lead + length && text.n && text.p[text.n - 1] != '\n';
    for (uint64_t at = from + length; open && !error && at < large->size; at += CHUNK) {
        size_t before = reader->bytes.n;
        error = read_at(&reader->bytes, large->fd, at, CHUNK);
        text = buf_str(&reader->bytes);
        end = behind_feed(text, before);
        open = end == text.n && text.n > before && text.p[text.n - 1] != '\n';
    }
    if (begin >= lead + length)
        begin = end; /* no line begins here */
    *ret_block = (struct scan_block){.text = text, .from = begin, .to = end};
    return error;
}

static void scan_slice(struct scan_reader *reader, const struct scan_task *task)
{
    const struct scan_plan *plan = reader->pool->plan;
    uint64_t from = (uint64_t)task->slice * SCAN_SLICE;
    struct scan_block block;
    buf_reset(&reader->bytes);
    int error = scan_reads_lines(plan, &plan->paths[task->file])
                    ? slice_lines(reader, task->large, from, &block)
                    : slice_text(reader, task->large, from, &block);
    scan_and_put(reader, task->file, task->slice, &block);
    scan_pool_slice_done(reader->pool, task->large, error);
}

void scan_reader_run(struct scan_reader *reader, const struct scan_task *task)
{
    if (task->large)
        scan_slice(reader, task);
    else
        scan_file(reader, task->file);
}

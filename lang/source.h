/* SPDX-License-Identifier: Apache-2.0 */
/* Source files and places in them. A place is a file number and two byte offsets; line and column
 * are computed only to print. Files are numbered in the order they are read. */
#ifndef LANG_SOURCE_H
#define LANG_SOURCE_H

#include "dvara/str.h"

#include <stdint.h>

struct arena;
struct diags;

struct span {
    uint32_t file;  /* number of the source */
    uint32_t start; /* byte offsets, [start, end) */
    uint32_t end;
};

struct source {
    struct dvara_str path;      /* as the user wrote it, or under the folder or import named */
    struct dvara_str real_path; /* absolute, links resolved; absent for text from memory */
    struct dvara_str text;      /* valid UTF-8 without BOM and NUL, unless `broken` */
    uint32_t number;
    uint32_t *lines; /* byte offset of each line's start; lines[0] is 0 */
    uint32_t n_lines;
    bool broken;       /* could not be read or is not text: no tokens come of it */
    bool library;      /* read from the shipped library */
    bool shelved;      /* it stands in a library's folder, also when it was given by its path */
    size_t below_root; /* bytes of `real_path` before its place below the root; 0: not below it */
    size_t folder;     /* bytes of `path` before the library's own naming of the file; else 0 */
};

/* The path that bundles record: a file goes by its place below the root, a library's by its name
 * there, so that where they stand on a machine does not show. */
static inline struct dvara_str source_recorded_path(const struct source *source)
{
    if (source->below_root && !source->library)
        return dvara_str_slice(source->real_path, source->below_root, source->real_path.n);
    return dvara_str_slice(source->path, source->folder, source->path.n);
}

struct sources {
    struct source **v;
    uint32_t n;
    uint32_t room;
};

struct position {
    uint32_t line; /* from 1 */
    uint32_t col;  /* from 1, in code points */
};

/* Reads a file ("-": standard input) and appends it to `sources`. What is wrong with the bytes (too
 * large, a BOM, NUL, a lone CR, invalid UTF-8, bidirectional controls) is a diagnostic with its
 * place, and the source is kept so that the place can be shown. NULL: the file cannot be opened or
 * read, or memory is out; nothing is appended or reported, errno says why. */
struct source *source_read(struct arena *arena, struct sources *sources, struct dvara_str path,
                           struct diags *diags);
/* The same for text in memory, which is copied. */
struct source *source_from_text(struct arena *arena, struct sources *sources, struct dvara_str path,
                                struct dvara_str text, struct diags *diags);

/* The line (from 1) of an offset, in logarithmic time; source_position also counts the column. */
uint32_t source_line_number(const struct source *source, uint32_t offset);
struct position source_position(const struct source *source, uint32_t offset);
/* The text of a line (from 1) without its end. */
struct dvara_str source_line(const struct source *source, uint32_t line);
/* The bytes of a span of this source. */
struct dvara_str source_slice(const struct source *source, struct span span);

static inline struct span span_join(struct span a, struct span b)
{
    return (struct span){a.file, a.start, b.end > a.end ? b.end : a.end};
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/fix.h"

#include "base/buf.h"
#include "policyc/command.h"
#include "policyc/file.h"

#include <stdio.h>
#include <stdlib.h>

enum { FIXED_BYTES_MAX = 64 << 20 };

struct edit {
    struct span span;
    struct dvara_str replacement;
};

static int by_place(const void *left, const void *right)
{
    const struct span a = ((const struct edit *)left)->span;
    const struct span b = ((const struct edit *)right)->span;
    if (a.file != b.file)
        return a.file < b.file ? -1 : 1;
    return (a.start > b.start) - (a.start < b.start);
}

static size_t collect(const struct front *front, struct edit *edits)
{
    size_t n = 0;
    for (uint32_t i = 0; i < front->diags.n; i++) {
        const struct diag *diag = front->diags.v[i];
        const struct diag_help *help = &diag->helps[0];
        if (diag->n_helps && help->has_edit && diag->message != MESSAGE_OPTIONAL)
            edits[n++] = (struct edit){help->span, help->replacement};
    }
    if (n)
        qsort(edits, n, sizeof *edits, by_place);
    return n;
}

/* The edits of one file; returns how many were applied. */
static size_t rewrite(const struct source *source, const struct edit *edits, size_t n,
                      struct buf *out)
{
    size_t at = 0;
    size_t applied = 0;
    for (size_t i = 0; i < n; i++) {
        if (edits[i].span.start < at)
            continue;
        buf_append(out, dvara_str_slice(source->text, at, edits[i].span.start));
        buf_append(out, edits[i].replacement);
        at = edits[i].span.end;
        applied++;
    }
    buf_append(out, dvara_str_slice(source->text, at, source->text.n));
    return applied;
}

static int fix_file(const struct source *source, const struct edit *edits, size_t n, size_t *count)
{
    if (source->library || !source->real_path.p)
        return EXIT_CLEAN;
    struct buf out;
    buf_init(&out, FIXED_BYTES_MAX);
    *count += rewrite(source, edits, n, &out);
    int code = buf_failed(&out)                            ? EXIT_INTERNAL
               : file_replace(source->path, buf_str(&out)) ? EXIT_CLEAN
                                                           : EXIT_USAGE;
    buf_clear(&out);
    return code;
}

int fix_apply(struct front *front, size_t *ret_count)
{
    struct edit *edits = ARENA_ARRAY(&front->arena, front->diags.n, struct edit);
    *ret_count = 0;
    if (!edits)
        return EXIT_INTERNAL;
    size_t n = collect(front, edits);
    int code = EXIT_CLEAN;
    for (size_t i = 0; i < n && code == EXIT_CLEAN;) {
        size_t end = i;
        while (end < n && edits[end].span.file == edits[i].span.file)
            end++;
        const struct source *source = front->program->sources.v[edits[i].span.file];
        code = fix_file(source, edits + i, end - i, ret_count);
        i = end;
    }
    return code;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/diag.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/utf8.h"
#include "lang/list.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* A message quotes source text, which may be a whole string literal: it is cut here. */
enum { MESSAGE_BYTES_MAX = 64 << 10, ARGUMENT_SHOWN = 200 };

static const struct message_row rows[MESSAGE_COUNT] = {
#define MESSAGE(id, code_, name_, format_)                                                         \
    [MESSAGE_##id] = {.code = code_, .name = name_, .severity = SEVERITY_ERROR, .format = format_},
#include "lang/messages.def"
#define LINT(id, code_, name_, severity_, format_)                                                 \
    [LINT_##                                                                                       \
        id] = {.code = code_, .name = name_, .severity = SEVERITY_##severity_, .format = format_},
#include "lang/lints.def"
};

const struct message_row *message_row(enum message message)
{
    assert(message < MESSAGE_COUNT);
    return &rows[message];
}

enum message message_find(struct dvara_str code)
{
    for (int i = 0; i < MESSAGE_COUNT; i++)
        if (dvara_str_eq(dvara_str_from_cstr(rows[i].code), code))
            return (enum message)i;
    return MESSAGE_COUNT;
}

bool diags_init(struct diags *diags, struct arena *arena)
{
    *diags = (struct diags){.arena = arena};
    diags->v = ARENA_ARRAY(arena, 2 * DIAGS_KEPT, struct diag *);
    diags->scratch = ARENA_NEW(arena, struct diag);
    return diags->v && diags->scratch;
}

static int compare_spans(struct span a, struct span b)
{
    if (a.file != b.file)
        return a.file < b.file ? -1 : 1;
    if (a.start != b.start)
        return a.start < b.start ? -1 : 1;
    return (a.end > b.end) - (a.end < b.end);
}

static int compare(const void *left, const void *right)
{
    const struct diag *a = *(struct diag *const *)left;
    const struct diag *b = *(struct diag *const *)right;
    int order = compare_spans(a->span, b->span);
    if (order == 0)
        order = (a->message > b->message) - (a->message < b->message);
    if (order == 0)
        order = dvara_str_cmp(a->text, b->text);
    return order;
}

static void count(struct diags *diags, enum severity severity, uint32_t by)
{
    switch (severity) {
    case SEVERITY_ERROR:
        diags->n_errors += by;
        return;
    case SEVERITY_WARNING:
        diags->n_warnings += by;
        return;
    case SEVERITY_NOTE:
        diags->n_notes += by;
        return;
    case SEVERITY_OFF:
    case SEVERITY_COUNT:
        break;
    }
    assert(false);
}

void diags_sort(struct diags *diags)
{
    if (diags->n == 0)
        return;
    qsort(diags->v, diags->n, sizeof *diags->v, compare);
    uint32_t kept = 1;
    for (uint32_t i = 1; i < diags->n; i++) {
        if (compare(&diags->v[i], &diags->v[kept - 1]) == 0)
            count(diags, diags->v[i]->severity, (uint32_t)-1);
        else
            diags->v[kept++] = diags->v[i];
    }
    diags->n = kept;
}

static struct dvara_str shown(struct dvara_str s)
{
    size_t end = s.n < ARGUMENT_SHOWN ? s.n : ARGUMENT_SHOWN;
    struct dvara_str cut = dvara_str_slice(s, 0, end);
    return end < s.n ? dvara_str_slice(cut, 0, end - utf8_unfinished(cut)) : cut;
}

/* The row's format with its {} filled. */
static struct dvara_str fill(struct arena *arena, const char *format, const struct dvara_str *args,
                             size_t n_args)
{
    struct buf buf;
    buf_init(&buf, MESSAGE_BYTES_MAX);
    size_t used = 0;
    for (const char *p = format; *p; p++) {
        if (p[0] == '{' && p[1] == '}') {
            assert(used < n_args);
            buf_append(&buf, shown(args[used]));
            if (args[used].n > shown(args[used]).n)
                BUF_LIT(&buf, "…");
            used++;
            p++;
        } else {
            buf_byte(&buf, *p);
        }
    }
    assert(used == n_args);
    struct dvara_str text = arena_copy(arena, buf_str(&buf));
    buf_clear(&buf);
    return text;
}

/* Keeps the first DIAGS_KEPT by place, so that a file of a million mistakes costs little. */
static bool is_kept(struct diags *diags, struct span span)
{
    if (diags->n == 2 * DIAGS_KEPT) {
        diags_sort(diags);
        if (diags->n > DIAGS_KEPT) {
            diags->n_dropped += diags->n - DIAGS_KEPT;
            diags->n = DIAGS_KEPT;
            diags->has_cut = true;
            diags->cut = diags->v[DIAGS_KEPT - 1]->span;
        }
    }
    return !diags->has_cut || compare_spans(span, diags->cut) < 0;
}

struct diag *diag_append(struct diags *diags, struct span span, enum message message,
                         const struct dvara_str *args, size_t n_args)
{
    return diag_append_as(diags, span, message, message_row(message)->severity, args, n_args);
}

struct diag *diag_append_as(struct diags *diags, struct span span, enum message message,
                            enum severity severity, const struct dvara_str *args, size_t n_args)
{
    const struct message_row *row = message_row(message);
    count(diags, severity, 1);
    struct diag *diag = is_kept(diags, span) ? ARENA_NEW(diags->arena, struct diag) : NULL;
    if (!diag) {
        diags->n_dropped++;
        *diags->scratch = (struct diag){.span = span};
        return diags->scratch;
    }
    *diag = (struct diag){.message = message, .severity = severity, .span = span};
    diag->text = fill(diags->arena, row->format, args, n_args);
    diags->v[diags->n++] = diag;
    return diag;
}

static struct dvara_str format_text(struct arena *arena, const char *format, va_list args)
{
    char text[2048]; /* a hint is a sentence; a longer fix is cut in the hint, not in its edit */
    int n = vsnprintf(text, sizeof text, format, args);
    assert(n >= 0);
    size_t length = (size_t)n < sizeof text ? (size_t)n : sizeof text - 1;
    length -= utf8_unfinished(dvara_str_from(text, length));
    return arena_copy(arena, dvara_str_from(text, length));
}

void diag_label(struct diags *diags, struct diag *diag, struct span span, const char *format, ...)
{
    if (diag == diags->scratch || diag->n_labels == DIAG_LABELS_MAX)
        return;
    va_list args;
    va_start(args, format);
    diag->labels[diag->n_labels++] =
        (struct diag_label){.span = span, .text = format_text(diags->arena, format, args)};
    va_end(args);
}

void diag_help(struct diags *diags, struct diag *diag, const char *format, ...)
{
    if (diag == diags->scratch || diag->n_helps == DIAG_HELPS_MAX)
        return;
    va_list args;
    va_start(args, format);
    diag->helps[diag->n_helps++] =
        (struct diag_help){.text = format_text(diags->arena, format, args)};
    va_end(args);
}

void diag_fix(struct diags *diags, struct diag *diag, struct span span,
              struct dvara_str replacement, const char *format, ...)
{
    if (diag == diags->scratch || diag->n_helps == DIAG_HELPS_MAX)
        return;
    va_list args;
    va_start(args, format);
    diag->helps[diag->n_helps++] = (struct diag_help){
        .text = format_text(diags->arena, format, args),
        .has_edit = true,
        .span = span,
        .replacement = arena_copy(diags->arena, replacement),
    };
    va_end(args);
}

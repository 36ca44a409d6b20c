/* SPDX-License-Identifier: Apache-2.0 */
/* Diagnostics: collected by the phases, printed by report.h. The rows of messages.def and lints.def
 * give code, name, severity and the message's format. Kept: the first DIAGS_KEPT by place; the rest
 * are counted. */
#ifndef LANG_DIAG_H
#define LANG_DIAG_H

#include "lang/source.h"

#include <stdbool.h>

/* OFF: a lint that is not reported. */
enum severity { SEVERITY_OFF, SEVERITY_NOTE, SEVERITY_WARNING, SEVERITY_ERROR, SEVERITY_COUNT };

enum message {
#define MESSAGE(id, code, name, format) MESSAGE_##id,
#include "lang/messages.def"
#define LINT(id, code, name, severity, format) LINT_##id,
#include "lang/lints.def"
    MESSAGE_COUNT
};

struct arena;

enum { DIAG_LABELS_MAX = 4, DIAG_HELPS_MAX = 4, DIAGS_KEPT = 1024, DIAGS_SHOWN = 20 };

struct diag_label {
    struct span span;
    struct dvara_str text;
};

/* A hint; with an edit, one that a machine can apply: `span` becomes `replacement`. */
struct diag_help {
    struct dvara_str text;
    bool has_edit;
    struct span span;
    struct dvara_str replacement;
};

struct diag {
    enum message message;
    enum severity severity;
    struct span span;
    struct dvara_str text;
    struct diag_label labels[DIAG_LABELS_MAX];
    uint8_t n_labels;
    struct diag_help helps[DIAG_HELPS_MAX];
    uint8_t n_helps;
};

struct diags {
    struct arena *arena;
    struct diag **v; /* unsorted until diags_sort */
    uint32_t n;
    uint32_t n_errors; /* all that were reported, dropped ones included */
    uint32_t n_warnings;
    uint32_t n_notes;
    uint32_t n_dropped;
    bool has_cut; /* what stands at or after `cut` is counted only */
    struct span cut;
    struct diag *scratch; /* what diag_add returns for one that is not kept */
    struct probe *probe;  /* suggest.h; NULL: none */
};

/* False: out of memory. */
bool diags_init(struct diags *diags, struct arena *arena);

/* Adds one; each {} of the row's format takes one slice, and their numbers must agree. Never NULL:
 * a dropped one goes to a scratch place. */
struct diag *diag_append(struct diags *diags, struct span span, enum message message,
                         const struct dvara_str *args, size_t n_args);
/* The same at another severity than the row's; not OFF. */
struct diag *diag_append_as(struct diags *diags, struct span span, enum message message,
                            enum severity severity, const struct dvara_str *args, size_t n_args);
#define diag_plain(diags, span, message) diag_append((diags), (span), (message), NULL, 0)
#define diag_add(diags, span, message, ...)                                                        \
    diag_append((diags), (span), (message), (const struct dvara_str[]){__VA_ARGS__},               \
                sizeof((const struct dvara_str[]){__VA_ARGS__}) / sizeof(struct dvara_str))
/* A secondary place; more than DIAG_LABELS_MAX are dropped. */
void diag_label(struct diags *diags, struct diag *diag, struct span span, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void diag_help(struct diags *diags, struct diag *diag, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "write `replacement`": a help with an edit. */
void diag_fix(struct diags *diags, struct diag *diag, struct span span,
              struct dvara_str replacement, const char *format, ...)
    __attribute__((format(printf, 5, 6)));

/* By file, place, code; drops exact repetitions. */
void diags_sort(struct diags *diags);

struct message_row {
    const char *code; /* "E0203" */
    const char *name; /* "type-mismatch" */
    enum severity severity;
    const char *format;
};
const struct message_row *message_row(enum message message);
/* The row with that code, or MESSAGE_COUNT. */
enum message message_find(struct dvara_str code);

static inline bool diags_has_errors(const struct diags *diags)
{
    return diags->n_errors > 0;
}

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lint_levels.h"

#include "base/arena.h"
#include "lang/list.h"
#include "lang/report.h"
#include "lang/suggest.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { UNSET = SEVERITY_COUNT };

/* What one `.dvplint` says. */
struct settings {
    uint8_t level[MESSAGE_COUNT]; /* enum severity or UNSET */
};

/* A folder that was asked for; settings is NULL where no `.dvplint` is near. */
struct folder {
    struct dvara_str path;
    const struct settings *settings;
};

struct lint_levels {
    struct arena *arena;
    struct sources *sources;
    struct diags *diags;
    struct folder *folders;
    size_t n_folders;
};

struct lint_levels *lint_levels_new(struct arena *arena, struct sources *sources,
                                    struct diags *diags)
{
    struct lint_levels *levels = ARENA_NEW(arena, struct lint_levels);
    if (levels)
        *levels = (struct lint_levels){.arena = arena, .sources = sources, .diags = diags};
    return levels;
}

static bool is_lint(const struct message_row *row)
{
    return row->code[0] == 'L';
}

static bool names(const struct message_row *row, struct dvara_str word)
{
    return is_lint(row) && (dvara_str_eq(word, dvara_str_from_cstr(row->code)) ||
                            dvara_str_eq(word, dvara_str_from_cstr(row->name)));
}

static struct dvara_str nearest_lint(struct dvara_str word)
{
    struct suggestion suggestion = suggest_start(word);
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        const struct message_row *row = message_row((enum message)i);
        if (!is_lint(row))
            continue;
        suggest_offer(&suggestion, dvara_str_from_cstr(row->code));
        suggest_offer(&suggestion, dvara_str_from_cstr(row->name));
    }
    return suggestion.best;
}

static int find_level(struct dvara_str word)
{
    int i = 0;
    while (i < SEVERITY_COUNT &&
           !dvara_str_eq(word, dvara_str_from_cstr(severity_name((enum severity)i))))
        i++;
    return i;
}

static struct dvara_str nearest_level(struct dvara_str word)
{
    struct suggestion suggestion = suggest_start(word);
    for (int i = 0; i < SEVERITY_COUNT; i++)
        suggest_offer(&suggestion, dvara_str_from_cstr(severity_name((enum severity)i)));
    return suggestion.best;
}

static void report(struct lint_levels *levels, struct span span, struct dvara_str word,
                   const char *why, struct dvara_str nearest)
{
    struct diag *diag =
        diag_add(levels->diags, span, LINT_SETTINGS, word, dvara_str_from_cstr(why));
    if (nearest.p)
        diag_fix(levels->diags, diag, span, nearest, "write `%.*s`", DVARA_STR_ARG(nearest));
}

/* The next word of the line at *at, and where it stands. */
static struct dvara_str next_word(const struct source *source, uint32_t *at, uint32_t end,
                                  struct span *ret_span)
{
    const char *text = source->text.p;
    while (*at < end && (text[*at] == ' ' || text[*at] == '\t' || text[*at] == '='))
        ++*at;
    uint32_t start = *at;
    while (*at < end && !strchr(" \t=#\r", text[*at]))
        ++*at;
    *ret_span = (struct span){source->number, start, *at};
    return dvara_str_slice(source->text, start, *at);
}

static void read_line(struct lint_levels *levels, const struct source *source, uint32_t at,
                      uint32_t end, struct settings *settings)
{
    struct span lint_span;
    struct span level_span;
    struct span rest_span;
    struct dvara_str lint = next_word(source, &at, end, &lint_span);
    if (lint.n == 0)
        return;
    struct dvara_str word = next_word(source, &at, end, &level_span);
    struct dvara_str rest = next_word(source, &at, end, &rest_span);
    int level = find_level(word);
    bool known = false;
    for (int i = 0; i < MESSAGE_COUNT; i++) {
        if (!names(message_row((enum message)i), lint))
            continue;
        known = true;
        settings->level[i] = (uint8_t)level;
    }
    if (!known)
        report(levels, lint_span, lint, "there is no such lint", nearest_lint(lint));
    if (level == SEVERITY_COUNT)
        report(levels, level_span, word, "a level is off, note, warning or error",
               nearest_level(word));
    if (rest.n)
        report(levels, rest_span, rest, "a line is a lint and its level", (struct dvara_str){0});
}

static const struct settings *read_settings(struct lint_levels *levels, struct dvara_str path)
{
    struct source *source = source_read(levels->arena, levels->sources, path, levels->diags);
    struct settings *settings = ARENA_NEW(levels->arena, struct settings);
    if (!source || !settings)
        return NULL;
    source->library = true; /* it is no policy: nothing counts it among the files */
    memset(settings->level, UNSET, sizeof settings->level);
    for (uint32_t line = 0; line < source->n_lines && !source->broken; line++) {
        uint32_t start = source->lines[line];
        uint32_t end =
            line + 1 < source->n_lines ? source->lines[line + 1] - 1 : (uint32_t)source->text.n;
        read_line(levels, source, start, end, settings);
    }
    return settings;
}

static bool exists(struct lint_levels *levels, struct dvara_str folder, const char *name,
                   struct dvara_str *ret_path)
{
    struct stat info;
    *ret_path = arena_printf(levels->arena, "%.*s/%s", DVARA_STR_ARG(folder), name);
    return ret_path->p && stat(ret_path->p, &info) == 0;
}

static struct dvara_str parent_of(struct dvara_str path)
{
    size_t n = path.n;
    while (n > 0 && path.p[n - 1] != '/')
        n--;
    return dvara_str_slice(path, 0, n > 0 ? n - 1 : 0);
}

static const struct folder *find_folder(const struct lint_levels *levels, struct dvara_str path)
{
    for (size_t i = 0; i < levels->n_folders; i++)
        if (dvara_str_eq(levels->folders[i].path, path))
            return &levels->folders[i];
    return NULL;
}

/* Depth is that of the path, which PATH_MAX bounds. */
static const struct settings *settings_of(struct lint_levels *levels, struct dvara_str folder)
{
    struct dvara_str path;
    const struct folder *known = find_folder(levels, folder);
    if (known)
        return known->settings;
    const struct settings *settings = NULL;
    if (exists(levels, folder, ".dvplint", &path))
        settings = read_settings(levels, path);
    else if (folder.n && !exists(levels, folder, ".git", &path))
        settings = settings_of(levels, parent_of(folder));
    struct folder row = {folder, settings};
    LIST_APPEND(levels->arena, levels->folders, levels->n_folders, row);
    return settings;
}

static struct dvara_str folder_of(struct lint_levels *levels, const struct source *source)
{
    char here[PATH_MAX];
    if (source->real_path.p)
        return parent_of(source->real_path);
    return realpath(".", here) ? arena_copy(levels->arena, dvara_str_from_cstr(here))
                               : DVARA_STR("");
}

enum severity lint_level(struct lint_levels *levels, uint32_t file, enum message lint)
{
    struct dvara_str folder = folder_of(levels, levels->sources->v[file]);
    const struct settings *settings = settings_of(levels, folder);
    uint8_t level = settings ? settings->level[lint] : UNSET;
    return level == UNSET ? message_row(lint)->severity : (enum severity)level;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/complete_import.h"

#include "base/arena.h"
#include "lang/list.h"

#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { NAMES_MAX = 1000, DEPTH_MAX = 4 };

static int is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

struct walk {
    struct import_names *names;
    struct arena *arena;
    bool bare;
};

static void walk_folder(const struct walk *walk, struct dvara_str folder, struct dvara_str prefix,
                        int depth);

static void walk_entry(const struct walk *walk, struct dvara_str folder, struct dvara_str prefix,
                       const char *entry_cstr, int depth)
{
    static const struct dvara_str ending = DVARA_STR_INIT(".dvp");
    struct stat info;
    struct dvara_str path = arena_printf(walk->arena, "%.*s/%s", DVARA_STR_ARG(folder), entry_cstr);
    struct dvara_str name = arena_printf(walk->arena, "%.*s%s", DVARA_STR_ARG(prefix), entry_cstr);
    if (!path.p || !name.p || lstat(path.p, &info) != 0) /* links are not followed: no cycles */
        return;
    if (S_ISDIR(info.st_mode)) {
        struct dvara_str below = arena_join(walk->arena, name, '/', DVARA_STR(""));
        if (below.p)
            walk_folder(walk, path, below, depth + 1);
    } else if (dvara_str_ends_with(name, ending)) {
        name.n -= walk->bare ? ending.n : 0;
        LIST_APPEND(walk->arena, walk->names->v, walk->names->n, name);
    }
}

static void walk_folder(const struct walk *walk, struct dvara_str folder, struct dvara_str prefix,
                        int depth)
{
    struct dirent **entries = NULL;
    int n = depth < DEPTH_MAX ? scandir(folder.p, &entries, is_shown, by_bytes) : 0;
    for (int i = 0; i < n; i++) {
        if (walk->names->n < NAMES_MAX)
            walk_entry(walk, folder, prefix, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
}

void import_names_add(struct import_names *names, struct arena *arena, struct dvara_str folder,
                      struct dvara_str prefix, bool bare)
{
    const struct walk walk = {names, arena, bare};
    struct dvara_str path_cstr = arena_copy(arena, folder);
    if (path_cstr.p)
        walk_folder(&walk, path_cstr, prefix, 0);
}

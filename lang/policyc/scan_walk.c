/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_walk.h"

#include "lang/list.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 200 };

static void complain(struct scan_walk *walk, const char *path_cstr, const char *why)
{
    walk->errors++;
    (void)fprintf(stderr, "dvara-policyc scan: %s: %s\n", path_cstr, why);
}

static bool is_excluded(const struct scan_walk *walk, const char *path_cstr, const char *name)
{
    for (size_t i = 0; i < walk->n_excludes; i++) {
        if (fnmatch(walk->excludes[i], name, 0) == 0 ||
            fnmatch(walk->excludes[i], path_cstr, 0) == 0)
            return true;
    }
    return false;
}

static bool is_version_control(const char *name)
{
    static const char *const names[] = {".git", ".hg", ".svn", ".bzr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static int is_entry(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static void add(struct scan_walk *walk, const char *path_cstr, bool given)
{
    struct scan_path path = {.path_cstr = path_cstr, .given = given};
    LIST_APPEND(walk->arena, walk->v, walk->n, path);
}

static void walk_folder(struct scan_walk *walk, const char *folder_cstr, int depth);

static void walk_entry(struct scan_walk *walk, const char *folder_cstr, const char *name, int depth)
{
    size_t n = strlen(folder_cstr);
    const char *slash = n && folder_cstr[n - 1] == '/' ? "" : "/";
    const char *path_cstr = arena_printf(walk->arena, "%s%s%s", folder_cstr, slash, name).p;
    struct stat info;
    if (!path_cstr || is_excluded(walk, path_cstr, name))
        return;
    if (lstat(path_cstr, &info) != 0)
        complain(walk, path_cstr, strerror(errno));
    else if (S_ISDIR(info.st_mode) && is_version_control(name))
        walk->skipped_folders++;
    else if (S_ISDIR(info.st_mode))
        walk_folder(walk, path_cstr, depth + 1);
    else if (S_ISREG(info.st_mode))
        add(walk, path_cstr, false);
    else
        walk->skipped_special++;
}

static void walk_folder(struct scan_walk *walk, const char *folder_cstr, int depth)
{
    struct dirent **entries = NULL;
    if (depth > DEPTH_MAX) {
        complain(walk, folder_cstr, "folders are nested too deep");
        return;
    }
    int n = scandir(folder_cstr, &entries, is_entry, by_bytes);
    if (n < 0) {
        complain(walk, folder_cstr, strerror(errno));
        return;
    }
    for (int i = 0; i < n; i++) {
        walk_entry(walk, folder_cstr, entries[i]->d_name, depth);
        free(entries[i]);
    }
    free(entries);
}

void scan_walk(struct scan_walk *walk, struct dvara_str path)
{
    const char *path_cstr = arena_copy(walk->arena, path).p;
    struct stat info;
    if (!path_cstr)
        return;
    bool is_input = strcmp(path_cstr, "-") == 0;
    if (!is_input && stat(path_cstr, &info) != 0)
        complain(walk, path_cstr, strerror(errno));
    else if (!is_input && S_ISDIR(info.st_mode))
        walk_folder(walk, path_cstr, 0);
    else
        add(walk, path_cstr, true);
}

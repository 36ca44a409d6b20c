/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_cache.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "bundle/format.h"
#include "policyc/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { KEY_MAX = 256 << 20 };

static bool is_ours(const struct stat *info)
{
    return info->st_uid == geteuid() && (info->st_mode & 022) == 0;
}

/* The folder, made if need be; false: none that others cannot write to. */
static bool find_folder(char folder_cstr[PATH_MAX])
{
    const char *base = getenv("XDG_CACHE_HOME");
    const char *home = getenv("HOME");
    struct stat info;
    int n = base && base[0] == '/'   ? snprintf(folder_cstr, PATH_MAX, "%s", base)
            : home && home[0] == '/' ? snprintf(folder_cstr, PATH_MAX, "%s/.cache", home)
                                     : -1;
    if (n < 0 || n + 32 > PATH_MAX || (mkdir(folder_cstr, 0700) != 0 && errno != EEXIST))
        return false;
    (void)snprintf(folder_cstr + n, (size_t)(PATH_MAX - n), "/dvara");
    if (mkdir(folder_cstr, 0700) != 0 && errno != EEXIST)
        return false;
    return stat(folder_cstr, &info) == 0 && S_ISDIR(info.st_mode) && is_ours(&info);
}

/* Everything that the compiled bytes depend on, but the machine: the loader asks about that. */
static void put_key(const struct program *program, const uint32_t *floors, struct buf *key)
{
    const struct decls *detectors = &program->by_kind[DECL_DETECTOR];
    BUF_LIT(key, "dvara-policyc " DVARA_VERSION " " __DATE__ " " __TIME__);
    for (uint32_t i = 0; i < program->sources.n; i++) {
        buf_printf(key, "\n%zu ", program->sources.v[i]->text.n);
        buf_append(key, program->sources.v[i]->text);
    }
    for (size_t i = 0; i < detectors->n; i++)
        buf_printf(key, "\n%.*s %u", DVARA_STR_ARG(detectors->v[i]->name), floors[i]);
}

void scan_cache_find(struct scan_cache *cache, const struct program *program,
                     const uint32_t *floors)
{
    unsigned char digest[FORMAT_DIGEST];
    struct buf key, name;
    cache->path_cstr[0] = 0;
    buf_init(&key, KEY_MAX);
    buf_init(&name, 2 * sizeof digest + 1);
    put_key(program, floors, &key);
    format_sha256(buf_str(&key), digest);
    bytes_hex(&name, dvara_str_from((const char *)digest, sizeof digest));
    char folder_cstr[PATH_MAX];
    if (!buf_failed(&key) && find_folder(folder_cstr)) {
        int n = snprintf(cache->path_cstr, sizeof cache->path_cstr, "%s/scan-%.*s.dvb", folder_cstr,
                         DVARA_STR_ARG(buf_str(&name)));
        if (n < 0 || (size_t)n >= sizeof cache->path_cstr)
            cache->path_cstr[0] = 0;
    }
    buf_clear(&key);
    buf_clear(&name);
}

bool scan_cache_load(const struct scan_cache *cache, struct dvara_bundle **ret_bundle)
{
    struct dvara_bundle_options options = {.trust_databases = true};
    struct dvara_bundle_error error;
    struct stat info;
    struct buf bytes;
    if (!cache->path_cstr[0] || lstat(cache->path_cstr, &info) != 0 || !S_ISREG(info.st_mode) ||
        !is_ours(&info))
        return false;
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    bool loaded = file_read(dvara_str_from_cstr(cache->path_cstr), &bytes) &&
                  dvara_bundle_load(buf_str(&bytes), &options, &error, ret_bundle) == DVARA_OK;
    buf_clear(&bytes);
    return loaded;
}

void scan_cache_store(const struct scan_cache *cache, struct dvara_str bytes)
{
    if (cache->path_cstr[0])
        (void)file_write(dvara_str_from_cstr(cache->path_cstr), bytes, 0600);
}

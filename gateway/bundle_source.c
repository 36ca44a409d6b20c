/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/bundle_source.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/time.h"
#include "gateway/bundle_keys.h"
#include "gateway/bundle_state.h"
#include "gateway/child.h"
#include "gateway/embedded_bundle.h"
#include "gateway/secret_file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    BUNDLE_BYTES = 256 * 1024 * 1024, /* databases of a large detector set */
    DIAGNOSTIC_BYTES = 64 * 1024,
    FOLDER_DEPTH = 16,
    LIBRARY_LEVELS = 5,
};

struct loader {
    const struct config *config;
    struct bundle_problem *problem;
    bool is_ours; /* the bytes were made by our own compiler: their databases may be used */
};

__attribute__((format(printf, 2, 3))) static void say(struct loader *loader, const char *format,
                                                      ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(loader->problem->text, sizeof loader->problem->text, format, arguments);
    va_end(arguments);
}

static bool is_source(const char *path_cstr)
{
    struct stat stat_of;
    size_t n = strlen(path_cstr);
    if (n > 4 && strcmp(path_cstr + n - 4, ".dvp") == 0)
        return true;
    return stat(path_cstr, &stat_of) == 0 && S_ISDIR(stat_of.st_mode);
}

/* The dvara-policyc of the config, or the one beside this program. */
static bool find_policyc(const struct config *config, char path[PATH_MAX])
{
    if (config->bundle.policyc_cstr != NULL)
        return snprintf(path, PATH_MAX, "%s", config->bundle.policyc_cstr) < PATH_MAX;
    ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
    if (n <= 0)
        return false;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (slash == NULL || (size_t)(slash - path) > PATH_MAX - sizeof "/dvara-policyc")
        return false;
    memcpy(slash, "/dvara-policyc", sizeof "/dvara-policyc");
    return true;
}

/* The policies that ship with the compiler, where it looks for them itself: share/dvara/policies of
 * an installation, policies/ above a build tree. "/nonexistent" when there are none. */
static void library_of(const char *policyc_cstr, char path[PATH_MAX])
{
    static const char *const places[] = {"share/dvara/policies", "policies"};
    char above[PATH_MAX], probe[PATH_MAX];
    snprintf(above, sizeof above, "%s", policyc_cstr);
    for (int level = 0; level < LIBRARY_LEVELS; level++) {
        char *slash = strrchr(above, '/');
        if (slash == NULL)
            break;
        *slash = '\0';
        for (size_t i = 0; i < sizeof places / sizeof *places; i++)
            if (snprintf(path, PATH_MAX, "%s/%s", above, places[i]) < PATH_MAX &&
                snprintf(probe, PATH_MAX, "%s/pii", path) < PATH_MAX && access(probe, F_OK) == 0)
                return;
    }
    snprintf(path, PATH_MAX, "/nonexistent");
}

static enum dvara_status run_policyc(struct loader *loader, struct child_job *job,
                                     struct buf *ret_bytes)
{
    struct buf errors;
    int exit_code = 0;
    buf_init(&errors, DIAGNOSTIC_BYTES);
    enum dvara_status status = child_run(job, ret_bytes, &errors, &exit_code);
    if (status == DVARA_OK && exit_code != 0)
        status = DVARA_INVALID;
    if (status == DVARA_UNSUPPORTED)
        say(loader, "this kernel cannot confine the compiler (Landlock and seccomp are needed): "
                    "compile with dvara-policyc and name the .dvb in bundle.path");
    else if (status != DVARA_OK)
        say(loader, "dvara-policyc %s: %s\n%.*s", job->arguments_cstr[0],
            status == DVARA_INVALID ? "refused" : dvara_status_sentence(status),
            DVARA_STR_ARG(buf_str(&errors)));
    buf_clear(&errors);
    return status;
}

/* The child runs in "/", so it is given paths from there. Links stay: a link that is moved to
 * another folder must be followed anew. False: the path is too long, or the working folder is gone.
 */
static bool make_absolute(const char *path_cstr, char ret_path[PATH_MAX])
{
    size_t n = 0;
    if (path_cstr[0] != '/') {
        if (getcwd(ret_path, PATH_MAX) == NULL)
            return false;
        n = strlen(ret_path);
    }
    size_t room = PATH_MAX - n;
    return (size_t)snprintf(ret_path + n, room, "%s%s", n ? "/" : "", path_cstr) < room;
}

static enum dvara_status compile(struct loader *loader, struct buf *ret_bytes)
{
    const struct config *config = loader->config;
    char policyc[PATH_MAX], library[PATH_MAX], path[PATH_MAX], folder[PATH_MAX];
    struct stat stat_of;
    if (!find_policyc(config, policyc) || stat(config->bundle.path_cstr, &stat_of) != 0 ||
        !make_absolute(config->bundle.path_cstr, path)) {
        say(loader, "bundle.path %s: cannot be read: %s", config->bundle.path_cstr,
            strerror(errno));
        return DVARA_NOT_FOUND;
    }
    /* A single file may import its neighbours. */
    memcpy(folder, path, strlen(path) + 1);
    char *slash = strrchr(folder, '/');
    if (!S_ISDIR(stat_of.st_mode) && slash != NULL)
        *slash = '\0';
    library_of(policyc, library);
    struct child_job job = {
        .program_cstr = policyc,
        .arguments_cstr = {"compile", "-o", "-", path},
        .readable_cstr = {folder, library},
        .time_ns = config->bundle.compile_time_ns,
        .memory_bytes = config->bundle.compile_memory_bytes,
    };
    loader->is_ours = true;
    return run_policyc(loader, &job, ret_bytes);
}

static enum dvara_status read_bytes(struct loader *loader, struct buf *ret_bytes)
{
    const char *path_cstr = loader->config->bundle.path_cstr;
    if (path_cstr == NULL) {
        buf_append(ret_bytes, embedded_bundle());
        loader->is_ours = true;
        return buf_failed(ret_bytes) ? DVARA_NO_MEMORY : DVARA_OK;
    }
    if (is_source(path_cstr))
        return compile(loader, ret_bytes);
    enum dvara_status status = file_read(path_cstr, ret_bytes);
    if (status != DVARA_OK)
        say(loader, "bundle.path %s: cannot be read: %s", path_cstr, file_sentence(status));
    return status;
}

/* The bundle has pattern sources but no databases that fit here: our own child makes them. */
static enum dvara_status build_patterns(struct loader *loader, struct buf *bytes)
{
    char policyc[PATH_MAX];
    struct buf built;
    if (!find_policyc(loader->config, policyc))
        return DVARA_NOT_FOUND;
    struct child_job job = {
        .program_cstr = policyc,
        .arguments_cstr = {"build-patterns", "-o", "-", "-"},
        .input = buf_str(bytes),
        .time_ns = loader->config->bundle.compile_time_ns,
        .memory_bytes = loader->config->bundle.compile_memory_bytes,
    };
    buf_init(&built, BUNDLE_BYTES);
    enum dvara_status status = run_policyc(loader, &job, &built);
    if (status == DVARA_OK) {
        struct buf old = *bytes;
        *bytes = built;
        built = old;
        loader->is_ours = true;
    }
    buf_clear(&built);
    return status;
}

static enum dvara_status load_bytes(struct loader *loader, struct buf *bytes,
                                    const struct bundle_keys *keys,
                                    struct dvara_bundle **ret_bundle)
{
    const struct config *config = loader->config;
    struct dvara_bundle_error error = {.text = ""};
    struct dvara_bundle_options options = {
        .keys = keys->v,
        .n_keys = keys->n,
        .require_signature = config->bundle.require_signatures && config->bundle.path_cstr != NULL,
        .trust_databases = loader->is_ours,
        .name = config->bundle.name,
        .now = time_wall_ns(),
        .mode = (enum dvara_mode)config->bundle.mode,
    };
    enum dvara_status status = dvara_bundle_load(buf_str(bytes), &options, &error, ret_bundle);
    if (status == DVARA_NOT_FOUND) {
        status = build_patterns(loader, bytes);
        if (status != DVARA_OK)
            return status;
        options.trust_databases = true;
        status = dvara_bundle_load(buf_str(bytes), &options, &error, ret_bundle);
    }
    if (status != DVARA_OK)
        say(loader, "%s", error.text[0] ? error.text : dvara_status_sentence(status));
    return status;
}

/* The list of providers that the bundle names and the config lacks. */
static enum dvara_status check_providers(struct loader *loader, const struct dvara_bundle *bundle)
{
    struct buf missing;
    buf_init(&missing, 2048);
    size_t n = dvara_bundle_info(bundle).n_providers;
    for (size_t i = 0; i < n; i++) {
        struct dvara_str name = dvara_bundle_provider(bundle, (uint32_t)i).name;
        if (config_provider_find(loader->config, name) == NULL)
            buf_printf(&missing, "%s%.*s", missing.n ? ", " : "", DVARA_STR_ARG(name));
    }
    if (missing.n != 0)
        say(loader, "the bundle names providers that dvara.yaml does not have: %.*s",
            DVARA_STR_ARG(buf_str(&missing)));
    enum dvara_status status = missing.n != 0 ? DVARA_INVALID : DVARA_OK;
    buf_clear(&missing);
    return status;
}

/* Every clause that this version cannot keep, each with the first declaration that has it. */
static enum dvara_status check_needs(struct loader *loader, const struct dvara_bundle *bundle)
{
    static const struct {
        enum dvara_need need;
        const char *why_cstr;
    } rows[] = {
#define NOT_ENFORCED(need_, why) {DVARA_NEED_##need_, why},
#include "gateway/not_enforced.def"
    };
    struct buf found;
    buf_init(&found, sizeof loader->problem->text);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct dvara_need_place place;
        if (!dvara_bundle_find_need(bundle, rows[i].need, &place))
            continue;
        buf_printf(&found, "%s%s %.*s", found.n ? "; " : "", place.kind_cstr,
                   DVARA_STR_ARG(place.name));
        if (!dvara_str_is_absent(place.file))
            buf_printf(&found, " (%.*s:%u)", DVARA_STR_ARG(place.file), place.line);
        buf_printf(&found, " has `%s`: %s", dvara_need_spelling(rows[i].need), rows[i].why_cstr);
    }
    enum dvara_status status = found.n || buf_failed(&found) ? DVARA_UNSUPPORTED : DVARA_OK;
    if (status != DVARA_OK)
        say(loader, "the bundle asks for what this version cannot keep: %.*s",
            DVARA_STR_ARG(buf_str(&found)));
    buf_clear(&found);
    return status;
}

static enum dvara_status check_bundle(struct loader *loader, const struct dvara_bundle *bundle)
{
    struct dvara_bundle_info info = dvara_bundle_info(bundle);
    uint64_t seen = 0;
    enum dvara_status status = check_needs(loader, bundle);
    if (status != DVARA_OK)
        return status;
    status = bundle_state_sequence(loader->config, info.name, &seen);
    if (status != DVARA_OK) {
        say(loader, "the file of sequences in the store folder cannot be read");
        return status;
    }
    if (info.sequence < seen) {
        say(loader,
            "bundle %.*s has sequence %llu, and %llu was seen before: a rollback is refused",
            DVARA_STR_ARG(info.name), (unsigned long long)info.sequence, (unsigned long long)seen);
        return DVARA_STALE;
    }
    return check_providers(loader, bundle);
}

static enum dvara_status load(struct loader *loader, struct buf *bytes,
                              struct dvara_bundle **ret_bundle)
{
    struct bundle_keys keys = {0};
    struct dvara_bundle *bundle = NULL;
    enum dvara_status status = bundle_keys_read(&loader->config->bundle.trusted_keys, &keys);
    if (status != DVARA_OK)
        say(loader, "bundle.trusted_keys: a file is no PEM of an Ed25519 public key");
    else
        status = load_bytes(loader, bytes, &keys, &bundle);
    if (status == DVARA_OK)
        status = check_bundle(loader, bundle);
    bundle_keys_clear(&keys);
    if (status != DVARA_OK) {
        dvara_bundle_free(bundle);
        return status;
    }
    *ret_bundle = bundle;
    return DVARA_OK;
}

enum dvara_status bundle_source_load(const struct config *config,
                                     struct bundle_problem *ret_problem,
                                     struct dvara_bundle **ret_bundle, struct buf *ret_bytes)
{
    struct loader loader = {.config = config, .problem = ret_problem};
    ret_problem->text[0] = '\0';
    buf_init(ret_bytes, BUNDLE_BYTES);
    enum dvara_status status = read_bytes(&loader, ret_bytes);
    if (status == DVARA_OK)
        status = load(&loader, ret_bytes, ret_bundle);
    if (status != DVARA_OK)
        buf_clear(ret_bytes);
    return status;
}

enum dvara_status bundle_source_load_last(const struct config *config,
                                          struct bundle_problem *ret_problem,
                                          struct dvara_bundle **ret_bundle)
{
    struct loader loader = {.config = config, .problem = ret_problem, .is_ours = true};
    struct buf bytes;
    buf_init(&bytes, BUNDLE_BYTES);
    ret_problem->text[0] = '\0';
    enum dvara_status status = bundle_state_read_last(config, &bytes);
    if (status == DVARA_OK)
        status = load(&loader, &bytes, ret_bundle);
    buf_clear(&bytes);
    return status;
}

enum dvara_status bundle_source_keep(const struct config *config, const struct dvara_bundle *bundle,
                                     struct dvara_str bytes)
{
    struct dvara_bundle_info info = dvara_bundle_info(bundle);
    enum dvara_status status = bundle_state_write_sequence(config, info.name, info.sequence);
    if (status == DVARA_OK)
        status = bundle_state_write_last(config, bytes);
    return status;
}

static void add_stat(struct buf *out, const char *name_cstr, const struct stat *stat_of)
{
    buf_printf(out, "%s %lld %lld.%09ld %llu\n", name_cstr, (long long)stat_of->st_size,
               (long long)stat_of->st_mtim.tv_sec, stat_of->st_mtim.tv_nsec,
               (unsigned long long)stat_of->st_ino);
}

/* The order of readdir may change, so the sum of the entries' hashes is taken. */
static uint64_t folder_fingerprint(const char *path_cstr, unsigned depth)
{
    uint64_t sum = 1;
    DIR *folder = depth < FOLDER_DEPTH ? opendir(path_cstr) : NULL;
    if (folder == NULL)
        return sum;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char path[PATH_MAX];
        struct stat stat_of;
        if (entry->d_name[0] == '.' ||
            snprintf(path, sizeof path, "%s/%s", path_cstr, entry->d_name) >= (int)sizeof path ||
            stat(path, &stat_of) != 0)
            continue;
        struct buf text;
        buf_init(&text, PATH_MAX * 2);
        add_stat(&text, entry->d_name, &stat_of);
        if (S_ISDIR(stat_of.st_mode))
            sum += folder_fingerprint(path, depth + 1);
        else
            sum += hash_fixed(buf_str(&text));
        buf_clear(&text);
    }
    closedir(folder);
    return sum;
}

uint64_t bundle_source_fingerprint(const struct config *config)
{
    const char *path_cstr = config->bundle.path_cstr;
    struct stat stat_of;
    if (path_cstr == NULL || stat(path_cstr, &stat_of) != 0)
        return 0;
    if (S_ISDIR(stat_of.st_mode))
        return folder_fingerprint(path_cstr, 0);
    struct buf text;
    buf_init(&text, PATH_MAX * 2);
    add_stat(&text, "", &stat_of);
    uint64_t hash = hash_fixed(buf_str(&text));
    buf_clear(&text);
    return hash;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern/build/limited.h"

#include "base/arena.h"
#include "base/buf.h"
#include "pattern/text.h"
#include "pii/detectors.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* GCC says it by a macro, clang by a feature. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif

enum { SOURCES_MAX = 256 << 20, SHOWN_BYTES = 80 };

typedef enum dvara_status build_work(void *user, struct buf *out,
                                     struct pattern_build_error *ret_error);

/* What a child says first; the bytes follow. */
struct answer {
    enum dvara_status status;
    struct pattern_build_error error;
    size_t n;
};

static bool write_whole(int fd, const void *bytes, size_t n)
{
    const char *p = bytes;
    while (n > 0) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno != EINTR)
            return false;
        if (put > 0) {
            p += put;
            n -= (size_t)put;
        }
    }
    return true;
}

static bool read_whole(int fd, void *bytes, size_t n)
{
    char *p = bytes;
    while (n > 0) {
        ssize_t got = read(fd, p, n);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0) {
            p += got;
            n -= (size_t)got;
        }
    }
    return true;
}

/* Memory is not limited under a sanitizer, which reserves terabytes of address space. */
static void limit(struct pattern_limits limits)
{
    const struct rlimit seconds = {limits.seconds, limits.seconds};
    (void)setrlimit(RLIMIT_CPU, &seconds);
    const struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef IS_SANITIZED
    const struct rlimit memory = {limits.memory_bytes, limits.memory_bytes};
    (void)setrlimit(RLIMIT_DATA, &memory);
#endif
}

/* Ends at once, without what the program does at its end: that is the parent's. */
static void run_child(struct pattern_limits limits, build_work *work, void *user, struct buf *out,
                      int fd)
{
    struct answer answer = {.status = DVARA_IO};
    size_t before = out->n;
    limit(limits);
    answer.status = work(user, out, &answer.error);
    answer.n = out->n - before;
    if (write_whole(fd, &answer, sizeof answer))
        (void)write_whole(fd, out->p + before, answer.n);
    (void)raise(SIGKILL);
}

/* AGAIN: it ended without a word, or was refused memory. */
static enum dvara_status hear(int fd, struct buf *out, struct pattern_build_error *ret_error)
{
    struct answer answer;
    if (!read_whole(fd, &answer, sizeof answer))
        return DVARA_AGAIN;
    char *p = answer.n ? buf_room(out, answer.n) : NULL;
    if (answer.n && !p)
        return DVARA_NO_MEMORY;
    if (!read_whole(fd, p, answer.n))
        return DVARA_IO;
    out->n += answer.n;
    *ret_error = answer.error;
    return answer.status == DVARA_NO_MEMORY ? DVARA_AGAIN : answer.status;
}

/* As a child ends itself, and as a spent allowance of time ends it; anything else is a fault. */
static bool was_killed(pid_t child)
{
    int how = 0;
    pid_t ended;
    do
        ended = waitpid(child, &how, 0);
    while (ended < 0 && errno == EINTR);
    return ended == child && WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL;
}

/* AGAIN: the limits are spent. */
static enum dvara_status run_within(struct pattern_limits limits, build_work *work, void *user,
                                    struct buf *out, struct pattern_build_error *ret_error)
{
    int ends[2];
    if (pipe(ends) != 0)
        return work(user, out, ret_error);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        run_child(limits, work, user, out, ends[1]);
    }
    close(ends[1]);
    enum dvara_status status =
        child < 0 ? work(user, out, ret_error) : hear(ends[0], out, ret_error);
    close(ends[0]);
    bool killed = child > 0 && was_killed(child);
    return status == DVARA_AGAIN && !killed ? DVARA_IO : status;
}

struct sections {
    struct dvara_str rules, detectors;
};

static enum dvara_status build_all(void *user, struct buf *out,
                                   struct pattern_build_error *ret_error)
{
    const struct sections *sections = user;
    return pattern_databases_build(sections->rules, sections->detectors, out, ret_error);
}

static enum dvara_status build_one(void *user, struct buf *out,
                                   struct pattern_build_error *ret_error)
{
    const struct pattern_source *source = user;
    enum dvara_status status = pattern_build(source, 1, out, ret_error);
    buf_reset(out); /* only its making counts */
    return status;
}

static void tell_limits(struct pattern_limits one, const struct pattern_source *source,
                        struct pattern_build_error *ret_error)
{
    struct dvara_str shown = dvara_str_slice(source->source, 0, SHOWN_BYTES);
    shown.n = text_cut(shown); /* a whole code point */
    (void)snprintf(ret_error->text, sizeof ret_error->text,
                   "/%.*s/ takes more than %u s or %zu MiB to compile: make its repeats smaller",
                   DVARA_STR_ARG(shown), one.seconds, one.memory_bytes >> 20);
}

/* Whether one of the sources alone is over the limits; then ret_error says which. */
static bool find_culprit(struct pattern_limits one, struct pattern_source *v, size_t n,
                         struct pattern_build_error *ret_error)
{
    struct pattern_build_error ignored;
    struct buf none;
    bool found = false;
    buf_init(&none, SOURCES_MAX);
    for (size_t i = 0; i < n && !found; i++) {
        found = run_within(one, build_one, &v[i], &none, &ignored) == DVARA_AGAIN;
        if (found) {
            *ret_error = (struct pattern_build_error){.pattern = i};
            tell_limits(one, &v[i], ret_error);
        }
    }
    buf_clear(&none);
    return found;
}

static void name_culprit(struct pattern_limits all, struct pattern_limits one,
                         const struct sections *sections, struct pattern_build_error *ret_error)
{
    struct arena arena;
    struct pattern_source *rules = NULL, *detectors = NULL;
    size_t n_rules = 0, n_detectors = 0;
    arena_init(&arena, SOURCES_MAX);
    bool found =
        (pattern_sources_decode(sections->rules, &arena, &rules, &n_rules) == DVARA_OK &&
         find_culprit(one, rules, n_rules, ret_error)) ||
        (detectors_sources(sections->detectors, &arena, &detectors, &n_detectors) == DVARA_OK &&
         find_culprit(one, detectors, n_detectors, ret_error));
    if (!found)
        (void)snprintf(ret_error->text, sizeof ret_error->text,
                       "all patterns together take more than %u s or %zu MiB to compile",
                       all.seconds, all.memory_bytes >> 20);
    arena_clear(&arena);
}

enum dvara_status pattern_databases_build_within(struct pattern_limits all,
                                                 struct pattern_limits one,
                                                 struct dvara_str rule_sources,
                                                 struct dvara_str detectors, struct buf *out,
                                                 struct pattern_build_error *ret_error)
{
    struct sections sections = {.rules = rule_sources, .detectors = detectors};
    enum dvara_status status = run_within(all, build_all, &sections, out, ret_error);
    if (status != DVARA_AGAIN)
        return status;
    name_culprit(all, one, &sections, ret_error);
    return DVARA_TOO_LARGE;
}

struct check {
    const struct pattern_source *source;
    struct pattern_facts facts;
};

static enum dvara_status check_one(void *user, struct buf *out,
                                   struct pattern_build_error *ret_error)
{
    struct check *check = user;
    enum dvara_status status = pattern_check(check->source, &check->facts, ret_error);
    buf_append(out, dvara_str_from((const char *)&check->facts, sizeof check->facts));
    return status;
}

/* A brace with three digits or more in a row behind it. Patterns of smaller repeats took a second
 * at most, and a child a pattern would cost an editor more. */
static bool repeats_often(struct dvara_str source)
{
    bool in_brace = false;
    size_t digits = 0;
    for (size_t i = 0; i < source.n; i++) {
        char c = source.p[i];
        in_brace = c == '{' || (in_brace && c != '}');
        digits = in_brace && c >= '0' && c <= '9' ? digits + 1 : 0;
        if (digits == 3)
            return true;
    }
    return false;
}

enum dvara_status pattern_check_within(struct pattern_limits one,
                                       const struct pattern_source *source,
                                       struct pattern_facts *ret_facts,
                                       struct pattern_build_error *ret_error)
{
    struct check check = {.source = source};
    struct buf facts;
    if (!repeats_often(source->source))
        return pattern_check(source, ret_facts, ret_error);
    *ret_error = (struct pattern_build_error){0};
    buf_init(&facts, sizeof *ret_facts);
    enum dvara_status status = run_within(one, check_one, &check, &facts, ret_error);
    if (status == DVARA_AGAIN) {
        tell_limits(one, source, ret_error);
        status = DVARA_TOO_LARGE;
    }
    if (facts.n == sizeof *ret_facts)
        memcpy(ret_facts, facts.p, sizeof *ret_facts);
    buf_clear(&facts);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Each job is a process of its own: it takes every so many mutants, compiles and tests them in
 * memory of its own, and writes a word a mutant into a pipe. A mutant that brings one down stays
 * untried, and so do those it would have tried after it. */
#include "policyc/mutation.h"

#include "base/buf.h"
#include "base/bytes.h"
#include "base/time.h"
#include "bundle/format.h"
#include "bundle/read.h"
#include "dvara/bundle.h"
#include "lang/emit.h"
#include "lang/testrun.h"
#include "pattern/sources.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { JOBS_MAX = 64, WORD = 8 }; /* a word: the mutant's number and its state, 32 bits each */

/* Files are read from memory: the policy's, one of them changed. */
struct changed {
    const struct program *program;
    uint32_t file;
    struct dvara_str text;
    const struct pattern_source *known; /* the policy's patterns */
    size_t n_known;
};

static bool read_changed(void *user, struct dvara_str real_path, struct dvara_str *ret_text)
{
    const struct changed *changed = user;
    for (uint32_t i = 0; i < changed->program->sources.n; i++) {
        const struct source *source = changed->program->sources.v[i];
        if (!dvara_str_eq(source->real_path, real_path))
            continue;
        *ret_text = i == changed->file ? changed->text : source->text;
        return true;
    }
    return false;
}

static struct program *compile(const struct mutation *mutation, const struct changed *changed,
                               struct arena *arena, struct diags *diags)
{
    const struct front *front = mutation->front;
    const struct overlay overlay = {read_changed, (void *)(uintptr_t)changed};
    const struct compile_options options = {.paths = front->operands.v,
                                            .n_paths = front->operands.n,
                                            .libraries = front->libraries,
                                            .n_libraries = front->n_libraries,
                                            .overlay = &overlay,
                                            .known = changed->known,
                                            .n_known = changed->n_known};
    return diags_init(diags, arena) ? compile_front(arena, &options, diags) : NULL;
}

/* Does a test fail on these bytes? */
static enum mutant_state judge(const struct mutation *mutation, const struct program *program,
                               struct dvara_str bytes)
{
    struct dvara_bundle_options options = {.trust_databases = true};
    struct dvara_bundle_error error;
    struct dvara_bundle *bundle = NULL;
    bool fails = false;
    if (dvara_bundle_load(bytes, &options, &error, &bundle) != DVARA_OK)
        return MUTANT_INVALID;
    enum dvara_status status = testrun_fails(program, bundle, mutation->only, &fails);
    dvara_bundle_free(bundle);
    if (status != DVARA_OK)
        return MUTANT_NOT_TRIED;
    return fails ? MUTANT_KILLED : MUTANT_SURVIVED;
}

static enum mutant_state try(const struct mutation *mutation, const struct changed *like,
                             const struct mutant *mutant)
{
    const struct codegen_options options = {.compiler = DVARA_STR("dvara-policyc")};
    struct dvara_bundle_error error;
    struct changed changed = *like;
    struct diags diags;
    struct arena arena;
    struct buf bytes;
    enum mutant_state state = MUTANT_INVALID;
    arena_init(&arena, COMPILE_ARENA_LIMIT);
    buf_init(&bytes, FORMAT_MAX_BUNDLE);
    changed.file = mutant->span.file;
    changed.text = mutant_text(mutant, changed.program, &arena);
    const struct program *program = compile(mutation, &changed, &arena, &diags);
    if (program && !diags_has_errors(&diags) &&
        emit_bundle_like(program, &options, mutation->like, &diags, &error, &bytes) == DVARA_OK)
        state = judge(mutation, program, buf_str(&bytes));
    buf_clear(&bytes);
    arena_clear(&arena);
    return state;
}

/* ---- one job ---- */

/* The patterns of the policy's bundle; none when it cannot be read. */
static void read_patterns(const struct mutation *mutation, struct changed *changed)
{
    struct arena *arena = &mutation->front->arena;
    struct bundle_file *file = ARENA_NEW(arena, struct bundle_file);
    struct dvara_bundle_error error;
    struct pattern_source *v = NULL;
    size_t n = 0;
    if (!file || bundle_read_file(mutation->like, &error, file) != DVARA_OK)
        return;
    struct dvara_str section = bundle_file_section(file, SECTION_PATTERNS);
    if (section.n && pattern_sources_decode(section, arena, &v, &n) == DVARA_OK) {
        changed->known = v;
        changed->n_known = n;
    }
}

static void work(const struct mutation *mutation, const struct mutants *mutants, size_t from,
                 size_t step, uint64_t deadline, int pipe)
{
    struct changed like = {.program = mutation->front->program};
    read_patterns(mutation, &like);
    for (size_t i = from; i < mutants->n && time_monotonic_ns() < deadline; i += step) {
        char word[WORD];
        bytes_put32(word, (uint32_t)i);
        bytes_put32(word + 4, (uint32_t)try(mutation, &like, &mutants->v[i]));
        if (write(pipe, word, sizeof word) != (ssize_t)sizeof word)
            return;
    }
}

static bool start(const struct mutation *mutation, const struct mutants *mutants, size_t from,
                  size_t jobs, uint64_t deadline, const int pipe[2])
{
    pid_t child = fork();
    if (child == 0) {
        close(pipe[0]);
        work(mutation, mutants, from, jobs, deadline, pipe[1]);
        _exit(0); /* what the parent has not written yet is the parent's to write */
    }
    return child > 0;
}

static void show_progress(const struct mutants *mutants, size_t done)
{
    struct mutant_sums sums = mutant_sums(mutants);
    if (!isatty(STDERR_FILENO))
        return;
    (void)fprintf(stderr, "\rmutants: %zu of %zu, %zu survived ", done, mutants->n,
                  sums.by_state[MUTANT_SURVIVED]);
    if (done == mutants->n)
        (void)fputs("\r\033[K", stderr);
}

/* Words of 8 bytes come whole: they are less than PIPE_BUF. */
static enum dvara_status collect(int pipe, struct mutants *mutants)
{
    char word[WORD];
    for (size_t done = 0;;) {
        ssize_t n = read(pipe, word, sizeof word);
        if (n < 0 && errno == EINTR)
            continue;
        if (n != (ssize_t)sizeof word)
            return n == 0 ? DVARA_OK : DVARA_IO;
        uint32_t index = bytes_get32(word), state = bytes_get32(word + 4);
        if (index >= mutants->n || state >= MUTANT_STATE_COUNT)
            return DVARA_IO;
        mutants->v[index].state = (uint8_t)state;
        show_progress(mutants, ++done);
    }
}

static size_t jobs_of(const struct mutation *mutation, size_t mutants)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t jobs = mutation->jobs ? mutation->jobs : processors > 0 ? (size_t)processors : 1;
    jobs = jobs < JOBS_MAX ? jobs : JOBS_MAX;
    return jobs < mutants ? jobs : mutants;
}

enum dvara_status mutation_run(const struct mutation *mutation, struct mutants *mutants)
{
    size_t jobs = jobs_of(mutation, mutants->n), started = 0;
    uint64_t deadline = time_monotonic_ns() + mutation->within_ns;
    int ends[2];
    if (mutants->n == 0)
        return DVARA_OK;
    if (pipe(ends) != 0)
        return DVARA_IO;
    (void)fflush(stdout);
    while (started < jobs && start(mutation, mutants, started, jobs, deadline, ends))
        started++;
    close(ends[1]);
    enum dvara_status status = started == jobs ? collect(ends[0], mutants) : DVARA_IO;
    close(ends[0]);
    for (size_t i = 0; i < started; i++) {
        while (wait(NULL) < 0 && errno == EINTR)
            ;
    }
    return status;
}

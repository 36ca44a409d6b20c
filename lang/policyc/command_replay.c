/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/format.h"
#include "policyc/bundle_input.h"
#include "policyc/command.h"
#include "policyc/file.h"
#include "policyc/replay_lines.h"
#include "policyc/replay_print.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    POLICIES_MAX = 256,
    LIMIT_DEFAULT = 20,
    RECORD_MEMORY = 1 << 30,
    PATHS_MEMORY = 64 << 20,
    OUTPUT_MAX = 256 << 20,
    FLUSHED = 64 << 10,
    BAD_SHOWN = 20
};

struct replay {
    struct front front;
    struct operands audits;
    struct dvara_str policies[POLICIES_MAX];
    size_t n_policies;
    const char *format, *limit, *only, *fail_on;
    bool summary;
    uint64_t most;             /* lines that are printed */
    enum replay_result wanted; /* REPLAY_RESULTS: as usual */
    bool fails_on[REPLAY_RESULTS];
    struct arena paths, record;
    struct buf bytes, out;
    struct replayer *replayer;
    struct replay_print print;
    struct replay_tally tally;
    struct replay_files files;
    uint64_t shown;
    bool shows_progress, progress_shown, is_broken, is_unread;
};

static int complain(const char *what, const char *value)
{
    (void)fprintf(stderr, "dvara-policyc replay: %s, not `%s`\n", what, value);
    return EXIT_USAGE;
}

/* ---- the command line ---- */

static enum replay_result find_result(const char *word)
{
    int result = 0;
    while (result < REPLAY_RESULTS &&
           !dvara_str_eq(replay_result_name((enum replay_result)result), dvara_str_from_cstr(word)))
        result++;
    return (enum replay_result)result;
}

static int read_settings(struct replay *replay)
{
    char *end = NULL;
    replay->most = LIMIT_DEFAULT;
    replay->wanted = REPLAY_RESULTS;
    if (replay->format && strcmp(replay->format, "json") != 0 &&
        strcmp(replay->format, "human") != 0)
        return complain("--format is human or json", replay->format);
    replay->print.json = replay->format && strcmp(replay->format, "json") == 0;
    if (replay->print.json)
        replay->most = UINT64_MAX;
    if (replay->limit) {
        replay->most = strtoull(replay->limit, &end, 10);
        if (replay->limit[0] < '0' || replay->limit[0] > '9' || *end)
            return complain("--limit is a number of lines", replay->limit);
    }
    if (replay->only && (replay->wanted = find_result(replay->only)) == REPLAY_RESULTS)
        return complain("--only is same, changed or unknown", replay->only);
    if (replay->fail_on && strcmp(replay->fail_on, "changed") != 0 &&
        strcmp(replay->fail_on, "unknown") != 0)
        return complain("--fail-on is changed or unknown", replay->fail_on);
    replay->fails_on[REPLAY_CHANGED] = replay->fail_on != NULL;
    replay->fails_on[REPLAY_UNKNOWN] = replay->fail_on && strcmp(replay->fail_on, "unknown") == 0;
    return EXIT_CLEAN;
}

static int read_arguments(struct replay *replay, int argc, char **argv)
{
    struct front *front = &replay->front;
    const struct option_row rows[] = {{.name = "--bundle",
                                       .list = replay->policies,
                                       .n_list = &replay->n_policies,
                                       .list_max = POLICIES_MAX},
                                      {.name = "--library",
                                       .list = front->libraries,
                                       .n_list = &front->n_libraries,
                                       .list_max = LIBRARIES_MAX - 1},
                                      {.name = "--format", .value = &replay->format},
                                      {.name = "--limit", .value = &replay->limit},
                                      {.name = "--only", .value = &replay->only},
                                      {.name = "--fail-on", .value = &replay->fail_on},
                                      {.name = "--summary", .flag = &replay->summary}};
    if (!arguments_read(argc, argv, rows, sizeof rows / sizeof *rows, &replay->audits))
        return EXIT_USAGE;
    if (replay->audits.n == 0 || replay->n_policies == 0) {
        (void)fputs(
            "dvara-policyc replay: give an audit chain or its folder (- is standard input), "
            "and --bundle POLICY\n",
            stderr);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < replay->n_policies; i++)
        front->operands.v[front->operands.n++] = replay->policies[i];
    int code = read_settings(replay);
    return code == EXIT_CLEAN ? front_settle(front, "replay") : code;
}

/* ---- what comes ---- */

static void hide_progress(struct replay *replay)
{
    if (replay->progress_shown)
        (void)fputs("\r\033[K", stderr);
    replay->progress_shown = false;
}

static void flush(struct replay *replay)
{
    struct buf *out = &replay->out;
    if (out->n)
        hide_progress(replay);
    if (!file_print(out))
        replay->is_broken = true;
    buf_reset(out);
}

static uint64_t judged(const struct replay *replay)
{
    return replay->tally.results[REPLAY_SAME] + replay->tally.results[REPLAY_CHANGED] +
           replay->tally.results[REPLAY_UNKNOWN];
}

static void on_chunk(void *user, uint64_t bytes)
{
    struct replay *replay = user;
    flush(replay);
    if (!replay->shows_progress)
        return;
    (void)fprintf(stderr, "\r\033[K%" PRIu64 " decisions, %" PRIu64 " of %" PRIu64 " MB",
                  judged(replay), bytes / 1000000, replay->files.bytes / 1000000);
    replay->progress_shown = true;
}

static bool is_shown(const struct replay *replay, enum replay_result result)
{
    if (replay->summary || replay->shown >= replay->most)
        return false;
    if (replay->wanted != REPLAY_RESULTS)
        return result == replay->wanted;
    return replay->print.json || result == REPLAY_CHANGED;
}

static void refuse(struct replay *replay, const struct replay_line *line, struct dvara_str why)
{
    if (replay->tally.bad++ >= BAD_SHOWN)
        return;
    hide_progress(replay);
    (void)fprintf(stderr, "dvara-policyc replay: %s:%" PRIu64 ": %.*s\n", line->path_cstr,
                  line->number, DVARA_STR_ARG(why));
}

static void note_torn(struct replay *replay, const struct replay_line *line)
{
    replay->tally.torn++;
    hide_progress(replay);
    (void)fprintf(stderr,
                  "dvara-policyc replay: %s:%" PRIu64 ": the last line is torn: passed over\n",
                  line->path_cstr, line->number);
}

/* What comes after the line is not read. */
static bool give_up(struct replay *replay, const struct replay_line *line)
{
    hide_progress(replay);
    (void)fprintf(stderr,
                  "dvara-policyc replay: %s:%" PRIu64 ": out of memory: nothing from here on is "
                  "read\n",
                  line->path_cstr, line->number);
    return false;
}

static bool judge(struct replay *replay, const struct replay_line *line,
                  const struct record *record)
{
    struct replayed replayed;
    if (replayer_judge(replay->replayer, record, &replayed) != DVARA_OK)
        return give_up(replay, line);
    replay_tally_add(&replay->tally, record, &replayed);
    if (!is_shown(replay, replayed.result))
        return true;
    replay->shown++;
    replay_print_one(&replay->print, record, &replayed, &replay->out);
    if (replay->out.n > FLUSHED)
        flush(replay);
    return !replay->is_broken;
}

static bool on_line(void *user, const struct replay_line *line)
{
    struct replay *replay = user;
    struct record record;
    struct dvara_str error = {0};
    arena_reset(&replay->record);
    if (line->too_long) {
        refuse(replay, line, DVARA_STR("the line is longer than 64 MiB"));
        return true;
    }
    enum dvara_status status = record_read(line->text, &replay->record, &record, &error);
    if (status == DVARA_INVALID && line->is_torn && !record.is_json)
        note_torn(replay, line);
    else if (status == DVARA_INVALID)
        refuse(replay, line, error);
    else if (status == DVARA_OK && !record.is_decision)
        replay->tally.other++;
    else if (status == DVARA_OK)
        return judge(replay, line, &record);
    return status == DVARA_NO_MEMORY ? give_up(replay, line) : true;
}

/* ---- the run ---- */

static int exit_code(const struct replay *replay)
{
    const struct replay_tally *t = &replay->tally;
    bool fails = false;
    for (int i = 0; i < REPLAY_RESULTS; i++)
        fails = fails || (replay->fails_on[i] && t->results[i]);
    if (replay->is_broken || replay->is_unread || t->bad)
        return EXIT_USAGE;
    return fails ? EXIT_DIAGNOSTICS : EXIT_CLEAN;
}

static void conclude(struct replay *replay)
{
    const struct replay_tally *t = &replay->tally;
    uint64_t hidden = 0;
    for (int i = 0; i < REPLAY_RESULTS; i++) {
        bool counts =
            replay->wanted == REPLAY_RESULTS ? i == REPLAY_CHANGED : i == (int)replay->wanted;
        hidden += counts ? t->results[i] : 0;
    }
    if (!replay->summary && !replay->print.json && hidden > replay->shown)
        buf_printf(&replay->out, "and %" PRIu64 " more (--limit)\n", hidden - replay->shown);
    replay_print_summary(&replay->print, t, &replay->out);
    flush(replay);
    hide_progress(replay);
    if (t->bad > BAD_SHOWN)
        (void)fprintf(stderr,
                      "dvara-policyc replay: and %" PRIu64 " more lines that are no record\n",
                      t->bad - BAD_SHOWN);
    if (judged(replay) == 0)
        (void)fputs("dvara-policyc replay: there was no decision to replay\n", stderr);
}

static int replay_all(struct replay *replay, const struct dvara_bundle *bundle)
{
    struct replay_reader reader = {.on_line = on_line, .on_chunk = on_chunk, .user = replay};
    replay->print.bundle = bundle;
    replay->tally.arena = &replay->paths;
    replay->tally.atoms = ARENA_ARRAY(&replay->paths, dvara_bundle_atoms(bundle) + 1, uint64_t);
    replay->files.arena = &replay->paths;
    replay->shows_progress = isatty(STDERR_FILENO) == 1;
    for (size_t i = 0; i < replay->audits.n; i++) {
        if (!replay_files_add(&replay->files, replay->audits.v[i]))
            return EXIT_USAGE;
    }
    if (!replay->tally.atoms || replayer_new(bundle, &replay->replayer) != DVARA_OK)
        return EXIT_INTERNAL;
    for (size_t i = 0; i < replay->files.n && !replay->is_broken; i++)
        replay->is_unread |= !replay_read(&reader, replay->files.v[i]);
    conclude(replay);
    return exit_code(replay);
}

static int run(int argc, char **argv)
{
    struct replay *replay = calloc(1, sizeof *replay);
    struct dvara_bundle *bundle = NULL;
    if (!replay)
        return EXIT_INTERNAL;
    front_init(&replay->front);
    arena_init(&replay->paths, PATHS_MEMORY);
    arena_init(&replay->record, RECORD_MEMORY);
    buf_init(&replay->bytes, FORMAT_MAX_BUNDLE);
    buf_init(&replay->out, OUTPUT_MAX);
    int code = read_arguments(replay, argc, argv);
    if (code == EXIT_CLEAN)
        code = bundle_bytes(&replay->front, &replay->bytes);
    if (code == EXIT_CLEAN)
        code = bundle_open(buf_str(&replay->bytes), &bundle);
    if (code == EXIT_DIAGNOSTICS) /* 1 says what --fail-on asks about */
        code = EXIT_USAGE;
    if (code == EXIT_CLEAN)
        code = replay_all(replay, bundle);
    replayer_free(replay->replayer);
    dvara_bundle_free(bundle);
    buf_clear(&replay->bytes);
    buf_clear(&replay->out);
    arena_clear(&replay->record);
    arena_clear(&replay->paths);
    front_clear(&replay->front);
    free(replay);
    return code;
}

const struct command command_replay = {
    .name = "replay",
    .synopsis = "replay [options] AUDIT… --bundle BUNDLE|PATH",
    .summary = "Makes past decisions again by another policy",
    .help =
        "AUDIT is a chain, a folder of chains, or - for standard input.\n"
        "  --bundle PATH       the policy to decide by: a bundle, or sources (may repeat)\n"
        "  --library DIR       look imports up there too (may repeat)\n"
        "  --only R            print only what is same, changed or unknown (default: changed, and\n"
        "                      with --format json all)\n"
        "  --limit N           print at most so many (default 20, with --format json all)\n"
        "  --summary           print the counts alone\n"
        "  --format F          human (default) or json: one object a line, the summary last\n"
        "  --fail-on R         exit 1 when something changed, or also when something is unknown\n"
        "Exit code: 0 all was read, 1 as --fail-on says, 2 usage, what could not be read or is no\n"
        "record, or a policy does not compile, 3 internal. docs/language/changes.md says what\n"
        "unknown means.\n",
    .run = run,
};

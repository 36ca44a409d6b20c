/* SPDX-License-Identifier: Apache-2.0 */
/* The language server on standard input and output. */
#include "base/buf.h"
#include "lang/lsp/lsp.h"
#include "policyc/command.h"
#include "policyc/front.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHUNK = 64 << 10, QUIET_MS = 40, OUT_BYTES_MAX = 256 << 20 };

static bool write_all(struct buf *out)
{
    size_t at = 0;
    while (at < out->n) {
        ssize_t n = write(STDOUT_FILENO, out->p + at, out->n - at);
        if (n < 0 && errno != EINTR)
            return false;
        at += n > 0 ? (size_t)n : 0;
    }
    bool ok = !buf_failed(out);
    buf_reset(out);
    return ok;
}

/* What the test command prints, by this same program. */
static void run_child(const struct dvara_str *words, int output)
{
    const char *arguments[] = {"dvara-policyc", "test", "-k", words[0].p, words[1].p, NULL};
    (void)dup2(output, STDOUT_FILENO);
    (void)dup2(output, STDERR_FILENO);
    (void)execv("/proc/self/exe", (char **)(uintptr_t)arguments);
    _exit(127);
}

static bool read_child(int input, pid_t child, struct buf *out)
{
    int status = 0;
    for (;;) {
        char *p = buf_room(out, CHUNK);
        ssize_t n = p ? read(input, p, CHUNK) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        out->n += (size_t)n;
    }
    (void)close(input);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        continue;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool run_test(void *user, struct dvara_str path, struct dvara_str name, struct buf *out)
{
    struct front *front = user;
    const struct dvara_str words[] = {arena_copy(&front->arena, name),
                                      arena_copy(&front->arena, path)};
    int ends[2];
    if (!words[0].p || !words[1].p || pipe(ends) != 0)
        return false;
    pid_t child = fork();
    if (child == 0)
        run_child(words, ends[1]);
    (void)close(ends[1]);
    if (child < 0)
        (void)close(ends[0]);
    return child > 0 && read_child(ends[0], child, out);
}

/* Hands over every whole message. False: what came is no message. */
static bool take(struct lsp *lsp, struct buf *in, struct buf *out)
{
    struct dvara_str message;
    size_t used;
    while (!lsp_is_over(lsp) && lsp_frame(buf_str(in), &message, &used)) {
        lsp_receive(lsp, message, out);
        buf_consume(in, used);
        if (!write_all(out))
            return false;
    }
    if (used == SIZE_MAX)
        (void)fprintf(stderr, "dvara-policyc lsp: the input is not the language server protocol\n");
    return used != SIZE_MAX;
}

/* Diagnostics wait until the editor pauses: a compile a keystroke helps nobody. */
static bool is_quiet(const struct lsp *lsp)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    return lsp_has_changes(lsp) && poll(&fd, 1, QUIET_MS) == 0;
}

static int serve(struct lsp *lsp)
{
    struct buf in, out;
    int code = EXIT_USAGE;
    buf_init(&in, LSP_MESSAGE_MAX + CHUNK);
    buf_init(&out, OUT_BYTES_MAX);
    while (!lsp_is_over(lsp)) {
        if (is_quiet(lsp)) {
            lsp_publish(lsp, &out);
            if (!write_all(&out))
                break;
        }
        char *p = buf_room(&in, CHUNK);
        ssize_t n = p ? read(STDIN_FILENO, p, CHUNK) : 0;
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            break;
        in.n += (size_t)n;
        if (!take(lsp, &in, &out))
            break;
    }
    if (lsp_is_over(lsp))
        code = lsp_status(lsp);
    buf_clear(&in);
    buf_clear(&out);
    return code;
}

static int run(int argc, char **argv)
{
    struct front front;
    bool stdio = false; /* what most editors pass; there is no other way */
    const struct option_row rows[] = {{.name = "--stdio", .flag = &stdio}};
    front_init(&front);
    front.may_lack_libraries = true; /* an editor's setting is for many folders: said, and served */
    int code = front_arguments(&front, argc, argv, rows, 1);
    if (code == EXIT_CLEAN && front.operands.n) {
        (void)fprintf(stderr, "dvara-policyc lsp: takes no files; the editor says which\n");
        code = EXIT_USAGE;
    }
    if (code == EXIT_CLEAN) {
        const struct lsp_options options = {.libraries = front.libraries,
                                            .n_libraries = front.n_libraries,
                                            .run_test = run_test,
                                            .user = &front};
        struct lsp *lsp = lsp_new(&options);
        code = lsp ? serve(lsp) : EXIT_INTERNAL;
        lsp_free(lsp);
    }
    front_clear(&front);
    return code;
}

const struct command command_lsp = {
    .name = "lsp",
    .synopsis = "lsp [--stdio] [--library DIR]…",
    .summary = "Serves editors over the language server protocol",
    .help =
        "  --stdio             accepted and ignored: standard input and output are the only way\n"
        "  --library DIR       look imports up there too (may repeat)\n"
        "\nSee docs/language/editors.md. Exits when the editor says so.\n",
    .run = run,
};

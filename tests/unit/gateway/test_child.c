/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/child.h"

#include "unit/suite.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define PARENT_MEMORY /* sanitizers themselves need /proc */
#else
#define PARENT_MEMORY "read parent memory denied",
#endif

static char folder[64];
static char probe[PATH_MAX], input[PATH_MAX], secret[PATH_MAX];

static void write_file(const char *path_cstr, const char *text_cstr)
{
    FILE *file = fopen(path_cstr, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text_cstr, file);
    fclose(file);
}

static void prepare(void)
{
    ssize_t n = readlink("/proc/self/exe", probe, sizeof probe - 1);
    ck_assert_int_gt(n, 0);
    probe[n] = '\0';
    static const char rest[] = "/../programs/cage_probe";
    char *slash = strrchr(probe, '/');
    ck_assert_uint_lt((size_t)(slash - probe) + sizeof rest, sizeof probe);
    memcpy(slash, rest, sizeof rest);
    scratch_folder(folder, sizeof folder);
    snprintf(input, sizeof input, "%s/policy", folder);
    ck_assert_int_eq(mkdir(input, 0700), 0);
    snprintf(input, sizeof input, "%s/policy/a.dvp", folder);
    write_file(input, "dvp 1\n");
    snprintf(secret, sizeof secret, "%s/dvara.yaml", folder);
    write_file(secret, "secret\n");
}

static enum dvara_status run(const char *first_cstr, size_t most, struct buf *output)
{
    char policy[PATH_MAX];
    struct buf errors;
    int code = -1;
    prepare();
    snprintf(policy, sizeof policy, "%s/policy", folder);
    const struct child_job job = {
        .program_cstr = probe,
        .arguments_cstr = {first_cstr ? first_cstr : input, secret, folder},
        .readable_cstr = {policy},
        .time_ns = 2000000000,
        .memory_bytes = 256u << 20,
    };
    buf_init(output, most);
    buf_init(&errors, 4096);
    enum dvara_status status = child_run(&job, output, &errors, &code);
    if (status == DVARA_OK && code != 0 && code != 9)
        ck_abort_msg("exit %d: %.*s", code, DVARA_STR_ARG(buf_str(&errors)));
    buf_clear(&errors);
    if (code == 9)
        return DVARA_NO_MEMORY;
    return status;
}

TEST(a_confined_child_reads_its_input_and_nothing_else_and_reaches_no_one)
{
    struct buf output;
    ck_assert_int_eq(run(NULL, 4096, &output), DVARA_OK);
    buf_byte(&output, '\0');
    static const char *const denied[] = {
        "socket denied",
        "unix socket denied",
        "socketpair denied",
        "write input denied",
        "read config denied",
        "read /etc/passwd denied",
        PARENT_MEMORY "make file denied",
        "raise limit denied",
        "descriptors denied",
        "environment denied",
        "fork denied",
        "ptrace denied",
        "kill parent denied",
        "execve denied",
        "execveat denied",
    };
    ck_assert_msg(strstr(output.p, "read input allowed") != NULL, "%s", output.p);
    for (size_t i = 0; i < sizeof denied / sizeof *denied; i++)
        ck_assert_msg(strstr(output.p, denied[i]) != NULL, "no `%s` in: %s", denied[i], output.p);
    buf_clear(&output);
}

TEST(a_child_that_does_not_end_is_ended)
{
    struct buf output;
    ck_assert_int_eq(run("spin", 4096, &output), DVARA_TOO_LARGE);
    buf_clear(&output);
}

TEST(a_child_that_writes_without_end_is_ended)
{
    struct buf output;
    ck_assert_int_eq(run("flood", 1 << 20, &output), DVARA_TOO_LARGE);
    buf_clear(&output);
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST(a_child_that_takes_all_memory_gets_none)
{
    struct buf output;
    ck_assert_int_eq(run("eat", 1 << 20, &output), DVARA_NO_MEMORY);
    buf_clear(&output);
}
#endif

TEST(a_program_that_is_not_there_is_said)
{
    struct buf output, errors;
    int code;
    buf_init(&output, 10);
    buf_init(&errors, 10);
    const struct child_job job = {.program_cstr = "/nowhere/policyc", .time_ns = 1000000000};
    ck_assert_int_eq(child_run(&job, &output, &errors, &code), DVARA_NOT_FOUND);
    buf_clear(&output);
    buf_clear(&errors);
}

SUITE(a_confined_child_reads_its_input_and_nothing_else_and_reaches_no_one,
      a_child_that_does_not_end_is_ended, a_child_that_writes_without_end_is_ended,
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
      a_child_that_takes_all_memory_gets_none,
#endif
      a_program_that_is_not_there_is_said)

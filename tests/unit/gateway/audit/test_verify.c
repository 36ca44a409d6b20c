/* SPDX-License-Identifier: Apache-2.0 */
/* Writes chains as the gateway does, damages them as an intruder would, and asks the verifier. */
#include "gateway/audit/verify.h"
#include "gateway/audit/audit.h"
#include "gateway/audit/checkpoint_log.h"
#include "gateway/secret_file.h"

#include "unit/suite.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

static char folder[128], key_file[160], checkpoint_file[160], note[1024];

static void make_folder(void)
{
    scratch_folder(folder, sizeof folder);
    snprintf(key_file, sizeof key_file, "%s.key", folder);
    snprintf(checkpoint_file, sizeof checkpoint_file, "%s.pem", folder);
}

static struct audit *open_audit(uint64_t rotate_bytes)
{
    const struct audit_options options = {
        .folder_cstr = folder,
        .key_file_cstr = key_file,
        .checkpoint_key_file_cstr = checkpoint_file,
        .sync_interval_ns = 5000000,
        .checkpoint_interval_ns = 10000000,
        .rotate_bytes = rotate_bytes ? rotate_bytes : 1 << 20,
    };
    struct audit_problem problem;
    struct audit *audit = NULL;
    ck_assert_msg(audit_open(&options, &problem, &audit) == DVARA_OK, "%s", problem.text);
    return audit;
}

static struct audit_chain *open_chain(struct audit *audit, const char *name_cstr)
{
    struct audit_problem problem;
    struct audit_chain *chain = NULL;
    ck_assert_msg(audit_chain_open(audit, name_cstr, NULL, &problem, &chain) == DVARA_OK, "%s",
                  problem.text);
    return chain;
}

static enum dvara_status append(struct audit_chain *chain, unsigned number)
{
    char payload[64];
    snprintf(payload, sizeof payload, "{\"n\":%u,\"text\":\"\\u00e4 \\\"q\\\"\"}", number);
    const struct audit_entry entry = {.type = AUDIT_RESPONSE,
                                      .id = DVARA_STR("req_1"),
                                      .tenant = DVARA_STR("t1"),
                                      .payload = dvara_str_from_cstr(payload)};
    return audit_append(chain, &entry, NULL);
}

/* Two chains of `count` records each, closed with a checkpoint. */
static void write_chains(unsigned count, uint64_t rotate_bytes)
{
    struct audit *audit = open_audit(rotate_bytes);
    struct audit_chain *a = open_chain(audit, "w0"), *b = open_chain(audit, "w1");
    for (unsigned i = 0; i < count; i++) {
        ck_assert_int_eq(append(a, i), DVARA_OK);
        ck_assert_int_eq(append(b, i), DVARA_OK);
    }
    ck_assert_int_eq(audit_close(audit), DVARA_OK);
}

static void take_note(void *user, const char *line_cstr)
{
    (void)user;
    snprintf(note, sizeof note, "%s", line_cstr);
}

static struct verify_report verify_with(struct verify_known first, struct verify_known last,
                                        bool no_checkpoints)
{
    struct verify_options options = {.folder_cstr = folder,
                                     .n_keys = 1,
                                     .n_checkpoint_keys = 1,
                                     .first = first,
                                     .last = last,
                                     .no_checkpoints = no_checkpoints,
                                     .on_note = take_note};
    struct verify_report report;
    note[0] = '\0';
    ck_assert_int_eq(secret_file_read(key_file, options.keys[0], AUDIT_KEY_BYTES), DVARA_OK);
    ck_assert_int_eq(checkpoint_key_read(checkpoint_file, &options.checkpoint_keys[0]), DVARA_OK);
    ck_assert_int_eq(audit_verify(&options, &report), DVARA_OK);
    EVP_PKEY_free(options.checkpoint_keys[0]);
    return report;
}

static struct verify_report verify(void)
{
    const struct verify_known none = {0};
    return verify_with(none, none, false);
}

#define ASSERT_RIGHT(report_)                                                                      \
    do {                                                                                           \
        struct verify_report r = (report_);                                                        \
        ck_assert_msg(!r.is_bad, "%s", r.why);                                                     \
        ck_assert_uint_gt(r.records, 0);                                                           \
    } while (0)
#define ASSERT_BAD(report_, part)                                                                  \
    do {                                                                                           \
        struct verify_report r = (report_);                                                        \
        ck_assert(r.is_bad);                                                                       \
        ck_assert_msg(strstr(r.why, part) != NULL, "%s", r.why);                                   \
    } while (0)

/* The file's text, changed by a function of its lines and written back. */
static void edit(const char *name_cstr, void (*change)(char lines[][2048], unsigned *count))
{
    static char lines[64][2048];
    char path[256];
    unsigned count = 0;
    snprintf(path, sizeof path, "%s/%s", folder, name_cstr);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (count < 64 && fgets(lines[count], sizeof lines[count], file) != NULL)
        count++;
    fclose(file);
    change(lines, &count);
    file = fopen(path, "w");
    for (unsigned i = 0; i < count; i++)
        fputs(lines[i], file);
    fclose(file);
}

static void alter(char lines[][2048], unsigned *count)
{
    (void)count;
    char *at = strstr(lines[2], "\"tenant\":\"t1\"");
    ck_assert_ptr_nonnull(at);
    memcpy(at, "\"tenant\":\"t2\"", 13);
}

static void delete_one(char lines[][2048], unsigned *count)
{
    memmove(lines[2], lines[3], (*count - 3) * sizeof lines[0]);
    --*count;
}

static void reorder(char lines[][2048], unsigned *count)
{
    (void)count;
    char line[2048];
    memcpy(line, lines[1], sizeof line);
    memcpy(lines[1], lines[2], sizeof line);
    memcpy(lines[2], line, sizeof line);
}

static void cut_last(char lines[][2048], unsigned *count)
{
    (void)lines;
    --*count;
}

static void cut_all(char lines[][2048], unsigned *count)
{
    (void)lines;
    *count = 0;
}

static void tear_last(char lines[][2048], unsigned *count)
{
    snprintf(lines[*count], 2048, "{\"chain\":\"w0\",\"seq\":");
    ++*count;
}

static void cut_first(char lines[][2048], unsigned *count)
{
    memmove(lines[0], lines[1], (*count - 1) * sizeof lines[0]);
    --*count;
}

static void forge_signature(char lines[][2048], unsigned *count)
{
    char *at = strstr(lines[*count - 1], "\"sig\":\"");
    ck_assert_ptr_nonnull(at);
    at[7] = at[7] == '0' ? '1' : '0';
}

TEST(what_was_written_verifies)
{
    make_folder();
    write_chains(5, 0);
    struct verify_report report = verify();
    ASSERT_RIGHT(report);
    ck_assert_uint_eq(report.records, 10);
    ck_assert_uint_eq(report.chains, 2);
    ck_assert_uint_ge(report.checkpoints, 1);
}

TEST(an_altered_record_is_named)
{
    make_folder();
    write_chains(5, 0);
    edit("w0-000001.jsonl", alter);
    ASSERT_BAD(verify(),
               "w0-000001.jsonl line 3: chain w0 record 3 does not match its MAC: altered");
}

TEST(a_deleted_record_is_named)
{
    make_folder();
    write_chains(5, 0);
    edit("w1-000001.jsonl", delete_one);
    ASSERT_BAD(verify(), "chain w1 record 3 is missing, 4 stands in its place");
}

TEST(reordered_records_are_named)
{
    make_folder();
    write_chains(5, 0);
    edit("w0-000001.jsonl", reorder);
    ASSERT_BAD(verify(), "chain w0 record 2 is missing, 3 stands in its place");
}

TEST(a_chain_cut_at_its_end_is_found_by_the_checkpoint)
{
    make_folder();
    write_chains(5, 0);
    edit("w0-000001.jsonl", cut_last);
    ASSERT_BAD(verify(), "chain w0 is cut: it ends at record 4");
    const struct verify_known none = {0};
    ASSERT_RIGHT(verify_with(none, none, true));
}

TEST(a_chain_cut_at_its_begin_is_found)
{
    make_folder();
    write_chains(5, 0);
    edit("w0-000001.jsonl", cut_first);
    ASSERT_BAD(verify(), "chain w0 record 1 is missing, 2 stands in its place");
}

TEST(a_missing_chain_is_named)
{
    make_folder();
    write_chains(5, 0);
    char path[256];
    snprintf(path, sizeof path, "%s/w1-000001.jsonl", folder);
    unlink(path);
    ASSERT_BAD(verify(), "chain w1 is missing");
}

TEST(missing_checkpoints_are_bad_unless_they_are_not_asked_for)
{
    make_folder();
    write_chains(5, 0);
    char path[256];
    snprintf(path, sizeof path, "%s/checkpoints.jsonl", folder);
    unlink(path);
    ASSERT_BAD(verify(), "checkpoints.jsonl is missing");
    const struct verify_known none = {0};
    ASSERT_RIGHT(verify_with(none, none, true));
}

TEST(a_forged_checkpoint_is_named)
{
    make_folder();
    write_chains(5, 0);
    edit("checkpoints.jsonl", forge_signature);
    ASSERT_BAD(verify(), "the signature of checkpoint");
}

TEST(a_known_last_checkpoint_finds_that_later_ones_were_cut)
{
    make_folder();
    write_chains(3, 0);
    struct verify_known none = {0}, first = verify().last;
    write_chains(3, 0);
    struct verify_known last = verify().last;
    ck_assert_uint_gt(last.seq, first.seq);
    ASSERT_RIGHT(verify_with(first, last, false));
    edit("checkpoints.jsonl", cut_last);
    ASSERT_BAD(verify_with(none, last, false), "is not there: cut");
    last.seq = first.seq;
    ASSERT_BAD(verify_with(none, last, false), "is not the last one that was given");
}

TEST(a_torn_last_line_is_reported_and_no_error)
{
    make_folder();
    write_chains(5, 0);
    edit("w0-000001.jsonl", tear_last);
    ASSERT_RIGHT(verify());
    ck_assert_ptr_nonnull(strstr(note, "torn: w0-000001.jsonl line 6"));
}

TEST(a_restart_cuts_a_torn_line_records_it_and_goes_on)
{
    make_folder();
    write_chains(5, 0);
    edit("w0-000001.jsonl", tear_last);
    write_chains(5, 0);
    struct verify_report report = verify();
    ASSERT_RIGHT(report);
    ck_assert_uint_eq(report.records, 21);
    ck_assert_str_eq(note, "");
}

TEST(a_start_refuses_a_chain_that_was_cut_while_it_was_stopped)
{
    make_folder();
    write_chains(5, 0);
    edit("w0-000001.jsonl", cut_all);
    const struct audit_options options = {.folder_cstr = folder,
                                          .key_file_cstr = key_file,
                                          .checkpoint_key_file_cstr = checkpoint_file,
                                          .rotate_bytes = 1 << 20};
    struct audit_problem problem;
    struct audit *audit = NULL;
    ck_assert_int_eq(audit_open(&options, &problem, &audit), DVARA_CORRUPT);
    ck_assert_ptr_nonnull(strstr(problem.text, "records were removed"));
}

TEST(files_rotate_and_the_chain_goes_on)
{
    make_folder();
    write_chains(20, 2000);
    char path[256];
    snprintf(path, sizeof path, "%s/w0-000003.jsonl", folder);
    ck_assert_int_eq(access(path, R_OK), 0);
    write_chains(5, 2000);
    struct verify_report report = verify();
    ASSERT_RIGHT(report);
    ck_assert_uint_eq(report.records, 50);
    snprintf(path, sizeof path, "%s/w0-000002.jsonl", folder);
    unlink(path);
    ASSERT_BAD(verify(), "w0-000002.jsonl is missing");
}

TEST(a_full_disk_refuses_at_once_and_leaves_no_half_record)
{
    make_folder();
    struct audit *audit = open_audit(0);
    struct audit_chain *chain = open_chain(audit, "w0");
    ck_assert_int_eq(append(chain, 1), DVARA_OK);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit small = {1000, RLIM_INFINITY}, large = {RLIM_INFINITY, RLIM_INFINITY};
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
    enum dvara_status status = DVARA_OK;
    unsigned written = 1;
    while (status == DVARA_OK && written < 20)
        if ((status = append(chain, written)) == DVARA_OK)
            written++;
    ck_assert_int_eq(status, DVARA_IO);
    ck_assert(!audit_is_writable(chain));
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &large), 0);
    ck_assert_int_eq(append(chain, 9), DVARA_OK);
    ck_assert(audit_is_writable(chain));
    ck_assert_int_eq(audit_close(audit), DVARA_OK);
    struct verify_report report = verify();
    ASSERT_RIGHT(report);
    ck_assert_uint_eq(report.records, written + 1);
    ck_assert_str_eq(note, "");
}

TEST(a_group_is_written_at_its_end_and_verifies)
{
    struct stat before, after;
    char path[256];
    make_folder();
    struct audit *audit = open_audit(0);
    struct audit_chain *chain = open_chain(audit, "w0");
    ck_assert_int_eq(append(chain, 0), DVARA_OK);
    snprintf(path, sizeof path, "%s/w0-000001.jsonl", folder);
    ck_assert_int_eq(stat(path, &before), 0);
    audit_group_begin(chain);
    for (unsigned i = 1; i < 10; i++)
        ck_assert_int_eq(append(chain, i), DVARA_OK);
    ck_assert_int_eq(stat(path, &after), 0);
    ck_assert_int_eq(after.st_size, before.st_size);
    ck_assert_int_eq(audit_group_end(chain), DVARA_OK);
    ck_assert_int_eq(append(chain, 10), DVARA_OK);
    ck_assert_int_eq(audit_close(audit), DVARA_OK);
    struct verify_report report = verify();
    ASSERT_RIGHT(report);
    ck_assert_uint_eq(report.records, 11);
}

TEST(a_group_that_the_disk_refuses_leaves_none_of_its_records)
{
    struct rlimit all, little = {.rlim_cur = 2048};
    make_folder();
    struct audit *audit = open_audit(0);
    struct audit_chain *chain = open_chain(audit, "w0");
    ck_assert_int_eq(append(chain, 0), DVARA_OK);
    ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &all), 0);
    little.rlim_max = all.rlim_max;
    signal(SIGXFSZ, SIG_IGN);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &little), 0);
    audit_group_begin(chain);
    for (unsigned i = 1; i < 10; i++)
        ck_assert_int_eq(append(chain, i), DVARA_OK);
    ck_assert_int_eq(audit_group_end(chain), DVARA_IO);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &all), 0);
    ck_assert_int_eq(append(chain, 10), DVARA_OK);
    ck_assert_int_eq(audit_close(audit), DVARA_OK);
    struct verify_report report = verify();
    ASSERT_RIGHT(report);
    ck_assert_uint_eq(report.records, 2);
}

TEST(the_sync_thread_signs_a_checkpoint_by_itself)
{
    make_folder();
    struct audit *audit = open_audit(0);
    struct audit_chain *chain = open_chain(audit, "w0");
    ck_assert_int_eq(audit_start(audit), DVARA_OK);
    ck_assert_int_eq(append(chain, 1), DVARA_OK);
    usleep(200000);
    struct verify_report report = verify();
    ASSERT_RIGHT(report);
    ck_assert_uint_ge(report.checkpoints, 1);
    ck_assert_int_eq(audit_close(audit), DVARA_OK);
}

TEST(an_empty_folder_has_nothing_to_verify)
{
    make_folder();
    struct audit *audit = open_audit(0);
    ck_assert_int_eq(audit_close(audit), DVARA_OK);
    struct verify_report report = verify();
    ck_assert(!report.is_bad);
    ck_assert_uint_eq(report.records, 0);
}

TEST(a_key_that_others_may_read_is_refused)
{
    make_folder();
    write_chains(1, 0);
    unsigned char key[AUDIT_KEY_BYTES];
    ck_assert_int_eq(secret_file_read(key_file, key, sizeof key), DVARA_OK);
    ck_assert_int_eq(chmod(key_file, 0644), 0);
    ck_assert_int_eq(secret_file_read(key_file, key, sizeof key), DVARA_UNTRUSTED);
}

/* How many of the file's pages from byte `from` to `to` are in the system's memory. */
static size_t resident_pages(const char *name_cstr, size_t from, size_t to)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", folder, name_cstr);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ck_assert_int_ge(fd, 0);
    size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (to - from) / page, count = 0;
    unsigned char *flags = malloc(pages);
    void *map = mmap(NULL, to - from, PROT_READ, MAP_SHARED, fd, (off_t)from);
    ck_assert(flags != NULL && map != MAP_FAILED);
    ck_assert_int_eq(mincore(map, to - from, flags), 0);
    for (size_t i = 0; i < pages; i++)
        count += flags[i] & 1;
    munmap(map, to - from);
    free(flags);
    close(fd);
    return count;
}

TEST(what_was_synced_is_given_back_but_for_the_newest_records)
{
    enum { MIB = 1024 * 1024, PAYLOAD_BYTES = 400 * 1024, RECORDS = 26 * MIB / PAYLOAD_BYTES };
    static char payload[PAYLOAD_BYTES];
    struct statfs system;
    make_folder();
    ck_assert_int_eq(statfs(folder, &system), 0);
    if (system.f_type == TMPFS_MAGIC) {
        puts("the folder of the test is memory itself: nothing can be given back");
        return;
    }
    memset(payload, 'x', sizeof payload);
    memcpy(payload, "{\"text\":\"", 9);
    memcpy(payload + sizeof payload - 2, "\"}", 2);
    struct audit *audit = open_audit(64 * MIB);
    struct audit_chain *chain = open_chain(audit, "w0");
    const struct audit_entry entry = {.type = AUDIT_RESPONSE,
                                      .payload = dvara_str_from(payload, sizeof payload)};
    for (unsigned i = 0; i < RECORDS; i++)
        ck_assert_int_eq(audit_append(chain, &entry, NULL), DVARA_OK);
    ck_assert_uint_gt(resident_pages("w0-000001.jsonl", 0, 16 * MIB), 0);
    ck_assert(audit_sync(audit, false));
    ck_assert_uint_eq(resident_pages("w0-000001.jsonl", 0, 16 * MIB), 0);
    ck_assert_uint_gt(resident_pages("w0-000001.jsonl", 16 * MIB, 24 * MIB), 0);
    ck_assert_int_eq(audit_close(audit), DVARA_OK);
    ASSERT_RIGHT(verify());
}

SUITE(what_was_synced_is_given_back_but_for_the_newest_records, what_was_written_verifies,
      an_altered_record_is_named, a_deleted_record_is_named, reordered_records_are_named,
      a_chain_cut_at_its_end_is_found_by_the_checkpoint, a_chain_cut_at_its_begin_is_found,
      a_missing_chain_is_named, missing_checkpoints_are_bad_unless_they_are_not_asked_for,
      a_forged_checkpoint_is_named, a_known_last_checkpoint_finds_that_later_ones_were_cut,
      a_torn_last_line_is_reported_and_no_error, a_restart_cuts_a_torn_line_records_it_and_goes_on,
      a_start_refuses_a_chain_that_was_cut_while_it_was_stopped, files_rotate_and_the_chain_goes_on,
      a_full_disk_refuses_at_once_and_leaves_no_half_record,
      a_group_is_written_at_its_end_and_verifies,
      a_group_that_the_disk_refuses_leaves_none_of_its_records,
      the_sync_thread_signs_a_checkpoint_by_itself, an_empty_folder_has_nothing_to_verify,
      a_key_that_others_may_read_is_refused)

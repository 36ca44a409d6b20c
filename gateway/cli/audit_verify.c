/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"
#include "gateway/audit/verify.h"
#include "gateway/cli/command.h"
#include "gateway/config_values.h"
#include "gateway/secret_file.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_BYTES = 4096 };

static const char usage[] =
    "Usage: dvara audit verify DIR [options]\n"
    "\n"
    "Checks every record and checkpoint of an audit folder.\n"
    "\n"
    "  --key FILE             the audit key; default DIR/../audit.key; may be repeated\n"
    "  --checkpoint-key FILE  the checkpoint key or its public half; default "
    "DIR/../checkpoint.pem;\n"
    "                         may be repeated\n"
    "  --first N:DIGEST       a checkpoint that must be there; older records may be gone\n"
    "  --last N:DIGEST        a checkpoint that must be there: nothing up to it may be cut\n"
    "  --no-checkpoints       checks the chains alone\n"
    "\n"
    "Exit: 0 all is right (a torn last line is reported), 1 the first bad record is named,\n"
    "2 nothing was checked.\n";

static const struct option long_options[] = {
    {"key", required_argument, NULL, 'k'},
    {"checkpoint-key", required_argument, NULL, 'c'},
    {"first", required_argument, NULL, 'f'},
    {"last", required_argument, NULL, 'l'},
    {"no-checkpoints", no_argument, NULL, 'n'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int complain(const char *what_cstr, const char *name_cstr)
{
    fprintf(stderr, "dvara audit verify: %s: %s\n", name_cstr, what_cstr);
    return CLI_USAGE;
}

static int add_key(struct verify_options *options, const char *path_cstr)
{
    if (options->n_keys == VERIFY_KEYS_MAX)
        return complain("one key too many", path_cstr);
    enum dvara_status status =
        secret_file_read(path_cstr, options->keys[options->n_keys], AUDIT_KEY_BYTES);
    if (status == DVARA_UNTRUSTED)
        return complain("others than its owner can read it: chmod 600", path_cstr);
    if (status == DVARA_NOT_FOUND)
        return complain("there is no such file", path_cstr);
    if (status != DVARA_OK)
        return complain("no audit key", path_cstr);
    options->n_keys++;
    return CLI_OK;
}

static int add_checkpoint_key(struct verify_options *options, const char *path_cstr)
{
    if (options->n_checkpoint_keys == VERIFY_KEYS_MAX)
        return complain("one key too many", path_cstr);
    EVP_PKEY **slot = &options->checkpoint_keys[options->n_checkpoint_keys];
    enum dvara_status status = checkpoint_key_read(path_cstr, slot);
    if (status == DVARA_NOT_FOUND)
        return complain("there is no such file", path_cstr);
    if (status != DVARA_OK)
        return complain("no Ed25519 key in PEM", path_cstr);
    options->n_checkpoint_keys++;
    return CLI_OK;
}

static int read_known(const char *text_cstr, struct verify_known *ret_known)
{
    struct dvara_str text = dvara_str_from_cstr(text_cstr);
    const char *colon = strchr(text_cstr, ':');
    size_t split = colon ? (size_t)(colon - text_cstr) : 0;
    if (colon == NULL ||
        config_read_count(dvara_str_slice(text, 0, split), &ret_known->seq) != DVARA_OK ||
        ret_known->seq == 0 ||
        bytes_from_hex(dvara_str_slice(text, split + 1, text.n), ret_known->digest,
                       sizeof ret_known->digest) != DVARA_OK)
        return complain("no checkpoint: write N:DIGEST as this command prints it", text_cstr);
    return CLI_OK;
}

static void print_note(void *user, const char *line_cstr)
{
    (void)user;
    printf("%s\n", line_cstr);
}

/* Said before the default keys are looked for beside it: those are missing then too. */
static int check_folder(const char *path_cstr)
{
    struct stat stat_of;
    if (stat(path_cstr, &stat_of) != 0)
        return complain(strerror(errno), path_cstr);
    return S_ISDIR(stat_of.st_mode) ? CLI_OK : complain("no folder", path_cstr);
}

static int read_options(int argc, char **argv, struct verify_options *options)
{
    int code = CLI_OK;
    for (int c; code == CLI_OK && (c = getopt_long(argc, argv, "h", long_options, NULL)) != -1;) {
        switch (c) {
        case 'k':
            code = add_key(options, optarg);
            break;
        case 'c':
            code = add_checkpoint_key(options, optarg);
            break;
        case 'f':
            code = read_known(optarg, &options->first);
            break;
        case 'l':
            code = read_known(optarg, &options->last);
            break;
        case 'n':
            options->no_checkpoints = true;
            break;
        case 'h':
            printf("%s", usage);
            return -1;
        default:
            return CLI_USAGE;
        }
    }
    return code;
}

static int add_default_keys(struct verify_options *options)
{
    char path[PATH_BYTES];
    int code = CLI_OK;
    if (options->n_keys == 0) {
        snprintf(path, sizeof path, "%s/../audit.key", options->folder_cstr);
        code = add_key(options, path);
    }
    if (code == CLI_OK && options->n_checkpoint_keys == 0 && !options->no_checkpoints) {
        snprintf(path, sizeof path, "%s/../checkpoint.pem", options->folder_cstr);
        code = add_checkpoint_key(options, path);
    }
    return code;
}

static int print_report(const struct verify_report *report)
{
    struct buf digest;
    if (report->is_bad) {
        printf("bad: %s\n", report->why);
        return CLI_BAD;
    }
    if (report->records == 0) {
        printf("nothing was checked: there are no records\n");
        return CLI_USAGE;
    }
    buf_init(&digest, 128);
    bytes_hex(&digest,
              dvara_str_from((const char *)report->last.digest, sizeof report->last.digest));
    printf("right: %llu records in %zu chains, %llu checkpoints",
           (unsigned long long)report->records, report->chains,
           (unsigned long long)report->checkpoints);
    if (report->checkpoints != 0)
        printf("\nlast checkpoint %llu:%.*s", (unsigned long long)report->last.seq,
               DVARA_STR_ARG(buf_str(&digest)));
    printf("\n");
    buf_clear(&digest);
    return CLI_OK;
}

int command_audit_verify(int argc, char **argv)
{
    struct verify_options options = {.on_note = print_note};
    struct verify_report report;
    char name_cstr[] = "dvara audit verify"; /* for what getopt says */
    argv[0] = name_cstr;
    int code = read_options(argc, argv, &options);
    if (code == CLI_OK && optind + 1 != argc) {
        fprintf(stderr, "%s", usage);
        code = CLI_USAGE;
    }
    if (code == CLI_OK) {
        options.folder_cstr = argv[optind];
        code = check_folder(options.folder_cstr);
    }
    if (code == CLI_OK)
        code = add_default_keys(&options);
    if (code == CLI_OK)
        code = audit_verify(&options, &report) == DVARA_OK
                   ? print_report(&report)
                   : complain("cannot be read", options.folder_cstr);
    for (size_t i = 0; i < options.n_checkpoint_keys; i++)
        EVP_PKEY_free(options.checkpoint_keys[i]);
    explicit_bzero(options.keys, sizeof options.keys);
    return code < 0 ? CLI_OK : code;
}

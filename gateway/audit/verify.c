/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/verify.h"

#include "gateway/audit/chain_state.h"
#include "gateway/audit/verify_state.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHAINS_MAX = CHECKPOINT_HEADS_MAX, HEADS_ARENA_BYTES = 4 * 1024 * 1024 };

struct found_chain {
    char name[CHAIN_NAME_BYTES];
    unsigned first_file, last_file;
};

struct found_chains {
    struct found_chain *v;
    size_t n;
};

bool verify_fail(struct verifier *verifier, const char *format, ...)
{
    va_list arguments;
    if (verifier->report->is_bad)
        return false;
    verifier->report->is_bad = true;
    va_start(arguments, format);
    vsnprintf(verifier->report->why, sizeof verifier->report->why, format, arguments);
    va_end(arguments);
    return false;
}

void verify_note(struct verifier *verifier, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (verifier->options->on_note != NULL)
        verifier->options->on_note(verifier->options->user, line);
}

static void add_file(struct found_chains *chains, struct dvara_str name, unsigned number)
{
    size_t i = 0;
    while (i < chains->n && !dvara_str_eq(dvara_str_from_cstr(chains->v[i].name), name))
        i++;
    struct found_chain *chain = &chains->v[i];
    if (i == chains->n) {
        snprintf(chain->name, sizeof chain->name, "%.*s", DVARA_STR_ARG(name));
        chain->first_file = chain->last_file = number;
        chains->n++;
    }
    if (number < chain->first_file)
        chain->first_file = number;
    if (number > chain->last_file)
        chain->last_file = number;
}

static enum dvara_status find_chains(struct verifier *verifier, struct found_chains *chains)
{
    DIR *folder = opendir(verifier->options->folder_cstr);
    if (folder == NULL)
        return DVARA_IO;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        struct dvara_str name;
        unsigned number;
        if (!chain_file_name(entry->d_name, &name, &number))
            continue;
        if (chains->n == CHAINS_MAX) {
            verify_fail(verifier, "more than %d chains", (int)CHAINS_MAX);
            break;
        }
        add_file(chains, name, number);
    }
    closedir(folder);
    return DVARA_OK;
}

static int compare_chains(const void *a, const void *b)
{
    const struct found_chain *left = a, *right = b;
    return strcmp(left->name, right->name);
}

/* Every chain that the last checkpoint names must have a file. */
static bool check_missing(struct verifier *verifier, const struct found_chains *chains)
{
    for (size_t i = 0; i < verifier->last.n; i++) {
        bool is_found = false;
        for (size_t j = 0; j < chains->n && !is_found; j++)
            is_found =
                dvara_str_eq(verifier->last.v[i].chain, dvara_str_from_cstr(chains->v[j].name));
        if (!is_found)
            return verify_fail(verifier,
                               "chain %.*s is missing: checkpoint %llu vouches for %llu "
                               "records of it",
                               DVARA_STR_ARG(verifier->last.v[i].chain),
                               (unsigned long long)verifier->last.checkpoint_seq,
                               (unsigned long long)verifier->last.v[i].seq);
    }
    return true;
}

static void check_all(struct verifier *verifier, struct found_chains *chains)
{
    bool asks = !verifier->options->no_checkpoints;
    if (asks && !verify_checkpoints(verifier))
        return;
    qsort(chains->v, chains->n, sizeof *chains->v, compare_chains);
    for (size_t i = 0; i < chains->n; i++)
        if (!verify_chain(verifier, chains->v[i].name, chains->v[i].first_file,
                          chains->v[i].last_file))
            return;
    verifier->report->chains = chains->n;
    if (check_missing(verifier, chains) && asks && verifier->report->records != 0 &&
        verifier->report->checkpoints == 0)
        verify_fail(verifier, CHECKPOINT_FILE " is missing or empty, and there are records; "
                                              "--no-checkpoints checks them without");
}

static enum dvara_status open_keys(struct verifier *verifier)
{
    const struct verify_options *options = verifier->options;
    enum dvara_status status = DVARA_OK;
    for (size_t i = 0; i < options->n_keys && status == DVARA_OK; i++)
        status = audit_mac_new(options->keys[i], &verifier->macs[i]);
    for (size_t i = 0; i < options->n_checkpoint_keys && status == DVARA_OK; i++)
        status = checkpoint_key_kid(options->checkpoint_keys[i], verifier->checkpoint_kids[i]);
    return status;
}

enum dvara_status audit_verify(const struct verify_options *options,
                               struct verify_report *ret_report)
{
    struct verifier verifier = {.options = options, .report = ret_report};
    struct arena arena;
    *ret_report = (struct verify_report){.records = 0};
    arena_init(&arena, HEADS_ARENA_BYTES);
    arena_init(&verifier.first.arena, HEADS_ARENA_BYTES);
    arena_init(&verifier.last.arena, HEADS_ARENA_BYTES);
    struct found_chains chains = {.v = ARENA_ARRAY(&arena, CHAINS_MAX, struct found_chain)};
    enum dvara_status status = chains.v != NULL ? open_keys(&verifier) : DVARA_NO_MEMORY;
    if (status == DVARA_OK)
        status = find_chains(&verifier, &chains);
    if (status == DVARA_OK && !ret_report->is_bad)
        check_all(&verifier, &chains);
    for (size_t i = 0; i < VERIFY_KEYS_MAX; i++)
        audit_mac_free(verifier.macs[i]);
    arena_clear(&verifier.first.arena);
    arena_clear(&verifier.last.arena);
    arena_clear(&arena);
    return status;
}

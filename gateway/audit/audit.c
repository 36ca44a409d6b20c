/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/audit.h"

#include "gateway/audit/chain_state.h"
#include "gateway/audit/checkpoint.h"
#include "gateway/audit/checkpoint_log.h"
#include "gateway/secret_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAYLOAD_BYTES = AUDIT_MAX_LINE / 2 };

static void chain_free(struct audit_chain *chain)
{
    audit_mac_free(chain->mac);
    buf_clear(&chain->payload);
    buf_clear(&chain->lines);
    for (unsigned i = 0; i < chain->old_count; i++)
        close(chain->old_fds[i]);
    if (chain->fd >= 0)
        close(chain->fd);
    pthread_mutex_destroy(&chain->lock);
    free(chain);
}

static void audit_free(struct audit *audit)
{
    while (audit->chains != NULL) {
        struct audit_chain *next = audit->chains->next;
        chain_free(audit->chains);
        audit->chains = next;
    }
    if (audit->checkpoints_fd >= 0)
        close(audit->checkpoints_fd);
    if (audit->copy_fd >= 0)
        close(audit->copy_fd);
    EVP_PKEY_free(audit->checkpoint_key);
    explicit_bzero(audit->key, sizeof audit->key);
    pthread_mutex_destroy(&audit->lock);
    pthread_cond_destroy(&audit->wake);
    free(audit);
}

static enum dvara_status chain_new(struct audit *audit, struct dvara_str name,
                                   struct audit_chain **ret_chain)
{
    struct audit_chain *chain = calloc(1, sizeof *chain);
    if (chain == NULL)
        return DVARA_NO_MEMORY;
    chain->audit = audit;
    chain->fd = -1;
    chain->is_dormant = true;
    chain->waits_end = &chain->waits;
    snprintf(chain->name, sizeof chain->name, "%.*s", DVARA_STR_ARG(name));
    buf_init(&chain->payload, PAYLOAD_BYTES);
    buf_init(&chain->lines, AUDIT_GROUP_MAX * AUDIT_MAX_LINE);
    pthread_mutex_init(&chain->lock, NULL);
    enum dvara_status status = audit_mac_new(audit->key, &chain->mac);
    if (status != DVARA_OK) {
        chain_free(chain);
        return status;
    }
    /* Sorted by name: checkpoints list chains in one order. */
    struct audit_chain **link = &audit->chains;
    while (*link != NULL && strcmp((*link)->name, chain->name) < 0)
        link = &(*link)->next;
    chain->next = *link;
    *link = chain;
    *ret_chain = chain;
    return DVARA_OK;
}

static struct audit_chain *find_chain(struct audit *audit, struct dvara_str name)
{
    for (struct audit_chain *chain = audit->chains; chain != NULL; chain = chain->next)
        if (dvara_str_eq(dvara_str_from_cstr(chain->name), name))
            return chain;
    return NULL;
}

/* Every chain of the folder, so that one that no worker continues still stands in checkpoints. */
static enum dvara_status find_chains(struct audit *audit)
{
    enum dvara_status status = DVARA_OK;
    DIR *folder = opendir(audit->options.folder_cstr);
    if (folder == NULL)
        return DVARA_IO;
    for (const struct dirent *entry; status == DVARA_OK && (entry = readdir(folder)) != NULL;) {
        struct dvara_str name;
        unsigned number;
        struct audit_chain *chain;
        if (chain_file_name(entry->d_name, &name, &number) && find_chain(audit, name) == NULL)
            status = chain_new(audit, name, &chain);
    }
    closedir(folder);
    return status;
}

/* Where each chain ends; a chain that ends before the last checkpoint was cut. */
static enum dvara_status find_heads(struct audit *audit, struct audit_problem *ret_problem)
{
    for (struct audit_chain *chain = audit->chains; chain != NULL; chain = chain->next) {
        struct chain_end end;
        enum dvara_status status = chain_find_end(chain, ret_problem, &end);
        if (status != DVARA_OK)
            return status;
        chain->head = chain->tail = end.head;
    }
    return checkpoint_log_open(audit, ret_problem);
}

static enum dvara_status open_keys(struct audit *audit, struct audit_problem *ret_problem)
{
    const char *path_cstr = audit->options.key_file_cstr;
    enum dvara_status status = secret_file_open(path_cstr, audit->key, sizeof audit->key);
    if (status == DVARA_OK) {
        path_cstr = audit->options.checkpoint_key_file_cstr;
        status = checkpoint_key_open(path_cstr, &audit->checkpoint_key);
    }
    if (status == DVARA_OK)
        return checkpoint_key_kid(audit->checkpoint_key, audit->checkpoint_kid);
    snprintf(ret_problem->text, sizeof ret_problem->text, "the key file %.300s: %s", path_cstr,
             status == DVARA_UNTRUSTED ? "others than its owner may read it: chmod 600"
                                       : dvara_status_sentence(status));
    return status;
}

enum dvara_status audit_open(const struct audit_options *options, struct audit_problem *ret_problem,
                             struct audit **ret_audit)
{
    struct audit *audit = calloc(1, sizeof *audit);
    pthread_condattr_t attributes;
    ret_problem->text[0] = '\0';
    if (audit == NULL)
        return DVARA_NO_MEMORY;
    audit->options = *options;
    audit->checkpoints_fd = audit->copy_fd = -1;
    pthread_mutex_init(&audit->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&audit->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    enum dvara_status status = folder_make(options->folder_cstr);
    if (status == DVARA_OK)
        status = open_keys(audit, ret_problem);
    if (status == DVARA_OK)
        status = find_chains(audit);
    if (status == DVARA_OK)
        status = find_heads(audit, ret_problem);
    if (status != DVARA_OK) {
        if (ret_problem->text[0] == '\0')
            snprintf(ret_problem->text, sizeof ret_problem->text, "the audit folder %.300s: %s",
                     options->folder_cstr, dvara_status_sentence(status));
        audit_free(audit);
        return status;
    }
    *ret_audit = audit;
    return DVARA_OK;
}

static enum dvara_status open_file(struct audit_chain *chain, const struct chain_end *end)
{
    char path[CHAIN_PATH_BYTES];
    chain->file_number = end->file_number ? end->file_number : 1;
    chain->size = end->size;
    chain_path(chain, chain->file_number, path);
    chain->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (chain->fd < 0)
        return DVARA_IO;
    return end->torn_bytes == 0 || ftruncate(chain->fd, chain->size) == 0 ? DVARA_OK : DVARA_IO;
}

static enum dvara_status record_torn_tail(struct audit_chain *chain, size_t bytes)
{
    buf_reset(&chain->payload);
    buf_printf(&chain->payload, "{\"event\":\"torn_tail_cut\",\"bytes\":%zu}", bytes);
    const struct audit_entry entry = {.type = AUDIT_ADMIN, .payload = buf_str(&chain->payload)};
    return audit_append(chain, &entry, NULL);
}

enum dvara_status audit_chain_open(struct audit *audit, const char *name_cstr,
                                   struct worker *worker, struct audit_problem *ret_problem,
                                   struct audit_chain **ret_chain)
{
    struct chain_end end = {0};
    enum dvara_status status = DVARA_OK;
    struct audit_chain *chain = find_chain(audit, dvara_str_from_cstr(name_cstr));
    ret_problem->text[0] = '\0';
    if (chain == NULL)
        status = chain_new(audit, dvara_str_from_cstr(name_cstr), &chain);
    else
        status = chain_find_end(chain, ret_problem, &end);
    if (status == DVARA_OK)
        status = open_file(chain, &end);
    if (status == DVARA_OK) {
        chain->worker = worker;
        chain->is_dormant = false;
        if (end.torn_bytes != 0)
            status = record_torn_tail(chain, end.torn_bytes);
    }
    if (status != DVARA_OK) {
        if (ret_problem->text[0] == '\0')
            snprintf(ret_problem->text, sizeof ret_problem->text,
                     "audit chain %.30s in %.300s cannot be opened", name_cstr,
                     audit->options.folder_cstr);
        return status;
    }
    *ret_chain = chain;
    return DVARA_OK;
}

bool audit_all_writable(struct audit *audit)
{
    for (struct audit_chain *chain = audit->chains; chain != NULL; chain = chain->next)
        if (!chain->is_dormant && !audit_is_writable(chain))
            return false;
    return true;
}

enum dvara_status audit_close(struct audit *audit)
{
    enum dvara_status status = DVARA_OK;
    if (audit == NULL)
        return DVARA_OK;
    audit_stop(audit);
    for (struct audit_chain *chain = audit->chains; chain != NULL; chain = chain->next)
        if (!chain->is_dormant && chain_flush_count(chain) != DVARA_OK)
            status = DVARA_IO;
    if (!audit_sync(audit, true))
        status = DVARA_IO;
    audit_free(audit);
    return status;
}

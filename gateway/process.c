/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/process.h"

#include "gateway/admin/admin.h"
#include "gateway/audit/audit.h"
#include "gateway/bundle_slot.h"
#include "gateway/exchange.h"
#include "gateway/http/tls.h"
#include "gateway/keys.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/reload.h"
#include "gateway/server.h"
#include "gateway/strangers.h"
#include "gateway/target_states.h"
#include "gateway/worker.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

struct process {
    struct config *config;
    const char *version_cstr;
    struct audit *audit;
    struct audit_chain *main_chain; /* main's until the reload thread starts, and after it ended */
    struct server *server;
    struct gateway_worker *workers;
    struct gateway_worker **worker_list;
    struct metrics **metrics; /* one a worker, and the last the reload thread's */
    size_t count;             /* workers */
    struct worker *helper;    /* judges long bodies for all of them */
    struct strangers *strangers;
    struct target_states *targets;
    struct bundle_slot *slot;
    struct reload *reload;
    struct admin *admin;
    struct tls_server *tls, *admin_tls;
    uint16_t port, admin_port;
};

/* LeakSanitizer inspects its own process and cannot when it is not dumpable. */
#if defined(__SANITIZE_ADDRESS__)
enum { CAN_HIDE_MEMORY = 0 };
#else
enum { CAN_HIDE_MEMORY = 1 };
#endif

void process_harden(void)
{
    const struct rlimit none = {0, 0};
    int fd;
    /* A closed standard descriptor would be given to the next file or socket. */
    while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd <= STDERR_FILENO)
        continue;
    if (fd >= 0)
        close(fd);
    signal(SIGXFSZ, SIG_IGN); /* a file at its limit is a failed write, not the end */
    if (setrlimit(RLIMIT_CORE, &none) != 0 || (CAN_HIDE_MEMORY && prctl(PR_SET_DUMPABLE, 0) != 0))
        log_event(LOG_LEVEL_WARN, "core dumps could not be switched off", LOG_NUMBER("limit", 0));
}

static enum dvara_status fail(enum dvara_status status, const char *what_cstr, const char *why_cstr)
{
    log_event(LOG_LEVEL_ERROR, what_cstr, LOG_CSTR("why", why_cstr));
    return status;
}

static enum dvara_status open_audit(struct process *process)
{
    const struct config *config = process->config;
    const struct audit_options options = {
        .folder_cstr = config->audit.folder_cstr,
        .key_file_cstr = config->audit.key_file_cstr,
        .checkpoint_key_file_cstr = config->audit.checkpoint_key_file_cstr,
        .copy_file_cstr = config->audit.copy_file_cstr,
        .is_strict = config->audit.durability == CONFIG_DURABILITY_STRICT,
        .sync_interval_ns = config->audit.sync_interval_ns,
        .checkpoint_interval_ns = config->audit.checkpoint_interval_ns,
        .rotate_bytes = config->audit.rotate_bytes,
    };
    struct audit_problem problem;
    if (!config->audit.enabled) {
        log_event(LOG_LEVEL_WARN,
                  "audit is off (audit.enabled: false): nothing that is decided or answered is "
                  "recorded",
                  LOG_NUMBER("dvara_audit_enabled", 0));
        return DVARA_OK;
    }
    enum dvara_status status = audit_open(&options, &problem, &process->audit);
    if (status == DVARA_OK)
        status = audit_chain_open(process->audit, "main", NULL, &problem, &process->main_chain);
    return status == DVARA_OK ? status : fail(status, "audit cannot be opened", problem.text);
}

static enum dvara_status record_admin(struct process *process, const char *event_cstr)
{
    char payload[256];
    int n =
        snprintf(payload, sizeof payload, "{\"event\":\"%s\",\"version\":\"%s\",\"workers\":%zu}",
                 event_cstr, process->version_cstr, process->count);
    if (process->main_chain == NULL)
        return DVARA_OK;
    const struct audit_entry entry = {.type = AUDIT_ADMIN,
                                      .payload = dvara_str_from(payload, n > 0 ? (size_t)n : 0)};
    return audit_append(process->main_chain, &entry, NULL);
}

static enum dvara_status make_server(struct process *process)
{
    const struct config *config = process->config;
    struct server_config options = {
        .workers = (unsigned)config->listen.workers,
        .timers = {.head_ns = config->limits.head_ns,
                   .body_ns = config->limits.body_ns,
                   .body_bytes_per_second = config->limits.body_bytes_per_second,
                   .keepalive_ns = config->limits.keepalive_ns,
                   .write_stall_ns = config->limits.write_stall_ns},
        .max_connections = (size_t)config->limits.connections,
        .max_body_bytes = (size_t)config->limits.buffered_bytes,
    };
    return server_new(&options, &process->server);
}

static enum dvara_status fill_worker(struct process *process, size_t i)
{
    struct gateway_worker *gateway = &process->workers[i];
    struct worker *worker = server_worker(process->server, (unsigned)i);
    struct audit_problem problem;
    char name[16];
    gateway_worker_init(gateway, worker);
    gateway->hasher = key_hasher_new();
    gateway->metrics = process->metrics[i];
    gateway->helper = process->helper;
    gateway->strangers = process->strangers;
    gateway->targets = process->targets;
    if (gateway->hasher == NULL)
        return DVARA_NO_MEMORY;
    worker_set_user(worker, gateway);
    process->worker_list[i] = gateway;
    if (process->audit == NULL)
        return DVARA_OK;
    snprintf(name, sizeof name, "w%zu", i);
    enum dvara_status status =
        audit_chain_open(process->audit, name, worker, &problem, &gateway->audit);
    if (status != DVARA_OK)
        return fail(status, "audit cannot be opened", problem.text);
    audit_chain_count(gateway->audit, gateway->metrics);
    return DVARA_OK;
}

static enum dvara_status make_workers(struct process *process)
{
    process->count = server_worker_count(process->server);
    process->workers = calloc(process->count, sizeof *process->workers);
    process->worker_list = calloc(process->count, sizeof(struct gateway_worker *));
    process->metrics = calloc(process->count + 1, sizeof(struct metrics *));
    if (!process->workers || !process->worker_list || !process->metrics)
        return DVARA_NO_MEMORY;
    for (size_t i = 0; i <= process->count; i++) {
        process->metrics[i] = metrics_new();
        if (process->metrics[i] == NULL)
            return DVARA_NO_MEMORY;
    }
    process->strangers = strangers_new(process->config->limits.failures_per_second,
                                       process->config->limits.failures_burst);
    process->targets = target_states_new();
    if (process->strangers == NULL || process->targets == NULL)
        return DVARA_NO_MEMORY;
    enum dvara_status status = worker_new((unsigned)process->count, &process->helper);
    for (size_t i = 0; i < process->count && status == DVARA_OK; i++)
        status = fill_worker(process, i);
    return status;
}

static enum dvara_status start_audit(struct process *process)
{
    if (process->audit == NULL)
        return DVARA_OK;
    audit_chain_count(process->main_chain, process->metrics[process->count]);
    enum dvara_status status = record_admin(process, "start");
    if (status != DVARA_OK)
        return fail(status, "audit cannot be written", dvara_status_sentence(status));
    return audit_start(process->audit);
}

static enum dvara_status load_first(struct process *process)
{
    enum dvara_status status = start_audit(process);
    if (status == DVARA_OK)
        status = bundle_slot_new(process->worker_list, process->count, &process->slot);
    const struct reload_options options = {.slot = process->slot,
                                           .audit = process->main_chain,
                                           .metrics = process->metrics[process->count]};
    if (status == DVARA_OK) {
        config_ref(process->config);
        status = reload_new(&options, process->config, &process->reload);
    }
    if (status == DVARA_OK)
        status = reload_first(process->reload);
    if (status == DVARA_OK)
        return status;
    const char *why_cstr = process->reload != NULL ? reload_why(process->reload) : "";
    return fail(status, "no bundle: the gateway does not start without one",
                why_cstr[0] != '\0' ? why_cstr : dvara_status_sentence(status));
}

static enum dvara_status make_tls(const char *certificate_cstr, const char *key_cstr,
                                  const char *client_ca_cstr, struct tls_server **ret_tls)
{
    const char *why_cstr = "";
    if (certificate_cstr == NULL)
        return DVARA_OK;
    enum dvara_status status =
        tls_server_new(certificate_cstr, key_cstr, client_ca_cstr, ret_tls, &why_cstr);
    return status == DVARA_OK ? status : fail(status, "TLS cannot be set up", why_cstr);
}

static enum dvara_status listen_data(struct process *process)
{
    const struct config *config = process->config;
    enum dvara_status status =
        make_tls(config->tls.certificate_file_cstr, config->tls.key_file_cstr,
                 config->tls.client_ca_file_cstr, &process->tls);
    if (status != DVARA_OK)
        return status;
    status =
        server_listen(process->server, config->listen.address.host_cstr,
                      config->listen.address.port, process->tls, &exchange_handler, &process->port);
    return status == DVARA_OK
               ? status
               : fail(status, "the data port cannot be opened", config->listen.address.host_cstr);
}

static enum dvara_status listen_admin(struct process *process)
{
    const struct config *config = process->config;
    const struct admin_options options = {
        .config = config,
        .metrics = process->metrics,
        .n_metrics = process->count + 1,
        .reload = process->reload,
        .audit = process->audit,
        .load = server_load(process->server),
        .version_cstr = process->version_cstr,
    };
    enum dvara_status status = admin_new(&options, &process->admin);
    if (status == DVARA_OK)
        status = make_tls(config->admin.certificate_file_cstr, config->admin.key_file_cstr,
                          config->admin.client_ca_file_cstr, &process->admin_tls);
    if (status == DVARA_OK)
        status = server_listen(process->server, config->admin.address.host_cstr,
                               config->admin.address.port, process->admin_tls,
                               admin_handler(process->admin), &process->admin_port);
    return status == DVARA_OK
               ? status
               : fail(status, "the admin port cannot be opened", config->admin.address.host_cstr);
}

static enum dvara_status serve(struct process *process)
{
    enum dvara_status status = listen_data(process);
    if (status == DVARA_OK)
        status = listen_admin(process);
    if (status == DVARA_OK)
        status = reload_start(process->reload);
    if (status == DVARA_OK)
        status = server_start(process->server);
    if (status == DVARA_OK)
        log_event(LOG_LEVEL_INFO, "ready", LOG_CSTR("version", process->version_cstr),
                  LOG_CSTR("address", process->config->listen.address.host_cstr),
                  LOG_NUMBER("port", process->port), LOG_NUMBER("admin_port", process->admin_port),
                  LOG_NUMBER("workers", process->count));
    return status;
}

enum dvara_status process_start(struct config *config, const char *version_cstr,
                                struct process **ret_process)
{
    struct process *process = calloc(1, sizeof *process);
    if (process == NULL) {
        config_unref(config);
        return DVARA_NO_MEMORY;
    }
    process->config = config;
    process->version_cstr = version_cstr;
    enum dvara_status status = config_open_master_key(config);
    if (status != DVARA_OK)
        status = fail(status, "the master key cannot be opened", config->master_key_file_cstr);
    if (status == DVARA_OK)
        status = open_audit(process);
    if (status == DVARA_OK)
        status = make_server(process);
    if (status == DVARA_OK)
        status = make_workers(process);
    if (status == DVARA_OK)
        status = load_first(process);
    if (status == DVARA_OK)
        status = serve(process);
    if (status != DVARA_OK) {
        if (process_stop(process) != DVARA_OK)
            return status; /* the first failure is the one that counts */
        return status;
    }
    *ret_process = process;
    return DVARA_OK;
}

void process_reload(struct process *process)
{
    reload_request(process->reload);
}

/* Requests end first, then what they use, in the reverse order of the start. */
enum dvara_status process_stop(struct process *process)
{
    enum dvara_status status = DVARA_OK;
    if (process->server != NULL &&
        !server_drain(process->server, worker_now_ns() + process->config->limits.shutdown_ns))
        log_event(LOG_LEVEL_WARN, "requests were cut at the end of limits.shutdown",
                  LOG_NUMBER("seconds", process->config->limits.shutdown_ns / 1000000000u));
    reload_free(process->reload);
    if (process->main_chain != NULL)
        audit_chain_count(process->main_chain, NULL); /* the counters end before the chain */
    bundle_slot_free(process->slot);
    if (process->helper != NULL)
        worker_free(process->helper);
    if (process->audit != NULL)
        audit_stop(process->audit);
    server_free(process->server);
    if (process->audit != NULL)
        status = record_admin(process, "stop");
    enum dvara_status closed = audit_close(process->audit);
    admin_free(process->admin);
    tls_server_free(process->tls);
    tls_server_free(process->admin_tls);
    for (size_t i = 0; process->workers != NULL && i < process->count; i++) {
        gateway_worker_clear(&process->workers[i]);
        key_hasher_free(process->workers[i].hasher);
    }
    for (size_t i = 0; process->metrics != NULL && i <= process->count; i++)
        metrics_free(process->metrics[i]);
    strangers_free(process->strangers);
    target_states_free(process->targets);
    free(process->metrics);
    free(process->worker_list);
    free(process->workers);
    config_unref(process->config);
    free(process);
    return status != DVARA_OK ? status : closed;
}

uint16_t process_port(const struct process *process)
{
    return process->port;
}

uint16_t process_admin_port(const struct process *process)
{
    return process->admin_port;
}

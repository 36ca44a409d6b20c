/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/reload.h"

#include "base/bytes.h"
#include "base/json_text.h"
#include "base/time.h"
#include "base/utf8.h"
#include "gateway/audit/chain.h"
#include "gateway/bundle_source.h"
#include "gateway/log.h"
#include "gateway/metrics.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

enum { WATCH_MS = 100, SHOWN_BYTES = 256, DIGEST_TEXT_BYTES = 65 };

static const char *const mode_names[] = {
#define MODE(id, spelling) [DVARA_MODE_##id] = spelling,
#include "dvara/words.def"
};

/* What /admin/v1/bundle tells; under the lock. */
struct reload_status {
    char name[SHOWN_BYTES], signed_by[17], digest[DIGEST_TEXT_BYTES];
    uint64_t sequence;
    size_t rules;
    int mode;                                 /* enum dvara_mode: the most that its rules may do */
    int64_t loaded_ns, refused_ns, not_after; /* 0: never */
    uint64_t loads, refusals;
    bool is_last_good; /* the config's bundle failed at start */
    char refusal[sizeof(struct bundle_problem)];
};

struct reload {
    struct reload_options options;
    struct config *config;
    uint64_t loaded_fingerprint, seen_fingerprint;
    bool said_expired;

    pthread_t thread;
    bool has_thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool should_stop, should_load;
    struct reload_status status;
};

enum dvara_status reload_new(const struct reload_options *options, struct config *config,
                             struct reload **ret_reload)
{
    struct reload *reload = calloc(1, sizeof *reload);
    if (reload == NULL)
        return DVARA_NO_MEMORY;
    reload->options = *options;
    reload->config = config;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&reload->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&reload->lock, NULL);
    *ret_reload = reload;
    return DVARA_OK;
}

static void hex_of(const unsigned char digest[32], char text[DIGEST_TEXT_BYTES])
{
    struct buf hex;
    buf_init(&hex, DIGEST_TEXT_BYTES);
    bytes_hex(&hex, dvara_str_from((const char *)digest, 32));
    memcpy(text, hex.p, hex.n);
    text[hex.n] = '\0';
    buf_clear(&hex);
}

static void put_cut(char *out, size_t size, struct dvara_str text)
{
    size_t n = text.n < size ? text.n : size - 1;
    if (n != 0)
        memcpy(out, text.p, n);
    out[n] = '\0';
}

/* The record of a load or a refusal. Failing to write it is said by the chain itself. */
static void record(struct reload *reload, bool is_loaded, const struct reload_status *status)
{
    struct buf payload;
    if (reload->options.audit == NULL)
        return;
    buf_init(&payload, 64 * 1024);
    if (is_loaded) {
        BUF_LIT(&payload, "{\"event\":\"loaded\",\"name\":");
        json_write_string(&payload, dvara_str_from_cstr(status->name));
        buf_printf(&payload,
                   ",\"digest\":\"%s\",\"sequence\":%llu,\"signed_by\":\"%s\",\"mode\":\"%s\"}",
                   status->digest, (unsigned long long)status->sequence, status->signed_by,
                   mode_names[status->mode]);
    } else {
        BUF_LIT(&payload, "{\"event\":\"refused\",\"why\":");
        json_write_string(&payload, dvara_str_from_cstr(status->refusal));
        BUF_LIT(&payload, "}");
    }
    const struct audit_entry entry = {.type = AUDIT_BUNDLE, .payload = buf_str(&payload)};
    if (audit_append(reload->options.audit, &entry, NULL) != DVARA_OK)
        log_event(LOG_LEVEL_ERROR, "a bundle's record could not be written",
                  LOG_CSTR("event", is_loaded ? "loaded" : "refused"));
    buf_clear(&payload);
}

static void note_refused(struct reload *reload, const char *why_cstr)
{
    struct dvara_str why = dvara_str_from_cstr(why_cstr);
    size_t valid;
    if (!utf8_validate(why, &valid))
        why = dvara_str_slice(why, 0, valid);
    pthread_mutex_lock(&reload->lock);
    reload->status.refusals++;
    reload->status.refused_ns = time_wall_ns();
    put_cut(reload->status.refusal, sizeof reload->status.refusal, why);
    struct reload_status status = reload->status;
    pthread_mutex_unlock(&reload->lock);
    metrics_add(reload->options.metrics, METRIC_BUNDLE_LOADS, DVARA_STR("refused"), DVARA_STR(""),
                1);
    log_event(LOG_LEVEL_ERROR,
              status.loads != 0 ? "bundle refused: the running one stays"
                                : "bundle refused: none runs yet",
              LOG_CSTR("why", status.refusal));
    record(reload, false, &status);
}

static void say_loaded(const struct reload_status *status)
{
    log_event(LOG_LEVEL_INFO, "bundle loaded", LOG_CSTR("name", status->name),
              LOG_CSTR("digest", status->digest), LOG_NUMBER("sequence", status->sequence),
              LOG_NUMBER("rules", status->rules));
    if (status->mode != DVARA_MODE_ENFORCE)
        log_event(LOG_LEVEL_WARN, "no rule is enforced: bundle.mode lowers them all",
                  LOG_CSTR("mode", mode_names[status->mode]));
}

static void set_gauge(struct reload *reload, enum metric metric, uint64_t value)
{
    metrics_add(reload->options.metrics, metric, DVARA_STR(""), DVARA_STR(""), value);
}

static void note_loaded(struct reload *reload, const struct dvara_bundle_info *info, int mode,
                        bool is_last_good)
{
    pthread_mutex_lock(&reload->lock);
    struct reload_status *status = &reload->status;
    put_cut(status->name, sizeof status->name, info->name);
    put_cut(status->signed_by, sizeof status->signed_by, info->signed_by);
    hex_of(info->digest, status->digest);
    status->sequence = info->sequence;
    status->rules = info->n_rules;
    status->mode = mode;
    status->not_after = info->not_after;
    status->loaded_ns = time_wall_ns();
    status->loads++;
    status->is_last_good = is_last_good;
    struct reload_status copy = *status;
    pthread_mutex_unlock(&reload->lock);
    reload->said_expired = false;
    metrics_add(reload->options.metrics, METRIC_BUNDLE_LOADS, DVARA_STR("loaded"), DVARA_STR(""),
                1);
    set_gauge(reload, METRIC_BUNDLE_NOT_AFTER, (uint64_t)copy.not_after / TIME_NS_PER_S);
    set_gauge(reload, METRIC_BUNDLE_EXPIRED, 0);
    say_loaded(&copy);
    record(reload, true, &copy);
}

/* Hands config and bundle to the workers; takes over a reference of config, and the bundle. */
static enum dvara_status swap(struct reload *reload, struct config *config,
                              struct dvara_bundle *bundle, bool is_last_good)
{
    struct dvara_bundle_info info = dvara_bundle_info(bundle); /* borrows; the slot keeps it */
    int mode = config->bundle.mode;
    enum dvara_status status = bundle_slot_swap(reload->options.slot, config, bundle);
    if (status == DVARA_OK)
        note_loaded(reload, &info, mode, is_last_good);
    else
        note_refused(reload, dvara_status_sentence(status));
    return status;
}

/* One load with this config. On success the reload thread owns a reference of it too. */
static enum dvara_status load_with(struct reload *reload, struct config *config)
{
    struct bundle_problem problem;
    struct dvara_bundle *bundle = NULL;
    struct buf bytes;
    uint64_t fingerprint = bundle_source_fingerprint(config);
    reload->loaded_fingerprint = reload->seen_fingerprint = fingerprint;
    enum dvara_status status = bundle_source_load(config, &problem, &bundle, &bytes);
    if (status != DVARA_OK) {
        note_refused(reload, problem.text);
        return status;
    }
    if (bundle_source_keep(config, bundle, buf_str(&bytes)) != DVARA_OK)
        log_event(LOG_LEVEL_WARN, "the last good bundle could not be kept",
                  LOG_CSTR("folder", config->store_folder_cstr));
    buf_clear(&bytes);
    config_ref(config);
    return swap(reload, config, bundle, false);
}

enum dvara_status reload_first(struct reload *reload)
{
    struct bundle_problem problem;
    struct dvara_bundle *bundle = NULL;
    enum dvara_status status = load_with(reload, reload->config);
    if (status == DVARA_OK)
        return status;
    enum dvara_status last = bundle_source_load_last(reload->config, &problem, &bundle);
    if (last != DVARA_OK)
        return status;
    log_event(LOG_LEVEL_WARN, "starting on the last good bundle",
              LOG_CSTR("folder", reload->config->store_folder_cstr));
    config_ref(reload->config);
    return swap(reload, reload->config, bundle, true);
}

const char *reload_why(const struct reload *reload)
{
    return reload->status.refusal;
}

/* The config's file again. NULL when it is wrong (said) or there is none. */
static struct config *read_config(struct reload *reload)
{
    struct config_problems problems;
    struct config *config = NULL;
    if (reload->config->file_cstr == NULL)
        return NULL;
    config_problems_init(&problems);
    enum dvara_status status = config_load(reload->config->file_cstr, &problems, &config);
    if (status == DVARA_OK) {
        status = config_open_master_key(config);
        if (status != DVARA_OK) {
            config_unref(config);
            config = NULL;
        }
    }
    metrics_add(reload->options.metrics, METRIC_CONFIG_LOADS,
                status == DVARA_OK ? DVARA_STR("loaded") : DVARA_STR("refused"), DVARA_STR(""), 1);
    if (status != DVARA_OK)
        log_event(LOG_LEVEL_ERROR, "config refused: the running one stays",
                  LOG_TEXT("why", buf_str(&problems.text)));
    config_problems_clear(&problems);
    return config;
}

/* SIGHUP: the config, then its bundle; both or none. */
static void load_all(struct reload *reload)
{
    struct config *config = read_config(reload);
    if (config == NULL && reload->config->file_cstr != NULL)
        return;
    if (config == NULL) {
        if (load_with(reload, reload->config) != DVARA_OK)
            return; /* said */
    } else if (load_with(reload, config) == DVARA_OK) {
        config_unref(reload->config);
        reload->config = config;
    } else {
        config_unref(config);
    }
}

static void say_expired(struct reload *reload)
{
    int64_t not_after = reload->status.not_after; /* only this thread writes it */
    if (reload->said_expired || not_after == 0 || time_wall_ns() < not_after)
        return;
    reload->said_expired = true;
    set_gauge(reload, METRIC_BUNDLE_EXPIRED, 1);
    log_event(LOG_LEVEL_ERROR, "the running bundle is past its not_after",
              LOG_CSTR("name", reload->status.name));
}

/* A change is loaded once it stood still for one round, so that no half-written file is read. */
static bool has_changed(struct reload *reload)
{
    if (!reload->config->bundle.watch)
        return false;
    uint64_t fingerprint = bundle_source_fingerprint(reload->config);
    bool is_still = fingerprint == reload->seen_fingerprint;
    reload->seen_fingerprint = fingerprint;
    return is_still && fingerprint != reload->loaded_fingerprint && fingerprint != 0;
}

/* Sleeps a round. True: a load was asked for. */
static bool wait_round(struct reload *reload, bool *ret_stop)
{
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    due.tv_nsec += WATCH_MS * TIME_NS_PER_MS;
    if (due.tv_nsec >= TIME_NS_PER_S) {
        due.tv_nsec -= TIME_NS_PER_S;
        due.tv_sec++;
    }
    pthread_mutex_lock(&reload->lock);
    while (!reload->should_stop && !reload->should_load)
        if (pthread_cond_timedwait(&reload->wake, &reload->lock, &due) == ETIMEDOUT)
            break;
    bool should_load = reload->should_load;
    reload->should_load = false;
    *ret_stop = reload->should_stop;
    pthread_mutex_unlock(&reload->lock);
    return should_load;
}

static void *run(void *user)
{
    struct reload *reload = user;
    for (;;) {
        bool should_stop = false;
        bool should_load = wait_round(reload, &should_stop);
        if (should_stop)
            return NULL;
        if (should_load)
            load_all(reload);
        else if (has_changed(reload) && load_with(reload, reload->config) != DVARA_OK)
            continue; /* said; the next change is another chance */
        bundle_slot_collect(reload->options.slot);
        say_expired(reload);
    }
}

enum dvara_status reload_start(struct reload *reload)
{
    if (pthread_create(&reload->thread, NULL, run, reload) != 0)
        return DVARA_NO_MEMORY;
    reload->has_thread = true;
    return DVARA_OK;
}

void reload_request(struct reload *reload)
{
    pthread_mutex_lock(&reload->lock);
    reload->should_load = true;
    pthread_cond_signal(&reload->wake);
    pthread_mutex_unlock(&reload->lock);
}

void reload_free(struct reload *reload)
{
    if (reload == NULL)
        return;
    if (reload->has_thread) {
        pthread_mutex_lock(&reload->lock);
        reload->should_stop = true;
        pthread_cond_signal(&reload->wake);
        pthread_mutex_unlock(&reload->lock);
        pthread_join(reload->thread, NULL);
    }
    config_unref(reload->config);
    pthread_mutex_destroy(&reload->lock);
    pthread_cond_destroy(&reload->wake);
    free(reload);
}

static void put_time(struct buf *out, const char *name_cstr, int64_t time_ns)
{
    buf_printf(out, ",\"%s\":", name_cstr);
    if (time_ns == 0) {
        BUF_LIT(out, "null");
        return;
    }
    buf_byte(out, '"');
    time_append(out, time_ns, 3);
    buf_byte(out, '"');
}

void reload_describe(struct reload *reload, struct buf *out)
{
    pthread_mutex_lock(&reload->lock);
    struct reload_status status = reload->status;
    pthread_mutex_unlock(&reload->lock);
    BUF_LIT(out, "{\"name\":");
    json_write_string(out, dvara_str_from_cstr(status.name));
    buf_printf(out, ",\"digest\":\"%s\",\"sequence\":%llu,\"signed_by\":", status.digest,
               (unsigned long long)status.sequence);
    json_write_or_null(out, status.signed_by[0] != '\0' ? dvara_str_from_cstr(status.signed_by)
                                                        : (struct dvara_str){0});
    buf_printf(out, ",\"rules\":%zu,\"mode\":\"%s\"", status.rules, mode_names[status.mode]);
    put_time(out, "loaded_at", status.loaded_ns);
    put_time(out, "not_after", status.not_after);
    buf_printf(
        out, ",\"expired\":%s,\"last_good\":%s,\"alive\":%zu,\"loads\":%llu,\"refusals\":%llu",
        status.not_after != 0 && time_wall_ns() >= status.not_after ? "true" : "false",
        status.is_last_good ? "true" : "false", bundle_slot_generations(reload->options.slot),
        (unsigned long long)status.loads, (unsigned long long)status.refusals);
    BUF_LIT(out, ",\"last_refusal\":");
    if (status.refusals == 0) {
        BUF_LIT(out, "null}");
        return;
    }
    BUF_LIT(out, "{\"why\":");
    json_write_string(out, dvara_str_from_cstr(status.refusal));
    put_time(out, "at", status.refused_ns);
    BUF_LIT(out, "}}");
}

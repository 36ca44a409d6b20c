/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration: dvara.yaml read, checked and turned into values. Immutable after loading and
 * shared between threads; everything in it lives until config_unref gives the last one back. Every
 * key is a row of options.def. */
#ifndef GATEWAY_CONFIG_H
#define GATEWAY_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/request.h"
#include "dvara/status.h"
#include "gateway/upstream/call.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum config_provider_kind { PROVIDER_KIND_OPENAI, PROVIDER_KIND_SIMULATOR };
enum config_auth { CONFIG_AUTH_BEARER, CONFIG_AUTH_NONE };
enum config_headers { CONFIG_HEADERS_NORMAL, CONFIG_HEADERS_FULL };
enum config_durability { CONFIG_DURABILITY_RELAXED, CONFIG_DURABILITY_STRICT };
enum config_status { CONFIG_STATUS_ACTIVE, CONFIG_STATUS_SUSPENDED };
enum config_key_state { CONFIG_KEY_ACTIVE, CONFIG_KEY_REVOKED };

struct config_address {
    const char *host_cstr; /* numeric, without brackets */
    uint16_t port;
};

/* An upstream as the operator describes it; the bundle knows it by name. */
struct config_provider {
    struct dvara_str name;
    int kind;                   /* enum config_provider_kind */
    struct dvara_str kind_name; /* "openai", "simulator" */
    struct dvara_str base_url;
    int auth;                     /* enum config_auth */
    struct dvara_str api_key_env; /* where the credential came from */
    const char *api_key_file_cstr;
    struct dvara_str api_key;   /* the credential itself; absent with auth: none. Never show it. */
    struct dvara_pairs headers; /* added to every request of this provider */
    const char *ca_file_cstr, *client_certificate_file_cstr, *client_key_file_cstr;
    struct dvara_str proxy;
    bool is_private;

    /* Derived from base_url. */
    struct dvara_str host;      /* with the port when it is not the scheme's own: the Host field */
    struct dvara_str path;      /* "/v1"; "" when there is none; never ends in '/' */
    struct dvara_str chat_head; /* of a chat completion: all that is the same for each. Holds the
                                   credential: never show it. */
    struct upstream_target target; /* not for the simulator */

    struct {
        uint64_t latency_ns, token_interval_ns;
        uint32_t error_rate_ppm;
        const char *script_file_cstr;
    } simulator;
};

struct config_tenant {
    struct dvara_str id, name,
        region;                   /* region: absent when not given; name: the id when not given */
    int status;                   /* enum config_status */
    struct dvara_str status_name; /* "active", "suspended" */
    struct dvara_strs zones, tags, models;
    struct dvara_pairs attrs;
    unsigned char hash_key[32]; /* of its redactions; set by config_open_master_key, never shown */
};

struct config_key {
    struct dvara_str id, name;
    struct dvara_str tenant_id;
    const struct config_tenant *tenant; /* never NULL */
    unsigned char hash[32];             /* SHA-256 of the key */
    struct dvara_strs scopes;           /* as granted; the defaults when the config gives none */
    uint32_t scope_bits;                /* 1 << enum key_scope (keys.h) */
    bool has_usual_scopes;              /* the config gives none */
    struct dvara_strs tags;
    int state;          /* enum config_key_state */
    int64_t expires_ns; /* since the epoch; 0: never */
};

struct config_network {
    unsigned char address[16]; /* IPv6, or IPv4 mapped */
    unsigned prefix;           /* bits, of 128 */
};

struct config_networks {
    const struct config_network *v;
    size_t n;
};

struct key_table; /* keys.h */

struct config {
    struct arena *arena;
    const char *file_cstr; /* NULL: embedded defaults */

    struct {
        struct config_address address;
        uint64_t workers; /* 0: one a core */
    } listen;
    struct {
        const char *certificate_file_cstr, *key_file_cstr, *client_ca_file_cstr;
    } tls;
    struct {
        const char *path_cstr; /* a .dvb, or a folder or file of .dvp; NULL: the embedded bundle */
        struct dvara_str name;
        bool require_signatures;
        int mode;                       /* enum dvara_mode: the most that rules may do */
        struct dvara_strs trusted_keys; /* PEM files of Ed25519 public keys, full paths */
        bool watch;
        const char *policyc_cstr;
        uint64_t compile_time_ns, compile_memory_bytes;
    } bundle;
    struct dvara_str default_provider; /* absent: none */
    struct config_provider *providers;
    size_t n_providers;
    struct config_tenant *tenants;
    size_t n_tenants;
    struct config_key *keys;
    size_t n_keys;
    struct key_table *key_table;
    struct {
        bool enabled; /* false: nothing is recorded (docs/adr/0015) */
        const char *folder_cstr, *key_file_cstr, *checkpoint_key_file_cstr;
        int durability; /* enum config_durability */
        uint64_t sync_interval_ns, checkpoint_interval_ns, rotate_bytes;
        const char *copy_file_cstr; /* checkpoints are appended here too; NULL: nowhere */
    } audit;
    struct {
        struct config_address address;
        unsigned char token_hash[32];
        bool has_token;
        struct dvara_str token_env;
        const char *token_file_cstr;
        const char *certificate_file_cstr, *key_file_cstr, *client_ca_file_cstr;
        struct dvara_strs hosts;
    } admin;
    struct {
        uint64_t commit_after_ns, keepalive_ns, drain_limit_ns;
    } stream;
    struct {
        uint64_t head_ns, body_ns, body_bytes_per_second, keepalive_ns, write_stall_ns;
        uint64_t connect_ns, first_byte_ns, idle_ns, total_ns; /* where a route says nothing */
        uint64_t shutdown_ns;
        uint64_t connections, buffered_bytes, body_bytes;
        uint64_t failures_per_second, failures_burst; /* of one address (G1) */
    } limits;
    struct config_networks trusted_proxies;
    int headers; /* enum config_headers */
    const char *master_key_file_cstr;
    const char *store_folder_cstr;
    unsigned char master_key[32]; /* derive from it with config_derive_key; never show it */
};

/* What is wrong with a config, one line each: "dvara.yaml:12:3: unknown key `lisen`: did you mean
 * `listen`?". Secrets are never in it. */
struct config_problems {
    struct buf text;
    size_t count;
};
void config_problems_init(struct config_problems *problems);
void config_problems_clear(struct config_problems *problems);

/* Reads and checks a file, the files it names and the environment it names. Writes nothing.
 * INVALID: `problems` says why. IO, NO_MEMORY likewise. */
enum dvara_status config_load(const char *file_cstr, struct config_problems *problems,
                              struct config **ret_config) DVARA_MUST_CHECK;
/* The same from text; paths in it are relative to folder_cstr. */
enum dvara_status config_load_text(struct dvara_str text, const char *name_cstr,
                                   const char *folder_cstr, struct config_problems *problems,
                                   struct config **ret_config) DVARA_MUST_CHECK;

/* Counted, from any thread. */
void config_ref(struct config *config);
void config_unref(struct config *config);

/* NULL when there is none of that name. */
const struct config_provider *config_provider_find(const struct config *config,
                                                   struct dvara_str name);
const struct config_tenant *config_tenant_find(const struct config *config, struct dvara_str id);

/* 32 bytes from the master key by label and context (HKDF-SHA256): one master key, one key a
 * purpose. The tenant's hash_key is label "pii-hash", context the tenant id: derived once, since a
 * derivation costs as much as scanning a prompt. */
enum dvara_status config_derive_key(const struct config *config, struct dvara_str label,
                                    struct dvara_str context,
                                    unsigned char ret_key[32]) DVARA_MUST_CHECK;

/* Reads the master key, or makes it at first start, its folder too. Before the config is shared. */
enum dvara_status config_open_master_key(struct config *config) DVARA_MUST_CHECK;

/* An IPv6 address, or an IPv4 one in mapped form, is in one of the networks. */
bool config_networks_have(const struct config_networks *networks, const unsigned char address[16]);

#endif

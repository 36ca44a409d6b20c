/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/checkpoint.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/json.h"
#include "base/json_text.h"
#include "base/time.h"

#include <openssl/evp.h>

enum { CANONICAL_BYTES = 1024 * 1024, CHECKPOINT_FIELDS = 6, HEAD_FIELDS = 3 };

static void canonical(const struct checkpoint *checkpoint, struct buf *out)
{
    audit_append_part(out, DVARA_STR("dvara-checkpoint-v1"));
    audit_append_number(out, checkpoint->seq);
    audit_append_time(out, checkpoint->time_ns);
    audit_append_number(out, checkpoint->n_heads);
    for (size_t i = 0; i < checkpoint->n_heads; i++) {
        audit_append_part(out, checkpoint->heads[i].chain);
        audit_append_number(out, checkpoint->heads[i].seq);
        audit_append_hex(out, checkpoint->heads[i].mac, AUDIT_MAC_BYTES);
    }
    audit_append_hex(out, checkpoint->prev, CHECKPOINT_DIGEST_BYTES);
    audit_append_part(out, checkpoint->kid);
}

static void write_line(const struct checkpoint *checkpoint, struct buf *out)
{
    BUF_LIT(out, "{\"seq\":");
    buf_int(out, (int64_t)checkpoint->seq);
    BUF_LIT(out, ",\"time\":\"");
    time_append(out, checkpoint->time_ns, 9);
    BUF_LIT(out, "\",\"heads\":[");
    for (size_t i = 0; i < checkpoint->n_heads; i++) {
        const struct checkpoint_head *head = &checkpoint->heads[i];
        buf_append(out, i == 0 ? DVARA_STR("{\"chain\":") : DVARA_STR(",{\"chain\":"));
        json_write_string(out, head->chain);
        BUF_LIT(out, ",\"seq\":");
        buf_int(out, (int64_t)head->seq);
        BUF_LIT(out, ",\"mac\":\"");
        bytes_hex(out, dvara_str_from((const char *)head->mac, AUDIT_MAC_BYTES));
        BUF_LIT(out, "\"}");
    }
    BUF_LIT(out, "],\"prev\":\"");
    bytes_hex(out, dvara_str_from((const char *)checkpoint->prev, CHECKPOINT_DIGEST_BYTES));
    BUF_LIT(out, "\",\"kid\":");
    json_write_string(out, checkpoint->kid);
    BUF_LIT(out, ",\"sig\":\"");
    bytes_hex(out, dvara_str_from((const char *)checkpoint->signature, CHECKPOINT_SIGNATURE_BYTES));
    BUF_LIT(out, "\"}\n");
}

enum dvara_status checkpoint_write(struct checkpoint *checkpoint, EVP_PKEY *key, struct buf *out,
                                   unsigned char ret_digest[CHECKPOINT_DIGEST_BYTES])
{
    struct buf text;
    size_t length = sizeof checkpoint->signature;
    buf_init(&text, CANONICAL_BYTES);
    canonical(checkpoint, &text);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool ok = context != NULL && !buf_failed(&text) &&
              EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
              EVP_DigestSign(context, checkpoint->signature, &length, (const unsigned char *)text.p,
                             text.n) == 1 &&
              EVP_Digest(text.p, text.n, ret_digest, NULL, EVP_sha256(), NULL) == 1;
    EVP_MD_CTX_free(context);
    buf_clear(&text);
    if (!ok)
        return DVARA_NO_MEMORY;
    write_line(checkpoint, out);
    return buf_failed(out) ? DVARA_NO_MEMORY : DVARA_OK;
}

enum dvara_status checkpoint_verify(const struct checkpoint *checkpoint, EVP_PKEY *key,
                                    unsigned char ret_digest[CHECKPOINT_DIGEST_BYTES])
{
    struct buf text;
    buf_init(&text, CANONICAL_BYTES);
    canonical(checkpoint, &text);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    enum dvara_status status = DVARA_NO_MEMORY;
    if (context != NULL && !buf_failed(&text) &&
        EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
        EVP_Digest(text.p, text.n, ret_digest, NULL, EVP_sha256(), NULL) == 1)
        status = EVP_DigestVerify(context, checkpoint->signature, sizeof checkpoint->signature,
                                  (const unsigned char *)text.p, text.n) == 1
                     ? DVARA_OK
                     : DVARA_UNTRUSTED;
    EVP_MD_CTX_free(context);
    buf_clear(&text);
    return status;
}

static bool read_hex(const struct json_doc *doc, uint32_t object, struct dvara_str name,
                     unsigned char *out, size_t size)
{
    uint32_t node = json_find(doc, object, name);
    if (node == JSON_NONE || json_kind(doc, node) != JSON_STRING)
        return false;
    struct dvara_str raw = json_raw(doc, node);
    return bytes_from_hex(dvara_str_slice(raw, 1, raw.n - 1), out, size) == DVARA_OK;
}

static bool read_seq(const struct json_doc *doc, uint32_t object, uint64_t *ret_seq)
{
    int64_t seq;
    uint32_t node = json_find(doc, object, DVARA_STR("seq"));
    if (node == JSON_NONE || json_kind(doc, node) != JSON_NUMBER ||
        json_int(doc, node, &seq) != DVARA_OK || seq < 0)
        return false;
    *ret_seq = (uint64_t)seq;
    return true;
}

static bool read_text(const struct json_doc *doc, uint32_t object, struct dvara_str name,
                      struct arena *arena, struct dvara_str *ret_text)
{
    uint32_t node = json_find(doc, object, name);
    if (node == JSON_NONE || json_kind(doc, node) != JSON_STRING)
        return false;
    *ret_text = json_string(doc, node, arena);
    return true;
}

static bool read_heads(const struct json_doc *doc, struct arena *arena,
                       struct checkpoint *checkpoint)
{
    uint32_t list = json_find(doc, 0, DVARA_STR("heads"));
    if (list == JSON_NONE || json_kind(doc, list) != JSON_ARRAY ||
        json_count(doc, list) > CHECKPOINT_HEADS_MAX)
        return false;
    checkpoint->heads = ARENA_ARRAY(arena, json_count(doc, list), struct checkpoint_head);
    if (checkpoint->heads == NULL)
        return false;
    for (uint32_t node = json_first(doc, list); node != JSON_NONE; node = json_next(doc, node)) {
        struct checkpoint_head *head = &checkpoint->heads[checkpoint->n_heads++];
        if (json_kind(doc, node) != JSON_OBJECT || json_count(doc, node) != HEAD_FIELDS ||
            !read_text(doc, node, DVARA_STR("chain"), arena, &head->chain) ||
            !read_seq(doc, node, &head->seq) ||
            !read_hex(doc, node, DVARA_STR("mac"), head->mac, sizeof head->mac))
            return false;
    }
    return true;
}

enum dvara_status checkpoint_read(struct dvara_str line, struct arena *arena,
                                  struct checkpoint *ret_checkpoint)
{
    struct json_doc doc;
    struct dvara_str time;
    struct checkpoint checkpoint = {.seq = 0};
    enum dvara_status status = json_parse(line, 0, arena, &doc, NULL);
    if (status != DVARA_OK)
        return status == DVARA_NO_MEMORY ? status : DVARA_INVALID;
    bool ok =
        json_kind(&doc, 0) == JSON_OBJECT && json_count(&doc, 0) == CHECKPOINT_FIELDS &&
        read_seq(&doc, 0, &checkpoint.seq) && read_text(&doc, 0, DVARA_STR("time"), arena, &time) &&
        time_parse(time, &checkpoint.time_ns) == DVARA_OK && read_heads(&doc, arena, &checkpoint) &&
        read_hex(&doc, 0, DVARA_STR("prev"), checkpoint.prev, sizeof checkpoint.prev) &&
        read_text(&doc, 0, DVARA_STR("kid"), arena, &checkpoint.kid) &&
        read_hex(&doc, 0, DVARA_STR("sig"), checkpoint.signature, sizeof checkpoint.signature);
    if (arena_is_exhausted(arena))
        return DVARA_NO_MEMORY;
    if (!ok)
        return DVARA_INVALID;
    *ret_checkpoint = checkpoint;
    return DVARA_OK;
}

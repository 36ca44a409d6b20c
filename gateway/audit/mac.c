/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/mac.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdlib.h>

struct audit_mac {
    EVP_MAC_CTX *context;
    struct buf canonical;
    char kid[AUDIT_KID_BYTES];
};

static void write_kid(const unsigned char key[AUDIT_KEY_BYTES], char kid[AUDIT_KID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char digest[32] = {0};
    if (EVP_Digest(key, AUDIT_KEY_BYTES, digest, NULL, EVP_sha256(), NULL) != 1)
        abort(); /* SHA-256 over memory cannot fail */
    for (size_t i = 0; i < AUDIT_KID_BYTES / 2; i++) {
        kid[2 * i] = digits[digest[i] >> 4];
        kid[2 * i + 1] = digits[digest[i] & 15];
    }
}

static EVP_MAC_CTX *keyed_context(const unsigned char key[AUDIT_KEY_BYTES])
{
    char digest_cstr[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest_cstr, 0),
        OSSL_PARAM_construct_end(),
    };
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    if (context != NULL && EVP_MAC_init(context, key, AUDIT_KEY_BYTES, parameters) != 1) {
        EVP_MAC_CTX_free(context);
        context = NULL;
    }
    EVP_MAC_free(algorithm);
    return context;
}

enum dvara_status audit_mac_new(const unsigned char key[AUDIT_KEY_BYTES],
                                struct audit_mac **ret_mac)
{
    struct audit_mac *mac = calloc(1, sizeof *mac);
    if (mac == NULL)
        return DVARA_NO_MEMORY;
    mac->context = keyed_context(key);
    if (mac->context == NULL) {
        free(mac);
        return DVARA_NO_MEMORY;
    }
    buf_init(&mac->canonical, AUDIT_MAX_LINE * 2);
    write_kid(key, mac->kid);
    *ret_mac = mac;
    return DVARA_OK;
}

void audit_mac_free(struct audit_mac *mac)
{
    if (mac == NULL)
        return;
    EVP_MAC_CTX_free(mac->context);
    buf_clear(&mac->canonical);
    free(mac);
}

struct dvara_str audit_mac_kid(const struct audit_mac *mac)
{
    return dvara_str_from(mac->kid, sizeof mac->kid);
}

void audit_mac_record(struct audit_mac *mac, const struct audit_record *record,
                      unsigned char ret_mac[AUDIT_MAC_BYTES])
{
    size_t length = 0;
    buf_reset(&mac->canonical);
    audit_record_canonical(record, &mac->canonical);
    bool ok = !buf_failed(&mac->canonical) && EVP_MAC_init(mac->context, NULL, 0, NULL) == 1 &&
              EVP_MAC_update(mac->context, (const unsigned char *)mac->canonical.p,
                             mac->canonical.n) == 1 &&
              EVP_MAC_final(mac->context, ret_mac, &length, AUDIT_MAC_BYTES) == 1;
    if (!ok || length != AUDIT_MAC_BYTES)
        abort(); /* an unauthenticated record must not exist */
}

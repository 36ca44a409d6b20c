/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/audit/checkpoint.h"
#include "gateway/secret_file.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <stdio.h>

enum { PEM_BYTES = 256 * 1024, PATH_BYTES = 4096 };

static EVP_PKEY *parse(struct dvara_str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    if (key == NULL) {
        bio = BIO_new_mem_buf(pem.p, (int)pem.n);
        key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
        BIO_free(bio);
    }
    if (key != NULL && EVP_PKEY_get_base_id(key) != EVP_PKEY_ED25519) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

enum dvara_status checkpoint_key_read(const char *path_cstr, EVP_PKEY **ret_key)
{
    struct buf pem;
    buf_init(&pem, PEM_BYTES);
    enum dvara_status status = file_read(path_cstr, &pem);
    if (status == DVARA_OK) {
        *ret_key = parse(buf_str(&pem));
        status = *ret_key != NULL ? DVARA_OK : DVARA_INVALID;
    }
    if (pem.p != NULL)
        explicit_bzero(pem.p, pem.size);
    buf_clear(&pem);
    return status;
}

static enum dvara_status write_pem(const char *path_cstr, EVP_PKEY *key, bool is_private)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    char *text = NULL;
    bool ok =
        bio != NULL && (is_private ? PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL)
                                   : PEM_write_bio_PUBKEY(bio, key)) == 1;
    long n = ok ? BIO_get_mem_data(bio, &text) : 0;
    enum dvara_status status =
        n > 0 ? secret_file_make(path_cstr, dvara_str_from(text, (size_t)n)) : DVARA_NO_MEMORY;
    BIO_free(bio);
    return status;
}

static enum dvara_status make(const char *path_cstr, EVP_PKEY **ret_key)
{
    char public_path[PATH_BYTES];
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    if (key == NULL)
        return DVARA_NO_MEMORY;
    int length = snprintf(public_path, sizeof public_path, "%s.pub", path_cstr);
    enum dvara_status status =
        length > 0 && length < PATH_BYTES ? write_pem(path_cstr, key, true) : DVARA_IO;
    if (status == DVARA_OK) {
        remove(public_path); /* of a key that is gone */
        status = write_pem(public_path, key, false);
    }
    if (status != DVARA_OK) {
        EVP_PKEY_free(key);
        return status;
    }
    *ret_key = key;
    return DVARA_OK;
}

enum dvara_status checkpoint_key_open(const char *path_cstr, EVP_PKEY **ret_key)
{
    enum dvara_status status = secret_file_check(path_cstr);
    if (status == DVARA_NOT_FOUND)
        return make(path_cstr, ret_key);
    return status == DVARA_OK ? checkpoint_key_read(path_cstr, ret_key) : status;
}

enum dvara_status checkpoint_key_kid(EVP_PKEY *key, char ret_kid[AUDIT_KID_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char raw[32], digest[32];
    size_t length = sizeof raw;
    if (EVP_PKEY_get_raw_public_key(key, raw, &length) != 1 ||
        EVP_Digest(raw, length, digest, NULL, EVP_sha256(), NULL) != 1)
        return DVARA_INVALID;
    for (size_t i = 0; i < AUDIT_KID_BYTES / 2; i++) {
        ret_kid[2 * i] = digits[digest[i] >> 4];
        ret_kid[2 * i + 1] = digits[digest[i] & 15];
    }
    return DVARA_OK;
}

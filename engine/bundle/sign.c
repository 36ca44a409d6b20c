/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/sign.h"

#include "base/buf.h"
#include "bundle/write.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

static const char context_content[] = "dvara-bundle-v1";
static const char context_databases[] = "dvara-bundle-databases-v1";

enum { MESSAGE_MAX = sizeof context_databases + FORMAT_DIGEST, PEM_MAX = 64 << 10 };

static void take_bio(BIO *bio, struct buf *out)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    buf_append(out, dvara_str_from(p, n > 0 ? (size_t)n : 0));
}

enum dvara_status sign_keygen(struct buf *ret_private_pem, struct buf *ret_public_pem)
{
    enum dvara_status status = DVARA_NO_MEMORY;
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    BIO *private_bio = BIO_new(BIO_s_mem()), *public_bio = BIO_new(BIO_s_mem());
    if (key && private_bio && public_bio &&
        PEM_write_bio_PKCS8PrivateKey(private_bio, key, NULL, NULL, 0, NULL, NULL) == 1 &&
        PEM_write_bio_PUBKEY(public_bio, key) == 1) {
        take_bio(private_bio, ret_private_pem);
        take_bio(public_bio, ret_public_pem);
        if (!buf_failed(ret_private_pem) && !buf_failed(ret_public_pem))
            status = DVARA_OK;
    }
    BIO_free(private_bio);
    BIO_free(public_bio);
    EVP_PKEY_free(key);
    return status;
}

/* Refuses to ask a terminal for a passphrase: an encrypted key is not an Ed25519 key we can read.
 */
static int no_passphrase(char *out, int size, int writing, void *user)
{
    (void)out, (void)size, (void)writing, (void)user;
    return -1;
}

static enum dvara_status read_key(struct dvara_str pem, bool private,
                                  unsigned char ret_key[SIGN_KEY])
{
    enum dvara_status status = DVARA_INVALID;
    if (pem.n == 0 || pem.n > PEM_MAX)
        return DVARA_INVALID;
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    EVP_PKEY *key = NULL;
    if (bio)
        key = private ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL)
                      : PEM_read_bio_PUBKEY(bio, NULL, no_passphrase, NULL);
    size_t n = SIGN_KEY;
    if (key && EVP_PKEY_is_a(key, "ED25519") &&
        (private ? EVP_PKEY_get_raw_private_key(key, ret_key, &n)
                 : EVP_PKEY_get_raw_public_key(key, ret_key, &n)) == 1 &&
        n == SIGN_KEY)
        status = DVARA_OK;
    EVP_PKEY_free(key);
    BIO_free(bio);
    return status;
}

enum dvara_status sign_read_private(struct dvara_str pem, unsigned char ret_key[SIGN_KEY])
{
    return read_key(pem, true, ret_key);
}

enum dvara_status sign_read_public(struct dvara_str pem, unsigned char ret_key[SIGN_KEY])
{
    return read_key(pem, false, ret_key);
}

enum dvara_status sign_public_of(const unsigned char private_key[SIGN_KEY],
                                 unsigned char ret_public[SIGN_KEY])
{
    size_t n = SIGN_KEY;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, SIGN_KEY);
    bool good = key && EVP_PKEY_get_raw_public_key(key, ret_public, &n) == 1 && n == SIGN_KEY;
    EVP_PKEY_free(key);
    return good ? DVARA_OK : DVARA_INVALID;
}

void sign_key_id(const unsigned char public_key[SIGN_KEY], unsigned char ret_id[FORMAT_KEY_ID])
{
    unsigned char digest[FORMAT_DIGEST];
    format_sha256(dvara_str_from((const char *)public_key, SIGN_KEY), digest);
    memcpy(ret_id, digest, FORMAT_KEY_ID);
}

static size_t message(const char *context, size_t context_size,
                      const unsigned char digest[FORMAT_DIGEST], unsigned char out[MESSAGE_MAX])
{
    memcpy(out, context, context_size); /* with its NUL */
    memcpy(out + context_size, digest, FORMAT_DIGEST);
    return context_size + FORMAT_DIGEST;
}

static enum dvara_status sign_one(const unsigned char private_key[SIGN_KEY],
                                  const unsigned char *text, size_t n,
                                  unsigned char out[FORMAT_ED25519])
{
    enum dvara_status status = DVARA_NO_MEMORY;
    size_t out_n = FORMAT_ED25519;
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, private_key, SIGN_KEY);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    if (key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
        EVP_DigestSign(ctx, out, &out_n, text, n) == 1 && out_n == FORMAT_ED25519)
        status = DVARA_OK;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return status;
}

static bool verify_one(const unsigned char public_key[SIGN_KEY], const unsigned char *text,
                       size_t n, const unsigned char signature[FORMAT_ED25519])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public_key, SIGN_KEY);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(ctx, signature, FORMAT_ED25519, text, n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return good;
}

/* The file's own sections, to be assembled again. */
static struct bundle_parts parts_of(const struct bundle_file *file,
                                    struct dvara_str bytes[SECTION_END])
{
    for (uint32_t i = 0; i < file->header.n_sections; i++)
        bytes[i] = bundle_file_section(file, file->sections[i].kind);
    return (struct bundle_parts){.sections = file->sections,
                                 .bytes = bytes,
                                 .n_sections = file->header.n_sections,
                                 .signatures = file->signatures,
                                 .n_signatures = file->header.n_signatures};
}

enum dvara_status sign_bundle(struct dvara_str bytes, const unsigned char private_key[SIGN_KEY],
                              struct dvara_bundle_error *ret_error, struct buf *out)
{
    static const size_t content_size = sizeof context_content,
                        databases_size = sizeof context_databases;
    struct bundle_file file;
    struct dvara_str sections[SECTION_END];
    unsigned char public_key[SIGN_KEY], text[MESSAGE_MAX], digest[FORMAT_DIGEST];
    struct signature mine;

    enum dvara_status status = bundle_read_file(bytes, ret_error, &file);
    if (status == DVARA_OK)
        status = sign_public_of(private_key, public_key);
    if (status != DVARA_OK)
        return status;
    sign_key_id(public_key, mine.key_id);
    size_t n = message(context_content, content_size, file.header.digest, text);
    status = sign_one(private_key, text, n, mine.content);
    if (status != DVARA_OK)
        return status;
    format_database_digest(file.header.digest, file.sections, file.header.n_sections, digest);
    n = message(context_databases, databases_size, digest, text);
    status = sign_one(private_key, text, n, mine.databases);
    if (status != DVARA_OK)
        return status;
    uint32_t at = 0;
    while (at < file.header.n_signatures &&
           memcmp(file.signatures[at].key_id, mine.key_id, FORMAT_KEY_ID) != 0)
        at++;
    if (at == FORMAT_MAX_SIGNATURES)
        return bundle_refuse(ret_error, DVARA_TOO_LARGE, "over %d signatures",
                             FORMAT_MAX_SIGNATURES);
    file.signatures[at] = mine;
    if (at == file.header.n_signatures)
        file.header.n_signatures++;
    struct bundle_parts parts = parts_of(&file, sections);
    return bundle_assemble(&parts, out);
}

enum dvara_status bundle_with_databases(struct dvara_str bytes, struct dvara_str databases,
                                        struct dvara_bundle_error *ret_error, struct buf *out)
{
    struct bundle_file file;
    struct dvara_str sections[SECTION_END];
    enum dvara_status status = bundle_read_file(bytes, ret_error, &file);
    if (status != DVARA_OK)
        return status;
    struct bundle_parts parts = parts_of(&file, sections);
    uint32_t n = 0;
    while (n < parts.n_sections && !section_is_database(file.sections[n].kind))
        n++;
    if (databases.n) {
        file.sections[n].kind = SECTION_DATABASES;
        sections[n++] = databases;
    }
    parts.n_sections = n;
    for (uint32_t i = 0; i < file.header.n_signatures; i++)
        memset(file.signatures[i].databases, 0, FORMAT_ED25519);
    return bundle_assemble(&parts, out);
}

static bool is_zero(const unsigned char *p, size_t n)
{
    unsigned char any = 0;
    for (size_t i = 0; i < n; i++)
        any |= p[i];
    return any == 0;
}

const struct dvara_trusted_key *sign_verify(const struct bundle_file *file,
                                            const struct dvara_trusted_key *keys, size_t n_keys,
                                            bool *ret_databases, bool *ret_forged)
{
    static const size_t content_size = sizeof context_content,
                        databases_size = sizeof context_databases;
    unsigned char id[FORMAT_KEY_ID], text[MESSAGE_MAX], digest[FORMAT_DIGEST];
    const struct dvara_trusted_key *found = NULL;
    *ret_databases = *ret_forged = false;
    for (uint32_t s = 0; s < file->header.n_signatures; s++) {
        const struct signature *signature = &file->signatures[s];
        for (size_t k = 0; k < n_keys; k++) {
            sign_key_id(keys[k].public_key, id);
            if (memcmp(id, signature->key_id, FORMAT_KEY_ID) != 0)
                continue;
            size_t n = message(context_content, content_size, file->header.digest, text);
            if (!verify_one(keys[k].public_key, text, n, signature->content)) {
                *ret_forged = true;
                continue;
            }
            format_database_digest(file->header.digest, file->sections, file->header.n_sections,
                                   digest);
            n = message(context_databases, databases_size, digest, text);
            bool databases = verify_one(keys[k].public_key, text, n, signature->databases);
            /* Whoever exchanges databases takes this signature away: what is left there and does
             * not hold was altered. */
            if (!databases && !is_zero(signature->databases, FORMAT_ED25519)) {
                *ret_forged = true;
                continue;
            }
            if (!found || databases)
                found = &keys[k];
            *ret_databases = *ret_databases || databases;
        }
    }
    return found;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/format.h"

#include "base/buf.h"
#include "base/bytes.h"

#include <openssl/sha.h>

const unsigned char format_magic[8] = {0x89, 'D', 'V', 'B', '\r', '\n', 0x1a, '\n'};

void format_sha256(struct dvara_str s, unsigned char out[FORMAT_DIGEST])
{
    SHA256((const unsigned char *)(s.p ? s.p : ""), s.n, out);
}

static void put_row(struct buf *out, const struct section *section)
{
    bytes_append32(out, section->kind);
    bytes_append32(out, section->length);
    buf_append(out, dvara_str_from((const char *)section->digest, FORMAT_DIGEST));
}

void format_digest(uint32_t edition, const struct section *sections, uint32_t n,
                   unsigned char out[FORMAT_DIGEST])
{
    struct buf text;
    buf_init(&text, (size_t)(n + 2) * FORMAT_SECTION);
    bytes_append32(&text, FORMAT_VERSION);
    bytes_append32(&text, edition);
    for (uint32_t i = 0; i < n; i++) {
        if (!section_is_database(sections[i].kind))
            put_row(&text, &sections[i]);
    }
    format_sha256(buf_str(&text), out);
    buf_clear(&text);
}

void format_database_digest(const unsigned char digest[FORMAT_DIGEST],
                            const struct section *sections, uint32_t n,
                            unsigned char out[FORMAT_DIGEST])
{
    struct buf text;
    buf_init(&text, (size_t)(n + 2) * FORMAT_SECTION);
    buf_append(&text, dvara_str_from((const char *)digest, FORMAT_DIGEST));
    for (uint32_t i = 0; i < n; i++) {
        if (section_is_database(sections[i].kind))
            put_row(&text, &sections[i]);
    }
    format_sha256(buf_str(&text), out);
    buf_clear(&text);
}

void format_put_header(struct buf *out, const struct format_header *header)
{
    buf_append(out, dvara_str_from((const char *)format_magic, sizeof format_magic));
    bytes_append32(out, FORMAT_VERSION);
    bytes_append32(out, header->edition);
    bytes_append32(out, header->length);
    bytes_append32(out, header->n_sections);
    bytes_append32(out, header->n_signatures);
    bytes_append32(out, 0);
    buf_append(out, dvara_str_from((const char *)header->digest, FORMAT_DIGEST));
}

void format_put_section(struct buf *out, const struct section *section)
{
    bytes_append32(out, section->kind);
    bytes_append32(out, section->offset);
    bytes_append32(out, section->length);
    bytes_append32(out, 0);
    buf_append(out, dvara_str_from((const char *)section->digest, FORMAT_DIGEST));
}

void format_put_signature(struct buf *out, const struct signature *signature)
{
    buf_append(out, dvara_str_from((const char *)signature->key_id, FORMAT_KEY_ID));
    buf_append(out, dvara_str_from((const char *)signature->content, FORMAT_ED25519));
    buf_append(out, dvara_str_from((const char *)signature->databases, FORMAT_ED25519));
}

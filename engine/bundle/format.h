/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of a bundle; format.md is the page for readers. All integers are little-endian.
 *
 *   header     64 bytes: magic[8], format, edition, length of all, sections, signatures, 0,
 * digest[32] sections   48 bytes each: kind, offset, length, 0, SHA-256 of its bytes; kinds ascend
 *   signatures 136 bytes each: key id[8], signature[64], signature of the databases[64]
 *   the sections' bytes, in order, each at the next multiple of 8, zeros between
 */
#ifndef BUNDLE_FORMAT_H
#define BUNDLE_FORMAT_H

#include "bundle/tables.h"
#include "dvara/status.h"
#include "dvara/str.h"

struct buf;

enum {
    FORMAT_VERSION = 1,
    FORMAT_EDITION = 1,
    FORMAT_HEADER = 64,
    FORMAT_SECTION = 48,
    FORMAT_SIGNATURE = 136,
    FORMAT_DIGEST = 32,
    FORMAT_KEY_ID = 8,
    FORMAT_ED25519 = 64,
    FORMAT_MAX_SIGNATURES = 16,
    FORMAT_MAX_BUNDLE = 256 << 20, /* 65 536 rules with long lists stay under it */
    FORMAT_ALIGN = 8
};

extern const unsigned char format_magic[8];

enum section_kind {
#define SECTION(id, number, name, what) SECTION_##id = (number),
#include "bundle/sections.def"
    SECTION_END
};

static inline bool section_is_database(uint32_t kind)
{
    return kind >= SECTION_DATABASES;
}

struct section {
    uint32_t kind, offset, length;
    unsigned char digest[FORMAT_DIGEST];
};

struct signature {
    unsigned char key_id[FORMAT_KEY_ID];
    unsigned char content[FORMAT_ED25519];
    unsigned char databases[FORMAT_ED25519];
};

struct format_header {
    uint32_t edition, length, n_sections, n_signatures;
    unsigned char digest[FORMAT_DIGEST];
};

void format_sha256(struct dvara_str s, unsigned char out[FORMAT_DIGEST]);

/* The digest that is signed: over format, edition and the rows of all sections but databases. */
void format_digest(uint32_t edition, const struct section *sections, uint32_t n,
                   unsigned char out[FORMAT_DIGEST]);
/* What the second signature covers: the digest and the rows of the databases. */
void format_database_digest(const unsigned char digest[FORMAT_DIGEST],
                            const struct section *sections, uint32_t n,
                            unsigned char out[FORMAT_DIGEST]);

void format_put_header(struct buf *out, const struct format_header *header);
void format_put_section(struct buf *out, const struct section *section);
void format_put_signature(struct buf *out, const struct signature *signature);

#endif

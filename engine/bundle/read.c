/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/read.h"

#include "base/arena.h"
#include "base/bytes.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

enum dvara_status bundle_refuse(struct dvara_bundle_error *error, enum dvara_status status,
                                const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)vsnprintf(error->text, sizeof error->text, format, args);
    va_end(args);
    return status;
}

static enum dvara_status read_header(struct dvara_str bytes, struct dvara_bundle_error *error,
                                     struct format_header *ret_header)
{
    if (bytes.n < FORMAT_HEADER)
        return bundle_refuse(error, DVARA_INVALID, "too short for a bundle's header");
    if (bytes.n > FORMAT_MAX_BUNDLE)
        return bundle_refuse(error, DVARA_TOO_LARGE, "over %d bytes", FORMAT_MAX_BUNDLE);
    if (memcmp(bytes.p, format_magic, sizeof format_magic) != 0)
        return bundle_refuse(error, DVARA_INVALID, "not a bundle: the magic is wrong");
    if (bytes_get32(bytes.p + 8) != FORMAT_VERSION)
        return bundle_refuse(error, DVARA_UNSUPPORTED, "bundle format %u; this build reads %d",
                             bytes_get32(bytes.p + 8), FORMAT_VERSION);
    ret_header->edition = bytes_get32(bytes.p + 12);
    if (ret_header->edition != FORMAT_EDITION)
        return bundle_refuse(error, DVARA_UNSUPPORTED, "language edition %u; this build runs %d",
                             ret_header->edition, FORMAT_EDITION);
    ret_header->length = bytes_get32(bytes.p + 16);
    ret_header->n_sections = bytes_get32(bytes.p + 20);
    ret_header->n_signatures = bytes_get32(bytes.p + 24);
    memcpy(ret_header->digest, bytes.p + 32, FORMAT_DIGEST);
    if (ret_header->length != bytes.n)
        return bundle_refuse(error, DVARA_CORRUPT, "the header says %u bytes, there are %zu",
                             ret_header->length, bytes.n);
    if (ret_header->n_sections > SECTION_END || ret_header->n_signatures > FORMAT_MAX_SIGNATURES)
        return bundle_refuse(error, DVARA_CORRUPT, "too many sections or signatures");
    if (bytes_get32(bytes.p + 28) != 0)
        return bundle_refuse(error, DVARA_CORRUPT, "a reserved word of the header is not zero");
    return DVARA_OK;
}

static bool is_zero(struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i])
            return false;
    }
    return true;
}

/* One row of the directory; `at` is where the bytes before it end. */
static enum dvara_status read_section(struct dvara_str bytes, size_t row, size_t at, int last_kind,
                                      struct dvara_bundle_error *error, struct section *ret_section)
{
    const char *p = bytes.p + row;
    size_t start = (at + FORMAT_ALIGN - 1) / FORMAT_ALIGN * FORMAT_ALIGN;
    unsigned char digest[FORMAT_DIGEST];

    *ret_section = (struct section){
        .kind = bytes_get32(p), .offset = bytes_get32(p + 4), .length = bytes_get32(p + 8)};
    memcpy(ret_section->digest, p + 16, FORMAT_DIGEST);
    if (ret_section->kind >= SECTION_END || (int)ret_section->kind <= last_kind)
        return bundle_refuse(error, DVARA_CORRUPT, "section %u is unknown or out of order",
                             ret_section->kind);
    if (bytes_get32(p + 12) != 0)
        return bundle_refuse(error, DVARA_CORRUPT, "a reserved word of a section is not zero");
    if (ret_section->offset != start || start > bytes.n || ret_section->length > bytes.n - start)
        return bundle_refuse(error, DVARA_CORRUPT, "section %u lies outside the bundle",
                             ret_section->kind);
    if (!is_zero(dvara_str_slice(bytes, at, start)))
        return bundle_refuse(error, DVARA_CORRUPT, "bytes between sections are not zero");
    format_sha256(dvara_str_slice(bytes, start, start + ret_section->length), digest);
    if (memcmp(digest, ret_section->digest, sizeof digest) != 0)
        return bundle_refuse(error, DVARA_CORRUPT, "the digest of section %u does not match",
                             ret_section->kind);
    return DVARA_OK;
}

enum dvara_status bundle_read_file(struct dvara_str bytes, struct dvara_bundle_error *ret_error,
                                   struct bundle_file *ret_file)
{
    struct format_header *header = &ret_file->header;
    enum dvara_status status = read_header(bytes, ret_error, header);
    if (status != DVARA_OK)
        return status;
    size_t at = FORMAT_HEADER + (size_t)header->n_sections * FORMAT_SECTION;
    size_t signatures = at;
    at += (size_t)header->n_signatures * FORMAT_SIGNATURE;
    if (at > bytes.n)
        return bundle_refuse(ret_error, DVARA_CORRUPT, "the directory lies outside the bundle");
    int last = -1;
    for (uint32_t i = 0; i < header->n_sections; i++) {
        status = read_section(bytes, FORMAT_HEADER + (size_t)i * FORMAT_SECTION, at, last,
                              ret_error, &ret_file->sections[i]);
        if (status != DVARA_OK)
            return status;
        last = (int)ret_file->sections[i].kind;
        at = ret_file->sections[i].offset + ret_file->sections[i].length;
    }
    if (at != bytes.n)
        return bundle_refuse(ret_error, DVARA_CORRUPT, "bytes after the last section");
    for (uint32_t i = 0; i < header->n_signatures; i++) {
        const char *p = bytes.p + signatures + (size_t)i * FORMAT_SIGNATURE;
        memcpy(&ret_file->signatures[i], p, FORMAT_SIGNATURE);
    }
    unsigned char digest[FORMAT_DIGEST];
    format_digest(header->edition, ret_file->sections, header->n_sections, digest);
    if (memcmp(digest, header->digest, sizeof digest) != 0)
        return bundle_refuse(ret_error, DVARA_CORRUPT, "the bundle's digest does not match");
    ret_file->bytes = bytes;
    return DVARA_OK;
}

static_assert(sizeof(struct signature) == FORMAT_SIGNATURE, "a signature is read as it stands");

struct dvara_str bundle_file_section(const struct bundle_file *file, uint32_t kind)
{
    for (uint32_t i = 0; i < file->header.n_sections; i++) {
        const struct section *section = &file->sections[i];
        if (section->kind == kind)
            return dvara_str_slice(file->bytes, section->offset,
                                   (size_t)section->offset + section->length);
    }
    return (struct dvara_str){0};
}

static enum dvara_status read_strings(struct dvara_str s, struct arena *arena,
                                      struct dvara_bundle_error *error,
                                      struct bundle_program *program)
{
    if (s.n == 0)
        return DVARA_OK;
    uint32_t n = s.n < 4 ? UINT32_MAX : bytes_get32(s.p);
    if (s.n < 4 || n > (s.n - 4) / 4)
        return bundle_refuse(error, DVARA_INVALID, "the string table is cut");
    struct dvara_str *strings = ARENA_ARRAY(arena, n, struct dvara_str);
    if (!strings)
        return DVARA_NO_MEMORY;
    struct dvara_str text = dvara_str_slice(s, 4 + (size_t)n * 4, s.n);
    uint32_t start = 0;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t end = bytes_get32(s.p + 4 + (size_t)i * 4);
        if (end < start || end > text.n)
            return bundle_refuse(error, DVARA_INVALID, "string %u lies outside its table", i);
        strings[i] = dvara_str_slice(text, start, end);
        start = end;
    }
    if (start != text.n)
        return bundle_refuse(error, DVARA_INVALID, "bytes after the last string");
    program->strings = strings;
    program->n_strings = n;
    return DVARA_OK;
}

static enum dvara_status read_code(struct dvara_str s, struct arena *arena,
                                   struct dvara_bundle_error *error, struct bundle_program *program)
{
    if (s.n % OP_SIZE)
        return bundle_refuse(error, DVARA_INVALID, "the code is cut");
    uint32_t n = (uint32_t)(s.n / OP_SIZE);
    struct instruction *code = ARENA_ARRAY(arena, n, struct instruction);
    program->types = ARENA_ARRAY(arena, n, uint8_t);
    if (!code || !program->types)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        const unsigned char *p = (const unsigned char *)s.p + (size_t)i * OP_SIZE;
        code[i] = (struct instruction){p[0], p[1], p[2], p[3], bytes_get32(p + 4)};
        if (p[0] >= OP_COUNT_ALL)
            return bundle_refuse(error, DVARA_UNSUPPORTED, "instruction %u: opcode %u is unknown",
                                 i, p[0]);
    }
    program->code = code;
    program->n_code = n;
    return DVARA_OK;
}

/* What a row's columns may refer to. */
struct range {
    uint32_t rows[BUNDLE_TABLE_COUNT];
    uint32_t strings;
};

static bool word_is_in_range(const struct bundle_column *column, uint32_t value, uint32_t before,
                             const struct range *range)
{
    switch ((enum bundle_column_kind)column->kind) {
    case BUNDLE_COLUMN_STR:
        return value < range->strings || (column->ref && value == BUNDLE_ABSENT);
    case BUNDLE_COLUMN_U32:
        return value <= column->ref;
    case BUNDLE_COLUMN_ENUM:
        return value < column->ref;
    case BUNDLE_COLUMN_BITS:
        return (value & ~column->ref) == 0;
    case BUNDLE_COLUMN_REF:
        return value < range->rows[column->ref];
    case BUNDLE_COLUMN_OREF:
        return value < range->rows[column->ref] || value == BUNDLE_ABSENT;
    case BUNDLE_COLUMN_FIRST:
        return value <= range->rows[column->ref];
    case BUNDLE_COLUMN_COUNT:
        return value <= range->rows[column->ref] - before;
    case BUNDLE_COLUMN_I64:
        break;
    }
    return false;
}

/* False: a column is out of range; its number is returned. */
static bool read_row(const struct bundle_layout *layout, const char *p, const struct range *range,
                     char *row, size_t *ret_column)
{
    uint32_t before = 0;
    for (size_t i = 0; i < layout->n_columns; i++) {
        const struct bundle_column *column = &layout->columns[i];
        *ret_column = i;
        if (column->kind == BUNDLE_COLUMN_I64) {
            int64_t value = (int64_t)bytes_get64(p);
            if (column->ref && value < 0)
                return false;
            memcpy(row + column->offset, &value, sizeof value);
            p += 8;
            continue;
        }
        uint32_t value = bytes_get32(p);
        if (!word_is_in_range(column, value, before, range))
            return false;
        memcpy(row + column->offset, &value, sizeof value);
        before = value;
        p += 4;
    }
    return true;
}

static enum dvara_status read_table(enum bundle_table table, struct dvara_str s,
                                    const struct range *range, struct arena *arena,
                                    struct dvara_bundle_error *error, struct bundle_tables *tables)
{
    const struct bundle_layout *layout = bundle_layout(table);
    uint32_t n = range->rows[table];
    char *rows = arena_array(arena, n, layout->size);
    if (!rows)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        size_t column = 0;
        if (!read_row(layout, s.p + i * layout->encoded, range, rows + i * layout->size, &column))
            return bundle_refuse(error, DVARA_INVALID, "%s row %u: %s is out of range",
                                 layout->name, i, layout->columns[column].name);
    }
    bundle_set_rows(tables, table, rows, n);
    return DVARA_OK;
}

enum dvara_status bundle_read_program(const struct bundle_file *file, struct arena *arena,
                                      struct dvara_bundle_error *ret_error,
                                      struct bundle_program *ret_program)
{
    struct range range = {.strings = 0};
    *ret_program = (struct bundle_program){.strings = NULL};
    enum dvara_status status =
        read_strings(bundle_file_section(file, SECTION_STRINGS), arena, ret_error, ret_program);
    if (status == DVARA_OK)
        status = read_code(bundle_file_section(file, SECTION_CODE), arena, ret_error, ret_program);
    range.strings = ret_program->n_strings;
    for (uint32_t i = 0; status == DVARA_OK && i < BUNDLE_TABLE_COUNT; i++) {
        const struct bundle_layout *layout = bundle_layout((enum bundle_table)i);
        struct dvara_str s = bundle_file_section(file, SECTION_TABLE + i);
        range.rows[i] = (uint32_t)(s.n / layout->encoded);
        if (s.n % layout->encoded)
            status = bundle_refuse(ret_error, DVARA_INVALID, "%s: a row is cut", layout->name);
    }
    for (uint32_t i = 0; status == DVARA_OK && i < BUNDLE_TABLE_COUNT; i++)
        status = read_table((enum bundle_table)i, bundle_file_section(file, SECTION_TABLE + i),
                            &range, arena, ret_error, &ret_program->tables);
    return status;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/write.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/hash.h"

#include <assert.h>
#include <stdlib.h>

enum { WRITER_MEMORY = 1 << 30, SLOTS_FIRST = 1024 };

struct bundle_writer {
    struct arena arena;
    struct buf rows[BUNDLE_TABLE_COUNT]; /* structs, not yet encoded */
    struct buf code;
    struct buf strings; /* struct dvara_str each */
    uint32_t *slots;    /* string number + 1, open addressing; power of two */
    uint32_t n_slots;
    struct dvara_str sections[SECTION_END];
    bool failed;
};

struct bundle_writer *bundle_writer_new(void)
{
    struct bundle_writer *writer = calloc(1, sizeof *writer);
    if (!writer)
        return NULL;
    arena_init(&writer->arena, WRITER_MEMORY);
    for (size_t i = 0; i < BUNDLE_TABLE_COUNT; i++)
        buf_init(&writer->rows[i], WRITER_MEMORY);
    buf_init(&writer->code, WRITER_MEMORY);
    buf_init(&writer->strings, WRITER_MEMORY);
    writer->n_slots = SLOTS_FIRST;
    writer->slots = ARENA_ARRAY(&writer->arena, SLOTS_FIRST, uint32_t);
    if (!writer->slots) {
        bundle_writer_free(writer);
        return NULL;
    }
    return writer;
}

void bundle_writer_free(struct bundle_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < BUNDLE_TABLE_COUNT; i++)
        buf_clear(&writer->rows[i]);
    buf_clear(&writer->code);
    buf_clear(&writer->strings);
    arena_clear(&writer->arena);
    free(writer);
}

static uint32_t n_strings(const struct bundle_writer *writer)
{
    return (uint32_t)(writer->strings.n / sizeof(struct dvara_str));
}

struct dvara_str bundle_string_at(const struct bundle_writer *writer, uint32_t index)
{
    struct dvara_str s;
    assert(index < n_strings(writer));
    memcpy(&s, writer->strings.p + index * sizeof s, sizeof s);
    return s;
}

static uint32_t *find_slot(const struct bundle_writer *writer, struct dvara_str s)
{
    uint32_t at = (uint32_t)hash_fixed(s) & (writer->n_slots - 1);
    while (writer->slots[at] && !dvara_str_eq(bundle_string_at(writer, writer->slots[at] - 1), s))
        at = (at + 1) & (writer->n_slots - 1);
    return &writer->slots[at];
}

static void grow_slots(struct bundle_writer *writer)
{
    uint32_t *slots = ARENA_ARRAY(&writer->arena, (size_t)writer->n_slots * 2, uint32_t);
    if (!slots) {
        writer->failed = true;
        return;
    }
    writer->slots = slots;
    writer->n_slots *= 2;
    for (uint32_t i = 0; i < n_strings(writer); i++)
        *find_slot(writer, bundle_string_at(writer, i)) = i + 1;
}

uint32_t bundle_string(struct bundle_writer *writer, struct dvara_str s)
{
    if (dvara_str_is_absent(s))
        return BUNDLE_ABSENT;
    uint32_t *slot = find_slot(writer, s);
    if (*slot)
        return *slot - 1;
    uint32_t index = n_strings(writer);
    struct dvara_str copy = arena_copy(&writer->arena, s);
    buf_append(&writer->strings, dvara_str_from((const char *)&copy, sizeof copy));
    if (dvara_str_is_absent(copy) || buf_failed(&writer->strings)) {
        writer->failed = true;
        return 0;
    }
    *slot = index + 1;
    if (index > writer->n_slots / 2)
        grow_slots(writer);
    return index;
}

uint32_t bundle_count(const struct bundle_writer *writer, enum bundle_table table)
{
    return (uint32_t)(writer->rows[table].n / bundle_layout(table)->size);
}

uint32_t bundle_add(struct bundle_writer *writer, enum bundle_table table, const void *row)
{
    uint32_t index = bundle_count(writer, table);
    buf_append(&writer->rows[table], dvara_str_from(row, bundle_layout(table)->size));
    return index;
}

void *bundle_row(struct bundle_writer *writer, enum bundle_table table, uint32_t index)
{
    assert(index < bundle_count(writer, table));
    return writer->rows[table].p + index * bundle_layout(table)->size;
}

uint32_t bundle_code_count(const struct bundle_writer *writer)
{
    return (uint32_t)(writer->code.n / sizeof(struct instruction));
}

uint32_t bundle_code(struct bundle_writer *writer, struct instruction instruction)
{
    uint32_t index = bundle_code_count(writer);
    buf_append(&writer->code, dvara_str_from((const char *)&instruction, sizeof instruction));
    return index;
}

struct instruction *bundle_code_at(struct bundle_writer *writer, uint32_t index)
{
    assert(index < bundle_code_count(writer));
    return (struct instruction *)(void *)(writer->code.p + index * sizeof(struct instruction));
}

void bundle_section(struct bundle_writer *writer, enum section_kind kind, struct dvara_str bytes)
{
    assert(kind < SECTION_END && (kind < SECTION_TABLE || section_is_database(kind)));
    writer->sections[kind] = arena_copy(&writer->arena, bytes);
    if (dvara_str_is_absent(writer->sections[kind]))
        writer->failed = true;
}

/* u32 count, u32 end of each string, the bytes. */
static void encode_strings(const struct bundle_writer *writer, struct buf *out)
{
    uint32_t n = n_strings(writer);
    uint32_t end = 0;
    bytes_append32(out, n);
    for (uint32_t i = 0; i < n; i++) {
        end += (uint32_t)bundle_string_at(writer, i).n;
        bytes_append32(out, end);
    }
    for (uint32_t i = 0; i < n; i++)
        buf_append(out, bundle_string_at(writer, i));
}

static void encode_code(struct bundle_writer *writer, struct buf *out)
{
    for (uint32_t i = 0; i < bundle_code_count(writer); i++) {
        const struct instruction *at = bundle_code_at(writer, i);
        buf_byte(out, (char)at->op);
        buf_byte(out, (char)at->a);
        buf_byte(out, (char)at->b);
        buf_byte(out, (char)at->c);
        bytes_append32(out, at->imm);
    }
}

static void encode_row(const struct bundle_layout *layout, const char *row, struct buf *out)
{
    for (size_t i = 0; i < layout->n_columns; i++) {
        const struct bundle_column *column = &layout->columns[i];
        if (column->kind == BUNDLE_COLUMN_I64) {
            int64_t value;
            memcpy(&value, row + column->offset, sizeof value);
            bytes_append64(out, (uint64_t)value);
        } else {
            uint32_t value;
            memcpy(&value, row + column->offset, sizeof value);
            bytes_append32(out, value);
        }
    }
}

static void encode_table(struct bundle_writer *writer, enum bundle_table table, struct buf *out)
{
    const struct bundle_layout *layout = bundle_layout(table);
    for (uint32_t i = 0; i < bundle_count(writer, table); i++)
        encode_row(layout, writer->rows[table].p + i * layout->size, out);
}

static bool encode_section(struct bundle_writer *writer, uint32_t kind, struct buf *out)
{
    size_t before = out->n;
    if (kind == SECTION_STRINGS)
        encode_strings(writer, out);
    else if (kind == SECTION_CODE)
        encode_code(writer, out);
    else if (kind >= SECTION_TABLE && kind < SECTION_TABLE + BUNDLE_TABLE_COUNT)
        encode_table(writer, (enum bundle_table)(kind - SECTION_TABLE), out);
    else
        buf_append(out, writer->sections[kind]);
    return out->n > before;
}

enum dvara_status bundle_write(struct bundle_writer *writer, struct buf *out)
{
    struct section sections[SECTION_END];
    struct dvara_str bytes[SECTION_END];
    size_t starts[SECTION_END];
    uint32_t n = 0;
    struct buf content;

    buf_init(&content, FORMAT_MAX_BUNDLE);
    for (uint32_t kind = 0; kind < SECTION_END; kind++) {
        starts[n] = content.n;
        if (encode_section(writer, kind, &content))
            sections[n++].kind = kind;
    }
    for (uint32_t i = 0; i < n; i++)
        bytes[i] =
            dvara_str_slice(buf_str(&content), starts[i], i + 1 < n ? starts[i + 1] : content.n);
    enum dvara_status status = DVARA_NO_MEMORY;
    bool failed = writer->failed || buf_failed(&content) || buf_failed(&writer->code) ||
                  buf_failed(&writer->strings);
    for (size_t i = 0; i < BUNDLE_TABLE_COUNT; i++)
        failed = failed || buf_failed(&writer->rows[i]);
    if (!failed)
        status = bundle_assemble(
            &(struct bundle_parts){.sections = sections, .bytes = bytes, .n_sections = n}, out);
    buf_clear(&content);
    return status;
}

static size_t aligned(size_t n)
{
    return (n + FORMAT_ALIGN - 1) / FORMAT_ALIGN * FORMAT_ALIGN;
}

enum dvara_status bundle_assemble(const struct bundle_parts *parts, struct buf *out)
{
    struct section sections[SECTION_END];
    size_t start = out->n;
    size_t at = FORMAT_HEADER + (size_t)parts->n_sections * FORMAT_SECTION +
                (size_t)parts->n_signatures * FORMAT_SIGNATURE;
    assert(parts->n_sections <= SECTION_END && parts->n_signatures <= FORMAT_MAX_SIGNATURES);
    for (uint32_t i = 0; i < parts->n_sections; i++) {
        at = aligned(at);
        sections[i] = (struct section){.kind = parts->sections[i].kind,
                                       .offset = (uint32_t)at,
                                       .length = (uint32_t)parts->bytes[i].n};
        format_sha256(parts->bytes[i], sections[i].digest);
        at += parts->bytes[i].n;
        if (at > FORMAT_MAX_BUNDLE)
            return DVARA_TOO_LARGE;
    }
    struct format_header header = {.edition = FORMAT_EDITION,
                                   .length = (uint32_t)at,
                                   .n_sections = parts->n_sections,
                                   .n_signatures = parts->n_signatures};
    format_digest(FORMAT_EDITION, sections, parts->n_sections, header.digest);
    format_put_header(out, &header);
    for (uint32_t i = 0; i < parts->n_sections; i++)
        format_put_section(out, &sections[i]);
    for (uint32_t i = 0; i < parts->n_signatures; i++)
        format_put_signature(out, &parts->signatures[i]);
    for (uint32_t i = 0; i < parts->n_sections; i++) {
        while (!buf_failed(out) && out->n - start < sections[i].offset)
            buf_byte(out, 0);
        buf_append(out, parts->bytes[i]);
    }
    return buf_failed(out) ? DVARA_NO_MEMORY : DVARA_OK;
}

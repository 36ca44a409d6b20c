/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/detectors.h"

#include "base/arena.h"
#include "base/buf.h"
#include "dvara/limits.h"
#include "pattern/wire.h"

/* The section: version, count, then rows; see encode_spec for a row. */
enum { DETECTORS_VERSION = 1, ROW_BYTES = 64, MAX_WITHIN = 1000 };

static void encode_strs(struct dvara_strs strs, struct buf *out)
{
    if (strs.n > DETECTOR_MAX_WORDS)
        out->failed = true;
    wire_put_u32(out, (uint32_t)strs.n);
    for (size_t i = 0; i < strs.n; i++)
        wire_put_str(out, strs.v[i]);
}

static void encode_patterns(const struct pattern_source *v, size_t n, struct buf *out)
{
    if (n > DETECTOR_MAX_PATTERNS)
        out->failed = true;
    wire_put_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++) {
        wire_put_u32(out, v[i].flags & (PATTERN_CASELESS | PATTERN_DOTALL | PATTERN_EXTENDED));
        wire_put_str(out, v[i].source);
    }
}

static void encode_label(const struct detector_spec *spec, struct buf *out)
{
    if (spec->label.n) {
        wire_put_str(out, spec->label);
        return;
    }
    wire_put_u32(out, (uint32_t)spec->name.n);
    for (size_t i = 0; i < spec->name.n; i++) {
        char c = spec->name.p[i];
        buf_byte(out, c >= 'a' && c <= 'z' ? (char)(c - 32) : c);
    }
}

static void encode_spec(const struct detector_spec *spec, struct buf *out)
{
    bool scored = spec->score_low_ppm || spec->score_high_ppm;
    if (spec->n_patterns == 0)
        out->failed = true;
    wire_put_str(out, spec->name);
    encode_label(spec, out);
    wire_put_str(out, spec->validator);
    wire_put_u32(out, spec->within ? spec->within : DETECTOR_DEFAULT_WITHIN);
    wire_put_u32(out, spec->entropy_milli);
    wire_put_u32(out, scored ? spec->score_low_ppm : DETECTOR_DEFAULT_SCORE_PPM);
    wire_put_u32(out, scored ? spec->score_high_ppm : DETECTOR_DEFAULT_SCORE_PPM);
    wire_put_u32(out, spec->floor_ppm ? spec->floor_ppm : DETECTOR_DEFAULT_FLOOR_PPM);
    wire_put_u32(out, spec->max_span);
    wire_put_u32(out, spec->mask_none);
    encode_patterns(spec->patterns, spec->n_patterns, out);
    encode_patterns(spec->except_patterns, spec->n_except_patterns, out);
    encode_strs(spec->context, out);
    encode_strs(spec->against, out);
    encode_strs(spec->keywords, out);
    encode_strs(spec->except, out);
}

void detectors_encode(const struct detector_spec *specs, size_t n, struct buf *out)
{
    if (n > DETECTORS_MAX)
        out->failed = true;
    wire_put_u32(out, DETECTORS_VERSION);
    wire_put_u32(out, (uint32_t)n);
    for (size_t i = 0; i < n; i++)
        encode_spec(&specs[i], out);
}

static bool decode_strs(struct wire_reader *reader, struct arena *arena, struct dvara_strs *ret)
{
    uint32_t n = wire_count(reader, DETECTOR_MAX_WORDS, 4);
    struct dvara_str *v = ARENA_ARRAY(arena, n, struct dvara_str);
    if (!v)
        return false;
    for (uint32_t i = 0; i < n; i++)
        v[i] = wire_str(reader);
    *ret = (struct dvara_strs){.v = v, .n = n};
    return true;
}

static bool decode_patterns(struct wire_reader *reader, struct arena *arena,
                            const struct pattern_source **ret_v, size_t *ret_n)
{
    uint32_t n = wire_count(reader, DETECTOR_MAX_PATTERNS, 8);
    struct pattern_source *v = ARENA_ARRAY(arena, n, struct pattern_source);
    if (!v)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        v[i].flags = wire_u32(reader);
        v[i].source = wire_str(reader);
        if (v[i].source.n > PATTERN_MAX_SOURCE || v[i].flags > PATTERN_SPAN)
            reader->failed = true;
    }
    *ret_v = v;
    *ret_n = n;
    return true;
}

static bool decode_spec(struct wire_reader *reader, struct arena *arena, struct detector_spec *spec)
{
    spec->name = wire_str(reader);
    spec->label = wire_str(reader);
    spec->validator = wire_str(reader);
    spec->within = wire_u32(reader);
    spec->entropy_milli = wire_u32(reader);
    spec->score_low_ppm = wire_u32(reader);
    spec->score_high_ppm = wire_u32(reader);
    spec->floor_ppm = wire_u32(reader);
    spec->max_span = wire_u32(reader);
    spec->mask_none = wire_u32(reader) != 0;
    if (spec->within > MAX_WITHIN || spec->max_span > DVARA_MAX_SPAN || spec->name.n == 0 ||
        spec->label.n == 0 || spec->score_low_ppm > 1000000 || spec->score_high_ppm > 1000000)
        reader->failed = true;
    return decode_patterns(reader, arena, &spec->patterns, &spec->n_patterns) &&
           decode_patterns(reader, arena, &spec->except_patterns, &spec->n_except_patterns) &&
           decode_strs(reader, arena, &spec->context) &&
           decode_strs(reader, arena, &spec->against) &&
           decode_strs(reader, arena, &spec->keywords) && decode_strs(reader, arena, &spec->except);
}

enum dvara_status detectors_decode(struct dvara_str section, struct arena *arena,
                                   struct detector_spec **ret_specs, size_t *ret_n)
{
    struct wire_reader reader = {.rest = section};
    uint32_t n = 0;
    if (section.n) {
        if (wire_u32(&reader) != DETECTORS_VERSION)
            return DVARA_CORRUPT;
        n = wire_count(&reader, DETECTORS_MAX, ROW_BYTES);
    }
    struct detector_spec *specs = ARENA_ARRAY(arena, n, struct detector_spec);
    if (!specs)
        return DVARA_NO_MEMORY;
    for (uint32_t i = 0; i < n && !reader.failed; i++) {
        if (!decode_spec(&reader, arena, &specs[i]))
            return DVARA_NO_MEMORY;
        if (specs[i].n_patterns == 0)
            reader.failed = true;
    }
    if (reader.failed || reader.rest.n)
        return DVARA_CORRUPT;
    *ret_specs = specs;
    *ret_n = n;
    return DVARA_OK;
}

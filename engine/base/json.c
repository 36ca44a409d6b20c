/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/arena.h"
#include "base/json_keys.h"
#include "base/json_parser.h"
#include "base/json_text.h"
#include "base/number.h"

#include <assert.h>
#include <stdio.h>

static struct dvara_str body_of(const struct json_doc *doc, uint32_t node)
{
    const struct json_node *at = &doc->nodes[node];
    assert(at->kind == JSON_STRING || at->kind == JSON_KEY);
    return dvara_str_from(doc->text.p + at->start + 1, at->end - at->start - 2);
}

uint32_t json_count(const struct json_doc *doc, uint32_t node)
{
    uint32_t count = 0;
    for (uint32_t i = json_first(doc, node); i != JSON_NONE; i = json_next(doc, i))
        count++;
    return count;
}

bool json_string_eq(const struct json_doc *doc, uint32_t node, struct dvara_str s)
{
    struct dvara_str body = body_of(doc, node);
    return doc->nodes[node].escapes ? json_text_is(body, s) : dvara_str_eq(body, s);
}

uint32_t json_find(const struct json_doc *doc, uint32_t object, struct dvara_str key)
{
    if (json_kind(doc, object) != JSON_OBJECT)
        return JSON_NONE;
    for (uint32_t i = json_first(doc, object); i != JSON_NONE; i = json_next(doc, i))
        if (json_string_eq(doc, i, key))
            return i + 1;
    return JSON_NONE;
}

struct dvara_str json_string(const struct json_doc *doc, uint32_t node, struct arena *arena)
{
    struct dvara_str body = body_of(doc, node);
    if (!doc->nodes[node].escapes)
        return body;
    char *p = arena_alloc(arena, body.n);
    return p ? dvara_str_from(p, json_text_decode(body, p)) : (struct dvara_str){0};
}

enum dvara_status json_int(const struct json_doc *doc, uint32_t node, int64_t *ret_value)
{
    if (json_kind(doc, node) != JSON_NUMBER)
        return DVARA_INVALID;
    return number_int(json_raw(doc, node), ret_value);
}

double json_double(const struct json_doc *doc, uint32_t node)
{
    return json_kind(doc, node) == JSON_NUMBER ? number_double(json_raw(doc, node)) : 0;
}

static uint32_t element(const struct json_doc *doc, uint32_t array, struct dvara_str index)
{
    if (index.n == 0 || index.n > 9 || (index.p[0] == '0' && index.n > 1))
        return JSON_NONE;
    uint32_t left = 0;
    for (size_t i = 0; i < index.n; i++) {
        if (index.p[i] < '0' || index.p[i] > '9')
            return JSON_NONE;
        left = left * 10 + (uint32_t)(index.p[i] - '0');
    }
    uint32_t i = json_first(doc, array);
    while (i != JSON_NONE && left--)
        i = json_next(doc, i);
    return i;
}

/* The next byte of a pointer's step, where ~0 is ~ and ~1 is /; false at its end or a bad tilde. */
static bool step_byte(struct dvara_str step, size_t *at, char *ret_byte)
{
    if (*at >= step.n)
        return false;
    *ret_byte = step.p[(*at)++];
    if (*ret_byte != '~')
        return true;
    if (*at >= step.n || (step.p[*at] != '0' && step.p[*at] != '1'))
        return false;
    *ret_byte = step.p[(*at)++] == '0' ? '~' : '/';
    return true;
}

static bool step_is(const struct json_doc *doc, uint32_t key, struct dvara_str step)
{
    if (!step.n || !memchr(step.p, '~', step.n))
        return json_string_eq(doc, key, step);
    struct dvara_str body = body_of(doc, key);
    size_t at = 0;
    while (body.n) {
        char scratch[4];
        struct dvara_str piece = json_text_next(&body, scratch);
        for (size_t i = 0; i < piece.n; i++) {
            char byte;
            if (!step_byte(step, &at, &byte) || byte != piece.p[i])
                return false;
        }
    }
    return at == step.n;
}

static uint32_t step_into(const struct json_doc *doc, uint32_t node, struct dvara_str step)
{
    if (json_kind(doc, node) == JSON_ARRAY)
        return element(doc, node, step);
    if (json_kind(doc, node) != JSON_OBJECT)
        return JSON_NONE;
    for (uint32_t i = json_first(doc, node); i != JSON_NONE; i = json_next(doc, i))
        if (step_is(doc, i, step))
            return i + 1;
    return JSON_NONE;
}

uint32_t json_pointer(const struct json_doc *doc, struct dvara_str pointer)
{
    uint32_t node = 0;
    while (pointer.n && node != JSON_NONE) {
        if (pointer.p[0] != '/')
            return JSON_NONE;
        pointer = dvara_str_slice(pointer, 1, pointer.n);
        const char *slash = pointer.n ? memchr(pointer.p, '/', pointer.n) : NULL;
        size_t n = slash ? (size_t)(slash - pointer.p) : pointer.n;
        node = step_into(doc, node, dvara_str_slice(pointer, 0, n));
        pointer = dvara_str_slice(pointer, n, pointer.n);
    }
    return node;
}

/* Writes one step; false when it does not fit whole (and nothing is written). */
static bool put_step(const struct json_doc *doc, uint32_t key, char *out, size_t size, size_t *n)
{
    char scratch[4];
    struct dvara_str body = body_of(doc, key);
    size_t at = *n;
    for (size_t i = 0; i < body.n;) {
        unsigned raw = 1;
        unsigned decoded = 1;
        scratch[0] = body.p[i];
        if (body.p[i] == '\\')
            decoded = json_text_escape(body.p + i, scratch, &raw);
        i += raw;
        for (unsigned k = 0; k < decoded; k++) {
            bool tilde = scratch[k] == '~' || scratch[k] == '/';
            if (at + 1 + tilde >= size)
                return false;
            if (tilde)
                out[at++] = '~';
            out[at++] = scratch[k] == '~' ? '0' : scratch[k] == '/' ? '1' : scratch[k];
        }
    }
    *n = at;
    return true;
}

static bool put_index(const struct json_doc *doc, uint32_t node, char *out, size_t size, size_t *n)
{
    unsigned index = 0;
    for (uint32_t i = doc->nodes[node].parent + 1; i < node && doc->nodes[i].next; index++)
        i = doc->nodes[i].next;
    int length = snprintf(out + *n, size - *n, "%u", index);
    if (length < 0 || (size_t)length >= size - *n)
        return false;
    *n += (size_t)length;
    return true;
}

size_t json_path(const struct json_doc *doc, uint32_t node, char *out, size_t size)
{
    uint32_t chain[JSON_DEPTH_MAX + 1];
    size_t depth = 0;
    size_t n = 0;
    if (node != 0 && doc->nodes[node].kind == JSON_KEY && doc->nodes[node].next > node + 1)
        node++; /* a key's place is its value's */
    for (; node != 0 && depth <= JSON_DEPTH_MAX; node = doc->nodes[node].parent)
        chain[depth++] = node;
    while (depth-- > 0) {
        size_t whole = n;
        uint32_t step = chain[depth];
        bool in_object = doc->nodes[doc->nodes[step].parent].kind == JSON_OBJECT;
        uint32_t key = doc->nodes[step].kind == JSON_KEY ? step : step - 1;
        bool fits = n + 2 < size;
        if (fits)
            out[n++] = '/';
        if (!fits || !(in_object ? put_step(doc, key, out, size, &n)
                                 : put_index(doc, step, out, size, &n))) {
            n = whole;
            break;
        }
    }
    if (size)
        out[n] = '\0';
    return n;
}

/* A decoded key as decoders that ignore case see it; returns the length, never a longer one. */
static size_t fold_key(struct dvara_str decoded, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < decoded.n; i++) {
        struct dvara_str rest = dvara_str_slice(decoded, i, decoded.n);
        char c = decoded.p[i];
        if (dvara_str_starts_with(rest, DVARA_STR("\xc5\xbf"))) { /* U+017F, long s */
            c = 's';
            i++;
        } else if (dvara_str_starts_with(rest, DVARA_STR("\xe2\x84\xaa"))) { /* U+212A, kelvin */
            c = 'k';
            i += 2;
        }
        out[n++] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return n;
}

static bool clashes(struct dvara_str decoded, const struct dvara_str *known, size_t n_known)
{
    char folded[192];
    char folded_known[64];
    if (decoded.n > sizeof folded)
        return false; /* longer than three bytes for each of any known key's letters */
    size_t n = fold_key(decoded, folded);
    for (size_t i = 0; i < n_known; i++) {
        assert(known[i].n <= sizeof folded_known);
        if (known[i].n == n && fold_key(known[i], folded_known) == n &&
            memcmp(folded, folded_known, n) == 0)
            return true;
    }
    return false;
}

static bool is_known(struct dvara_str decoded, const struct dvara_str *known, size_t n_known)
{
    for (size_t i = 0; i < n_known; i++)
        if (dvara_str_eq(decoded, known[i]))
            return true;
    return false;
}

uint32_t json_case_clash(const struct json_doc *doc, const struct dvara_str *known, size_t n_known)
{
    if (json_kind(doc, 0) != JSON_OBJECT)
        return JSON_NONE;
    for (uint32_t key = json_first(doc, 0); key != JSON_NONE; key = json_next(doc, key)) {
        struct dvara_str body = body_of(doc, key);
        char decoded[192 * 6]; /* 192 characters, each escaped */
        if (body.n > sizeof decoded)
            continue;
        if (doc->nodes[key].escapes)
            body = dvara_str_from(decoded, json_text_decode(body, decoded));
        if (!is_known(body, known, n_known) && clashes(body, known, n_known))
            return key;
    }
    return JSON_NONE;
}

enum dvara_status json_parse(struct dvara_str text, uint32_t nodes_max, struct arena *arena,
                             struct json_doc *ret_doc, struct json_error *ret_error)
{
    struct json_parser parser;
    enum dvara_status status = json_parser_run(&parser, text, nodes_max, arena);
    struct json_doc doc = {
        .text = text, .nodes = parser.nodes, .n = parser.n, .n_strings = parser.n_strings};
    if (status == DVARA_OK) {
        *ret_doc = doc;
    } else if (ret_error) {
        *ret_error = (struct json_error){.offset = parser.error_offset,
                                         .reason = parser.reason ? parser.reason
                                                                 : dvara_status_sentence(status)};
        if (parser.n)
            json_path(&doc, parser.error_node, ret_error->pointer, sizeof ret_error->pointer);
    }
    return status;
}

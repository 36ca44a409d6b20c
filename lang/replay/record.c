/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/replay/record.h"

#include "base/arena.h"
#include "base/bytes.h"
#include "base/json.h"
#include "lang/replay/record_inputs.h"

enum { CUT_FROM = 253, NODES_MAX = 1 << 22 }; /* the gateway cuts a text of a client at 256 bytes */

static const struct dvara_str error_names[] = {
#define ERROR_KIND(id, spelling, what) [DVARA_ERROR_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str named_names[] = {
#define NAMED(id, spelling, what) [DVARA_NAMED_##id] = DVARA_STR_INIT(spelling),
#include "dvara/words.def"
};
static const struct dvara_str set_names[] = {DVARA_STR_INIT("model"), DVARA_STR_INIT("max_tokens"),
                                             DVARA_STR_INIT("temperature"), DVARA_STR_INIT("user"),
                                             DVARA_STR_INIT("route")};
static const struct dvara_str verdict_names[] = {
    [DVARA_VERDICT_ALLOW] = DVARA_STR_INIT("allow"),
    [DVARA_VERDICT_DENY] = DVARA_STR_INIT("deny"),
    [DVARA_VERDICT_APPROVAL] = DVARA_STR_INIT("approval"),
};

/* ---- words ---- */

static size_t find_word(const struct dvara_str *words, size_t n, struct dvara_str word)
{
    size_t i = 0;
    while (i < n && !dvara_str_eq(words[i], word))
        i++;
    return i;
}

static uint8_t read_word(struct record_reader *r, uint32_t object, struct dvara_str name,
                         const struct dvara_str *words, size_t n)
{
    struct dvara_str word = reader_text(r, object, name);
    if (word.n == 0)
        return 0;
    size_t at = find_word(words, n, word);
    if (at == n)
        reader_refuse(r, name, "a word of its list");
    return at == n ? 0 : (uint8_t)at;
}

static bool read_mark(struct dvara_str hex, uint64_t *ret_mark)
{
    unsigned char bytes[8];
    if (hex.n != 2 * sizeof bytes || bytes_from_hex(hex, bytes, sizeof bytes) != DVARA_OK)
        return false;
    *ret_mark = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        *ret_mark = *ret_mark << 8 | bytes[i];
    return true;
}

/* ---- lists of objects ---- */

/* The list, if that is what it is of. */
static uint32_t objects(struct record_reader *r, uint32_t payload, struct dvara_str name)
{
    uint32_t at, list = reader_member(r, payload, name, JSON_ARRAY);
    for (at = reader_first(r, list); at != JSON_NONE; at = json_next(r->doc, at)) {
        if (json_kind(r->doc, at) == JSON_OBJECT)
            continue;
        reader_refuse(r, name, "a list of objects");
        return JSON_NONE;
    }
    return list;
}

static void read_excluded(struct record_reader *r, uint32_t payload, struct record *record)
{
    uint32_t at, list = objects(r, payload, DVARA_STR("excluded"));
    record->excluded = ARENA_ARRAY(r->arena, reader_count(r, list), struct record_exclusion);
    for (at = reader_first(r, list); record->excluded && at != JSON_NONE;
         at = json_next(r->doc, at))
        record->excluded[record->n_excluded++] = (struct record_exclusion){
            reader_text(r, at, DVARA_STR("target")), reader_text(r, at, DVARA_STR("rule"))};
}

static void read_redactions(struct record_reader *r, uint32_t payload, struct record *record)
{
    uint32_t at, list = objects(r, payload, DVARA_STR("redactions"));
    record->redactions = ARENA_ARRAY(r->arena, reader_count(r, list), struct record_redaction);
    for (at = reader_first(r, list); record->redactions && at != JSON_NONE;
         at = json_next(r->doc, at))
        record->redactions[record->n_redactions++] = (struct record_redaction){
            reader_text(r, at, DVARA_STR("detector")), reader_text(r, at, DVARA_STR("in")),
            reader_text(r, at, DVARA_STR("style"))};
}

static void read_tags(struct record_reader *r, uint32_t payload, struct record *record)
{
    uint32_t at, list = objects(r, payload, DVARA_STR("tags"));
    struct dvara_pair *v = ARENA_ARRAY(r->arena, reader_count(r, list), struct dvara_pair);
    size_t n = 0;
    for (at = reader_first(r, list); v && at != JSON_NONE; at = json_next(r->doc, at))
        v[n++] = (struct dvara_pair){reader_text(r, at, DVARA_STR("key")),
                                     reader_text(r, at, DVARA_STR("value"))};
    record->tags = (struct dvara_pairs){v, v ? n : 0};
}

static void read_set(struct record_reader *r, uint32_t payload, struct record *record)
{
    struct dvara_strs names = reader_texts(r, payload, DVARA_STR("set"));
    const size_t n = sizeof set_names / sizeof *set_names;
    for (size_t i = 0; i < names.n; i++) {
        size_t at = find_word(set_names, n, names.v[i]);
        if (at < n)
            record->set |= 1u << at;
        else if (!dvara_str_starts_with(names.v[i], DVARA_STR("header ")))
            reader_refuse(r, DVARA_STR("set"), "a list of what rules set");
    }
    record->set_names = names;
}

/* ---- atoms ---- */

static bool read_atom(struct record_reader *r, uint32_t key, struct record_atom *ret_atom)
{
    uint32_t value = key + 1;
    struct record_atom atom = {.kind = DVARA_ERROR_NONE};
    if (!read_mark(json_string(r->doc, key, r->arena), &atom.mark))
        return false;
    if (json_kind(r->doc, value) == JSON_BOOL) {
        atom.truth = json_is_true(r->doc, value) ? DVARA_TRUE : DVARA_FALSE;
    } else if (json_kind(r->doc, value) == JSON_STRING) {
        const size_t n = sizeof error_names / sizeof *error_names;
        size_t kind = find_word(error_names, n, json_string(r->doc, value, r->arena));
        if (kind == n || kind == DVARA_ERROR_NONE)
            return false;
        atom.truth = DVARA_ERRED;
        atom.kind = (uint8_t)kind;
    } else {
        return false;
    }
    *ret_atom = atom;
    return true;
}

static void read_atoms(struct record_reader *r, uint32_t payload, struct record *record)
{
    uint32_t at, object = reader_member(r, payload, DVARA_STR("atoms"), JSON_OBJECT);
    record->atoms = ARENA_ARRAY(r->arena, reader_count(r, object), struct record_atom);
    for (at = reader_first(r, object); record->atoms && at != JSON_NONE;
         at = json_next(r->doc, at)) {
        if (read_atom(r, at, &record->atoms[record->n_atoms]))
            record->n_atoms++;
        else
            reader_refuse(r, DVARA_STR("atoms"),
                          "16 hex digits, each true, false or a kind of error");
    }
}

/* ---- the whole ---- */

static void read_outcome(struct record_reader *r, uint32_t payload, struct record *record)
{
    struct dvara_str redaction = reader_text(r, payload, DVARA_STR("redaction"));
    record->verdict = read_word(r, payload, DVARA_STR("verdict"), verdict_names,
                                sizeof verdict_names / sizeof *verdict_names);
    if (dvara_str_is_absent(reader_text(r, payload, DVARA_STR("verdict"))))
        reader_refuse(r, DVARA_STR("verdict"), "there");
    record->code = reader_text(r, payload, DVARA_STR("code"));
    record->model = reader_text(r, payload, DVARA_STR("model"));
    record->model_is_cut = record->model.n >= CUT_FROM;
    record->asked_model = reader_text(r, payload, DVARA_STR("asked_model"));
    record->asked_model_is_cut = record->asked_model.n >= CUT_FROM;
    record->route = reader_text(r, payload, DVARA_STR("route"));
    record->bundle = reader_text(r, payload, DVARA_STR("bundle_digest"));
    record->max_tokens = reader_number(r, payload, DVARA_STR("max_tokens"));
    record->rules = reader_texts(r, payload, DVARA_STR("rules"));
    record->targets = reader_texts(r, payload, DVARA_STR("targets"));
    record->unhealthy = reader_texts(r, payload, DVARA_STR("unhealthy"));
    record->named = read_word(r, payload, DVARA_STR("named_by"), named_names, DVARA_NAMED_COUNT);
    record->unscanned = read_word(r, payload, DVARA_STR("unscanned"), error_names,
                                  sizeof error_names / sizeof *error_names);
    if (redaction.n && (!read_mark(redaction, &record->redaction) || record->redaction == 0))
        reader_refuse(r, DVARA_STR("redaction"), "16 hex digits");
    read_excluded(r, payload, record);
    read_redactions(r, payload, record);
    read_tags(r, payload, record);
    read_set(r, payload, record);
    read_atoms(r, payload, record);
}

static void read_head(struct record_reader *r, struct record *record)
{
    struct dvara_opt_int seq = reader_number(r, 0, DVARA_STR("seq"));
    record->seq = seq.value;
    record->chain = reader_text(r, 0, DVARA_STR("chain"));
    record->id = reader_text(r, 0, DVARA_STR("id"));
    record->time = reader_text(r, 0, DVARA_STR("time"));
    record->type = reader_text(r, 0, DVARA_STR("type"));
    if (!seq.has || dvara_str_is_absent(record->chain) || dvara_str_is_absent(record->type))
        reader_refuse(r, DVARA_STR("chain, seq and type"), "there: this is no audit record");
}

enum dvara_status record_read(struct dvara_str line, struct arena *arena, struct record *ret_record,
                              struct dvara_str *ret_error)
{
    struct json_doc doc;
    struct json_error error;
    struct record_reader r = {.doc = &doc, .arena = arena};
    *ret_record = (struct record){.seq = 0};
    enum dvara_status status = json_parse(line, NODES_MAX, arena, &doc, &error);
    if (status == DVARA_INVALID || status == DVARA_TOO_LARGE) {
        *ret_error =
            arena_printf(arena, "this is no JSON: %s (byte %zu)", error.reason, error.offset);
        return DVARA_INVALID;
    }
    if (status != DVARA_OK)
        return status;
    ret_record->is_json = true;
    if (json_kind(&doc, 0) != JSON_OBJECT)
        reader_refuse(&r, DVARA_STR("a record"), "an object");
    else
        read_head(&r, ret_record);
    ret_record->is_decision = !r.error.p && dvara_str_eq(ret_record->type, DVARA_STR("decision"));
    uint32_t payload = ret_record->is_decision
                           ? reader_member(&r, 0, DVARA_STR("payload"), JSON_OBJECT)
                           : JSON_NONE;
    if (ret_record->is_decision && payload == JSON_NONE)
        reader_refuse(&r, DVARA_STR("payload"), "an object");
    if (payload != JSON_NONE) {
        read_outcome(&r, payload, ret_record);
        record_inputs(&r, payload, ret_record);
    }
    *ret_error = r.error;
    if (r.error.p)
        return DVARA_INVALID;
    return arena_is_exhausted(arena) ? DVARA_NO_MEMORY : DVARA_OK;
}

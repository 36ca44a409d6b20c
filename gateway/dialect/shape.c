/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/dialect/shape.h"

#include "base/arena.h"
#include "base/buf.h"
#include "gateway/chat/request.h"

#include <assert.h>
#include <stdio.h>

/* Arguments share one allowance of nodes over all calls of a body. */
enum { NESTED_NODES_MAX = JSON_NODES_DEFAULT, LONG_NUMBER = 8 /* digits */ };

static bool walk_value(struct shape_walk *w, uint32_t node, const struct shape_field *field,
                       uint8_t channel);

static bool refuse(struct shape_walk *w, const char *code_cstr, uint32_t node,
                   const char *message_cstr)
{
    w->status = DVARA_INVALID;
    w->refusal = (struct chat_refusal){.code = dvara_str_from_cstr(code_cstr),
                                       .param = shape_param(w->doc, node, w->arena),
                                       .message = dvara_str_from_cstr(message_cstr)};
    return false;
}

static bool fail(struct shape_walk *w, enum dvara_status status)
{
    w->status = status;
    w->refusal = (struct chat_refusal){
        .code = DVARA_STR("too_many_items"),
        .message = DVARA_STR("The body holds more texts than the gateway reads. Send fewer.")};
    return false;
}

/* ---- parameters ---- */

static void put_param(const struct json_doc *doc, uint32_t node, struct buf *out)
{
    uint32_t parent = doc->nodes[node].parent;
    if (node == 0)
        return;
    put_param(doc, parent, out); /* as deep as the document: 64 */
    if (json_kind(doc, parent) == JSON_ARRAY) {
        int64_t index = 0;
        for (uint32_t i = parent + 1; i < node; i = doc->nodes[i].next)
            index++;
        buf_byte(out, '[');
        buf_int(out, index);
        buf_byte(out, ']');
        return;
    }
    uint32_t key = json_kind(doc, node) == JSON_KEY ? node : node - 1;
    struct dvara_str raw = json_raw(doc, key);
    if (out->n)
        buf_byte(out, '.');
    buf_append(out, dvara_str_slice(raw, 1, raw.n - 1));
}

struct dvara_str shape_param(const struct json_doc *doc, uint32_t node, struct arena *arena)
{
    struct buf out;
    buf_init(&out, 256); /* known keys are short; what is longer is not told */
    put_param(doc, node, &out);
    struct dvara_str copy =
        buf_failed(&out) ? (struct dvara_str){0} : arena_copy(arena, buf_str(&out));
    buf_clear(&out);
    return copy.n ? copy : (struct dvara_str){0};
}

static const char *type_message(uint16_t types)
{
    static const struct {
        uint16_t bit;
        const char *message;
    } rows[] = {{SHAPE_INT, "The parameter must be an integer."},
                {SHAPE_NUM, "The parameter must be a number."},
                {SHAPE_BOO, "The parameter must be true or false."},
                {SHAPE_STR | SHAPE_ARR, "The parameter must be a string or an array."},
                {SHAPE_STR | SHAPE_OBJ, "The parameter must be a string or an object."},
                {SHAPE_STR, "The parameter must be a string."},
                {SHAPE_ARR, "The parameter must be an array."},
                {SHAPE_OBJ, "The parameter must be an object."}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((types & rows[i].bit) == rows[i].bit)
            return rows[i].message;
    return "The parameter has the wrong type.";
}

static bool check_type(struct shape_walk *w, uint32_t node, const struct shape_field *field,
                       uint16_t types)
{
    enum json_kind kind = json_kind(w->doc, node);
    int64_t integer;
    bool fits = types & (1u << kind);
    if (kind == JSON_NUMBER && types & SHAPE_INT)
        fits = json_int(w->doc, node, &integer) == DVARA_OK;
    if (!fits && kind == JSON_NULL && types & SHAPE_REQ)
        return refuse(w, "missing_parameter", node, "The parameter is required.");
    if (!fits)
        return refuse(w, "invalid_parameter", node, type_message(types));
    if (kind == JSON_NUMBER && field->min < field->max) {
        double value = json_double(w->doc, node);
        if (value < field->min || value > field->max)
            return refuse(w, "invalid_parameter", node, "The parameter is out of its range.");
    }
    return true;
}

/* ---- leaves ---- */

static bool make_room(struct shape_walk *w)
{
    struct chat_leaves *leaves = w->leaves;
    if (leaves->n < leaves->size)
        return true;
    if (leaves->size >= CHAT_LEAVES_MAX)
        return fail(w, DVARA_TOO_LARGE);
    size_t size = leaves->size ? leaves->size * 4 : 16;
    struct dvara_leaf *v = ARENA_ARRAY(w->arena, size, struct dvara_leaf);
    struct chat_place *places = ARENA_ARRAY(w->arena, size, struct chat_place);
    if (!v || !places)
        return fail(w, DVARA_NO_MEMORY);
    if (leaves->n) {
        memcpy(v, leaves->v, leaves->n * sizeof *v);
        memcpy(places, leaves->places, leaves->n * sizeof *places);
    }
    leaves->v = v;
    leaves->places = places;
    leaves->size = size;
    return true;
}

static struct dvara_str label_of(const struct json_doc *doc, uint32_t node)
{
    while (node != 0 && json_kind(doc, doc->nodes[node].parent) == JSON_ARRAY)
        node = doc->nodes[node].parent;
    if (node == 0)
        return (struct dvara_str){0};
    struct dvara_str raw = json_raw(doc, node - 1);
    return dvara_str_slice(raw, 1, raw.n - 1);
}

static bool add_text(struct shape_walk *w, const struct json_doc *doc, uint32_t node,
                     uint32_t nested, uint8_t channel, struct dvara_str text)
{
    bool is_key = json_kind(doc, node) == JSON_KEY;
    if (text.n == 0)
        return true;
    if (!make_room(w))
        return false;
    struct chat_leaves *leaves = w->leaves;
    leaves->v[leaves->n] =
        (struct dvara_leaf){.text = text,
                            .label = is_key ? (struct dvara_str){0} : label_of(doc, node),
                            .ref = (uint32_t)leaves->n,
                            .where = w->arguments == SHAPE_ARGUMENTS_MUST_PARSE ? DVARA_WHERE_PROMPT
                                     : channel == CHAT_CHANNEL_ARGUMENTS        ? DVARA_WHERE_TOOLS
                                                                         : DVARA_WHERE_RESPONSE,
                            .fixed = is_key};
    leaves->places[leaves->n++] = (struct chat_place){
        .node = node, .nested = nested, .choice = w->choice, .call = w->call, .channel = channel};
    return true;
}

static bool add_leaf(struct shape_walk *w, uint32_t node, uint8_t channel)
{
    struct dvara_str text = json_string(w->doc, node, w->arena);
    if (dvara_str_is_absent(text))
        return fail(w, DVARA_NO_MEMORY);
    return add_text(w, w->doc, node, CHAT_OUTER, channel, text);
}

/* The digits of a number that is long enough to be somebody's; else nothing. */
static struct dvara_str digits_of(const struct json_doc *doc, uint32_t node)
{
    struct dvara_str raw = json_raw(doc, node);
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] < '0' || raw.p[i] > '9')
            return DVARA_STR("");
    }
    return raw.n >= LONG_NUMBER ? raw : DVARA_STR("");
}

/* Every string, key and long number of a nested document. */
static bool add_nested_leaves(struct shape_walk *w, uint32_t nested)
{
    const struct json_doc *doc = &w->leaves->nested[nested].doc;
    for (uint32_t node = 0; node < doc->n; node++) {
        enum json_kind kind = json_kind(doc, node);
        if (kind != JSON_STRING && kind != JSON_KEY && kind != JSON_NUMBER)
            continue;
        struct dvara_str text =
            kind == JSON_NUMBER ? digits_of(doc, node) : json_string(doc, node, w->arena);
        if (dvara_str_is_absent(text))
            return fail(w, DVARA_NO_MEMORY);
        if (!add_text(w, doc, node, nested, CHAT_CHANNEL_ARGUMENTS, text))
            return false;
    }
    return true;
}

static bool add_nested(struct shape_walk *w, const struct chat_nested *nested)
{
    struct chat_leaves *leaves = w->leaves;
    if (leaves->n_nested == leaves->nested_size) {
        size_t size = leaves->nested_size ? leaves->nested_size * 2 : 4;
        if (size > CHAT_NESTED_MAX)
            return fail(w, DVARA_TOO_LARGE);
        struct chat_nested *grown = ARENA_ARRAY(w->arena, size, struct chat_nested);
        if (!grown)
            return fail(w, DVARA_NO_MEMORY);
        if (leaves->n_nested)
            memcpy(grown, leaves->nested, leaves->n_nested * sizeof *grown);
        leaves->nested = grown;
        leaves->nested_size = size;
    }
    leaves->nested[leaves->n_nested++] = *nested;
    return true;
}

/* Empty text stays the empty document, and means {}. */
static enum dvara_status parse_nested(struct shape_walk *w, struct dvara_str text,
                                      struct json_doc *ret_doc)
{
    if (text.n == 0)
        return DVARA_OK;
    if (w->nested_nodes >= NESTED_NODES_MAX)
        return DVARA_TOO_LARGE;
    return json_parse(text, NESTED_NODES_MAX - w->nested_nodes, w->arena, ret_doc, NULL);
}

static bool walk_arguments(struct shape_walk *w, uint32_t node)
{
    struct chat_nested nested = {.node = node, .text = json_string(w->doc, node, w->arena)};
    if (dvara_str_is_absent(nested.text))
        return fail(w, DVARA_NO_MEMORY);
    if (w->arguments == SHAPE_ARGUMENTS_ARE_PIECES)
        return add_text(w, w->doc, node, CHAT_OUTER, CHAT_CHANNEL_ARGUMENTS, nested.text);
    enum dvara_status status = parse_nested(w, nested.text, &nested.doc);
    if (status == DVARA_INVALID && w->arguments == SHAPE_ARGUMENTS_MAY_PARSE)
        return add_text(w, w->doc, node, CHAT_OUTER, CHAT_CHANNEL_ARGUMENTS, nested.text);
    if (status == DVARA_INVALID)
        return refuse(w, "invalid_json", node, "The arguments of a tool call must be valid JSON.");
    if (status != DVARA_OK)
        return fail(w, status);
    w->nested_nodes += nested.doc.n;
    return add_nested(w, &nested) && add_nested_leaves(w, (uint32_t)w->leaves->n_nested - 1);
}

/* ---- strings by role ---- */

/* A word of a closed set has letters, few digits and no spaces; anything else is content. */
static bool looks_like_a_word(struct dvara_str s)
{
    unsigned digits = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool digit = c >= '0' && c <= '9';
        digits += digit;
        if (!letter && !digit && c != '_' && c != '-' && c != '.')
            return false;
    }
    return s.n <= 64 && digits <= 4;
}

/* Base 64, in either alphabet, after the head of a data URI if there is one. Anything else that
 * stands where media should is read as the text that it is. */
static bool is_base64(struct dvara_str s)
{
    if (dvara_str_starts_with(s, DVARA_STR("data:"))) {
        struct dvara_str head = dvara_str_slice(s, 0, 256);
        const char *comma = memchr(head.p, ',', head.n);
        if (!comma ||
            !dvara_str_ends_with(dvara_str_from(s.p, (size_t)(comma - s.p)), DVARA_STR(";base64")))
            return false;
        s = dvara_str_slice(s, (size_t)(comma - s.p) + 1, s.n);
    }
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '+' && c != '/' && c != '=' && c != '-' && c != '_')
            return false;
    }
    return true;
}

static bool walk_media(struct shape_walk *w, uint32_t node, uint8_t role, uint8_t channel)
{
    static const enum chat_opaque kinds[] = {[SHAPE_IMAGE] = CHAT_OPAQUE_IMAGE,
                                             [SHAPE_AUDIO] = CHAT_OPAQUE_AUDIO,
                                             [SHAPE_FILE] = CHAT_OPAQUE_FILE};
    struct dvara_str raw = json_raw(w->doc, node);
    struct dvara_str body = dvara_str_slice(raw, 1, raw.n - 1);
    bool is_url = role == SHAPE_IMAGE && !dvara_str_starts_with(body, DVARA_STR("data:"));
    w->opaque_set |= 1u << (is_url ? CHAT_OPAQUE_URL : kinds[role]);
    return (!is_url && is_base64(body)) || add_leaf(w, node, channel);
}

static bool walk_string(struct shape_walk *w, uint32_t node, uint8_t role, uint8_t channel)
{
    struct dvara_str raw = json_raw(w->doc, node);
    switch ((enum shape_role)role) {
    case SHAPE_IDENT:
        return true;
    case SHAPE_WORD:
        return looks_like_a_word(dvara_str_slice(raw, 1, raw.n - 1)) || add_leaf(w, node, channel);
    case SHAPE_ARGUMENTS:
        return walk_arguments(w, node);
    case SHAPE_IMAGE:
    case SHAPE_AUDIO:
    case SHAPE_FILE:
        return walk_media(w, node, role, channel);
    case SHAPE_TEXT:
        break;
    }
    return add_leaf(w, node, channel);
}

/* ---- objects ---- */

/* The fields of one place while an object's keys are looked up among them. Most bodies name them in
 * the table's order: the one behind the field found last is looked at first. */
struct place_fields {
    const struct shape_field *first, *end, *next;
};

static struct place_fields fields_of(const struct shape *shape, uint8_t place)
{
    const struct shape_field *first = shape->fields + shape->firsts[place];
    return (struct place_fields){
        .first = first, .end = shape->fields + shape->firsts[place + 1], .next = first};
}

static const struct shape_field *find_escaped(const struct place_fields *fields,
                                              const struct json_doc *doc, uint32_t key)
{
    for (const struct shape_field *field = fields->first; field < fields->end; field++)
        if (json_string_eq(doc, key, field->name))
            return field;
    return NULL;
}

static inline bool has_name(const struct shape_field *field, uint32_t mark, struct dvara_str name)
{
    return field->mark == mark && dvara_str_eq(field->name, name);
}

static const struct shape_field *find_field(struct place_fields *fields, const struct json_doc *doc,
                                            uint32_t key)
{
    const struct json_node *node = &doc->nodes[key];
    struct dvara_str name =
        dvara_str_from(doc->text.p + node->start + 1, node->end - node->start - 2);
    if (node->escapes)
        return find_escaped(fields, doc, key);
    if (name.n == 0)
        return NULL;
    uint32_t mark = SHAPE_MARK(name.p, name.n);
    const struct shape_field *field = fields->next;
    if (field == fields->end || !has_name(field, mark, name))
        for (field = fields->first; field < fields->end && !has_name(field, mark, name);)
            field++;
    if (field == fields->end)
        return NULL;
    fields->next = field + 1;
    return field;
}

static bool is_anything(const struct shape_field *field)
{
    return field->name.n == 1 && field->name.p[0] == '*';
}

/* The row for keys without one of their own. */
static const struct shape_field *wildcard(const struct shape *shape, uint8_t place)
{
    const struct shape_field *first = shape->fields + shape->firsts[place];
    return is_anything(first) ? first : shape->fields + shape->firsts[shape->free_place];
}

/* field is the key's row, or NULL. */
static bool walk_member(struct shape_walk *w, uint32_t key, const struct shape_field *field,
                        uint8_t place, uint8_t outer_channel)
{
    uint32_t value = key + 1;
    if (!field) {
        field = wildcard(w->shape, place);
        if (w->shape->fields + w->shape->firsts[place] != field)
            outer_channel = CHAT_CHANNEL_OTHER; /* not what the place around it is */
        if (!add_leaf(w, key, outer_channel))
            return false;
    }
    if (!check_type(w, value, field, field->types))
        return false;
    bool asked = json_kind(w->doc, value) != JSON_NULL &&
                 (json_kind(w->doc, value) != JSON_BOOL || json_is_true(w->doc, value));
    if (field->feature != SHAPE_NO_FEATURE && asked)
        w->feature_set |= 1u << field->feature;
    return walk_value(w, value, field,
                      field->channel == SHAPE_SAME ? outer_channel : field->channel);
}

static bool check_required(struct shape_walk *w, uint32_t object, const struct place_fields *fields,
                           uint64_t seen)
{
    for (const struct shape_field *field = fields->first;
         field < fields->end && field->types & SHAPE_REQ; field++) {
        if (seen >> (field - fields->first) & 1)
            continue;
        struct dvara_str at = shape_param(w->doc, object, w->arena);
        (void)refuse(w, "missing_parameter", object, "The parameter is required.");
        w->refusal.param = at.n ? arena_printf(w->arena, "%.*s.%.*s", DVARA_STR_ARG(at),
                                               DVARA_STR_ARG(field->name))
                                : field->name;
        return false;
    }
    return true;
}

uint32_t shape_index(const struct json_doc *doc, uint32_t object, uint32_t ordinal)
{
    uint32_t node = json_find(doc, object, DVARA_STR("index"));
    int64_t value;
    bool has = node != JSON_NONE && json_int(doc, node, &value) == DVARA_OK && value >= 0 &&
               value < UINT32_MAX;
    return has ? (uint32_t)value : ordinal;
}

static bool walk_object(struct shape_walk *w, uint32_t object, uint8_t place, uint8_t channel)
{
    uint64_t seen = 0;
    struct place_fields fields = fields_of(w->shape, place);
    if (place == w->shape->choice_place)
        w->choice = shape_index(w->doc, object, w->ordinal);
    uint32_t outer_call = w->call;
    if (place == w->shape->call_place || place == w->shape->part_place)
        w->call = shape_index(w->doc, object, w->ordinal);
    for (uint32_t key = json_first(w->doc, object); key != JSON_NONE;
         key = json_next(w->doc, key)) {
        const struct shape_field *field = find_field(&fields, w->doc, key);
        if (field)
            seen |= UINT64_C(1) << (field - fields.first);
        if (!walk_member(w, key, field, place, channel))
            return false;
    }
    w->call = outer_call;
    return check_required(w, object, &fields, seen);
}

static bool walk_array(struct shape_walk *w, uint32_t node, const struct shape_field *field,
                       uint8_t channel)
{
    uint32_t ordinal = 0;
    for (uint32_t i = json_first(w->doc, node); i != JSON_NONE; i = json_next(w->doc, i)) {
        w->ordinal = ordinal++;
        if (field->elements && !check_type(w, i, field, field->elements))
            return false;
        if (!walk_value(w, i, field, channel))
            return false;
    }
    return true;
}

static bool walk_value(struct shape_walk *w, uint32_t node, const struct shape_field *field,
                       uint8_t channel)
{
    switch (json_kind(w->doc, node)) {
    case JSON_STRING:
        return walk_string(w, node, field->role, channel);
    case JSON_OBJECT:
        return walk_object(w, node, field->child, channel);
    case JSON_ARRAY:
        return walk_array(w, node, field, channel);
    case JSON_NUMBER: /* of a field that is not known to be one, of a request; or of a call */
        return !(w->arguments == SHAPE_ARGUMENTS_MUST_PARSE ? is_anything(field)
                                                            : channel == CHAT_CHANNEL_ARGUMENTS) ||
               add_text(w, w->doc, node, CHAT_OUTER, channel, digits_of(w->doc, node));
    default:
        return true;
    }
}

enum dvara_status shape_walk(struct shape_walk *walk, uint8_t place)
{
    assert(json_kind(walk->doc, 0) == JSON_OBJECT);
    bool ok = walk_object(walk, 0, place, CHAT_CHANNEL_OTHER);
    return ok ? DVARA_OK : walk->status;
}

void shape_read(const struct shape *shape, uint8_t place, const struct json_doc *doc,
                uint32_t object, uint32_t *ret_nodes)
{
    struct place_fields fields = fields_of(shape, place);
    static_assert(JSON_NONE == UINT32_MAX, "all bytes of an absent node are ones");
    memset(ret_nodes, 0xff, (size_t)(fields.end - fields.first) * sizeof *ret_nodes);
    if (object == JSON_NONE || json_kind(doc, object) != JSON_OBJECT)
        return;
    for (uint32_t key = json_first(doc, object); key != JSON_NONE; key = json_next(doc, key)) {
        const struct shape_field *field = find_field(&fields, doc, key);
        if (field && json_kind(doc, key + 1) != JSON_NULL)
            ret_nodes[field - fields.first] = key + 1;
    }
}

static bool knows_all(const struct shape *shape, uint8_t place, const struct json_doc *doc)
{
    struct place_fields fields = fields_of(shape, place);
    uint32_t key = json_first(doc, 0);
    while (key != JSON_NONE && find_field(&fields, doc, key))
        key = json_next(doc, key);
    return key == JSON_NONE;
}

uint32_t shape_case_clash(const struct shape *shape, uint8_t place, const struct json_doc *doc)
{
    struct dvara_str known[SHAPE_FIELDS_MAX];
    size_t n = 0;
    if (knows_all(shape, place, doc))
        return JSON_NONE;
    for (unsigned i = shape->firsts[place]; i < shape->firsts[place + 1]; i++)
        known[n++] = shape->fields[i].name;
    return json_case_clash(doc, known, n);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_parser.h"

#include "base/arena.h"
#include "base/number.h"
#include "base/utf8.h"

/* The first guess at the nodes: prose has one in a hundred bytes, bare structure one in two. */
enum { BYTES_PER_NODE = 24, NODES_FIRST_MAX = 4096, NODES_LIMIT = 1 << 28 };

static bool parse_value(struct json_parser *s);

static bool fail(struct json_parser *s, const char *at, const char *reason)
{
    s->status = DVARA_INVALID;
    s->reason = reason;
    s->error_offset = (size_t)(at - s->text);
    s->error_node = s->n ? s->n - 1 : 0;
    bool cut_key =
        s->n && s->nodes[s->error_node].kind == JSON_KEY && s->nodes[s->error_node].end == 0;
    if (cut_key)
        s->error_node = s->open;
    return false;
}

static bool grow(struct json_parser *s)
{
    if (s->n >= s->max) {
        (void)fail(s, s->p, "more values than the limit allows");
        s->status = DVARA_TOO_LARGE;
        return false;
    }
    uint32_t size = s->size > s->max / 4 ? s->max : s->size * 4; /* the arena keeps the old ones */
    struct json_node *nodes = ARENA_ARRAY(s->arena, size, struct json_node);
    if (!nodes) {
        s->status = DVARA_NO_MEMORY;
        return false;
    }
    memcpy(nodes, s->nodes, s->n * sizeof *nodes);
    s->nodes = nodes;
    s->size = size;
    return true;
}

/* Begins a node at the cursor; its `next` is set when it is finished, and 0 until then. NULL: it
 * failed. The node stands there until another one begins. */
static inline struct json_node *begin(struct json_parser *s, enum json_kind kind)
{
    if (__builtin_expect(s->n == s->size, 0) && !grow(s))
        return NULL;
    struct json_node *node = &s->nodes[s->n++];
    *node = (struct json_node){.start = (uint32_t)(s->p - s->text),
                               .parent = s->open & 0xfffffff,
                               .kind = (unsigned)kind & 7};
    return node;
}

static inline void finish(const struct json_parser *s, struct json_node *node)
{
    node->end = (uint32_t)(s->p - s->text);
    node->next = s->n;
}

static inline bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline void skip_space(struct json_parser *s)
{
    const char *p = s->p;
    while (p < s->end && (unsigned char)*p <= ' ' && is_space(*p))
        p++;
    s->p = p;
}

/* 0 to 15, or 16 for what is no digit. */
static inline uint32_t hex_digit(char c)
{
    uint32_t decimal = (uint32_t)(unsigned char)c - '0';
    uint32_t letter = ((uint32_t)(unsigned char)c | 0x20) - 'a';
    return decimal < 10 ? decimal : letter < 6 ? letter + 10 : 16;
}

static inline bool read_hex4(const char *p, const char *end, uint32_t *ret_value)
{
    if (end - p < 4)
        return false;
    uint32_t a = hex_digit(p[0]), b = hex_digit(p[1]), c = hex_digit(p[2]), d = hex_digit(p[3]);
    *ret_value = a << 12 | b << 8 | c << 4 | d;
    return ((a | b | c | d) & 16) == 0;
}

static bool check_unicode_escape(struct json_parser *s)
{
    uint32_t first, second;
    if (!read_hex4(s->p + 2, s->end, &first))
        return fail(s, s->p, "\\u must be followed by four hexadecimal digits");
    if (first < 0xd800 || first > 0xdfff) {
        s->p += 6;
        return true;
    }
    bool paired = first < 0xdc00 && s->end - s->p >= 12 && s->p[6] == '\\' && s->p[7] == 'u' &&
                  read_hex4(s->p + 8, s->end, &second) && second >= 0xdc00 && second <= 0xdfff;
    if (!paired)
        return fail(s, s->p, "a surrogate stands alone");
    s->p += 12;
    return true;
}

static bool check_escape(struct json_parser *s)
{
    if (s->end - s->p < 2)
        return fail(s, s->p, "a string does not end");
    switch (s->p[1]) {
    case '"':
    case '\\':
    case '/':
    case 'b':
    case 'f':
    case 'n':
    case 'r':
    case 't':
        s->p += 2;
        return true;
    case 'u':
        return check_unicode_escape(s);
    default:
        return fail(s, s->p, "an escape that JSON does not have");
    }
}

/* Advances over a run of escapes; at least one. */
static bool check_escapes(struct json_parser *s)
{
    do {
        if (!check_escape(s))
            return false;
    } while (s->p < s->end && *s->p == '\\');
    return true;
}

/* Advances over a run of non-ASCII characters; at least one. */
static bool check_utf8(struct json_parser *s)
{
    do {
        unsigned length = utf8_sequence(s->p, (size_t)(s->end - s->p));
        if (length == 0)
            return fail(s, s->p, "not UTF-8");
        s->p += length;
    } while (s->p < s->end && *s->p < 0);
    return true;
}

/* From behind the opening quote to the closing one, where the string is more than plain ASCII. */
static bool scan_string(struct json_parser *s, struct json_node *node)
{
    for (;;) {
        s->p += json_scan_run(s->scan, s->p, (size_t)(s->end - s->p));
        if (s->p == s->end)
            return fail(s, s->text + node->start, "a string does not end");
        signed char c = (signed char)*s->p;
        if (c == '"')
            return true;
        if (c == '\\') {
            node->escapes = 1;
            if (!check_escapes(s))
                return false;
        } else if (c >= 0) {
            return fail(s, s->p, "a control character stands unescaped in a string");
        } else if (!check_utf8(s)) {
            return false;
        }
    }
}

static bool parse_string(struct json_parser *s, enum json_kind kind)
{
    struct json_node *node = begin(s, kind);
    if (!node)
        return false;
    s->n_strings++;
    const char *p = s->p + 1;
    p += json_scan_run(s->scan, p, (size_t)(s->end - p));
    s->p = p;
    if ((p == s->end || *p != '"') && !scan_string(s, node))
        return false;
    s->p++;
    finish(s, node);
    return true;
}

static bool parse_number(struct json_parser *s)
{
    struct dvara_str rest = dvara_str_from(s->p, (size_t)(s->end - s->p));
    struct json_node *node = begin(s, JSON_NUMBER);
    if (!node)
        return false;
    bool is_plain = true;
    size_t n = number_length(rest, &is_plain);
    if (n == 0)
        return fail(s, s->p, "not a JSON value");
    if (!is_plain && !number_is_finite(dvara_str_slice(rest, 0, n)))
        return fail(s, s->p, "a number that is no finite double");
    s->p += n;
    finish(s, node);
    return true;
}

static bool parse_word(struct json_parser *s, struct dvara_str word, enum json_kind kind)
{
    struct json_node *node = begin(s, kind);
    if (!node)
        return false;
    if (!dvara_str_starts_with(dvara_str_from(s->p, (size_t)(s->end - s->p)), word))
        return fail(s, s->p, "not a JSON value");
    s->p += word.n;
    finish(s, node);
    return true;
}

static bool parse_member(struct json_parser *s)
{
    skip_space(s);
    const uint32_t key = s->n;
    if (s->p == s->end || *s->p != '"')
        return fail(s, s->p, "a key in quotes should stand here");
    if (!parse_string(s, JSON_KEY))
        return false;
    s->nodes[key].next = 0; /* until the value is read */
    skip_space(s);
    if (s->p == s->end || *s->p != ':')
        return fail(s, s->p, "a colon should stand here");
    s->p++;
    if (!parse_value(s))
        return false;
    s->nodes[key].next = s->n;
    return true;
}

static bool check_keys(struct json_parser *s, uint32_t object)
{
    uint32_t duplicate = JSON_NONE;
    enum dvara_status status = json_keys_check(&s->keys, s->text, s->nodes, object, &duplicate);
    if (status != DVARA_OK) {
        s->status = status;
        return false;
    }
    if (duplicate == JSON_NONE)
        return true;
    (void)fail(s, s->text + s->nodes[duplicate].start, "a key stands twice in an object");
    s->error_node = duplicate;
    return false;
}

/* items = [ item { "," item } ] close, from after the opening bracket. */
static inline bool parse_items(struct json_parser *s, char close,
                               bool (*item)(struct json_parser *))
{
    skip_space(s);
    if (s->p < s->end && *s->p == close) {
        s->p++;
        return true;
    }
    for (;;) {
        if (!item(s))
            return false;
        skip_space(s);
        if (s->p == s->end)
            return fail(s, s->p, close == ']' ? "an array does not end" : "an object does not end");
        char c = *s->p;
        if (c != ',' && c != close)
            return fail(s, s->p, "a comma or the closing bracket should stand here");
        s->p++;
        if (c == close)
            return true;
    }
}

static bool parse_container(struct json_parser *s, enum json_kind kind)
{
    const uint32_t outer = s->open, node = s->n;
    if (s->depth == JSON_DEPTH_MAX)
        return fail(s, s->p, "nested deeper than 64");
    if (!begin(s, kind))
        return false;
    s->depth++;
    s->open = node;
    s->p++;
    bool is_array = kind == JSON_ARRAY;
    if (!(is_array ? parse_items(s, ']', parse_value) : parse_items(s, '}', parse_member)))
        return false;
    s->open = outer;
    s->depth--;
    finish(s, &s->nodes[node]);
    return is_array || check_keys(s, node);
}

static bool parse_value(struct json_parser *s)
{
    skip_space(s);
    if (s->p == s->end)
        return fail(s, s->p, "the text ends where a value should stand");
    switch (*s->p) {
    case '"':
        return parse_string(s, JSON_STRING);
    case '{':
        return parse_container(s, JSON_OBJECT);
    case '[':
        return parse_container(s, JSON_ARRAY);
    case 't':
        return parse_word(s, DVARA_STR("true"), JSON_BOOL);
    case 'f':
        return parse_word(s, DVARA_STR("false"), JSON_BOOL);
    case 'n':
        return parse_word(s, DVARA_STR("null"), JSON_NULL);
    default:
        return parse_number(s);
    }
}

static bool parse_document(struct json_parser *s)
{
    if (s->end - s->p >= 3 && memcmp(s->p, "\xef\xbb\xbf", 3) == 0)
        return fail(s, s->p, "a byte order mark stands before the value");
    if (!parse_value(s))
        return false;
    skip_space(s);
    if (s->p == s->end)
        return true;
    (void)fail(s, s->p, "something follows the value");
    s->error_node = 0;
    return false;
}

enum dvara_status json_parser_run(struct json_parser *s, struct dvara_str text, uint32_t nodes_max,
                                  struct arena *arena)
{
    *s =
        (struct json_parser){.text = text.p, .p = text.p, .arena = arena, .scan = json_scan_best()};
    if (text.n == 0 || text.n >= UINT32_MAX) {
        s->reason = text.n ? "a text of 4 GiB or more" : "the text is empty";
        return text.n ? DVARA_TOO_LARGE : DVARA_INVALID;
    }
    s->end = text.p + text.n;
    s->max = nodes_max == 0            ? JSON_NODES_DEFAULT
             : nodes_max < NODES_LIMIT ? nodes_max
                                       : NODES_LIMIT;
    size_t first = text.n / BYTES_PER_NODE + 8;
    s->size = first < NODES_FIRST_MAX ? (uint32_t)first : NODES_FIRST_MAX;
    if (s->size > s->max)
        s->size = s->max;
    s->nodes = ARENA_ARRAY(arena, s->size, struct json_node);
    if (!s->nodes)
        return DVARA_NO_MEMORY;
    bool ok = parse_document(s);
    json_keys_clear(&s->keys);
    return ok ? DVARA_OK : s->status;
}

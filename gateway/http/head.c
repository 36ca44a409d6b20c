/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/head.h"

#include "gateway/http/chars.h"

const struct http_refusal_row *http_refusal_row(enum http_refusal refusal)
{
    static const struct http_refusal_row rows[] = {
#define HTTP_REFUSAL(name, status, code, sentence)                                                 \
    [HTTP_REFUSAL_##                                                                               \
        name] = {#name, status, {code, sizeof(code) - 1}, {sentence, sizeof(sentence) - 1}},
#include "gateway/http/refusals.def"
    };
    return &rows[refusal];
}

bool http_name_eq_whole(struct dvara_str a, struct dvara_str b)
{
    for (size_t i = 0; i < a.n; i++) {
        unsigned char x = (unsigned char)a.p[i];
        unsigned char y = (unsigned char)b.p[i];
        if (x == y)
            continue;
        unsigned char low = x | 0x20;
        if (low != (y | 0x20) || low < 'a' || low > 'z')
            return false;
    }
    return true;
}

const struct http_field *http_head_find(const struct http_head *head, struct dvara_str name,
                                        size_t from)
{
    for (size_t i = from; i < head->field_count; i++)
        if (http_name_eq(head->fields[i].name, name))
            return &head->fields[i];
    return NULL;
}

struct dvara_str http_head_value(const struct http_head *head, struct dvara_str name)
{
    const struct http_field *field = http_head_find(head, name, 0);
    return field ? field->value : (struct dvara_str){0};
}

/* A line may be refused before the head is whole: waiting for an end that a lenient reader would
 * already have seen only costs time. */
enum http_refusal http_head_find_end(struct dvara_str bytes, size_t max_bytes, size_t *scanned,
                                     size_t *ret_end)
{
    *ret_end = 0;
    size_t stop = bytes.n < max_bytes ? bytes.n : max_bytes;
    size_t at = *scanned;
    while (at < stop) {
        const char *lf = memchr(bytes.p + at, '\n', stop - at);
        if (!lf)
            break;
        size_t i = (size_t)(lf - bytes.p);
        if (i == 0 || bytes.p[i - 1] != '\r')
            return HTTP_REFUSAL_BARE_LF;
        if (i == 1)
            return HTTP_REFUSAL_EMPTY_LINE;
        if (bytes.p[i - 2] == '\n') {
            *ret_end = i + 1;
            return HTTP_REFUSAL_NONE;
        }
        at = i + 1;
    }
    *scanned = stop;
    return bytes.n >= max_bytes ? HTTP_REFUSAL_HEAD_TOO_LARGE : HTTP_REFUSAL_NONE;
}

/* Where the parser stands: p < end, and end[-2..-1] is the CR LF of the empty line. */
struct cursor {
    const char *p;
    const char *end;
};

static struct dvara_str span(const char *from, const char *to)
{
    return dvara_str_from(from, (size_t)(to - from));
}

/* Takes CR LF. What else may stand at the end of a line is named. */
static enum http_refusal take_line_end(struct cursor *at)
{
    if (*at->p == '\n')
        return HTTP_REFUSAL_BARE_LF;
    if (*at->p != '\r')
        return HTTP_REFUSAL_CONTROL_BYTE;
    if (at->end - at->p < 2 || at->p[1] != '\n')
        return HTTP_REFUSAL_BARE_CR;
    at->p += 2;
    return HTTP_REFUSAL_NONE;
}

static void take_while(struct cursor *at, unsigned classes)
{
    const char *p = at->p;
    while (p < at->end && http_char_is(*p, classes))
        p++;
    at->p = p;
}

/* Eight bytes at a time while none can be a control byte. */
static void take_value(struct cursor *at)
{
    while (at->end - at->p >= 8 && http_control_bytes(at->p) == 0)
        at->p += 8;
    take_while(at, HTTP_CHAR_VALUE);
}

static enum http_refusal take_field(struct cursor *at, struct http_field *field)
{
    const char *name = at->p;
    if (*name == ' ' || *name == '\t')
        return HTTP_REFUSAL_FOLDED_LINE;
    take_while(at, HTTP_CHAR_TOKEN);
    if (at->p == name || *at->p != ':')
        return *at->p == '\r' && at->p > name ? HTTP_REFUSAL_NO_COLON : HTTP_REFUSAL_BAD_FIELD_NAME;
    field->name = span(name, at->p);
    at->p++;
    while (*at->p == ' ' || *at->p == '\t')
        at->p++;
    const char *value = at->p;
    take_value(at);
    const char *value_end = at->p;
    while (value_end > value && (value_end[-1] == ' ' || value_end[-1] == '\t'))
        value_end--;
    field->value = span(value, value_end);
    return take_line_end(at);
}

static enum http_refusal take_fields(struct cursor *at, struct http_head *head)
{
    head->field_count = 0;
    while (at->end - at->p > 2) {
        if (*at->p == '\r')
            return HTTP_REFUSAL_BARE_CR;
        if (head->field_count == HTTP_MAX_FIELDS)
            return HTTP_REFUSAL_TOO_MANY_FIELDS;
        enum http_refusal refusal = take_field(at, &head->fields[head->field_count]);
        if (refusal)
            return refusal;
        head->field_count++;
    }
    return at->p[0] == '\r' && at->p[1] == '\n' ? HTTP_REFUSAL_NONE : HTTP_REFUSAL_BARE_CR;
}

/* "HTTP/1.1" or "HTTP/1.0"; case matters. */
static bool take_version(struct cursor *at, int *ret_minor)
{
    static const char prefix[] = "HTTP/1.";
    size_t n = sizeof prefix - 1;
    if ((size_t)(at->end - at->p) <= n + 2 || memcmp(at->p, prefix, n) != 0)
        return false;
    char minor = at->p[n];
    if (minor != '0' && minor != '1')
        return false;
    *ret_minor = minor - '0';
    at->p += n + 1;
    return true;
}

/* Host and authority: what a URL allows there, less user info and escapes. */
static bool is_authority(struct dvara_str s)
{
    if (s.n == 0 || s.p[0] == ':')
        return false;
    for (size_t i = 0; i < s.n; i++)
        if (!http_char_is(s.p[i], HTTP_CHAR_HOST))
            return false;
    size_t host_end = s.n;
    if (s.p[0] == '[') {
        const char *close = memchr(s.p, ']', s.n);
        if (!close || close == s.p + 1)
            return false;
        host_end = (size_t)(close - s.p) + 1;
    } else {
        const char *colon = memchr(s.p, ':', s.n);
        if (colon)
            host_end = (size_t)(colon - s.p);
        if (memchr(s.p, '[', s.n) || memchr(s.p, ']', s.n))
            return false;
    }
    if (host_end == s.n)
        return true;
    if (s.p[host_end] != ':' || s.n - host_end > 6)
        return false;
    for (size_t i = host_end + 1; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return true;
}

/* http://authority[/path][?query]; leaves the rest from the path on. */
static bool split_absolute(struct dvara_str *rest, struct dvara_str *ret_authority)
{
    static const struct dvara_str schemes[] = {{"http://", 7}, {"https://", 8}};
    for (size_t i = 0; i < 2; i++) {
        struct dvara_str scheme = schemes[i];
        if (!http_name_eq(dvara_str_slice(*rest, 0, scheme.n), scheme))
            continue;
        struct dvara_str after = dvara_str_slice(*rest, scheme.n, rest->n);
        size_t n = 0;
        while (n < after.n && after.p[n] != '/' && after.p[n] != '?')
            n++;
        *ret_authority = dvara_str_slice(after, 0, n);
        *rest = dvara_str_slice(after, n, after.n);
        return is_authority(*ret_authority);
    }
    return false;
}

static enum http_refusal split_target(struct http_head *head)
{
    struct dvara_str rest = head->target;
    head->authority = (struct dvara_str){0};
    head->query = (struct dvara_str){0};
    if (rest.p[0] != '/' && !split_absolute(&rest, &head->authority))
        return HTTP_REFUSAL_BAD_TARGET;
    const char *mark = rest.n ? memchr(rest.p, '?', rest.n) : NULL;
    size_t path_n = mark ? (size_t)(mark - rest.p) : rest.n;
    head->path = path_n ? dvara_str_slice(rest, 0, path_n) : DVARA_STR("/");
    if (mark)
        head->query = dvara_str_slice(rest, path_n + 1, rest.n);
    return HTTP_REFUSAL_NONE;
}

static enum http_refusal take_request_line(struct cursor *at, struct http_head *head)
{
    const char *from = at->p;
    if (*from == '\r')
        return HTTP_REFUSAL_EMPTY_LINE;
    take_while(at, HTTP_CHAR_TOKEN);
    if (at->p == from || *at->p != ' ')
        return HTTP_REFUSAL_BAD_METHOD;
    head->method = span(from, at->p);
    from = ++at->p;
    take_while(at, HTTP_CHAR_TARGET);
    if (at->p == from || *at->p != ' ')
        return HTTP_REFUSAL_BAD_TARGET;
    head->target = span(from, at->p);
    at->p++;
    if (!take_version(at, &head->minor))
        return HTTP_REFUSAL_BAD_VERSION;
    enum http_refusal refusal = take_line_end(at);
    if (refusal)
        return refusal == HTTP_REFUSAL_CONTROL_BYTE ? HTTP_REFUSAL_BAD_VERSION : refusal;
    return split_target(head);
}

static enum http_refusal take_status_line(struct cursor *at, struct http_head *head)
{
    if (!take_version(at, &head->minor))
        return HTTP_REFUSAL_BAD_VERSION;
    if (at->end - at->p < 6 || at->p[0] != ' ')
        return HTTP_REFUSAL_BAD_STATUS;
    int status = 0;
    for (int i = 1; i <= 3; i++) {
        if (at->p[i] < '0' || at->p[i] > '9')
            return HTTP_REFUSAL_BAD_STATUS;
        status = status * 10 + (at->p[i] - '0');
    }
    if (status < 100 || status > 599)
        return HTTP_REFUSAL_BAD_STATUS;
    head->status = status;
    at->p += 4;
    /* The space before an empty reason is missing from some servers' answers. */
    if (*at->p == ' ')
        at->p++;
    else if (*at->p != '\r')
        return HTTP_REFUSAL_BAD_STATUS;
    const char *reason = at->p;
    take_while(at, HTTP_CHAR_VALUE);
    head->reason = span(reason, at->p);
    return take_line_end(at);
}

/* Fields that decide how the message is read. */
struct framing_fields {
    struct dvara_str length;
    struct dvara_str coding;
    struct dvara_str expect;
    unsigned lengths;
    unsigned codings;
    unsigned hosts;
    bool close;
    bool keep_alive;
};

static void note_connection(struct framing_fields *seen, struct dvara_str value)
{
    size_t at = 0;
    while (at < value.n) {
        size_t end = at;
        while (end < value.n && value.p[end] != ',')
            end++;
        size_t from = at;
        size_t to = end;
        while (from < to && (value.p[from] == ' ' || value.p[from] == '\t'))
            from++;
        while (to > from && (value.p[to - 1] == ' ' || value.p[to - 1] == '\t'))
            to--;
        struct dvara_str option = dvara_str_slice(value, from, to);
        seen->close |= http_name_eq(option, DVARA_STR("close"));
        seen->keep_alive |= http_name_eq(option, DVARA_STR("keep-alive"));
        at = end + 1;
    }
}

/* The length of the name is a cheap first look: most fields are none of these. */
static void note_field(struct framing_fields *seen, struct http_head *head,
                       const struct http_field *field)
{
    switch (field->name.n) {
    case 4:
        if (http_name_eq(field->name, DVARA_STR("host"))) {
            head->host = field->value;
            seen->hosts++;
        }
        break;
    case 6:
        if (http_name_eq(field->name, DVARA_STR("expect")))
            seen->expect = field->value;
        break;
    case 10:
        if (http_name_eq(field->name, DVARA_STR("connection")))
            note_connection(seen, field->value);
        break;
    case 14:
        if (http_name_eq(field->name, DVARA_STR("content-length"))) {
            seen->length = field->value;
            seen->lengths++;
        }
        break;
    case 17:
        if (http_name_eq(field->name, DVARA_STR("transfer-encoding"))) {
            seen->coding = field->value;
            seen->codings++;
        }
        break;
    default:
        break;
    }
}

/* 1 to 15 digits: under 2^53 too, which some readers take for their limit. */
static bool read_length(struct dvara_str s, uint64_t *ret_length)
{
    if (s.n == 0 || s.n > 15)
        return false;
    uint64_t value = 0;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
        value = value * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret_length = value;
    return true;
}

static enum http_refusal decide_framing(const struct framing_fields *seen, struct http_head *head,
                                        enum http_framing otherwise)
{
    head->framing = otherwise;
    head->content_length = 0;
    if (seen->lengths > 1)
        return HTTP_REFUSAL_TWO_LENGTHS;
    if (seen->lengths && seen->codings)
        return HTTP_REFUSAL_LENGTH_AND_CODING;
    if (seen->codings) {
        if (seen->codings > 1 || head->minor == 0 ||
            !http_name_eq(seen->coding, DVARA_STR("chunked")))
            return HTTP_REFUSAL_BAD_CODING;
        head->framing = HTTP_FRAMING_CHUNKED;
    }
    if (seen->lengths) {
        if (!read_length(seen->length, &head->content_length))
            return HTTP_REFUSAL_BAD_LENGTH;
        head->framing = head->content_length ? HTTP_FRAMING_LENGTH : HTTP_FRAMING_NONE;
    }
    return HTTP_REFUSAL_NONE;
}

static void note_fields(struct framing_fields *seen, struct http_head *head)
{
    head->host = (struct dvara_str){0};
    for (size_t i = 0; i < head->field_count; i++)
        note_field(seen, head, &head->fields[i]);
    head->keep_alive = head->minor == 1 ? !seen->close : seen->keep_alive && !seen->close;
}

static enum http_refusal take_head(struct dvara_str bytes,
                                   enum http_refusal (*take_first_line)(struct cursor *at,
                                                                        struct http_head *head),
                                   struct http_head *head, struct framing_fields *seen)
{
    struct cursor at = {.p = bytes.p, .end = bytes.p + bytes.n};
    enum http_refusal refusal = take_first_line(&at, head);
    if (!refusal)
        refusal = take_fields(&at, head);
    if (!refusal)
        note_fields(seen, head);
    return refusal;
}

enum http_refusal http_head_parse_request(struct dvara_str bytes, struct http_head *head)
{
    if (bytes.n < 4)
        return HTTP_REFUSAL_BAD_METHOD;
    struct framing_fields seen = {0};
    enum http_refusal refusal = take_head(bytes, take_request_line, head, &seen);
    if (refusal)
        return refusal;
    if (seen.hosts == 0 && head->minor == 1)
        return HTTP_REFUSAL_NO_HOST;
    if (seen.hosts > 1)
        return HTTP_REFUSAL_TWO_HOSTS;
    if (seen.hosts && !is_authority(head->host))
        return HTTP_REFUSAL_BAD_HOST;
    head->expects_continue = false;
    if (!dvara_str_is_absent(seen.expect) && head->minor == 1) {
        if (!http_name_eq(seen.expect, DVARA_STR("100-continue")))
            return HTTP_REFUSAL_BAD_EXPECT;
        head->expects_continue = true;
    }
    return decide_framing(&seen, head, HTTP_FRAMING_NONE);
}

enum http_refusal http_head_parse_response(struct dvara_str bytes, bool to_head,
                                           struct http_head *head)
{
    if (bytes.n < 4)
        return HTTP_REFUSAL_BAD_VERSION;
    struct framing_fields seen = {0};
    enum http_refusal refusal = take_head(bytes, take_status_line, head, &seen);
    if (refusal)
        return refusal;
    refusal = decide_framing(&seen, head, HTTP_FRAMING_UNTIL_CLOSE);
    if (refusal)
        return refusal;
    if (to_head || head->status < 200 || head->status == 204 || head->status == 304)
        head->framing = HTTP_FRAMING_NONE;
    if (head->framing == HTTP_FRAMING_UNTIL_CLOSE)
        head->keep_alive = false;
    return HTTP_REFUSAL_NONE;
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/http/sse.h"

#include <stdint.h>

void sse_decoder_init(struct sse_decoder *d, size_t max_event)
{
    *d = (struct sse_decoder){.max_event = max_event};
    buf_init(&d->bytes, SIZE_MAX / 4); /* what bounds it is max_event, and the reader's chunk */
    buf_init(&d->data, SIZE_MAX / 4);
}

void sse_decoder_clear(struct sse_decoder *d)
{
    buf_clear(&d->bytes);
    buf_clear(&d->data);
}

/* Drops what is consumed, so that offsets stay small. */
static void compact(struct sse_decoder *d)
{
    size_t drop = d->event_start;
    if (drop == 0)
        return;
    buf_consume(&d->bytes, drop);
    d->event_start = 0;
    d->line_start -= drop;
    d->scan -= drop;
}

enum dvara_status sse_feed(struct sse_decoder *d, struct dvara_str bytes)
{
    compact(d);
    buf_append(&d->bytes, bytes);
    return buf_failed(&d->bytes) ? DVARA_NO_MEMORY : DVARA_OK;
}

/* The byte order mark that may open a stream. False: more bytes must come to tell. */
static bool look_for_mark(struct sse_decoder *d)
{
    static const char mark[3] = "\xef\xbb\xbf";
    size_t n = d->bytes.n < 3 ? d->bytes.n : 3;
    if (n && memcmp(d->bytes.p, mark, n) != 0)
        n = 0;
    if (d->bytes.n == 0 || (n && n < 3))
        return false;
    d->started = true;
    d->event_start = d->line_start = d->scan = n;
    return true;
}

/* Length of the line at the start of p: up to a CR, an LF, or n. */
static size_t line_length(const char *p, size_t n)
{
    const char *lf = n ? memchr(p, '\n', n) : NULL;
    size_t end = lf ? (size_t)(lf - p) : n;
    const char *cr = end ? memchr(p, '\r', end) : NULL;
    return cr ? (size_t)(cr - p) : end;
}

/* The next whole line without its end; false when it is not there yet. */
static bool next_line(struct sse_decoder *d, struct dvara_str *ret_line)
{
    const char *p = d->bytes.p;
    size_t n = d->bytes.n;
    if (d->skip_lf && d->line_start < n) {
        if (p[d->line_start] == '\n') {
            if (d->event_start == d->line_start)
                d->event_start++;
            d->line_start++;
        }
        d->skip_lf = false;
    }
    if (d->scan < d->line_start)
        d->scan = d->line_start;
    size_t end = d->scan + line_length(p + d->scan, n - d->scan);
    d->scan = end;
    if (end == n)
        return false;
    *ret_line = dvara_str_from(p + d->line_start, end - d->line_start);
    d->line_start = d->scan = end + 1;
    d->skip_lf = p[end] == '\r';
    return true;
}

/* Lines of one event that matter, as they are met; the first data line is borrowed. */
struct fields {
    struct dvara_str type, id, first;
    size_t n_data;
};

static void take_line(struct sse_decoder *d, struct fields *fields, struct dvara_str line)
{
    const char *colon = line.n ? memchr(line.p, ':', line.n) : NULL;
    size_t name_end = colon ? (size_t)(colon - line.p) : line.n;
    struct dvara_str name = dvara_str_slice(line, 0, name_end);
    struct dvara_str value = dvara_str_slice(line, name_end + (colon != NULL), line.n);
    if (value.n && value.p[0] == ' ')
        value = dvara_str_slice(value, 1, value.n);
    if (dvara_str_eq(name, DVARA_STR("data"))) {
        if (fields->n_data == 0) {
            fields->first = value;
        } else {
            if (fields->n_data == 1)
                buf_append(&d->data, fields->first);
            buf_byte(&d->data, '\n');
            buf_append(&d->data, value);
        }
        fields->n_data++;
    } else if (dvara_str_eq(name, DVARA_STR("event"))) {
        fields->type = value;
    } else if (dvara_str_eq(name, DVARA_STR("id"))) {
        fields->id = value;
    }
}

/* Reads the finished event [from, to) again, now that all of it lies still in one piece. */
static void read_fields(struct sse_decoder *d, size_t from, size_t to, struct fields *fields)
{
    const char *p = d->bytes.p;
    *fields = (struct fields){0};
    buf_reset(&d->data);
    while (from < to) {
        size_t end = from + line_length(p + from, to - from);
        take_line(d, fields, dvara_str_from(p + from, end - from));
        from = end + 1; /* the LF of CR LF is read as an empty line, which says nothing here */
    }
}

enum dvara_status sse_next(struct sse_decoder *d, struct sse_event *ret_event)
{
    struct dvara_str line;
    struct fields fields;
    if (!d->started && !look_for_mark(d))
        return DVARA_AGAIN;
    while (next_line(d, &line)) {
        if (line.n) {
            if (d->line_start - d->event_start > d->max_event)
                return DVARA_TOO_LARGE;
            continue;
        }
        size_t from = d->event_start;
        d->event_start = d->line_start;
        read_fields(d, from, d->line_start, &fields);
        if (fields.n_data == 0)
            continue;
        if (buf_failed(&d->data))
            return DVARA_NO_MEMORY;
        *ret_event = (struct sse_event){.type = fields.type, .id = fields.id};
        ret_event->data = fields.n_data == 1 ? fields.first : buf_str(&d->data);
        return DVARA_OK;
    }
    bool in_line = d->line_start < d->bytes.n; /* whole lines were measured above */
    return in_line && d->bytes.n - d->event_start > d->max_event ? DVARA_TOO_LARGE : DVARA_AGAIN;
}

size_t sse_unfinished(const struct sse_decoder *d)
{
    size_t n = d->bytes.n - d->event_start;
    bool only_lf = n == 1 && d->skip_lf && d->bytes.p[d->event_start] == '\n';
    return only_lf ? 0 : n;
}

void sse_write(struct buf *out, struct dvara_str type, struct dvara_str data)
{
    if (!dvara_str_is_absent(type)) {
        BUF_LIT(out, "event: ");
        buf_append(out, type);
        buf_byte(out, '\n');
    }
    for (;;) {
        size_t n = line_length(data.p, data.n);
        BUF_LIT(out, "data: ");
        buf_append(out, dvara_str_slice(data, 0, n));
        buf_byte(out, '\n');
        if (n == data.n)
            break;
        bool pair = data.p[n] == '\r' && n + 1 < data.n && data.p[n + 1] == '\n';
        data = dvara_str_slice(data, n + 1 + pair, data.n);
    }
    buf_byte(out, '\n');
}

void sse_write_comment(struct buf *out, struct dvara_str text)
{
    BUF_LIT(out, ": ");
    buf_append(out, text);
    BUF_LIT(out, "\n\n");
}

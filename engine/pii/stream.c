/* SPDX-License-Identifier: Apache-2.0 */
/* A window slides over the live text: [context, already released | waiting]. Every feed scans it
 * anew, in block mode: finding says from which byte on more text could change anything, all before
 * that is decided, replaced and released. Nothing else waits. */
#include "dvara/pii.h"

#include "base/buf.h"
#include "pattern/text.h"
#include "pii/redact.h"
#include "pii/restore.h"
#include "pii/find.h"
#include "pii/layers.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <stdlib.h>

enum {
    WINDOW_MAX = 8 << 20,
    HELD_MAX = 256 << 10, /* a chain of overlapping candidates longer than this fails closed */
    CONTEXT_MORE = 1024,  /* bytes in which escapes of escapes end that began before */
    WORD_MAX = 64,        /* bytes that wait with a word that goes on, unseen */
    MOVE_MIN = 1024       /* released bytes over the context before the window is moved */
};

struct dvara_stream {
    struct dvara_scanner *scanner;
    struct dvara_stream_options options;
    struct buf window;
    size_t released;             /* bytes of the window that are context only */
    size_t reported;             /* bytes of the window whose spans were told */
    uint64_t base;               /* bytes of the stream before the window */
    size_t plain_to;             /* the window from its context to here is ASCII without escapes */
    size_t fed;                  /* bytes of the window before the newest piece */
    size_t sleeps;               /* as search.sleeps, of all that waits */
    size_t dead_to;              /* as search.dead_to */
    size_t next_move;            /* where it is asked again whether the window may move */
    const struct locator *waits; /* the reading that holds all that waits; NULL: something else */
    size_t context;  /* bytes of released text to keep: what a reading may look back, and where it
                        must  begin for that */
    bool swallowing; /* inside a claimed run that was too wide to hold: to the next white space, */
    const char *until; /* or to the end of a line that begins so */
    bool stopped;
    uint8_t *keyword_seen;
    size_t keywords_to;               /* the window's keywords are seen up to here */
    struct buf headers[HEADER_KINDS]; /* first lines of tables that began before the window, */
    struct header_above above;        /* as a search is told of them */
    struct buf passed;                /* redacted, on its way to the restorer */
    struct restorer restorer;
    bool restores;
};

enum dvara_status dvara_stream_new(struct dvara_scanner *scanner,
                                   const struct dvara_stream_options *options,
                                   struct dvara_stream **ret_stream)
{
    struct dvara_stream *stream = calloc(1, sizeof *stream);
    if (!stream)
        return DVARA_NO_MEMORY;
    stream->scanner = scanner;
    stream->options = *options;
    stream->context = scanner ? scanner->detectors->reach + CONTEXT_MORE : 0;
    stream->next_move = stream->context + MOVE_MIN;
    stream->restores = options->vault && !dvara_vault_is_empty(options->vault);
    stream->keyword_seen = calloc(scanner ? scanner->detectors->n + 1 : 1, 1);
    buf_init(&stream->window, WINDOW_MAX);
    for (size_t i = 0; i < HEADER_KINDS; i++) {
        buf_init(&stream->headers[i], HEADER_LINE_MAX);
        stream->above.v[i] = buf_str(&stream->headers[i]);
    }
    buf_init(&stream->passed, WINDOW_MAX);
    restorer_init(&stream->restorer, options->vault, options->restore_urls);
    if (!stream->keyword_seen) {
        dvara_stream_free(stream);
        return DVARA_NO_MEMORY;
    }
    *ret_stream = stream;
    return DVARA_OK;
}

static void wipe(struct buf *buf)
{
    if (buf->p)
        OPENSSL_cleanse(buf->p, buf->size);
    buf_clear(buf);
}

void dvara_stream_free(struct dvara_stream *stream)
{
    if (!stream)
        return;
    wipe(&stream->window);
    for (size_t i = 0; i < HEADER_KINDS; i++)
        wipe(&stream->headers[i]);
    wipe(&stream->passed);
    restorer_clear(&stream->restorer);
    free(stream->keyword_seen);
    free(stream);
}

size_t dvara_stream_held(const struct dvara_stream *stream)
{
    return stream->window.n - stream->released + restorer_held(&stream->restorer);
}

static bool replaces(const struct dvara_stream *stream)
{
    return stream->scanner && stream->options.styles && !stream->options.watch_only;
}

/* A group may ask for more than the least that any group does. */
static bool is_too_unsure(const struct dvara_stream *stream, const struct dvara_span *span)
{
    return stream->options.thresholds &&
           span->score_ppm < stream->options.thresholds[span->detector];
}

/* Appends text[from, to) with the scanner's spans replaced. */
static enum dvara_status write_redacted(struct dvara_stream *stream, size_t from, size_t to,
                                        struct buf *out)
{
    struct dvara_str text = buf_str(&stream->window);
    const struct dvara_scanner *scanner = stream->scanner;
    for (size_t i = 0; replaces(stream) && i < scanner->n_spans; i++) {
        const struct dvara_span *span = &scanner->spans[i];
        enum dvara_style style = stream->options.styles[span->detector];
        if (style == DVARA_STYLE_NONE || span->start < from || span->start >= to ||
            is_too_unsure(stream, span))
            continue;
        buf_append(out, dvara_str_slice(text, from, span->start));
        enum dvara_status status =
            redact_value(scanner->detectors, stream->options.vault, false, span->detector, style,
                         dvara_str_slice(text, span->start, span->end), out);
        if (status != DVARA_OK)
            return status;
        from = span->end;
    }
    buf_append(out, dvara_str_slice(text, from, to));
    return buf_failed(out) ? DVARA_NO_MEMORY : DVARA_OK;
}

/* Tells the spans before `to`, each once. */
static void report_spans(struct dvara_stream *stream, size_t to)
{
    size_t from = stream->reported;
    if (!stream->options.on_span || to <= from)
        return;
    stream->reported = to;
    for (size_t i = 0; stream->scanner && i < stream->scanner->n_spans; i++) {
        struct dvara_span span = stream->scanner->spans[i];
        if (span.start < from || span.start >= to)
            continue;
        span.start = (uint32_t)(span.start + stream->base);
        span.end = (uint32_t)(span.end + stream->base);
        stream->options.on_span(stream->options.user, &span);
    }
}

static bool is_kept(const struct dvara_scanner *scanner, const struct finding *finding)
{
    for (size_t i = 0; i < scanner->n_spans; i++) {
        const struct dvara_span *span = &scanner->spans[i];
        if (span->start == finding->span.start && span->detector == finding->span.detector)
            return true;
    }
    return false;
}

/* The first claim that is too wide to hold, if what is before it is told, and of a reading that
 * begins with it whether that is wider; else NULL. */
static const struct finding *overlong(const struct dvara_scanner *scanner,
                                      const struct search *search, size_t told)
{
    for (size_t i = 0; i < scanner->n_found; i++) {
        const struct finding *finding = &scanner->found[i];
        if (!finding->overlong || !is_kept(scanner, finding))
            continue;
        bool waits = search->waits && finding->span.start == search->live;
        return finding->span.start <= told && !waits ? finding : NULL;
    }
    return NULL;
}

/* Could what comes still say which of the two wins? */
static bool is_tie(const struct finding *a, const struct finding *b)
{
    return !a->dropped && !b->dropped && (a->unsure || b->unsure) &&
           a->span.detector != b->span.detector &&
           a->span.end - a->span.start == b->span.end - b->span.start;
}

/* Up to where it is told which finding wins its overlaps. `found` is sorted by start. */
static size_t told_to(const struct dvara_scanner *scanner, size_t live)
{
    for (size_t i = 0; i < scanner->n_found && scanner->found[i].span.start < live; i++) {
        const struct finding *finding = &scanner->found[i];
        for (size_t k = i + 1; k < scanner->n_found; k++) {
            if (scanner->found[k].span.start >= finding->span.end)
                break;
            if (is_tie(finding, &scanner->found[k]))
                return finding->span.start;
        }
    }
    return live;
}

/* No released byte may part a finding, or what was read to find it, from what it overlaps. */
static size_t decided_to(const struct dvara_scanner *scanner, size_t live)
{
    for (size_t before = live + 1; live < before;) {
        before = live;
        for (size_t i = scanner->n_found; i-- > 0;) {
            const struct finding *finding = &scanner->found[i];
            bool lost = finding->overlong && !is_kept(scanner, finding);
            if ((!finding->dropped || finding->chained) && !lost && finding->first < live &&
                finding->span.end > live)
                live = finding->first;
        }
    }
    return live;
}

/* The window, but for a sequence that it cuts off. */
static struct dvara_str whole_text(const struct dvara_stream *stream, bool final)
{
    struct dvara_str text = buf_str(&stream->window);
    return final ? text : dvara_str_slice(text, 0, text_cut(text));
}

static bool is_plain(char c)
{
    return (unsigned char)c < 0x80 && c != '%' && c != '&' && c != '\\';
}

/* Looks at what is new in the window whether it is plain. */
static void note_plain(struct dvara_stream *stream, struct search *search)
{
    size_t begin = layers_begin(search);
    size_t at = stream->plain_to > begin ? stream->plain_to : begin;
    while (at < search->text.n && is_plain(search->text.p[at]))
        at++;
    stream->plain_to = search->plain_to = at;
}

/* Does all that waits still wait for more words, or is it still one reading that runs to the text's
 * end? Then nothing more is told. */
static bool still_waits(const struct dvara_stream *stream, const struct search *search)
{
    struct reading reading = {.text = search->text};
    if (!search->partial || search->plain_to < search->text.n)
        return false;
    if (search->text.n <= stream->sleeps)
        return true;
    if (!stream->waits)
        return false;
    (void)stream->waits->read(&reading, stream->released);
    return reading.touched && !reading.overlong;
}

/* Is a word that waits carried on by letters and digits alone? What it is part of is told when it
 * ends, or when much has come to wait. */
static bool carries_on(const struct dvara_stream *stream)
{
    const char *p = stream->window.p;
    size_t at = stream->fed;
    if (at <= stream->released || stream->window.n - stream->released > WORD_MAX)
        return false;
    for (at--; at < stream->window.n; at++) {
        if (!text_is_alnum((unsigned char)p[at]))
            return false;
    }
    return true;
}

/* All that waits is searched; how far it is decided. False: an evaluation error. */
static bool find_in_window(struct dvara_stream *stream, struct search *search, size_t *ret_to)
{
    struct dvara_scanner *scanner = stream->scanner;
    uint8_t *own = scanner->keyword_seen;
    scanner->keyword_seen = stream->keyword_seen;
    bool found = find_all(scanner, search);
    scanner->keyword_seen = own;
    stream->dead_to = search->dead_to;
    if (scanner->keywords_noted)
        stream->keywords_to = search->whole.n;
    if (!found || (scanner->n_found && !resolve(scanner)))
        return false;
    if (!search->partial)
        return true;
    size_t told = told_to(scanner, search->live);
    const struct finding *wide = overlong(scanner, search, told);
    *ret_to = wide ? wide->span.end : decided_to(scanner, told);
    bool as_found = !wide && *ret_to == search->live;
    stream->waits = as_found ? search->waits : NULL;
    stream->sleeps = as_found ? search->sleeps : 0;
    stream->swallowing = wide && wide->span.end == search->text.n;
    stream->until = wide ? wide->until : NULL;
    return true;
}

/* Finds in the window, unless more must come first; how far it is decided. False: an evaluation
 * error. */
static bool decide(struct dvara_stream *stream, bool final, size_t *ret_to)
{
    struct dvara_scanner *scanner = stream->scanner;
    *ret_to = stream->window.n;
    if (!scanner)
        return true;
    scanner->n_spans = 0;
    scanner->n_found = 0;
    if (!stream->options.on_span && !stream->options.styles)
        return true;
    if (!final)
        *ret_to = stream->released;
    if (!final && carries_on(stream))
        return true;
    struct search search = {.wanted = stream->options.on_span ? NULL : stream->options.styles,
                            .text = whole_text(stream, final),
                            .from = stream->released,
                            .thresholds = stream->options.thresholds,
                            .above = &stream->above,
                            .dead_to = stream->dead_to,
                            .partial = !final,
                            .keep_keywords = true,
                            .keywords_from = stream->keywords_to,
                            .reach = scanner->detectors->reach};
    note_plain(stream, &search);
    return still_waits(stream, &search) || find_in_window(stream, &search, ret_to);
}

/* A line leaves the window: the first of a table stays known while its table goes on. */
static void note_line(struct dvara_stream *stream, struct dvara_str line)
{
    for (size_t i = 0; i < HEADER_KINDS; i++) {
        struct buf *header = &stream->headers[i];
        bool has =
            line.n && line.n <= HEADER_LINE_MAX && memchr(line.p, HEADER_DELIMITERS[i], line.n);
        if (!has)
            buf_reset(header);
        else if (header->n == 0)
            buf_append(header, line);
        stream->above.v[i] = buf_str(header);
    }
}

/* How much of what was released may leave: lines are kept whole while they are read as rows. */
static size_t droppable(const struct dvara_stream *stream)
{
    size_t drop = stream->released - stream->context;
    const char *line = memrchr(stream->window.p, '\n', drop);
    size_t start = line ? (size_t)(line - stream->window.p) + 1 : 0;
    if (!line && stream->above.inside)
        return drop;
    return drop - start <= HEADER_LINE_MAX ? start : drop;
}

static void note_lines(struct dvara_stream *stream, size_t drop)
{
    struct dvara_str none = {NULL, 0};
    const char *p = stream->window.p;
    const char *end = p + drop;
    for (const char *next; p < end; p = next) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        next = stop ? stop + 1 : end;
        bool whole = stop && !stream->above.inside;
        note_line(stream, whole ? dvara_str_from(p, (size_t)(stop - p)) : none);
        stream->above.inside = !stop;
    }
}

/* What leaves the window has opened its gates. */
static void note_gates(struct dvara_stream *stream)
{
    if (stream->scanner && stream->keywords_to < stream->released)
        find_note_keywords(stream->scanner->detectors, buf_str(&stream->window),
                           stream->keywords_to, stream->keyword_seen);
    stream->keywords_to = stream->window.n;
}

/* The place `at` when `drop` bytes before it are gone; 0: it was among them. */
static size_t behind(size_t at, size_t drop)
{
    return at > drop ? at - drop : 0;
}

/* What is released loses its place as something to scan and stays as context, for a while. */
static void move_on(struct dvara_stream *stream, size_t to)
{
    stream->released = to;
    if (stream->reported < to)
        stream->reported = to;
    if (stream->released < stream->next_move)
        return;
    size_t drop = droppable(stream);
    stream->next_move = (drop ? stream->context : stream->released) + MOVE_MIN;
    if (drop == 0)
        return;
    note_lines(stream, drop);
    note_gates(stream);
    buf_consume(&stream->window, drop);
    stream->released -= drop;
    stream->reported -= drop;
    stream->plain_to = behind(stream->plain_to, drop);
    stream->dead_to = behind(stream->dead_to, drop);
    stream->keywords_to -= drop;
    stream->sleeps = behind(stream->sleeps, drop);
    stream->base += drop;
}

/* Passes redacted text on, through the restorer where there are tokens to put back. */
static enum dvara_status pass_on(struct dvara_stream *stream, size_t to, struct buf *out)
{
    struct dvara_scanner *scanner = stream->scanner;
    size_t from = stream->released;
    /* A span that is not replaced may not shield one that is. */
    if (stream->options.on_span && replaces(stream) &&
        !resolve_styled(scanner, stream->options.styles))
        return DVARA_INVALID;
    if (!stream->restores)
        return write_redacted(stream, from, to, out);
    buf_reset(&stream->passed);
    enum dvara_status status = write_redacted(stream, from, to, &stream->passed);
    if (status == DVARA_OK)
        restorer_feed(&stream->restorer, buf_str(&stream->passed), out);
    return status == DVARA_OK && buf_failed(out) ? DVARA_NO_MEMORY : status;
}

/* Drops what belongs to a claimed run; true when its end is not in sight. What it may end with may
 * have begun before. */
static bool swallow(struct dvara_stream *stream)
{
    enum { LAST_LINE = 80 };
    size_t from = stream->released;
    if (stream->until)
        from = from > LAST_LINE ? from - LAST_LINE : 0;
    size_t at = find_run_end(buf_str(&stream->window), from, stream->until);
    if (at < stream->released)
        at = stream->released;
    stream->swallowing = at == stream->window.n;
    move_on(stream, at);
    return stream->swallowing;
}

/* Asks whether the text may go on, and keeps back what the answer says; no span is parted. */
static bool ask(struct dvara_stream *stream, bool final, size_t *to)
{
    size_t held = 0;
    report_spans(stream, *to);
    if (!stream->options.on_feed)
        return true;
    stream->stopped = stream->options.on_feed(stream->options.user, &held);
    size_t most = stream->window.n - (held < stream->window.n ? held : stream->window.n);
    if (!final && *to > most)
        *to = stream->scanner ? decided_to(stream->scanner, most) : most;
    return !stream->stopped;
}

static enum dvara_status advance(struct dvara_stream *stream, bool final, struct buf *out)
{
    if (stream->stopped)
        return DVARA_STALE;
    if (stream->swallowing && swallow(stream))
        return DVARA_OK;
    size_t to;
    if (!decide(stream, final, &to))
        return DVARA_INVALID;
    size_t decided = to;
    size_t whole = text_cut(buf_str(&stream->window));
    if (!final && to > whole)
        to = whole;
    if (!ask(stream, final, &to))
        return DVARA_STALE;
    if (to < stream->released)
        to = stream->released;
    if (to != decided) {
        stream->waits = NULL;
        stream->sleeps = 0;
    }
    enum dvara_status status = pass_on(stream, to, out);
    if (status != DVARA_OK)
        return status;
    move_on(stream, to);
    return stream->window.n - stream->released > HELD_MAX ? DVARA_INVALID : DVARA_OK;
}

enum dvara_status dvara_stream_feed(struct dvara_stream *stream, struct dvara_str text,
                                    struct buf *out)
{
    stream->fed = stream->window.n;
    buf_append(&stream->window, text);
    return buf_failed(&stream->window) ? DVARA_NO_MEMORY : advance(stream, false, out);
}

enum dvara_status dvara_stream_finish(struct dvara_stream *stream, struct buf *out)
{
    enum dvara_status status = advance(stream, true, out);
    if (status == DVARA_OK && stream->restores) {
        restorer_finish(&stream->restorer, out);
        status = buf_failed(out) ? DVARA_NO_MEMORY : DVARA_OK;
    }
    return status;
}

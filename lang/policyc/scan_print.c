/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_print.h"

#include "base/json_text.h"
#include "base/utf8.h"
#include "lang/report.h"
#include "policyc/scan_explain.h"

static const char *const names[SCAN_FORMATS] = {[SCAN_JSON] = "json", [SCAN_HUMAN] = "human"};

enum scan_format scan_format_find(const char *name_cstr)
{
    int i = 0;
    while (i < SCAN_FORMATS && strcmp(names[i], name_cstr) != 0)
        i++;
    return (enum scan_format)i;
}

enum severity scan_severity(uint32_t score_ppm)
{
    return score_ppm >= 800000   ? SEVERITY_ERROR
           : score_ppm >= 500000 ? SEVERITY_WARNING
                                 : SEVERITY_NOTE;
}

/* A JSON string of bytes that may be anything: what is no UTF-8 becomes U+FFFD. */
static void put_string(struct buf *out, struct dvara_str s)
{
    buf_byte(out, '"');
    while (s.n) {
        size_t good;
        (void)utf8_validate(s, &good);
        json_write_escaped(out, dvara_str_slice(s, 0, good));
        if (good < s.n)
            BUF_LIT(out, "\xEF\xBF\xBD");
        s = dvara_str_slice(s, good + 1, s.n);
    }
    buf_byte(out, '"');
}

/* For a terminal: controls, and what is no UTF-8, as \xHH. */
static void put_visible(struct buf *out, struct dvara_str s)
{
    while (s.n) {
        unsigned length = utf8_sequence(s.p, s.n);
        unsigned char c = (unsigned char)s.p[0];
        if (length == 0 || c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s.p[1] < 0xa0)) {
            buf_printf(out, "\\x%02x", c);
            length = 1;
        } else {
            buf_append(out, dvara_str_slice(s, 0, length));
        }
        s = dvara_str_slice(s, length, s.n);
    }
}

/* 950000 is 0.95 */
static void put_score(struct buf *out, uint32_t ppm)
{
    unsigned digits = 6;
    uint32_t rest = ppm % 1000000;
    buf_int(out, ppm / 1000000);
    if (rest == 0)
        return;
    for (; rest % 10 == 0; digits--)
        rest /= 10;
    buf_printf(out, ".%0*u", (int)digits, rest);
}

static const struct decl *decl_of(const struct scan_print *print, const struct scan_place *place)
{
    return print->detectors->decls[place->finding->span.detector];
}

static struct dvara_str severity_str(const struct scan_place *place)
{
    return dvara_str_from_cstr(severity_name(scan_severity(place->finding->span.score_ppm)));
}

static void json_explanation(const struct decl *decl, const struct scan_finding *finding,
                             struct buf *out)
{
    BUF_LIT(out, ",\"pattern\":");
    put_string(out, scan_pattern(decl, &finding->span));
    BUF_LIT(out, ",\"check\":");
    if (decl->detector.validate.s.p)
        put_string(out, decl->detector.validate.s);
    else
        BUF_LIT(out, "null");
    buf_printf(out, ",\"outcome\":\"%s\",\"context\":", scan_check_outcome(decl, &finding->span));
    if (finding->context.p)
        put_string(out, finding->context);
    else
        BUF_LIT(out, "null");
}

static void print_json(const struct scan_print *print, const struct scan_place *place,
                       struct buf *out)
{
    const struct decl *decl = decl_of(print, place);
    BUF_LIT(out, "{\"file\":");
    put_string(out, dvara_str_from_cstr(place->path_cstr));
    BUF_LIT(out, ",\"line\":");
    buf_int(out, (int64_t)place->from.line);
    BUF_LIT(out, ",\"detector\":");
    put_string(out, decl->name);
    BUF_LIT(out, ",\"start\":");
    buf_int(out, (int64_t)place->start);
    BUF_LIT(out, ",\"end\":");
    buf_int(out, (int64_t)place->end);
    BUF_LIT(out, ",\"score\":");
    put_score(out, place->finding->span.score_ppm);
    if (print->show) {
        BUF_LIT(out, ",\"value\":");
        put_string(out, place->finding->value);
    }
    if (print->explain)
        json_explanation(decl, place->finding, out);
    BUF_LIT(out, "}\n");
}

static void human_explanation(const struct decl *decl, const struct scan_finding *finding,
                              struct buf *out)
{
    BUF_LIT(out, "    pattern /");
    put_visible(out, scan_pattern(decl, &finding->span));
    BUF_LIT(out, "/");
    if (decl->detector.validate.s.p)
        buf_printf(out, ", check %.*s: %s", DVARA_STR_ARG(decl->detector.validate.s),
                   scan_check_outcome(decl, &finding->span));
    if (finding->context.p)
        buf_printf(out, ", context word `%.*s`", DVARA_STR_ARG(finding->context));
    BUF_LIT(out, "\n");
}

/* notes/a.txt:3:14: error: email (95%) */
static void print_human(const struct scan_print *print, const struct scan_place *place,
                        struct buf *out)
{
    const struct decl *decl = decl_of(print, place);
    uint32_t tenths = (place->finding->span.score_ppm + 500) / 1000;
    put_visible(out, dvara_str_from_cstr(place->path_cstr));
    buf_printf(out, ":%llu:%llu: %.*s: %.*s (%u", (unsigned long long)place->from.line,
               (unsigned long long)place->from.column, DVARA_STR_ARG(severity_str(place)),
               DVARA_STR_ARG(decl->name), tenths / 10);
    if (tenths % 10)
        buf_printf(out, ".%u", tenths % 10);
    BUF_LIT(out, "%)");
    if (print->show) {
        BUF_LIT(out, " `");
        put_visible(out, place->finding->value);
        BUF_LIT(out, "`");
    }
    BUF_LIT(out, "\n");
    if (print->explain)
        human_explanation(decl, place->finding, out);
}

void scan_print_finding(const struct scan_print *print, const struct scan_place *place,
                        struct buf *out)
{
    switch (print->format) {
    case SCAN_JSON:
        print_json(print, place, out);
        return;
    case SCAN_HUMAN:
        print_human(print, place, out);
        return;
    case SCAN_FORMATS:
        return;
    }
}

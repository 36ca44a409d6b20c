/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/scan_print.h"

#include "base/json_text.h"
#include "base/utf8.h"
#include "lang/report.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const names[SCAN_FORMATS] = {
    [SCAN_JSON] = "json", [SCAN_HUMAN] = "human", [SCAN_SARIF] = "sarif"};

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

static const char *const outcomes[] = {[DVARA_VALIDATION_NONE] = "none",
                                       [DVARA_VALIDATION_VALID] = "valid",
                                       [DVARA_VALIDATION_WEAK] = "weak",
                                       [DVARA_VALIDATION_UNKNOWN] = "unknown",
                                       [DVARA_VALIDATION_RETIRED] = "retired"};

static void put_or_null(struct buf *out, const char *key_cstr, struct dvara_str value)
{
    buf_printf(out, ",\"%s\":", key_cstr);
    if (value.p)
        put_string(out, value);
    else
        BUF_LIT(out, "null");
}

static void json_explanation(const struct scan_finding *finding, struct buf *out)
{
    put_or_null(out, "pattern", finding->why.pattern);
    put_or_null(out, "check", finding->why.validator);
    buf_printf(out, ",\"outcome\":\"%s\"", outcomes[finding->why.validation]);
    put_or_null(out, "context", finding->word);
    put_or_null(out, "against", finding->against);
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
        json_explanation(place->finding, out);
    BUF_LIT(out, "}\n");
}

static void human_explanation(const struct scan_finding *finding, struct buf *out)
{
    const struct dvara_explained *why = &finding->why;
    BUF_LIT(out, "    pattern /");
    put_visible(out, why->pattern);
    BUF_LIT(out, "/");
    if (why->validator.p)
        buf_printf(out, ", check %.*s: %s", DVARA_STR_ARG(why->validator),
                   outcomes[why->validation]);
    if (finding->word.p) {
        BUF_LIT(out, ", context word `");
        put_visible(out, finding->word);
        BUF_LIT(out, "`");
    }
    if (finding->against.p) {
        BUF_LIT(out, ", against it `");
        put_visible(out, finding->against);
        BUF_LIT(out, "`");
    }
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
        human_explanation(place->finding, out);
}

/* ---- SARIF ---- */

static void print_sarif(struct scan_print *print, const struct scan_place *place)
{
    const struct decl *decl = decl_of(print, place);
    char text[160];
    uint32_t tenths = (place->finding->span.score_ppm + 500) / 1000;
    int n = snprintf(text, sizeof text, "%.*s (%u.%u%%)", DVARA_STR_ARG(decl->name), tenths / 10,
                     tenths % 10);
    struct sarif_result result = {
        .rule = decl->name,
        .level = severity_name(scan_severity(place->finding->span.score_ppm)),
        .text = dvara_str_from(text, n > 0 && n < (int)sizeof text ? (size_t)n : 0),
        .place = {.path = dvara_str_from_cstr(place->path_cstr),
                  .line = (uint32_t)place->from.line,
                  .col = (uint32_t)place->from.column,
                  .end_line = (uint32_t)place->to.line,
                  .end_col = (uint32_t)place->to.column}};
    sarif_result(&print->sarif, &result);
}

void scan_print_begin(struct scan_print *print, struct buf *out)
{
    if (print->format == SCAN_SARIF)
        sarif_open(&print->sarif, out);
}

enum dvara_status scan_print_end(struct scan_print *print)
{
    const struct scan_detectors *detectors = print->detectors;
    if (print->format != SCAN_SARIF)
        return DVARA_OK;
    struct sarif_rule *rules = calloc(detectors->n + 1, sizeof *rules);
    if (!rules)
        return DVARA_NO_MEMORY;
    for (size_t i = 0; i < detectors->n; i++) {
        const struct decl *decl = detectors->decls[i];
        rules[i] = (struct sarif_rule){.id = decl->name,
                                       .name = decl->name,
                                       .text = decl->doc.n ? decl->doc : decl->name,
                                       .level = "warning"};
    }
    sarif_close(&print->sarif, DVARA_STR("dvara-policyc scan"), DVARA_STR(DVARA_VERSION), rules,
                detectors->n, 0);
    free(rules);
    return DVARA_OK;
}

void scan_print_finding(struct scan_print *print, const struct scan_place *place, struct buf *out)
{
    switch (print->format) {
    case SCAN_SARIF:
        print_sarif(print, place);
        return;
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

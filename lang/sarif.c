/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/sarif.h"

#include "base/buf.h"
#include "base/json_text.h"

#include <inttypes.h>

/* RFC 3986: what a path may hold without being encoded. A colon is encoded, since the first part of
 * a relative reference may not have one. */
static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("-._~/!$&'()*+,;=@", c));
}

static void append_uri(struct buf *out, struct dvara_str path)
{
    BUF_LIT(out, "\"");
    for (size_t i = 0; i < path.n; i++) {
        if (is_plain(path.p[i]))
            buf_byte(out, path.p[i]);
        else
            buf_printf(out, "%%%02X", (unsigned)(unsigned char)path.p[i]);
    }
    BUF_LIT(out, "\"");
}

static void append_text(struct buf *out, const char *key, struct dvara_str text)
{
    buf_printf(out, "\"%s\":{\"text\":", key);
    json_write_string(out, text);
    BUF_LIT(out, "}");
}

static void append_region(struct buf *out, const char *key, const struct sarif_place *place)
{
    buf_printf(out,
               "\"%s\":{\"startLine\":%" PRIu32 ",\"startColumn\":%" PRIu32 ",\"endLine\":%" PRIu32
               ",\"endColumn\":%" PRIu32 "}",
               key, place->line, place->col, place->end_line, place->end_col);
}

static void append_place(struct buf *out, const struct sarif_place *place)
{
    BUF_LIT(out, "\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
    append_uri(out, place->path);
    BUF_LIT(out, "}");
    if (place->line) {
        BUF_LIT(out, ",");
        append_region(out, "region", place);
    }
    BUF_LIT(out, "}");
}

static void append_related(struct buf *out, const struct sarif_result *result)
{
    BUF_LIT(out, ",\"relatedLocations\":[");
    for (size_t i = 0; i < result->n_related; i++) {
        buf_printf(out, "%s{\"id\":%zu,", i ? "," : "", i + 1);
        append_place(out, &result->related[i].place);
        BUF_LIT(out, ",");
        append_text(out, "message", result->related[i].text);
        BUF_LIT(out, "}");
    }
    BUF_LIT(out, "]");
}

static void append_fix(struct buf *out, const struct sarif_fix *fix)
{
    BUF_LIT(out, "{");
    append_text(out, "description", fix->text);
    BUF_LIT(out, ",\"artifactChanges\":[{\"artifactLocation\":{\"uri\":");
    append_uri(out, fix->place.path);
    BUF_LIT(out, "},\"replacements\":[{");
    append_region(out, "deletedRegion", &fix->place);
    BUF_LIT(out, ",");
    append_text(out, "insertedContent", fix->replacement);
    BUF_LIT(out, "}]}]}");
}

static void append_fixes(struct buf *out, const struct sarif_result *result)
{
    BUF_LIT(out, ",\"fixes\":[");
    for (size_t i = 0; i < result->n_fixes; i++) {
        if (i)
            BUF_LIT(out, ",");
        append_fix(out, &result->fixes[i]);
    }
    BUF_LIT(out, "]");
}

void sarif_open(struct sarif *sarif, struct buf *out)
{
    *sarif = (struct sarif){.out = out};
    BUF_LIT(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":"
                 "\"2.1.0\",\"runs\":[{\"columnKind\":\"unicodeCodePoints\",\"results\":[");
}

void sarif_result(struct sarif *sarif, const struct sarif_result *result)
{
    struct buf *out = sarif->out;
    buf_printf(out, "%s{\"ruleId\":", sarif->has_result ? "," : "");
    sarif->has_result = true;
    json_write_string(out, result->rule);
    buf_printf(out, ",\"level\":\"%s\",", result->level);
    append_text(out, "message", result->text);
    BUF_LIT(out, ",\"locations\":[{");
    append_place(out, &result->place);
    BUF_LIT(out, "}]");
    if (result->n_related)
        append_related(out, result);
    if (result->n_fixes)
        append_fixes(out, result);
    BUF_LIT(out, "}");
}

static void append_rule(struct buf *out, const struct sarif_rule *rule)
{
    BUF_LIT(out, "{\"id\":");
    json_write_string(out, rule->id);
    BUF_LIT(out, ",\"name\":");
    json_write_string(out, rule->name);
    BUF_LIT(out, ",");
    append_text(out, "shortDescription", rule->text);
    if (rule->help.p) {
        BUF_LIT(out, ",");
        append_text(out, "help", rule->help);
    }
    buf_printf(out, ",\"defaultConfiguration\":{\"level\":\"%s\"}}", rule->level);
}

void sarif_close(struct sarif *sarif, struct dvara_str tool, struct dvara_str version,
                 const struct sarif_rule *rules, size_t n_rules, uint32_t hidden)
{
    struct buf *out = sarif->out;
    BUF_LIT(out, "],\"tool\":{\"driver\":{\"name\":");
    json_write_string(out, tool);
    if (version.n) {
        BUF_LIT(out, ",\"version\":");
        json_write_string(out, version);
    }
    BUF_LIT(out, ",\"rules\":[");
    for (size_t i = 0; i < n_rules; i++) {
        if (i)
            BUF_LIT(out, ",");
        append_rule(out, &rules[i]);
    }
    BUF_LIT(out, "]}}");
    if (hidden)
        buf_printf(out, ",\"properties\":{\"hidden\":%" PRIu32 "}", hidden);
    BUF_LIT(out, "}]}\n");
}

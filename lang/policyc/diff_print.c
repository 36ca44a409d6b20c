/* SPDX-License-Identifier: Apache-2.0 */
#include "policyc/diff_print.h"

#include "base/arena.h"
#include "base/json.h"
#include "base/json_text.h"
#include "lang/logic/record.h"
#include "lang/report_form.h"

#include <string.h>

enum { TEXT_MAX = 16 << 20, MEMORY = 256 << 20, SHOWN_MAX = 200 };

static const char *const change_words[] = {
    [CHANGE_ADDED] = "added", [CHANGE_REMOVED] = "removed", [CHANGE_CHANGED] = "changed"};

enum diff_format diff_format_find(const char *name_cstr)
{
    static const char *const names[] = {
        [DIFF_HUMAN] = "human", [DIFF_JSON] = "json", [DIFF_MARKDOWN] = "markdown"};
    int format = 0;
    while (format < DIFF_FORMATS && strcmp(names[format], name_cstr) != 0)
        format++;
    return (enum diff_format)format;
}

/* ---- what every format says ---- */

/* Who asks, on one line. Names of tests hold what their author likes; in Markdown it stands in a
 * code span, which a backtick would end. */
static void print_from(const struct example *example, bool in_code, struct buf *out)
{
    size_t at = out->n;
    report_visible(out, example->from);
    for (; in_code && at < out->n; at++) {
        if (out->p[at] == '`')
            out->p[at] = '\'';
    }
}

/* One sentence: how far the examples reach. */
static void print_reach(const struct examples *examples, struct buf *out)
{
    switch (examples->verdicts) {
    case PROOF_NOT_TRIED:
        buf_printf(out, "Only the %zu requests of the policies' tests were tried.",
                   examples->tried);
        break;
    case PROOF_NO_SOLVER:
        buf_printf(
            out,
            "Only the %zu requests of the policies' tests were tried: there is no SMT solver "
            "(z3).",
            examples->tried);
        break;
    case PROOF_ALIKE:
        BUF_LIT(out, "Proved: no request gets another verdict in the request phase.");
        break;
    case PROOF_DIFFER:
        BUF_LIT(out, "Some requests get another verdict.");
        break;
    case PROOF_OPEN:
        buf_printf(out, "Whether other requests get another verdict is not known: %.*s.",
                   DVARA_STR_ARG(examples->why));
        break;
    }
    if (examples->passed_over)
        buf_printf(out, " %zu requests of tests can be read by one of the policies only.",
                   examples->passed_over);
}

static struct dvara_str shown(const struct json_doc *doc, struct dvara_str name)
{
    uint32_t at = json_find(doc, 0, name);
    struct dvara_str raw = at == JSON_NONE ? DVARA_STR("null") : json_raw(doc, at);
    return raw;
}

static void print_cut(struct dvara_str text, struct buf *out)
{
    size_t n = text.n;
    if (n > SHOWN_MAX) {
        for (n = SHOWN_MAX; n > 0 && ((unsigned char)text.p[n] & 0xc0) == 0x80;)
            n--;
    }
    buf_append(out, dvara_str_slice(text, 0, n));
    if (n < text.n)
        BUF_LIT(out, "…");
}

/* A line for each member that differs. */
static void print_members(const struct example *example, const char *before, struct buf *out)
{
    struct arena arena;
    struct json_doc old, new;
    arena_init(&arena, MEMORY);
    if (json_parse(example->old_json, 0, &arena, &old, NULL) == DVARA_OK &&
        json_parse(example->new_json, 0, &arena, &new, NULL) == DVARA_OK) {
        for (size_t i = 0; i < example->differs.n; i++) {
            buf_printf(out, "%s%.*s: ", before, DVARA_STR_ARG(example->differs.v[i]));
            print_cut(shown(&old, example->differs.v[i]), out);
            BUF_LIT(out, " -> ");
            print_cut(shown(&new, example->differs.v[i]), out);
            buf_byte(out, '\n');
        }
    }
    arena_clear(&arena);
}

/* A quote in a name would end the test's own, as a line's end does. */
static void name_test(const struct example *example, size_t number, struct buf *out)
{
    buf_printf(out, "changed %zu: ", number);
    size_t at = out->n;
    print_from(example, true, out);
    for (; at < out->n; at++) {
        if (out->p[at] == '"' || out->p[at] == '\\')
            out->p[at] = '\'';
    }
}

static void print_test(const struct example *example, size_t number, struct dvara_str indent,
                       struct buf *out)
{
    struct buf name, test;
    if (!example->given)
        return;
    buf_init(&name, TEXT_MAX);
    buf_init(&test, TEXT_MAX);
    name_test(example, number, &name);
    example_print_test(example, buf_str(&name), &test);
    struct dvara_str text = buf_str(&test);
    for (size_t at = 0, end; at < text.n; at = end + 1) {
        for (end = at; end < text.n && text.p[end] != '\n';)
            end++;
        buf_printf(out, "%.*s%.*s\n", DVARA_STR_ARG(indent),
                   DVARA_STR_ARG(dvara_str_slice(text, at, end)));
    }
    buf_clear(&name);
    buf_clear(&test);
}

/* ---- for people ---- */

static void print_sums(const struct diff_result *result, struct buf *out)
{
    size_t changes = result->changes.n, examples = result->examples.n;
    buf_printf(out, "%zu declaration%s, %zu example%s of other decisions", changes,
               changes == 1 ? " differs" : "s differ", examples, examples == 1 ? "" : "s");
}

static void print_human(const struct diff_result *result, struct buf *out)
{
    for (size_t i = 0; i < result->changes.n; i++) {
        const struct change *change = &result->changes.v[i];
        buf_printf(out, "%.*s %.*s: %s\n", DVARA_STR_ARG(change->what), DVARA_STR_ARG(change->name),
                   change_words[change->kind]);
        declarations_print(change, DVARA_STR("  "), out);
    }
    if (result->changes.n)
        buf_byte(out, '\n');
    for (size_t i = 0; i < result->examples.n; i++) {
        const struct example *example = &result->examples.v[i];
        BUF_LIT(out, "decides otherwise: ");
        print_from(example, false, out);
        buf_byte(out, '\n');
        print_members(example, "  ", out);
        print_test(example, i + 1, DVARA_STR("    "), out);
        buf_byte(out, '\n');
    }
    print_sums(result, out);
    BUF_LIT(out, ". ");
    print_reach(&result->examples, out);
    buf_byte(out, '\n');
}

/* ---- for pull requests ---- */

/* A fence longer than any run of its marks in the text. */
static void print_fence(struct dvara_str text, const char *language, struct buf *out)
{
    size_t longest = 2, run = 0;
    for (size_t i = 0; i < text.n; i++) {
        run = text.p[i] == '`' ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    for (int side = 0; side < 2; side++) {
        for (size_t i = 0; i <= longest; i++)
            buf_byte(out, '`');
        buf_printf(out, "%s\n", side ? "" : language);
        if (!side)
            buf_append(out, text);
    }
}

static void print_block(const struct buf *text, const char *language, struct buf *out)
{
    buf_byte(out, '\n');
    print_fence(buf_str(text), language, out);
    buf_byte(out, '\n');
}

static void mark_change(const struct change *change, struct buf *text, struct buf *out)
{
    buf_reset(text);
    declarations_print(change, (struct dvara_str){"", 0}, text);
    buf_printf(out, "- `%.*s %.*s` %s\n", DVARA_STR_ARG(change->what), DVARA_STR_ARG(change->name),
               change_words[change->kind]);
    print_block(text, "diff", out);
}

static void mark_example(const struct example *example, size_t number, struct buf *text,
                         struct buf *out)
{
    BUF_LIT(out, "- `");
    print_from(example, true, out);
    BUF_LIT(out, "`\n");
    buf_reset(text);
    print_members(example, "", text);
    print_block(text, "text", out);
    buf_reset(text);
    print_test(example, number, (struct dvara_str){"", 0}, text);
    if (text->n)
        print_block(text, "dvp", out);
}

static void print_markdown(const struct diff_result *result, struct buf *out)
{
    struct buf text;
    buf_init(&text, TEXT_MAX);
    BUF_LIT(out, "## Policy: ");
    print_sums(result, out);
    BUF_LIT(out, "\n\n");
    print_reach(&result->examples, out);
    BUF_LIT(out, "\n");
    if (result->examples.n)
        BUF_LIT(out, "\n### Decides otherwise\n\n");
    for (size_t i = 0; i < result->examples.n; i++)
        mark_example(&result->examples.v[i], i + 1, &text, out);
    if (result->changes.n)
        BUF_LIT(out, "\n### Declarations\n\n");
    for (size_t i = 0; i < result->changes.n; i++)
        mark_change(&result->changes.v[i], &text, out);
    buf_clear(&text);
}

/* ---- for programs ---- */

static void put_change(const struct change *change, struct buf *out)
{
    buf_printf(out, "{\"change\":\"%s\",", change_words[change->kind]);
    json_write_member(out, "kind", change->what);
    buf_byte(out, ',');
    json_write_member(out, "name", change->name);
    buf_byte(out, ',');
    json_write_member(out, "old", change->old_text);
    buf_byte(out, ',');
    json_write_member(out, "new", change->new_text);
    buf_byte(out, '}');
}

static void put_example(const struct example *example, size_t number, struct buf *out)
{
    struct buf test;
    buf_init(&test, TEXT_MAX);
    print_test(example, number, (struct dvara_str){"", 0}, &test);
    buf_byte(out, '{');
    json_write_member(out, "from", example->from);
    BUF_LIT(out, ",\"given\":");
    if (example->given)
        record_print_json(example->given, out);
    else
        BUF_LIT(out, "null");
    BUF_LIT(out, ",\"differs\":[");
    for (size_t i = 0; i < example->differs.n; i++) {
        if (i)
            buf_byte(out, ',');
        json_write_string(out, example->differs.v[i]);
    }
    buf_printf(out, "],\"old\":%.*s,\"new\":%.*s,", DVARA_STR_ARG(example->old_json),
               DVARA_STR_ARG(example->new_json));
    json_write_member(out, "test", test.n ? buf_str(&test) : (struct dvara_str){0});
    buf_byte(out, '}');
    buf_clear(&test);
}

static void print_json(const struct diff_result *result, struct buf *out)
{
    static const char *const proofs[] = {[PROOF_NOT_TRIED] = "not tried",
                                         [PROOF_NO_SOLVER] = "no solver",
                                         [PROOF_ALIKE] = "proved alike",
                                         [PROOF_DIFFER] = "differ",
                                         [PROOF_OPEN] = "unknown"};
    BUF_LIT(out, "{\"declarations\":[");
    for (size_t i = 0; i < result->changes.n; i++) {
        if (i)
            buf_byte(out, ',');
        put_change(&result->changes.v[i], out);
    }
    BUF_LIT(out, "],\"examples\":[");
    for (size_t i = 0; i < result->examples.n; i++) {
        if (i)
            buf_byte(out, ',');
        put_example(&result->examples.v[i], i + 1, out);
    }
    buf_printf(out, "],\"verdicts\":\"%s\",\"tried\":%zu,\"passed_over\":%zu}\n",
               proofs[result->examples.verdicts], result->examples.tried,
               result->examples.passed_over);
}

void diff_print(const struct diff_result *result, enum diff_format format, struct buf *out)
{
    switch (format) {
    case DIFF_HUMAN:
        print_human(result, out);
        return;
    case DIFF_JSON:
        print_json(result, out);
        return;
    case DIFF_MARKDOWN:
        print_markdown(result, out);
        return;
    case DIFF_FORMATS:
        return;
    }
}

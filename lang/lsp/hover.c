/* SPDX-License-Identifier: Apache-2.0 */
/* Hover: the declaration, the attribute, the function or the word at a place, from the tables that
 * the compiler reads. */
#include "base/json_text.h"
#include "lang/lexer.h"
#include "lang/lsp/subject.h"

enum { SHOWN_LINES = 12, HOVER_BYTES_MAX = 64 << 10 };

/* The declaration's first lines as they stand. */
static void write_source(struct buf *out, const struct analysis *analysis, struct span span)
{
    struct dvara_str text = source_slice(analysis->program->sources.v[span.file], span);
    size_t end = 0;
    for (int lines = 0; end < text.n; end++)
        if (text.p[end] == '\n' && ++lines == SHOWN_LINES)
            break;
    BUF_LIT(out, "```dvp\n");
    buf_append(out, dvara_str_slice(text, 0, end));
    buf_append(out, end < text.n ? DVARA_STR("\n…\n```") : DVARA_STR("\n```"));
}

static void describe_decl(struct buf *out, const struct analysis *analysis, const struct decl *decl)
{
    char name[TYPE_NAME_MAX];
    write_source(out, analysis, decl->span);
    if (decl->kind == DECL_LET && decl->let.expr)
        buf_printf(out, "\n\n%s", type_name(decl->let.expr->type, name));
    if (decl->doc.p) {
        BUF_LIT(out, "\n\n");
        buf_append(out, decl->doc);
    }
}

static bool describe_attribute(struct buf *out, struct dvara_str path)
{
    char type[TYPE_NAME_MAX], phases[PHASES_TEXT_MAX];
    static const char *const taints[] = {"operator", "client", "content", "secret"};
    for (int i = 0; i < DVARA_ATTR_COUNT; i++) {
        const struct attribute *row = attribute_row((enum dvara_attribute)i);
        if (!dvara_str_eq(row->path, path))
            continue;
        buf_printf(out, "`%.*s`: %s\n\n%.*s\n\nPhases: %s. Written by: %s.",
                   DVARA_STR_ARG(row->path), type_name(row->type, type), DVARA_STR_ARG(row->doc),
                   phases_text(row->phases, phases), taints[row->taint & 3]);
        return true;
    }
    return false;
}

static bool describe_function(struct buf *out, struct dvara_str word)
{
    static const struct {
        const char *spelling;
        int low, high;
        const char *what;
    } functions[] = {
#define FUNCTION(id, spelling, low, high, what) {spelling, low, high, what},
#include "lang/nodes.def"
    };
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (!dvara_str_eq(dvara_str_from_cstr(functions[i].spelling), word))
            continue;
        buf_printf(out, "`%s(…)`, %d argument%s\n\n%s", functions[i].spelling, functions[i].high,
                   functions[i].high == 1 ? "" : "s", functions[i].what);
        return true;
    }
    return false;
}

static bool describe_operator(struct buf *out, struct dvara_str word)
{
    static const struct {
        const char *spelling, *what;
    } operators[] = {
#define BINARY(id, spelling, level, what) {spelling, what},
#include "lang/nodes.def"
#define QUANTIFIER(id, spelling, what) {spelling, what},
#include "lang/nodes.def"
        {"not", "the condition does not hold"},
        {"has", "the value is there; behind it, it need not be defended with `??`"},
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++) {
        if (!dvara_str_eq(dvara_str_from_cstr(operators[i].spelling), word))
            continue;
        buf_printf(out, "`%s`: %s", operators[i].spelling, operators[i].what);
        return true;
    }
    return false;
}

/* `deny`, `cap` …: every effect that begins with the word. */
static bool describe_effect(struct buf *out, struct dvara_str word)
{
    static const struct {
        const char *spelling, *law, *doc;
    } effects[] = {
#define EFFECT(id, spelling, class, phases, on_error, law, doc) {spelling, law, doc},
#include "dvara/effects.def"
    };
    size_t before = out->n;
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        struct dvara_str spelling = dvara_str_from_cstr(effects[i].spelling);
        bool is_it = dvara_str_starts_with(spelling, word) &&
                     (spelling.n == word.n || spelling.p[word.n] == ' ');
        if (is_it)
            buf_printf(out, "%s`%s`: %s. Several combine by: %s.", out->n > before ? "\n\n" : "",
                       effects[i].spelling, effects[i].doc, effects[i].law);
    }
    return out->n > before;
}

static bool describe_keyword(struct buf *out, struct dvara_str word)
{
    for (int kind = 0; kind < DECL_COUNT; kind++) {
        struct dvara_str keyword = dvara_str_from_cstr(decl_keyword((enum decl_kind)kind));
        if (dvara_str_starts_with(keyword, word) &&
            (keyword.n == word.n || keyword.p[word.n] == ' ')) {
            buf_printf(out, "`%.*s` declares %s", DVARA_STR_ARG(keyword),
                       decl_what((enum decl_kind)kind));
            return true;
        }
    }
    return false;
}

static bool describe_word(struct buf *out, const struct spot *spot, const struct token *token,
                          struct span *ret_span)
{
    if (!token || token->kind != TOKEN_WORD)
        return false;
    *ret_span = path_at(spot->unit, token);
    struct dvara_str path = source_slice(spot->unit->source, *ret_span);
    struct dvara_str word = dvara_str_slice(spot->unit->source->text, token->start, token->end);
    return describe_attribute(out, path) || describe_function(out, word) ||
           describe_operator(out, word) ||
           ((token->flags & TOKEN_STATEMENT) &&
            (describe_effect(out, word) || describe_keyword(out, word)));
}

void answer_hover(struct call *call)
{
    struct spot spot;
    struct subject subject;
    struct buf text;
    if (!call_spot(call, &spot))
        return;
    buf_init(&text, HOVER_BYTES_MAX);
    bool found = subject_at(&spot, &subject);
    struct span span = subject.span;
    if (found && subject.decl)
        describe_decl(&text, spot.analysis, subject.decl);
    else if (found)
        found = false;
    else
        found = describe_word(&text, &spot, token_at(spot.unit, spot.offset), &span);
    if (found) {
        BUF_LIT(call->out, "{\"contents\":{\"kind\":\"markdown\",\"value\":");
        json_write_string(call->out, buf_str(&text));
        BUF_LIT(call->out, "},\"range\":");
        write_range(call->out, spot.unit->source, span, call->lsp->unit);
        BUF_LIT(call->out, "}");
    }
    buf_clear(&text);
}

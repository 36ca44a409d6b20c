/* SPDX-License-Identifier: Apache-2.0 */
/* Completion. A word that nothing is called is put where the cursor is, and the program compiled as
 * far as its types: what did-you-mean would offer for that word is what may stand there. */
#include "base/json_text.h"
#include "lang/lexer.h"
#include "lang/list.h"
#include "lang/lsp/subject.h"

/* No policy has a word that ends so; should one, its completions are too many, and nothing else. */
#define MARK "_zq_cursor_qz"

/* CompletionItemKind of the protocol. */
enum { ITEMS_MAX = 2000 };
enum { ITEM_FUNCTION = 3, ITEM_VARIABLE = 6, ITEM_PROPERTY = 10, ITEM_KEYWORD = 14 };

static bool is_word_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '.';
}

/* The word around the offset, dots included. */
static struct span word_around(struct dvara_str text, uint32_t offset)
{
    struct span word = {0, offset, offset};
    while (word.start > 0 && is_word_byte(text.p[word.start - 1]))
        word.start--;
    while (word.end < text.n && is_word_byte(text.p[word.end]) && text.p[word.end] != '.')
        word.end++;
    return word;
}

struct completion {
    struct call *call;
    const struct source *source;
    struct span word; /* what a choice replaces */
    struct dvara_str *seen;
    size_t n_seen;
};

static bool is_seen(const struct completion *c, struct dvara_str label)
{
    for (size_t i = 0; i < c->n_seen; i++)
        if (dvara_str_eq(c->seen[i], label))
            return true;
    return false;
}

static void write_item(struct completion *c, struct dvara_str label, int kind,
                       struct dvara_str detail)
{
    if (!label.n || c->n_seen >= ITEMS_MAX || is_seen(c, label))
        return;
    struct buf *out = c->call->out;
    write_comma(out, c->n_seen);
    BUF_LIT(out, "{\"label\":");
    json_write_string(out, label);
    buf_printf(out, ",\"kind\":%d", kind);
    if (detail.n) {
        BUF_LIT(out, ",\"detail\":");
        json_write_string(out, detail);
    }
    BUF_LIT(out, ",\"textEdit\":{\"range\":");
    write_range(out, c->source, c->word, c->call->lsp->unit);
    BUF_LIT(out, ",\"newText\":");
    json_write_string(out, label);
    BUF_LIT(out, "}}");
    LIST_APPEND(&c->call->arena, c->seen, c->n_seen, label);
}

static const struct attribute *attribute_of(struct dvara_str path)
{
    for (int i = 0; i < DVARA_ATTR_COUNT; i++)
        if (dvara_str_eq(attribute_row((enum dvara_attribute)i)->path, path))
            return attribute_row((enum dvara_attribute)i);
    return NULL;
}

/* Where a value may stand: attributes, functions and the words of expressions too. */
static void write_values(struct completion *c)
{
    static const struct {
        const char *word, *what;
    } functions[] = {
#define FUNCTION(id, spelling, low, high, what) {spelling, what},
#include "lang/nodes.def"
    };
    static const char *const words[] = {
#define QUANTIFIER(id, spelling, what) spelling,
#include "lang/nodes.def"
        "not", "has", "true", "false"};
    for (int i = 0; i < DVARA_ATTR_COUNT; i++) {
        const struct attribute *row = attribute_row((enum dvara_attribute)i);
        write_item(c, row->path, ITEM_PROPERTY, row->doc);
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        write_item(c, dvara_str_from_cstr(functions[i].word), ITEM_FUNCTION,
                   dvara_str_from_cstr(functions[i].what));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        write_item(c, dvara_str_from_cstr(words[i]), ITEM_KEYWORD, (struct dvara_str){0});
}

/* A key of `given` is asked for by its whole path: what stands before the key already. */
static struct dvara_str path_before(const struct completion *c, const struct probe *probe)
{
    size_t own = c->word.end - c->word.start + sizeof MARK - 1;
    return dvara_str_slice(probe->asked, 0, probe->asked.n > own ? probe->asked.n - own : 0);
}

static void write_offers(struct completion *c, const struct probe *probe)
{
    struct dvara_str before = path_before(c, probe);
    for (size_t i = 0; i < probe->n; i++) {
        const struct attribute *row = attribute_of(probe->v[i]);
        if (!dvara_str_starts_with(probe->v[i], before))
            continue;
        write_item(c, dvara_str_slice(probe->v[i], before.n, probe->v[i].n),
                   row               ? ITEM_PROPERTY
                   : probe->is_value ? ITEM_VARIABLE
                                     : ITEM_KEYWORD,
                   row ? row->doc : (struct dvara_str){0});
    }
    if (probe->is_value)
        write_values(c);
}

/* Between quotes: models, which is what strings mostly name. */
static void write_models(struct completion *c, const struct spot *spot, const struct token *token)
{
    const struct decls *models = &spot->analysis->program->by_kind[DECL_MODEL];
    c->word = (struct span){spot->unit->source->number, token->start + 1, token->end - 1};
    for (size_t i = 0; i < models->n; i++)
        write_item(c, models->v[i]->name, ITEM_VARIABLE, DVARA_STR("model"));
}

/* The text with the probe's word in it. */
static struct dvara_str with_probe(struct completion *c, struct dvara_str text, uint32_t offset)
{
    struct dvara_str head = dvara_str_slice(text, 0, offset);
    struct dvara_str tail = dvara_str_slice(text, c->word.end, text.n);
    return arena_printf(&c->call->arena, "%.*s" MARK "%.*s", DVARA_STR_ARG(head),
                        DVARA_STR_ARG(tail));
}

static bool is_inside_string(const struct spot *spot, const struct token *token)
{
    return token && token->kind == TOKEN_STRING && token->start < spot->offset &&
           spot->offset < token->end;
}

static bool is_inside_comment(const struct spot *spot)
{
    const struct tokens *tokens = spot->unit->tokens;
    for (uint32_t i = 0; i < tokens->n_comments; i++)
        if (tokens->comments[i].start < spot->offset && spot->offset <= tokens->comments[i].end)
            return true;
    return false;
}

void answer_completion(struct call *call)
{
    struct spot spot;
    if (!call_spot(call, &spot) || is_inside_comment(&spot))
        return;
    const struct source *source = spot.unit->source;
    struct completion c = {.call = call, .source = source};
    const struct token *token = token_at(spot.unit, spot.offset);
    c.word = word_around(source->text, spot.offset);
    struct dvara_str text = with_probe(&c, source->text, spot.offset);
    c.word.end = spot.offset;
    BUF_LIT(call->out, "[");
    if (is_inside_string(&spot, token)) {
        write_models(&c, &spot, token);
    } else if (!(token && token->kind == TOKEN_REGEX)) {
        struct analysis_options options = server_options(call->lsp);
        struct probe probe = {.mark = DVARA_STR(MARK)};
        struct analysis probed;
        if (text.p) {
            analysis_probe(&probed, &options, source->real_path, text, &probe);
            write_offers(&c, &probe);
            analysis_clear(&probed);
        }
    }
    BUF_LIT(call->out, "]");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Completion. A word that nothing is called is put where the cursor is, and the program compiled as
 * far as its types: what did-you-mean would offer for that word is what may stand there. */
#include "base/json_text.h"
#include "lang/lexer.h"
#include "lang/list.h"
#include "lang/lsp/complete_import.h"
#include "lang/lsp/complete_text.h"
#include "lang/lsp/subject.h"

/* No policy has a word that ends so; should one, its completions are too many, and nothing else. */
#define MARK "_zq_cursor_qz"

/* CompletionItemKind of the protocol. */
enum { ITEMS_MAX = 2000 };
enum { ITEM_FUNCTION = 3, ITEM_VARIABLE = 6, ITEM_PROPERTY = 10, ITEM_KEYWORD = 14 };
enum { ITEM_FILE = 17 };

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
    uint32_t phases;  /* of the declaration, DVARA_PHASES_; 0: any */
    bool is_template; /* content and secrets may not be shown */
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

/* May the attribute be read here? */
static bool is_readable(const struct completion *c, const struct attribute *row)
{
    return (row->phases & c->phases) == c->phases &&
           !(c->is_template && row->taint >= DVARA_TAINT_CONTENT);
}

static void write_attributes(struct completion *c)
{
    for (int i = 0; i < DVARA_ATTR_COUNT; i++) {
        const struct attribute *row = attribute_row((enum dvara_attribute)i);
        if (is_readable(c, row))
            write_item(c, row->path, ITEM_PROPERTY, row->doc);
    }
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
    write_attributes(c);
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
        if (!dvara_str_starts_with(probe->v[i], before) || (row && !is_readable(c, row)))
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

/* Between quotes: models, which is what strings mostly name; of a target, providers too. */
static void write_models(struct completion *c, const struct spot *spot, const struct around *around)
{
    const struct program *program = spot->analysis->program;
    const struct decls *models = &program->by_kind[DECL_MODEL];
    const struct decls *providers = &program->by_kind[DECL_PROVIDER];
    for (size_t i = 0; i < models->n; i++)
        write_item(c, models->v[i]->name, ITEM_VARIABLE, DVARA_STR("model"));
    bool target = around_word_is(around, 1, DVARA_STR("target")) ||
                  around_word_is(around, 1, DVARA_STR("mirror"));
    for (size_t i = 0; target && i < providers->n; i++)
        write_item(c, arena_printf(&c->call->arena, "%.*s/", DVARA_STR_ARG(providers->v[i]->name)),
                   ITEM_VARIABLE, DVARA_STR("provider"));
}

/* Is the string a template, and the cursor between its braces? */
static bool is_inside_braces(const struct spot *spot, const struct around *around,
                             const struct token *token)
{
    bool template = around_word_is(around, 1, DVARA_STR("reason")) ||
                    around_word_is(around, 1, DVARA_STR("warn")) ||
                    around_word_is(around, 2, DVARA_STR("tag")) ||
                    around_word_is(around, 2, DVARA_STR("header"));
    uint32_t at = spot->offset;
    const char *text = spot->unit->source->text.p;
    while (at > token->start + 1 && text[at - 1] != '{' && text[at - 1] != '}')
        at--;
    return template && text[at - 1] == '{' && !(at > token->start + 2 && text[at - 2] == '{');
}

static void write_template(struct completion *c, const struct spot *spot)
{
    const struct decls *lets = &spot->analysis->program->by_kind[DECL_LET];
    c->is_template = true;
    write_attributes(c);
    for (size_t i = 0; i < lets->n; i++)
        if (lets->v[i]->let.expr->taint < DVARA_TAINT_CONTENT)
            write_item(c, lets->v[i]->name, ITEM_VARIABLE, DVARA_STR("let"));
}

/* The library's files by their names, and those below the program's folder. */
static void write_imports(struct completion *c, const struct spot *spot)
{
    struct import_names names = {NULL, 0};
    struct arena *arena = &c->call->arena;
    struct analysis_options options = server_options(c->call->lsp);
    import_names_add(&names, arena, spot->analysis->root, DVARA_STR("./"), false);
    for (size_t i = 0; i < options.n_libraries; i++)
        import_names_add(&names, arena, options.libraries[i], DVARA_STR(""), true);
    for (size_t i = 0; i < names.n; i++)
        write_item(c, names.v[i], ITEM_FILE, (struct dvara_str){0});
}

static void write_string(struct completion *c, const struct spot *spot, const struct around *around,
                         const struct token *token)
{
    if (is_inside_braces(spot, around, token)) {
        write_template(c, spot);
        return;
    }
    c->word = (struct span){spot->unit->source->number, token->start + 1, token->end - 1};
    if (around_word_is(around, 1, DVARA_STR("import")))
        write_imports(c, spot);
    else
        write_models(c, spot, around);
}

/* The first text in which something may stand at the mark. */
static void write_probed(struct completion *c, const struct spot *spot, const struct around *around,
                         uint32_t end)
{
    struct analysis_options options = server_options(c->call->lsp);
    struct dvara_str texts[COMPLETE_TEXTS];
    size_t n = complete_texts(&c->call->arena, around, spot->offset, end, DVARA_STR(MARK), texts);
    for (size_t i = 0; i < n && c->n_seen == 0; i++) {
        struct probe probe = {.mark = DVARA_STR(MARK)};
        struct analysis probed;
        analysis_probe(&probed, &options, c->source->real_path, texts[i], &probe);
        write_offers(c, &probe);
        analysis_clear(&probed);
    }
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
    struct completion c = {.call = call, .source = spot.unit->source};
    struct around around = around_of(&spot);
    const struct token *token = token_at(spot.unit, spot.offset);
    c.word = word_around(c.source->text, spot.offset);
    c.phases = around_phases(&around);
    uint32_t end = c.word.end;
    c.word.end = spot.offset;
    BUF_LIT(call->out, "[");
    if (is_inside_string(&spot, token))
        write_string(&c, &spot, &around, token);
    else if (!(token && token->kind == TOKEN_REGEX))
        write_probed(&c, &spot, &around, end);
    BUF_LIT(call->out, "]");
}

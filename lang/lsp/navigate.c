/* SPDX-License-Identifier: Apache-2.0 */
/* Definition, references, highlight and rename: all from the mentions that binding found. */
#include "base/json_text.h"
#include "lang/lexer.h"
#include "lang/lsp/subject.h"

static const struct source *source_of(const struct analysis *analysis, struct span span)
{
    return analysis->program->sources.v[span.file];
}

/* "openai/gpt-4o" in quotes: the model of that name. */
static const struct decl *model_at(const struct spot *spot)
{
    const struct token *token = token_at(spot->unit, spot->offset);
    if (!token || token->kind != TOKEN_STRING || token->end < token->start + 2)
        return NULL;
    return program_find(
        spot->analysis->program, DECL_MODEL,
        dvara_str_slice(spot->unit->source->text, token->start + 1, token->end - 1));
}

/* The file that an import names. */
static bool answer_import(struct call *call, const struct spot *spot)
{
    for (size_t i = 0; i < spot->unit->n_imports; i++) {
        const struct import *import = &spot->unit->imports[i];
        if (!import->unit || !import->unit->source->real_path.p ||
            spot->offset < import->path.span.start || spot->offset > import->path.span.end)
            continue;
        struct span top = {import->unit->source->number, 0, 0};
        write_location(call, import->unit->source, top);
        return true;
    }
    return false;
}

void answer_definition(struct call *call)
{
    struct spot spot;
    struct subject subject;
    if (!call_spot(call, &spot) || answer_import(call, &spot))
        return;
    const struct decl *model = model_at(&spot);
    struct span span;
    if (model)
        span = model->name_span;
    else if (subject_at(&spot, &subject))
        span = subject.decl ? subject.decl->name_span : subject.binding->span;
    else
        return;
    if (source_of(spot.analysis, span)->real_path.p)
        write_location(call, source_of(spot.analysis, span), span);
}

void answer_references(struct call *call)
{
    struct spot spot;
    struct subject subject;
    if (!call_spot(call, &spot) || !subject_at(&spot, &subject))
        return;
    uint32_t with = json_pointer(&call->message, DVARA_STR("/params/context/includeDeclaration"));
    struct spans places = subject_places(spot.analysis, &call->arena, &subject,
                                         with == JSON_NONE || json_is_true(&call->message, with));
    BUF_LIT(call->out, "[");
    for (size_t i = 0; i < places.n; i++) {
        write_comma(call->out, i);
        write_location(call, source_of(spot.analysis, places.v[i]), places.v[i]);
    }
    BUF_LIT(call->out, "]");
}

void answer_highlight(struct call *call)
{
    struct spot spot;
    struct subject subject;
    bool any = false;
    if (!call_spot(call, &spot) || !subject_at(&spot, &subject))
        return;
    struct spans places = subject_places(spot.analysis, &call->arena, &subject, true);
    BUF_LIT(call->out, "[");
    for (size_t i = 0; i < places.n; i++) {
        if (places.v[i].file != spot.unit->source->number)
            continue;
        write_comma(call->out, any);
        BUF_LIT(call->out, "{\"range\":");
        write_range(call->out, spot.unit->source, places.v[i], call->lsp->unit);
        BUF_LIT(call->out, "}");
        any = true;
    }
    BUF_LIT(call->out, "]");
}

/* ---- rename ---- */

static bool is_name(struct dvara_str s)
{
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        bool letter = (c >= 'a' && c <= 'z') || c == '_';
        if (!letter && (i == 0 || c < '0' || c > '9'))
            return false;
    }
    return s.n > 0 && !word_is_reserved(s);
}

/* Names that are words of the language, in a file that is the user's. */
static bool is_renamable(const struct analysis *analysis, const struct subject *subject)
{
    struct span span = subject->decl ? subject->decl->name_span : subject->binding->span;
    const struct source *source = source_of(analysis, span);
    return is_name(source_slice(source, span)) && source->real_path.p && !source->library;
}

void answer_prepare_rename(struct call *call)
{
    struct spot spot;
    struct subject subject;
    if (call_spot(call, &spot) && subject_at(&spot, &subject) &&
        is_renamable(spot.analysis, &subject))
        write_range(call->out, spot.unit->source, subject.span, call->lsp->unit);
}

static void write_edits(struct call *call, const struct source *source, struct spans places,
                        struct dvara_str name)
{
    bool any = false;
    write_file(call->out, call->lsp, source->real_path);
    BUF_LIT(call->out, ":[");
    for (size_t i = 0; i < places.n; i++) {
        if (places.v[i].file != source->number)
            continue;
        write_comma(call->out, any);
        BUF_LIT(call->out, "{\"range\":");
        write_range(call->out, source, places.v[i], call->lsp->unit);
        BUF_LIT(call->out, ",\"newText\":");
        json_write_string(call->out, name);
        BUF_LIT(call->out, "}");
        any = true;
    }
    BUF_LIT(call->out, "]");
}

static bool names_file(struct spans places, uint32_t file)
{
    for (size_t i = 0; i < places.n; i++)
        if (places.v[i].file == file)
            return true;
    return false;
}

void answer_rename(struct call *call)
{
    struct spot spot;
    struct subject subject;
    struct dvara_str name = call_string(call, "/params/newName");
    if (!call_spot(call, &spot) || !subject_at(&spot, &subject) ||
        !is_renamable(spot.analysis, &subject)) {
        call->error = "what stands here has no name that can be changed";
        return;
    }
    if (!is_name(name)) {
        call->error = "a name is a small letter or _, then small letters, digits and _, and no "
                      "reserved word";
        return;
    }
    struct spans places = subject_places(spot.analysis, &call->arena, &subject, true);
    bool any = false;
    BUF_LIT(call->out, "{\"changes\":{");
    for (uint32_t i = 0; i < spot.analysis->program->sources.n; i++) {
        const struct source *source = spot.analysis->program->sources.v[i];
        if (!names_file(places, source->number) || !source->real_path.p)
            continue;
        write_comma(call->out, any);
        write_edits(call, source, places, name);
        any = true;
    }
    BUF_LIT(call->out, "}}");
}

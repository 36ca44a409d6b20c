/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/lsp/subject.h"

#include "lang/lexer.h"
#include "lang/list.h"

static bool holds(struct span span, uint32_t file, uint32_t offset)
{
    return span.file == file && span.start <= offset && offset <= span.end;
}

/* A provider is named in the string of a target: its part of it. */
static struct span name_in(const struct analysis *analysis, struct span span, struct dvara_str name)
{
    const struct source *source = analysis->program->sources.v[span.file];
    struct dvara_str text = source_slice(source, span);
    if (text.n > name.n && text.p[0] == '"' &&
        dvara_str_starts_with(dvara_str_slice(text, 1, text.n), name))
        return (struct span){span.file, span.start + 1, span.start + 1 + (uint32_t)name.n};
    return span;
}

static struct span mention_span(const struct analysis *analysis, const struct mention *mention)
{
    struct dvara_str name = mention->decl ? mention->decl->name : mention->binding->name;
    return name_in(analysis, mention->span, name);
}

static bool mentioned_at(const struct spot *spot, struct subject *ret_subject)
{
    const struct program *program = spot->analysis->program;
    for (size_t i = 0; i < program->n_mentions; i++) {
        const struct mention *mention = &program->mentions[i];
        struct span span = mention_span(spot->analysis, mention);
        if (!holds(span, spot->unit->source->number, spot->offset))
            continue;
        *ret_subject = (struct subject){span, mention->decl, mention->binding};
        return true;
    }
    return false;
}

bool subject_at(const struct spot *spot, struct subject *ret_subject)
{
    const struct program *program = spot->analysis->program;
    uint32_t file = spot->unit->source->number;
    for (size_t i = 0; i < spot->unit->n_decls; i++) {
        const struct decl *decl = spot->unit->decls[i];
        if (decl->name.p && decl->kind != DECL_DEFAULT &&
            holds(decl->name_span, file, spot->offset)) {
            *ret_subject = (struct subject){decl->name_span, decl, NULL};
            return true;
        }
    }
    if (mentioned_at(spot, ret_subject))
        return true;
    for (size_t i = 0; i < program->n_mentions; i++) {
        const struct binding *binding = program->mentions[i].binding;
        if (binding && holds(binding->span, file, spot->offset)) {
            *ret_subject = (struct subject){binding->span, NULL, binding};
            return true;
        }
    }
    return false;
}

struct dvara_str subject_name(const struct subject *subject)
{
    return subject->decl ? subject->decl->name : subject->binding->name;
}

struct spans subject_places(const struct analysis *analysis, struct arena *arena,
                            const struct subject *subject, bool with_declaration)
{
    const struct program *program = analysis->program;
    struct spans places = {NULL, 0};
    struct span declared = subject->decl ? subject->decl->name_span : subject->binding->span;
    if (with_declaration)
        LIST_APPEND(arena, places.v, places.n, declared);
    for (size_t i = 0; i < program->n_mentions; i++) {
        const struct mention *mention = &program->mentions[i];
        if (mention->decl != subject->decl || mention->binding != subject->binding)
            continue;
        struct span span = mention_span(analysis, mention);
        LIST_APPEND(arena, places.v, places.n, span);
    }
    return places;
}

const struct token *token_at(const struct unit *unit, uint32_t offset)
{
    const struct token *found = NULL;
    for (uint32_t i = 0; i < unit->tokens->n && unit->tokens->v[i].start <= offset; i++)
        if (unit->tokens->v[i].end >= offset && unit->tokens->v[i].kind != TOKEN_END)
            found = found && found->kind == TOKEN_WORD ? found : &unit->tokens->v[i];
    return found;
}

struct span path_at(const struct unit *unit, const struct token *token)
{
    const struct token *first = token;
    while (first >= unit->tokens->v + 2 && first[-1].kind == TOKEN_DOT &&
           first[-2].kind == TOKEN_WORD)
        first -= 2;
    while (token[1].kind == TOKEN_DOT && token[2].kind == TOKEN_WORD)
        token += 2;
    return (struct span){unit->source->number, first->start, token->end};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Symbols of a document and of the workspace, and the lenses above tests. */
#include "base/json_text.h"
#include "lang/lsp/subject.h"

#include <strings.h>

/* SymbolKind of the protocol. */
static int symbol_kind(enum decl_kind kind)
{
    enum {
        CLASS = 5,
        METHOD = 6,
        FUNCTION = 12,
        VARIABLE = 13,
        CONSTANT = 14,
        ARRAY = 18,
        OBJECT = 19,
        EVENT = 24
    };
    static const int kinds[DECL_COUNT] = {
        [DECL_LET] = CONSTANT,      [DECL_RUNTIME_LIST] = ARRAY, [DECL_DEFAULT] = VARIABLE,
        [DECL_PROVIDER] = OBJECT,   [DECL_MODEL] = OBJECT,       [DECL_DETECTOR] = CLASS,
        [DECL_GROUP] = ARRAY,       [DECL_RULE] = FUNCTION,      [DECL_ROUTE] = METHOD,
        [DECL_TEST] = EVENT,        [DECL_LIMIT] = OBJECT,       [DECL_BUDGET] = OBJECT,
        [DECL_INVARIANT] = FUNCTION};
    return kinds[kind];
}

static struct dvara_str shown_name(const struct decl *decl)
{
    return decl->name.p && decl->name.n ? decl->name
                                        : dvara_str_from_cstr(decl_keyword(decl->kind));
}

static void write_symbol(struct call *call, const struct source *source, const struct decl *decl)
{
    BUF_LIT(call->out, "{\"name\":");
    json_write_string(call->out, shown_name(decl));
    buf_printf(call->out, ",\"detail\":\"%s\",\"kind\":%d,\"range\":", decl_keyword(decl->kind),
               symbol_kind(decl->kind));
    write_range(call->out, source, decl->span, call->lsp->unit);
    BUF_LIT(call->out, ",\"selectionRange\":");
    write_range(call->out, source, decl->name_span, call->lsp->unit);
    BUF_LIT(call->out, "}");
}

void answer_outline(struct call *call)
{
    struct spot spot;
    if (!call_unit(call, &spot))
        return;
    BUF_LIT(call->out, "[");
    for (size_t i = 0; i < spot.unit->n_decls; i++) {
        write_comma(call->out, i);
        write_symbol(call, spot.unit->source, spot.unit->decls[i]);
    }
    BUF_LIT(call->out, "]");
}

static bool occurs_in(struct dvara_str name, struct dvara_str part)
{
    for (size_t i = 0; i + part.n <= name.n; i++)
        if (strncasecmp(name.p + i, part.p, part.n) == 0)
            return true;
    return false;
}

/* Those of the program that is open. */
void answer_symbols(struct call *call)
{
    struct lsp *lsp = call->lsp;
    struct dvara_str query = call_string(call, "/params/query");
    bool any = false;
    if (!lsp->has_analysis && lsp->documents.n)
        (void)server_analysis(lsp, buf_str(&lsp->documents.v[0].path));
    const struct program *program = lsp->has_analysis ? lsp->analysis.program : NULL;
    BUF_LIT(call->out, "[");
    for (size_t u = 0; program && u < program->n_units; u++) {
        const struct unit *unit = program->units[u];
        for (size_t i = 0; i < unit->n_decls && unit->source->real_path.p; i++) {
            const struct decl *decl = unit->decls[i];
            if (query.n && !occurs_in(shown_name(decl), query))
                continue;
            write_comma(call->out, any);
            BUF_LIT(call->out, "{\"name\":");
            json_write_string(call->out, shown_name(decl));
            buf_printf(call->out, ",\"kind\":%d,\"location\":", symbol_kind(decl->kind));
            write_location(call, unit->source, decl->name_span);
            BUF_LIT(call->out, "}");
            any = true;
        }
    }
    BUF_LIT(call->out, "]");
}

/* ---- tests ---- */

void answer_lenses(struct call *call)
{
    struct spot spot;
    bool any = false;
    if (!call->lsp->options.run_test || !call_unit(call, &spot))
        return;
    BUF_LIT(call->out, "[");
    for (size_t i = 0; i < spot.unit->n_decls; i++) {
        const struct decl *decl = spot.unit->decls[i];
        if (decl->kind != DECL_TEST || !decl->name.p)
            continue;
        write_comma(call->out, any);
        BUF_LIT(call->out, "{\"range\":");
        write_range(call->out, spot.unit->source, decl->name_span, call->lsp->unit);
        BUF_LIT(call->out, ",\"command\":{\"title\":\"Run test\",\"command\":\"dvara.runTest\","
                           "\"arguments\":[");
        write_file(call->out, call->lsp, spot.unit->source->real_path);
        BUF_LIT(call->out, ",");
        json_write_string(call->out, decl->name);
        BUF_LIT(call->out, "]}}");
        any = true;
    }
    BUF_LIT(call->out, "]");
}

/* {"passed":…,"output":"…"} */
void answer_command(struct call *call)
{
    struct lsp *lsp = call->lsp;
    struct dvara_str uri = call_string(call, "/params/arguments/0");
    struct dvara_str name = call_string(call, "/params/arguments/1");
    struct dvara_str path = uri.p ? path_from_uri(&call->arena, uri) : uri;
    struct buf printed;
    if (!dvara_str_eq(call_string(call, "/params/command"), DVARA_STR("dvara.runTest")) ||
        !lsp->options.run_test || !path.p || !name.p) {
        call->error = "dvara.runTest takes the URI of a file and the name of a test";
        return;
    }
    struct analysis_options options = server_options(lsp);
    struct dvara_str root = analysis_root(&call->arena, &options, path);
    buf_init(&printed, 1 << 20);
    bool passed = root.p && lsp->options.run_test(lsp->options.user, root, name, &printed);
    buf_printf(call->out, "{\"passed\":%s,\"output\":", passed ? "true" : "false");
    json_write_string(call->out, buf_str(&printed));
    BUF_LIT(call->out, "}");
    buf_clear(&printed);
}

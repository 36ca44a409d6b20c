/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles of imports, lets, groups and fallbacks, found with a stack in the arena: a chain may be as
 * long as a file is large. */
#include "base/arena.h"
#include "base/buf.h"
#include "lang/bind.h"
#include "lang/list.h"

enum { NEW, OPEN, DONE };

/* A graph of one kind of node. */
struct graph {
    uint8_t *(*mark)(void *node);
    void *(*edge)(void *node, size_t i); /* NULL: no such edge, or it leads nowhere */
    size_t (*edges)(void *node);
    void (*report)(struct binder *b, void *from, size_t edge, struct dvara_str path);
    struct dvara_str (*name)(void *node);
    void (*done)(struct binder *b, void *node); /* in order of use; may be NULL */
};

struct frame {
    void *node;
    size_t next;
};

/* "a → b → a" for the frames from the one that holds `node` on; the middle of a long one is left
 * out. */
static struct dvara_str cycle_text(struct binder *b, const struct graph *graph,
                                   const struct frame *frames, size_t n, void *node)
{
    size_t first = n;
    while (first > 0 && frames[first - 1].node != node)
        first--;
    struct buf buf;
    buf_init(&buf, 16384);
    for (size_t i = first ? first - 1 : 0; i < n; i++) {
        size_t from_start = i + 1 - first;
        if (from_start >= 4 && n - i > 2) {
            if (from_start == 4)
                BUF_LIT(&buf, "… → ");
            continue;
        }
        buf_append(&buf, dvara_str_slice(graph->name(frames[i].node), 0, 200));
        BUF_LIT(&buf, " → ");
    }
    buf_append(&buf, dvara_str_slice(graph->name(node), 0, 200));
    struct dvara_str text = arena_copy(b->arena, buf_str(&buf));
    buf_clear(&buf);
    return text;
}

static void visit(struct binder *b, const struct graph *graph, void *root)
{
    if (*graph->mark(root) != NEW)
        return;
    struct frame *frames = NULL;
    size_t n = 0;
    LIST_APPEND(b->arena, frames, n, ((struct frame){root, 0}));
    *graph->mark(root) = OPEN;
    while (n > 0) {
        struct frame *frame = &frames[n - 1];
        if (frame->next == graph->edges(frame->node)) {
            *graph->mark(frame->node) = DONE;
            if (graph->done)
                graph->done(b, frame->node);
            n--;
            continue;
        }
        size_t edge = frame->next++;
        void *to = graph->edge(frame->node, edge);
        if (!to)
            continue;
        if (*graph->mark(to) == OPEN)
            graph->report(b, frame->node, edge, cycle_text(b, graph, frames, n, to));
        if (*graph->mark(to) != NEW)
            continue;
        *graph->mark(to) = OPEN;
        size_t before = n;
        LIST_APPEND(b->arena, frames, n, ((struct frame){to, 0}));
        if (n == before)
            return; /* out of memory */
    }
}

static uint8_t *unit_mark(void *node)
{
    return &((struct unit *)node)->mark;
}
static size_t unit_edges(void *node)
{
    return ((struct unit *)node)->n_imports;
}
static void *unit_edge(void *node, size_t i)
{
    return ((struct unit *)node)->imports[i].unit;
}
static struct dvara_str unit_name(void *node)
{
    return ((struct unit *)node)->source->path;
}

static void unit_report(struct binder *b, void *from, size_t edge, struct dvara_str path)
{
    struct unit *unit = from;
    diag_add(b->diags, unit->imports[edge].path.span, MESSAGE_IMPORT_CYCLE, path);
}

static uint8_t *decl_mark(void *node)
{
    return &((struct decl *)node)->mark;
}
static struct dvara_str decl_name(void *node)
{
    return ((struct decl *)node)->name;
}

static void report_cycle(struct binder *b, struct decl *decl, struct span span,
                         struct dvara_str path)
{
    diag_add(b->diags, span, MESSAGE_CYCLE, dvara_str_from_cstr(decl_keyword(decl->kind)),
             decl->name, path);
    decl->failed = true;
}

static size_t let_edges(void *node)
{
    return ((struct decl *)node)->let.n_uses;
}
static void *let_edge(void *node, size_t i)
{
    return ((struct decl *)node)->let.uses[i];
}

static void let_report(struct binder *b, void *from, size_t edge, struct dvara_str path)
{
    (void)edge;
    struct decl *let = from;
    report_cycle(b, let, let->name_span, path);
}

static void let_done(struct binder *b, void *node)
{
    struct decl *let = node;
    LIST_APPEND(b->arena, b->program->lets.v, b->program->lets.n, let);
}

static size_t group_edges(void *node)
{
    struct decl *decl = node;
    return decl->kind == DECL_GROUP ? decl->group.n_members : 0;
}

static void *group_edge(void *node, size_t i)
{
    return ((struct decl *)node)->group.members[i].ref.decl;
}

static void group_report(struct binder *b, void *from, size_t edge, struct dvara_str path)
{
    struct decl *group = from;
    report_cycle(b, group, group->group.members[edge].ref.span, path);
}

static size_t route_edges(void *node)
{
    return ((struct decl *)node)->route.fallback.decl ? 1 : 0;
}
static void *route_edge(void *node, size_t i)
{
    (void)i;
    return ((struct decl *)node)->route.fallback.decl;
}

static void route_report(struct binder *b, void *from, size_t edge, struct dvara_str path)
{
    (void)edge;
    struct decl *route = from;
    report_cycle(b, route, route->route.fallback.span, path);
}

static void visit_all(struct binder *b, const struct graph *graph, enum decl_kind kind)
{
    for (size_t i = 0; i < b->program->n_units; i++) {
        struct unit *unit = b->program->units[i];
        for (size_t k = 0; k < unit->n_decls; k++)
            if (unit->decls[k]->kind == kind)
                visit(b, graph, unit->decls[k]);
    }
}

void bind_cycles(struct binder *b)
{
    static const struct graph units = {unit_mark,   unit_edge, unit_edges,
                                       unit_report, unit_name, NULL};
    static const struct graph lets = {decl_mark,  let_edge,  let_edges,
                                      let_report, decl_name, let_done};
    static const struct graph groups = {decl_mark,    group_edge, group_edges,
                                        group_report, decl_name,  NULL};
    static const struct graph routes = {decl_mark,    route_edge, route_edges,
                                        route_report, decl_name,  NULL};
    for (size_t i = 0; i < b->program->n_units; i++)
        visit(b, &units, b->program->units[i]);
    visit_all(b, &lets, DECL_LET);
    visit_all(b, &groups, DECL_GROUP);
    visit_all(b, &routes, DECL_ROUTE);
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What parses is formatted: the result parses to the same tree (tokens, statements, comments and
 * where they stand, documentation), says the same to every phase, and is left as it is by a second
 * formatting. The input is read as a policy, and as the layout (gaps and comments) of a right one.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "fuzz/made_bundle.h"
#include "lang/compile.h"
#include "lang/format.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
    TEXT_BYTES = 64 << 20,
    ARENA_BYTES = 1 << 28,
    PROGRAMS = 8,
    JUDGED_EACH = 16,
    MARKS = TOKEN_STATEMENT | TOKEN_BLOCK | TOKEN_TOP
};

static struct buf programs[PROGRAMS];

struct reading {
    struct arena arena;
    struct diags diags;
    struct program *program;
    bool parsed;
};

static const struct unit *unit_of(const struct reading *r)
{
    return r->program->units[0];
}

static void read_policy(struct reading *r, struct dvara_str text)
{
    const struct compile_options options = {.n_paths = 0};
    arena_init(&r->arena, ARENA_BYTES);
    assert(diags_init(&r->diags, &r->arena));
    r->program = closure_from_text(&r->arena, DVARA_STR("f.dvp"), text, &options, &r->diags);
    r->parsed = r->program && !diags_has_errors(&r->diags);
}

/* The later phases: what they say is part of what a text means. */
static void judge_policy(struct reading *r)
{
    bind_names(r->program, &r->diags);
    check(r->program, &r->diags);
    if (!diags_has_errors(&r->diags)) {
        fold(r->program, &r->diags);
        lint(r->program, &r->diags);
    }
    diags_sort(&r->diags);
}

static struct dvara_str text_at(const struct reading *r, uint32_t start, uint32_t end)
{
    return dvara_str_slice(unit_of(r)->source->text, start, end);
}

/* A comment's text loses white space at its end. */
static struct dvara_str trimmed(struct dvara_str s)
{
    while (s.n && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\t' || s.p[s.n - 1] == '\r'))
        s.n--;
    return s;
}

static void compare_tokens(const struct reading *a, const struct reading *b)
{
    const struct tokens *x = unit_of(a)->tokens, *y = unit_of(b)->tokens;
    assert(x->n == y->n && x->n_comments == y->n_comments);
    for (uint32_t i = 0; i < x->n; i++) {
        const struct token *t = &x->v[i], *u = &y->v[i];
        assert(t->kind == u->kind && (t->flags & MARKS) == (u->flags & MARKS));
        assert(dvara_str_eq(text_at(a, t->start, t->end), text_at(b, u->start, u->end)));
    }
    for (uint32_t i = 0; i < x->n_comments; i++) {
        const struct comment *c = &x->comments[i], *d = &y->comments[i];
        assert(c->token == d->token && c->own_line == d->own_line);
        assert(dvara_str_eq(trimmed(text_at(a, c->start, c->end)),
                            trimmed(text_at(b, d->start, d->end))));
    }
}

static void compare_trees(const struct reading *a, const struct reading *b)
{
    const struct unit *x = unit_of(a), *y = unit_of(b);
    assert(x->n_decls == y->n_decls && x->n_imports == y->n_imports);
    for (size_t i = 0; i < x->n_decls; i++) {
        const struct decl *d = x->decls[i], *e = y->decls[i];
        assert(d->kind == e->kind && dvara_str_eq(d->name, e->name));
        assert((d->doc.p != NULL) == (e->doc.p != NULL) && dvara_str_eq(d->doc, e->doc));
    }
}

/* A message may quote the source, whose spaces formatting changes. */
static bool same_but_for_space(struct dvara_str a, struct dvara_str b)
{
    size_t i = 0, k = 0;
    for (;; i++, k++) {
        while (i < a.n && a.p[i] == ' ')
            i++;
        while (k < b.n && b.p[k] == ' ')
            k++;
        if (i == a.n || k == b.n)
            return i == a.n && k == b.n;
        if (a.p[i] != b.p[k])
            return false;
    }
}

static void compare_words(const struct reading *a, const struct reading *b)
{
    assert(a->diags.n == b->diags.n && a->diags.n_errors == b->diags.n_errors);
    for (uint32_t i = 0; i < a->diags.n; i++)
        assert(a->diags.v[i]->message == b->diags.v[i]->message &&
               same_but_for_space(a->diags.v[i]->text, b->diags.v[i]->text));
}

static void format_of(const struct reading *r, struct buf *out)
{
    buf_init(out, TEXT_BYTES);
    format(unit_of(r)->source, unit_of(r)->tokens, out);
    assert(!buf_failed(out));
}

/* Returns whether it parsed. The later phases take most of the time: `judged` says whether they are
 * asked too. */
static bool try_text(struct dvara_str text, bool judged)
{
    struct reading as_written, as_formatted;
    struct buf once, twice;
    read_policy(&as_written, text);
    if (!as_written.parsed) {
        arena_clear(&as_written.arena);
        return false;
    }
    format_of(&as_written, &once);
    read_policy(&as_formatted, buf_str(&once));
    assert(as_formatted.parsed);
    format_of(&as_formatted, &twice);
    assert(dvara_str_eq(buf_str(&once), buf_str(&twice)));
    compare_tokens(&as_written, &as_formatted);
    compare_trees(&as_written, &as_formatted);
    if (judged) {
        judge_policy(&as_written);
        judge_policy(&as_formatted);
        compare_words(&as_written, &as_formatted);
    }
    arena_clear(&as_written.arena);
    arena_clear(&as_formatted.arena);
    buf_clear(&once);
    buf_clear(&twice);
    return true;
}

/* ---- layouts ---- */

/* What stands between two tokens, instead of what did: a byte says. */
static void put_gap(struct buf *out, unsigned char byte)
{
    static const char *const gaps[] = {" ",
                                       "\n",
                                       "\n\n",
                                       "\t",
                                       "  ",
                                       "\r\n",
                                       " # c\n",
                                       "\n# c\n",
                                       "\n## d\n",
                                       "\n\n\n# e\n\n",
                                       "\n    # f\n\t",
                                       " #\n",
                                       "\n## d\n\n",
                                       "\n## a\n# b\n",
                                       "\n# dvp:allow L0107 why\n",
                                       "\n\n  "};
    buf_append(out, dvara_str_from_cstr(gaps[byte % (sizeof gaps / sizeof *gaps)]));
}

/* Most gaps stay a space: a byte of 16 and more, or none left. */
static void lay_out(struct dvara_str text, struct dvara_str layout, struct buf *out)
{
    struct reading r;
    size_t used = 0;
    read_policy(&r, text);
    assert(r.parsed);
    const struct tokens *tokens = unit_of(&r)->tokens;
    for (uint32_t i = 0; i + 1 < tokens->n; i++) {
        buf_append(out, text_at(&r, tokens->v[i].start, tokens->v[i].end));
        unsigned char byte = used < layout.n ? (unsigned char)layout.p[used++] : 16;
        if (tokens->v[i].end < tokens->v[i + 1].start || byte < 16)
            put_gap(out, byte < 16 ? byte : 0);
    }
    arena_clear(&r.arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dvara_str input = dvara_str_from((const char *)data, size);
    struct buf text;
    for (size_t i = 0; i < PROGRAMS && !programs[PROGRAMS - 1].p; i++) {
        buf_init(&programs[i], TEXT_BYTES);
        made_text(i, &programs[i]);
    }
    (void)try_text(input, true);
    if (size == 0)
        return 0;
    buf_init(&text, TEXT_BYTES);
    lay_out(buf_str(&programs[data[0] % PROGRAMS]), dvara_str_slice(input, 1, size), &text);
    assert(try_text(buf_str(&text), size % JUDGED_EACH == 0));
    buf_clear(&text);
    return 0;
}

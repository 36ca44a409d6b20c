/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/script.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "lang/intern.h"
#include "lang/list.h"

#include <inttypes.h>
#include <math.h>

enum {
    SCRIPT_MAX = 256 << 20,
    SHORT_TERM = 40,
    LAST_SMT_POINT = 0x2ffff,
    KEY_SHOWN = 60,
    LITERALS_MAX = 100,
    LITERAL_LONG = 64
};

static const char *const sort_names[] = {[SORT_BOOL] = "Bool",
                                         [SORT_INT] = "Int",
                                         [SORT_REAL] = "Real",
                                         [SORT_STRING] = "String",
                                         [SORT_ADDRESS] = "(_ BitVec 128)"};

enum {
    KIND_CONSTANT,
    KIND_FUNCTION,
    KIND_APPLIED,
    KIND_NAMED,
    KIND_ATOM,
    KIND_CHOICE,
    KIND_LITERAL
};

void script_init(struct script *script, struct arena *arena)
{
    *script = (struct script){.arena = arena, .intern = intern_new(arena)};
    buf_init(&script->declarations, SCRIPT_MAX);
    buf_init(&script->abstract, SCRIPT_MAX);
    for (int i = 0; i < LEVEL_COUNT; i++)
        buf_init(&script->assertions[i], SCRIPT_MAX);
}

void script_clear(struct script *script)
{
    buf_clear(&script->declarations);
    buf_clear(&script->abstract);
    for (int i = 0; i < LEVEL_COUNT; i++)
        buf_clear(&script->assertions[i]);
}

/* ---- names ---- */

/* A quoted symbol that a reader can follow: the key as far as symbols allow it, and a number. */
static struct dvara_str symbol(struct script *script, struct dvara_str key, uint32_t number)
{
    char shown[KEY_SHOWN];
    size_t n = 0;
    for (; n < key.n && n < sizeof shown; n++) {
        char c = key.p[n];
        shown[n] = (char)(c > ' ' && c < 0x7f && c != '|' && c != '\\' && c != '"' ? c : '_');
    }
    return arena_printf(script->arena, "|%.*s#%u|", (int)n, shown, number);
}

/* A line of both forms. */
static void declare(struct script *script, struct dvara_str line)
{
    buf_append(&script->declarations, line);
    buf_append(&script->abstract, line);
}

/* The number under a key; true: it is new. */
static bool is_new(struct script *script, uint32_t kind, struct dvara_str key, uint32_t **ret_at)
{
    *ret_at = script->intern ? intern_at(script->intern, kind, key) : NULL;
    return *ret_at && **ret_at == UINT32_MAX;
}

static uint32_t add_asked(struct script *script, struct asked asked)
{
    LIST_APPEND(script->arena, script->asked, script->n_asked, asked);
    return (uint32_t)(script->n_asked ? script->n_asked - 1 : 0);
}

struct dvara_str script_constant(struct script *script, struct dvara_str key, struct asked asked,
                                 bool *ret_new)
{
    uint32_t *at;
    bool new = is_new(script, KIND_CONSTANT, key, &at);
    if (ret_new)
        *ret_new = new;
    if (!at)
        return SCRIPT_FALSE;
    if (new) {
        asked.term = symbol(script, key, script->n_names++);
        *at = add_asked(script, asked);
        declare(script, arena_printf(script->arena, "(declare-fun %.*s () %s)\n",
                                     DVARA_STR_ARG(asked.term), sort_names[asked.sort]));
    }
    return *at < script->n_asked ? script->asked[*at].term : SCRIPT_FALSE;
}

static struct dvara_str function(struct script *script, struct dvara_str key, enum sort from,
                                 enum sort to)
{
    uint32_t *at;
    bool new = is_new(script, KIND_FUNCTION, key, &at);
    if (!at)
        return SCRIPT_FALSE;
    if (new) {
        *at = script->n_names++;
        declare(script, arena_printf(script->arena, "(declare-fun %.*s (%s) %s)\n",
                                     DVARA_STR_ARG(symbol(script, key, *at)), sort_names[from],
                                     sort_names[to]));
    }
    return symbol(script, key, *at);
}

static void ask_term(struct script *script, enum sort sort, struct dvara_str term)
{
    uint32_t *at;
    if (is_new(script, KIND_APPLIED, term, &at))
        *at = add_asked(script, (struct asked){.kind = ASKED_TERM, .sort = sort, .term = term});
}

struct dvara_str script_apply(struct script *script, struct dvara_str key, enum sort from,
                              struct dvara_str argument, struct asked asked, bool *ret_new)
{
    uint32_t *at;
    struct dvara_str term =
        script_two(script, "", function(script, key, from, asked.sort), argument);
    bool new = is_new(script, KIND_APPLIED, term, &at);
    if (ret_new)
        *ret_new = new;
    if (new) {
        asked.term = term;
        asked.of = argument;
        *at = add_asked(script, asked);
        ask_term(script, from, argument);
    }
    return term;
}

struct dvara_str script_name(struct script *script, enum sort sort, struct dvara_str term)
{
    uint32_t *at;
    if (term.n <= SHORT_TERM)
        return term;
    if (is_new(script, KIND_NAMED, term, &at)) {
        *at = script->n_names++;
        declare(script, arena_printf(script->arena, "(define-fun d%u () %s %.*s)\n", *at,
                                     sort_names[sort], DVARA_STR_ARG(term)));
    }
    return at ? arena_printf(script->arena, "d%u", *at) : SCRIPT_FALSE;
}

void script_assert(struct script *script, enum level level, struct dvara_str term)
{
    if (!script_is(term, SCRIPT_TRUE))
        buf_printf(&script->assertions[level], "(assert %.*s)\n", DVARA_STR_ARG(term));
}

struct dvara_str script_add_free(struct script *script, const struct expr *expr, uint32_t version)
{
    LIST_APPEND(script->arena, script->frees, script->n_frees, expr);
    return arena_printf(script->arena, "free.%zu.%u", script->n_frees - 1, version);
}

/* ---- terms ---- */

struct dvara_str script_two(struct script *script, const char *op, struct dvara_str a,
                            struct dvara_str b)
{
    return arena_printf(script->arena, "(%s%s%.*s %.*s)", op, *op ? " " : "", DVARA_STR_ARG(a),
                        DVARA_STR_ARG(b));
}

struct dvara_str script_three(struct script *script, const char *op, struct dvara_str a,
                              struct dvara_str b, struct dvara_str c)
{
    return arena_printf(script->arena, "(%s %.*s %.*s %.*s)", op, DVARA_STR_ARG(a),
                        DVARA_STR_ARG(b), DVARA_STR_ARG(c));
}

struct dvara_str script_and(struct script *script, struct dvara_str a, struct dvara_str b)
{
    if (script_is(a, SCRIPT_FALSE) || script_is(b, SCRIPT_FALSE))
        return SCRIPT_FALSE;
    if (script_is(a, SCRIPT_TRUE) || script_is(a, b))
        return b;
    if (script_is(b, SCRIPT_TRUE))
        return a;
    return script_name(script, SORT_BOOL, script_two(script, "and", a, b));
}

struct dvara_str script_or(struct script *script, struct dvara_str a, struct dvara_str b)
{
    if (script_is(a, SCRIPT_TRUE) || script_is(b, SCRIPT_TRUE))
        return SCRIPT_TRUE;
    if (script_is(a, SCRIPT_FALSE) || script_is(a, b))
        return b;
    if (script_is(b, SCRIPT_FALSE))
        return a;
    return script_name(script, SORT_BOOL, script_two(script, "or", a, b));
}

struct dvara_str script_not(struct script *script, struct dvara_str a)
{
    if (script_is(a, SCRIPT_TRUE))
        return SCRIPT_FALSE;
    if (script_is(a, SCRIPT_FALSE))
        return SCRIPT_TRUE;
    return arena_printf(script->arena, "(not %.*s)", DVARA_STR_ARG(a));
}

/* A text that is one of two is remembered under its name. */
static struct dvara_str choose(struct script *script, struct script_choice choice)
{
    uint32_t *at;
    struct dvara_str term =
        script_three(script, "ite", choice.condition, choice.then, choice.otherwise);
    struct dvara_str name = script_name(script, SORT_STRING, term);
    if (is_new(script, KIND_CHOICE, name, &at)) {
        *at = (uint32_t)script->n_choices;
        LIST_APPEND(script->arena, script->choices, script->n_choices, choice);
    }
    return name;
}

struct dvara_str script_if(struct script *script, enum sort sort, struct dvara_str condition,
                           struct dvara_str then, struct dvara_str otherwise)
{
    if (script_is(condition, SCRIPT_TRUE) || dvara_str_eq(then, otherwise))
        return then;
    if (script_is(condition, SCRIPT_FALSE))
        return otherwise;
    if (sort == SORT_STRING)
        return choose(script, (struct script_choice){condition, then, otherwise});
    if (sort != SORT_BOOL)
        return script_name(script, sort, script_three(script, "ite", condition, then, otherwise));
    return script_or(script, script_and(script, condition, then),
                     script_and(script, script_not(script, condition), otherwise));
}

struct dvara_str script_equal(struct script *script, struct dvara_str a, struct dvara_str b)
{
    if (dvara_str_eq(a, b))
        return SCRIPT_TRUE;
    return script_name(script, SORT_BOOL, script_two(script, "=", a, b));
}

/* ---- questions about texts ---- */

struct dvara_str script_atom(struct script *script, struct dvara_str term)
{
    uint32_t *at;
    bool new = is_new(script, KIND_ATOM, term, &at);
    if (!at)
        return SCRIPT_FALSE;
    if (new) {
        *at = (uint32_t)script->n_atoms;
        struct dvara_str name = arena_printf(script->arena, "a%u", *at);
        LIST_APPEND(script->arena, script->atoms, script->n_atoms, name);
        buf_printf(&script->declarations, "(define-fun %.*s () Bool %.*s)\n", DVARA_STR_ARG(name),
                   DVARA_STR_ARG(term));
        buf_printf(&script->abstract, "(declare-fun %.*s () Bool)\n", DVARA_STR_ARG(name));
    }
    return *at < script->n_atoms ? script->atoms[*at] : SCRIPT_FALSE;
}

/* A literal whose characters stand for themselves. */
static bool is_plain(struct dvara_str term, struct dvara_str *ret_text)
{
    if (term.n < 2 || term.p[0] != '"')
        return false;
    *ret_text = dvara_str_slice(term, 1, term.n - 1);
    return !memchr(ret_text->p, '\\', ret_text->n) && !memchr(ret_text->p, '"', ret_text->n);
}

struct question {
    const char *op;
    bool subject_last;
    bool (*decide)(struct dvara_str text, struct dvara_str other);
};

static bool is_part(struct dvara_str text, struct dvara_str part)
{
    return part.n == 0 || (text.n >= part.n && memmem(text.p, text.n, part.p, part.n));
}

static const struct question same_text = {"=", false, dvara_str_eq};
static const struct question starts = {"str.prefixof", true, dvara_str_starts_with};
static const struct question ends = {"str.suffixof", true, dvara_str_ends_with};
static const struct question has_part = {"str.contains", false, is_part};

static struct dvara_str put(struct script *script, const struct question *question,
                            struct dvara_str text, struct dvara_str other)
{
    struct dvara_str a, b;
    uint32_t *at;
    if (is_plain(text, &a) && is_plain(other, &b))
        return question->decide(a, b) ? SCRIPT_TRUE : SCRIPT_FALSE;
    if (dvara_str_eq(text, other))
        return SCRIPT_TRUE;
    if (text.n && text.p[0] != '"' && !is_new(script, KIND_CHOICE, text, &at) && at &&
        *at < script->n_choices) {
        struct script_choice choice = script->choices[*at];
        return script_if(script, SORT_BOOL, choice.condition,
                         put(script, question, choice.then, other),
                         put(script, question, choice.otherwise, other));
    }
    return script_atom(script, question->subject_last
                                   ? script_two(script, question->op, other, text)
                                   : script_two(script, question->op, text, other));
}

struct dvara_str script_same(struct script *script, struct dvara_str a, struct dvara_str b)
{
    return a.n && a.p[0] == '"' ? put(script, &same_text, b, a) : put(script, &same_text, a, b);
}

struct dvara_str script_starts(struct script *script, struct dvara_str text, struct dvara_str with)
{
    return put(script, &starts, text, with);
}

struct dvara_str script_ends(struct script *script, struct dvara_str text, struct dvara_str with)
{
    return put(script, &ends, text, with);
}

struct dvara_str script_holds(struct script *script, struct dvara_str text, struct dvara_str part)
{
    return put(script, &has_part, text, part);
}

/* ---- literals ---- */

static void remember(struct script *script, struct dvara_str literal)
{
    uint32_t *at;
    bool short_one = literal.p && literal.n <= LITERAL_LONG && script->n_literals < LITERALS_MAX;
    if (short_one && is_new(script, KIND_LITERAL, literal, &at)) {
        *at = 0;
        LIST_APPEND(script->arena, script->literals, script->n_literals, literal);
    }
}

struct dvara_str script_string(struct script *script, struct dvara_str text)
{
    struct buf out;
    bool known = true;
    buf_init(&out, SCRIPT_MAX);
    buf_byte(&out, '"');
    for (size_t at = 0; at < text.n && known;) {
        if (utf8_sequence(text.p + at, text.n - at) == 0) {
            known = false;
            break;
        }
        uint32_t c = utf8_next(text, &at);
        known = c <= LAST_SMT_POINT;
        if (c == '"')
            BUF_LIT(&out, "\"\"");
        else if (c < ' ' || c > '~' || c == '\\')
            buf_printf(&out, "\\u{%x}", c);
        else
            buf_byte(&out, (char)c);
    }
    buf_byte(&out, '"');
    struct dvara_str literal = {NULL, 0};
    if (known && !buf_failed(&out))
        literal = arena_copy(script->arena, buf_str(&out));
    buf_clear(&out);
    remember(script, literal);
    return literal;
}

struct dvara_str script_int(struct script *script, int64_t value)
{
    if (value >= 0)
        return arena_printf(script->arena, "%" PRId64, value);
    return arena_printf(script->arena, "(- %" PRIu64 ")", -(uint64_t)value);
}

/* A double is a whole number times a power of two. */
struct dvara_str script_real(struct script *script, double value)
{
    enum { DIGITS = 53 };
    int exponent;
    double fraction = frexp(fabs(value), &exponent);
    int64_t whole = (int64_t)ldexp(fraction, DIGITS);
    exponent = whole ? exponent - DIGITS : 0;
    while (whole && whole % 2 == 0) {
        whole /= 2;
        exponent++;
    }
    for (; exponent > 0 && whole < INT64_MAX / 2; exponent--)
        whole *= 2;
    if (!isfinite(value) || exponent > 0 || exponent < -62)
        return (struct dvara_str){NULL, 0};
    return arena_printf(script->arena,
                        value < 0 ? "(- (/ %" PRId64 ".0 %" PRId64 ".0))"
                                  : "(/ %" PRId64 ".0 %" PRId64 ".0)",
                        whole, INT64_C(1) << -exponent);
}

/* ---- the whole ---- */

static void print_terms(const struct script *script, enum script_form form, struct buf *out)
{
    if (script->n_asked + script->n_atoms == 0)
        return;
    BUF_LIT(out, "(get-value (true\n");
    for (size_t i = 0; i < script->n_asked; i++) {
        buf_append(out, script->asked[i].term);
        BUF_LIT(out, "\n");
    }
    for (size_t i = 0; form == SCRIPT_ABSTRACT && i < script->n_atoms; i++) {
        buf_append(out, script->atoms[i]);
        BUF_LIT(out, "\n");
    }
    BUF_LIT(out, "))\n");
}

void script_print(const struct script *script, enum script_form form, enum level level,
                  struct dvara_str more, struct buf *out)
{
    BUF_LIT(out, "(set-option :produce-models true)\n");
    if (form == SCRIPT_CORE)
        BUF_LIT(out, "(set-option :produce-unsat-cores true)\n");
    BUF_LIT(out, "(set-logic ALL)\n");
    buf_append(out, buf_str(form == SCRIPT_ABSTRACT ? &script->abstract : &script->declarations));
    for (int i = LEVEL_ALL; i <= (int)level; i++)
        buf_append(out, buf_str(&script->assertions[i]));
    buf_append(out, more);
    BUF_LIT(out, "(check-sat)\n");
    if (form == SCRIPT_CORE)
        BUF_LIT(out, "(get-unsat-core)\n");
    print_terms(script, form, out);
    BUF_LIT(out, "(echo \"" SCRIPT_END "\")\n");
}

void script_print_domain(const struct script *script, struct buf *out)
{
    for (size_t i = 0; i < script->n_asked; i++) {
        const struct asked *asked = &script->asked[i];
        if (asked->kind != ASKED_VALUE || asked->sort != SORT_STRING)
            continue;
        buf_printf(out, "(assert (or (= %.*s \"a\")", DVARA_STR_ARG(asked->term));
        for (size_t k = 0; k < script->n_literals; k++) {
            struct dvara_str text = script->literals[k];
            buf_printf(out, " (= %.*s %.*s) (= %.*s %.*s-that-is-longer-than-forty-characters\")",
                       DVARA_STR_ARG(asked->term), DVARA_STR_ARG(text), DVARA_STR_ARG(asked->term),
                       DVARA_STR_ARG(dvara_str_slice(text, 0, text.n - 1)));
        }
        BUF_LIT(out, "))\n");
    }
}

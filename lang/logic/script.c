/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/logic/script.h"

#include "base/arena.h"
#include "base/utf8.h"
#include "lang/intern.h"
#include "lang/list.h"

#include <inttypes.h>
#include <math.h>

enum { SCRIPT_MAX = 256 << 20, SHORT_TERM = 40, LAST_SMT_POINT = 0x2ffff, KEY_SHOWN = 60 };

static const char *const sort_names[] = {[SORT_BOOL] = "Bool",
                                         [SORT_INT] = "Int",
                                         [SORT_REAL] = "Real",
                                         [SORT_STRING] = "String",
                                         [SORT_ADDRESS] = "(_ BitVec 128)"};

enum { KIND_CONSTANT, KIND_FUNCTION, KIND_APPLIED, KIND_NAMED };

void script_init(struct script *script, struct arena *arena)
{
    *script = (struct script){.arena = arena, .intern = intern_new(arena)};
    buf_init(&script->declarations, SCRIPT_MAX);
    for (int i = 0; i < LEVEL_COUNT; i++)
        buf_init(&script->assertions[i], SCRIPT_MAX);
}

void script_clear(struct script *script)
{
    buf_clear(&script->declarations);
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
        buf_printf(&script->declarations, "(declare-fun %.*s () %s)\n", DVARA_STR_ARG(asked.term),
                   sort_names[asked.sort]);
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
        buf_printf(&script->declarations, "(declare-fun %.*s (%s) %s)\n",
                   DVARA_STR_ARG(symbol(script, key, *at)), sort_names[from], sort_names[to]);
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
        buf_printf(&script->declarations, "(define-fun d%u () %s %.*s)\n", *at, sort_names[sort],
                   DVARA_STR_ARG(term));
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

struct dvara_str script_if(struct script *script, enum sort sort, struct dvara_str condition,
                           struct dvara_str then, struct dvara_str otherwise)
{
    if (script_is(condition, SCRIPT_TRUE) || dvara_str_eq(then, otherwise))
        return then;
    if (script_is(condition, SCRIPT_FALSE))
        return otherwise;
    return script_name(script, sort, script_three(script, "ite", condition, then, otherwise));
}

struct dvara_str script_equal(struct script *script, struct dvara_str a, struct dvara_str b)
{
    if (dvara_str_eq(a, b))
        return SCRIPT_TRUE;
    return script_name(script, SORT_BOOL, script_two(script, "=", a, b));
}

/* ---- literals ---- */

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
    exponent -= DIGITS;
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

void script_print(const struct script *script, enum level level, struct dvara_str more,
                  struct buf *out)
{
    BUF_LIT(out, "(set-option :produce-models true)\n(set-logic ALL)\n");
    buf_append(out, buf_str(&script->declarations));
    buf_append(out, buf_str(&script->assertions[LEVEL_ALL]));
    if (level != LEVEL_ALL)
        buf_append(out, buf_str(&script->assertions[level]));
    buf_append(out, more);
    BUF_LIT(out, "(check-sat)\n");
    if (script->n_asked)
        BUF_LIT(out, "(get-value (");
    for (size_t i = 0; i < script->n_asked; i++) {
        buf_append(out, script->asked[i].term);
        BUF_LIT(out, "\n");
    }
    if (script->n_asked)
        BUF_LIT(out, "))\n");
    BUF_LIT(out, "(echo \"" SCRIPT_END "\")\n");
}

/* SPDX-License-Identifier: Apache-2.0 */
/* Constants and the tables of constant operands: lists, globs, networks, regexes, zones. */
#include "lang/generator.h"

#include "base/arena.h"
#include "lang/list.h"
#include "lang/zone.h"
#include "pattern/sources.h"
#include "vm/text.h"

static bool list_constant(struct arena *arena, const struct expr *expr, struct constant *ret)
{
    struct constant *v = ARENA_ARRAY(arena, expr->items.n, struct constant);
    if (!v)
        return false;
    for (size_t i = 0; i < expr->items.n; i++) {
        if (!constant_of(arena, expr->items.v[i], &v[i]))
            return false;
    }
    *ret = (struct constant){.type = expr->type, .list = {v, expr->items.n}};
    return true;
}

static bool negate(struct constant *c)
{
    if (c->type.base == DVARA_TYPE_FLOAT)
        c->f = -c->f;
    else if (__builtin_sub_overflow((int64_t)0, c->i, &c->i))
        return false;
    return true;
}

bool constant_of(struct arena *arena, const struct expr *expr, struct constant *ret_constant)
{
    if (expr->value) {
        *ret_constant = *expr->value;
        return true;
    }
    *ret_constant = (struct constant){.type = expr->type, .i = 0};
    switch (expr->kind) {
    case EXPR_BOOL:
        ret_constant->i = expr->boolean;
        return true;
    case EXPR_INT:
    case EXPR_DURATION:
    case EXPR_SIZE:
    case EXPR_MONEY:
    case EXPR_PERCENT:
    case EXPR_CLOCK:
        ret_constant->i = expr->i;
        return true;
    case EXPR_FLOAT:
        ret_constant->f = expr->f;
        return true;
    case EXPR_STRING:
        ret_constant->s = expr->string;
        return true;
    case EXPR_LIST:
        return list_constant(arena, expr, ret_constant);
    case EXPR_PAREN:
        return constant_of(arena, expr->operand, ret_constant);
    case EXPR_LET:
        return constant_of(arena, expr->decl->let.expr, ret_constant);
    case EXPR_MINUS:
        return constant_of(arena, expr->operand, ret_constant) && negate(ret_constant);
    default:
        return false;
    }
}

static uint32_t add_row(struct generator *generator, enum bundle_table table, const void *row)
{
    return bundle_add(generator->writer, table, row);
}

/* The row under the key, made by `row` when it is new. */
static uint32_t share(struct generator *generator, enum bundle_table table, struct dvara_str key,
                      const void *row)
{
    uint32_t *at = intern_at(generator->intern, table, key);
    if (!at)
        return 0;
    if (*at == UINT32_MAX)
        *at = add_row(generator, table, row);
    return *at;
}

uint32_t generate_constant(struct generator *generator, struct constant constant, uint8_t as)
{
    struct bundle_const row = {.type = constant.type.base, .bits = constant.i};
    if (as == DVARA_TYPE_FLOAT && constant.type.base == DVARA_TYPE_INT) {
        double f = (double)constant.i;
        row.type = DVARA_TYPE_FLOAT;
        memcpy(&row.bits, &f, sizeof f);
    } else if (constant.type.base == DVARA_TYPE_FLOAT) {
        memcpy(&row.bits, &constant.f, sizeof constant.f);
    } else if (constant.type.base == DVARA_TYPE_STRING) {
        row.bits = bundle_string(generator->writer, constant.s.p ? constant.s : DVARA_STR(""));
    }
    uint64_t key[2] = {row.type, (uint64_t)row.bits};
    return share(generator, BUNDLE_TABLE_CONST, dvara_str_from((const char *)key, sizeof key),
                 &row);
}

/* A run of rows of `table`, shared when an equal run stands; the key is what `first` would hold. */
uint32_t generate_list(struct generator *generator, struct constants list, uint8_t as)
{
    uint32_t *key = ARENA_ARRAY(generator->arena, list.n + 1, uint32_t);
    if (!key)
        return 0;
    uint8_t type = list.n ? as : (uint8_t)(as < DVARA_TYPE_MESSAGE ? as : DVARA_TYPE_STRING);
    key[0] = type;
    for (size_t i = 0; i < list.n; i++)
        key[i + 1] = generate_constant(generator, list.v[i], type);
    uint32_t *at = intern_at(generator->intern, BUNDLE_TABLE_LIST,
                             dvara_str_from((const char *)key, (list.n + 1) * sizeof *key));
    if (!at || *at != UINT32_MAX)
        return at ? *at : 0;
    struct bundle_list row = {.type = type,
                              .first = bundle_count(generator->writer, BUNDLE_TABLE_ELEMENT),
                              .count = (uint32_t)list.n};
    for (size_t i = 0; i < list.n; i++)
        add_row(generator, BUNDLE_TABLE_ELEMENT, &(struct bundle_element){key[i + 1]});
    *at = add_row(generator, BUNDLE_TABLE_LIST, &row);
    return *at;
}

/* ---- globs ---- */

/* The end of the brace group or class that opens at `at`, or s.n. */
static size_t skip_class(struct dvara_str s, size_t at)
{
    size_t i = at + 1;
    if (i < s.n && s.p[i] == '!')
        i++;
    if (i < s.n && s.p[i] == ']')
        i++;
    while (i < s.n && s.p[i] != ']')
        i++;
    return i < s.n ? i + 1 : at + 1;
}

/* The first brace group at depth 0: [open, close], or false. */
static bool find_braces(struct dvara_str s, size_t *ret_open, size_t *ret_close)
{
    size_t depth = 0;
    for (size_t i = 0; i < s.n;) {
        if (s.p[i] == '[') {
            i = skip_class(s, i);
            continue;
        }
        if (s.p[i] == '{' && depth++ == 0)
            *ret_open = i;
        if (s.p[i] == '}' && depth > 0 && --depth == 0) {
            *ret_close = i;
            return true;
        }
        i++;
    }
    return false;
}

static struct dvara_str join3(struct arena *arena, struct dvara_str a, struct dvara_str b,
                              struct dvara_str c)
{
    char *p = arena_alloc(arena, a.n + b.n + c.n + 1);
    if (!p)
        return DVARA_STR("");
    if (a.n)
        memcpy(p, a.p, a.n);
    if (b.n)
        memcpy(p + a.n, b.p, b.n);
    if (c.n)
        memcpy(p + a.n + b.n, c.p, c.n);
    return dvara_str_from(p, a.n + b.n + c.n);
}

size_t generate_alternatives(struct arena *arena, struct dvara_str glob, size_t max,
                             struct dvara_str *ret_v)
{
    size_t open = 0, close = 0, n = 0;
    if (max == 0)
        return 0;
    if (!find_braces(glob, &open, &close)) {
        ret_v[0] = glob;
        return 1;
    }
    size_t depth = 0, start = open + 1;
    for (size_t i = open + 1; i <= close;) {
        char c = glob.p[i];
        if (c == '[' && i < close) {
            i = skip_class(glob, i);
            continue;
        }
        if ((c == ',' || i == close) && depth == 0) {
            struct dvara_str whole =
                join3(arena, dvara_str_slice(glob, 0, open), dvara_str_slice(glob, start, i),
                      dvara_str_slice(glob, close + 1, glob.n));
            size_t more = generate_alternatives(arena, whole, max - n, ret_v + n);
            if (more == 0)
                return 0;
            n += more;
            start = i + 1;
        }
        depth += c == '{';
        depth -= c == '}' && i < close;
        i++;
    }
    return n;
}

static void add_globs(struct generator *generator, const struct expr *expr, struct dvara_str glob,
                      struct bundle_globs *row)
{
    struct dvara_str v[GLOB_ALTERNATIVES];
    size_t n = generate_alternatives(generator->arena, glob, GLOB_ALTERNATIVES, v);
    if (n == 0)
        diag_add(generator->diags, expr->span, MESSAGE_BAD_GLOB,
                 DVARA_STR("more than 256 alternatives"));
    for (size_t i = 0; i < n; i++)
        add_row(generator, BUNDLE_TABLE_PATTERN,
                &(struct bundle_pattern){bundle_string(generator->writer, v[i])});
    row->count += (uint32_t)n;
}

/* One literal or a list of them, as a list. */
static struct constants literals(struct generator *generator, const struct expr *expr)
{
    struct constant *c = ARENA_NEW(generator->arena, struct constant);
    if (!c || !constant_of(generator->arena, expr, c))
        return (struct constants){NULL, 0};
    return type_is_list(c->type) ? c->list : (struct constants){c, 1};
}

uint32_t generate_globs(struct generator *generator, const struct expr *expr)
{
    struct constants list = literals(generator, expr);
    uint32_t key = generate_list(generator, list, DVARA_TYPE_STRING);
    uint32_t *at = intern_at(generator->intern, BUNDLE_TABLE_GLOBS,
                             dvara_str_from((const char *)&key, sizeof key));
    if (!at || *at != UINT32_MAX)
        return at ? *at : 0;
    struct bundle_globs row = {.first = bundle_count(generator->writer, BUNDLE_TABLE_PATTERN)};
    for (size_t i = 0; i < list.n; i++)
        add_globs(generator, expr, list.v[i].s, &row);
    *at = add_row(generator, BUNDLE_TABLE_GLOBS, &row);
    return *at;
}

/* ---- networks ---- */

bool generate_parse_net(struct dvara_str s, struct bundle_net *ret_net)
{
    unsigned char a[16];
    const char *slash = s.n ? memchr(s.p, '/', s.n) : NULL;
    size_t n = slash ? (size_t)(slash - s.p) : s.n;
    struct dvara_str address = dvara_str_slice(s, 0, n);
    uint32_t bits = 0, width = memchr(address.p, ':', address.n) ? 128 : 32;
    if (!text_address(address, a))
        return false;
    for (size_t i = n + 1; i < s.n; i++) {
        if (s.p[i] < '0' || s.p[i] > '9' || bits > 128)
            return false;
        bits = bits * 10 + (uint32_t)(s.p[i] - '0');
    }
    if (!slash)
        bits = width;
    if (bits > width || (slash && n + 1 == s.n))
        return false;
    *ret_net = (struct bundle_net){.bits = bits + 128 - width};
    uint32_t *words[4] = {&ret_net->word0, &ret_net->word1, &ret_net->word2, &ret_net->word3};
    for (size_t i = 0; i < 16; i++)
        *words[i / 4] = *words[i / 4] << 8 | a[i];
    return true;
}

uint32_t generate_nets(struct generator *generator, const struct expr *expr)
{
    struct constants list = literals(generator, expr);
    uint32_t key = generate_list(generator, list, DVARA_TYPE_STRING);
    uint32_t *at = intern_at(generator->intern, BUNDLE_TABLE_NETS,
                             dvara_str_from((const char *)&key, sizeof key));
    if (!at || *at != UINT32_MAX)
        return at ? *at : 0;
    struct bundle_nets row = {.first = bundle_count(generator->writer, BUNDLE_TABLE_NET)};
    for (size_t i = 0; i < list.n; i++) {
        struct bundle_net net;
        if (!generate_parse_net(list.v[i].s, &net)) {
            diag_add(generator->diags, expr->span, MESSAGE_BAD_CIDR, list.v[i].s,
                     DVARA_STR("it does not parse"));
            continue;
        }
        add_row(generator, BUNDLE_TABLE_NET, &net);
        row.count++;
    }
    *at = add_row(generator, BUNDLE_TABLE_NETS, &row);
    return *at;
}

/* ---- regexes ---- */

uint32_t generate_regex(struct generator *generator, const struct regex *regex)
{
    struct dvara_str key =
        arena_printf(generator->arena, "%u/%.*s", regex->flags, DVARA_STR_ARG(regex->text));
    uint32_t *at = intern_at(generator->intern, KIND_REGEX, key);
    if (!at || *at != UINT32_MAX)
        return at ? *at : 0;
    struct pattern_source source = {.source = regex->text};
    source.flags = (regex->flags & REGEX_I ? PATTERN_CASELESS : 0u) |
                   (regex->flags & REGEX_S ? PATTERN_DOTALL : 0u) |
                   (regex->flags & REGEX_X ? PATTERN_EXTENDED : 0u);
    LIST_APPEND(generator->arena, generator->patterns, generator->n_patterns, source);
    *at = add_row(generator, BUNDLE_TABLE_REGEX,
                  &(struct bundle_regex){bundle_string(generator->writer, regex->text)});
    return *at;
}

/* ---- zones ---- */

uint32_t generate_zone(struct generator *generator, const struct expr *expr)
{
    struct constant name;
    struct zone_shifts shifts;
    if (!constant_of(generator->arena, expr, &name))
        return 0;
    uint32_t *at = intern_at(generator->intern, KIND_ZONE, name.s);
    if (!at || *at != UINT32_MAX)
        return at ? *at : 0;
    if (!zone_read(generator->arena, name.s, &shifts)) {
        diag_add(generator->diags, expr->span, MESSAGE_BAD_ZONE, name.s);
        return 0;
    }
    struct bundle_zone row = {.name = bundle_string(generator->writer, name.s),
                              .first = bundle_count(generator->writer, BUNDLE_TABLE_SHIFT),
                              .count = (uint32_t)shifts.n};
    for (size_t i = 0; i < shifts.n; i++)
        add_row(generator, BUNDLE_TABLE_SHIFT,
                &(struct bundle_shift){shifts.v[i].at, shifts.v[i].offset});
    *at = add_row(generator, BUNDLE_TABLE_ZONE, &row);
    return *at;
}

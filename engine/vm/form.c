/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/form.h"

#include "vm/attribute.h"

#include <string.h>

/* Leaves within the limit leave room for the sum of a few products: the widest that does is taken.
 */
static const int64_t limits[] = {INT64_C(1) << 60, INT64_C(1) << 52, INT64_C(1) << 44,
                                 INT64_C(1) << 36};

enum { WIDEST = 62 /* bits of any sum on the way */ };

enum term_kind {
    TERM_OTHER, /* nothing is known */
    TERM_SUM,   /* factors of the leaves and a constant */
    TERM_LEAF,  /* a text, a list, or a value that may be absent */
    TERM_CONST, /* a constant text */
    TERM_TRUTH  /* the form itself */
};

/* What a register holds. */
struct term {
    uint8_t kind;
    int64_t factors[FORM_LEAVES]; /* SUM */
    int64_t constant;
    uint32_t row;          /* of the constant, where it is one as it stands in its table */
    struct form_leaf leaf; /* LEAF */
};

struct reader {
    const struct bundle_program *program;
    struct form *form;
    int64_t limit;
    struct term terms[OP_REGISTERS];
};

/* Compared and counted as an int64. */
static bool is_whole(uint8_t type)
{
    return type != DVARA_TYPE_STRING && type != DVARA_TYPE_FLOAT && type < DVARA_TYPE_MESSAGE;
}

bool form_leaf_eq(const struct form_leaf *a, const struct form_leaf *b)
{
    return a->block == b->block && a->attribute == b->attribute && a->imm == b->imm &&
           a->fallback == b->fallback && a->is_count == b->is_count;
}

static struct term other(void)
{
    return (struct term){.kind = TERM_OTHER, .row = BUNDLE_ABSENT};
}

/* ---- sums ---- */

/* The most the sum can be, without its sign, stays below 2^WIDEST. */
static bool is_bounded(const struct reader *r, const struct term *t)
{
    uint64_t sum = 0;
    for (int i = 0; i < FORM_LEAVES; i++) {
        uint64_t factor = t->factors[i] < 0 ? -(uint64_t)t->factors[i] : (uint64_t)t->factors[i];
        uint64_t product;
        if (__builtin_mul_overflow(factor, (uint64_t)r->limit, &product) ||
            __builtin_add_overflow(sum, product, &sum))
            return false;
    }
    uint64_t constant = t->constant < 0 ? -(uint64_t)t->constant : (uint64_t)t->constant;
    return !__builtin_add_overflow(sum, constant, &sum) && sum >> WIDEST == 0;
}

/* a * of_a + b * of_b; OTHER where it could overflow. */
static struct term combine(const struct reader *r, const struct term *a, int64_t of_a,
                           const struct term *b, int64_t of_b)
{
    struct term t = {.kind = TERM_SUM, .row = BUNDLE_ABSENT};
    int64_t x, y;
    if (a->kind != TERM_SUM || b->kind != TERM_SUM)
        return other();
    bool over = __builtin_mul_overflow(a->constant, of_a, &x) ||
                __builtin_mul_overflow(b->constant, of_b, &y) ||
                __builtin_add_overflow(x, y, &t.constant);
    for (int i = 0; i < FORM_LEAVES && !over; i++)
        over = __builtin_mul_overflow(a->factors[i], of_a, &x) ||
               __builtin_mul_overflow(b->factors[i], of_b, &y) ||
               __builtin_add_overflow(x, y, &t.factors[i]);
    return !over && is_bounded(r, &t) ? t : other();
}

/* A sum without leaves. What its leaves took away, `x - x`, is none: x could err. */
static bool is_number(const struct term *t)
{
    return t->kind == TERM_SUM && t->row != BUNDLE_ABSENT;
}

static struct term product(const struct reader *r, const struct term *a, const struct term *b)
{
    if (is_number(b))
        return combine(r, a, b->constant, a, 0);
    return is_number(a) ? combine(r, b, a->constant, b, 0) : other();
}

static struct term arithmetic(const struct reader *r, const struct instruction *at, uint8_t type)
{
    const struct term *b = &r->terms[at->b], *c = &r->terms[at->c];
    if (!is_whole(type))
        return other();
    switch (at->op) {
    case OP_ADD:
        return combine(r, b, 1, c, 1);
    case OP_SUB:
        return combine(r, b, 1, c, -1);
    case OP_NEG:
        return combine(r, b, -1, b, 0);
    default:
        return product(r, b, c);
    }
}

/* The sum without its constant is in the range that the comparison with 0 says. */
static struct term comparison(const struct reader *r, const struct instruction *at, uint8_t type)
{
    struct form *form = r->form;
    struct term d = combine(r, &r->terms[at->b], 1, &r->terms[at->c], -1);
    if (d.kind != TERM_SUM || !is_whole(type))
        return other();
    bool below = at->op == OP_LT || at->op == OP_LE, above = at->op == OP_GT || at->op == OP_GE;
    form->kind = FORM_LINEAR;
    form->limit = r->limit;
    form->low = below ? INT64_MIN : -d.constant + (at->op == OP_GT);
    form->high = above ? INT64_MAX : -d.constant - (at->op == OP_LT);
    memcpy(form->factors, d.factors, sizeof form->factors);
    return (struct term){.kind = TERM_TRUTH};
}

/* ---- leaves ---- */

/* The number of this leaf, perhaps new; FORM_LEAVES: there are too many. */
static uint32_t leaf_number(struct form *form, const struct form_leaf *leaf)
{
    uint32_t i = 0;
    while (i < form->n_leaves && !form_leaf_eq(&form->leaves[i], leaf))
        i++;
    if (i == form->n_leaves && i < FORM_LEAVES)
        form->leaves[form->n_leaves++] = *leaf;
    return i;
}

static struct term leaf_term(const struct reader *r, const struct form_leaf *leaf)
{
    struct term t = {.kind = TERM_LEAF, .row = BUNDLE_ABSENT, .leaf = *leaf};
    if (!is_whole(leaf->type) && !leaf->is_count)
        return t;
    uint32_t number = leaf_number(r->form, leaf);
    if (number == FORM_LEAVES)
        return other();
    t.kind = TERM_SUM;
    t.factors[number] = 1;
    return is_bounded(r, &t) ? t : other();
}

static struct term load(const struct reader *r, const struct instruction *at)
{
    const struct attribute_place *place = attribute_place(at->b);
    struct form_leaf leaf = {.block = BUNDLE_ABSENT,
                             .attribute = at->b,
                             .imm = at->imm,
                             .fallback = BUNDLE_ABSENT,
                             .type = place->type};
    if (place->arg == DVARA_ARG_GROUP)
        return other();
    if (place->shape == DVARA_SHAPE_ONE)
        return leaf_term(r, &leaf);
    return (struct term){.kind = TERM_LEAF, .row = BUNDLE_ABSENT, .leaf = leaf};
}

static struct term let(const struct reader *r, const struct instruction *at)
{
    const struct bundle_block *row = &r->program->tables.blocks[at->imm];
    struct form_leaf leaf = {
        .block = at->imm, .fallback = BUNDLE_ABSENT, .type = (uint8_t)row->type};
    return row->shape == DVARA_SHAPE_ONE ? leaf_term(r, &leaf) : other();
}

static struct term constant(const struct reader *r, const struct instruction *at)
{
    const struct bundle_const *row = &r->program->tables.consts[at->imm];
    struct term t = {.kind = TERM_SUM, .constant = row->bits, .row = at->imm};
    if (row->type == DVARA_TYPE_STRING)
        t.kind = TERM_CONST;
    else if (!is_whole((uint8_t)row->type) || !is_bounded(r, &t))
        t = other();
    return t;
}

/* An attribute that may be absent, with a constant that stands for it. */
static struct term coalesce(const struct reader *r, const struct instruction *at)
{
    const struct term *b = &r->terms[at->b], *c = &r->terms[at->c];
    if (b->kind != TERM_LEAF || c->row == BUNDLE_ABSENT || b->leaf.fallback != BUNDLE_ABSENT)
        return other();
    struct form_leaf leaf = b->leaf;
    leaf.fallback = c->row;
    return leaf_term(r, &leaf);
}

static struct term count(const struct reader *r, const struct instruction *at)
{
    const struct term *b = &r->terms[at->b];
    if (b->kind != TERM_LEAF)
        return other();
    struct form_leaf leaf = b->leaf;
    leaf.is_count = true;
    leaf.type = DVARA_TYPE_INT;
    return leaf_term(r, &leaf);
}

/* ---- questions about a text ---- */

static struct term question(const struct reader *r, const struct instruction *at,
                            enum form_kind kind)
{
    const struct term *b = &r->terms[at->b], *c = &r->terms[at->c];
    struct form *form = r->form;
    bool is_part = kind == FORM_PART;
    if (b->kind != TERM_LEAF || b->leaf.type != DVARA_TYPE_STRING ||
        leaf_number(form, &b->leaf) != 0 || (is_part && c->kind != TERM_CONST))
        return other();
    form->kind = (uint8_t)kind;
    form->row = at->imm;
    if (is_part)
        form->part = r->program->strings[r->program->tables.consts[c->row].bits];
    return (struct term){.kind = TERM_TRUTH, .row = BUNDLE_ABSENT};
}

/* ---- one atom ---- */

static struct term follow(const struct reader *r, const struct instruction *at, uint8_t type)
{
    switch (at->op) {
    case OP_LOAD:
        return load(r, at);
    case OP_LET:
        return let(r, at);
    case OP_CONST:
        return constant(r, at);
    case OP_COALESCE:
        return coalesce(r, at);
    case OP_COUNT_ITEMS:
        return count(r, at);
    case OP_ADD:
    case OP_SUB:
    case OP_MUL:
    case OP_SCALE:
    case OP_NEG:
        return arithmetic(r, at, type);
    case OP_EQ: /* what differs is the opposite of an atom */
    case OP_LT:
    case OP_LE:
    case OP_GT:
    case OP_GE:
        return comparison(r, at, type);
    case OP_IN_SET:
        return question(r, at, FORM_SET);
    case OP_CONTAINS:
        return question(r, at, FORM_PART);
    case OP_MATCHES:
        return question(r, at, FORM_MATCH);
    default:
        return other();
    }
}

/* Does the code end in a form? */
static bool read_code(struct reader *r, const struct bundle_block *row)
{
    const struct instruction *code = r->program->code + row->code_first;
    const uint8_t *types = r->program->types + row->code_first;
    for (uint32_t i = 0; i < row->registers; i++)
        r->terms[i] = other();
    for (uint32_t i = 0; i + 1 < row->code_count; i++) {
        struct term t = follow(r, &code[i], types[i]);
        if (t.kind == TERM_OTHER)
            return false;
        r->terms[code[i].a] = t;
    }
    return r->terms[code[row->code_count - 1].a].kind == TERM_TRUTH;
}

struct form form_of(const struct bundle_program *program, uint32_t block)
{
    struct form form;
    struct reader r; /* large: its terms are set as far as the block has registers */
    r.program = program;
    r.form = &form;
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        form = (struct form){.kind = FORM_CODE};
        r.limit = limits[i];
        if (read_code(&r, &program->tables.blocks[block]))
            return form;
    }
    return (struct form){.kind = FORM_CODE};
}

/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the code generator share. Blocks are made one inside the other (a rule's
 * condition needs its atoms first); each is appended to the bundle when it is whole, so a block
 * only ever calls blocks with smaller numbers. Equal blocks are one. */
#ifndef LANG_GENERATOR_H
#define LANG_GENERATOR_H

#include "bundle/write.h"
#include "lang/codegen.h"
#include "lang/intern.h"

struct pattern_source;

struct generator {
    struct arena *arena;
    const struct program *program;
    struct bundle_writer *writer;
    struct diags *diags;
    const uint32_t *floors;   /* codegen_options.floors */
    struct intern *intern;    /* rows that are shared: by kind and bytes */
    uint32_t *let_blocks;     /* by decl.order: number + 1 */
    uint8_t *let_pii;         /* by decl.order: whether it reads pii.*, once known */
    uint8_t *let_caller;      /* the same: whether it reads who asks */
    uint8_t *let_dear;        /* the same: whether it is too dear to look up */
    struct subject *subjects; /* what keys ask about (generate_key.h) */
    struct {
        const struct binding *binding;
        const struct expr *over;
    } elements[DVARA_MAX_QUANTIFIER_DEPTH + 1]; /* by depth: whose elements keys may ask about */
    size_t n_subjects;
    bool plain;              /* no constants folded, no predicates shared, no keys: for comparing */
    uint32_t *group_rows;    /* by decl.order of groups: number + 1 */
    uint32_t *detector_rows; /* groups of one bare detector, by decl.order: number + 1 */
    struct pattern_source *patterns; /* of `matches` */
    size_t n_patterns;
};

/* A block being made. */
struct block {
    struct generator *generator;
    struct instruction *code;
    uint32_t n;
    uint32_t registers; /* highest used + 1 */
    uint32_t depends;
    uint8_t
        elements[DVARA_MAX_QUANTIFIER_DEPTH + 1]; /* by binding depth: register of the element */
    uint8_t n_open;                               /* quantifiers around */
    bool failed;
};

/* generator.c: blocks */
void block_emit(struct block *block, uint8_t op, uint32_t a, uint32_t b, uint32_t c, uint32_t imm);
/* The instruction's number, to be given its target by block_land. */
uint32_t block_jump(struct block *block, uint8_t op, uint32_t a);
void block_land(struct block *block, uint32_t jump);
/* Appends RETURN and the block's row, or finds its equal. */
uint32_t block_finish(struct block *block, enum bundle_block_kind kind, struct type type,
                      struct dvara_str text);
struct block block_begin(struct generator *generator);

/* generate_constant.c */
bool constant_of(struct arena *arena, const struct expr *expr, struct constant *ret_constant);
uint32_t generate_constant(struct generator *generator, struct constant constant, uint8_t as);
/* A row of the list table. */
uint32_t generate_list(struct generator *generator, struct constants list, uint8_t as);
uint32_t generate_globs(struct generator *generator, const struct expr *expr);
uint32_t generate_nets(struct generator *generator, const struct expr *expr);
/* "10.0.0.0/8". False: it does not parse. */
bool generate_parse_net(struct dvara_str text, struct bundle_net *ret_net);
uint32_t generate_regex(struct generator *generator, const struct regex *regex);
uint32_t generate_zone(struct generator *generator, const struct expr *expr);
/* The alternatives of a glob without braces; the number, or 0 when there are over `max`. */
size_t generate_alternatives(struct arena *arena, struct dvara_str glob, size_t max,
                             struct dvara_str *ret_v);
enum { GLOB_ALTERNATIVES = 256 };

/* Kinds of interned rows beside the tables' own numbers. */
enum {
    KIND_REGEX = BUNDLE_TABLE_COUNT,
    KIND_ZONE,
    KIND_SUBJECT,
    KIND_KEY_COUNT,
    KIND_GENERATED_END
};

/* generate_expr.c: value of `expr`, of type `as`, into register r; registers above r are free. */
void generate_expr(struct block *block, const struct expr *expr, struct type as, uint32_t r);
/* A block with the value of expr. */
uint32_t generate_block(struct generator *generator, const struct expr *expr, struct type as);
uint32_t generate_let(struct generator *generator, struct decl *decl);
/* The block of a predicate that reads no quantifier's element; `ret_negated`: of its opposite. */
uint32_t generate_atom(struct generator *generator, const struct expr *expr, bool *ret_negated);
/* generate_reads.c: operands of a left-associative chain of one operator, in order. */
struct exprs expr_chain(struct arena *arena, const struct expr *expr, enum binary op);
/* Does the test hold of a direct operand? Left-deep chains are walked, not recursed into. */
typedef bool expr_test(struct generator *generator, const struct expr *expr);
bool expr_any_operand(struct generator *generator, const struct expr *expr, expr_test *test);
/* Does it hold of a let's expression? `answers`: by decl.order, what is known. */
bool expr_let_is(struct generator *generator, const struct decl *decl, uint8_t *answers,
                 expr_test *test);
/* pii.* or prompt_pii.*, through lets too. */
bool expr_reads_pii(struct generator *generator, const struct expr *expr);
/* tenant.*, key.* or session.*, through lets too: who asks. */
bool expr_reads_caller(struct generator *generator, const struct expr *expr);
/* An element of a quantifier. */
bool expr_reads_binding(struct generator *generator, const struct expr *expr);

/* generate_text.c: the source of an expression in one line, comments left out, cut at
 * GENERATE_TEXT_MAX bytes. */
enum { GENERATE_TEXT_MAX = 400 };
struct dvara_str generate_text(struct generator *generator, const struct expr *expr);

/* generate_group.c */
uint32_t generate_group(struct generator *generator, const struct decl *decl);
void generate_detectors(struct generator *generator);

/* generate_tests.c: the tests section, what each row is given and what it expects */
void generate_tests(struct generator *generator);

/* generate_rule.c */
void generate_rules(struct generator *generator);
uint32_t generate_template(struct generator *generator, const struct template *template);

/* generate_index.c. First the keys of every rule are counted, then each rule takes its own. */
void generate_count_keys(struct generator *generator, const struct expr *condition);
void generate_sort_keys(struct generator *generator);
/* Fills row->key_first, key_count and BUNDLE_RULE_INDEXED. */
void generate_keys(struct generator *generator, const struct expr *condition,
                   struct bundle_rule *row);
/* Model names that the condition compares request.model with, by equality (G31). */
void generate_named_models(struct generator *generator, const struct expr *condition);

/* generate_meter.c: limits, budgets, invariants; values that something is bound to or kept per. */
void generate_meters(struct generator *generator);
uint32_t generate_binds(struct generator *generator, const struct exprs *exprs, bool as_string);

/* generate_stream.c */
enum bundle_stream generate_stream(struct generator *generator, const struct rule *rule,
                                   uint32_t depends);

#endif

/* SPDX-License-Identifier: Apache-2.0 */
#include "vm/index.h"

#include "base/arena.h"
#include "vm/attribute.h"
#include "vm/text.h"

#include <stdlib.h>

bool index_rule_is_in(const struct bundle_rule *rule, enum stratum stratum)
{
    bool rewrite = (rule->flags & BUNDLE_RULE_REWRITE) != 0;
    switch (stratum) {
    case STRATUM_REWRITE:
        return rewrite;
    case STRATUM_REQUEST:
        return !rewrite && (rule->phases & DVARA_PHASES_REQUEST);
    case STRATUM_TARGET:
        return (rule->phases & DVARA_PHASES_TARGET) != 0;
    case STRATUM_REJUDGE:
        return (rule->flags & BUNDLE_RULE_REJUDGED) != 0;
    case STRATUM_TOOL:
        return (rule->phases & DVARA_PHASES_TOOL) != 0;
    case STRATUM_RESPONSE:
        return (rule->phases & DVARA_PHASES_RESPONSE) != 0;
    case STRATUM_COUNT:
        break;
    }
    return false;
}

/* One key of one rule. */
struct pair {
    const struct bundle_key *key;
    struct dvara_str text; /* its text, or its network's 16 bytes */
    uint32_t rule;
};

static int compare_pairs(const void *left, const void *right)
{
    const struct pair *a = left, *b = right;
    const struct bundle_key *x = a->key, *y = b->key;
    if (x->subject != y->subject)
        return x->subject < y->subject ? -1 : 1;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int c = dvara_str_cmp(a->text, b->text);
    return c ? c : (a->rule > b->rule) - (a->rule < b->rule);
}

/* What index_build works with. */
struct builder {
    const struct bundle_program *program;
    struct arena *arena;      /* of the index */
    struct arena *scratch;    /* of the building */
    struct pair *pairs;       /* of one stratum, sorted */
    uint32_t n_pairs, n_keys; /* those that ask for a truth are no pairs */
};

/* The network's bytes, those after its bits 0. */
static struct dvara_str net_bytes(struct builder *b, const struct bundle_net *net)
{
    const uint32_t words[4] = {net->word0, net->word1, net->word2, net->word3};
    char *p = arena_alloc(b->arena, 16);
    if (!p)
        return (struct dvara_str){0};
    for (uint32_t i = 0; i < 16; i++) {
        uint32_t left = net->bits > 8 * i ? net->bits - 8 * i : 0;
        uint32_t mask = left >= 8 ? 0xff : 0xff00u >> left & 0xff;
        p[i] = (char)(words[i / 4] >> (24 - 8 * (i % 4)) & mask);
    }
    return dvara_str_from(p, 16);
}

static struct dvara_str text_of(struct builder *b, const struct bundle_key *key)
{
    switch ((enum bundle_key_reads)bundle_key_row(key->kind)->reads) {
    case BUNDLE_READS_TEXT:
        return b->program->strings[key->text];
    case BUNDLE_READS_NET:
        return net_bytes(b, &b->program->tables.nets[key->net]);
    case BUNDLE_READS_NOTHING:
    case BUNDLE_READS_RANGE:
    case BUNDLE_READS_TRUTH:
        break;
    }
    return (struct dvara_str){0};
}

static bool asks_truth(const struct bundle_key *key)
{
    return bundle_key_row(key->kind)->reads == BUNDLE_READS_TRUTH;
}

static bool collect_pairs(struct builder *b, enum stratum stratum)
{
    const struct bundle_tables *t = &b->program->tables;
    b->n_pairs = 0;
    for (uint32_t r = 0; r < t->n_rules; r++)
        b->n_pairs += index_rule_is_in(&t->rules[r], stratum) ? t->rules[r].key_count : 0;
    b->n_keys = b->n_pairs;
    b->pairs = ARENA_ARRAY(b->scratch, b->n_pairs, struct pair);
    if (!b->pairs)
        return false;
    uint32_t n = 0;
    for (uint32_t r = 0; r < t->n_rules; r++) {
        const struct bundle_rule *rule = &t->rules[r];
        for (uint32_t k = 0; index_rule_is_in(rule, stratum) && k < rule->key_count; k++) {
            const struct bundle_key *key = &t->keys[rule->key_first + k];
            if (!asks_truth(key))
                b->pairs[n++] = (struct pair){key, text_of(b, key), r};
        }
    }
    b->n_pairs = n;
    if (n)
        qsort(b->pairs, n, sizeof *b->pairs, compare_pairs);
    return !arena_is_exhausted(b->arena);
}

static bool collect_rules(struct builder *b, enum stratum stratum, struct index_stratum *ret)
{
    const struct bundle_tables *t = &b->program->tables;
    uint32_t n = 0;
    for (uint32_t r = 0; r < t->n_rules; r++) {
        bool in = index_rule_is_in(&t->rules[r], stratum);
        ret->n_all += in;
        n += in && !(t->rules[r].flags & BUNDLE_RULE_INDEXED);
    }
    ret->always.v = ARENA_ARRAY(b->arena, n, uint32_t);
    for (uint32_t r = 0; ret->always.v && r < t->n_rules; r++) {
        if (index_rule_is_in(&t->rules[r], stratum) && !(t->rules[r].flags & BUNDLE_RULE_INDEXED))
            ret->always.v[ret->always.n++] = r;
    }
    return ret->always.v != NULL;
}

/* The atoms whose truth leads to rules of the stratum. `n`: no fewer than there are. */
static bool collect_atoms(struct builder *b, enum stratum stratum, uint32_t n,
                          struct index_stratum *ret)
{
    const struct bundle_tables *t = &b->program->tables;
    struct index_atom *v = ARENA_ARRAY(b->scratch, n, struct index_atom);
    uint32_t found = 0;
    for (uint32_t r = 0; v && r < t->n_rules; r++) {
        const struct bundle_rule *rule = &t->rules[r];
        for (uint32_t k = 0; index_rule_is_in(rule, stratum) && k < rule->key_count; k++) {
            const struct bundle_key *key = &t->keys[rule->key_first + k];
            if (asks_truth(key))
                v[found++] = (struct index_atom){t->subjects[key->subject].block, r,
                                                 key->kind == BUNDLE_KEY_TRUE};
        }
    }
    return v && index_atoms_build(b->program, v, found, b->arena, b->scratch, &ret->atoms);
}

/* ---- the ways to ask about one subject ---- */

/* The pairs of one kind: [first, first + n). */
struct kind {
    const struct pair *v;
    uint32_t n;
};

static struct kind kind_of(struct kind all, uint8_t kind)
{
    uint32_t first = 0, n = 0;
    while (first < all.n && all.v[first].key->kind != kind)
        first++;
    while (first + n < all.n && all.v[first + n].key->kind == kind)
        n++;
    return (struct kind){all.v + first, n};
}

static bool build_texts(struct builder *b, struct kind pairs, struct index_texts *ret)
{
    struct index_text *v = ARENA_ARRAY(b->scratch, pairs.n, struct index_text);
    for (uint32_t i = 0; v && i < pairs.n; i++)
        v[i] = (struct index_text){pairs.v[i].text, pairs.v[i].rule};
    return v && index_texts_build(v, pairs.n, b->arena, ret);
}

static bool build_ranges(struct builder *b, struct kind pairs, struct index_ranges *ret)
{
    struct index_range *v = ARENA_ARRAY(b->scratch, pairs.n, struct index_range);
    for (uint32_t i = 0; v && i < pairs.n; i++)
        v[i] = (struct index_range){pairs.v[i].key->low, pairs.v[i].key->high, pairs.v[i].rule};
    return v && index_ranges_build(v, pairs.n, b->arena, ret);
}

static bool build_prefixes(struct builder *b, struct kind pairs, struct index_prefixes *ret)
{
    struct index_prefix *v = ARENA_ARRAY(b->scratch, pairs.n, struct index_prefix);
    for (uint32_t i = 0; v && i < pairs.n; i++) {
        const struct bundle_key *key = pairs.v[i].key;
        uint32_t bits = key->kind == BUNDLE_KEY_NET ? b->program->tables.nets[key->net].bits
                                                    : (uint32_t)(8 * pairs.v[i].text.n);
        v[i] = (struct index_prefix){pairs.v[i].text, bits, pairs.v[i].rule};
    }
    if (v && pairs.n)
        qsort(v, pairs.n, sizeof *v, index_prefix_compare);
    return v && index_prefixes_build(v, pairs.n, b->arena, ret);
}

static bool build_tests(struct builder *b, struct kind all, struct index_tests *ret)
{
    struct index_test *v = ARENA_ARRAY(b->scratch, all.n, struct index_test);
    uint32_t n = 0;
    for (uint32_t i = 0; v && i < all.n; i++) {
        uint8_t kind = (uint8_t)all.v[i].key->kind;
        if (bundle_key_row(kind)->reach == BUNDLE_REACH_TEST)
            v[n++] = (struct index_test){all.v[i].text, all.v[i].rule, kind};
    }
    return v && index_tests_build(v, n, b->arena, ret);
}

static bool build_rules(struct builder *b, struct kind pairs, struct index_rules *ret)
{
    ret->v = ARENA_ARRAY(b->arena, pairs.n, uint32_t);
    for (uint32_t i = 0; ret->v && i < pairs.n; i++)
        ret->v[ret->n++] = pairs.v[i].rule;
    return ret->v != NULL;
}

/* Where the elements' own values lie. */
static void place_elements(const struct bundle_subject *row, struct index_subject *ret)
{
    ret->is_each = row->each != BUNDLE_EACH_VALUE;
    if (!ret->is_each)
        return;
    ret->shape = DVARA_SHAPE_ONE;
    ret->stride = sizeof(struct dvara_str);
    if (row->each == BUNDLE_EACH_ELEMENT)
        return;
    const struct field_place *field = field_place(row->each - BUNDLE_EACH_FIELD);
    ret->type = field->type;
    ret->offset = field->offset;
    ret->stride = field->record == DVARA_TYPE_MESSAGE ? sizeof(struct dvara_message)
                                                      : sizeof(struct dvara_tool);
}

static bool build_subject(struct builder *b, struct kind pairs, struct index_subject *ret)
{
    const struct bundle_tables *t = &b->program->tables;
    const struct bundle_subject *row = &t->subjects[pairs.v[0].key->subject];
    const struct attribute_place *place = attribute_place(row->attribute);
    bool plain = row->block == BUNDLE_ABSENT;
    *ret = (struct index_subject){.attribute = row->attribute,
                                  .block = row->block,
                                  .type = plain ? place->type : (uint8_t)t->blocks[row->block].type,
                                  .shape =
                                      plain ? place->shape : (uint8_t)t->blocks[row->block].shape};
    place_elements(row, ret);
    bool list = ret->shape == DVARA_SHAPE_LIST;
    return build_texts(b, kind_of(pairs, list ? BUNDLE_KEY_MEMBER : BUNDLE_KEY_EQUAL),
                       &ret->texts) &&
           build_ranges(b, kind_of(pairs, BUNDLE_KEY_RANGE), &ret->ranges) &&
           build_prefixes(b, kind_of(pairs, BUNDLE_KEY_PREFIX), &ret->prefixes) &&
           build_prefixes(b, kind_of(pairs, BUNDLE_KEY_NET), &ret->nets) &&
           build_rules(b, kind_of(pairs, BUNDLE_KEY_PRESENT), &ret->present) &&
           build_rules(b, kind_of(pairs, BUNDLE_KEY_ABSENT), &ret->absent) &&
           build_tests(b, pairs, &ret->tests) && build_rules(b, pairs, &ret->users);
}

static bool build_stratum(struct builder *b, enum stratum stratum, struct index_stratum *ret)
{
    uint32_t n = 0;
    if (!collect_rules(b, stratum, ret) || !collect_pairs(b, stratum) ||
        !collect_atoms(b, stratum, b->n_keys - b->n_pairs, ret))
        return false;
    for (uint32_t i = 0; i < b->n_pairs; i++)
        n += i == 0 || b->pairs[i].key->subject != b->pairs[i - 1].key->subject;
    ret->subjects = ARENA_ARRAY(b->arena, n, struct index_subject);
    if (!ret->subjects)
        return false;
    for (uint32_t i = 0, end; i < b->n_pairs; i = end) {
        for (end = i; end < b->n_pairs && b->pairs[end].key->subject == b->pairs[i].key->subject;)
            end++;
        if (!build_subject(b, (struct kind){b->pairs + i, end - i},
                           &ret->subjects[ret->n_subjects++]))
            return false;
    }
    return true;
}

/* The rows of a screen read the same values: what the first depends on, all do. */
static void number_screens(const struct bundle_program *program, struct index_stratum *stratum,
                           struct index *ret_index)
{
    const uint32_t later = BUNDLE_DEPENDS_TARGET | BUNDLE_DEPENDS_MODEL;
    for (uint32_t i = 0; i < stratum->atoms.n_screens; i++) {
        struct index_screen *screen = &stratum->atoms.screens[i];
        if (screen->kind != FORM_CODE && screen->n &&
            !(program->tables.blocks[screen->blocks[0]].depends & later))
            screen->kept = ret_index->n_kept++;
    }
}

bool index_build(const struct bundle_program *program, struct arena *arena, struct index *ret_index)
{
    enum { SCRATCH = 1 << 30 };
    struct arena scratch;
    struct builder b = {.program = program, .arena = arena, .scratch = &scratch};
    bool good = true;
    arena_init(&scratch, SCRATCH);
    *ret_index = (struct index){0};
    for (int s = 0; good && s < STRATUM_COUNT; s++) {
        struct index_stratum *stratum = &ret_index->strata[s];
        good = build_stratum(&b, (enum stratum)s, stratum);
        if (stratum->atoms.most > ret_index->most_atoms)
            ret_index->most_atoms = stratum->atoms.most;
        if (good && (s == STRATUM_REWRITE || s == STRATUM_REQUEST || s == STRATUM_TARGET))
            number_screens(program, stratum, ret_index);
        arena_reset(&scratch);
    }
    arena_clear(&scratch);
    return good;
}

/* ---- looking up ---- */

static void find_text(const struct index_subject *subject, struct dvara_str text,
                      struct index_sink *sink)
{
    unsigned char address[16];
    if (subject->texts.n_entries)
        index_texts_find(&subject->texts, text, sink);
    if (subject->prefixes.n_entries)
        index_prefixes_find(&subject->prefixes, text, sink);
    if (subject->tests.rows)
        index_tests_find(&subject->tests, text, sink);
    if (!subject->nets.n_entries)
        return;
    if (text_address(text, address))
        index_prefixes_find(&subject->nets, dvara_str_from((const char *)address, sizeof address),
                            sink);
    else
        index_sink_add(sink, subject->nets.rules, subject->nets.n_rules);
}

static void find_one(const struct index_subject *subject, struct value value,
                     struct index_sink *sink)
{
    if (subject->type == DVARA_TYPE_STRING)
        find_text(subject, value.s, sink);
    else if (subject->ranges.n_bounds)
        index_ranges_find(&subject->ranges,
                          subject->type == DVARA_TYPE_FLOAT ? index_order_float(value.f) : value.i,
                          sink);
}

static void find_each(const struct index_subject *subject, struct value_list list,
                      struct index_sink *sink)
{
    const char *at = (const char *)list.v + subject->offset;
    for (size_t i = 0; i < list.n; i++, at += subject->stride) {
        struct dvara_str s;
        if (subject->type == DVARA_TYPE_BOOL) {
            find_one(subject, value_bool(*(const bool *)at), sink);
            continue;
        }
        memcpy(&s, at, sizeof s);
        find_one(subject, value_str(dvara_str_is_absent(s) ? DVARA_STR("") : s), sink);
    }
}

void index_find(const struct index_subject *subject, struct value value, struct index_sink *sink)
{
    if (subject->is_each && value.state == VALUE_PRESENT) {
        find_each(subject, value.l, sink);
        return;
    }
    if (value.state == VALUE_ABSENT) {
        index_sink_add(sink, subject->absent.v, subject->absent.n);
        return;
    }
    index_sink_add(sink, subject->present.v, subject->present.n);
    if (subject->shape == DVARA_SHAPE_LIST) {
        for (size_t i = 0; subject->texts.n_entries && i < value.l.n; i++)
            index_texts_find(&subject->texts, ((const struct dvara_str *)value.l.v)[i], sink);
        return;
    }
    find_one(subject, value, sink);
}

/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/verify_key.h"

#include "vm/attribute.h"

/* What a subject's value is: the block's or the attribute's type. */
static struct bundle_block subject_type(const struct bundle_tables *t,
                                        const struct bundle_subject *row)
{
    const struct attribute_place *place = attribute_place(row->attribute);
    if (row->block != BUNDLE_ABSENT)
        return t->blocks[row->block];
    if (row->each >= BUNDLE_EACH_FIELD)
        return (struct bundle_block){.type = field_place(row->each - BUNDLE_EACH_FIELD)->type};
    if (row->each == BUNDLE_EACH_ELEMENT)
        return (struct bundle_block){.type = place->type};
    return (struct bundle_block){.type = place->type, .shape = place->shape};
}

/* Can a value of this type be asked so? */
static bool key_fits(const struct bundle_key *key, const struct bundle_block *type)
{
    bool text = type->type == DVARA_TYPE_STRING, list = type->shape == DVARA_SHAPE_LIST;
    switch ((enum bundle_key_reads)bundle_key_row(key->kind)->reads) {
    case BUNDLE_READS_NOTHING:
        return type->shape == DVARA_SHAPE_OPT;
    case BUNDLE_READS_TEXT:
        return text && key->text != BUNDLE_ABSENT && list == (key->kind == BUNDLE_KEY_MEMBER);
    case BUNDLE_READS_RANGE:
        return !text && !list && type->type < DVARA_TYPE_MESSAGE && key->low <= key->high;
    case BUNDLE_READS_NET:
        return text && !list && key->net != BUNDLE_ABSENT;
    case BUNDLE_READS_TRUTH:
        break;
    }
    return false;
}

static bool is_atom(const struct bundle_tables *t, const struct bundle_subject *row)
{
    return row->block != BUNDLE_ABSENT && t->blocks[row->block].kind == BUNDLE_BLOCK_ATOM;
}

/* Of an atom its truth is asked, and only of an atom. */
static bool is_asked_well(const struct bundle_tables *t, const struct bundle_key *key)
{
    const struct bundle_subject *subject = &t->subjects[key->subject];
    struct bundle_block type = subject_type(t, subject);
    bool truth = bundle_key_row(key->kind)->reads == BUNDLE_READS_TRUTH;
    return truth || is_atom(t, subject) ? truth && is_atom(t, subject) : key_fits(key, &type);
}

/* Is there a list, and does it hold what is asked of each? */
static bool has_elements(const struct bundle_subject *row)
{
    const struct attribute_place *place = attribute_place(row->attribute);
    if (row->each == BUNDLE_EACH_VALUE)
        return true;
    if (row->block != BUNDLE_ABSENT || place->shape != DVARA_SHAPE_LIST)
        return false;
    return row->each == BUNDLE_EACH_ELEMENT
               ? place->type == DVARA_TYPE_STRING
               : field_place(row->each - BUNDLE_EACH_FIELD)->record == place->type;
}

enum dvara_status verify_keys(const struct bundle_program *program,
                              struct dvara_bundle_error *ret_error)
{
    const struct bundle_tables *t = &program->tables;
    for (uint32_t i = 0; i < t->n_subjects; i++) {
        const struct bundle_subject *row = &t->subjects[i];
        bool good = row->block == BUNDLE_ABSENT
                        ? attribute_place(row->attribute)->arg == DVARA_ARG_NONE
                        : t->blocks[row->block].kind != BUNDLE_BLOCK_CODE;
        if (!good || !has_elements(row))
            return bundle_refuse(ret_error, DVARA_INVALID,
                                 "subject %u is neither an attribute nor a kept value", i);
    }
    for (uint32_t i = 0; i < t->n_keys; i++) {
        if (!is_asked_well(t, &t->keys[i]))
            return bundle_refuse(ret_error, DVARA_INVALID, "key %u: its subject cannot be asked so",
                                 i);
    }
    return DVARA_OK;
}

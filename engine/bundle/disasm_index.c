/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle/disasm.h"

#include "base/buf.h"
#include "vm/attribute.h"

enum { KEYS_SHOWN = 8 };

static uint32_t type_of(const struct bundle_program *program, const struct bundle_subject *row)
{
    return row->block == BUNDLE_ABSENT ? attribute_place(row->attribute)->type
                                       : program->tables.blocks[row->block].type;
}

/* The bits of a double from its place in the order of index_order_float. */
static int64_t bits_of(uint32_t type, int64_t place)
{
    return type == DVARA_TYPE_FLOAT && place < 0 ? place ^ INT64_MAX : place;
}

static void range(uint32_t type, const struct bundle_key *key, struct buf *out)
{
    bool open_low = key->low == INT64_MIN, open_high = key->high == INT64_MAX;
    if (key->low == key->high)
        BUF_LIT(out, " ==");
    else if (!open_low)
        BUF_LIT(out, " >=");
    if (!open_low) {
        buf_byte(out, ' ');
        disasm_number(out, type, bits_of(type, key->low));
    }
    if (open_high || key->low == key->high)
        return;
    buf_append(out, open_low ? DVARA_STR(" <= ") : DVARA_STR(" and <= "));
    disasm_number(out, type, bits_of(type, key->high));
}

static void key(const struct bundle_program *program, const struct bundle_key *row, struct buf *out)
{
    const struct bundle_subject *subject = &program->tables.subjects[row->subject];
    const struct bundle_key_row *kind = bundle_key_row(row->kind);
    static const char *const reaches[] = {[BUNDLE_REACH_INDEX] = "index ",
                                          [BUNDLE_REACH_TEST] = "tested",
                                          [BUNDLE_REACH_ASK] = "asked "};
    buf_printf(out, "    %s %.*s", reaches[kind->reach],
               DVARA_STR_ARG(program->strings[subject->text]));
    if (kind->reads == BUNDLE_READS_RANGE) {
        range(type_of(program, subject), row, out);
    } else {
        buf_printf(out, " %s", kind->spelling);
        if (kind->reads == BUNDLE_READS_TEXT && row->text != BUNDLE_ABSENT) {
            buf_byte(out, ' ');
            disasm_quoted(out, program->strings[row->text]);
        }
        if (kind->reads == BUNDLE_READS_NET && row->net != BUNDLE_ABSENT) {
            buf_byte(out, ' ');
            disasm_net(out, &program->tables.nets[row->net]);
        }
    }
    buf_byte(out, '\n');
}

static void reach(const struct bundle_program *program, const struct bundle_rule *rule,
                  struct buf *out)
{
    buf_printf(out, "rule %.*s (%.*s:%u): ", DVARA_STR_ARG(program->strings[rule->name]),
               DVARA_STR_ARG(program->strings[rule->file]), rule->line);
    if (rule->when == BUNDLE_ABSENT)
        BUF_LIT(out, "always");
    else
        buf_printf(out, "when block %u", rule->when);
    if (!(rule->flags & BUNDLE_RULE_INDEXED))
        BUF_LIT(out, ", judged every time\n");
    else if (rule->key_count == 0)
        BUF_LIT(out, ", never\n");
    else
        buf_printf(out, ", could hold on %s\n", rule->key_count == 1 ? "this" : "any of these");
    for (uint32_t k = 0; k < rule->key_count && k < KEYS_SHOWN; k++)
        key(program, &program->tables.keys[rule->key_first + k], out);
    if (rule->key_count > KEYS_SHOWN)
        buf_printf(out, "    … %u in all\n", rule->key_count);
}

/* Which rules are told of; `keys` are the rule's. */
typedef bool rule_test(const struct bundle_rule *rule, const struct bundle_key *keys);

static bool is_judged(const struct bundle_rule *rule, const struct bundle_key *keys)
{
    (void)keys;
    return !(rule->flags & BUNDLE_RULE_INDEXED);
}

static bool is_asked(const struct bundle_rule *rule, const struct bundle_key *keys)
{
    return !is_judged(rule, keys) && !bundle_rule_is_reached(rule, keys);
}

static void name_all(const struct bundle_program *program, const char *what, rule_test *is,
                     struct buf *out)
{
    const struct bundle_tables *t = &program->tables;
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->n_rules; i++)
        n += is(&t->rules[i], t->keys + t->rules[i].key_first);
    buf_printf(out, "%u of %u rules are %s", n, t->n_rules, what);
    for (uint32_t i = 0, shown = 0; i < t->n_rules; i++) {
        if (is(&t->rules[i], t->keys + t->rules[i].key_first))
            buf_printf(out, "%s%.*s", shown++ ? ", " : ": ",
                       DVARA_STR_ARG(program->strings[t->rules[i].name]));
    }
    buf_byte(out, '\n');
}

void disasm_index(const struct bundle_program *program, struct buf *out)
{
    for (uint32_t i = 0; i < program->tables.n_rules; i++)
        reach(program, &program->tables.rules[i], out);
    name_all(program, "asked a predicate every time", is_asked, out);
    name_all(program, "judged every time", is_judged, out);
}
